//! What a check finds in one row, in one loop over it.
//!
//! Written with explicit vectors: left to the compiler, some of the comparisons were done one value at a time, which made
//! the loops two to three times as slow as memory.

use pulp::{Arch, Simd, WithSimd};

use crate::float::Float;
use crate::short_rows::{MOST_SHORT, RowBounds, short_rows_at_once, summary_of_short_rows};

/// What is found in one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowSummary<F> {
    /// In the row's own precision, in any order.
    pub sum: F,
    pub lowest: F,
    pub largest: F,
    /// The next one, which equals the largest in a tie.
    pub second: F,
}

/// The loops over rows of `f32` and of `f64`; part of [`Float`](crate::Float), and not meant for others.
pub trait RowLoops: Sized {
    /// Where a value is not a number the sum is not either; nothing else is known then.
    fn summary_of_row<S: Simd>(simd: S, row: &[Self]) -> RowSummary<Self>;

    /// The first place of a value that a row holds; 0 where it does not.
    fn first_equal<S: Simd>(simd: S, row: &[Self], value: Self) -> usize;
}

macro_rules! row_loops {
    ($float:ident, $as_simd:ident, $splat:ident, $add:ident, $min:ident, $max:ident, $equal:ident, $first_true:ident, $lanes:ident, $or:ident) => {
        impl RowLoops for $float {
            #[inline(always)]
            fn summary_of_row<S: Simd>(simd: S, row: &[$float]) -> RowSummary<$float> {
                /// Vectors of each kind, so that one need not wait for another.
                const TURNS: usize = 2;
                let (vectors, rest) = S::$as_simd(row);
                let mut sum = [simd.$splat(0.0); TURNS];
                let mut lowest = [simd.$splat($float::INFINITY); TURNS];
                let mut largest = [simd.$splat($float::NEG_INFINITY); TURNS];
                let mut second = largest;
                let (turns, last) = vectors.as_chunks::<TURNS>();
                for vectors in turns {
                    for turn in 0..TURNS {
                        let p = vectors[turn];
                        sum[turn] = simd.$add(sum[turn], p);
                        lowest[turn] = simd.$min(lowest[turn], p);
                        second[turn] = simd.$max(second[turn], simd.$min(largest[turn], p));
                        largest[turn] = simd.$max(largest[turn], p);
                    }
                }
                for &p in last {
                    sum[0] = simd.$add(sum[0], p);
                    lowest[0] = simd.$min(lowest[0], p);
                    second[0] = simd.$max(second[0], simd.$min(largest[0], p));
                    largest[0] = simd.$max(largest[0], p);
                }
                sum[0] = simd.$add(sum[0], sum[1]);
                lowest[0] = simd.$min(lowest[0], lowest[1]);
                second[0] = simd.$max(simd.$max(second[0], second[1]), simd.$min(largest[0], largest[1]));
                largest[0] = simd.$max(largest[0], largest[1]);
                let lanes_of = |vector| pulp::bytemuck::cast_slice::<_, $float>(std::slice::from_ref(vector));
                let mut found = RowSummary {
                    sum: 0.0,
                    lowest: $float::INFINITY,
                    largest: $float::NEG_INFINITY,
                    second: $float::NEG_INFINITY,
                };
                let lanes = lanes_of(&sum[0]).iter().zip(lanes_of(&lowest[0]));
                for ((&sum, &low), (&high, &next)) in
                    lanes.zip(lanes_of(&largest[0]).iter().zip(lanes_of(&second[0])))
                {
                    found.merge(RowSummary { sum, lowest: low, largest: high, second: next });
                }
                for &p in rest {
                    found.merge(RowSummary { sum: p, lowest: p, largest: p, second: $float::NEG_INFINITY });
                }
                found
            }

            #[inline(always)]
            fn first_equal<S: Simd>(simd: S, row: &[$float], value: $float) -> usize {
                const BLOCK: usize = 4;
                let (vectors, rest) = S::$as_simd(row);
                let wanted = simd.$splat(value);
                let (blocks, last) = vectors.as_chunks::<BLOCK>();
                for (number, [a, b, c, d]) in blocks.iter().enumerate() {
                    let ab = simd.$or(simd.$equal(*a, wanted), simd.$equal(*b, wanted));
                    let cd = simd.$or(simd.$equal(*c, wanted), simd.$equal(*d, wanted));
                    if simd.$first_true(simd.$or(ab, cd)) < S::$lanes {
                        let start = number * BLOCK * S::$lanes;
                        let within = row[start..].iter().position(|&p| p == value);
                        return start + within.unwrap_or_default();
                    }
                }
                let start = row.len() - rest.len() - last.len() * S::$lanes;
                row[start..].iter().position(|&p| p == value).map_or(0, |at| start + at)
            }
        }

        impl RowSummary<$float> {
            #[inline(always)]
            fn merge(&mut self, other: Self) {
                self.sum += other.sum;
                self.lowest = if other.lowest < self.lowest { other.lowest } else { self.lowest };
                let (a, b) = (self.largest, other.largest);
                let smaller = if b < a { b } else { a };
                let seconds = if other.second > self.second { other.second } else { self.second };
                self.second = if smaller > seconds { smaller } else { seconds };
                self.largest = if b > a { b } else { a };
            }
        }
    };
}

