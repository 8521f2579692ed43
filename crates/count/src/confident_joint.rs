//! Counts of (given label, confidently true label) pairs.

use std::hint::select_unpredictable;

use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_core::{
    Accumulator, AccumulatorError, BLOCK_ROWS, Batch, Float, LabeledProbs, MOST_SHORT, RowBlock, RowNote,
    RowNotes, accumulate, fill_rows,
};
use ndarray::{Array1, Array2, ArrayView2, ShapeBuilder};
use pulp::{Arch, Simd, WithSimd};
use serde::{Deserialize, Serialize};

use crate::batch_kernels::{reached_in_block, rows_where};
use crate::calibration::calibrate_confident_joint;
use crate::confident_thresholds::{check_classes, get_confident_thresholds};
use crate::errors::{CountError, check_finite, check_length, check_square, check_sum};
use crate::row_counts::{check_counts, merge_counts};
use crate::row_kernels::{WORD_CLASSES, bits_where, first_where, predicted_class};

/// Counts of examples by given label (row) and confident true label (column).
///
/// # Shapes
///
/// K × K with K ≥ 1, axis 0 the given label, axis 1 the true label.
///
/// ```
/// use cleanlab_count::ConfidentJoint;
/// use ndarray::array;
///
/// let confident_joint = ConfidentJoint::from_counts(array![[8, 2], [1, 9]])?;
/// assert_eq!(confident_joint.counts()[[0, 1]], 2);
/// assert_eq!(confident_joint.n_off_diagonal(), 3);
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfidentJoint(
    // The memory layout is NumPy's: column-major as computed, row-major once calibrated. Sums run in memory order,
    // so the layout decides the last bit of a calibration, and with it how an exact half is rounded.
    pub(crate) Array2<u64>,
);

impl ConfidentJoint {
    /// Counts of the caller's own.
    ///
    /// # Errors
    ///
    /// [`CountError::WrongShape`] if the matrix is empty or not square, [`CountError::TooManyCounts`].
    pub fn from_counts(counts: Array2<u64>) -> Result<Self, CountError> {
        check_square("confident_joint", counts.dim(), counts.nrows().max(1))?;
        check_sum("confident_joint", &counts)?;
        Ok(Self(counts))
    }

    /// Refuses to count what cannot be held: memory for the counts of so many given and true classes, for calibrated ones
    /// beside them, and for those of a selection.
    ///
    /// # Errors
    ///
    /// [`CountError::TooManyClasses`].
    ///
    /// ```
    /// use cleanlab_count::{ConfidentJoint, CountError};
    ///
    /// assert_eq!(ConfidentJoint::check_memory(1000), Ok(()));
    /// let n_classes = 1 << 40;
    /// assert_eq!(ConfidentJoint::check_memory(n_classes), Err(CountError::TooManyClasses { n_classes }));
    /// ```
    pub fn check_memory(n_classes: usize) -> Result<(), CountError> {
        const MATRICES: usize = 3;
        let n_counts = n_classes.checked_mul(n_classes).and_then(|n| n.checked_mul(MATRICES));
        // Asked for in one piece, which systems refuse that lend more than they have.
        let is_there = n_counts.is_some_and(|n| Vec::<u64>::new().try_reserve_exact(n).is_ok());
        if is_there { Ok(()) } else { Err(CountError::TooManyClasses { n_classes }) }
    }

    /// The counts, K × K.
    #[must_use]
    pub fn counts(&self) -> ArrayView2<'_, u64> {
        self.0.view()
    }

    /// Number of classes K.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.0.nrows()
    }

    /// How many examples are counted in a class other than their given one.
    #[must_use]
    pub fn n_off_diagonal(&self) -> u64 {
        self.0.sum() - self.0.diag().sum()
    }
}

/// What an example counts as when it is confidently in several classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CollisionRule {
    /// The class with the largest probability of all, whether or not it reaches its own threshold; cleanlab's rule.
    #[default]
    LargestOfAll,
    /// The class with the largest probability among those whose threshold is reached; the paper's rule.
    LargestOfConfident,
}

/// Whether counts are scaled to the number of examples of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Calibration {
    /// Rows are scaled to the number of labels of each class and rounded; cleanlab's `calibrate=True`.
    #[default]
    ToLabelCounts,
    /// Raw counts of confident examples; cleanlab's `calibrate=False`.
    Uncalibrated,
}

