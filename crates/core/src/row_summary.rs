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
    ($float:ident, $as_simd:ident, $splat:ident, $add:ident, $min:ident, $max:ident, $equal:ident, $first_true:ident, $lanes:ident, $or:ident,
     $select:ident, $mask_between:ident, $index:ident, $partial_load:ident, $reduce_sum:ident, $reduce_min:ident, $reduce_max:ident) => {
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
                if !rest.is_empty() {
                    let there = simd.$mask_between(0, rest.len() as $index).mask();
                    // 0 where there is nothing.
                    let p = simd.$partial_load(rest);
                    sum[1] = simd.$add(sum[1], p);
                    lowest[1] = simd.$min(lowest[1], simd.$select(there, p, lowest[1]));
                    let p = simd.$select(there, p, simd.$splat($float::NEG_INFINITY));
                    second[1] = simd.$max(second[1], simd.$min(largest[1], p));
                    largest[1] = simd.$max(largest[1], p);
                }
                sum[0] = simd.$add(sum[0], sum[1]);
                lowest[0] = simd.$min(lowest[0], lowest[1]);
                second[0] = simd.$max(simd.$max(second[0], second[1]), simd.$min(largest[0], largest[1]));
                largest[0] = simd.$max(largest[0], largest[1]);
                let highest = simd.$reduce_max(largest[0]);
                let none = simd.$splat($float::NEG_INFINITY);
                let is_highest = simd.$equal(largest[0], simd.$splat(highest));
                let n_highest =
                    simd.$reduce_sum(simd.$select(is_highest, simd.$splat(1.0), simd.$splat(0.0)));
                let others = simd.$max(second[0], simd.$select(is_highest, none, largest[0]));
                RowSummary {
                    sum: simd.$reduce_sum(sum[0]),
                    lowest: simd.$reduce_min(lowest[0]),
                    largest: highest,
                    second: if n_highest > 1.0 { highest } else { simd.$reduce_max(others) },
                }
            }

            #[inline(always)]
            fn first_equal<S: Simd>(simd: S, row: &[$float], value: $float) -> usize {
                const BLOCK: usize = 4;
                let (vectors, rest) = S::$as_simd(row);
                let wanted = simd.$splat(value);
                let (blocks, last) = vectors.as_chunks::<BLOCK>();
                for (number, [a, b, c, d]) in blocks.iter().enumerate() {
                    let hits = [
                        simd.$equal(*a, wanted),
                        simd.$equal(*b, wanted),
                        simd.$equal(*c, wanted),
                        simd.$equal(*d, wanted),
                    ];
                    let any = simd.$or(simd.$or(hits[0], hits[1]), simd.$or(hits[2], hits[3]));
                    if simd.$first_true(any) < S::$lanes {
                        // Which of them it is differs from row to row, so it is not branched upon.
                        let mut first = 0;
                        for vector in (0..BLOCK).rev() {
                            let is_hit = simd.$first_true(hits[vector]) < S::$lanes;
                            first = if is_hit { vector } else { first };
                        }
                        let start = (number * BLOCK + first) * S::$lanes;
                        // Not by `first_true`: pulp 0.22 counts from the last lane on processors with AVX-512.
                        let mut bits = 0_u32;
                        for (lane, &p) in row[start..start + S::$lanes].iter().enumerate() {
                            bits |= u32::from(p == value) << lane;
                        }
                        return start + bits.trailing_zeros() as usize;
                    }
                }
                let start = row.len() - rest.len() - last.len() * S::$lanes;
                row[start..].iter().position(|&p| p == value).map_or(0, |at| start + at)
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
    or_m32s,
    select_f32s,
    mask_between_m32s,
    u32,
    partial_load_f32s,
    reduce_sum_f32s,
    reduce_min_f32s,
    reduce_max_f32s
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
    or_m64s,
    select_f64s,
    mask_between_m64s,
    u64,
    partial_load_f64s,
    reduce_sum_f64s,
    reduce_min_f64s,
    reduce_max_f64s
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

    #[test]
    fn two_largest_are_visited_row_by_row() {
        for columns in [1, 2, 5, 32, 33, 40] {
            for n_rows in [1, 8, 19] {
                let values: Vec<f64> = (0..n_rows * columns).map(|i| ((i * 7919 + 5) % 13) as f64).collect();
                let narrow: Vec<f32> = values.iter().map(|&p| p as f32).collect();
                let expected: Vec<(usize, f64, f64)> = values
                    .chunks(columns)
                    .enumerate()
                    .map(|(row, values)| {
                        let mut sorted = values.to_vec();
                        sorted.sort_by(|a, b| b.total_cmp(a));
                        (row, sorted[0], sorted.get(1).copied().unwrap_or(f64::NEG_INFINITY))
                    })
                    .collect();
                let (mut wide, mut slim) = (Vec::new(), Vec::new());
                two_largest_of_rows(&values, columns, |row, a, b| wide.push((row, a, b)));
                two_largest_of_rows(&narrow, columns, |row, a, b| {
                    slim.push((row, f64::from(a), f64::from(b)));
                });
                assert_eq!((&wide, &slim), (&expected, &expected), "{n_rows} rows of {columns}");
            }
        }
    }
}
