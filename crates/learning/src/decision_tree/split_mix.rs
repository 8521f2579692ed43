//! A stream of random numbers for every tree.

/// `SplitMix64`: a counter that advances by an odd constant, scrambled.
///
/// Streams of the same seed start at unrelated places, so that every tree has one of its own, and what it draws does not
/// depend on which thread grows which tree. Steele, Lea and Flood: Fast splittable pseudorandom number generators
/// (OOPSLA 2014); the scrambler is Stafford's variant 13.
pub(crate) struct SplitMix64 {
    counter: u64,
}

/// The golden ratio in 64 bits, made odd.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl SplitMix64 {
    /// Stream number `stream` of a seed.
    pub(crate) fn new(seed: u32, stream: usize) -> Self {
        let start = scramble(u64::from(seed).wrapping_add(STEP));
        Self { counter: scramble(start ^ (stream as u64).wrapping_mul(STEP)) }
    }

    fn next(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(STEP);
        scramble(self.counter)
    }

    /// A number below `bound`, each as probable as the others up to `bound`·2⁻⁶⁴.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_published_seed_gives_the_published_numbers() {
        // The first numbers of the reference implementation for state 1234567.
        let mut random = SplitMix64 { counter: 1_234_567 };
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn below_every_number_is_equally_frequent() {
        let mut random = SplitMix64::new(0, 0);
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[random.below(7)] += 1;
        }
        // Standard deviation 93: six of them.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 560), "{counts:?}");
    }

    #[test]
    fn new_other_seed_or_stream_gives_other_numbers() {
        let first = |seed, stream| SplitMix64::new(seed, stream).next();
        let all = [first(0, 0), first(0, 1), first(1, 0), first(1, 1)];
        for (at, a) in all.iter().enumerate() {
            assert!(!all[..at].contains(a));
        }
    }
}