/// How [`compute_confident_joint`] counts. The defaults are cleanlab's.
///
/// ```
/// use cleanlab_count::{Calibration, ConfidentJointOptions};
/// let options = ConfidentJointOptions::default().with_calibration(Calibration::Uncalibrated);
/// assert_eq!(options.calibration, Calibration::Uncalibrated);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ConfidentJointOptions {
    /// One threshold per class; computed from the data when `None`.
    pub thresholds: Option<Array1<f64>>,
    /// Whether rows are scaled to the label counts.
    pub calibration: Calibration,
    /// What an example counts as when it is confidently in several classes.
    pub collision: CollisionRule,
}

impl ConfidentJointOptions {
    /// Uses these thresholds, one per class, instead of computing them.
    #[must_use]
    pub fn with_thresholds(mut self, thresholds: Array1<f64>) -> Self {
        self.thresholds = Some(thresholds);
        self
    }

    /// Chooses raw or calibrated counts.
    #[must_use]
    pub fn with_calibration(mut self, calibration: Calibration) -> Self {
        self.calibration = calibration;
        self
    }

    /// Chooses the rule for examples that are confidently in several classes.
    #[must_use]
    pub fn with_collision(mut self, collision: CollisionRule) -> Self {
        self.collision = collision;
        self
    }

    /// The given thresholds, checked, or those of the data.
    pub(crate) fn thresholds_for<F: Float>(
        &self,
        data: &LabeledProbs<'_, F>,
    ) -> Result<Array1<f64>, CountError> {
        match &self.thresholds {
            None => get_confident_thresholds(data),
            Some(thresholds) => {
                check_length("thresholds", thresholds.len(), data.n_classes())?;
                check_finite("thresholds", thresholds)?;
                Ok(thresholds.clone())
            }
        }
    }
}

/// Counts examples by given label and confident true label.
///
/// An example counts for class k when its probability of k reaches the threshold of k (up to 1e-6); if it reaches
/// several, [`CollisionRule`] decides; if none, it is not counted. The diagonal is at least 1.
///
/// # Shapes
///
/// Returns K × K, axis 0 the given label, axis 1 the true label.
///
/// # Errors
///
/// [`CountError::WrongLength`] or [`CountError::NotFinite`] for thresholds of the caller's;
/// [`CountError::TooManyClasses`].
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::{ConfidentJointOptions, compute_confident_joint};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// let confident_joint = compute_confident_joint(&data, &ConfidentJointOptions::default())?;
/// assert_eq!(confident_joint.counts(), array![[2, 0], [1, 2]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// Northcutt, Jiang and Chuang 2021, equation 1; `cleanlab.count.compute_confident_joint`.
pub fn compute_confident_joint<F: Float>(
    data: &LabeledProbs<'_, F>,
    options: &ConfidentJointOptions,
) -> Result<ConfidentJoint, CountError> {
    ConfidentJoint::check_memory(data.n_classes())?;
    let thresholds = options.thresholds_for(data)?;
    let raw = raw_counts(data, &thresholds, options.collision)?;
    match options.calibration {
        Calibration::Uncalibrated => Ok(raw),
        Calibration::ToLabelCounts => calibrate_confident_joint(&raw, &data.label_counts()),
    }
}

/// The counts of a [`JointAccumulator`], without a matrix of counts for every thread where that is larger than a class
/// for every row.
fn raw_counts<F: Float>(
    data: &LabeledProbs<'_, F>,
    thresholds: &Array1<f64>,
    collision: CollisionRule,
) -> Result<ConfidentJoint, CountError> {
    let mut joint = JointAccumulator::new(thresholds, collision);
    let k = data.n_classes();
    if size_of_val(joint.counts.as_slice()) <= data.len() * size_of::<u32>() {
        return Ok(accumulate(data, || JointAccumulator::new(thresholds, collision))?.finish());
    }
    let test = ConfidentTest::<F>::new(thresholds, collision);
    let mut classes = vec![0_u32; data.len()];
    fill_rows(data, &mut classes, |batch, out| out.copy_from_slice(&test.confident_classes(batch)));
    for (&label, class) in data.labels().as_slice().iter().zip(classes) {
        if let Some(count) = joint.counts.get_mut(class as usize * k + label as usize) {
            *count += 1;
        }
    }
    Ok(joint.finish())
}

