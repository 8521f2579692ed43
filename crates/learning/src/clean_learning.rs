//! Training on labels of which some are wrong.

mod fitted;
mod inputs;
mod issues;
mod noise;

use std::fmt;
use std::sync::Arc;

use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs, fill_rows};
use cleanlab_count::{Convergence, given_label_is_predicted, predicted_class};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, find_label_issues};
use cleanlab_rank::{LabelQualityMethod, get_label_quality_scores};
use ndarray::{Array1, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::classifier::{Classifier, FittedClassifier};
use crate::cross_validation::{ProgressCallback, ValidationRows};
use crate::errors::LearningError;
use crate::estimators::{CvEstimationOptions, estimate_cv_predicted_probabilities};
use crate::training_set::TrainingSet;
pub use fitted::FittedCleanLearning;
pub use inputs::{CleanLearningInputs, GivenLabelIssues};
pub use issues::{CleanLearningIssues, CleanLearningNoise, CleanLearningWarning, LabelIssuesTable};

/// Which rule flags labels, by how much memory cleanlab needs for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MemoryUse {
    /// Estimates the noise between classes and flags by [`CleanLearning::find_label_issues_options`].
    #[default]
    Normal,
    /// Flags the labels of lowest self-confidence, as many as are confidently in another class, unless the label is
    /// also the predicted class. Nothing is estimated that the final model could be weighted by.
    ///
    /// It is for answers like those of cleanlab's `low_memory=True`: here neither rule needs more memory than a few
    /// bytes a row.
    Low,
}

/// Finds wrong labels with a classifier of your choice, and trains it on the rest.
///
/// 1. Every row is predicted by a model that had not seen it ([`estimate_cv_predicted_probabilities`]), unless
///    predictions are given.
/// 2. From labels and predictions follow the noise rates between classes ([`CleanLearningNoise`]), and from those which
///    labels are wrong ([`cleanlab_filter::find_label_issues`]).
/// 3. The final model is trained on the rows that are left. If it takes weights, a row labelled k weighs
///    1 / max(p(given label = k | true label = k), 1e-3), which makes up for the rows of class k that were taken out.
///
/// A `CleanLearning` is a recipe: its methods leave it as it is, and the same data give the same result on any number
/// of threads. It is a [`Classifier`] too, so that it can be cross-validated itself.
///
/// # Example
///
/// ```
/// use cleanlab_learning::{CleanLearning, CleanLearningInputs, LogisticRegression, TrainingSet};
/// use ndarray::Array2;
///
/// // Class 0 lies below 0, class 1 above; rows 3 and 30 are labelled wrongly.
/// let features = Array2::from_shape_fn((40, 1), |(row, _)| (row as f64 - 19.5) / 5.0);
/// let mut labels: Vec<u32> = (0..40).map(|row| u32::from(row >= 20)).collect();
/// (labels[3], labels[30]) = (1, 0);
/// let data = TrainingSet::new(features.view(), &labels, 2)?;
///
/// let clean = CleanLearning::new(LogisticRegression::default());
/// let inputs = CleanLearningInputs::default();
/// let issues = clean.find_label_issues(&data, &inputs)?;
/// assert_eq!(issues.table.indices(), [3, 30]);
///
/// // Finds the issues itself; `fit_with_label_issues` takes those found above.
/// let model = clean.fit(&data, &inputs)?;
/// assert_eq!(model.get_label_issues().indices(), [3, 30]);
/// assert_eq!(model.predict(features.view())?[3], 0);
/// assert_eq!(model.score(&data)?, 38.0 / 40.0);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `cleanlab.classification.CleanLearning`; Northcutt, Jiang and Chuang 2021, section 3.
///
/// # Differences
///
/// - Nothing is remembered from call to call. cleanlab's second `find_label_issues` on an instance prunes by the
///   confident joint of the first.
/// - Without a seed cleanlab divides the folds by NumPy's global stream; here the seed is 0.
/// - `clf_kwargs`, `clf_final_kwargs`: configure the classifiers ([`CleanLearning::with_final_classifier`]).
/// - [`MemoryUse::Low`] counts issues as `num_label_issues` does. cleanlab's batched engine looks at the most probable
///   class alone, and gives a class without labels the threshold 2e-6, so that every row is confidently in it.
#[derive(Clone)]
pub struct CleanLearning {
    classifier: Arc<dyn Classifier>,
    final_classifier: Option<Arc<dyn Classifier>>,
    cross_validation: CvEstimationOptions,
    convergence: Convergence,
    pu_learning: Option<u32>,
    find_label_issues_options: FindLabelIssuesOptions,
    label_quality: LabelQualityMethod,
    memory: MemoryUse,
}

