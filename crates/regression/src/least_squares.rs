//! Least squares, of several solutions the shortest.

#[cfg(feature = "lapack")]
mod by_lapack;

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::householder::{
    apply_block_householder_sequence_transpose_on_the_left_in_place_scratch,
    apply_block_householder_sequence_transpose_on_the_left_in_place_with_conj,
};
use faer::linalg::qr::no_pivoting::factor::{qr_in_place, qr_in_place_scratch, recommended_block_size};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::{Conj, Mat, MatRef, Par, Spec};
use ndarray::Array1;

use crate::errors::RegressionError;

/// The shortest x with the smallest ‖A x − b‖, and how many singular values of A count: those above `tolerance` times the
/// largest.
///
/// By faer, or with the feature `lapack` by LAPACK.
pub(crate) fn least_squares(
    a: &Mat<f64>,
    b: Mat<f64>,
    tolerance: f64,
) -> Result<(Array1<f64>, usize), RegressionError> {
    #[cfg(feature = "lapack")]
    return by_lapack::by_lapack(a, &b, tolerance);
    #[cfg(not(feature = "lapack"))]
    by_faer(a, b, tolerance)
}

/// All of it runs on the calling thread, so that the bits do not depend on the number of threads.
#[cfg_attr(feature = "lapack", allow(dead_code, reason = "tests hold LAPACK to it"))]
fn by_faer(a: &Mat<f64>, b: Mat<f64>, tolerance: f64) -> Result<(Array1<f64>, usize), RegressionError> {
    let (rows, columns) = a.shape();
    if rows < columns {
        return from_singular_values(a.as_ref(), b.as_ref(), tolerance);
    }
    // A = QR leaves a small square problem, R x = Qᵀb with the singular values of A.
    let block = recommended_block_size::<f64>(rows, columns);
    let mut factors = a.clone();
    let mut coefficients = Mat::zeros(block, columns);
    let scratch = qr_in_place_scratch::<f64>(rows, columns, block, Par::Seq, Spec::default());
    let mut memory = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut memory);
    let info = qr_in_place(factors.as_mut(), coefficients.as_mut(), Par::Seq, stack, Spec::default());
    if info.rank < columns {
        // The factors skip columns that are 0, and no longer form a triangle.
        return from_singular_values(a.as_ref(), b.as_ref(), tolerance);
    }
    let mut target = b;
    let scratch =
        apply_block_householder_sequence_transpose_on_the_left_in_place_scratch::<f64>(rows, block, 1);
    let mut memory = MemBuffer::new(scratch);
    apply_block_householder_sequence_transpose_on_the_left_in_place_with_conj(
        factors.as_ref(),
        coefficients.as_ref(),
        Conj::No,
        target.as_mut(),
        Par::Seq,
        MemStack::new(&mut memory),
    );
    let triangle = Mat::from_fn(
        columns,
        columns,
        |row, column| if row <= column { factors[(row, column)] } else { 0.0 },
    );
    from_singular_values(triangle.as_ref(), target.as_ref().subrows(0, columns), tolerance)
}

/// V Σ⁺ Uᵀ b of A = U Σ Vᵀ, where Σ⁺ has 0 for singular values that do not count.
fn from_singular_values(
    a: MatRef<'_, f64>,
    b: MatRef<'_, f64>,
    tolerance: f64,
) -> Result<(Array1<f64>, usize), RegressionError> {
    let (rows, columns) = a.shape();
    let size = rows.min(columns);
    let (mut u, mut s, mut v) = (Mat::zeros(rows, size), Diag::zeros(size), Mat::zeros(columns, size));
    let thin = ComputeSvdVectors::Thin;
    let scratch = svd_scratch::<f64>(rows, columns, thin, thin, Par::Seq, Spec::default());
    let mut memory = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut memory);
    svd(a, s.as_mut(), Some(u.as_mut()), Some(v.as_mut()), Par::Seq, stack, Spec::default())
        .map_err(|_| RegressionError::NotConverged)?;
    let values = s.column_vector();
    let smallest = tolerance * values[0];
    let rank = (0..size).take_while(|&at| values[at] > smallest).count();
    let mut x = Array1::zeros(columns);
    for at in 0..rank {
        let share = (0..rows).map(|row| u[(row, at)] * b[(row, 0)]).sum::<f64>() / values[at];
        for (column, x) in x.iter_mut().enumerate() {
            *x += v[(column, at)] * share;
        }
    }
    Ok((x, rank))
}
