//! Confident joints that are scaled to the numbers of labels.

use std::borrow::Cow;

use cleanlab_core::constants::TINY_VALUE;
use cleanlab_core::{pairwise_sum_by, round_preserving_sum};
use ndarray::{Array2, ArrayView2, ArrayViewMut1, Axis};
use rayon::prelude::*;

use crate::confident_joint::ConfidentJoint;
use crate::errors::{CountError, check_length, check_sum};

/// Scales the rows of a confident joint to the number of labels of each class, and rounds to whole examples so that
/// each row keeps its total.
///
/// # Shapes
///
/// `label_counts` has one entry per class; see [`Labels::counts`](cleanlab_core::Labels::counts).
///
/// # Errors
///
/// [`CountError::WrongLength`] when there is not one label count per class; [`CountError::TooManyCounts`].
///
/// # Example
///
/// ```
/// use cleanlab_count::{ConfidentJoint, calibrate_confident_joint};
/// use ndarray::array;
///
/// let confident_joint = ConfidentJoint::from_counts(array![[3, 1], [0, 2]])?;
/// let calibrated = calibrate_confident_joint(&confident_joint, &[40, 10])?;
/// assert_eq!(calibrated.counts(), array![[30, 10], [0, 10]]);
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.calibrate_confident_joint`.
pub fn calibrate_confident_joint(
    confident_joint: &ConfidentJoint,
    label_counts: &[u64],
) -> Result<ConfidentJoint, CountError> {
    let counts = confident_joint.counts();
    let k = counts.nrows();
    check_length("label_counts", label_counts.len(), k)?;
    check_sum("label_counts", label_counts)?;
    let row_sums = row_sums_of(counts);
    let scaled = |i: usize, count: u64| match count {
        0 => 0.0,
        count => count as f64 / row_sums[i].max(TINY_VALUE) * label_counts[i] as f64,
    };
    // In the order of the matrix in memory, which is the order that NumPy sums in.
    let columns = counts.t();
    let (values, by_column) = match columns.as_slice() {
        Some(values) if k > 1 => (Cow::from(values), true),
        _ => match counts.as_slice() {
            Some(values) => (Cow::from(values), false),
            None => (counts.iter().copied().collect(), false),
        },
    };
    let scaled_at = |at: usize| match values[at] {
        0 => 0.0,
        count => scaled(if by_column { at % k } else { at / k }, count),
    };
    let total = pairwise_sum_by(values.len(), &scaled_at).max(TINY_VALUE);
    drop(values);
    let n_labels = label_counts.iter().sum::<u64>() as f64;
    let mut calibrated = Array2::zeros((k, k));
    let round_row = |values: &mut Vec<f64>, (i, mut out): (usize, ArrayViewMut1<'_, u64>)| {
        values.clear();
        values.extend(counts.row(i).iter().map(|&count| scaled(i, count) / total * n_labels));
        let rounded = round_preserving_sum(values);
        out.iter_mut().zip(rounded).for_each(|(out, count)| *out = count.max(0) as u64);
    };
    let rows = calibrated.axis_iter_mut(Axis(0)).into_par_iter().enumerate();
    rows.with_min_len(ROWS_PER_TASK).for_each_init(Vec::new, round_row);
    Ok(ConfidentJoint(calibrated))
}

/// Rows of a matrix of counts that are worth a thread: neighbours in a column-major matrix share cache lines.
const ROWS_PER_TASK: usize = 32;

/// The sum of each row, whatever the order in memory. That of all counts fits its type, so these need no check.
fn row_sums_of(counts: ArrayView2<'_, u64>) -> Vec<f64> {
    let mut sums = vec![0_u64; counts.nrows()];
    for column in counts.columns() {
        sums.iter_mut().zip(column).for_each(|(sum, &count)| *sum = sum.wrapping_add(count));
    }
    sums.into_iter().map(|sum| sum as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn calibrate_confident_joint_counts_beyond_64_bits_are_refused() {
        let joint = ConfidentJoint::from_counts(array![[3, 1], [0, 2]]).unwrap();
        assert_eq!(
            calibrate_confident_joint(&joint, &[u64::MAX, 1]),
            Err(CountError::TooManyCounts { what: "label_counts" })
        );
    }

    #[test]
    fn calibrate_confident_joint_ends_for_counts_beyond_whole_numbers() {
        let joint =
            ConfidentJoint::from_counts(Array2::from_shape_fn((8, 8), |(i, j)| (i * j + 1) as u64)).unwrap();
        let calibrated = calibrate_confident_joint(&joint, &[1 << 60; 8]).unwrap();
        assert!(calibrated.counts().rows().into_iter().all(|row| row.sum().abs_diff(1 << 60) < 1 << 12));
    }

    #[test]
    fn calibrate_confident_joint_scales_rows_to_label_counts_in_either_order_of_memory() {
        let counts = array![[7, 1, 2], [0, 40, 10], [1, 1, 98]];
        let by_columns =
            Array2::from_shape_vec(ndarray::ShapeBuilder::f((3, 3)), counts.t().iter().copied().collect());
        for counts in [counts, by_columns.unwrap()] {
            let joint = ConfidentJoint::from_counts(counts).unwrap();
            let calibrated = calibrate_confident_joint(&joint, &[1000, 100, 10]).unwrap();
            assert_eq!(calibrated.counts(), array![[700, 100, 200], [0, 80, 20], [0, 0, 10]]);
        }
    }
}