impl CleanLearning {
    /// Cleans with this classifier, by cleanlab's defaults: five folds, seed 0, [`FilterBy::PruneByNoiseRate`] in
    /// classes of more than 10 examples, [`LabelQualityMethod::SelfConfidence`].
    #[must_use]
    pub fn new(classifier: impl Classifier + 'static) -> Self {
        Self {
            classifier: Arc::new(classifier),
            final_classifier: None,
            cross_validation: CvEstimationOptions::default(),
            convergence: Convergence::None,
            pu_learning: None,
            find_label_issues_options: default_find_label_issues_options(),
            label_quality: LabelQualityMethod::default(),
            memory: MemoryUse::default(),
        }
    }

    /// Trains the final model with another classifier, or with the same one set up differently; cleanlab's
    /// `clf_final_kwargs`.
    #[must_use]
    #[doc(alias = "clf_final_kwargs")]
    pub fn with_final_classifier(mut self, classifier: impl Classifier + 'static) -> Self {
        self.final_classifier = Some(Arc::new(classifier));
        self
    }

    /// Sets the number of folds; cleanlab's `cv_n_folds`.
    #[must_use]
    #[doc(alias = "cv_n_folds")]
    pub fn with_n_splits(mut self, n_splits: usize) -> Self {
        self.cross_validation = self.cross_validation.with_n_splits(n_splits);
        self
    }

    /// Sets the seed of the folds.
    #[must_use]
    pub fn with_seed(mut self, seed: u32) -> Self {
        self.cross_validation = self.cross_validation.with_seed(seed);
        self
    }

    /// Sets whether noise estimates are made consistent by iteration; cleanlab's `converge_latent_estimates`.
    #[must_use]
    #[doc(alias = "converge_latent_estimates")]
    pub fn with_convergence(mut self, convergence: Convergence) -> Self {
        self.convergence = convergence;
        self
    }

    /// States that one of two classes has no wrong labels, as when learning from positive and unlabelled examples;
    /// cleanlab's `pulearning`.
    ///
    /// The noise estimates are set accordingly: with class k free of errors, nothing labelled k is truly of the other
    /// class. As in cleanlab, the other class's diagonal count becomes 1 in the confident joint, so that
    /// [`FilterBy::PruneByClass`] takes nearly all of its labels for wrong; [`FilterBy::PruneByNoiseRate`], the default,
    /// looks at what is off the diagonal.
    #[must_use]
    #[doc(alias = "pulearning")]
    pub fn with_pu_learning(mut self, class_without_errors: u32) -> Self {
        self.pu_learning = Some(class_without_errors);
        self
    }

    /// Changes how labels are flagged, starting from the options so far.
    ///
    /// They differ from [`FindLabelIssuesOptions::default`] in one: classes with 10 examples or fewer are left alone.
    /// A confident joint among them is taken for the noise estimates too.
    ///
    /// ```
    /// use cleanlab_filter::FilterBy;
    /// use cleanlab_learning::{CleanLearning, LogisticRegression};
    /// let clean = CleanLearning::new(LogisticRegression::default())
    ///     .with_find_label_issues_options(|options| options.with_filter_by(FilterBy::Both));
    /// assert_eq!(clean.find_label_issues_options().filter_by, FilterBy::Both);
    /// assert_eq!(clean.find_label_issues_options().min_examples_per_class, 10);
    /// ```
    #[must_use]
    #[doc(alias = "find_label_issues_kwargs")]
    pub fn with_find_label_issues_options(
        mut self,
        change: impl FnOnce(FindLabelIssuesOptions) -> FindLabelIssuesOptions,
    ) -> Self {
        self.find_label_issues_options = change(self.find_label_issues_options);
        self
    }

