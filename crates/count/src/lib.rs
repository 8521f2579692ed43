//! How much label noise there is: confident thresholds, the confident joint, noise matrices, and issue counts.
//!
//! The estimates of confident learning (Northcutt, Jiang and Chuang 2021) for labels that annotators got wrong at
//! random, given out-of-sample predicted probabilities of any model. Numbers are those of `cleanlab.count` 2.9.0.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_core::{LabeledProbs, Labels, PredProbs};
//! use cleanlab_count::{ConfidentJointOptions, EstimationMethod, compute_confident_joint, num_label_issues};
//! use ndarray::array;
//!
//! let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
//! let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
//! // The last example is labelled 1 and confidently 0.
//! let confident_joint = compute_confident_joint(&data, &ConfidentJointOptions::default())?;
//! assert_eq!(confident_joint.counts()[[1, 0]], 1);
//! assert_eq!(num_label_issues(&data, &EstimationMethod::default())?, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Data in batches
//!
//! Each pass is an [`Accumulator`](cleanlab_core::Accumulator) that is updated with batches, merged in any order and
//! sent between machines as bytes: [`ThresholdAccumulator`], [`JointAccumulator`], [`IssueCountAccumulator`],
//! [`SelectionHistogram`] and [`SelectionCut`]; where the selected rows are too many to be listed, [`SelectionSurvey`] and
//! [`SelectionBoundary`]. The functions above run the same passes over a matrix in memory.
//!
//! # When not to use it
//!
//! To know *which* labels are wrong use `cleanlab-filter`; to score every label use `cleanlab-rank`. The estimates
//! mean little when predictions were made by a model that had seen the labels in training.

#![forbid(unsafe_code)]

mod adjusted_labels;
mod adjusted_probs;
mod batch_kernels;
mod calibration;
mod confident_joint;
mod confident_thresholds;
mod errors;
mod issue_counts;
mod latent_algebra;
mod latent_estimates;
mod matrix_display;
mod row_counts;
mod row_kernels;
mod selection;

pub use adjusted_labels::AdjustedLabel;
pub use adjusted_probs::{ThresholdAdjustment, ZeroRowSum, subtract_confident_thresholds};
pub use batch_kernels::{flag_unpredicted, normalized_margins};
pub use calibration::calibrate_confident_joint;
pub use confident_joint::{
    Calibration, CollisionRule, ConfidentJoint, ConfidentJointOptions, JointAccumulator,
    compute_confident_joint, find_off_diagonal_rows,
};
pub use confident_thresholds::{ThresholdAccumulator, get_confident_thresholds};
pub use errors::CountError;
pub use issue_counts::{
    EstimationMethod, IssueCountAccumulator, find_confident_issues, flag_confident_issues, num_label_issues,
    off_diagonal_count,
};
pub use latent_algebra::{
    NoiseRates, PyAndInverse, PyMethod, compute_inv_noise_matrix, compute_noise_matrix_from_inverse,
    compute_ps_py_inv_noise_matrix, compute_py, compute_py_inv_noise_matrix, compute_pyx,
};
pub use latent_estimates::{
    Convergence, LatentEstimates, LatentOptions, NoiseEstimates, estimate_joint,
    estimate_joint_from_probabilities, estimate_latent, estimate_latent_from_counts,
    estimate_py_and_noise_matrices_from_probabilities, uncalibrated_joint,
};
pub use matrix_display::{MatrixDisplay, MatrixStyle};
pub use row_kernels::{given_label_is_predicted, largest_other, normalized_margin, predicted_class};
pub use selection::{
    LabelSurvey, SelectionBoundary, SelectionBounds, SelectionCut, SelectionCuts, SelectionHistogram,
    SelectionKey, SelectionPlan, SelectionSurvey, select_mask, select_mask_of_unpredicted, select_rows,
};
