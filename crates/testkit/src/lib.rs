//! Golden fixtures recorded from cleanlab 2.9.0, NumPy and scikit-learn, and their loader.

mod learning;
mod numpy_streams;

pub use learning::learning;
pub use numpy_streams::{Check, Draw, Seed, Stream, fnv1a, numpy_streams};
