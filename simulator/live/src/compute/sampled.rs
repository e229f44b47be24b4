//! Samples of every group, once a second, and their sums.

use std::sync::Arc;

use parking_lot::Mutex;
use securecart_domain::ServiceName;
use securecart_record::{ServiceSample, ServiceTotals};

use super::{Group, Reading, stats::Counts};

/// What every group had done when it was sampled last.
#[derive(Debug)]
pub(crate) struct Meters(Mutex<Vec<Earlier>>);

#[derive(Debug, Clone, Copy, Default)]
struct Earlier {
    reading: Reading,
    counts: Counts,
    sent: u64,
    tasks_max: u32,
    at_s: f64,
}

impl Meters {
    pub(crate) fn new(groups: &[Arc<Group>]) -> Self {
        Self(Mutex::new(vec![Earlier::default(); groups.len()]))
    }

    /// What each of the `groups` did since the last call; `sent` tells how many messages its queues
    /// got so far, where it has some.
    pub(crate) fn sample(
        &self,
        groups: &[Arc<Group>],
        sent: impl Fn(ServiceName) -> Option<u64>,
    ) -> Vec<ServiceSample> {
        let mut earlier = self.0.lock();
        let samples = groups.iter().zip(earlier.iter_mut());
        samples.map(|(group, earlier)| earlier.sample(group, sent(group.service))).collect()
    }

    /// What each of the `groups` did in all; `aws_calls` tells its calls and those throttled.
    pub(crate) fn totals(
        &self,
        groups: &[Arc<Group>],
        aws_calls: impl Fn(ServiceName) -> (u64, u64),
    ) -> Vec<ServiceTotals> {
        let earlier = self.0.lock();
        let totals = groups.iter().zip(earlier.iter()).map(|(group, earlier)| {
            let (aws_calls, throttled) = aws_calls(group.service);
            ServiceTotals {
                service: group.service.as_str().to_owned(),
                handled: earlier.counts.handled,
                failed: earlier.counts.failed,
                turned_away: earlier.counts.turned_away,
                tasks_max: earlier.tasks_max,
                aws_calls,
                throttled,
                tasks_lost: group.tasks_lost(),
            }
        });
        totals.collect()
    }
}

impl Earlier {
    fn sample(&mut self, group: &Group, sent: Option<u64>) -> ServiceSample {
        let (reading, counts, shape) = (group.reading(), group.stats.counts(), group.shape());
        let since = reading.since(&self.reading);
        let offered = match sent {
            Some(sent) => sent - std::mem::replace(&mut self.sent, sent),
            None => since.offered,
        };
        let now_s = group.uptime_s();
        let seconds = now_s - std::mem::replace(&mut self.at_s, now_s);
        let sample = ServiceSample {
            service: group.service.as_str().to_owned(),
            tasks: shape.in_service,
            desired: shape.desired,
            pending: shape.pending,
            spot: shape.spot,
            demand: demand(offered as f64 / seconds, &reading, group.spec.tasks.vcpu * group.full),
            cpu: since.cpu().unwrap_or(0.0),
            concurrency: group.spec.tasks.concurrency,
            utilisation: since.slots().unwrap_or(0.0),
            waiting: group.stats.waiting(),
            handled: counts.handled - self.counts.handled,
            failed: counts.failed - self.counts.failed,
            turned_away: counts.turned_away - self.counts.turned_away,
            latency: group.stats.take_latency(),
        };
        self.tasks_max = self.tasks_max.max(shape.in_service);
        (self.reading, self.counts) = (reading, counts);
        sample
    }
}

/// Tasks that `rate` requests a second ask for, with the mean work of all requests so far, where a
/// task may be given `vcpu` seconds of work a second: those of its processors up to which it does
/// not count as full (assumption `fleet.full`).
fn demand(rate: f64, reading: &Reading, vcpu: f64) -> u32 {
    if reading.asked == 0 || !rate.is_finite() {
        return 1;
    }
    let work_s = reading.work_s / reading.asked as f64;
    ((rate * work_s / vcpu).ceil() as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demand_is_what_keeps_processors_below_full() {
        let reading = Reading { asked: 1_000, work_s: 20.0, ..Reading::default() };
        // 100 requests a second of 20 ms are two vCPUs; at 80 % that is 2.5 tasks of one.
        assert_eq!(demand(100.0, &reading, 0.8), 3);
        assert_eq!(demand(100.0, &reading, 0.4), 5);
        assert_eq!(demand(0.0, &reading, 0.8), 1, "somebody has to be there");
        assert_eq!(demand(100.0, &Reading::default(), 0.8), 1, "nothing known yet");
    }
}
