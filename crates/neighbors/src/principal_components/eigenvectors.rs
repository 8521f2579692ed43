//! Eigenvalues and eigenvectors of symmetric matrices.

#[cfg(feature = "lapack")]
mod by_lapack;

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{Mat, MatRef, Par, Spec};

use crate::errors::NeighborsError;

/// Eigenvalues in ascending order, and their eigenvectors one after the other.
pub(super) struct Eigenvectors {
    values: Vec<f64>,
    vectors: Vec<f64>,
}

impl Eigenvectors {
    /// The largest eigenvalues, largest first, with their eigenvectors.
    pub(super) fn largest(&self, count: usize) -> impl Iterator<Item = (f64, Vec<f64>)> {
        let vectors = self.vectors.chunks_exact(self.values.len());
        self.values.iter().copied().zip(vectors.map(<[f64]>::to_vec)).rev().take(count)
    }
}

/// Decomposes a symmetric column-major matrix that is given by its lower triangle; by faer, or with the feature `lapack`
/// by LAPACK.
pub(super) fn symmetric_eigenvectors(matrix: &[f64], size: usize) -> Result<Eigenvectors, NeighborsError> {
    #[cfg(feature = "lapack")]
    let found = by_lapack::by_lapack(matrix, size)?;
    #[cfg(not(feature = "lapack"))]
    let found = by_faer(matrix, size)?;
    if found.values.iter().chain(&found.vectors).all(|value| value.is_finite()) {
        return Ok(found);
    }
    Err(NeighborsError::NoEigenvectors)
}

/// On the calling thread alone, so that the bits do not depend on the number of threads.
#[cfg_attr(feature = "lapack", allow(dead_code, reason = "tests hold LAPACK to it"))]
fn by_faer(matrix: &[f64], size: usize) -> Result<Eigenvectors, NeighborsError> {
    let (mut values, mut vectors) = (Diag::zeros(size), Mat::zeros(size, size));
    let scratch = self_adjoint_evd_scratch::<f64>(size, ComputeEigenvectors::Yes, Par::Seq, Spec::default());
    let mut memory = MemBuffer::new(scratch);
    self_adjoint_evd(
        MatRef::from_column_major_slice(matrix, size, size),
        values.as_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut memory),
        Spec::default(),
    )
    .map_err(|_| NeighborsError::NoEigenvectors)?;
    Ok(Eigenvectors {
        values: (0..size).map(|at| values.column_vector()[at]).collect(),
        vectors: (0..size).flat_map(|at| vectors.col(at).iter().copied()).collect(),
    })
}
