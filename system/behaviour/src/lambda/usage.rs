//! What a function is billed for, and the counters beside it.

use std::time::Duration;

/// Counters of a function since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Requests that ran: what is billed per request. Throttled ones are not.
    pub requests: u64,
    /// Requests that waited for an environment to start.
    pub cold_starts: u64,
    /// Requests that were throttled.
    pub throttles: u64,
    /// Billed GB-s on demand, INIT included (sheet 2, billing).
    pub gb_s: f64,
    /// Of `gb_s`, what was INIT.
    pub init_gb_s: f64,
    /// Billed GB-s in provisioned environments.
    pub provisioned_gb_s: f64,
    /// GB-s that provisioned concurrency was allocated, used or not.
    pub allocated_gb_s: f64,
    /// Time from the start of a request's handler to its end, summed.
    pub duration: Duration,
    /// Init times, summed.
    pub init: Duration,
}

impl Usage {
    /// Bills a request whose environment was busy for `busy`, of which `init` to start with.
    pub(super) fn bill(
        &mut self,
        memory_mb: u32,
        busy: Duration,
        init: Duration,
        is_provisioned: bool,
    ) {
        let gb_s = billed(memory_mb, busy);
        if is_provisioned {
            self.provisioned_gb_s += gb_s;
        } else {
            self.gb_s += gb_s;
            self.init_gb_s += billed(memory_mb, init);
        }
        self.duration += busy.saturating_sub(init);
        self.init += init;
    }
}

/// GB-s of `time` rounded up to 1 ms (sheet 2, billing).
fn billed(memory_mb: u32, time: Duration) -> f64 {
    let ms = time.as_nanos().div_ceil(1_000_000);
    #[expect(clippy::cast_precision_loss, reason = "no request takes 2^52 ms")]
    let seconds = ms as f64 / 1_000.0;
    seconds * f64::from(memory_mb) / 1_024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_billed_by_the_millisecond_begun_and_init_with_them() {
        let mut usage = Usage::default();
        usage.bill(512, Duration::from_micros(1_100), Duration::ZERO, false);
        assert!((usage.gb_s - 0.001).abs() < 1e-12, "2 ms of half a GB: {usage:?}");
        usage.bill(1_024, Duration::from_millis(300), Duration::from_millis(100), false);
        assert!((usage.gb_s - 0.301).abs() < 1e-12, "{usage:?}");
        assert!((usage.init_gb_s - 0.1).abs() < 1e-12, "{usage:?}");
        assert_eq!(usage.duration, Duration::from_micros(201_100));
        usage.bill(1_024, Duration::from_millis(5), Duration::ZERO, true);
        assert!((usage.gb_s - 0.301).abs() < 1e-12, "provisioned time is billed apart");
        assert!((usage.provisioned_gb_s - 0.005).abs() < 1e-12, "{usage:?}");
    }
}
