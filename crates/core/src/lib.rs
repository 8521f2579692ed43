//! What every crate of the workspace stands on: validated inputs, shared numerics and reproducible randomness.
//!
//! The one door into the library is [`LabeledProbs::new`]: past it labels and predicted probabilities are known to
//! have the same length, to be finite and in range, and to agree on the number of classes. Nothing behind that door
//! checks them again.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_core::{LabeledProbs, Labels, PredProbs};
//! use ndarray::array;
//!
//! let pred_probs = array![[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]];
//! let data = LabeledProbs::new(Labels::new(&[0_i64, 1, 1])?, PredProbs::new(pred_probs.view())?)?;
//! assert_eq!(data.len(), 3);
//! assert_eq!(data.n_classes(), 2);
//! assert_eq!(data.labels().counts(2), vec![1, 2]);
//!
//! // A wrong value is named with its place and what to do about it.
//! let error = PredProbs::new(array![[0.9, 0.1], [f64::NAN, 0.8]]).unwrap_err();
//! assert!(error.to_string().starts_with("pred_probs row 1, column 0 is NaN"));
//! # Ok::<(), cleanlab_core::InputError>(())
//! ```
//!
//! # When not to use it
//!
//! It finds nothing by itself. Use `cleanlab-filter` to find wrong labels, `cleanlab-rank` to score them, and
//! `cleanlab-count` to estimate noise.

#![forbid(unsafe_code)]

mod accumulator;
mod class_names;
mod clipping;
pub mod constants;
mod errors;
mod fixed_point_sum;
mod float;
mod labeled_probs;
mod labels;
mod linear_solve;
mod parallel;
mod pred_probs;
mod random_state;
mod rounding;
mod row_checks;
mod row_notes;
mod row_summary;
mod short_rows;
pub mod stopping;
mod summation;

pub use accumulator::{Accumulator, AccumulatorError, Batch};
pub use class_names::{ClassNames, EncodedLabels, NamedColumns};
pub use clipping::{clip_noise_rates, clip_values};
pub use errors::InputError;
pub use fixed_point_sum::{FixedPointHalves, FixedPointLanes, FixedPointSum};
pub use float::Float;
pub use labeled_probs::LabeledProbs;
pub use labels::{ClassIndex, Labels};
pub use linear_solve::{SingularMatrix, invert};
pub use ndarray;
pub use parallel::{CHUNK_ROWS, accumulate, fill_rows, fold_batches, fold_rows, row_chunks};
pub use pred_probs::{PredProbs, RowSums};
pub use random_state::{RandomError, RandomState, Shuffle, StreamPosition};
pub use rounding::{round_half_even, round_preserving_row_totals, round_preserving_sum};
pub use row_notes::{RowNote, RowNotes};
pub use row_summary::two_largest_of_rows;
pub use short_rows::{BLOCK_ROWS, MOST_SHORT, RowBlock};
pub use summation::{pairwise_sum, pairwise_sum_by};
