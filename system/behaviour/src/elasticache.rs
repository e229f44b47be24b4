//! ElastiCache (behaviour sheet 4.3): which node has a key, how long an entry lives, how long a
//! promotion takes. A call's time is [`latency::cache_node`](crate::latency::cache_node).
//!
//! Keys are placed by Lamping and Veach's jump hash: evenly, and so that a further node takes its
//! share from every node and nothing moves between the others. A node that is lost keeps its keys'
//! places: they are cold until it is back, which is one key in `n` (sheet 4.3, "Memcached").
//!
//! Deliberately absent: serverless capacity, slots of a Valkey cluster, replication lag.

use std::time::Duration;

use crate::assumptions::{self, Assumptions};

/// A hash of a key that is the same on every machine: FNV-1a, then the finaliser of SplitMix64.
#[must_use]
pub fn hash(key: &[u8]) -> u64 {
    let folded = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut z = folded.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The node, of `nodes` (at least one), that a key with this hash is on. O(log nodes).
#[must_use]
pub fn node_of(mut hash: u64, nodes: u32) -> u32 {
    let (mut here, mut next) = (0_u32, 0.0_f64);
    while next < f64::from(nodes.max(1)) {
        here = next as u32;
        hash = hash.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        let step = (1_u64 << 31) as f64 / ((hash >> 33) + 1) as f64;
        next = (f64::from(here) + 1.0) * step;
    }
    here
}

/// How long an entry lives: its TTL less a random part of the share `jitter` (0 to 1) of it, so that
/// what was stored together does not expire together. Never longer than the TTL.
#[must_use]
pub fn jittered_ttl(ttl: Duration, jitter: f64, uniform: f64) -> Duration {
    ttl.mul_f64(1.0 - jitter.clamp(0.0, 1.0) * uniform.clamp(0.0, 1.0))
}

/// How long until a replica is promoted in place of a lost primary (sheet 4.3, "failover": seconds
/// to a minute; the range is assumed).
#[must_use]
pub fn promotion(assumptions: &Assumptions, uniform: f64) -> Duration {
    let least = assumptions.duration(&assumptions::ELASTICACHE_PROMOTION_LEAST);
    let most = assumptions.duration(&assumptions::ELASTICACHE_PROMOTION_MOST).max(least);
    least + (most - least).mul_f64(uniform.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_lost_node_leaves_its_share_cold() {
        for nodes in [1_u32, 2, 3, 5, 8] {
            let mut keys = vec![0_u32; nodes as usize];
            for key in 0..20_000_u32 {
                keys[node_of(hash(format!("product/{key}").as_bytes()), nodes) as usize] += 1;
            }
            // Sheet 4.3: 1/n of the keys. Five standard deviations of 20,000 draws at most.
            let fair = 20_000.0 / f64::from(nodes);
            for share in keys {
                assert!((f64::from(share) - fair).abs() < 5.0 * fair.sqrt(), "{share} of {fair}");
            }
        }
    }

    #[test]
    fn a_hash_never_changes_between_builds() {
        // Computed apart, with Python's integers.
        assert_eq!(hash(b"product/7"), 6_306_551_087_029_115_603);
    }

    #[test]
    fn a_promotion_takes_seconds_to_a_minute() {
        let assumptions = Assumptions::default();
        assert_eq!(promotion(&assumptions, 0.0), Duration::from_secs(5));
        assert_eq!(promotion(&assumptions, 1.0), Duration::from_secs(60));
    }

    proptest! {
        /// A further node takes keys, and no key moves between the nodes that were there.
        #[test]
        fn placement_is_consistent(hash: u64, nodes in 1_u32..64) {
            let (before, after) = (node_of(hash, nodes), node_of(hash, nodes + 1));
            prop_assert!(before < nodes);
            prop_assert!(after == before || after == nodes);
        }

        #[test]
        fn an_entry_lives_at_most_its_ttl_and_at_least_that_less_the_jitter(
            seconds in 0_u64..100_000, jitter in 0.0..=1.0, uniform in 0.0..1.0,
        ) {
            let ttl = Duration::from_secs(seconds);
            let lives = jittered_ttl(ttl, jitter, uniform);
            let least = ttl.mul_f64(1.0 - jitter);
            prop_assert!(lives <= ttl && lives + Duration::from_nanos(2) >= least);
        }
    }
}
