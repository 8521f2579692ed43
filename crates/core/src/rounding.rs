//! Rounding to whole counts without changing totals.

use ndarray::{Array2, ArrayView2};

use crate::constants::FLOATING_POINT_COMPARISON;
use crate::summation::pairwise_sum;

/// Rounds to the nearest integer, halves to the even one, as `numpy.round` does.
///
/// ```
/// assert_eq!(cleanlab_core::round_half_even(2.5), 2.0);
/// assert_eq!(cleanlab_core::round_half_even(3.5), 4.0);
/// ```
#[must_use]
pub fn round_half_even(value: f64) -> f64 {
    value.round_ties_even()
}

/// Rounds every value so that the total stays the rounded total.
///
/// Each value is rounded half to even; then the values that were rounded down furthest are raised by 1 (or those
/// rounded up furthest lowered) until the total is right. Among equal remainders the later value is raised first and
/// the earlier one lowered first.
///
/// ```
/// assert_eq!(cleanlab_core::round_preserving_sum(&[0.4, 0.4, 0.2]), [0, 1, 0]);
/// assert_eq!(cleanlab_core::round_preserving_sum(&[0.5, 1.5, 0.9]), [0, 2, 1]);
/// ```
///
/// # Source
///
/// `cleanlab.internal.util.round_preserving_sum`, with stable sorts. NaN counts as 0.
///
/// # Differences
///
/// From 2^53 on, adding 1 to a value may change nothing; cleanlab goes on forever then. Here the total is as near as it
/// was.
#[must_use]
pub fn round_preserving_sum(values: &[f64]) -> Vec<i64> {
    let mut rounded: Vec<f64> = values.iter().map(|&value| round_half_even(value)).collect();
    let target = round_half_even(pairwise_sum(values));
    let mut nearest = f64::INFINITY;
    loop {
        let difference = round_half_even(target - rounded.iter().sum::<f64>());
        // Also leaves on NaN, which no repair can mend, and where the last repair brought the total no nearer.
        if difference.is_nan()
            || difference.abs() <= FLOATING_POINT_COMPARISON
            || difference.abs() >= nearest
            || values.is_empty()
        {
            break;
        }
        nearest = difference.abs();
        let changes = (difference.abs() as usize).min(values.len());
        // As a stable sort would put them; only which values change matters, not their order.
        let by_remainder = |&a: &usize, &b: &usize| {
            (values[a] - rounded[a]).total_cmp(&(values[b] - rounded[b])).then(a.cmp(&b))
        };
        let mut order: Vec<usize> = (0..values.len()).collect();
        if difference > 0.0 {
            let first = values.len() - changes;
            order.select_nth_unstable_by(first, by_remainder);
            order[first..].iter().for_each(|&i| rounded[i] += 1.0);
        } else {
            order.select_nth_unstable_by(changes - 1, by_remainder);
            order[..changes].iter().for_each(|&i| rounded[i] -= 1.0);
        }
    }
    rounded.into_iter().map(|value| value as i64).collect()
}

/// Applies [`round_preserving_sum`] to every row.
///
/// ```
/// use ndarray::array;
/// let rounded = cleanlab_core::round_preserving_row_totals(array![[1.4, 1.6], [0.3, 2.7]].view());
/// assert_eq!(rounded, array![[1, 2], [0, 3]]);
/// ```
///
/// # Source
///
/// `cleanlab.internal.util.round_preserving_row_totals`.
#[must_use]
pub fn round_preserving_row_totals(matrix: ArrayView2<'_, f64>) -> Array2<i64> {
    let mut rounded = Array2::zeros(matrix.dim());
    for (row, mut out) in matrix.rows().into_iter().zip(rounded.rows_mut()) {
        for (value, out) in round_preserving_sum(&row.to_vec()).into_iter().zip(&mut out) {
            *out = value;
        }
    }
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn halves_are_rounded_to_the_even_number() {
        let values = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, 2.6];
        assert_eq!(values.map(round_half_even), [-2.0, -2.0, 0.0, 0.0, 2.0, 2.0, 2.0, 3.0]);
    }

    #[test]
    fn what_was_rounded_furthest_makes_the_total_right() {
        let cases: [(&[f64], &[i64]); 9] = [
            (&[], &[]),
            (&[0.2, 0.4, 0.3, 0.1], &[0, 1, 0, 0]),
            (&[0.4; 5], &[0, 0, 0, 1, 1]),
            (&[1.8, 0.6, 0.6, 0.0], &[2, 0, 1, 0]),
            (&[0.6; 5], &[0, 0, 1, 1, 1]),
            (&[3.0, 4.0], &[3, 4]),
            (&[0.5, 1.5, 0.9], &[0, 2, 1]),
            (&[f64::NAN, 2.0], &[0, 2]),
            (&[-0.4, -0.4, -0.4, 0.2], &[-1, 0, 0, 0]),
        ];
        for (values, expected) in cases {
            assert_eq!(round_preserving_sum(values), expected, "{values:?}");
        }
    }

    #[test]
    fn rounding_ends_where_a_unit_changes_nothing() {
        // The sum of these is one off what is rounded, which no value near 2^54 can be raised by.
        let large = (1_u64 << 54) as f64;
        let rounded = round_preserving_sum(&[large, large + 4.0, 0.4, 0.4, 0.4]);
        assert_eq!(rounded[..2], [1 << 54, (1 << 54) + 4]);
    }

    #[test]
    fn rounding_ends_where_a_repair_brings_the_total_no_nearer() {
        // In pairs the small values add up to 8 beyond the first; one after the other they are lost in it, as are the
        // units that eight values get.
        let mut values = [0.6; 16];
        values[0] = (1_u64 << 54) as f64;
        let rounded = round_preserving_sum(&values);
        assert_eq!(rounded[0], 1 << 54);
        assert_eq!(rounded[1..], [[1; 8].as_slice(), &[2; 7]].concat());
    }

    #[test]
    fn of_many_values_those_that_were_rounded_furthest_are_repaired() {
        // Remainders of 1/2 and more in no order, of which a stable sort would repair the first.
        for (scale, first) in [(1.0, 0.5), (-1.0, -0.5)] {
            let values: Vec<f64> = (0..1000)
                .map(|i: i32| f64::from(i % 3) + first + scale * f64::from(i * 379 % 1000) / 2002.0)
                .collect();
            let mut expected: Vec<f64> = values.iter().copied().map(round_half_even).collect();
            let total: f64 = values.iter().sum();
            let off = round_half_even(total) - expected.iter().sum::<f64>();
            assert!(off.abs() > 100.0, "{off}");
            let mut order: Vec<usize> = (0..1000).collect();
            order.sort_by(|&a, &b| (values[a] - expected[a]).total_cmp(&(values[b] - expected[b])));
            let changed = if off > 0.0 { &order[1000 - off as usize..] } else { &order[..-off as usize] };
            for &i in changed {
                expected[i] += off.signum();
            }
            let expected: Vec<i64> = expected.into_iter().map(|value| value as i64).collect();
            assert_eq!(round_preserving_sum(&values), expected);
        }
    }

    #[test]
    fn every_row_keeps_its_total() {
        let rounded = round_preserving_row_totals(array![[0.4, 0.4, 0.2], [0.6, 0.6, 0.8]].view());
        assert_eq!(rounded, array![[0, 1, 0], [0, 1, 1]]);
    }
}
