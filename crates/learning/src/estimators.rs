//! Estimates of label noise that train the model they need.

use cleanlab_core::{LabeledProbs, Labels, PredProbs};
use cleanlab_count::{
    ConfidentJoint, ConfidentJointOptions, Convergence, LatentEstimates, LatentOptions, PyMethod,
    compute_confident_joint, estimate_latent,
};
use ndarray::Array2;

use crate::classifier::Classifier;
use crate::cross_validation::{
    AbsentClasses, CrossValidated, CrossValidationOptions, CrossValidationWarning, ProgressCallback,
    Splitter, ValidationRows, Watcher, cross_val_predict,
};
use crate::errors::LearningError;
use crate::splits::{RowOrder, StratifiedKFold};
use crate::training_set::TrainingSet;

/// How the estimators of this crate cross-validate and count. The defaults are cleanlab's, with seed 0.
///
/// ```
/// use cleanlab_learning::CvEstimationOptions;
/// let options = CvEstimationOptions::default().with_n_splits(10).with_seed(42);
/// assert_eq!((options.n_splits, options.seed), (10, 42));
/// ```
///
/// # Differences
///
/// cleanlab's `seed=None` takes NumPy's global stream, which differs from run to run; here there is always a seed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CvEstimationOptions {
    /// Number of folds; cleanlab's `cv_n_folds`. Default 5.
    pub n_splits: usize,
    /// Seed of the shuffled, stratified folds. Default 0.
    pub seed: u32,
    /// How the confident joint is counted.
    pub confident_joint: ConfidentJointOptions,
    /// How class priors are computed.
    pub py_method: PyMethod,
    /// Whether estimates are made consistent by iteration. Default: what cleanlab does in the function called, that is,
    /// [`Convergence::Iterate`] in [`estimate_noise_matrices`] and [`Convergence::None`] in the others.
    pub convergence: Option<Convergence>,
    /// Whether a fold's model may look at the rows that it is going to predict; cleanlab's `validation_func`.
    pub validation: ValidationRows,
    pub(crate) progress: Option<Watcher>,
}

impl Default for CvEstimationOptions {
    fn default() -> Self {
        Self {
            n_splits: 5,
            seed: 0,
            confident_joint: ConfidentJointOptions::default(),
            py_method: PyMethod::default(),
            convergence: None,
            validation: ValidationRows::Unused,
            progress: None,
        }
    }
}

impl CvEstimationOptions {
    /// Sets the number of folds.
    #[must_use]
    pub fn with_n_splits(mut self, n_splits: usize) -> Self {
        self.n_splits = n_splits;
        self
    }

    /// Sets the seed of the folds.
    #[must_use]
    pub fn with_seed(mut self, seed: u32) -> Self {
        self.seed = seed;
        self
    }

    /// Sets how the confident joint is counted.
    #[must_use]
    pub fn with_confident_joint(mut self, confident_joint: ConfidentJointOptions) -> Self {
        self.confident_joint = confident_joint;
        self
    }

    /// Sets how class priors are computed.
    #[must_use]
    pub fn with_py_method(mut self, py_method: PyMethod) -> Self {
        self.py_method = py_method;
        self
    }

    /// Sets whether estimates are made consistent by iteration, whatever function is called.
    #[must_use]
    pub fn with_convergence(mut self, convergence: Convergence) -> Self {
        self.convergence = Some(convergence);
        self
    }

    /// Sets whether a fold's model may look at the rows that it is going to predict.
    #[must_use]
    pub fn with_validation(mut self, validation: ValidationRows) -> Self {
        self.validation = validation;
        self
    }

    /// Has the progress told, and allows to stop, as [`CrossValidationOptions::with_progress`] does.
    #[must_use]
    pub fn with_progress(mut self, progress: ProgressCallback) -> Self {
        self.progress = Some(Watcher(progress));
        self
    }

