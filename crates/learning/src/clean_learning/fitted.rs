//! The model that was trained on the clean part of the data.

use std::fmt;

use cleanlab_core::pairwise_sum;
use ndarray::{Array2, ArrayView2};

use super::issues::{CleanLearningIssues, LabelIssuesTable};
use crate::classifier::{FitWarning, FittedClassifier};
use crate::cross_validation::check_predictions;
use crate::errors::LearningError;
use crate::training_set::TrainingSet;

/// A model trained on the rows whose labels are probably right, and what was found about the others.
pub struct FittedCleanLearning {
    pub(super) model: Box<dyn FittedClassifier>,
    pub(super) issues: CleanLearningIssues,
    pub(super) n_classes: usize,
}

impl FittedCleanLearning {
    /// The predicted class of each row.
    ///
    /// # Errors
    ///
    /// What the model cannot cope with; [`LearningError::PredictedRows`] or [`LearningError::UnknownClass`] when what
    /// it predicts are not classes of the data.
    ///
    /// # Source
    ///
    /// `cleanlab.classification.CleanLearning.predict`.
    pub fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Vec<u32>, LearningError> {
        let predicted = self.model.predict(features)?;
        if predicted.len() != features.nrows() {
            let (found, expected) = (predicted.len(), features.nrows());
            return Err(LearningError::PredictedRows { found, expected });
        }
        let n_classes = self.n_classes;
        match predicted.iter().position(|&class| class as usize >= n_classes) {
            Some(row) => Err(LearningError::UnknownClass { row, class: predicted[row], n_classes }),
            None => Ok(predicted),
        }
    }

    /// The probability of each class for each row, N × K.
    ///
    /// # Errors
    ///
    /// What the model cannot cope with; [`LearningError::PredictedShape`] or [`LearningError::NotAProbability`] when
    /// what it returns are not probabilities of the classes.
    ///
    /// # Source
    ///
    /// `cleanlab.classification.CleanLearning.predict_proba`.
    pub fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
        let pred_probs = self.model.predict_proba(features)?;
        let rows: Vec<usize> = (0..features.nrows()).collect();
        check_predictions(pred_probs.view(), &rows, self.n_classes)?;
        Ok(pred_probs)
    }

    /// The share of rows whose label the model predicts, weighted by the sample weights of the data if it has any.
    ///
    /// # Errors
    ///
    /// As [`FittedCleanLearning::predict`].
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_learning::{
    ///     CleanLearning, CleanLearningInputs, GivenLabelIssues, LogisticRegression, TrainingSet,
    /// };
    /// use ndarray::array;
    ///
    /// let features = array![[-2.0], [-1.0], [1.0], [2.0]];
    /// let data = TrainingSet::new(features.view(), &[0, 0, 1, 1], 2)?;
    /// let clean = CleanLearning::new(LogisticRegression::default());
    /// let none = GivenLabelIssues::Indices(&[]);
    /// let model = clean.fit_with_label_issues(&data, none, &CleanLearningInputs::default())?;
    ///
    /// let test = TrainingSet::new(features.view(), &[0, 1, 1, 1], 2)?;
    /// assert_eq!(model.score(&test)?, 0.75);
    /// let weights = array![1.0, 2.0, 1.0, 1.0];
    /// assert_eq!(model.score(&test.with_sample_weight(weights.view())?)?, 0.6);
    /// # Ok::<(), cleanlab_learning::LearningError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `cleanlab.classification.CleanLearning.score` and `sklearn.metrics.accuracy_score`.
    pub fn score(&self, data: &TrainingSet<'_>) -> Result<f64, LearningError> {
        let predicted = self.predict(data.features())?;
        let is_right = predicted.iter().zip(data.labels()).map(|(class, label)| class == label);
        let Some(weights) = data.sample_weight() else {
            return Ok(is_right.filter(|&right| right).count() as f64 / data.n_rows() as f64);
        };
        let right: Vec<f64> =
            is_right.zip(weights).map(|(right, &weight)| if right { weight } else { 0.0 }).collect();
        Ok(pairwise_sum(&right) / pairwise_sum(&weights.to_vec()))
    }

    /// One row per training example: whether its label is wrong, its score, its weight in the final training.
    ///
    /// # Source
    ///
    /// `cleanlab.classification.CleanLearning.get_label_issues`.
    #[must_use]
    pub fn get_label_issues(&self) -> &LabelIssuesTable {
        &self.issues.table
    }

    /// The table of issues together with noise estimates, predictions and warnings.
    #[must_use]
    pub fn issues(&self) -> &CleanLearningIssues {
        &self.issues
    }

    /// The final model.
    #[must_use]
    pub fn model(&self) -> &dyn FittedClassifier {
        &*self.model
    }

    /// The final model alone; everything else is dropped.
    ///
    /// # Source
    ///
    /// `cleanlab.classification.CleanLearning.save_space`.
    #[must_use]
    #[doc(alias = "into_model")]
    pub fn save_space(self) -> Box<dyn FittedClassifier> {
        self.model
    }
}

impl FittedClassifier for FittedCleanLearning {
    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
        FittedCleanLearning::predict_proba(self, features)
    }

    fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Vec<u32>, LearningError> {
        FittedCleanLearning::predict(self, features)
    }

    fn warnings(&self) -> &[FitWarning] {
        self.model.warnings()
    }
}

impl fmt::Debug for FittedCleanLearning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FittedCleanLearning").field("issues", &self.issues).finish_non_exhaustive()
    }
}
