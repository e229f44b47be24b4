//! Identifiers that look like AWS's and come from the run's seed.

use std::sync::atomic::{AtomicU64, Ordering};

/// A source of identifiers. The n-th one of a seed is always the same; none repeats.
#[derive(Debug)]
pub struct Ids {
    seed: u64,
    next: AtomicU64,
}

impl Ids {
    /// A source with its own stream of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, next: AtomicU64::new(0) }
    }

    /// 64 bits that no earlier call returned: a bijection (SplitMix64) of a counter.
    pub fn next_u64(&self) -> u64 {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        mix(self.seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// A UUID (version 4 by its looks), as AWS uses for request and message ids.
    pub fn uuid(&self) -> String {
        let (high, low) = (self.next_u64(), self.next_u64());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0x0fff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff,
        )
    }
}

fn mix(value: u64) -> u64 {
    let z = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn uuids_are_unique_and_repeat_with_the_seed() {
        let ids = Ids::new(7);
        let made: HashSet<String> = (0..10_000).map(|_| ids.uuid()).collect();
        assert_eq!(made.len(), 10_000);
        assert_eq!(Ids::new(7).uuid(), Ids::new(7).uuid());
        let uuid = ids.uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
    }
}
