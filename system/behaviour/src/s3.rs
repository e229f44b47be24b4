//! S3's request rates (behaviour sheet 1.2, "S3"): each partitioned prefix takes so many writes and so
//! many reads a second; over them a call is answered 503 `SlowDown`.
//!
//! AWS does not say how it cuts a bucket into partitions, only that it does so under load, by prefix.
//! Here every folder (what ends with the key's last slash) is one partition from the start: what a
//! bucket comes to that has been under load for a while. So nothing here is ever slow while a
//! partition splits, which is the kinder assumption.
//!
//! Invariant: memory is bounded: folders past [`PARTITIONS_MAX`] share one partition.

use std::{collections::HashMap, time::Duration};

use crate::TokenBucket;

/// PUT, COPY, POST and DELETE a second of a partition.
pub const WRITES_PER_SECOND: f64 = 3_500.0;

/// GET and HEAD a second of a partition.
pub const READS_PER_SECOND: f64 = 5_500.0;

/// Folders that have a partition of their own.
pub const PARTITIONS_MAX: usize = 1_000;

/// What a call counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// GET or HEAD.
    Read,
    /// PUT, COPY, POST or DELETE.
    Write,
}

/// The request rates of an account's buckets.
#[derive(Debug, Clone)]
pub struct S3 {
    burst: Duration,
    partitions: HashMap<String, Partition>,
    /// Of all folders for which there is no other.
    rest: Partition,
}

#[derive(Debug, Clone)]
struct Partition {
    reads: TokenBucket,
    writes: TokenBucket,
}

impl S3 {
    /// Nothing asked for yet. A bucket of tokens holds `burst` of its rate: see the assumption
    /// `quotas.burst`.
    #[must_use]
    pub fn new(burst: Duration, now: Duration) -> Self {
        Self { burst, partitions: HashMap::new(), rest: Partition::new(burst, now) }
    }

    /// Takes a call to `path`, which is bucket and key; `false` is a throttle.
    pub fn call(&mut self, now: Duration, path: &str, access: Access) -> bool {
        let folder = folder(path);
        if let Some(partition) = self.partitions.get_mut(folder) {
            return partition.take(now, access);
        }
        if self.partitions.len() >= PARTITIONS_MAX {
            return self.rest.take(now, access);
        }
        let mut partition = Partition::new(self.burst, now);
        let taken = partition.take(now, access);
        self.partitions.insert(folder.to_owned(), partition);
        taken
    }
}

impl Partition {
    fn new(burst: Duration, now: Duration) -> Self {
        let full = |rate: f64| TokenBucket::full(rate * burst.as_secs_f64(), rate, now);
        Self { reads: full(READS_PER_SECOND), writes: full(WRITES_PER_SECOND) }
    }

    fn take(&mut self, now: Duration, access: Access) -> bool {
        match access {
            Access::Read => self.reads.take(now),
            Access::Write => self.writes.take(now),
        }
    }
}

/// `bucket/a/b` of `bucket/a/b/c`.
fn folder(path: &str) -> &str {
    path.rfind('/').map_or(path, |slash| &path[..slash])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_folder_takes_5500_reads_and_3500_writes_a_second() {
        let mut s3 = S3::new(SECOND, Duration::ZERO);
        let mut taken = |now, access| {
            (0..10_000).filter(|n| s3.call(now, &format!("site/images/p-{n}"), access)).count()
        };
        assert_eq!(taken(Duration::ZERO, Access::Read), 5_500);
        assert_eq!(taken(Duration::ZERO, Access::Write), 3_500, "one does not cost the other");
        assert_eq!(taken(SECOND / 2, Access::Read), 2_750);
    }

    #[test]
    fn each_folder_has_its_own_and_there_are_only_so_many() {
        let mut s3 = S3::new(SECOND, Duration::ZERO);
        for folder in 0..PARTITIONS_MAX {
            assert!(s3.call(Duration::ZERO, &format!("site/{folder}/k"), Access::Write));
        }
        let late = (0..8_000)
            .filter(|n| s3.call(Duration::ZERO, &format!("site/late-{}/k", n % 2), Access::Write));
        assert_eq!(late.count(), 3_500, "two that came late share one partition");
        let early = (0..8_000).filter(|_| s3.call(Duration::ZERO, "site/1/k", Access::Write));
        assert_eq!(early.count(), 3_499);
        assert_eq!(s3.partitions.len(), PARTITIONS_MAX);
    }

    #[test]
    fn a_key_without_a_folder_is_in_the_bucket_s() {
        for (path, expected) in
            [("site/index.html", "site"), ("site/a/b/c", "site/a/b"), ("site", "site"), ("", "")]
        {
            assert_eq!(folder(path), expected);
        }
    }

    proptest! {
        /// No folder is given more than its burst and what it gained.
        #[test]
        fn never_more_than_the_rate(gaps_us in prop::collection::vec(0_u64..2_000, 1..300)) {
            let mut s3 = S3::new(SECOND / 100, Duration::ZERO);
            let (mut now, mut taken) = (Duration::ZERO, 0_u32);
            for gap in gaps_us {
                now += Duration::from_micros(gap);
                for _ in 0..20 {
                    taken += u32::from(s3.call(now, "b/f/k", Access::Read));
                }
                let most = READS_PER_SECOND * (now.as_secs_f64() + 0.01);
                prop_assert!(f64::from(taken) <= most + 1e-6);
            }
        }
    }
}
