//! The estimates of `cleanlab.count(multi_label=True)`: one 2 × 2 matrix per class.

use cleanlab_core::Float;
use cleanlab_count::{Calibration, ConfidentJoint};
use ndarray::{Array2, Array3, ArrayView3, Axis, ShapeBuilder};

use crate::errors::MultilabelError;
use crate::multi_labels::MultiLabels;
use crate::multilabel_probs::MultilabelProbs;
use crate::row_passes::{
    ConfidentTest, LANES, LabelCounts, confident_thresholds, fold_annotations, rows_where,
};

/// For each class, how many examples are given and confidently truly have it.
///
/// # Shapes
///
/// K × 2 × 2: axis 0 the class, axis 1 whether it is given (1) or not (0), axis 2 whether it is confidently true.
///
/// ```
/// use cleanlab_multilabel::MultilabelConfidentJoint;
/// use ndarray::array;
///
/// let confident_joint = MultilabelConfidentJoint::from_counts(array![[[7, 1], [2, 10]]])?;
/// assert_eq!(confident_joint.counts()[[0, 1, 0]], 2);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultilabelConfidentJoint(Array3<u64>);

impl MultilabelConfidentJoint {
    /// Counts of the caller's own.
    ///
    /// # Errors
    ///
    /// [`MultilabelError::WrongShape`] if the shape is not K × 2 × 2 with K ≥ 1.
    pub fn from_counts(counts: Array3<u64>) -> Result<Self, MultilabelError> {
        let n_classes = counts.len_of(Axis(0)).max(1);
        check_shape("confident_joint", counts.shape(), n_classes)?;
        // Row-major, as the reference's: sums run in memory order.
        Ok(Self(counts.as_standard_layout().into_owned()))
    }

    /// The counts, K × 2 × 2.
    #[must_use]
    pub fn counts(&self) -> ArrayView3<'_, u64> {
        self.0.view()
    }

    /// Number of classes K.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.0.len_of(Axis(0))
    }

    pub(crate) fn check_classes(&self, n_classes: usize) -> Result<(), MultilabelError> {
        check_shape("confident_joint", self.0.shape(), n_classes)
    }

    /// The 2 × 2 matrix of a class.
    pub(crate) fn of_class(&self, class: usize) -> Result<ConfidentJoint, MultilabelError> {
        Ok(ConfidentJoint::from_counts(self.0.index_axis(Axis(0), class).to_owned())?)
    }
}

fn check_shape(what: &'static str, found: &[usize], n_classes: usize) -> Result<(), MultilabelError> {
    let expected = vec![n_classes, 2, 2];
    if found == expected {
        return Ok(());
    }
    Err(MultilabelError::WrongShape { what, found: found.to_vec(), expected })
}

/// The confident thresholds of every class, one-vs-rest.
///
/// Threshold (k, 1) is the mean predicted probability of class k among the rows that have it; (k, 0) the mean of its
/// complement among the rows that lack it. Where there are no such rows it is 2, which nothing reaches.
///
/// # Shapes
///
/// Returns K × 2, values in [2e-6, 1] ∪ {2}.
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{MultilabelProbs, get_confident_thresholds};
/// use ndarray::array;
///
/// let pred_probs = array![[0.75, 0.0], [0.25, 0.0], [0.5, 0.5]];
/// let data = MultilabelProbs::from_lists(&[vec![0], vec![], vec![0]], pred_probs)?;
/// let thresholds = get_confident_thresholds(&data);
/// assert_eq!(thresholds.row(0), array![0.75, 0.625]);
/// assert_eq!(thresholds[[1, 1]], 2.0);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.get_confident_thresholds(multi_label=True)`.
#[must_use]
pub fn get_confident_thresholds<F: Float>(data: &MultilabelProbs<'_, F>) -> Array2<f64> {
    confident_thresholds(data)
}

/// How [`compute_confident_joint`] counts. The defaults are cleanlab's.
///
/// ```
/// use cleanlab_count::Calibration;
/// use cleanlab_multilabel::MultilabelConfidentJointOptions;
/// let options = MultilabelConfidentJointOptions::default().with_calibration(Calibration::Uncalibrated);
/// assert_eq!(options.thresholds, None);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct MultilabelConfidentJointOptions {
    /// K × 2 thresholds as [`get_confident_thresholds`] gives them; computed from the data when `None`.
    pub thresholds: Option<Array2<f64>>,
    /// Whether rows are scaled to the label counts.
    pub calibration: Calibration,
}

impl MultilabelConfidentJointOptions {
    /// Uses these thresholds, K × 2, instead of computing them.
    #[must_use]
    pub fn with_thresholds(mut self, thresholds: Array2<f64>) -> Self {
        self.thresholds = Some(thresholds);
        self
    }

