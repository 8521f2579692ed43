//! Sums of probabilities that do not depend on the order of addition.

use serde::{Deserialize, Serialize};

/// An exact running sum of numbers in [-2, 2].
///
/// Each term is truncated once to a multiple of 2⁻⁸⁰ (error below 8.3e-25) and added as an integer, so any grouping of
/// the same terms gives the same bits. Room for [`FixedPointSum::MAX_TERMS`] terms.
///
/// ```
/// use cleanlab_core::FixedPointSum;
/// let terms = [0.1, 0.7, 1e-9, 0.3];
/// let mut forwards = FixedPointSum::default();
/// terms.iter().for_each(|&term| forwards.add(term));
/// let mut backwards = FixedPointSum::default();
/// terms.iter().rev().for_each(|&term| backwards.add(term));
/// assert_eq!(forwards, backwards);
/// assert!((forwards.to_f64() - 1.100000001).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FixedPointSum(i128);

/// Bits after the binary point in each of the two halves that a term is split into.
const HALF_BITS: u32 = 40;
const HALF_SCALE: f64 = (1_u64 << HALF_BITS) as f64;

impl FixedPointSum {
    /// The most terms for which there is room: 2⁴⁶ - 1.
    pub const MAX_TERMS: u64 = (1 << 46) - 1;

    /// Whether so many terms can have this sum. One that was read from a file need not be the sum of any.
    ///
    /// ```
    /// use cleanlab_core::FixedPointSum;
    /// let mut sum = FixedPointSum::default();
    /// sum.add(1.5);
    /// assert!(sum.can_be_of(1) && !sum.can_be_of(0));
    /// ```
    #[must_use]
    pub fn can_be_of(&self, n_terms: u64) -> bool {
        n_terms <= Self::MAX_TERMS && self.0.unsigned_abs() <= u128::from(n_terms) << (2 * HALF_BITS + 1)
    }

    /// Adds a number in [-2, 2].
    #[inline]
    pub fn add(&mut self, term: f64) {
        debug_assert!((-2.0..=2.0).contains(&term));
        // Two conversions to i64 are several times faster than one to i128.
        let scaled = term * HALF_SCALE;
        let high = scaled as i64;
        let low = ((scaled - high as f64) * HALF_SCALE) as i64;
        self.0 += (i128::from(high) << HALF_BITS) + i128::from(low);
    }

    /// Adds the terms of which there are halves.
    #[inline]
    pub fn settle(&mut self, halves: FixedPointHalves) {
        self.0 += (i128::from(halves.high as i64) << HALF_BITS) + i128::from(halves.low as i64);
    }

    /// Adds what another sum holds.
    pub fn merge(&mut self, other: Self) {
        self.0 += other.0;
    }

    /// The sum, rounded once to the nearest `f64`.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / HALF_SCALE / HALF_SCALE
    }
}

/// A few terms of a [`FixedPointSum`] on their way into it: two additions of `f64` each, exact while they are few.
///
/// ```
/// use cleanlab_core::{FixedPointHalves, FixedPointSum};
/// let (mut halves, mut sum, mut direct) =
///     (FixedPointHalves::default(), FixedPointSum::default(), FixedPointSum::default());
/// for term in [0.1, 0.7, 1e-9] {
///     halves.add(term);
///     direct.add(term);
/// }
/// sum.settle(halves);
/// assert_eq!(sum, direct);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct FixedPointHalves {
    high: f64,
    low: f64,
}

impl FixedPointHalves {
    /// The most terms that may be added. A half is below 2⁴², an `f64` holds every whole number below 2⁵³.
    pub const MAX_TERMS: usize = 1 << 11;

    /// Adds a number in [-2, 2].
    #[inline(always)]
    pub fn add(&mut self, term: f64) {
        let scaled = term * HALF_SCALE;
        let upper = scaled.trunc();
        self.high += upper;
        self.low += ((scaled - upper) * HALF_SCALE).trunc();
    }
}

