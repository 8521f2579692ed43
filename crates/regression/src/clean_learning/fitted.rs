//! A model that was trained without the labels that were found to be wrong.

use std::fmt;

use ndarray::{Array1, ArrayView2};

use super::{CleanLearningIssues, LabelIssuesTable};
use crate::errors::RegressionError;
use crate::regressor::FittedRegressor;

/// A model trained on the labels that are likely right, and what was found about all of them.
///
/// It predicts and scores as a [`FittedRegressor`].
pub struct FittedCleanLearning {
    model: Box<dyn FittedRegressor>,
    issues: CleanLearningIssues,
}

impl FittedCleanLearning {
    pub(super) fn new(model: Box<dyn FittedRegressor>, issues: CleanLearningIssues) -> Self {
        Self { model, issues }
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
    /// `cleanlab.regression.learn.CleanLearning.save_space`.
    #[must_use]
    #[doc(alias = "into_model")]
    pub fn save_space(self) -> Box<dyn FittedRegressor> {
        self.model
    }
}

impl FittedRegressor for FittedCleanLearning {
    fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Array1<f64>, RegressionError> {
        self.model.predict(features)
    }
}

impl fmt::Debug for FittedCleanLearning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FittedCleanLearning").field("issues", &self.issues).finish_non_exhaustive()
    }
}
