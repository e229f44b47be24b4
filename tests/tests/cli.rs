//! The command line as its user meets it: every exit code, every output, every mistake.

use std::{fs, net::TcpListener, path::PathBuf};

use securecart_tests::{Bench, Ran};

/// A scenario of three wall seconds; `objectives` replaces its objectives.
fn short(bench: &Bench, objectives: &str) -> PathBuf {
    let text = include_str!("../../scenarios/smoke.toml");
    let (body, _) = text.split_once("[objectives]").expect("it has objectives");
    let body = body.replace("00:00..00:00:20", "00:00..00:00:03");
    let path = bench.path().join("short.toml");
    fs::write(&path, format!("{body}[objectives]\n{objectives}\n")).expect("written");
    path
}

fn run_short(bench: &Bench, more: &[&str]) -> Ran {
    let path = short(bench, "\"availability\" = \"> 99%\"");
    let mut arguments = vec!["scenario", path.to_str().expect("text")];
    arguments.extend(more);
    bench.run(&arguments)
}

#[test]
fn the_shipped_scenarios_are_listed() {
    let ran = Bench::new().run(&["scenario", "--list"]);
    assert_eq!(ran.code, Some(0));
    for name in ["black-friday", "flash-sale", "spot-storm", "steady", "smoke"] {
        assert!(ran.stdout.contains(name), "{}", ran.stdout);
    }
}

#[test]
fn a_check_says_what_would_be_offered_and_runs_nothing() {
    let bench = Bench::new();
    let ran = bench.run(&["scenario", "black-friday", "--check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("checkout.latency.p99"), "{}", ran.stdout);
    assert!(!bench.path().join("reports").exists(), "nothing ran");
}

#[test]
fn values_are_set_by_hand_and_checked_like_the_file() {
    let bench = Bench::new();
    let check = |option: &str| bench.run(&["scenario", "black-friday", "--check", "--set", option]);
    let ran = check("services.checkout.tasks.max=8");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("set        services.checkout.tasks.max=8"), "{}", ran.stdout);
    assert!(ran.stdout.contains("2..8"), "{}", ran.stdout);
    let ran = check("services.chekout.tasks.max=8");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("--set services.chekout.tasks.max=8"), "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean `checkout`?"), "{}", ran.stderr);
    let ran = bench.run(&["up", "--set", "catalogue.products=-1"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let option = |value| format!("services.checkout.tasks.max={value}");
    let (first, second) = (option(8), option(9));
    let ran =
        bench.run(&["scenario", "black-friday", "--check", "--set", &first, "--set", &second]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("one value is set twice: `services.checkout"), "{}", ran.stderr);
    let ran = check("assumptions.\"sqs.latency-p50\"=5000");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("`sqs.latency-p50` of 5000 is above"), "{}", ran.stderr);
}