row_loops!(
    f32,
    as_simd_f32s,
    splat_f32s,
    add_f32s,
    min_f32s,
    max_f32s,
    equal_f32s,
    first_true_m32s,
    F32_LANES,
    or_m32s
);
row_loops!(
    f64,
    as_simd_f64s,
    splat_f64s,
    add_f64s,
    min_f64s,
    max_f64s,
    equal_f64s,
    first_true_m64s,
    F64_LANES,
    or_m64s
);

/// Calls `visit` with the position, the largest and the second largest value of each of some rows; the two are equal in
/// a tie, and there is no second one, but −∞, where there is one column.
///
/// ```
/// let mut found = Vec::new();
/// cleanlab_core::two_largest_of_rows(&[0.2, 0.7, 0.1, 0.4, 0.4, 0.2], 3, |_, largest, second| {
///     found.push((largest, second));
/// });
/// assert_eq!(found, [(0.7, 0.2), (0.4, 0.4)]);
/// ```
///
/// # Panics
///
/// If there are no columns.
pub fn two_largest_of_rows<F: Float>(values: &[F], columns: usize, visit: impl FnMut(usize, F, F)) {
    Arch::new().dispatch(TwoLargest { values, columns, visit });
}

struct TwoLargest<'a, F, V> {
    values: &'a [F],
    columns: usize,
    visit: V,
}

impl<F: Float, V: FnMut(usize, F, F)> WithSimd for TwoLargest<'_, F, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (values, columns) = (self.values, self.columns);
        let mut n_done = 0;
        if columns <= MOST_SHORT {
            let lanes = short_rows_at_once(simd);
            for rows in values.chunks_exact(lanes * columns) {
                let found = summary_of_short_rows(simd, rows, columns, &RowBounds::anything());
                for lane in 0..lanes {
                    let (largest, second) = (found.largest[lane], found.second[lane]);
                    (self.visit)(n_done + lane, F::from_f64(largest), F::from_f64(second));
                }
                n_done += lanes;
            }
        }
        for (position, row) in values.chunks_exact(columns).enumerate().skip(n_done) {
            let found = F::summary_of_row(simd, row);
            (self.visit)(position, found.largest, found.second);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Both<'a, F>(&'a [F]);

    impl<F: RowLoops + Copy> WithSimd for Both<'_, F> {
        type Output = (RowSummary<F>, usize);

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            let found = F::summary_of_row(simd, self.0);
            (found, F::first_equal(simd, self.0, found.largest))
        }
    }

    proptest! {
        #[test]
        fn summary_any_row_equals_sorting(row in prop::collection::vec(0_u8..20, 1..150)) {
            let row: Vec<f64> = row.into_iter().map(f64::from).collect();
            let narrow: Vec<f32> = row.iter().map(|&p| p as f32).collect();
            let (found, place) = Arch::new().dispatch(Both(&row));
            let (found_narrow, place_narrow) = Arch::new().dispatch(Both(&narrow));
            let mut sorted = row.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            prop_assert_eq!(found.sum, row.iter().sum::<f64>());
            prop_assert_eq!((found.largest, found.lowest), (sorted[0], sorted[row.len() - 1]));
            prop_assert_eq!(found.second, sorted.get(1).copied().unwrap_or(f64::NEG_INFINITY));
            prop_assert_eq!(Some(place), row.iter().position(|&p| p == sorted[0]));
            prop_assert_eq!(place, place_narrow);
            prop_assert_eq!(f64::from(found_narrow.second), found.second);
            prop_assert_eq!((f64::from(found_narrow.sum), f64::from(found_narrow.lowest)), (found.sum, found.lowest));
        }
    }

    #[test]
    fn summary_not_a_number_is_in_the_sum() {
        for place in 0..21 {
            let mut row = [0.25; 21];
            row[place] = f64::NAN;
            assert!(Arch::new().dispatch(Both(&row)).0.sum.is_nan());
        }
    }
}
