//! How many labels are wrong.

use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_core::{
    Accumulator, AccumulatorError, Batch, Float, LabeledProbs, accumulate, fill_rows, round_half_even,
};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use crate::batch_kernels::{fetched, rows_where_value};
use crate::confident_joint::{
    CollisionRule, ConfidentJoint, ConfidentJointOptions, ConfidentTest, compute_confident_joint,
};
use crate::confident_thresholds::check_classes;
use crate::errors::CountError;
use crate::latent_estimates::estimate_joint;
use crate::row_counts::{check_counts, merge_counts};
use crate::row_kernels::given_label_is_predicted;

/// How [`num_label_issues`] counts.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum EstimationMethod {
    /// Rows confidently in a class other than their given one, unless their given label is also the predicted one.
    #[default]
    OffDiagonal,
    /// N · (1 − trace of the calibrated joint), rounded.
    OffDiagonalCalibrated,
    /// As `OffDiagonalCalibrated`, from a confident joint of the caller's.
    OffDiagonalCustom(ConfidentJoint),
}

/// Estimates how many examples have a wrong label.
///
/// # Errors
///
/// [`CountError::WrongShape`] when a confident joint of the caller's does not have one row per class.
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::{EstimationMethod, num_label_issues};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// assert_eq!(num_label_issues(&data, &EstimationMethod::OffDiagonal)?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.num_label_issues`.
pub fn num_label_issues<F: Float>(
    data: &LabeledProbs<'_, F>,
    method: &EstimationMethod,
) -> Result<u64, CountError> {
    let calibrated = |confident_joint: &ConfidentJoint| {
        let joint = estimate_joint(confident_joint, &data.label_counts())?;
        Ok(off_diagonal_count(&joint, data.len() as u64))
    };
    let joint_options = ConfidentJointOptions::default();
    match method {
        EstimationMethod::OffDiagonal => {
            let thresholds = joint_options.thresholds_for(data)?;
            Ok(accumulate(data, || IssueCountAccumulator::new(&thresholds, joint_options.collision))?
                .finish())
        }
        EstimationMethod::OffDiagonalCalibrated => {
            calibrated(&compute_confident_joint(data, &joint_options)?)
        }
        EstimationMethod::OffDiagonalCustom(confident_joint) => {
            let (rows, columns) = confident_joint.counts().dim();
            if rows != data.n_classes() {
                let expected = data.n_classes();
                return Err(CountError::WrongShape { what: "confident_joint", rows, columns, expected });
            }
            calibrated(confident_joint)
        }
    }
}

/// Calls `visit` with the position of each row that is confidently in another class and whose given label is not
/// predicted.
fn visit_confident_issues<F: Float>(
    test: &ConfidentTest<F>,
    batch: &Batch<'_, F>,
    mut visit: impl FnMut(usize),
) {
    let classes = test.confident_classes(batch);
    let none = batch.n_classes() as u32;
    rows_where_value(
        batch,
        &classes,
        |label, class| usize::from(class != label) & usize::from(class != none) > 0,
        |positions| {
            let own = fetched(batch, positions, |_, label| label);
            let confident = fetched(batch, positions, |position, _| classes[position] as usize);
            for ((&position, own), confident) in positions.iter().zip(own).zip(confident) {
                let (label, probs) = batch.row(position as usize);
                // Mostly the confident class is the one that is predicted instead.
                if confident > own + FLOATING_POINT_COMPARISON || !given_label_is_predicted(probs, label) {
                    visit(position as usize);
                }
            }
        },
    );
}

/// The rows that [`EstimationMethod::OffDiagonal`] counts, as a mask.
///
/// # Shapes
///
/// Returns N flags.
///
/// # Errors
///
/// As [`compute_confident_joint`].
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::{ConfidentJointOptions, find_confident_issues};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// let mask = find_confident_issues(&data, &ConfidentJointOptions::default())?;
/// assert_eq!(mask, [false, false, false, false, true]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.num_label_issues(estimation_method='off_diagonal')`.
pub fn find_confident_issues<F: Float>(
    data: &LabeledProbs<'_, F>,
    options: &ConfidentJointOptions,
) -> Result<Vec<bool>, CountError> {
    let test = ConfidentTest::<F>::new(&options.thresholds_for(data)?, options.collision);
    let mut mask = vec![false; data.len()];
    fill_rows(data, &mut mask, |batch, out| {
        visit_confident_issues(&test, batch, |position| out[position] = true);
    });
    Ok(mask)
}

