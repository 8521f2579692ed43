//! The generator of random bits: MT19937.

/// Number of 32-bit words of state.
pub(super) const WORDS: usize = 624;
/// Distance between the words that are combined (the "middle word" of the recurrence).
const MIDDLE: usize = 397;
/// Coefficients of the recurrence's matrix.
const TWIST: u32 = 0x9908_b0df;
/// Multiplier of the generator that fills the state from one number (Knuth, TAOCP 2, 3rd edition).
const SEED_MULTIPLIER: u32 = 1_812_433_253;

/// The Mersenne Twister of Matsumoto and Nishimura with 19937 bits of state.
#[derive(Clone, PartialEq)]
pub(super) struct MersenneTwister {
    words: [u32; WORDS],
    /// What the words are handed out as.
    outputs: [u32; WORDS],
    /// Position of the next output; `WORDS` when all have been handed out.
    next: usize,
}

impl MersenneTwister {
    pub(super) fn from_seed(seed: u32) -> Self {
        let mut words = [seed; WORDS];
        for i in 1..WORDS {
            let last = words[i - 1];
            words[i] = (last ^ (last >> 30)).wrapping_mul(SEED_MULTIPLIER).wrapping_add(i as u32);
        }
        Self { words, outputs: [0; WORDS], next: WORDS }
    }

    /// The initialisation by an array of the authors' reference code (2002). `key` holds at least one word.
    pub(super) fn from_words(key: &[u32]) -> Self {
        let mut state = Self::from_seed(19_650_218);
        let words = &mut state.words;
        let mixed = |last: u32, multiplier: u32| (last ^ (last >> 30)).wrapping_mul(multiplier);
        let mut i = 1;
        for round in 0..key.len().max(WORDS) {
            let j = round % key.len();
            words[i] =
                (words[i] ^ mixed(words[i - 1], 1_664_525)).wrapping_add(key[j]).wrapping_add(j as u32);
            i = Self::after(i, words);
        }
        for _ in 1..WORDS {
            words[i] = (words[i] ^ mixed(words[i - 1], 1_566_083_941)).wrapping_sub(i as u32);
            i = Self::after(i, words);
        }
        // Whatever the key, the state is not all zeros.
        words[0] = 0x8000_0000;
        state
    }

    /// The generator in the middle of its stream: its words, and the position of the next output, at most `WORDS`.
    pub(super) fn at(words: &[u32; WORDS], next: usize) -> Self {
        let mut state = Self { words: *words, outputs: [0; WORDS], next };
        state.temper();
        state
    }

    /// The words, and the position of the next output among them.
    pub(super) fn place(&self) -> (&[u32; WORDS], usize) {
        (&self.words, self.next)
    }

    /// The position after `i` in the rounds of seeding, which pass the last word on to the first.
    fn after(i: usize, words: &mut [u32; WORDS]) -> usize {
        if i + 1 < WORDS {
            return i + 1;
        }
        words[0] = words[WORDS - 1];
        1
    }

    /// 32 random bits.
    pub(super) fn next_u32(&mut self) -> u32 {
        if self.next == WORDS {
            self.refill();
        }
        let bits = self.outputs[self.next];
        self.next += 1;
        bits
    }

    /// 64 random bits: the word drawn first is the upper half.
    fn next_u64(&mut self) -> u64 {
        let high = u64::from(self.next_u32());
        high << 32 | u64::from(self.next_u32())
    }

    /// A float from [0, 1) out of 27 + 26 random bits.
    pub(super) fn next_f64(&mut self) -> f64 {
        const TWO_POW_26: f64 = 67_108_864.0;
        const TWO_POW_53: f64 = 9_007_199_254_740_992.0;
        let high = f64::from(self.next_u32() >> 5);
        let low = f64::from(self.next_u32() >> 6);
        (high * TWO_POW_26 + low) / TWO_POW_53
    }

    /// An integer from 0 to `largest`, both included, by masking and rejecting. Draws nothing when `largest` is 0.
    pub(super) fn next_up_to(&mut self, largest: u64) -> u64 {
        if largest == 0 {
            return 0;
        }
        let mask = u64::MAX >> largest.leading_zeros();
        let one_word = u32::try_from(largest).is_ok();
        loop {
            let bits = if one_word { u64::from(self.next_u32()) } else { self.next_u64() };
            if bits & mask <= largest {
                return bits & mask;
            }
        }
    }

