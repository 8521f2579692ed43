//! What cross-validation asks of a model.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2};
use thiserror::Error;

use crate::errors::LearningError;
use crate::training_set::TrainingSet;

/// A recipe for a model: trains a fresh one from every training set it is given.
///
/// Cross-validation calls [`Classifier::fit`] once per fold, from several threads at once, and never changes the recipe.
///
/// # Bring your own
///
/// A model of your own, or of another crate, is two types and three functions. This one predicts the frequency of each
/// class among the training rows whose first feature has the same sign:
///
/// ```
/// use cleanlab_learning::ndarray::{Array2, ArrayView2, array};
/// use cleanlab_learning::{
///     Classifier, CrossValidationOptions, FittedClassifier, LearningError, TrainingSet, cross_val_predict,
/// };
///
/// struct BySign;
///
/// struct FittedBySign {
///     frequencies: [Vec<f64>; 2],
/// }
///
/// impl Classifier for BySign {
///     fn fit(&self, training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
///         let mut counts = [vec![0.0; training.n_classes()], vec![0.0; training.n_classes()]];
///         for (row, &label) in training.features().rows().into_iter().zip(training.labels()) {
///             counts[usize::from(row[0] > 0.0)][label as usize] += 1.0;
///         }
///         let frequencies = counts.map(|side| {
///             let total = side.iter().sum::<f64>().max(1.0);
///             side.into_iter().map(|count| count / total).collect()
///         });
///         Ok(Box::new(FittedBySign { frequencies }))
///     }
/// }
///
/// impl FittedClassifier for FittedBySign {
///     fn n_classes(&self) -> usize {
///         self.frequencies[0].len()
///     }
///     fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
///         Ok(Array2::from_shape_fn((features.nrows(), self.n_classes()), |(row, class)| {
///             self.frequencies[usize::from(features[[row, 0]] > 0.0)][class]
///         }))
///     }
/// }
///
/// let features = array![[-1.0], [-2.0], [-3.0], [1.0], [2.0], [3.0]];
/// let data = TrainingSet::new(features.view(), &[0, 0, 0, 1, 1, 1], 2)?;
/// let options = CrossValidationOptions::default().with_n_splits(3);
/// let out_of_sample = cross_val_predict(&BySign, &data, &options)?;
/// assert_eq!(out_of_sample.pred_probs.row(5), array![0.0, 1.0]);
/// # Ok::<(), LearningError>(())
/// ```
///
/// Errors of the model's own go through [`LearningError::classifier`].
pub trait Classifier: Send + Sync {
    /// Trains a model.
    ///
    /// Not every class need occur among the labels: the model still has all [`TrainingSet::n_classes`] columns, and
    /// those of absent classes are 0.
    ///
    /// # Errors
    ///
    /// [`LearningError::WeightsUnsupported`] when there are sample weights that the classifier cannot use; otherwise
    /// what the classifier cannot cope with.
    fn fit(&self, training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError>;

    /// Trains a model that may look at further rows to decide when to stop or which of its settings to use.
    ///
    /// Ignores those rows unless the classifier says otherwise. Cross-validation calls this only when it is asked to,
    /// with [`ValidationRows::HeldOut`](crate::ValidationRows::HeldOut).
    ///
    /// # Errors
    ///
    /// As [`Classifier::fit`].
    fn fit_with_validation(
        &self,
        training: &TrainingSet<'_>,
        validation: &TrainingSet<'_>,
    ) -> Result<Box<dyn FittedClassifier>, LearningError> {
        let _ = validation;
        self.fit(training)
    }

    /// Whether [`TrainingSet::sample_weight`] is heeded; not unless the classifier says so.
    fn supports_sample_weight(&self) -> bool {
        false
    }
}

/// A trained model.
pub trait FittedClassifier: Send + Sync {
    /// Number of classes K, that is, columns of the predictions.
    fn n_classes(&self) -> usize;

    /// The probability of each class for each row.
    ///
    /// # Shapes
    ///
    /// N × p features give N × K probabilities in [0, 1].
    ///
    /// # Errors
    ///
    /// [`LearningError::FeatureCount`] when the rows have another number of features than the training rows had;
    /// otherwise what the classifier cannot cope with.
    fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError>;

    /// The most probable class of each row, the first of several that are equally probable.
    ///
    /// # Errors
    ///
    /// As [`FittedClassifier::predict_proba`].
    fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Vec<u32>, LearningError> {
        let probabilities = self.predict_proba(features)?;
        let most_probable = |row: ndarray::ArrayView1<'_, f64>| {
            let mut best = 0;
            for class in 1..row.len() {
                if row[class] > row[best] {
                    best = class;
                }
            }
            best as u32
        };
        Ok(probabilities.rows().into_iter().map(most_probable).collect())
    }

    /// What the training has to report, such as that it stopped early; nothing unless the classifier says so.
    fn warnings(&self) -> &[FitWarning] {
        &[]
    }
}

/// Something about a training run that a user should know, though a model came out of it.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FitWarning {
    /// The optimiser stopped at its limit of iterations.
    #[error(
        "not converged after {iterations} iterations (largest gradient {gradient:e}); \
         raise the limit or standardise the features"
    )]
    IterationLimit {
        /// Iterations done.
        iterations: usize,
        /// The largest absolute component of the gradient where it stopped.
        gradient: f64,
    },
    /// The optimiser found no better point, though the gradient was above the tolerance.
    #[error(
        "the line search of iteration {iterations} found no better point (largest gradient {gradient:e}); \
         standardise the features or raise the tolerance"
    )]
    LineSearchFailed {
        /// Iterations done.
        iterations: usize,
        /// The largest absolute component of the gradient where it stopped.
        gradient: f64,
    },
    /// What a classifier from outside this crate reports.
    #[error("{0}")]
    Other(String),
}

macro_rules! delegate_classifier {
    ($($pointer:ty),*) => {$(
        impl<C: Classifier + ?Sized> Classifier for $pointer {
            fn fit(&self, training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
                (**self).fit(training)
            }
            fn fit_with_validation(
                &self,
                training: &TrainingSet<'_>,
                validation: &TrainingSet<'_>,
            ) -> Result<Box<dyn FittedClassifier>, LearningError> {
                (**self).fit_with_validation(training, validation)
            }
            fn supports_sample_weight(&self) -> bool {
                (**self).supports_sample_weight()
            }
        }
    )*};
}
delegate_classifier!(&C, Box<C>, Arc<C>);

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    struct Constant(Array2<f64>);

    impl FittedClassifier for Constant {
        fn n_classes(&self) -> usize {
            self.0.ncols()
        }
        fn predict_proba(&self, _features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
            Ok(self.0.clone())
        }
    }

    #[test]
    fn predict_equal_probabilities_gives_the_first_class() {
        let fitted = Constant(array![[0.2, 0.4, 0.4], [0.5, 0.0, 0.5], [0.1, 0.2, 0.7]]);
        assert_eq!(fitted.predict(Array2::zeros((3, 1)).view()).unwrap(), [1, 0, 2]);
    }
}
