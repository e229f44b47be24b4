//! How long an environment takes to start: the Init Duration of sheet 2's table.

use std::time::Duration;

use crate::{Lognormal, lognormal::normal_quantile};

/// What a function is written in. All on `x86_64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Runtime {
    /// Python 3.12.
    Python312,
    /// Python 3.13.
    Python313,
    /// Node.js 22.
    Nodejs22,
    /// Node.js 24.
    Nodejs24,
    /// Java 21.
    Java21,
    /// .NET 8.
    Dotnet8,
    /// Go on `provided.al2023`.
    Go,
    /// Rust on `provided.al2023`.
    Rust,
}

/// How a function's code is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Package {
    /// A zip file.
    Zip,
    /// A container image.
    Image,
}

/// Quantiles of Init Duration, ms: p50, p90, p99, p99.9.
type Quantiles = [f64; 4];

/// The share below each of [`Quantiles`].
const SHARES: [f64; 4] = [0.5, 0.9, 0.99, 0.999];

/// Memory sizes of the first call's columns, MB.
const FIRST_CALL_MB: [f64; 4] = [128.0, 256.0, 512.0, 1_024.0];

/// A row of the table: zip, image, first handler call after init (ms at 128, 256, 512, 1,024 MB).
struct Row {
    zip: Quantiles,
    image: Quantiles,
    first_call: [f64; 4],
}

impl Runtime {
    /// Every runtime of the table.
    pub const ALL: [Self; 8] = [
        Self::Python312,
        Self::Python313,
        Self::Nodejs22,
        Self::Nodejs24,
        Self::Java21,
        Self::Dotnet8,
        Self::Go,
        Self::Rust,
    ];

    /// The identifier that Lambda's API has for it, with a zip.
    #[must_use]
    pub const fn identifier(self) -> &'static str {
        match self {
            Self::Python312 => "python3.12",
            Self::Python313 => "python3.13",
            Self::Nodejs22 => "nodejs22.x",
            Self::Nodejs24 => "nodejs24.x",
            Self::Java21 => "java21",
            Self::Dotnet8 => "dotnet8",
            Self::Go | Self::Rust => "provided.al2023",
        }
    }

    const fn row(self) -> Row {
        let (zip, image, first_call) = match self {
            Self::Python312 => {
                ([89.0, 108.0, 144.0, 227.0], [154.0, 230.0, 360.0, 455.0], [2.0; 4])
            }
            Self::Python313 => {
                ([100.0, 123.0, 177.0, 260.0], [172.0, 300.0, 414.0, 504.0], [2.0; 4])
            }
            Self::Nodejs22 => {
                ([142.0, 169.0, 218.0, 266.0], [292.0, 552.0, 801.0, 926.0], [12.0, 3.4, 3.4, 3.4])
            }
            Self::Nodejs24 => {
                ([143.0, 171.0, 219.0, 281.0], [282.0, 596.0, 822.0, 926.0], [29.0, 10.0, 4.0, 4.0])
            }
            Self::Java21 => (
                [251.0, 289.0, 569.0, 701.0],
                [342.0, 530.0, 803.0, 959.0],
                [97.0, 35.0, 32.0, 7.0],
            ),
            Self::Dotnet8 => (
                [255.0, 308.0, 615.0, 720.0],
                [396.0, 642.0, 817.0, 940.0],
                [722.0, 358.0, 167.0, 76.0],
            ),
            Self::Go => ([51.0, 56.0, 73.0, 92.0], [46.0, 78.0, 125.0, 215.0], [1.6; 4]),
            Self::Rust => ([16.0, 22.0, 48.0, 66.0], [34.0, 54.0, 97.0, 255.0], [1.3; 4]),
        };
        Row { zip, image, first_call }
    }

    /// Init Duration at the share `uniform` (0 to 1) of the starts: the runtime's own, without
    /// anything that the function loads.
    ///
    /// Lognormal between two measured quantiles, and beyond the last ones, at most at 1 in 10,000.
    #[must_use]
    pub fn init(self, package: Package, uniform: f64) -> Duration {
        let row = self.row();
        let quantiles = if package == Package::Zip { row.zip } else { row.image };
        let z = normal_quantile(uniform.clamp(1e-4, 1.0 - 1e-4));
        let reached = SHARES.iter().take_while(|&&share| normal_quantile(share) <= z).count();
        let from = reached.saturating_sub(1).min(SHARES.len() - 2);
        let (low, high) = (normal_quantile(SHARES[from]), normal_quantile(SHARES[from + 1]));
        let along = (z - low) / (high - low);
        let (from, to) = (quantiles[from].ln(), quantiles[from + 1].ln());
        Duration::from_secs_f64((from + along * (to - from)).exp() / 1_000.0)
    }

    /// What the first call after init takes beyond later ones, with `memory_mb`: linear between
    /// the measured sizes.
    #[must_use]
    pub fn first_call(self, memory_mb: u32) -> Duration {
        let [first, .., last] = self.row().first_call;
        let memory = f64::from(memory_mb);
        let columns = FIRST_CALL_MB.iter().zip(self.row().first_call);
        let above = columns.clone().find(|(size, _)| **size > memory);
        let below = columns.rev().find(|(size, _)| **size <= memory);
        let ms = match (below, above) {
            (Some((low, from)), Some((high, to))) => {
                from + (memory - low) / (high - low) * (to - from)
            }
            (None, _) => first,
            (_, None) => last,
        };
        Duration::from_secs_f64(ms / 1_000.0)
    }
}

