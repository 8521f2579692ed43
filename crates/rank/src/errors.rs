//! Everything that can go wrong when labels are scored.

use cleanlab_core::InputError;
use cleanlab_count::CountError;
use thiserror::Error;

/// Why scores could not be computed.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum RankError {
    /// Labels or predicted probabilities are not valid.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The confident thresholds could not be computed or applied.
    #[error(transparent)]
    Count(#[from] CountError),
    /// There is no model to score by.
    #[error("the ensemble has no pred_probs; give at least one matrix")]
    EmptyEnsemble,
    /// There is not one weight per model.
    #[error("custom_weights has {weights} entries for {members} matrices of pred_probs; give one per matrix")]
    WrongNumberOfWeights {
        /// Number of weights.
        weights: usize,
        /// Number of models.
        members: usize,
    },
    /// A weight is NaN or infinite.
    #[error("custom weight {index} is {value}; weights must be finite")]
    BadWeight {
        /// Which weight.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// No model predicts a single label, so accuracies cannot weigh them.
    #[error(
        "no member of the ensemble predicts any given label, so accuracy gives no weights; use uniform weights"
    )]
    NoAccurateMember,
    /// The list of temperatures is empty or has a value that is not a finite number.
    #[error("log_loss_search needs at least one temperature and all finite, found {found:?}")]
    BadTemperatures {
        /// The temperatures given.
        found: Vec<f64>,
    },
    /// A mask of issues has another length than the labels.
    #[error("the mask has {mask} entries for {labels} labels; give one per example")]
    MaskLength {
        /// Length of the mask.
        mask: usize,
        /// Number of labels.
        labels: usize,
    },
}
