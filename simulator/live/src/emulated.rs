//! How long an emulator took to answer the services, for the record.

use std::time::Duration;

use securecart_behaviour::latency::AwsCalls;
use securecart_cloud::{CallTimes, Cloud};
use securecart_record::{EmulatedCalls, LatencySample};

/// Every kind of call to the emulator so far, beside what `aws` takes for it; nothing of the embedded
/// engine.
pub(crate) fn calls(cloud: &Cloud, aws: &AwsCalls) -> Vec<EmulatedCalls> {
    cloud.call_times().iter().map(|times| kind(times, aws)).collect()
}

fn kind(times: &CallTimes, aws: &AwsCalls) -> EmulatedCalls {
    let (service, operation) = (times.service.as_str(), times.operation.as_str());
    let own = aws.of(service, operation);
    EmulatedCalls {
        service: times.role.name().to_owned(),
        call: format!("{service}:{operation}"),
        calls: times.calls,
        failed: times.failed,
        latency: LatencySample {
            p50_us: us(times.p50),
            p90_us: us(times.p90),
            p99_us: us(times.p99),
            max_us: us(times.max),
        },
        aws_p50_us: us(own.at(0.5)),
        aws_p99_us: us(own.at(0.99)),
    }
}

fn us(time: Duration) -> u64 {
    time.as_micros() as u64
}

#[cfg(test)]
mod tests {
    use securecart_behaviour::Assumptions;
    use securecart_cloud::{Role, Service};
    use securecart_domain::ServiceName;

    use super::*;

    #[test]
    fn a_kind_of_call_stands_beside_what_aws_takes() {
        let ms = Duration::from_millis;
        let times = CallTimes {
            role: Role::Service(ServiceName::Cart),
            service: Service::DynamoDb,
            operation: "PutItem".to_owned(),
            calls: 120,
            failed: 2,
            p50: ms(40),
            p90: ms(80),
            p99: ms(95),
            max: ms(120),
        };
        let kind = kind(&times, &AwsCalls::new(&Assumptions::default()));
        assert_eq!((kind.service.as_str(), kind.call.as_str()), ("cart", "dynamodb:PutItem"));
        assert_eq!((kind.latency.p50_us, kind.latency.p99_us), (40_000, 95_000));
        assert_eq!(kind.aws_p50_us, 5_000, "dynamodb.latency-write-p50");
        assert!(kind.aws_p99_us > kind.aws_p50_us && kind.aws_p99_us < 40_000);
    }
}