/// What starting a function's environment takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColdStart {
    /// What it is written in.
    pub runtime: Runtime,
    /// How it is deployed.
    pub package: Package,
    /// What the function loads before its first request (SDKs, a model). An assumption each time:
    /// sheet 2 budgets 300 to 3,000 ms for fraud scoring in Python.
    pub own: Lognormal,
}

impl ColdStart {
    /// Init Duration at the share `uniform` of the starts. Runtime and function are slow together.
    #[must_use]
    pub fn init(&self, uniform: f64) -> Duration {
        self.runtime.init(self.package, uniform) + self.own.at(uniform)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(time: Duration) -> f64 {
        time.as_secs_f64() * 1_000.0
    }

    #[test]
    fn measured_quantiles_are_met() {
        for runtime in Runtime::ALL {
            let row = runtime.row();
            for (package, quantiles) in [(Package::Zip, row.zip), (Package::Image, row.image)] {
                for (share, quantile) in SHARES.into_iter().zip(quantiles) {
                    let had = ms(runtime.init(package, share));
                    assert!((had - quantile).abs() < 0.001, "{runtime:?} {share}: {had}");
                }
            }
        }
    }

    #[test]
    fn spread_below_the_median_is_the_sheets_sigma() {
        let p10 = ms(Runtime::Java21.init(Package::Zip, 0.1));
        assert!((p10 - 251.0 * (-0.11_f64 * 1.2816).exp()).abs() < 1.0, "{p10}");
    }

    #[test]
    fn first_calls_follow_the_memory() {
        assert_eq!(Runtime::Dotnet8.first_call(64), Duration::from_millis(722));
        assert_eq!(Runtime::Dotnet8.first_call(128), Duration::from_millis(722));
        assert_eq!(Runtime::Dotnet8.first_call(192), Duration::from_millis(540));
        assert_eq!(Runtime::Dotnet8.first_call(1_024), Duration::from_millis(76));
        assert_eq!(Runtime::Dotnet8.first_call(4_096), Duration::from_millis(76));
    }

    #[test]
    fn what_the_function_loads_comes_on_top() {
        let own = Lognormal::from_ms(800.0, 2_000.0);
        let start = ColdStart { runtime: Runtime::Python312, package: Package::Zip, own };
        assert!((ms(start.init(0.5)) - 889.0).abs() < 0.01, "{:?}", start.init(0.5));
    }

    proptest! {
        #[test]
        fn longer_shares_are_longer_starts(at in 0_usize..8, a in 0.0_f64..1.0, b in 0.0_f64..1.0) {
            for package in [Package::Zip, Package::Image] {
                let runtime = Runtime::ALL[at];
                prop_assert!(runtime.init(package, a.min(b)) <= runtime.init(package, a.max(b)));
            }
        }
    }
}
