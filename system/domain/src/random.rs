//! Randomness: one generator for each named stream of a run's seed.
//!
//! A stream depends on the seed and its name alone, so adding a stream never changes another, and
//! two runs with one seed draw the same numbers from the same stream. PCG is used because its
//! output is fixed by its authors and does not change between releases of the crate.

use rand_pcg::Pcg64Mcg;

/// The generator every stream uses.
pub type Stream = Pcg64Mcg;

/// The stream `name` of `seed`.
///
/// ```
/// use rand::RngExt;
/// let mut a = securecart_domain::random::stream(7, "arrivals");
/// let mut b = securecart_domain::random::stream(7, "arrivals");
/// assert_eq!(a.random::<u64>(), b.random::<u64>());
/// ```
#[must_use]
pub fn stream(seed: u64, name: &str) -> Stream {
    let low = mix(seed ^ fnv1a(name));
    let high = mix(low ^ seed.rotate_left(32));
    Pcg64Mcg::new((u128::from(high) << 64) | u128::from(low))
}

/// FNV-1a over the name: short, published, and the same on every machine.
fn fnv1a(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The finaliser of SplitMix64: spreads seeds that differ in one bit over all bits.
#[must_use]
pub fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;

    #[test]
    fn streams_differ_by_name_and_by_seed() {
        let first = |seed, name| stream(seed, name).random::<u64>();
        assert_ne!(first(1, "arrivals"), first(1, "latency"));
        assert_ne!(first(1, "arrivals"), first(2, "arrivals"));
    }

    #[test]
    fn a_stream_never_changes_between_builds() {
        let mut stream = stream(20_261_127, "arrivals");
        let drawn: [u64; 2] = [stream.random(), stream.random()];
        assert_eq!(drawn, [15_161_454_629_963_823_568, 3_248_198_883_082_162_132]);
    }
}
