//! What learning with noisy numeric labels asks of a model.

use std::sync::Arc;

use ndarray::{Array1, ArrayView2};

use crate::errors::RegressionError;
use crate::r_squared::r2_score;
use crate::regression_set::RegressionSet;

/// A recipe for a model: trains a fresh one from every training set it is given.
///
/// Cross-validation calls [`Regressor::fit`] once per fold, from several threads at once, and never changes the recipe.
///
/// # Bring your own
///
/// A model of your own, or of another crate, is two types and two functions. This one predicts the mean label of the
/// training rows whose first feature has the same sign:
///
/// ```
/// use cleanlab_regression::ndarray::{Array1, ArrayView2, array};
/// use cleanlab_regression::{
///     CleanLearning, FindLabelIssuesOptions, FittedRegressor, RegressionError, RegressionSet, Regressor,
/// };
///
/// struct BySign;
///
/// struct FittedBySign {
///     means: [f64; 2],
/// }
///
/// impl Regressor for BySign {
///     fn fit(&self, training: &RegressionSet<'_>) -> Result<Box<dyn FittedRegressor>, RegressionError> {
///         let (mut sums, mut counts) = ([0.0; 2], [0.0_f64; 2]);
///         for (row, label) in training.features().rows().into_iter().zip(training.labels()) {
///             let side = usize::from(row[0] > 0.0);
///             sums[side] += label;
///             counts[side] += 1.0;
///         }
///         Ok(Box::new(FittedBySign { means: [0, 1].map(|side| sums[side] / counts[side].max(1.0)) }))
///     }
/// }
///
/// impl FittedRegressor for FittedBySign {
///     fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Array1<f64>, RegressionError> {
///         Ok(features.rows().into_iter().map(|row| self.means[usize::from(row[0] > 0.0)]).collect())
///     }
/// }
///
/// let features = array![[-1.0], [-2.0], [-3.0], [-4.0], [1.0], [2.0], [3.0], [4.0]];
/// // The label of the third row is wrong.
/// let labels = array![0.0, 0.1, 9.0, 0.2, 9.0, 9.1, 9.2, 8.9];
/// let data = RegressionSet::new(features.view(), labels.view())?;
/// let learning = CleanLearning::new(BySign).with_n_splits(2);
/// let issues = learning.find_label_issues(&data, &FindLabelIssuesOptions::default())?;
/// let quality = issues.table.label_quality.unwrap();
/// assert!((0..8).all(|row| quality[row] >= quality[2]) && issues.table.is_label_issue[2]);
/// # Ok::<(), RegressionError>(())
/// ```
///
/// Errors of the model's own go through [`RegressionError::regressor`].
pub trait Regressor: Send + Sync {
    /// Trains a model.
    ///
    /// # Errors
    ///
    /// [`RegressionError::WeightsUnsupported`] when there are sample weights that the regressor cannot use; otherwise
    /// what the regressor cannot cope with.
    fn fit(&self, training: &RegressionSet<'_>) -> Result<Box<dyn FittedRegressor>, RegressionError>;

    /// Whether [`RegressionSet::sample_weight`] is heeded; not unless the regressor says so.
    fn supports_sample_weight(&self) -> bool {
        false
    }
}

/// A trained model.
pub trait FittedRegressor: Send + Sync {
    /// The predicted label of each row.
    ///
    /// # Shapes
    ///
    /// N × p features give N labels.
    ///
    /// # Errors
    ///
    /// [`RegressionError::FeatureCount`] when the rows have another number of features than the training rows had;
    /// otherwise what the regressor cannot cope with.
    fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Array1<f64>, RegressionError>;

    /// R² of the predictions for these rows, by their weights if there are any; see [`r2_score`].
    ///
    /// # Errors
    ///
    /// As [`FittedRegressor::predict`] and [`r2_score`].
    fn score(&self, data: &RegressionSet<'_>) -> Result<f64, RegressionError> {
        let predictions = self.predict(data.features())?;
        r2_score(data.labels(), predictions.view(), data.sample_weight())
    }
}

macro_rules! delegate_regressor {
    ($($pointer:ty),*) => {$(
        impl<R: Regressor + ?Sized> Regressor for $pointer {
            fn fit(&self, training: &RegressionSet<'_>) -> Result<Box<dyn FittedRegressor>, RegressionError> {
                (**self).fit(training)
            }
            fn supports_sample_weight(&self) -> bool {
                (**self).supports_sample_weight()
            }
        }
    )*};
}
delegate_regressor!(&R, Box<R>, Arc<R>);
