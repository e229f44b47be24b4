//! The lognormal distribution, given the way latencies are published: by two percentiles.

use std::time::Duration;

/// The standard normal quantile of 0.99.
const Z99: f64 = 2.326_347_874_040_841;

/// A lognormal time with median `exp(mu)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lognormal {
    mu: f64,
    sigma: f64,
}

impl Lognormal {
    /// No time at all.
    pub const NONE: Self = Self { mu: f64::NEG_INFINITY, sigma: 0.0 };

    /// The distribution whose median is `p50_ms` and whose 99th percentile is `p99_ms`, both in
    /// milliseconds. A median at or below zero means no time at all; a `p99_ms` below the median
    /// counts as the median (no spread).
    #[must_use]
    pub fn from_ms(p50_ms: f64, p99_ms: f64) -> Self {
        if p50_ms <= 0.0 {
            return Self::NONE;
        }
        Self { mu: p50_ms.ln(), sigma: (p99_ms.max(p50_ms) / p50_ms).ln() / Z99 }
    }

    /// The distribution with this median and this spread of the logarithm: how the sheet gives the
    /// times of boots and starts.
    #[must_use]
    pub fn with_sigma(median: Duration, sigma: f64) -> Self {
        Self { mu: (median.as_secs_f64() * 1_000.0).ln(), sigma }
    }

    /// The time at the share `uniform` (0 to 1) of the distribution, at most a minute.
    ///
    /// With `uniform` drawn evenly this is one sample: the inverse of the distribution function.
    #[must_use]
    pub fn at(&self, uniform: f64) -> Duration {
        self.long_at(uniform).min(Duration::from_secs(60))
    }

    /// As [`at`](Self::at), for what takes minutes (a boot, the pull of an image): at most a day.
    #[must_use]
    pub fn long_at(&self, uniform: f64) -> Duration {
        let z = normal_quantile(uniform.clamp(1e-9, 1.0 - 1e-9));
        let ms = (self.mu + self.sigma * z).exp();
        Duration::from_secs_f64((ms / 1_000.0).min(86_400.0))
    }

    /// The mean, ms.
    #[must_use]
    pub fn mean_ms(&self) -> f64 {
        (self.mu + self.sigma * self.sigma / 2.0).exp()
    }
}

/// The standard normal quantile function: Acklam's rational approximation, relative error below
/// 1.15e-9.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
    ];
    const LOW: f64 = 0.024_25;
    let tail = |q: f64| {
        (((((C[0] * q + C[1]) * q + C[2]) * q + C[3]) * q + C[4]) * q + C[5])
            / ((((D[0] * q + D[1]) * q + D[2]) * q + D[3]) * q + 1.0)
    };
    if p < LOW {
        tail((-2.0 * p.ln()).sqrt())
    } else if p <= 1.0 - LOW {
        let q = p - 0.5;
        let r = q * q;
        (((((A[0] * r + A[1]) * r + A[2]) * r + A[3]) * r + A[4]) * r + A[5]) * q
            / (((((B[0] * r + B[1]) * r + B[2]) * r + B[3]) * r + B[4]) * r + 1.0)
    } else {
        -tail((-2.0 * (1.0 - p).ln()).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_percentiles_given_are_the_percentiles_had() {
        let time = Lognormal::from_ms(5.0, 14.0);
        let ms = |share| time.at(share).as_secs_f64() * 1_000.0;
        assert!((ms(0.5) - 5.0).abs() < 1e-6, "{}", ms(0.5));
        assert!((ms(0.99) - 14.0).abs() < 1e-5, "{}", ms(0.99));
    }

    #[test]
    fn no_median_is_no_time() {
        assert_eq!(Lognormal::from_ms(0.0, 10.0).at(0.9), Duration::ZERO);
    }

    #[test]
    fn known_normal_quantiles() {
        for (p, z) in
            [(0.5, 0.0), (0.975, 1.959_963_985), (0.01, -2.326_347_874), (0.001, -3.090_232_306)]
        {
            assert!((normal_quantile(p) - z).abs() < 1e-7, "{p}");
        }
    }

    proptest! {
        #[test]
        fn longer_shares_are_longer_times(p50 in 0.1_f64..100.0, spread in 1.0_f64..10.0, a in 0.0_f64..1.0, b in 0.0_f64..1.0) {
            let time = Lognormal::from_ms(p50, p50 * spread);
            prop_assert!(time.at(a.min(b)) <= time.at(a.max(b)));
        }
    }
}
