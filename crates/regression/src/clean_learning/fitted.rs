//! A model that was trained without the labels that were found to be wrong.

use std::fmt;

use ndarray::{Array1, ArrayView2};

use super::cross_validation::check_predictions;
use super::{CleanLearningIssues, LabelIssuesTable};
use crate::errors::RegressionError;
use crate::regression_set::RegressionSet;
use crate::regressor::FittedRegressor;

/// A model trained on the labels that are likely right, and what was found about all of them.
pub struct FittedCleanLearning {
    model: Box<dyn FittedRegressor>,
    issues: CleanLearningIssues,
}

impl FittedCleanLearning {
    pub(super) fn new(model: Box<dyn FittedRegressor>, issues: CleanLearningIssues) -> Self {
        Self { model, issues }
    }

    /// The predicted label of each row.
    ///
    /// # Shapes
    ///
    /// N × p features give N labels.
    ///
    /// # Errors
    ///
    /// What the model cannot cope with; [`RegressionError::PredictionCount`] or [`RegressionError::InvalidValue`] when
    /// what it returns is not one finite label for each row.
    ///
    /// # Source
    ///
    /// `cleanlab.regression.learn.CleanLearning.predict`.
    pub fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Array1<f64>, RegressionError> {
        let predictions = self.model.predict(features)?;
        let rows: Vec<usize> = (0..features.nrows()).collect();
        check_predictions(predictions.view(), &rows)?;
        Ok(predictions)
    }

    /// How well the model predicts these labels, by its own [`FittedRegressor::score`]: R² unless the model says
    /// otherwise, weighted by the sample weights of the data if it has any.
    ///
    /// # Errors
    ///
    /// As [`FittedRegressor::score`].
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_regression::{CleanLearning, GivenLabelIssues, LinearRegression, RegressionSet};
    /// use ndarray::array;
    ///
    /// let features = array![[0.0], [1.0], [2.0]];
    /// let (labels, others) = (array![0.0, 1.0, 2.0], array![1.0, 1.0, 1.0]);
    /// let data = RegressionSet::new(features.view(), labels.view())?;
    /// let learning = CleanLearning::new(LinearRegression::default());
    /// let model = learning.fit_with_label_issues(&data, GivenLabelIssues::Indices(&[]))?;
    /// assert!(model.score(&data)? > 0.999);
    /// assert_eq!(model.score(&RegressionSet::new(features.view(), others.view())?)?, 0.0);
    /// # Ok::<(), cleanlab_regression::RegressionError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `cleanlab.regression.learn.CleanLearning.score`.
    pub fn score(&self, data: &RegressionSet<'_>) -> Result<f64, RegressionError> {
        self.model.score(data)
    }

    /// One row per training example: whether its label is wrong, its score, and its prediction.
    ///
    /// # Source
    ///
    /// `cleanlab.regression.learn.CleanLearning.get_label_issues`.
    #[must_use]
    pub fn get_label_issues(&self) -> &LabelIssuesTable {
        &self.issues.table
    }

    /// The table of issues together with the share of wrong labels and warnings.
    #[must_use]
    pub fn issues(&self) -> &CleanLearningIssues {
        &self.issues
    }

    /// The final model.
    #[must_use]
    pub fn model(&self) -> &dyn FittedRegressor {
        &*self.model
    }

    /// The final model alone; everything else is dropped.
    ///
    /// # Source
    ///
    /// `cleanlab.regression.learn.CleanLearning.save_space`, and the option of that name of `find_label_issues`.
    #[must_use]
    #[doc(alias = "into_model")]
    pub fn save_space(self) -> Box<dyn FittedRegressor> {
        self.model
    }
}

impl FittedRegressor for FittedCleanLearning {
    fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Array1<f64>, RegressionError> {
        FittedCleanLearning::predict(self, features)
    }

    fn score(&self, data: &RegressionSet<'_>) -> Result<f64, RegressionError> {
        FittedCleanLearning::score(self, data)
    }
}

impl fmt::Debug for FittedCleanLearning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FittedCleanLearning").field("issues", &self.issues).finish_non_exhaustive()
    }
}
