//! NumPy's legacy random stream.
//!
//! A seed gives the same draws here as in `numpy.random.RandomState` and in the global `numpy.random` functions, which
//! share one stream. cleanlab and scikit-learn take their folds, permutations and noise from it, so equal seeds mean
//! equal experiments.

mod choice;
mod distributions;
mod error;
mod mersenne_twister;
mod multivariate_normal;
mod reflections_and_rotations;
mod right_singular_vectors;

use std::fmt;

use self::mersenne_twister::{MersenneTwister, WORDS};
pub use choice::Shuffle;
pub use error::RandomError;

/// NumPy's legacy `RandomState`: the Mersenne Twister and the draws built on it, bit for bit.
///
/// There is no hidden global stream: what draws takes `&mut RandomState`, and passing the same one on continues the
/// stream, as successive calls to `numpy.random` functions do.
///
/// # Example
///
/// ```
/// use cleanlab_core::RandomState;
///
/// // numpy.random.seed(0); numpy.random.rand(); numpy.random.randint(0, 10); numpy.random.permutation(5)
/// let mut random = RandomState::new(0);
/// assert_eq!(random.random_sample(), 0.548_813_503_927_324_8);
/// assert_eq!(random.randint(0, 10)?, 5);
/// assert_eq!(random.permutation(5), [4, 2, 1, 3, 0]);
/// # Ok::<(), cleanlab_core::RandomError>(())
/// ```
///
/// # Differences
///
/// Arguments that NumPy lets through and that give NaN are refused with a [`RandomError`]. The draws that take
/// logarithms or powers use the platform's `log` and `pow`, as NumPy does: with the GNU C library they are NumPy's to
/// the last bit; with another C library a draw may differ from NumPy's on Linux in its last bit.
///
/// # Source
///
/// `numpy.random.RandomState` of NumPy 2. M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998).
#[derive(Clone, PartialEq)]
pub struct RandomState {
    twister: MersenneTwister,
    /// Normal draws come in pairs; the second of a pair waits here.
    spare_normal: Option<f64>,
}

/// Where a [`RandomState`] is in its stream: what `numpy.random.get_state()` gives.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    clippy::exhaustive_structs,
    reason = "the whole state of the generator, which callers bring from NumPy"
)]
pub struct StreamPosition {
    /// The 624 words of the Mersenne Twister.
    pub words: Vec<u32>,
    /// Position of the next word, from 0 to 624.
    pub next: usize,
    /// The second of a pair of normal draws, if it has not been handed out.
    pub spare_normal: Option<f64>,
}

impl fmt::Debug for RandomState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RandomState").finish_non_exhaustive()
    }
}

impl RandomState {
    /// The stream that `numpy.random.seed(seed)` starts.
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// assert_eq!(RandomState::new(42).permutation(4), [1, 3, 0, 2]);
    /// ```
    #[must_use]
    #[doc(alias = "seed")]
    pub fn new(seed: u32) -> Self {
        Self::from_twister(MersenneTwister::from_seed(seed))
    }

