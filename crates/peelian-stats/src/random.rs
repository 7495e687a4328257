//! Random numbers that a seed makes repeatable, whatever the number of threads.

pub(crate) use rand_xoshiro::Xoshiro256PlusPlus as Stream;

use rand::SeedableRng;

/// The stream of random numbers for piece `index` of a task with this `seed`.
///
/// Each piece (replication, permutation block, area) draws from a stream of its own, so pieces may
/// run in any order and on any thread. Seed and index are mixed by the finaliser of SplitMix64
/// (Steele, Lea and Flood, OOPSLA 2014), so that neighbouring indices give unrelated streams.
pub(crate) fn stream(seed: u64, index: u64) -> Stream {
    Stream::seed_from_u64(mix(
        mix(seed).wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    ))
}

fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn a_stream_depends_on_seed_and_index_alone() {
        let draw = |seed, index| stream(seed, index).random::<u64>();
        assert_eq!(draw(7, 3), draw(7, 3));
        assert_ne!(draw(7, 3), draw(7, 4));
        assert_ne!(draw(7, 3), draw(8, 3));
        assert_ne!(draw(7, 8), draw(8, 7));
    }
}
