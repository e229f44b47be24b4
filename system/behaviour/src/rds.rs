//! RDS (behaviour sheet 4.2): how many connections an instance takes, how long a failover lasts, and
//! how far a read replica is behind.
//!
//! A replica applies what its primary committed, in order. Each change takes the base lag, and there
//! is a rate above which it falls behind: the lag then grows by the same amount each second.
//!
//! Deliberately absent: RDS Proxy, and writes lost when a replica is promoted: SecureCart fails over
//! to a standby that has everything.

use std::time::Duration;

use crate::assumptions::{self, Assumptions};

/// Read replicas that a primary may have: MySQL, MariaDB and PostgreSQL (sheet 4.2, "read replicas").
pub const REPLICAS_MAX: u32 = 15;

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// MySQL and MariaDB.
    Mysql,
    /// PostgreSQL.
    Postgres,
}

/// The default of `max_connections` on an instance with `memory_bytes` for the database (AWS's
/// `DBInstanceClassMemory`, which is somewhat less than the instance has).
///
/// MySQL: `memory / 12,582,880`; PostgreSQL: `LEAST(memory / 9,531,392, 5000)` (sheet 4.2,
/// "max_connections").
#[must_use]
pub fn max_connections(engine: Engine, memory_bytes: u64) -> u32 {
    let connections = match engine {
        Engine::Mysql => memory_bytes / 12_582_880,
        Engine::Postgres => (memory_bytes / 9_531_392).min(5_000),
    };
    u32::try_from(connections).unwrap_or(u32::MAX)
}

/// How a primary is kept available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultiAz {
    /// One standby that serves nothing.
    Instance,
    /// Two standbys that serve reads.
    Cluster,
}

/// How long the primary answers nothing while it fails over.
///
/// 60 to 120 s for an instance (sheet 4.2, "Multi-AZ instance failover"); at most 35 s for a cluster
/// ("Multi-AZ cluster"), at least what is assumed. `uniform` is a number in `[0, 1)`.
#[must_use]
pub fn failover(kind: MultiAz, assumptions: &Assumptions, uniform: f64) -> Duration {
    let (least, most) = match kind {
        MultiAz::Instance => (60.0, 120.0),
        MultiAz::Cluster => {
            (assumptions.of(&assumptions::RDS_CLUSTER_FAILOVER_LEAST).min(35.0), 35.0)
        }
    };
    Duration::from_secs_f64(least + (most - least) * uniform.clamp(0.0, 1.0))
}

/// When a read replica has what its primary committed.
#[derive(Debug, Clone)]
pub struct ReplicaLag {
    least: Duration,
    most: Duration,
    each: Duration,
    last: Duration,
}

impl ReplicaLag {
    /// A replica with the base lag and the rate that `assumptions` name.
    #[must_use]
    pub fn new(assumptions: &Assumptions) -> Self {
        let base =
            |assumption| Duration::from_secs_f64((assumptions.of(assumption) / 1e3).min(86_400.0));
        let rate = assumptions.of(&assumptions::RDS_REPLICA_APPLY_RATE);
        let least = base(&assumptions::RDS_LAG_LEAST);
        Self {
            least,
            most: base(&assumptions::RDS_LAG_MOST).max(least),
            // A rate of zero would never apply anything: a change a day comes near enough.
            each: Duration::from_secs_f64((1.0 / rate).min(86_400.0)),
            last: Duration::ZERO,
        }
    }

    /// A replica that is never behind by itself.
    #[must_use]
    pub fn none() -> Self {
        let zero = Duration::ZERO;
        Self { least: zero, most: zero, each: zero, last: zero }
    }

    /// The base lag at the share `uniform` of its range; small lags are likelier than great ones.
    #[must_use]
    pub fn base(&self, uniform: f64) -> Duration {
        let (least, most) = (self.least.as_secs_f64(), self.most.as_secs_f64());
        if least <= 0.0 {
            return Duration::from_secs_f64(most * uniform.clamp(0.0, 1.0));
        }
        Duration::from_secs_f64(least * (most / least).powf(uniform.clamp(0.0, 1.0)))
    }