    fn cross_validation(&self) -> CrossValidationOptions {
        let row_order = RowOrder::Shuffled { seed: self.seed };
        let folds = StratifiedKFold::new(self.n_splits).with_row_order(row_order);
        let mut options = CrossValidationOptions::default()
            .with_splitter(Splitter::StratifiedKFold(folds))
            .with_absent_classes(AbsentClasses::BorrowHeldOutRow)
            .with_validation(self.validation);
        options.progress.clone_from(&self.progress);
        options
    }
}

/// The confident joint, and the out-of-sample predictions it was counted from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CvConfidentJoint {
    /// Counts of given and confident true labels, K × K.
    pub confident_joint: ConfidentJoint,
    /// The predictions, N × K, and what making them has to report.
    pub out_of_sample: CrossValidated,
}

/// Everything that cross-validation tells about the label noise.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CvNoiseEstimates {
    /// Priors and noise rates.
    pub latent: LatentEstimates,
    /// Counts of given and confident true labels, K × K.
    pub confident_joint: ConfidentJoint,
    /// The predictions, N × K, and what making them has to report.
    pub out_of_sample: CrossValidated,
}

/// The noise rates between classes, in both directions.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NoiseMatrices {
    /// p(given label = i | true label = j), K × K, columns summing to 1.
    pub noise_matrix: Array2<f64>,
    /// p(true label = i | given label = j), K × K, columns summing to 1.
    pub inverse_noise_matrix: Array2<f64>,
    /// What the cross-validation has to report.
    pub warnings: Vec<CrossValidationWarning>,
}

/// Out-of-sample predictions by cleanlab's cross-validation: stratified folds, shuffled with a seed.
///
/// Where the only rows of a class are in one fold, the first of them is also trained on and its own prediction replaced
/// by its label, so that every model knows every class; a warning says so.
///
/// # Shapes
///
/// N rows of K classes give N × K probabilities, rows in the order of the data.
///
/// # Errors
///
/// As [`cross_val_predict`].
///
/// # Example
///
/// ```
/// use cleanlab_learning::{
///     CvEstimationOptions, LogisticRegression, TrainingSet, estimate_cv_predicted_probabilities,
/// };
/// use ndarray::array;
///
/// let features = array![[-2.0], [-1.5], [-1.0], [1.0], [1.5], [2.0]];
/// let data = TrainingSet::new(features.view(), &[0, 0, 0, 1, 1, 1], 2)?;
/// let options = CvEstimationOptions::default().with_n_splits(3);
/// let out_of_sample = estimate_cv_predicted_probabilities(&LogisticRegression::default(), &data, &options)?;
/// assert!(out_of_sample.pred_probs[[5, 1]] > 0.8);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.estimate_cv_predicted_probabilities`.
pub fn estimate_cv_predicted_probabilities(
    classifier: &dyn Classifier,
    training: &TrainingSet<'_>,
    options: &CvEstimationOptions,
) -> Result<CrossValidated, LearningError> {
    cross_val_predict(classifier, training, &options.cross_validation())
}

/// The confident joint of out-of-sample predictions, and the predictions.
///
/// # Errors
///
/// As [`cross_val_predict`] and [`compute_confident_joint`].
///
/// # Example
///
/// ```
/// use cleanlab_learning::{
///     CvEstimationOptions, LogisticRegression, TrainingSet, estimate_confident_joint_and_cv_pred_proba,
/// };
/// use ndarray::array;
///
/// let features = array![[-2.0], [-1.5], [-1.0], [1.0], [1.5], [2.0], [-1.8]];
/// // The last row lies among those of class 0.
/// let data = TrainingSet::new(features.view(), &[0, 0, 0, 1, 1, 1, 1], 2)?;
/// let options = CvEstimationOptions::default().with_n_splits(3);
/// let estimates =
///     estimate_confident_joint_and_cv_pred_proba(&LogisticRegression::default(), &data, &options)?;
/// assert_eq!(estimates.confident_joint.counts(), array![[3, 0], [1, 3]]);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.estimate_confident_joint_and_cv_pred_proba`.
pub fn estimate_confident_joint_and_cv_pred_proba(
    classifier: &dyn Classifier,
    training: &TrainingSet<'_>,
    options: &CvEstimationOptions,
) -> Result<CvConfidentJoint, LearningError> {
    let out_of_sample = estimate_cv_predicted_probabilities(classifier, training, options)?;
    let labels = Labels::new(training.labels())?;
    let data = LabeledProbs::new(labels, PredProbs::new(out_of_sample.pred_probs.view())?)?;
    Ok(CvConfidentJoint {
        confident_joint: compute_confident_joint(&data, &options.confident_joint)?,
        out_of_sample,
    })
}