    /// How labels are flagged.
    #[must_use]
    pub fn find_label_issues_options(&self) -> &FindLabelIssuesOptions {
        &self.find_label_issues_options
    }

    /// Sets how the quality of labels is scored.
    #[must_use]
    #[doc(alias = "label_quality_scores_kwargs")]
    pub fn with_label_quality(mut self, method: LabelQualityMethod) -> Self {
        self.label_quality = method;
        self
    }

    /// Sets which rule flags labels, by how much memory cleanlab needs for it.
    #[must_use]
    #[doc(alias = "low_memory")]
    pub fn with_memory_use(mut self, memory: MemoryUse) -> Self {
        self.memory = memory;
        self
    }

    /// Sets whether the model of a fold may look at the rows it is going to predict; cleanlab's `validation_func`.
    #[must_use]
    #[doc(alias = "validation_func")]
    pub fn with_validation(mut self, validation: ValidationRows) -> Self {
        self.cross_validation = self.cross_validation.with_validation(validation);
        self
    }

    /// Has the progress of the cross-validation told, and allows to stop, as
    /// [`CrossValidationOptions::with_progress`](crate::CrossValidationOptions::with_progress) does.
    #[must_use]
    pub fn with_progress(mut self, progress: ProgressCallback) -> Self {
        self.cross_validation = self.cross_validation.with_progress(progress);
        self
    }

    /// Finds the labels that are probably wrong.
    ///
    /// Cross-validates the classifier, without the data's sample weights, unless the inputs hold predictions.
    ///
    /// # Errors
    ///
    /// [`LearningError::TooFewRowsForFolds`]; [`LearningError::TraceTooSmall`], [`LearningError::NotARate`] or
    /// [`LearningError::SingularNoiseMatrix`] for a noise matrix; [`LearningError::PuLearning`];
    /// [`LearningError::PredProbsClasses`]; [`LearningError::Fold`] with the first fold at fault; what the estimates
    /// and the filter refuse. A class with fewer rows than folds is a warning.
    ///
    /// # Source
    ///
    /// `cleanlab.classification.CleanLearning.find_label_issues`. Nothing is stored, hence no `save_space`.
    pub fn find_label_issues(
        &self,
        data: &TrainingSet<'_>,
        inputs: &CleanLearningInputs<'_>,
    ) -> Result<CleanLearningIssues, LearningError> {
        let labels = Labels::new(data.labels())?;
        if let Some(pred_probs) = &inputs.pred_probs {
            let (found, expected) = (pred_probs.n_classes(), data.n_classes());
            if found != expected {
                return Err(LearningError::PredProbsClasses { found, expected });
            }
            return self.issues_of(&LabeledProbs::new(labels, pred_probs.borrowed())?, inputs);
        }
        self.check_inputs(inputs, data.n_classes())?;
        let (classes, n_splits) = (data.present_classes().len(), self.cross_validation.n_splits);
        if data.n_rows() < n_splits.saturating_mul(classes) {
            return Err(LearningError::TooFewRowsForFolds { rows: data.n_rows(), classes, n_splits });
        }
        let out_of_sample = estimate_cv_predicted_probabilities(
            &self.classifier,
            &data.without_sample_weight(),
            &self.cross_validation,
        )?;
        let mut issues = self.issues_of(
            &LabeledProbs::new(labels, PredProbs::new(out_of_sample.pred_probs.view())?)?,
            inputs,
        )?;
        let warnings = out_of_sample.warnings.into_iter().map(CleanLearningWarning::CrossValidation);
        issues.warnings.splice(..0, warnings);
        issues.pred_probs = Some(out_of_sample.pred_probs);
        Ok(issues)
    }

