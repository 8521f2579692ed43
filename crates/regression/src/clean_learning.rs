//! Learning with noisy numeric labels.

mod cross_validation;
mod fitted;
mod issues;
mod options;
mod search;

use std::fmt;
use std::sync::Arc;

use cleanlab_core::{RandomState, pairwise_sum, pairwise_sum_by};
use ndarray::{Array1, ArrayView1, ArrayView2, Zip};

use crate::errors::RegressionError;
use crate::label_quality::TINY_VALUE;
use crate::r_squared::r_squared;
use crate::regression_set::{RegressionSet, check_length, check_not_negative, check_values};
use crate::regressor::Regressor;
use cross_validation::{CrossValidation, Plan};
pub use fitted::FittedCleanLearning;
pub use issues::{CleanLearningIssues, CleanLearningWarning, GivenLabelIssues, LabelIssuesTable};
pub use options::{AleatoricUncertainty, FindLabelIssuesOptions, Uncertainty};

/// Finds wrong numeric labels with any regressor, and trains it in spite of them.
///
/// 1. Every row is predicted by a model that had not seen it, by cross-validation with shuffled folds.
/// 2. Which share k of the rows is wrong is searched for: the rows with the largest residuals are left out of training,
///    a few shares are tried, then some between the best and its neighbours, and the one whose predictions have the best
///    R² for all labels is taken; none if that does not improve on step 1.
/// 3. With these k·N rows left out, every row is predicted again, and its residual r is divided by the uncertainty u of
///    its prediction: label quality = exp(−|r / u| / median |r / u|).
/// 4. The ⌈k·N⌉ rows of lowest quality have label issues. The final model is trained without them.
///
/// The uncertainty is the standard deviation of predictions by models of randomly drawn halves of the data (epistemic)
/// plus that of predicted residuals (aleatoric).
///
/// The same seed gives the same folds as in cleanlab, and every call starts the random stream anew: all calls of a
/// [`CleanLearning`] repeat. Folds run in parallel on the current rayon pool; no result depends on its size.
///
/// # Example
///
/// ```
/// use cleanlab_regression::{CleanLearning, FindLabelIssuesOptions, LinearRegression, RegressionSet};
/// use ndarray::{Array1, Array2};
///
/// let features = Array2::from_shape_fn((30, 1), |(row, _)| row as f64);
/// let mut labels = Array1::from_shape_fn(30, |row| 2.0 * row as f64 + (row as f64).sin());
/// labels[4] += 100.0;
/// let data = RegressionSet::new(features.view(), labels.view())?;
///
/// let learning = CleanLearning::new(LinearRegression::default()).with_seed(1).with_n_splits(3);
/// let issues = learning.find_label_issues(&data, &FindLabelIssuesOptions::default())?;
/// assert!(issues.table.is_label_issue[4]);
/// # Ok::<(), cleanlab_regression::RegressionError>(())
/// ```
///
/// # Source
///
/// Zhou, Mueller et al. 2023; `cleanlab.regression.learn.CleanLearning`.
///
/// # Differences
///
/// cleanlab without a seed takes NumPy's global stream, and goes on in it from call to call; here there is always a seed,
/// 0 unless set. cleanlab truncates predicted labels to integers where the given labels are integers.
#[derive(Clone)]
pub struct CleanLearning {
    regressor: Arc<dyn Regressor>,
    final_regressor: Option<Arc<dyn Regressor>>,
    n_splits: usize,
    n_boot: usize,
    aleatoric_uncertainty: AleatoricUncertainty,
    seed: u32,
}

impl CleanLearning {
    /// Learning with this regressor, and cleanlab's defaults for all else: 5 folds, 5 bootstrap rounds, aleatoric
    /// uncertainty included.
    #[must_use]
    pub fn new(regressor: impl Regressor + 'static) -> Self {
        Self {
            regressor: Arc::new(regressor),
            final_regressor: None,
            n_splits: 5,
            n_boot: 5,
            aleatoric_uncertainty: AleatoricUncertainty::default(),
            seed: 0,
        }
    }

    /// Sets the regressor of the final model; cleanlab's `model_final_kwargs`. Default: that of the folds.
    #[must_use]
    pub fn with_final_regressor(mut self, regressor: impl Regressor + 'static) -> Self {
        self.final_regressor = Some(Arc::new(regressor));
        self
    }

