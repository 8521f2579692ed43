//! Golden fixtures recorded from cleanlab 2.9.0, NumPy and scikit-learn, and their loader.

mod numpy_streams;

pub use numpy_streams::{Check, Draw, Seed, Stream, fnv1a, numpy_streams};
