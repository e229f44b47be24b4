use super::*;

const WRK: &str = "Running 3s test @ http://127.0.0.1:4000/
  2 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   310.20us  120.00us   4.10ms   90.00%
    Req/Sec    25.53k     1.20k   28.00k    70.00%
  153241 requests in 3.00s, 18.71MB read
Requests/sec:  51056.83
Transfer/sec:      6.23MB
";

#[test]
fn wrk_s_report_is_read() {
    let read = read_wrk(WRK).expect("a report");
    assert_eq!((read.requests, read.failed, read.requests_per_second), (153_241, 0, 51_056.83));
    let bad = WRK.replace(
        "Requests/sec",
        "  Socket errors: connect 1, read 2, write 0, timeout 4\n  Non-2xx or 3xx responses: 8\nRequests/sec",
    );
    assert_eq!(read_wrk(&bad).expect("a report").failed, 15);
}

#[test]
fn oha_s_report_is_read_and_its_deadline_is_no_failure() {
    let report = r#"{"summary":{"successRate":1.0,"requestsPerSec":48000.5},
        "statusCodeDistribution":{"200":144000,"503":2},
        "errorDistribution":{"aborted due to deadline":32,"connection error":1}}"#;
    let read = read_oha(report).expect("a report");
    assert_eq!((read.requests, read.failed, read.requests_per_second), (144_000, 3, 48_000.5));
}

#[test]
fn other_output_is_no_report() {
    for output in ["", "wrk: command line is wrong", "{}", "null", "[]", "9 requests in"] {
        for tool in Tool::ALL {
            assert_eq!(tool.read(output), None, "{} on {output}", tool.name());
        }
    }
}

#[test]
fn programs_that_do_not_end_or_do_not_exist_are_errors() {
    let mut stuck = Command::new("sleep");
    stuck.arg("600");
    let error = run(stuck, Duration::from_millis(50)).expect_err("it sleeps");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(run(Command::new("/nonexistent/tool"), PATIENCE).is_err());
}