    /// For each number from `largest` down, `count` of them, what [`MersenneTwister::next_up_to`] would draw.
    ///
    /// At most `largest` of them, as nothing is drawn for 0.
    pub(super) fn next_up_to_each(&mut self, largest: u32, count: usize, drawn: &mut Vec<u32>) {
        drawn.clear();
        drawn.resize(count, 0);
        let (mut place, mut last) = (0, largest);
        while place < count {
            if self.next == WORDS {
                self.refill();
            }
            let mask = u32::MAX >> last.leading_zeros();
            // Down to here the mask stays what it is.
            let until = (last - mask / 2).min((count - place) as u32);
            let (start, end) = (place, place + until as usize);
            let mut used = 0;
            for bits in &self.outputs[self.next..] {
                // Whether a draw is taken is like a coin toss, so it is not branched upon: the next overwrites one that is
                // not.
                let draw = bits & mask;
                drawn[place] = draw;
                place += usize::from(draw <= last - (place - start) as u32);
                used += 1;
                if place == end {
                    break;
                }
            }
            self.next += used;
            last -= (place - start) as u32;
        }
    }

    fn refill(&mut self) {
        let words = &mut self.words;
        let renewed = |word: u32, after: u32, middle: u32| {
            let joined = (word & 0x8000_0000) | (after & 0x7fff_ffff);
            middle ^ (joined >> 1) ^ ((joined & 1).wrapping_neg() & TWIST)
        };
        // In three runs, each of which reads no word that it has renewed, so that they vectorise.
        for i in 0..WORDS - MIDDLE {
            words[i] = renewed(words[i], words[i + 1], words[i + MIDDLE]);
        }
        for i in WORDS - MIDDLE..WORDS - 1 {
            words[i] = renewed(words[i], words[i + 1], words[i + MIDDLE - WORDS]);
        }
        words[WORDS - 1] = renewed(words[WORDS - 1], words[0], words[MIDDLE - 1]);
        self.temper();
        self.next = 0;
    }

    /// Makes the outputs of the words.
    fn temper(&mut self) {
        for (output, &word) in self.outputs.iter_mut().zip(&self.words) {
            let mut bits = word;
            bits ^= bits >> 11;
            bits ^= (bits << 7) & 0x9d2c_5680;
            bits ^= (bits << 15) & 0xefc6_0000;
            *output = bits ^ (bits >> 18);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_u32_authors_seed_gives_published_outputs() {
        // The first and second output of the authors' reference program, mt19937ar.out.
        let mut twister = MersenneTwister::from_words(&[0x123, 0x234, 0x345, 0x456]);
        assert_eq!((twister.next_u32(), twister.next_u32()), (1_067_595_299, 955_945_823));
        // The 10000th output for the seed 5489, required of std::mt19937 by the C++ standard.
        let mut twister = MersenneTwister::from_seed(5489);
        assert_eq!((0..10_000).map(|_| twister.next_u32()).last(), Some(4_123_659_995));
    }

    #[test]
    fn next_up_to_zero_draws_nothing() {
        let mut twister = MersenneTwister::from_seed(7);
        let before = twister.next;
        assert_eq!(twister.next_up_to(0), 0);
        assert_eq!(twister.next, before);
    }

    #[test]
    fn next_up_to_all_bits_takes_every_value() {
        let mut twister = MersenneTwister::from_seed(7);
        let mut same = twister.clone();
        assert_eq!(twister.next_up_to(u64::from(u32::MAX)), u64::from(same.next_u32()));
        assert_eq!(twister.next_up_to(u64::MAX), same.next_u64());
    }

    #[test]
    fn next_up_to_each_draws_what_one_by_one_draws() {
        let mut drawn = Vec::new();
        for (largest, count) in
            [(0, 0), (1, 1), (2, 1), (700, 700), (1 << 20, 5_000), (5_000, 4_999), (u32::MAX, 2_000)]
        {
            let mut twister = MersenneTwister::from_seed(largest);
            // So that the words run out at various places.
            for _ in 0..largest % 1_000 {
                twister.next_u32();
            }
            let mut same = twister.clone();
            twister.next_up_to_each(largest, count, &mut drawn);
            let expected: Vec<u32> =
                (0..count as u32).map(|i| same.next_up_to(u64::from(largest - i)) as u32).collect();
            assert_eq!(drawn, expected);
            assert_eq!(twister.next_u32(), same.next_u32());
        }
    }
}
