//! The two element types of predicted probabilities.

use std::fmt::{Debug, Display};

use crate::row_summary::RowLoops;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`, the element types of [`PredProbs`](crate::PredProbs).
///
/// Every sum, threshold and score is computed in `f64`; an `f32` matrix therefore gives the same answers as the same
/// matrix widened to `f64`, at half the memory. The trait is sealed: no other type implements it.
///
/// ```
/// use cleanlab_core::Float;
/// assert_eq!(0.5_f32.to_f64(), 0.5);
/// ```
pub trait Float:
    sealed::Sealed + RowLoops + Copy + PartialOrd + Send + Sync + Debug + Display + 'static
{
    /// The same value as an `f64`, exactly.
    #[must_use]
    fn to_f64(self) -> f64;

    /// The nearest value of this type.
    #[must_use]
    fn from_f64(value: f64) -> Self;

    /// The smallest value of this type that is not below `bound`.
    ///
    /// For any `p` of this type, `p >= F::at_least(bound)` exactly when `p.to_f64() >= bound`, so that an `f32` matrix
    /// can be compared with an `f64` bound without widening it.
    ///
    /// ```
    /// use cleanlab_core::Float;
    /// assert!(f32::at_least(0.1).to_f64() >= 0.1);
    /// assert_eq!(f64::at_least(0.1), 0.1);
    /// ```
    #[must_use]
    fn at_least(bound: f64) -> Self;
}

impl Float for f32 {
    #[inline]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    #[inline]
    fn from_f64(value: f64) -> Self {
        value as f32
    }

    #[inline]
    fn at_least(bound: f64) -> Self {
        let nearest = bound as f32;
        if f64::from(nearest) < bound { nearest.next_up() } else { nearest }
    }
}

impl Float for f64 {
    #[inline]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline]
    fn from_f64(value: f64) -> Self {
        value
    }

    #[inline]
    fn at_least(bound: f64) -> Self {
        bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_is_the_smallest_that_is_not_below() {
        for bound in [0.1, 0.3, 0.5, 1.0, -1e-6, 1.0 + 1e-6, 0.7, 0.9, 0.0] {
            let found = f32::at_least(bound);
            assert!(found.to_f64() >= bound && found.next_down().to_f64() < bound, "{bound}");
            assert_eq!(f64::at_least(bound), bound);
        }
    }

    #[test]
    fn values_go_to_f64_and_back() {
        assert_eq!((0.25_f32.to_f64(), 0.1_f64.to_f64()), (0.25, 0.1));
        assert_eq!((f32::from_f64(0.1), f64::from_f64(0.1)), (0.1, 0.1));
    }
}
