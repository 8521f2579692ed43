//! Random noise for experiments: noise matrices with a given trace, and labels made wrong by them.
//!
//! Methods that find wrong labels are judged on data whose wrong labels are known. This crate makes such data from
//! correct labels, as `cleanlab.benchmarking.noise_generation` does: equal seeds give equal matrices and labels.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_core::{Labels, RandomState};
//! use cleanlab_noise_generation::{NoiseMatrixOptions, generate_noise_matrix_from_trace, generate_noisy_labels};
//! use ndarray::array;
//!
//! // 60 examples of class 0, 30 of class 1, 10 of class 2, all labelled correctly.
//! let true_labels = Labels::from_vec([vec![0; 60], vec![1; 30], vec![2; 10]].concat())?;
//! let options = NoiseMatrixOptions::default().with_py(array![0.6, 0.3, 0.1]).with_frac_zero_noise_rates(0.3);
//!
//! // One stream for both draws, so that the seed 7 stands for the whole experiment.
//! let mut random = RandomState::new(7);
//! let noise_matrix = generate_noise_matrix_from_trace(3, 2.4, &options, &mut random)?;
//! let labels = generate_noisy_labels(&true_labels, noise_matrix.view(), &mut random)?;
//!
//! // Of the examples of class 0, as many are labelled 0 as the matrix says.
//! let kept = labels.as_slice()[..60].iter().filter(|&&label| label == 0).count() as f64;
//! assert!((kept / 60.0 - noise_matrix[[0, 0]]).abs() < 2.0 / 60.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When not to use it
//!
//! The noise depends on the true class only, not on the example: real annotators err more on hard examples, and real
//! labels are harder to clean than these. To estimate the noise of labels you have, use `cleanlab-count`.

#![forbid(unsafe_code)]

mod balls;
mod errors;
mod extremes;
mod learnability;
mod noise_matrix;
mod noisy_labels;
mod options;
mod probabilities;

pub use balls::{BallOptions, randomly_distribute_n_balls_into_k_bins};
pub use errors::NoiseError;
pub use learnability::noise_matrix_is_valid;
pub use noise_matrix::{generate_noise_matrix_from_trace, generate_noise_matrix_from_trace_seeded};
pub use noisy_labels::{generate_noisy_labels, generate_noisy_labels_seeded};
pub use options::{MatrixValidity, NoiseMatrixOptions};
pub use probabilities::{ProbabilityOptions, generate_n_rand_probabilities_that_sum_to_m};