    /// The stream that `numpy.random.seed` starts when it is given a list of numbers, each below 2³².
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// // numpy.random.RandomState([1, 2, 3]).rand()
    /// assert_eq!(RandomState::from_seed_words(&[1, 2, 3])?.random_sample(), 0.609_861_272_286_728_9);
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RandomError::EmptySeed`] when there is no number.
    pub fn from_seed_words(words: &[u32]) -> Result<Self, RandomError> {
        if words.is_empty() {
            return Err(RandomError::EmptySeed);
        }
        Ok(Self::from_twister(MersenneTwister::from_words(words)))
    }

    /// The stream that goes on from a position, such as that of NumPy's global stream.
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// let mut random = RandomState::new(3);
    /// random.standard_normal();
    /// let mut same = RandomState::at(&random.position())?;
    /// assert_eq!(random.standard_normal(), same.standard_normal());
    /// assert_eq!(random.random_sample(), same.random_sample());
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RandomError::InvalidPosition`] unless there are 624 words and the next is one of them or the end.
    ///
    /// # Source
    ///
    /// `numpy.random.set_state`.
    pub fn at(position: &StreamPosition) -> Result<Self, RandomError> {
        let StreamPosition { words, next, spare_normal } = position;
        match <&[u32; WORDS]>::try_from(words.as_slice()) {
            Ok(words) if *next <= WORDS => {
                Ok(Self { twister: MersenneTwister::at(words, *next), spare_normal: *spare_normal })
            }
            _ => Err(RandomError::InvalidPosition { words: words.len(), next: *next }),
        }
    }

    /// Where the stream is; [`RandomState::at`] goes on from there.
    ///
    /// # Source
    ///
    /// `numpy.random.get_state`.
    #[must_use]
    pub fn position(&self) -> StreamPosition {
        let (words, next) = self.twister.place();
        StreamPosition { words: words.to_vec(), next, spare_normal: self.spare_normal }
    }

    fn from_twister(twister: MersenneTwister) -> Self {
        Self { twister, spare_normal: None }
    }

    /// A float from [0, 1), a multiple of 2⁻⁵³.
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// let mut random = RandomState::new(1);
    /// assert_eq!(random.random_sample(), 0.417_022_004_702_574);
    /// assert_eq!(random.random_sample(), 0.720_324_493_442_158_1);
    /// ```
    #[doc(alias = "rand")]
    #[doc(alias = "random")]
    pub fn random_sample(&mut self) -> f64 {
        self.twister.next_f64()
    }

    /// A float from [`low`, `high`): `low + (high - low) · u` with u from [`RandomState::random_sample`].
    ///
    /// ```
    /// use cleanlab_core::RandomState;
    /// assert_eq!(RandomState::new(0).uniform(-1.0, 1.0)?, 0.097_627_007_854_649_5);
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RandomError::InvalidBounds`] when `low` is above `high`, or when their distance is not finite.
    pub fn uniform(&mut self, low: f64, high: f64) -> Result<f64, RandomError> {
        let width = high - low;
        if !width.is_finite() || low > high {
            return Err(RandomError::InvalidBounds { low, high });
        }
        Ok(low + width * self.random_sample())
    }

    /// An integer from `low` to `high - 1`, all equally likely.
    ///
    /// Values are drawn at the next power of two above the range and drawn again while they lie beyond it, 32 bits at
    /// a time for ranges up to 2³² and 64 bits for wider ones.
    ///
    /// ```
    /// use cleanlab_core::{RandomError, RandomState};
    /// let mut random = RandomState::new(0);
    /// assert_eq!((random.randint(0, 100)?, random.randint(0, 1 << 40)?), (44, 204_935_177_845));
    /// assert_eq!(random.randint(3, 3), Err(RandomError::EmptyRange { low: 3, high: 3 }));
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RandomError::EmptyRange`] when `low` is not below `high`.
    ///
    /// # Source
    ///
    /// `RandomState.randint` with its default `dtype`, which is `int64` in NumPy 2.
    pub fn randint(&mut self, low: i64, high: i64) -> Result<i64, RandomError> {
        if low >= high {
            return Err(RandomError::EmptyRange { low, high });
        }
        // Two's complement makes the width right even where it does not fit an i64.
        let largest = (high - 1).wrapping_sub(low) as u64;
        Ok(low.wrapping_add(self.twister.next_up_to(largest) as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(random: &mut RandomState) -> [u64; 4] {
        let normal = random.standard_normal();
        [normal, random.standard_normal(), random.standard_normal(), random.random_sample()].map(f64::to_bits)
    }

    #[test]
    fn at_goes_on_from_every_position() {
        for earlier in [0, 1, 2, 311, 312, 313] {
            let mut random = RandomState::new(9);
            (0..earlier).for_each(|_| {
                random.random_sample();
            });
            if earlier % 2 == 1 {
                random.standard_normal();
            }
            let position = random.position();
            assert_eq!(position.spare_normal.is_some(), earlier % 2 == 1);
            let mut same = RandomState::at(&position).unwrap();
            assert_eq!(same.position(), position);
            assert_eq!(draws(&mut same), draws(&mut random));
        }
    }

    #[test]
    fn at_refuses_other_numbers_of_words_and_places_behind_them() {
        let mut position = RandomState::new(9).position();
        for (next, is_one) in [(0, true), (WORDS, true), (WORDS + 1, false), (usize::MAX, false)] {
            position.next = next;
            let refused = RandomError::InvalidPosition { words: WORDS, next };
            assert_eq!(RandomState::at(&position).map(|_| ()), if is_one { Ok(()) } else { Err(refused) });
        }
        position.next = 1;
        position.words.pop();
        let refused = RandomError::InvalidPosition { words: WORDS - 1, next: 1 };
        assert_eq!(RandomState::at(&position).map(|_| ()), Err(refused));
    }

    #[test]
    fn from_seed_words_needs_one() {
        assert_eq!(RandomState::from_seed_words(&[]).map(|_| ()), Err(RandomError::EmptySeed));
        assert!(RandomState::from_seed_words(&[0]).is_ok());
    }

    #[test]
    fn uniform_is_between_its_bounds_or_refused() {
        let mut random = RandomState::new(2);
        // A bound both ways.
        assert_eq!(random.uniform(3.0, 3.0), Ok(3.0));
        for _ in 0..100 {
            let value = random.uniform(-2.0, 6.0).unwrap();
            assert!((-2.0..6.0).contains(&value), "{value}");
        }
        for (low, high) in [(1.0, 0.5), (-f64::MAX, f64::MAX), (0.0, f64::INFINITY), (f64::NEG_INFINITY, 0.0)]
        {
            assert_eq!(random.uniform(low, high), Err(RandomError::InvalidBounds { low, high }));
        }
        assert!(random.uniform(f64::NAN, 1.0).is_err());
    }

    #[test]
    fn randint_is_within_its_range_or_refused() {
        let mut random = RandomState::new(2);
        assert_eq!(random.randint(7, 8), Ok(7));
        assert_eq!(random.randint(i64::MAX - 1, i64::MAX), Ok(i64::MAX - 1));
        let values: Vec<i64> = (0..100).map(|_| random.randint(-1, 2).unwrap()).collect();
        assert_eq!((values.iter().min(), values.iter().max()), (Some(&-1), Some(&1)));
        // The widest range has both signs.
        let wide: Vec<i64> = (0..100).map(|_| random.randint(i64::MIN, i64::MAX).unwrap()).collect();
        assert!(wide.iter().any(|&value| value < 0) && wide.iter().any(|&value| value > 0));
        for (low, high) in [(3, 3), (3, 2), (0, i64::MIN)] {
            assert_eq!(random.randint(low, high), Err(RandomError::EmptyRange { low, high }));
        }
    }
}