/// For each row of a batch, whether [`EstimationMethod::OffDiagonal`] counts it: [`find_confident_issues`] for data that
/// come in batches, with their thresholds.
///
/// ```
/// use cleanlab_core::Batch;
/// use cleanlab_count::{CollisionRule, flag_confident_issues};
/// use ndarray::array;
///
/// let batch = Batch::new(&[0, 1, 1], &[0.9, 0.1, 0.2, 0.8, 0.95, 0.05], 2, 0)?;
/// let mut flags = [false; 3];
/// flag_confident_issues(&batch, &array![0.8, 0.8], CollisionRule::default(), &mut flags)?;
/// assert_eq!(flags, [false, false, true]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`AccumulatorError::Classes`] when there is not one threshold per class.
///
/// # Panics
///
/// If there are fewer flags than rows.
pub fn flag_confident_issues<F: Float>(
    batch: &Batch<'_, F>,
    thresholds: &Array1<f64>,
    collision: CollisionRule,
    flags: &mut [bool],
) -> Result<(), AccumulatorError> {
    check_classes(thresholds.len(), batch.n_classes())?;
    let test = ConfidentTest::<F>::new(thresholds, collision);
    flags.fill(false);
    visit_confident_issues(&test, batch, |position| flags[position] = true);
    Ok(())
}

/// N · (1 − trace) of a joint distribution, rounded: what [`EstimationMethod::OffDiagonalCalibrated`] counts among N
/// examples.
///
/// ```
/// use cleanlab_count::off_diagonal_count;
/// use ndarray::array;
/// assert_eq!(off_diagonal_count(&array![[0.5, 0.1], [0.0, 0.4]], 50), 5);
/// ```
///
/// # Source
///
/// `cleanlab.count.num_label_issues(estimation_method='off_diagonal_calibrated')`.
#[must_use]
pub fn off_diagonal_count(joint: &Array2<f64>, n_examples: u64) -> u64 {
    let share = 1.0 - joint.diag().sum();
    round_half_even(share * n_examples as f64).max(0.0) as u64
}

/// The pass of [`EstimationMethod::OffDiagonal`], for data that comes in batches.
///
/// ```
/// use cleanlab_core::{Accumulator, Batch};
/// use cleanlab_count::{CollisionRule, IssueCountAccumulator};
/// use ndarray::array;
///
/// let mut pass = IssueCountAccumulator::new(&array![0.8, 0.8], CollisionRule::default());
/// pass.update(&Batch::new(&[0, 1, 1], &[0.9, 0.1, 0.2, 0.8, 0.95, 0.05], 2, 0)?)?;
/// assert_eq!(pass.finish(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IssueCountAccumulator {
    thresholds: Vec<f64>,
    collision: CollisionRule,
    count: u64,
}

impl IssueCountAccumulator {
    /// A pass that has seen no row yet. There is one threshold per class.
    #[must_use]
    pub fn new(thresholds: &Array1<f64>, collision: CollisionRule) -> Self {
        Self { thresholds: thresholds.to_vec(), collision, count: 0 }
    }
}

impl Accumulator for IssueCountAccumulator {
    const NAME: &'static str = "issue count";
    type Output = u64;

    fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
        check_classes(self.thresholds.len(), batch.n_classes())?;
        let test = ConfidentTest::<F>::new(&self.thresholds, self.collision);
        visit_confident_issues(&test, batch, |_| self.count += 1);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
        check_classes(self.thresholds.len(), other.thresholds.len())?;
        if self.thresholds != other.thresholds || self.collision != other.collision {
            return Err(AccumulatorError::Incompatible { what: "thresholds or collision rules" });
        }
        merge_counts(std::slice::from_mut(&mut self.count), &[other.count])
    }

    fn finish(self) -> u64 {
        self.count
    }

    fn check(&self) -> Result<(), AccumulatorError> {
        check_counts(&[self.count])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cleanlab_core::{Labels, PredProbs, RandomState};

    #[test]
    fn issues_are_rows_confidently_of_another_class_whose_label_is_not_predicted() {
        let mut random = RandomState::new(4);
        // Short rows have no notes.
        for (n, k) in [(900, 3), (900, 12), (40, 70)] {
            let labels: Vec<u32> = (0..n).map(|_| random.randint(0, k as i64).unwrap() as u32).collect();
            let probs: Vec<f64> = (0..n * k).map(|_| random.randint(0, 9).unwrap() as f64 / 8.0).collect();
            let data =
                LabeledProbs::new(Labels::new(&labels).unwrap(), PredProbs::from_slice(&probs, k).unwrap())
                    .unwrap();
            let options = ConfidentJointOptions::default();
            let thresholds = options.thresholds_for(&data).unwrap();
            let expected: Vec<bool> = probs
                .chunks_exact(k)
                .zip(&labels)
                .map(|(row, &label)| {
                    let reached: Vec<usize> = (0..k)
                        .filter(|&class| row[class] >= thresholds[class] - FLOATING_POINT_COMPARISON)
                        .collect();
                    let first_largest =
                        |best: usize, class: usize| if row[class] > row[best] { class } else { best };
                    let confident = match reached.len() {
                        0 | 1 => reached.first().copied(),
                        _ => (0..k).reduce(first_largest),
                    };
                    let label = label as usize;
                    confident.is_some_and(|class| class != label) && !given_label_is_predicted(row, label)
                })
                .collect();
            let count = expected.iter().filter(|&&is_issue| is_issue).count() as u64;
            assert!(count > 0);
            assert_eq!(find_confident_issues(&data, &options).unwrap(), expected);
            assert_eq!(num_label_issues(&data, &EstimationMethod::OffDiagonal).unwrap(), count);
            let middle = n / 3;
            let parts = [middle..n, 0..middle].map(|part| {
                let (labels, probs) = (&labels[part.clone()], &probs[part.start * k..part.end * k]);
                Batch::new(labels, probs, k, part.start as u64).unwrap()
            });
            let [mut pass, other] = parts.each_ref().map(|batch| {
                let mut pass = IssueCountAccumulator::new(&thresholds, options.collision);
                pass.update(batch).unwrap();
                pass
            });
            pass.merge(other).unwrap();
            assert!(pass.check().is_ok());
            assert_eq!(pass.finish(), count);
            let mut flags = vec![true; n - middle];
            flag_confident_issues(&parts[0], &thresholds, options.collision, &mut flags).unwrap();
            assert_eq!(flags, expected[middle..]);
        }
    }

    #[test]
    fn passes_of_other_thresholds_or_rules_are_not_merged() {
        let thresholds = ndarray::array![0.5, 0.5];
        let pass = || IssueCountAccumulator::new(&thresholds, CollisionRule::LargestOfAll);
        let other = |thresholds, rule| pass().merge(IssueCountAccumulator::new(&thresholds, rule));
        assert!(other(thresholds.clone(), CollisionRule::LargestOfAll).is_ok());
        for (thresholds, rule) in [
            (ndarray::array![0.5, 0.25], CollisionRule::LargestOfAll),
            (thresholds.clone(), CollisionRule::LargestOfConfident),
        ] {
            assert!(matches!(other(thresholds, rule), Err(AccumulatorError::Incompatible { .. })));
        }
        let wider = other(ndarray::array![0.5, 0.5, 0.5], CollisionRule::LargestOfAll);
        assert!(matches!(wider, Err(AccumulatorError::Classes { expected: 2, found: 3 })));
    }

    #[test]
    fn off_diagonal_count_rounds_the_share_of_examples() {
        let joint = |off: f64| ndarray::array![[0.5 - off, off], [0.0, 0.5]];
        assert_eq!([0.1, 0.25, 0.0].map(|off| off_diagonal_count(&joint(off), 50)), [5, 12, 0]);
        assert_eq!(off_diagonal_count(&(joint(0.0) * 2.0), 50), 0);
    }

    #[test]
    fn num_label_issues_of_a_joint_of_ones_own_needs_one_of_all_classes() {
        let probs = ndarray::array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8]];
        let labels = Labels::new(&[0, 0, 1, 1]).unwrap();
        let data = LabeledProbs::new(labels, PredProbs::new(probs).unwrap()).unwrap();
        let count = |counts| {
            let confident_joint = ConfidentJoint::from_counts(counts).unwrap();
            num_label_issues(&data, &EstimationMethod::OffDiagonalCustom(confident_joint))
        };
        assert_eq!(count(ndarray::array![[1, 1], [0, 2]]), Ok(1));
        assert!(matches!(
            count(ndarray::Array2::from_elem((3, 3), 1)),
            Err(CountError::WrongShape { what: "confident_joint", rows: 3, expected: 2, .. })
        ));
    }

    #[test]
    fn a_label_within_the_tolerance_of_the_confident_class_is_predicted() {
        let mut pass = IssueCountAccumulator::new(&ndarray::array![0.6, 0.4], CollisionRule::LargestOfAll);
        let next = 0.5 + FLOATING_POINT_COMPARISON;
        pass.update(&Batch::new(&[0], &[0.5, next], 2, 0).unwrap()).unwrap();
        assert_eq!(pass.clone().finish(), 0);
        pass.update(&Batch::new(&[0], &[0.5, next.next_up()], 2, 1).unwrap()).unwrap();
        assert_eq!(pass.finish(), 1);
    }

    #[test]
    fn issue_count_beyond_what_can_be_added_to_is_refused() {
        let pass = |count| IssueCountAccumulator {
            count,
            ..IssueCountAccumulator::new(&ndarray::array![0.5], CollisionRule::LargestOfAll)
        };
        assert!(pass(1).check().is_ok());
        assert!(pass(u64::MAX).check().is_err());
    }
}
