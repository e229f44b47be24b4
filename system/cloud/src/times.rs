//! How long an emulator takes to answer: its own time is in every latency of a run on it.
//!
//! Invariants: the memory is bounded by the kinds of calls there are; what waits on purpose (a long
//! poll) and what the emulator does not answer (functions) is left out.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use hdrhistogram::Histogram;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::{Role, Service, shaped};

/// A call that waits for messages, up to 20 s.
const LONG_POLL: &str = "ReceiveMessage";

/// Longest time that is told apart, µs: what takes longer counts as this.
const MAX_US: u64 = 60_000_000;

/// Calls of one kind that a role made to an emulator, and how long it took to answer them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallTimes {
    /// Who made them.
    pub role: Role,
    /// The service that was called.
    pub service: Service,
    /// The operation, such as `PutItem`.
    pub operation: String,
    /// Calls that were answered or failed.
    pub calls: u64,
    /// Those without an answer, or with a status of 500 and above.
    pub failed: u64,
    /// Half were faster; to two digits, like the others.
    pub p50: Duration,
    /// Nine in ten were faster.
    pub p90: Duration,
    /// 99 in 100 were faster.
    pub p99: Duration,
    /// The slowest.
    pub max: Duration,
}

/// The times of one role's calls, by service and operation.
#[derive(Debug, Default)]
pub(crate) struct Times(Mutex<BTreeMap<(&'static str, String), Kind>>);

#[derive(Debug)]
struct Kind {
    service: Service,
    times: Histogram<u64>,
    failed: u64,
}

impl Kind {
    fn new(service: Service) -> Self {
        let times = Histogram::new_with_bounds(1, MAX_US, 2).expect("constant bounds are valid");
        Self { service, times, failed: 0 }
    }
}

impl Times {
    fn add(&self, service: Service, operation: String, time: Duration, failed: bool) {
        let mut kinds = self.0.lock();
        let kind = kinds.entry((service.as_str(), operation)).or_insert_with(|| Kind::new(service));
        kind.times.saturating_record((time.as_micros() as u64).clamp(1, MAX_US));
        kind.failed += u64::from(failed);
    }

    /// Everything so far, of the role whose times these are.
    pub(crate) fn of(&self, role: Role) -> Vec<CallTimes> {
        let kinds = self.0.lock();
        let all = kinds.iter().map(|((_, operation), kind)| {
            let at = |quantile| Duration::from_micros(kind.times.value_at_quantile(quantile));
            CallTimes {
                role,
                service: kind.service,
                operation: operation.clone(),
                calls: kind.times.len(),
                failed: kind.failed,
                p50: at(0.5),
                p90: at(0.9),
                p99: at(0.99),
                max: Duration::from_micros(kind.times.max()),
            }
        });
        all.collect()
    }
}

/// A backend whose answers are timed, from the call to the head of its answer.
#[derive(Debug)]
pub(crate) struct Timed {
    pub(crate) backend: SharedHttpConnector,
    pub(crate) times: Arc<Times>,
}

impl HttpConnector for Timed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (service, operation) = shaped::service_of(&request);
        if service == Service::Lambda || operation == LONG_POLL {
            return self.backend.call(request);
        }
        let (operation, times) = (operation.to_owned(), Arc::clone(&self.times));
        let backend = self.backend.clone();
        HttpConnectorFuture::new(async move {
            let start = Instant::now();
            let answer = backend.call(request).await;
            let failed = answer.as_ref().map_or(true, |answer| answer.status().is_server_error());
            times.add(service, operation, start.elapsed(), failed);
            answer
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    /// Answers with `status` after `time`.
    #[derive(Debug)]
    struct Slow {
        time: Duration,
        status: u16,
    }

    impl HttpConnector for Slow {
        fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
            let (time, status) = (self.time, self.status);
            HttpConnectorFuture::new(async move {
                tokio::time::sleep(time).await;
                let status = status.try_into().expect("a status");
                Ok(HttpResponse::new(status, SdkBody::empty()))
            })
        }
    }

    async fn call(times: &Arc<Times>, target: &'static str, time_ms: u64, status: u16) {
        let time = Duration::from_millis(time_ms);
        let backend = SharedHttpConnector::new(Slow { time, status });
        let mut request = HttpRequest::new(SdkBody::from("{}"));
        request.headers_mut().insert("x-amz-target", target);
        let timed = Timed { backend, times: Arc::clone(times) };
        timed.call(request).await.expect("an answer");
    }

    #[tokio::test(start_paused = true)]
    async fn answers_are_timed_by_what_was_called_but_long_polls_are_not() {
        let times = Arc::default();
        for _ in 0..3 {
            call(&times, "DynamoDB_20120810.PutItem", 40, 200).await;
        }
        call(&times, "DynamoDB_20120810.PutItem", 90, 503).await;
        call(&times, "AmazonSQS.SendMessage", 8, 400).await;
        call(&times, "AmazonSQS.ReceiveMessage", 20_000, 200).await;
        let all = times.of(Role::Origin);
        let counts: Vec<_> =
            all.iter().map(|one| (one.operation.as_str(), one.calls, one.failed)).collect();
        assert_eq!(counts, [("PutItem", 4, 1), ("SendMessage", 1, 0)]);
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        assert!((ms(all[0].p50) - 40.0).abs() < 1.0 && (ms(all[0].p99) - 90.0).abs() < 1.0);
        assert!((ms(all[1].max) - 8.0).abs() < 0.2, "{:?}", all[1]);
    }
}