/// The rows that are confidently in another class than their given one: the label errors of confident learning.
///
/// `options.calibration` plays no part: it scales counts, not rows.
///
/// # Shapes
///
/// Row indices in ascending order.
///
/// # Errors
///
/// As [`compute_confident_joint`].
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::{ConfidentJointOptions, find_off_diagonal_rows};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// assert_eq!(find_off_diagonal_rows(&data, &ConfidentJointOptions::default())?, [4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.compute_confident_joint(return_indices_of_off_diagonals=True)`.
#[doc(alias = "return_indices_of_off_diagonals")]
pub fn find_off_diagonal_rows<F: Float>(
    data: &LabeledProbs<'_, F>,
    options: &ConfidentJointOptions,
) -> Result<Vec<usize>, CountError> {
    let thresholds = options.thresholds_for(data)?;
    let test = ConfidentTest::<F>::new(&thresholds, options.collision);
    let mut off_diagonal = vec![false; data.len()];
    fill_rows(data, &mut off_diagonal, |batch, out| {
        let classes = test.confident_classes(batch);
        for ((&label, class), out) in batch.labels().iter().zip(classes).zip(out) {
            *out = class as usize != batch.n_classes() && class != label;
        }
    });
    Ok(off_diagonal.iter().enumerate().filter_map(|(row, &off)| off.then_some(row)).collect())
}

/// The pass that [`compute_confident_joint`] makes once thresholds are known, for data that comes in batches. Gives
/// raw counts.
///
/// ```
/// use cleanlab_core::{Accumulator, Batch};
/// use cleanlab_count::{CollisionRule, JointAccumulator};
/// use ndarray::array;
///
/// let mut pass = JointAccumulator::new(&array![0.8, 0.8], CollisionRule::default());
/// pass.update(&Batch::new(&[0, 1, 1], &[0.9, 0.1, 0.2, 0.8, 0.95, 0.05], 2, 0)?)?;
/// assert_eq!(pass.finish().counts(), array![[1, 0], [1, 1]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JointAccumulator {
    thresholds: Vec<f64>,
    collision: CollisionRule,
    /// Column-major, axis 0 the given label, as the finished matrix is.
    counts: Vec<u64>,
}

impl JointAccumulator {
    /// A pass that has seen no row yet. There is one threshold per class.
    #[must_use]
    pub fn new(thresholds: &Array1<f64>, collision: CollisionRule) -> Self {
        let k = thresholds.len();
        Self { thresholds: thresholds.to_vec(), collision, counts: vec![0; k * k] }
    }
}

impl Accumulator for JointAccumulator {
    const NAME: &'static str = "confident joint";
    type Output = ConfidentJoint;

    fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
        let k = self.thresholds.len();
        check_classes(k, batch.n_classes())?;
        let test = ConfidentTest::<F>::new(&self.thresholds, self.collision);
        let classes = test.confident_classes(batch);
        let cell_of = |label: u32, class: u32| (class as usize).wrapping_mul(k).wrapping_add(label as usize);
        let cells = batch.labels().iter().zip(classes).map(|(&label, class)| cell_of(label, class));
        if batch.len() < self.counts.len() {
            cells.for_each(|cell| self.counts.get_mut(cell).into_iter().for_each(|count| *count += 1));
            return Ok(());
        }
        // With a column for the rows without a class, which class a row has need not be guessed. Cells are found within
        // bounds, so that they are not checked as numbers.
        let mut counts = vec![0; k * (k + 1)];
        cells.for_each(|cell| counts[cell] += 1);
        self.counts.iter_mut().zip(counts).for_each(|(count, more): (_, u64)| *count += more);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
        check_classes(self.thresholds.len(), other.thresholds.len())?;
        if self.thresholds != other.thresholds || self.collision != other.collision {
            return Err(AccumulatorError::Incompatible { what: "thresholds or collision rules" });
        }
        merge_counts(&mut self.counts, &other.counts)
    }

    fn finish(mut self) -> ConfidentJoint {
        let k = self.thresholds.len();
        self.counts.iter_mut().step_by(k + 1).for_each(|count| *count = (*count).max(1));
        let shape = (k, k).f();
        ConfidentJoint(Array2::from_shape_vec(shape, self.counts).unwrap_or_else(|_| Array2::ones(shape)))
    }

    fn check(&self) -> Result<(), AccumulatorError> {
        let k = self.thresholds.len();
        if k == 0 || k.checked_mul(k) != Some(self.counts.len()) {
            return Err(AccumulatorError::Corrupt {
                reason: format!("{} counts for {k} classes", self.counts.len()),
            });
        }
        check_counts(&self.counts)
    }
}

/// Which class an example is confidently in.
pub(crate) struct ConfidentTest<F> {
    cuts: Vec<F>,
    collision: CollisionRule,
}

