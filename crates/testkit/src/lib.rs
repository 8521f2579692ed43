//! Golden fixtures and their loaders, for the tests of the other crates. Unpublished.
//!
//! The scripts in `golden/` record what NumPy, scikit-learn and cleanlab 2.9.0 answer; `fixtures/` holds small
//! recordings, so that `cargo test` needs no Python. [`parity`] reads both those and the cases that
//! `cargo xtask parity` makes by the thousand, and compares.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "it is never published")]

mod learning;
mod noise_generation;
mod numpy_streams;
pub mod parity;
mod printed_matrices;
mod recorded;

pub use learning::learning;
pub use noise_generation::{
    BallsCase, NoiseGeneration, NoiseMatrixArguments, NoiseMatrixCase, NoiseMatrixFailure, NoisyLabelsCase,
    ProbabilitiesCase, ValidityCase, noise_generation,
};
pub use numpy_streams::{Check, Draw, Seed, Stream, numpy_streams};
pub use printed_matrices::{PrintedMatrix, printed_matrices};
pub use recorded::{Recorded, fnv1a};