#[test]
fn an_unknown_scenario_is_refused_with_the_nearest_name() {
    let ran = Bench::new().run(&["scenario", "black-fridy"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stderr.contains("did you mean `black-friday`?"), "{}", ran.stderr);
    let ran = Bench::new().run(&["scenario", "black-friday.toml"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stderr.contains("did you mean `black-friday`?"), "{}", ran.stderr);
}

#[test]
fn what_is_no_scenario_is_refused_with_the_reason() {
    let bench = Bench::new();
    fs::write(bench.path().join("latin.toml"), b"name = \"x\"\nsummary = \"caf\xe9\"\n")
        .expect("written");
    for (name, why) in [
        (".", "it is a folder"),
        ("latin.toml", "line 2, column 15 is not UTF-8"),
        #[cfg(unix)]
        ("/dev/zero", "it is a device"),
    ] {
        let ran = bench.run(&["scenario", name, "--check"]);
        assert_eq!(ran.code, Some(3), "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(why), "{name}: {}", ran.stderr);
    }
}

#[test]
fn a_check_as_json_is_the_plan() {
    let ran = Bench::new().run(&["scenario", "smoke", "--check", "--json", "--scale", "0.5"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!((&ran.json()["name"], &ran.json()["scale"]), (&"smoke".into(), &0.5.into()));
}

#[test]
fn options_out_of_range_are_named_with_what_they_take() {
    for (option, value, help) in [
        ("--scale", "0", "a share of the full load"),
        ("--scale", "1e300", "`--scale` is 1e300"),
        ("--scale", "many", "expected a number"),
        ("--speed", "-1", "scenario seconds a wall second"),
        ("--duration", "99h", "at most 1h"),
        ("--seed", "x", "expected a whole number"),
        ("--aws-port", "99999", "expected a port"),
        ("--ready-within", "0s", "expected 1s to 1h"),
        ("--ready-within", "2h", "expected 1s to 1h"),
    ] {
        let ran = Bench::new().run(&["scenario", "smoke", option, value]);
        assert_eq!(ran.code, Some(2), "{option} {value}: {}", ran.stderr);
        assert!(ran.stderr.contains(option), "{option} {value}: {}", ran.stderr);
        assert!(ran.stderr.contains(help), "{option} {value}: {}", ran.stderr);
    }
}

#[test]
fn a_bad_scenario_is_refused_with_the_place_of_every_problem() {
    let bench = Bench::new();
    let path = short(&bench, "\"checkout.latency.p98x\" = \"< 1s\"\n\"availability\" = \"> 5\"");
    let ran = bench.run(&["scenario", path.to_str().expect("text"), "--check"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains("p98x") && ran.stderr.contains("2 problems"), "{}", ran.stderr);
}

#[test]
fn a_mistake_on_the_command_line_is_a_usage_error() {
    let bench = Bench::new();
    for arguments in [
        &["scenario"][..],
        &["scenario", "smoke", "--scale", "-1"],
        &["scenario", "smoke", "--scale", "many"],
        &["scenario", "smoke", "--speed", "0"],
        &["scenario", "smoke", "--duration", "soon"],
        &["scenario", "smoke", "--backend", "azure"],
        &["scenario", "smoke", "--sabotage", "everything"],
        &["scenario", "smoke", "--port-of-call"],
        &["scenario", "smoke", "--list"],
        &["up", "--port", "4567", "--shop-port", "4567"],
        &["bench", "aws", "--operation", "Foo"],
        &["sail"],
    ] {
        let ran = bench.run(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.is_empty(), "{arguments:?} says nothing");
        assert!(ran.stdout.is_empty(), "{arguments:?}: {}", ran.stdout);
    }
}

#[test]
fn a_run_holds_its_objectives_and_leaves_a_record() {
    let bench = Bench::new();
    let junit = bench.path().join("junit.xml");
    let ran = run_short(&bench, &["--json", "--junit", junit.to_str().expect("text")]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let record = ran.json();
    assert_eq!(record["verdict"], "held");
    assert_eq!(record["phase"], "finished");
    assert_eq!(record["audit"]["findings-total"], 0);
    assert!(record["totals"]["orders-shipped"].as_u64() > Some(0), "{}", record["totals"]);
    let id = record["run"]["id"].as_str().expect("an id");
    let saved = bench.path().join("reports/runs").join(id).join("record.json");
    let saved: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(saved).expect("a record")).expect("JSON");
    assert_eq!(saved, record, "the record on disk is the one on stdout");
    let junit = fs::read_to_string(junit).expect("a file");
    assert!(junit.contains("<testsuites") && junit.contains("availability"), "{junit}");
}

#[test]
fn without_a_terminal_progress_is_on_stderr_and_the_summary_on_stdout() {
    let ran = run_short(&Bench::new(), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("HELD"), "{}", ran.stdout);
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "escapes in a pipe");
    assert!(ran.stderr.contains("embedded"), "the backend is named: {}", ran.stderr);
}

#[test]
fn an_objective_that_is_missed_is_exit_code_5() {
    let bench = Bench::new();
    let path = short(&bench, "\"latency.p50\" = \"< 1ms\"");
    let ran = bench.run(&["scenario", path.to_str().expect("text"), "--json"]);
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
    assert_eq!(ran.json()["verdict"], "missed");
}

#[test]
fn an_objective_that_nothing_measured_is_neither_held_nor_missed() {
    let bench = Bench::new();
    let path = short(&bench, "\"availability\" = \"> 99%\"\n\"checkout.latency.p99\" = \"< 3s\"");
    let text = fs::read_to_string(&path).expect("readable");
    let (body, buying) = text.split_once("[[journey]]\nname = \"buy\"").expect("shoppers buy");
    let (_, objectives) = buying.split_once("[objectives]").expect("it has objectives");
    fs::write(&path, format!("{body}[objectives]{objectives}")).expect("written");
    let arguments = ["scenario", path.to_str().expect("text"), "--json", "--junit", "junit.xml"];
    let ran = bench.run(&arguments);
    assert_eq!(ran.code, Some(7), "{}", ran.stderr);
    let record = ran.json();
    assert_eq!(record["verdict"], "inconclusive");
    assert_eq!(record["objectives"][0]["held"], true);
    assert_eq!(record["objectives"][1]["held"], serde_json::Value::Null);
    let junit = fs::read_to_string(bench.path().join("junit.xml")).expect("a file");
    assert!(junit.contains("<skipped message=\"not measured"), "{junit}");
}

#[test]
fn a_load_without_sessions_is_refused_and_so_is_its_check() {
    for check in [&[][..], &["--check"]] {
        let arguments = [&["scenario", "smoke", "--scale", "0.000001"][..], check].concat();
        let ran = Bench::new().run(&arguments);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("sessions arrive"), "{}", ran.stderr);
    }
}

#[test]
fn one_seed_offers_the_same_arrivals_and_another_seed_others() {
    let bench = Bench::new();
    let digest = |seed: &str| {
        let record = run_short(&bench, &["--json", "--seed", seed]).json();
        record["run"]["arrivals-digest"].as_str().expect("a digest").to_owned()
    };
    assert_eq!(digest("7"), digest("7"));
    assert_ne!(digest("7"), digest("8"));
}

#[test]
fn damage_is_found_and_the_order_named() {
    for (kind, finding) in [
        ("lose-order", "lost-order"),
        ("double-order", "doubled-order"),
        ("oversell", "oversold"),
        ("capture-twice", "double-capture"),
        ("lose-notification", "notification-mismatch"),
    ] {
        let ran = run_short(&Bench::new(), &["--json", "--sabotage", kind]);
        assert_eq!(ran.code, Some(8), "{kind}: {}", ran.stderr);
        let record = ran.json();
        assert_eq!(record["verdict"], "audit-failed", "{kind}");
        let findings = record["audit"]["findings"].as_array().expect("findings");
        let found = findings.iter().find(|found| found["kind"] == finding);
        let found = found.unwrap_or_else(|| panic!("{kind}: {findings:?}"));
        let named = format!("{} {}", found["order"], found["detail"]);
        assert!(named.contains("o-") || named.contains("p-"), "{kind} names nothing: {found}");
    }
}

#[test]
fn a_port_in_use_is_named_and_is_exit_code_4() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let bench = Bench::new();
    for arguments in [
        &["up", "--port", &port][..],
        &["up", "--port", "0", "--shop-port", &port],
        &["scenario", "smoke", "--aws-port", &port],
    ] {
        let ran = bench.run(arguments);
        assert_eq!(ran.code, Some(4), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(&format!("port {port}")), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_backend_to_measure_that_is_not_there_is_named_and_is_exit_code_4() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let moto = format!("moto={url}");
    for (backend, says) in [
        (url.as_str(), format!("error: no AWS API answers at {url}: ")),
        (&moto, format!("error: moto: no AWS API answers at {url}: ")),
        ("localstack", "error: no Docker engine answers at ".to_owned()),
    ] {
        let ran =
            Bench::new().run(&["bench", "aws", "--backend", "embedded", "--backend", backend]);
        assert_eq!(ran.code, Some(4), "{backend}: {}", ran.stderr);
        assert!(ran.stderr.contains(&says), "{backend}: {}", ran.stderr);
        assert!(!ran.stderr.contains("DispatchFailure"), "{backend}: {}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{backend}: {}", ran.stdout);
    }
}

#[test]
#[cfg(unix)]
fn an_empty_docker_host_is_none() {
    let bench = Bench::new();
    let look = |host: Option<&str>| {
        let mut command = bench.command(&["doctor", "--json"]);
        match host {
            Some(host) => command.env("DOCKER_HOST", host),
            None => command.env_remove("DOCKER_HOST"),
        };
        let ran = Ran::from(command.output().expect("it starts"));
        let found = ran.json();
        let findings = found.as_array().expect("findings");
        let docker = findings.iter().find(|finding| finding["what"] == "docker");
        docker.expect("it looks for Docker")["found"].as_str().expect("text").to_owned()
    };
    // Whether this machine has an engine or not.
    assert_eq!(look(Some("")), look(None));
}

#[test]
fn a_folder_that_can_not_be_made_is_exit_code_4_before_anything_runs() {
    let bench = Bench::new();
    fs::write(bench.path().join("taken"), "a file").expect("written");
    let ran = bench.run(&["scenario", "smoke", "--out", "taken"]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains("taken"), "{}", ran.stderr);
}

#[test]
fn a_folder_for_temporary_files_that_can_not_be_used_is_named_with_the_way_out() {
    let bench = Bench::new();
    fs::write(bench.path().join("file"), "").expect("written");
    for (folder, why) in [("gone", "it does not exist"), ("file", "it is no folder")] {
        let folder = bench.path().join(folder);
        for arguments in [&["scenario", "smoke"][..], &["up", "--port", "0"]] {
            let output = bench.command(arguments).env("TMPDIR", &folder).output();
            let ran = Ran::from(output.expect("it starts"));
            assert_eq!(ran.code, Some(4), "{arguments:?}: {}", ran.stderr);
            let said = format!("`{}`: {why}", folder.display());
            assert!(ran.stderr.contains(&said), "{arguments:?}: {}", ran.stderr);
            assert!(ran.stderr.contains("TMPDIR"), "{arguments:?}: {}", ran.stderr);
        }
    }
    let left = fs::read_dir(bench.path().join("reports/runs")).expect("a folder").count();
    assert_eq!(left, 0, "no folder for a run that was none");
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_is_said_and_the_summary_is_shown_anyway() {
    let ran = run_short(&Bench::new(), &["--junit", "/dev/full"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("/dev/full"), "{}", ran.stderr);
    assert!(ran.stdout.contains("HELD"), "{}", ran.stdout);
    assert!(ran.stdout.contains("(exit code 1)"), "{}", ran.stdout);
}

#[test]
fn a_junit_file_that_can_not_be_written_is_refused_before_anything_runs() {
    let bench = Bench::new();
    for path in ["no/such/folder/junit.xml", "."] {
        let ran = bench.run(&["scenario", "smoke", "--junit", path]);
        assert_eq!(ran.code, Some(4), "{path}: {}", ran.stderr);
        assert!(ran.stderr.contains("--junit") && ran.stderr.contains(path), "{}", ran.stderr);
        assert!(!ran.stderr.contains(".tmp"), "{}", ran.stderr);
        let left = fs::read_dir(bench.path().join("reports/runs")).expect("a folder").count();
        assert_eq!(left, 0, "no folder for a run that was none");
    }
}

#[test]
fn a_record_that_can_not_be_kept_is_not_announced() {
    let bench = Bench::new();
    let path = short(&bench, "\"availability\" = \"> 99%\"");
    let mut run = bench.start(&["scenario", path.to_str().expect("text")]);
    run.wait_for("running");
    fs::remove_dir_all(bench.path().join("reports/runs")).expect("it is there");
    let ran = run.finish();
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("HELD") && ran.stdout.contains("(exit code 1)"), "{}", ran.stdout);
    assert!(ran.stderr.contains("record is not kept"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("\nrecord: ") && !ran.stderr.contains(".tmp"), "{}", ran.stderr);
}

#[test]
#[cfg(target_os = "linux")]
fn streams_that_can_not_be_written_do_not_cost_the_record() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let bench = Bench::new();
    let path = short(&bench, "\"availability\" = \"> 99%\"");
    let arguments = ["scenario", path.to_str().expect("text")];
    let mute = bench.command(&arguments).stderr(full()).output().expect("it starts");
    assert_eq!(mute.status.code(), Some(0), "nobody needs the narration");
    let unread = bench.command(&arguments).stdout(full()).output().expect("it starts");
    assert_eq!(unread.status.code(), Some(1), "nobody got the summary");
    assert!(String::from_utf8_lossy(&unread.stderr).contains("stdout"));
    let runs = fs::read_dir(bench.path().join("reports/runs")).expect("a folder");
    assert!(runs.map(|run| run.expect("a run").path()).all(|run| run.join("record.json").exists()));
}

#[test]
#[cfg(target_os = "linux")]
fn stdout_that_can_not_be_written_is_a_failure() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let bench = Bench::new();
    let status = bench.command(&["scenario", "--list"]).stdout(full).status().expect("it starts");
    assert_eq!(status.code(), Some(1));
}

#[test]
fn ctrl_c_at_the_start_ends_the_run() {
    let bench = Bench::new();
    let mut run = bench.start(&["scenario", "smoke", "--json"]);
    run.wait_for("smoke");
    run.signal("INT");
    let ran = run.finish();
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
}

#[test]
fn ctrl_c_in_the_middle_leaves_an_audited_record() {
    let bench = Bench::new();
    let mut run = bench.start(&["scenario", "smoke", "--json", "--junit", "junit.xml"]);
    run.wait_for("running");
    std::thread::park_timeout(std::time::Duration::from_secs(4));
    run.signal("INT");
    let ran = run.finish();
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
    let record = ran.json();
    assert_eq!(record["verdict"], "interrupted");
    assert_eq!(record["audit"]["findings-total"], 0, "{}", record["audit"]);
    assert_eq!(record["totals"]["failed-requests"], 0, "what was cut off did not fail");
    let junit = fs::read_to_string(bench.path().join("junit.xml")).expect("a file");
    assert!(junit.contains("the run was interrupted"), "{junit}");
    assert_eq!(junit.matches("<failure").count(), 1, "{junit}");
}

#[test]
fn ctrl_c_at_the_end_leaves_a_whole_record() {
    let bench = Bench::new();
    let path = short(&bench, "\"availability\" = \"> 99%\"");
    let mut run = bench.start(&["scenario", path.to_str().expect("text"), "--json"]);
    run.wait_for("draining");
    run.signal("INT");
    let ran = run.finish();
    // Whether the traffic counts as interrupted depends on which of the two was faster.
    assert!(matches!(ran.code, Some(0 | 130)), "{:?}: {}", ran.code, ran.stderr);
    let record = ran.json();
    assert_eq!(record["phase"], "finished");
    assert_eq!(record["audit"]["findings-total"], 0, "{}", record["audit"]);
    let id = record["run"]["id"].as_str().expect("an id");
    let folder = bench.path().join("reports/runs").join(id);
    assert!(folder.join("record.json").exists() && folder.join("summary.txt").exists());
}

#[test]
fn up_serves_the_shop_and_the_aws_api_until_ctrl_c() {
    let bench = Bench::new();
    let mut up = bench.start(&["up", "--port", "0", "--scenario", "smoke"]);
    let said = up.wait_for("/orders/");
    assert!(said.contains("sqs list-queues") && said.contains("POST /checkout"), "{said}");
    up.signal("INT");
    let ran = up.finish();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn two_records_are_compared_side_by_side() {
    let bench = Bench::new();
    let id = |seed: &str| {
        let record = run_short(&bench, &["--json", "--seed", seed]).json();
        record["run"]["id"].as_str().expect("an id").to_owned()
    };
    let (a, b) = (id("1"), id("2"));
    let ran = bench.run(&["compare", &a, &b]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("requests"), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("HELD; audit clean").count(), 2, "{}", ran.stdout);
    let missing = bench.run(&["compare", &a, "no-such-run"]);
    assert_eq!(missing.code, Some(2), "{}", missing.stderr);
    assert!(missing.stderr.contains("no-such-run"), "{}", missing.stderr);
}