    /// Sets the number of folds, at least 2; cleanlab's `cv_n_folds`. Default 5.
    #[must_use]
    pub fn with_n_splits(mut self, n_splits: usize) -> Self {
        self.n_splits = n_splits;
        self
    }

    /// Sets the rounds in which the epistemic uncertainty is estimated; 0 takes it for 0. Default 5.
    #[must_use]
    pub fn with_n_boot(mut self, n_boot: usize) -> Self {
        self.n_boot = n_boot;
        self
    }

    /// Sets whether the aleatoric uncertainty is estimated; cleanlab's `include_aleatoric_uncertainty`. Default: it is.
    #[must_use]
    pub fn with_aleatoric_uncertainty(mut self, aleatoric_uncertainty: AleatoricUncertainty) -> Self {
        self.aleatoric_uncertainty = aleatoric_uncertainty;
        self
    }

    /// Sets the seed of the folds. Default 0.
    #[must_use]
    pub fn with_seed(mut self, seed: u32) -> Self {
        self.seed = seed;
        self
    }

    /// Which labels are wrong.
    ///
    /// Sample weights of the data play no part: they are for the final model.
    ///
    /// # Errors
    ///
    /// [`RegressionError::InvalidOption`] or [`RegressionError::NoFractions`] for options; [`RegressionError::TooFewRows`]
    /// when there are fewer rows than folds, all of them or those that a single share to try would leave;
    /// [`RegressionError::Fold`] with the first fold at fault when training or predicting fails, or when predictions are
    /// too few, too many or not finite; [`RegressionError::WrongLength`], [`RegressionError::InvalidValue`] or
    /// [`RegressionError::NegativeValue`] for a given uncertainty.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_regression::{
    ///     CleanLearning, FindLabelIssuesOptions, LinearRegression, RegressionSet, Uncertainty,
    /// };
    /// use ndarray::{Array1, Array2};
    ///
    /// let features = Array2::from_shape_fn((40, 1), |(row, _)| row as f64);
    /// let mut labels = Array1::from_shape_fn(40, |row| (row as f64).sin());
    /// (labels[7], labels[30]) = (50.0, -50.0);
    /// let data = RegressionSet::new(features.view(), labels.view())?;
    ///
    /// // All predictions are trusted alike, and exactly one label in twenty is said to be wrong, if any.
    /// let options = FindLabelIssuesOptions::default()
    ///     .with_uncertainty(Uncertainty::Same(1.0))
    ///     .with_coarse_search_range(vec![0.05]);
    /// let issues = CleanLearning::new(LinearRegression::default()).find_label_issues(&data, &options)?;
    /// assert_eq!((issues.indices(), issues.issue_fraction), (vec![7, 30], Some(0.05)));
    /// # Ok::<(), cleanlab_regression::RegressionError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `cleanlab.regression.learn.CleanLearning.find_label_issues`.
    ///
    /// # Differences
    ///
    /// A share that leaves fewer rows than folds is passed over, in the search as at its end. cleanlab rounds the rows
    /// left in two ways, and raises where only one of them leaves enough.
    pub fn find_label_issues(
        &self,
        data: &RegressionSet<'_>,
        options: &FindLabelIssuesOptions,
    ) -> Result<CleanLearningIssues, RegressionError> {
        self.check(data.n_rows())?;
        options.check(data.n_rows())?;
        let mut random = RandomState::new(self.seed);
        let n_rows = data.n_rows();
        let labels = data.labels();
        let folds = CrossValidation { regressor: &*self.regressor, data: data.relabelled(labels) };

        let initial = folds.predict(&Plan::all_rows(n_rows, self.n_splits, &mut random)?)?;
        let order = rows_by_residual(labels, initial.view());
        let initial_r2 = r_squared(labels, initial.view(), None);
        let best = self.search_fraction(&folds, &order, options, &mut random)?;
        let fraction = if best.r2 > initial_r2 { best.fraction } else { 0.0 };
        let predictions = folds.predict(&Plan::without(&order, fraction, self.n_splits, &mut random)?)?;
        let residuals = &predictions - &labels;

        let uncertainty = match &options.uncertainty {
            Uncertainty::Given(given) => given.clone(),
            Uncertainty::Same(value) => Array1::from_elem(n_rows, *value),
            Uncertainty::Estimated => {
                let epistemic = self.epistemic(&folds, Some(predictions.view()), &mut random)?;
                match self.aleatoric_uncertainty {
                    AleatoricUncertainty::Included => {
                        check_values("residuals", residuals.view())?;
                        let folds = CrossValidation {
                            regressor: &*self.regressor,
                            data: data.relabelled(residuals.view()),
                        };
                        epistemic + self.aleatoric(&folds, &mut random)?
                    }
                    AleatoricUncertainty::LeftOut => epistemic,
                }
            }
        };
        let label_quality = label_quality(residuals.view(), uncertainty.view());
        let n_issues = ((n_rows as f64 * fraction).ceil() as usize).min(n_rows);
        let mut is_label_issue = Array1::from_elem(n_rows, false);
        for &row in rows_in_order(label_quality.view()).iter().take(n_issues) {
            is_label_issue[row] = true;
        }
        let mut warnings = Vec::new();
        if labels.iter().all(|label| *label == labels[0]) {
            warnings.push(CleanLearningWarning::ConstantLabels { value: labels[0] });
        }
        let table = LabelIssuesTable::new(is_label_issue, labels.to_owned())
            .with_label_quality(label_quality)
            .with_predicted_label(predictions);
        Ok(CleanLearningIssues { table, issue_fraction: Some(fraction), warnings })
    }