    /// Chooses raw or calibrated counts.
    #[must_use]
    pub fn with_calibration(mut self, calibration: Calibration) -> Self {
        self.calibration = calibration;
        self
    }

    fn test_for<F: Float>(&self, data: &MultilabelProbs<'_, F>) -> Result<ConfidentTest, MultilabelError> {
        let Some(thresholds) = &self.thresholds else {
            return Ok(ConfidentTest::new(confident_thresholds(data).view()));
        };
        if thresholds.dim() != (data.n_classes(), 2) {
            let (found, expected) = (thresholds.shape().to_vec(), vec![data.n_classes(), 2]);
            return Err(MultilabelError::WrongShape { what: "thresholds", found, expected });
        }
        match thresholds.indexed_iter().find(|(_, value)| !value.is_finite()) {
            Some(((class, entry), &value)) => Err(MultilabelError::BadThreshold { class, entry, value }),
            None => Ok(ConfidentTest::new(thresholds.view())),
        }
    }
}

/// Counts, for each class, examples by whether the class is given and whether it is confidently true.
///
/// # Shapes
///
/// Returns K × 2 × 2, see [`MultilabelConfidentJoint`].
///
/// # Errors
///
/// [`MultilabelError::WrongShape`] or [`MultilabelError::BadThreshold`] for thresholds of the caller's.
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{MultilabelConfidentJointOptions, MultilabelProbs, compute_confident_joint};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9], [0.8], [0.1], [0.95]];
/// let data = MultilabelProbs::from_lists(&[vec![0], vec![0], vec![], vec![]], pred_probs)?;
/// let confident_joint = compute_confident_joint(&data, &MultilabelConfidentJointOptions::default())?;
/// // The last example lacks class 0 and confidently has it.
/// assert_eq!(confident_joint.counts(), array![[[1, 1], [0, 2]]]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.compute_confident_joint(multi_label=True)`.
///
/// # Differences
///
/// cleanlab takes two thresholds for all classes; here every class may have its own. Where an annotation is confidently
/// both, cleanlab's and the paper's collision rule are the same.
pub fn compute_confident_joint<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &MultilabelConfidentJointOptions,
) -> Result<MultilabelConfidentJoint, MultilabelError> {
    let test = options.test_for(data)?;
    let blocks = fold_annotations(
        data,
        || vec![LabelCounts::default(); data.n_classes().div_ceil(LANES)],
        #[inline(always)]
        |blocks: &mut Vec<LabelCounts>, annotations| {
            blocks[annotations.block].count(annotations.given, test.confident_labels(annotations));
        },
        |blocks, theirs| blocks.iter_mut().zip(&theirs).for_each(|(block, theirs)| block.merge(theirs)),
    );
    let counts: Vec<_> =
        (0..data.n_classes()).map(|class| blocks[class / LANES].of_lane(class % LANES)).collect();
    one_vs_rest_joint(&counts, options.calibration, data.labels())
}

/// Raises the diagonals of raw counts to 1 and calibrates them if asked.
pub(crate) fn one_vs_rest_joint(
    counts: &[[[u64; 2]; 2]],
    calibration: Calibration,
    labels: &MultiLabels,
) -> Result<MultilabelConfidentJoint, MultilabelError> {
    let mut joint = Array3::zeros((counts.len(), 2, 2));
    for (class, (counts, mut out)) in counts.iter().zip(joint.outer_iter_mut()).enumerate() {
        let floored = |(i, j): (usize, usize)| if i == j { counts[i][j].max(1) } else { counts[i][j] };
        // Column-major, as the reference's raw counts are: see `ConfidentJoint`.
        let raw = ConfidentJoint::from_counts(Array2::from_shape_fn((2, 2).f(), floored))?;
        match calibration {
            Calibration::Uncalibrated => out.assign(&raw.counts()),
            _ => out.assign(
                &cleanlab_count::calibrate_confident_joint(&raw, &labels.binary_counts(class))?.counts(),
            ),
        }
    }
    Ok(MultilabelConfidentJoint(joint))
}

