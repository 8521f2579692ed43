//! Sums of probabilities that do not depend on the order of addition.

use serde::{Deserialize, Serialize};

/// An exact running sum of numbers in [-2, 2].
///
/// Each term is truncated once to a multiple of 2⁻⁸⁰ (error below 8.3e-25) and added as an integer, so any grouping of
/// the same terms gives the same bits. Room for 2⁴⁶ terms.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_f64_single_term_is_exact() {
        for term in [0.0, 1.0, -1.0, 0.1, 1.0 - f64::EPSILON / 2.0, -9e-7, 1e-6, 0.3_f32.into()] {
            let mut sum = FixedPointSum::default();
            sum.add(term);
            assert!((sum.to_f64() - term).abs() <= 1e-24, "{term}");
        }
    }
}