    /// Finds the labels that are probably wrong by predictions alone, in `f32` or `f64`; no model is trained.
    ///
    /// Predictions among the inputs are ignored in favour of these.
    ///
    /// # Errors
    ///
    /// As [`CleanLearning::find_label_issues`].
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
    /// use cleanlab_learning::{CleanLearning, CleanLearningInputs, LogisticRegression};
    /// use ndarray::array;
    ///
    /// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
    /// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
    /// let clean = CleanLearning::new(LogisticRegression::default())
    ///     .with_find_label_issues_options(|options| options.with_min_examples_per_class(1));
    /// let issues =
    ///     clean.find_label_issues_from_probabilities(&data, &CleanLearningInputs::default())?;
    /// assert_eq!(issues.table.indices(), [4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Source
    ///
    /// `cleanlab.classification.CleanLearning.find_label_issues(labels=…, pred_probs=…)`.
    pub fn find_label_issues_from_probabilities<F: Float>(
        &self,
        data: &LabeledProbs<'_, F>,
        inputs: &CleanLearningInputs<'_>,
    ) -> Result<CleanLearningIssues, LearningError> {
        self.issues_of(data, inputs)
    }

    /// Trains on noisy labels as if they were right: finds the wrong ones, and trains the final model on the others.
    ///
    /// Sample weights of the data are for the final model alone, and take the place of the automatic ones.
    ///
    /// # Errors
    ///
    /// As [`CleanLearning::find_label_issues`]; [`LearningError::WeightsUnsupported`];
    /// [`LearningError::NoCleanRows`]; [`LearningError::FinalFit`].
    ///
    /// # Source
    ///
    /// `cleanlab.classification.CleanLearning.fit`.
    pub fn fit(
        &self,
        data: &TrainingSet<'_>,
        inputs: &CleanLearningInputs<'_>,
    ) -> Result<FittedCleanLearning, LearningError> {
        self.check_weights(data)?;
        let issues = self.find_label_issues(data, inputs)?;
        self.fit_final(data, issues, None)
    }