impl<F: Float> ConfidentTest<F> {
    pub(crate) fn new<'t>(thresholds: impl IntoIterator<Item = &'t f64>, collision: CollisionRule) -> Self {
        let cut = |threshold: &f64| F::at_least(threshold - FLOATING_POINT_COMPARISON);
        Self { cuts: thresholds.into_iter().map(cut).collect(), collision }
    }

    /// The class that each row is confidently in; the number of classes where there is none. Whether there is one is
    /// often a coin toss, which a number spares the processor from guessing.
    pub(crate) fn confident_classes(&self, batch: &Batch<'_, F>) -> Vec<u32> {
        let mut classes = vec![0; batch.len()];
        match batch.notes() {
            Some(notes) => self.classes_by_notes(batch, &notes, &mut classes),
            None => Arch::new().dispatch(ConfidentClasses { test: self, batch, out: &mut classes }),
        }
        classes
    }

    /// By either rule a row is confidently in its predicted class where that reaches its cut. Where it does not, and
    /// even the second largest probability is below every cut, the row is in none. Only other rows are read.
    fn classes_by_notes(&self, batch: &Batch<'_, F>, notes: &RowNotes<'_>, out: &mut [u32]) {
        let levels: Vec<u8> = self.cuts.iter().map(|cut| RowNotes::level(cut.to_f64())).collect();
        let lowest = levels.iter().copied().min().unwrap_or_default();
        let none = self.cuts.len() as u32;
        for (note, class) in notes.iter().zip(&mut *out) {
            let reached = note.largest > levels[usize::from(note.predicted_class)];
            *class = select_unpredictable(reached, u32::from(note.predicted_class), none);
        }
        let is_open = |_, note: RowNote| {
            let level = levels[usize::from(note.predicted_class)];
            let others_may_reach = usize::from(note.largest < level) & usize::from(note.second >= lowest);
            others_may_reach | usize::from(note.largest == level) > 0
        };
        rows_where(batch, notes, is_open, |positions| {
            for &position in positions {
                out[position as usize] = self.class_of_row(batch.row(position as usize).1);
            }
        });
    }

    #[inline(always)]
    fn classes_of_short_rows(&self, batch: &Batch<'_, F>, out: &mut [u32]) {
        let k = batch.n_classes();
        let (out_blocks, out_rest) = out.as_chunks_mut::<BLOCK_ROWS>();
        let start_of_rest = out_blocks.len() * BLOCK_ROWS;
        for (block, out) in RowBlock::of_rows(batch.pred_probs(), k).zip(out_blocks) {
            let (counts, classes) = reached_in_block(&block, &self.cuts[..k]);
            for lane in 0..BLOCK_ROWS {
                let count = counts[lane].to_f64() as u32;
                out[lane] = if count == 0 { k as u32 } else { classes[lane].to_f64() as u32 };
                if count > 1 {
                    out[lane] = self.one_of_several(block.row(lane));
                }
            }
        }
        for (offset, out) in out_rest.iter_mut().enumerate() {
            *out = self.class_of_row(batch.row(start_of_rest + offset).1);
        }
    }

    #[inline(always)]
    fn class_of_row(&self, probs: &[F]) -> u32 {
        let cuts = &self.cuts[..probs.len()];
        if probs.len() <= WORD_CLASSES {
            let bits = bits_where(probs, |class, p| p >= cuts[class]);
            return match bits.count_ones() {
                0 => probs.len() as u32,
                1 => bits.trailing_zeros(),
                _ => self.one_of_several(probs),
            };
        }
        match self.count_confident(probs) {
            0 => probs.len() as u32,
            1 => first_where(probs, |class, p| p >= cuts[class]).unwrap_or(probs.len()) as u32,
            _ => self.one_of_several(probs),
        }
    }

    /// How many classes are confident, in lanes that vectorise, which checked additions would not.
    #[inline(always)]
    fn count_confident(&self, probs: &[F]) -> u32 {
        const LANES: usize = 16;
        let mut lanes = [0_u32; LANES];
        let (blocks, rest) = probs.as_chunks::<LANES>();
        let (cut_blocks, cut_rest) = self.cuts.as_chunks::<LANES>();
        for (block, cuts) in blocks.iter().zip(cut_blocks) {
            for ((lane, p), cut) in lanes.iter_mut().zip(block).zip(cuts) {
                *lane = lane.wrapping_add(u32::from(p >= cut));
            }
        }
        let in_rest = rest.iter().zip(cut_rest).map(|(p, cut)| u32::from(p >= cut));
        lanes.into_iter().sum::<u32>() + in_rest.sum::<u32>()
    }

    /// The class of a row that reaches several cuts.
    #[inline(always)]
    fn one_of_several(&self, probs: &[F]) -> u32 {
        let class = match self.collision {
            CollisionRule::LargestOfAll => Some(predicted_class(probs)),
            CollisionRule::LargestOfConfident => {
                let reached = (0..probs.len()).filter(|&class| probs[class] >= self.cuts[class]);
                reached.reduce(|best, class| if probs[class] > probs[best] { class } else { best })
            }
        };
        class.unwrap_or(probs.len()) as u32
    }
}