    /// Finds wrong labels and trains the final model without them.
    ///
    /// Sample weights of the data are for the final model alone.
    ///
    /// # Errors
    ///
    /// As [`CleanLearning::find_label_issues`]; [`RegressionError::WeightsUnsupported`];
    /// [`RegressionError::NoCleanRows`]; [`RegressionError::FinalFit`] with what the final model cannot cope with, which
    /// may be that the rows that are left have no weight.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_regression::{CleanLearning, FindLabelIssuesOptions, LinearRegression, RegressionSet};
    /// use ndarray::{Array1, Array2, array};
    ///
    /// let features = Array2::from_shape_fn((30, 1), |(row, _)| row as f64);
    /// let mut labels = Array1::from_shape_fn(30, |row| 2.0 * row as f64 + (row as f64).sin());
    /// labels[4] += 100.0;
    /// let data = RegressionSet::new(features.view(), labels.view())?;
    /// let model = CleanLearning::new(LinearRegression::default()).fit(&data, &FindLabelIssuesOptions::default())?;
    /// assert!(model.get_label_issues().is_label_issue[4]);
    /// assert!((model.predict(array![[4.0]].view())?[0] - 8.0).abs() < 0.5);
    /// # Ok::<(), cleanlab_regression::RegressionError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `cleanlab.regression.learn.CleanLearning.fit`.
    pub fn fit(
        &self,
        data: &RegressionSet<'_>,
        options: &FindLabelIssuesOptions,
    ) -> Result<FittedCleanLearning, RegressionError> {
        self.check_weights(data)?;
        let issues = self.find_label_issues(data, options)?;
        self.fit_final(data, issues)
    }

    /// As [`CleanLearning::fit`], with label issues that are known already: nothing is cross-validated.
    ///
    /// # Errors
    ///
    /// [`RegressionError::WrongLength`], [`RegressionError::LabelIssueOutOfRange`] or
    /// [`RegressionError::RepeatedLabelIssue`] for the issues, [`RegressionError::GivenLabelDiffers`] for a table of other
    /// labels; [`RegressionError::WeightsUnsupported`]; [`RegressionError::NoCleanRows`];
    /// [`RegressionError::FinalFit`] with what the final model cannot cope with.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_regression::{CleanLearning, GivenLabelIssues, LinearRegression, RegressionSet};
    /// use ndarray::array;
    ///
    /// let (features, labels) = (array![[0.0], [1.0], [2.0], [3.0]], array![0.0, 1.0, 50.0, 3.0]);
    /// let data = RegressionSet::new(features.view(), labels.view())?;
    /// let known = GivenLabelIssues::Indices(&[2]);
    /// let model = CleanLearning::new(LinearRegression::default()).fit_with_label_issues(&data, known)?;
    /// assert!((model.predict(array![[2.0]].view())?[0] - 2.0).abs() < 1e-12);
    /// # Ok::<(), cleanlab_regression::RegressionError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `cleanlab.regression.learn.CleanLearning.fit(label_issues=…)`.
    ///
    /// # Differences
    ///
    /// cleanlab takes no indices.
    pub fn fit_with_label_issues(
        &self,
        data: &RegressionSet<'_>,
        label_issues: GivenLabelIssues<'_>,
    ) -> Result<FittedCleanLearning, RegressionError> {
        self.check_weights(data)?;
        self.fit_final(data, label_issues.checked(data)?)
    }