/// For each class, the rows that are confidently the other way than given.
///
/// `options.calibration` plays no part: it scales counts, not rows.
///
/// # Shapes
///
/// Returns K lists of rows in ascending order.
///
/// # Errors
///
/// As [`compute_confident_joint`].
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{MultilabelConfidentJointOptions, MultilabelProbs, find_off_diagonal_rows};
/// use ndarray::array;
///
/// let data = MultilabelProbs::from_lists(&[vec![0], vec![], vec![]], array![[0.9], [0.1], [0.95]])?;
/// assert_eq!(find_off_diagonal_rows(&data, &MultilabelConfidentJointOptions::default())?, [[2]]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.compute_confident_joint(multi_label=True, return_indices_of_off_diagonals=True)`.
#[doc(alias = "return_indices_of_off_diagonals")]
pub fn find_off_diagonal_rows<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &MultilabelConfidentJointOptions,
) -> Result<Vec<Vec<usize>>, MultilabelError> {
    let test = options.test_for(data)?;
    let mut rows = rows_where(
        data,
        #[inline(always)]
        |annotations| test.off_diagonal(annotations),
    );
    for rows in &mut rows {
        rows.sort_unstable();
    }
    Ok(rows)
}

/// Scales, for each class, the counts to the number of rows that lack and that have the class, and rounds to whole
/// examples so that each row of the matrix keeps its total.
///
/// # Errors
///
/// [`MultilabelError::WrongShape`] when the joint and the labels have different numbers of classes.
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{MultiLabels, MultilabelConfidentJoint, calibrate_confident_joint};
/// use ndarray::array;
///
/// let labels = MultiLabels::from_lists(&[vec![0], vec![0], vec![], vec![], vec![], vec![]], 1)?;
/// let confident_joint = MultilabelConfidentJoint::from_counts(array![[[1, 1], [0, 1]]])?;
/// let calibrated = calibrate_confident_joint(&confident_joint, &labels)?;
/// assert_eq!(calibrated.counts(), array![[[2, 2], [0, 2]]]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.calibrate_confident_joint(multi_label=True)`.
///
/// # Differences
///
/// cleanlab counts only the classes that occur, and fails or shifts the others.
pub fn calibrate_confident_joint(
    confident_joint: &MultilabelConfidentJoint,
    labels: &MultiLabels,
) -> Result<MultilabelConfidentJoint, MultilabelError> {
    confident_joint.check_classes(labels.n_classes())?;
    let mut calibrated = Array3::zeros((labels.n_classes(), 2, 2));
    for (class, mut out) in calibrated.outer_iter_mut().enumerate() {
        let counts = labels.binary_counts(class);
        let of_class = confident_joint.of_class(class)?;
        out.assign(&cleanlab_count::calibrate_confident_joint(&of_class, &counts)?.counts());
    }
    Ok(MultilabelConfidentJoint(calibrated))
}

/// The joint distribution of given and true label of each class, from a confident joint of the caller's.
///
/// # Shapes
///
/// Returns K × 2 × 2, axes as in [`MultilabelConfidentJoint`]; each 2 × 2 matrix sums to 1.
///
/// # Errors
///
/// As [`calibrate_confident_joint`].
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{MultiLabels, MultilabelConfidentJoint, estimate_joint};
/// use ndarray::array;
///
/// let labels = MultiLabels::from_lists(&[vec![0], vec![0], vec![], vec![]], 1)?;
/// let confident_joint = MultilabelConfidentJoint::from_counts(array![[[1, 1], [0, 1]]])?;
/// assert_eq!(estimate_joint(&confident_joint, &labels)?, array![[[0.25, 0.25], [0.0, 0.5]]]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.estimate_joint(labels, pred_probs, confident_joint=…, multi_label=True)`.
pub fn estimate_joint(
    confident_joint: &MultilabelConfidentJoint,
    labels: &MultiLabels,
) -> Result<Array3<f64>, MultilabelError> {
    confident_joint.check_classes(labels.n_classes())?;
    let mut joint = Array3::zeros((labels.n_classes(), 2, 2));
    for (class, mut out) in joint.outer_iter_mut().enumerate() {
        let counts = labels.binary_counts(class);
        out.assign(&cleanlab_count::estimate_joint(&confident_joint.of_class(class)?, &counts)?);
    }
    Ok(joint)
}

/// The joint distribution of given and true label of each class, estimated from the data.
///
/// # Shapes
///
/// As [`estimate_joint`].
///
/// # Errors
///
/// None for valid data.
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{MultilabelProbs, estimate_joint_from_probabilities};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9], [0.8], [0.1], [0.95]];
/// let data = MultilabelProbs::from_lists(&[vec![0], vec![0], vec![], vec![]], pred_probs)?;
/// assert_eq!(estimate_joint_from_probabilities(&data)?, array![[[0.25, 0.25], [0.0, 0.5]]]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.estimate_joint(labels, pred_probs, multi_label=True)`.
pub fn estimate_joint_from_probabilities<F: Float>(
    data: &MultilabelProbs<'_, F>,
) -> Result<Array3<f64>, MultilabelError> {
    let confident_joint = compute_confident_joint(data, &MultilabelConfidentJointOptions::default())?;
    estimate_joint(&confident_joint, data.labels())
}