    /// As [`CleanLearning::fit`], with label issues that are known already: nothing is cross-validated.
    ///
    /// Of the inputs, predictions score the labels where the issues come without scores, and a noise matrix weighs the
    /// rows where they come without noise estimates.
    ///
    /// # Errors
    ///
    /// [`LearningError::LabelIssuesLength`], [`LearningError::GivenLabelDiffers`],
    /// [`LearningError::LabelIssueOutOfRange`] or [`LearningError::RepeatedLabelIssue`] for the issues; otherwise as
    /// [`CleanLearning::fit`].
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_learning::{
    ///     CleanLearning, CleanLearningInputs, GivenLabelIssues, LogisticRegression, TrainingSet,
    /// };
    /// use ndarray::array;
    ///
    /// let features = array![[-2.0], [-1.5], [-1.0], [1.0], [1.5], [2.0], [-1.8]];
    /// let data = TrainingSet::new(features.view(), &[0, 0, 0, 1, 1, 1, 1], 2)?;
    /// let clean = CleanLearning::new(LogisticRegression::default());
    /// let known = GivenLabelIssues::Indices(&[6]);
    /// let model = clean.fit_with_label_issues(&data, known, &CleanLearningInputs::default())?;
    /// assert_eq!(model.predict(array![[-1.8]].view())?, [0]);
    /// # Ok::<(), cleanlab_learning::LearningError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `cleanlab.classification.CleanLearning.fit(label_issues=…)`.
    ///
    /// # Differences
    ///
    /// cleanlab leaves a `noise_matrix` unused when it is given together with `label_issues`, though it advises to give
    /// it for the sake of the weights.
    pub fn fit_with_label_issues(
        &self,
        data: &TrainingSet<'_>,
        label_issues: GivenLabelIssues<'_>,
        inputs: &CleanLearningInputs<'_>,
    ) -> Result<FittedCleanLearning, LearningError> {
        self.check_weights(data)?;
        let mut issues = label_issues.checked(data)?;
        issues.warnings.extend(self.check_inputs(inputs, data.n_classes())?);
        let mut ignored = |is_given: bool, input| {
            if is_given {
                let reason = "label issues are given";
                issues.warnings.push(CleanLearningWarning::InputIgnored { input, reason });
            }
        };
        ignored(inputs.thresholds.is_some(), "thresholds");
        ignored(inputs.inverse_noise_matrix.is_some(), "inverse_noise_matrix");
        ignored(inputs.noise_matrix.is_some() && issues.noise.is_some(), "noise_matrix");
        if let Some(pred_probs) = &inputs.pred_probs {
            let (found, expected) = (pred_probs.n_classes(), data.n_classes());
            if found != expected {
                return Err(LearningError::PredProbsClasses { found, expected });
            }
            let data = LabeledProbs::allowing_one_class(Labels::new(data.labels())?, pred_probs.borrowed())?;
            if issues.table.label_quality.is_none() {
                issues.table.label_quality = Some(get_label_quality_scores(&data, self.label_quality)?);
            }
            if issues.table.predicted_label.is_none() {
                issues.table.predicted_label = Some(predicted_classes(&data));
            }
        }
        self.fit_final(data, issues, inputs.noise_matrix)
    }

    /// Issues, scores and predicted classes of checked data.
    fn issues_of<F: Float>(
        &self,
        data: &LabeledProbs<'_, F>,
        inputs: &CleanLearningInputs<'_>,
    ) -> Result<CleanLearningIssues, LearningError> {
        let mut warnings = self.check_inputs(inputs, data.n_classes())?;
        let (mask, noise) = match self.memory {
            MemoryUse::Normal => {
                let noise = self.estimate_noise(data, inputs, &mut warnings)?;
                let mut options = self.find_label_issues_options.clone();
                if options.filter_by.prunes_by_counts() {
                    options.confident_joint = Some(noise.confident_joint.clone());
                }
                let found = find_label_issues(data, &options)?;
                warnings.extend(found.warnings.into_iter().map(CleanLearningWarning::Filter));
                (found.mask, Some(noise))
            }
            MemoryUse::Low => (self.low_memory_mask(data, inputs, &mut warnings)?, None),
        };
        let table = LabelIssuesTable::new(mask, data.labels().as_slice().to_vec().into())
            .with_label_quality(get_label_quality_scores(data, self.label_quality)?)
            .with_predicted_label(predicted_classes(data));
        Ok(CleanLearningIssues { table, noise, pred_probs: None, warnings })
    }

    /// As many labels of lowest self-confidence as are confidently wrong, less those that are also predicted.
    ///
    /// Source: `cleanlab.experimental.label_issues_batched.find_label_issues_batched(return_mask=True)`.
    fn low_memory_mask<F: Float>(
        &self,
        data: &LabeledProbs<'_, F>,
        inputs: &CleanLearningInputs<'_>,
        warnings: &mut Vec<CleanLearningWarning>,
    ) -> Result<Array1<bool>, LearningError> {
        let own_options = self.find_label_issues_options != default_find_label_issues_options();
        for (is_given, input) in [
            (own_options, "find_label_issues_options"),
            (self.convergence != Convergence::None, "convergence"),
            (self.pu_learning.is_some(), "pu_learning"),
            (inputs.thresholds.is_some(), "thresholds"),
            (inputs.noise_matrix.is_some(), "noise_matrix"),
            (inputs.inverse_noise_matrix.is_some(), "inverse_noise_matrix"),
        ] {
            if is_given {
                let reason = "memory use is low";
                warnings.push(CleanLearningWarning::InputIgnored { input, reason });
            }
        }
        let options = FindLabelIssuesOptions::default().with_filter_by(FilterBy::LowSelfConfidence);
        let found = find_label_issues(data, &options)?;
        warnings.extend(found.warnings.into_iter().map(CleanLearningWarning::Filter));
        let mut label_is_predicted = vec![false; data.len()];
        fill_rows(data, &mut label_is_predicted, |batch, out| {
            for ((_, label, probs), out) in batch.iter().zip(out) {
                *out = given_label_is_predicted(probs, label);
            }
        });
        let mut mask = found.mask;
        mask.iter_mut().zip(label_is_predicted).for_each(|(issue, predicted)| *issue &= !predicted);
        Ok(mask)
    }

    fn check_weights(&self, data: &TrainingSet<'_>) -> Result<(), LearningError> {
        if data.sample_weight().is_some() && !self.final_classifier().supports_sample_weight() {
            return Err(LearningError::WeightsUnsupported);
        }
        Ok(())
    }

    fn final_classifier(&self) -> &dyn Classifier {
        self.final_classifier.as_deref().unwrap_or(&*self.classifier)
    }

    /// Trains the final model; a noise matrix among the inputs serves where the issues have no noise estimates.
    fn fit_final(
        &self,
        data: &TrainingSet<'_>,
        mut issues: CleanLearningIssues,
        given_noise_matrix: Option<ArrayView2<'_, f64>>,
    ) -> Result<FittedCleanLearning, LearningError> {
        let clean_rows = issues.table.clean_rows();
        if clean_rows.is_empty() {
            return Err(LearningError::NoCleanRows { rows: data.n_rows() });
        }
        let classifier = self.final_classifier();
        let selected = data.select(&clean_rows);
        let mut training = selected.as_training_set()?;
        let mut weights = None;
        if data.sample_weight().is_none() && classifier.supports_sample_weight() {
            let estimated = issues.noise.as_ref().map(|noise| noise.noise_matrix.view());
            match estimated.or(given_noise_matrix) {
                Some(noise_matrix) => {
                    let rates = noise_matrix.diag().to_vec();
                    weights = Some(training.labels().iter().map(|&k| weight(rates[k as usize])).collect());
                }
                None => issues.warnings.push(CleanLearningWarning::NoSampleWeights),
            }
        }
        let weights: Option<Array1<f64>> = weights;
        if let Some(weights) = &weights {
            training = training.with_sample_weight(weights.view())?;
            let mut of_all_rows = Array1::zeros(data.n_rows());
            clean_rows.iter().zip(weights).for_each(|(&row, &weight)| of_all_rows[row] = weight);
            issues.table.sample_weight = Some(of_all_rows);
        }
        let left = training.label_counts();
        let classes = data.present_classes().into_iter().filter(|&class| left[class as usize] == 0);
        let classes: Vec<u32> = classes.collect();
        if !classes.is_empty() {
            issues.warnings.push(CleanLearningWarning::ClassesPrunedAway { classes });
        }
        let in_final_fit = |source| LearningError::FinalFit { source: Box::new(source) };
        let model = classifier.fit(&training).map_err(in_final_fit)?;
        issues.warnings.extend(model.warnings().iter().cloned().map(CleanLearningWarning::FinalFit));
        Ok(FittedCleanLearning { model, issues, n_classes: data.n_classes() })
    }
}

/// What a row weighs whose class keeps this share of its labels.
fn weight(kept_share: f64) -> f64 {
    const LEAST_SHARE: f64 = 1e-3;
    1.0 / kept_share.max(LEAST_SHARE)
}

fn default_find_label_issues_options() -> FindLabelIssuesOptions {
    const MIN_EXAMPLES_PER_CLASS: u64 = 10;
    FindLabelIssuesOptions::default().with_min_examples_per_class(MIN_EXAMPLES_PER_CLASS)
}

fn predicted_classes<F: Float>(data: &LabeledProbs<'_, F>) -> Array1<u32> {
    let mut predicted = vec![0; data.len()];
    fill_rows(data, &mut predicted, |batch, out| {
        for ((_, _, probs), out) in batch.iter().zip(out) {
            *out = predicted_class(probs) as u32;
        }
    });
    predicted.into()
}

/// Training with the default inputs.
impl Classifier for CleanLearning {
    fn fit(&self, training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
        Ok(Box::new(CleanLearning::fit(self, training, &CleanLearningInputs::default())?))
    }

    fn supports_sample_weight(&self) -> bool {
        self.final_classifier().supports_sample_weight()
    }
}

impl fmt::Debug for CleanLearning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CleanLearning")
            .field("cross_validation", &self.cross_validation)
            .field("convergence", &self.convergence)
            .field("pu_learning", &self.pu_learning)
            .field("find_label_issues_options", &self.find_label_issues_options)
            .field("label_quality", &self.label_quality)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}