    /// How much the prediction of each row depends on which rows were drawn for training: the standard deviation of its
    /// predictions in [`CleanLearning::with_n_boot`] rounds of two folds, and of `predictions` if there are any.
    ///
    /// # Shapes
    ///
    /// N rows, and N predictions, give N values of at least 0.
    ///
    /// # Errors
    ///
    /// [`RegressionError::WrongLength`] or [`RegressionError::InvalidValue`] for the predictions,
    /// [`RegressionError::TooFewRows`] for a single row, [`RegressionError::Fold`].
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_regression::{CleanLearning, LinearRegression, RegressionSet};
    /// use ndarray::array;
    ///
    /// let features = array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]];
    /// let labels = array![0.1, 0.9, 2.1, 2.9, 4.1, 4.9];
    /// let data = RegressionSet::new(features.view(), labels.view())?;
    /// let learning = CleanLearning::new(LinearRegression::default());
    /// let uncertainty = learning.get_epistemic_uncertainty(&data, None)?;
    /// assert!(uncertainty.iter().all(|u| (0.0..1.0).contains(u)) && uncertainty.sum() > 0.0);
    /// assert_eq!(learning.with_n_boot(0).get_epistemic_uncertainty(&data, None)?.sum(), 0.0);
    /// # Ok::<(), cleanlab_regression::RegressionError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `cleanlab.regression.learn.CleanLearning.get_epistemic_uncertainty`.
    pub fn get_epistemic_uncertainty(
        &self,
        data: &RegressionSet<'_>,
        predictions: Option<ArrayView1<'_, f64>>,
    ) -> Result<Array1<f64>, RegressionError> {
        if let Some(predictions) = predictions {
            check_length("predictions", predictions.len(), data.n_rows())?;
            check_values("predictions", predictions)?;
        }
        let folds = CrossValidation { regressor: &*self.regressor, data: data.relabelled(data.labels()) };
        self.epistemic(&folds, predictions, &mut RandomState::new(self.seed))
    }

    /// How much labels vary in a way that features can tell: the standard deviation of residuals as predicted by
    /// cross-validation.
    ///
    /// # Shapes
    ///
    /// N × p features and N residuals give one value of at least 0.
    ///
    /// # Errors
    ///
    /// As [`RegressionSet::new`] with the residuals as labels; [`RegressionError::InvalidOption`] or
    /// [`RegressionError::TooFewRows`] for the number of folds; [`RegressionError::Fold`].
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_regression::{CleanLearning, LinearRegression};
    /// use ndarray::{Array1, Array2};
    ///
    /// let features = Array2::from_shape_fn((50, 1), |(row, _)| row as f64);
    /// let residuals = Array1::from_shape_fn(50, |row| 0.1 * row as f64);
    /// let uncertainty = CleanLearning::new(LinearRegression::default())
    ///     .get_aleatoric_uncertainty(features.view(), residuals.view())?;
    /// // All of the residuals follows from the features: their standard deviation is 0.1 · √((50² − 1) / 12).
    /// assert!((uncertainty - 1.443_087).abs() < 1e-6);
    /// # Ok::<(), cleanlab_regression::RegressionError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `cleanlab.regression.learn.CleanLearning.get_aleatoric_uncertainty`.
    pub fn get_aleatoric_uncertainty(
        &self,
        features: ArrayView2<'_, f64>,
        residuals: ArrayView1<'_, f64>,
    ) -> Result<f64, RegressionError> {
        let data = RegressionSet::new(features, residuals)?;
        self.check(data.n_rows())?;
        let folds = CrossValidation { regressor: &*self.regressor, data };
        self.aleatoric(&folds, &mut RandomState::new(self.seed))
    }