struct ConfidentClasses<'a, 'b, F: Float> {
    test: &'a ConfidentTest<F>,
    batch: &'a Batch<'b, F>,
    out: &'a mut [u32],
}

impl<F: Float> WithSimd for ConfidentClasses<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { test, batch, out } = self;
        if batch.n_classes() <= MOST_SHORT {
            test.classes_of_short_rows(batch, out);
            return;
        }
        for ((_, _, probs), class) in batch.iter().zip(out) {
            *class = test.class_of_row(probs);
        }
    }
}

#[cfg(test)]
mod tests {
    mod by_definition;

    use super::*;
    use cleanlab_core::{Labels, PredProbs};
    use ndarray::array;

    #[test]
    fn confident_class_collision_follows_the_rule() {
        // Confident in classes 0 and 1; class 2 is the largest but below its own threshold.
        let thresholds = array![0.2, 0.25, 0.9];
        let probs = [0.25, 0.3, 0.45];
        let class = |rule| ConfidentTest::<f64>::new(&thresholds, rule).class_of_row(&probs);
        assert_eq!(class(CollisionRule::LargestOfAll), 2);
        assert_eq!(class(CollisionRule::LargestOfConfident), 1);
    }

    #[test]
    fn confident_class_f32_cut_equals_widened_comparison() {
        let thresholds = array![0.1 + 1e-6, 0.5];
        for p in [0.1_f32.next_down(), 0.1, 0.1_f32.next_up()] {
            let narrow =
                ConfidentTest::<f32>::new(&thresholds, CollisionRule::default()).class_of_row(&[p, 0.0]);
            let wide = ConfidentTest::<f64>::new(&thresholds, CollisionRule::default())
                .class_of_row(&[f64::from(p), 0.0]);
            assert_eq!(narrow, wide);
        }
    }

    #[test]
    fn compute_confident_joint_of_more_classes_than_memory_holds_is_refused() {
        let n_classes = 1_000_000;
        let pred_probs = Array2::from_elem((2, n_classes), 1e-6_f32);
        let data =
            LabeledProbs::new(Labels::new(&[0, 1]).unwrap(), PredProbs::new(pred_probs.view()).unwrap())
                .unwrap();
        assert_eq!(
            compute_confident_joint(&data, &ConfidentJointOptions::default()),
            Err(CountError::TooManyClasses { n_classes })
        );
    }

    #[test]
    fn compute_confident_joint_wrong_thresholds_are_refused() {
        let data = LabeledProbs::new(
            Labels::new(&[0, 1]).unwrap(),
            PredProbs::new(array![[0.9, 0.1], [0.2, 0.8]]).unwrap(),
        )
        .unwrap();
        let with = |thresholds| ConfidentJointOptions::default().with_thresholds(thresholds);
        assert_eq!(
            compute_confident_joint(&data, &with(array![0.5])),
            Err(CountError::WrongLength { what: "thresholds", found: 1, expected: 2 })
        );
        assert!(matches!(
            compute_confident_joint(&data, &with(array![0.5, f64::NAN])),
            Err(CountError::NotFinite { what: "thresholds", index: 1, .. })
        ));
    }

    #[test]
    fn joint_accumulator_refuses_passes_of_others_and_states_that_are_none() {
        let pass = |thresholds, rule| JointAccumulator::new(&thresholds, rule);
        let merged = |thresholds, rule| {
            pass(array![0.5, 0.5], CollisionRule::LargestOfAll).merge(pass(thresholds, rule))
        };
        assert!(merged(array![0.5, 0.5], CollisionRule::LargestOfAll).is_ok());
        for (thresholds, rule) in [
            (array![0.5, 0.25], CollisionRule::LargestOfAll),
            (array![0.5, 0.5], CollisionRule::LargestOfConfident),
        ] {
            assert!(matches!(merged(thresholds, rule), Err(AccumulatorError::Incompatible { .. })));
        }
        let state = |k: usize, counts: usize| JointAccumulator {
            thresholds: vec![0.5; k],
            collision: CollisionRule::LargestOfAll,
            counts: vec![0; counts],
        };
        assert!(state(3, 9).check().is_ok());
        for (k, counts) in [(0, 0), (2, 3), (3, 10)] {
            assert!(matches!(state(k, counts).check(), Err(AccumulatorError::Corrupt { .. })));
        }
    }
}