/// Priors, noise rates and the confident joint of out-of-sample predictions, and the predictions.
///
/// # Errors
///
/// As [`cross_val_predict`], [`compute_confident_joint`] and [`estimate_latent`].
///
/// # Example
///
/// ```
/// use cleanlab_learning::{
///     CvEstimationOptions, LogisticRegression, TrainingSet, estimate_py_noise_matrices_and_cv_pred_proba,
/// };
/// use ndarray::array;
///
/// let features = array![[-2.0], [-1.5], [-1.0], [1.0], [1.5], [2.0], [-1.8]];
/// let data = TrainingSet::new(features.view(), &[0, 0, 0, 1, 1, 1, 1], 2)?;
/// let options = CvEstimationOptions::default().with_n_splits(3);
/// let estimates =
///     estimate_py_noise_matrices_and_cv_pred_proba(&LogisticRegression::default(), &data, &options)?;
/// // A quarter of the rows labelled 1 are truly of class 0.
/// assert_eq!(estimates.latent.inverse_noise_matrix[[0, 1]], 0.25);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.estimate_py_noise_matrices_and_cv_pred_proba`.
pub fn estimate_py_noise_matrices_and_cv_pred_proba(
    classifier: &dyn Classifier,
    training: &TrainingSet<'_>,
    options: &CvEstimationOptions,
) -> Result<CvNoiseEstimates, LearningError> {
    estimate_with_default(Convergence::None, classifier, training, options)
}

/// The noise rates between classes, by cross-validation.
///
/// # Errors
///
/// As [`estimate_py_noise_matrices_and_cv_pred_proba`].
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_learning::{CvEstimationOptions, LogisticRegression, TrainingSet, estimate_noise_matrices};
/// use ndarray::{array, Axis};
///
/// let features = array![[-2.0], [-1.5], [-1.0], [1.0], [1.5], [2.0], [-1.8]];
/// let data = TrainingSet::new(features.view(), &[0, 0, 0, 1, 1, 1, 1], 2)?;
/// let options = CvEstimationOptions::default().with_n_splits(3);
/// let noise = estimate_noise_matrices(&LogisticRegression::default(), &data, &options)?;
/// assert_abs_diff_eq!(noise.noise_matrix.sum_axis(Axis(0)), array![1.0, 1.0], epsilon = 1e-12);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `cleanlab.count.estimate_noise_matrices`.
pub fn estimate_noise_matrices(
    classifier: &dyn Classifier,
    training: &TrainingSet<'_>,
    options: &CvEstimationOptions,
) -> Result<NoiseMatrices, LearningError> {
    let estimates = estimate_with_default(Convergence::Iterate, classifier, training, options)?;
    Ok(NoiseMatrices {
        noise_matrix: estimates.latent.noise_matrix,
        inverse_noise_matrix: estimates.latent.inverse_noise_matrix,
        warnings: estimates.out_of_sample.warnings,
    })
}

fn estimate_with_default(
    convergence: Convergence,
    classifier: &dyn Classifier,
    training: &TrainingSet<'_>,
    options: &CvEstimationOptions,
) -> Result<CvNoiseEstimates, LearningError> {
    let CvConfidentJoint { confident_joint, out_of_sample } =
        estimate_confident_joint_and_cv_pred_proba(classifier, training, options)?;
    let latent_options = LatentOptions::default()
        .with_py_method(options.py_method)
        .with_convergence(options.convergence.unwrap_or(convergence));
    let latent = estimate_latent(&confident_joint, &Labels::new(training.labels())?, &latent_options)?;
    Ok(CvNoiseEstimates { latent, confident_joint, out_of_sample })
}