    /// When the next change is applied: one that was committed at `committed`, with this `base` lag.
    #[must_use]
    pub fn due(&self, committed: Duration, base: Duration) -> Duration {
        let paced = self.last + self.each;
        (committed + base).max(if self.last.is_zero() { Duration::ZERO } else { paced })
    }

    /// The change that was [`due`](Self::due) then is applied.
    pub fn applied(&mut self, due: Duration) {
        self.last = self.last.max(due);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn connections_follow_from_memory() {
        // Sheet 4.2: about 1,300 on 16 GiB with MySQL.
        assert_eq!(max_connections(Engine::Mysql, 16 * GIB), 1_365);
        assert_eq!(max_connections(Engine::Postgres, 16 * GIB), 1_802);
        assert_eq!(max_connections(Engine::Postgres, 512 * GIB), 5_000);
        assert_eq!(max_connections(Engine::Postgres, 0), 0);
    }

    #[test]
    fn a_failover_lasts_as_long_as_aws_says() {
        let assumptions = Assumptions::default();
        let lasts = |kind, uniform| failover(kind, &assumptions, uniform).as_secs_f64();
        assert_eq!(lasts(MultiAz::Instance, 0.0), 60.0);
        assert_eq!(lasts(MultiAz::Instance, 0.5), 90.0);
        assert_eq!(lasts(MultiAz::Instance, 1.0), 120.0);
        assert_eq!(lasts(MultiAz::Cluster, 0.0), 15.0);
        assert_eq!(lasts(MultiAz::Cluster, 1.0), 35.0);
    }

    /// The lag after `seconds` of `writes` a second, with the least base lag.
    fn lag_after(seconds: u32, writes: u32) -> f64 {
        let mut replica = ReplicaLag::new(&Assumptions::default());
        let base = replica.base(0.0);
        let mut lag = Duration::ZERO;
        for write in 0..seconds * writes {
            let committed = Duration::from_secs_f64(f64::from(write + 1) / f64::from(writes));
            let due = replica.due(committed, base);
            replica.applied(due);
            lag = due - committed;
        }
        lag.as_secs_f64()
    }

    #[test]
    fn lag_is_the_base_until_writes_exceed_the_rate_and_then_grows_evenly() {
        assert!((lag_after(10, 1_000) - 0.05).abs() < 1e-6);
        // 3,000 writes a second at 2,000: each second adds half a second.
        let (five, ten) = (lag_after(5, 3_000), lag_after(10, 3_000));
        assert!((ten - five - 2.5).abs() < 0.05, "{five} {ten}");
    }

    #[test]
    fn the_base_lag_stays_in_its_range() {
        let replica = ReplicaLag::new(&Assumptions::default());
        assert!((replica.base(0.0).as_secs_f64() - 0.05).abs() < 1e-9);
        assert!((replica.base(1.0).as_secs_f64() - 0.5).abs() < 1e-9);
        assert_eq!(ReplicaLag::none().base(0.7), Duration::ZERO);
    }

    proptest! {
        /// Nothing is applied before it is committed, nor before what was committed earlier.
        #[test]
        fn changes_are_applied_in_order(changes in prop::collection::vec((0_u64..50_000, 0.0..1.0), 1..200)) {
            let mut replica = ReplicaLag::new(&Assumptions::default());
            let (mut committed, mut last) = (Duration::ZERO, Duration::ZERO);
            for (gap_us, uniform) in changes {
                committed += Duration::from_micros(gap_us);
                let due = replica.due(committed, replica.base(uniform));
                prop_assert!(due >= committed + Duration::from_millis(49) && due >= last);
                replica.applied(due);
                last = due;
            }
        }
    }
}