/// `N` exact running sums side by side, for loops that fill the processor's vectors.
///
/// Each lane ends at what a [`FixedPointSum`] of its terms is, to the bit.
///
/// ```
/// use cleanlab_core::{FixedPointLanes, FixedPointSum};
/// let mut lanes = FixedPointLanes::default();
/// lanes.add([0.1, 0.7]);
/// lanes.add([1e-9, 0.3]);
/// let mut second = FixedPointSum::default();
/// second.add(0.7);
/// second.add(0.3);
/// assert_eq!(lanes.finish()[1], second);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct FixedPointLanes<const N: usize> {
    /// The upper halves of terms that are not in `sums` yet: whole numbers, whose sum is exact while they are few.
    high: [f64; N],
    low: [f64; N],
    n_pending: u32,
    sums: [FixedPointSum; N],
}

impl<const N: usize> Default for FixedPointLanes<N> {
    fn default() -> Self {
        Self { high: [0.0; N], low: [0.0; N], n_pending: 0, sums: [FixedPointSum::default(); N] }
    }
}

impl<const N: usize> FixedPointLanes<N> {
    /// Adds a number in [-2, 2] to every lane.
    #[inline(always)]
    pub fn add(&mut self, terms: [f64; N]) {
        for ((term, high), low) in terms.into_iter().zip(&mut self.high).zip(&mut self.low) {
            let scaled = term * HALF_SCALE;
            let upper = scaled.trunc();
            *high += upper;
            *low += ((scaled - upper) * HALF_SCALE).trunc();
        }
        self.n_pending += 1;
        if self.n_pending as usize == FixedPointHalves::MAX_TERMS {
            self.settle();
        }
    }

    /// Adds what other sums hold, lane by lane.
    pub fn merge(&mut self, other: Self) {
        for (sum, theirs) in self.sums.iter_mut().zip(other.finish()) {
            sum.merge(theirs);
        }
    }

    /// The sum of every lane.
    #[must_use]
    pub fn finish(mut self) -> [FixedPointSum; N] {
        self.settle();
        self.sums
    }

    #[cold]
    fn settle(&mut self) {
        for ((sum, high), low) in self.sums.iter_mut().zip(&mut self.high).zip(&mut self.low) {
            sum.settle(FixedPointHalves { high: std::mem::take(high), low: std::mem::take(low) });
        }
        self.n_pending = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_equal_single_sums() {
        let mut lanes = FixedPointLanes::default();
        let mut single = [FixedPointSum::default(); 3];
        for i in 0..10_000_i32 {
            let x = f64::from(i % 997) / 997.0;
            let terms = [x, 1.0 - x * 1e-13, -9e-7 * x.powi(9)];
            lanes.add(terms);
            single.iter_mut().zip(terms).for_each(|(sum, term)| sum.add(term));
        }
        assert_eq!(lanes.finish(), single);
        lanes.merge(lanes);
        for sum in &mut single {
            sum.merge(*sum);
        }
        assert_eq!(lanes.finish(), single);
    }

    #[test]
    fn to_f64_single_term_is_exact() {
        for term in [0.0, 1.0, -1.0, 0.1, 1.0 - f64::EPSILON / 2.0, -9e-7, 1e-6, 0.3_f32.into()] {
            let mut sum = FixedPointSum::default();
            sum.add(term);
            assert!((sum.to_f64() - term).abs() <= 1e-24, "{term}");
        }
    }

    #[test]
    fn a_sum_can_be_of_so_many_terms() {
        let mut sum = FixedPointSum::default();
        assert_eq!(FixedPointSum::MAX_TERMS, 70_368_744_177_663);
        assert!(sum.can_be_of(0) && sum.can_be_of(FixedPointSum::MAX_TERMS));
        assert!(!sum.can_be_of(FixedPointSum::MAX_TERMS + 1));
        (0..3).for_each(|_| sum.add(-2.0));
        assert_eq!(sum.to_f64(), -6.0);
        assert!(sum.can_be_of(3) && !sum.can_be_of(2));
        let mut other = FixedPointSum::default();
        other.add(0.25);
        sum.merge(other);
        assert_eq!((sum.to_f64(), sum.can_be_of(3)), (-5.75, true));
    }

    #[test]
    fn as_many_halves_as_may_be_added_lose_nothing() {
        let (mut halves, mut sum, mut single) =
            (FixedPointHalves::default(), FixedPointSum::default(), FixedPointSum::default());
        for i in 0..FixedPointHalves::MAX_TERMS {
            let term = -2.0 + i as f64 / 1e3 + 1e-13;
            halves.add(term);
            single.add(term);
        }
        sum.settle(halves);
        assert_eq!(sum, single);
        assert_eq!(FixedPointHalves::MAX_TERMS, 2048);
    }
}
