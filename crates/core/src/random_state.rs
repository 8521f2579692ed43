//! NumPy's legacy random stream.

use thiserror::Error;

/// Why a draw was refused.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum RandomError {
    /// Nothing to draw from.
    #[error("cannot draw from an empty range")]
    EmptyRange,
}

/// NumPy's legacy `RandomState`: the Mersenne Twister and the draws built on it, bit for bit.
#[derive(Debug, Clone)]
pub struct RandomState {
    _key: Vec<u32>,
}
