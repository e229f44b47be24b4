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
        let high = high & !0xf000 | 0x4000;
        let low = low & (u64::MAX >> 2) | 1 << 63;
        let bits = u128::from(high) << 64 | u128::from(low);
        // Every call makes one or more: by hand, this takes a fraction of what `format!` does.
        let mut text = vec![b'-'; 36];
        let digits = text.iter_mut().enumerate().filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23));
        for ((_, digit), shift) in digits.zip((0..u128::BITS).step_by(4).rev()) {
            *digit = b"0123456789abcdef"[(bits >> shift) as usize & 15];
        }
        String::from_utf8(text).expect("ASCII is UTF-8")
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
        let lengths: Vec<usize> = ids.uuid().split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        for uuid in made {
            assert!(uuid[14..].starts_with('4'), "version: {uuid}");
            assert!(uuid[19..].starts_with(['8', '9', 'a', 'b']), "variant: {uuid}");
        }
    }

    #[test]
    fn the_bits_of_a_uuid_are_those_of_the_stream() {
        let (ids, bits) = (Ids::new(7), Ids::new(7));
        let (high, low) = (bits.next_u64(), bits.next_u64());
        let uuid = ids.uuid();
        assert_eq!(uuid[..8], format!("{:08x}", high >> 32));
        assert_eq!(uuid[9..13], format!("{:04x}", high >> 16 & 0xffff));
        assert_eq!(uuid[24..], format!("{:012x}", low & 0xffff_ffff_ffff));
    }
}