    fn epistemic(
        &self,
        folds: &CrossValidation<'_, '_>,
        predictions: Option<ArrayView1<'_, f64>>,
        random: &mut RandomState,
    ) -> Result<Array1<f64>, RegressionError> {
        let n_rows = folds.data.n_rows();
        if self.n_boot == 0 {
            return Ok(Array1::zeros(n_rows));
        }
        let plans: Result<Vec<Plan>, _> =
            (0..self.n_boot).map(|_| Plan::all_rows(n_rows, 2, random)).collect();
        let rounds = folds.predict_all(&plans?)?;
        let mut drawn = vec![0.0; self.n_boot + usize::from(predictions.is_some())];
        Ok((0..n_rows)
            .map(|row| {
                for (drawn, round) in drawn.iter_mut().zip(&rounds) {
                    *drawn = round[row];
                }
                if let Some(predictions) = predictions {
                    drawn[self.n_boot] = predictions[row];
                }
                standard_deviation(&drawn)
            })
            .collect())
    }

    fn aleatoric(
        &self,
        folds: &CrossValidation<'_, '_>,
        random: &mut RandomState,
    ) -> Result<f64, RegressionError> {
        let plan = Plan::all_rows(folds.data.n_rows(), self.n_splits, random)?;
        Ok(standard_deviation(&folds.predict(&plan)?.to_vec()))
    }

    fn fit_final(
        &self,
        data: &RegressionSet<'_>,
        issues: CleanLearningIssues,
    ) -> Result<FittedCleanLearning, RegressionError> {
        let clean = issues.table.clean_rows();
        if clean.is_empty() {
            return Err(RegressionError::NoCleanRows { rows: data.n_rows() });
        }
        let rows = data.select(&clean);
        let fitted = rows.as_set().and_then(|set| self.final_regressor().fit(&set));
        let model = fitted.map_err(|error| RegressionError::FinalFit { source: Box::new(error) })?;
        Ok(FittedCleanLearning::new(model, issues))
    }

    fn final_regressor(&self) -> &dyn Regressor {
        self.final_regressor.as_deref().unwrap_or(&*self.regressor)
    }

    fn check_weights(&self, data: &RegressionSet<'_>) -> Result<(), RegressionError> {
        if data.sample_weight().is_some() && !self.final_regressor().supports_sample_weight() {
            return Err(RegressionError::WeightsUnsupported);
        }
        Ok(())
    }

    fn check(&self, rows: usize) -> Result<(), RegressionError> {
        if self.n_splits < 2 {
            let (option, value) = ("n_splits", self.n_splits as f64);
            return Err(RegressionError::InvalidOption { option, value, bound: "at least 2" });
        }
        if rows < self.n_splits {
            return Err(RegressionError::TooFewRows { rows, folds: self.n_splits });
        }
        if self.n_boot > MOST_ROUNDS {
            let (option, value) = ("n_boot", self.n_boot as f64);
            return Err(RegressionError::InvalidOption { option, value, bound: "at most 10000" });
        }
        Ok(())
    }
}

/// Each trains two models and predicts every row.
const MOST_ROUNDS: usize = 10_000;

impl fmt::Debug for CleanLearning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CleanLearning")
            .field("n_splits", &self.n_splits)
            .field("n_boot", &self.n_boot)
            .field("aleatoric_uncertainty", &self.aleatoric_uncertainty)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// Rows from the smallest absolute residual to the largest, ties by index.
fn rows_by_residual(labels: ArrayView1<'_, f64>, predictions: ArrayView1<'_, f64>) -> Vec<usize> {
    let residuals =
        Zip::from(labels).and(predictions).map_collect(|label, prediction| (prediction - label).abs());
    rows_in_order(residuals.view())
}

/// Rows from the smallest value to the largest, ties by index.
fn rows_in_order(values: ArrayView1<'_, f64>) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..values.len()).collect();
    rows.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    rows
}

/// exp(−|r / u| / median |r / u|).
#[allow(clippy::manual_midpoint, reason = "the reference's order of operations decides the last bit")]
fn label_quality(residuals: ArrayView1<'_, f64>, uncertainty: ArrayView1<'_, f64>) -> Array1<f64> {
    let adjusted =
        Zip::from(residuals).and(uncertainty).map_collect(|residual, u| (residual / (u + TINY_VALUE)).abs());
    let mut sorted = adjusted.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let half = sorted.len() / 2;
    let median =
        if sorted.len().is_multiple_of(2) { (sorted[half - 1] + sorted[half]) / 2.0 } else { sorted[half] };
    let median = median.max(TINY_VALUE);
    adjusted.mapv_into(|value| (-value / median).exp())
}

/// The square root of the mean squared distance from the mean.
fn standard_deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = pairwise_sum(values) / n;
    (pairwise_sum_by(values.len(), &|at| (values[at] - mean).powi(2)) / n).sqrt()
}
