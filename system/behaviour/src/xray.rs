//! X-Ray's default sampling rule (behaviour sheet 5.3): the first request of each second, and 5 % of
//! the others, in each process.
//!
//! Deliberately absent: central rules and the reservoirs they split.

use std::time::Duration;

use crate::TokenBucket;

/// Requests a second that are always traced (sheet 5.3).
pub const RESERVOIR_PER_SECOND: f64 = 1.0;

/// Share of the others that is traced (sheet 5.3).
pub const FIXED_RATE: f64 = 0.05;

/// The sampler of one process.
#[derive(Debug, Clone)]
pub struct Sampler(TokenBucket);

impl Sampler {
    /// A process with a full reservoir.
    #[must_use]
    pub fn new(now: Duration) -> Self {
        Self(TokenBucket::full(RESERVOIR_PER_SECOND, RESERVOIR_PER_SECOND, now))
    }

    /// Whether a request is traced; `uniform` is drawn evenly from [0, 1).
    pub fn sample(&mut self, now: Duration, uniform: f64) -> bool {
        self.0.take(now) || uniform < FIXED_RATE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vector 16 of the sheet: 200 requests a second give 1 + 0.05 * 199 traces a second.
    #[test]
    fn two_hundred_requests_a_second_give_eleven_traces() {
        let mut sampler = Sampler::new(Duration::ZERO);
        let mut traces = 0_u32;
        let mut uniform = 0.0_f64;
        for request in 0..200_000_u64 {
            // Multiples of the golden ratio, modulo 1: evenly spread, with no seed to choose.
            uniform = (uniform + 0.618_033_988_749_894_9).fract();
            traces += u32::from(sampler.sample(Duration::from_millis(request * 5), uniform));
        }
        let per_second = f64::from(traces) / 1_000.0;
        assert!((per_second - 10.95).abs() < 0.05, "{per_second}");
    }

    #[test]
    fn a_quiet_process_traces_everything() {
        let mut sampler = Sampler::new(Duration::ZERO);
        assert!((0..100).all(|second| sampler.sample(Duration::from_secs(second), 0.999)));
    }
}
