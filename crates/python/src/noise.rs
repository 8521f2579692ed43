//! Random noise: `benchmarking.noise_generation`.
//!
//! Draws go on where a [`Position`] of NumPy's stream is and give the new position back, so that the caller can put it
//! into NumPy's global stream: what is drawn there afterwards is what cleanlab would have left.

use cleanlab_core::{Labels, RandomState, StreamPosition};
use cleanlab_noise_generation::{
    BallOptions, MatrixValidity, NoiseError, NoiseMatrixOptions, ProbabilityOptions,
};
use ndarray::Array1;
use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;

use crate::arrays::{ArrayOf, ClassIndices, DoubleMatrix, Doubles, indices, matrix, vector};
use crate::errors::IntoPyErr;
use crate::neighbors::check_room;
use crate::running::{guarded, run};

/// The words, the position of the next one, and the second of a pair of normal draws if it waits.
type Position<'py> = (ArrayOf<'py, u32, ndarray::Ix1>, usize, Option<f64>);

/// As [`Position`], to be given back.
type NewPosition<'py> = (Bound<'py, PyArray1<u32>>, usize, Option<f64>);

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(noise_matrix_is_valid, module)?)?;
    module.add_function(wrap_pyfunction!(generate_noisy_labels, module)?)?;
    module.add_function(wrap_pyfunction!(generate_noise_matrix_from_trace, module)?)?;
    module.add_function(wrap_pyfunction!(generate_n_rand_probabilities_that_sum_to_m, module)?)?;
    module.add_function(wrap_pyfunction!(randomly_distribute_n_balls_into_k_bins, module)?)
}

fn stream(position: &Position<'_>) -> PyResult<RandomState> {
    let (words, next, spare_normal) = position;
    let position = StreamPosition { words: words.view().to_vec(), next: *next, spare_normal: *spare_normal };
    RandomState::at(&position).map_err(IntoPyErr::into_py_err)
}

fn new_position<'py>(py: Python<'py>, random: &RandomState) -> NewPosition<'py> {
    let position = random.position();
    (vector(py, Array1::from(position.words)), position.next, position.spare_normal)
}

/// Bytes of a number while it is drawn, shuffled and handed over.
const DRAW_BYTES: usize = 4 * size_of::<u64>();

/// Whether labels with this noise can be learned from.
#[pyfunction]
fn noise_matrix_is_valid(noise_matrix: DoubleMatrix<'_>, py: Doubles<'_>) -> PyResult<bool> {
    guarded(|| {
        cleanlab_noise_generation::noise_matrix_is_valid(noise_matrix.view(), py.view())
            .map_err(IntoPyErr::into_py_err)
    })
}

/// Labels made wrong by a noise matrix, and where the stream is then.
#[pyfunction]
fn generate_noisy_labels<'py>(
    py: Python<'py>,
    true_labels: ClassIndices,
    noise_matrix: DoubleMatrix<'py>,
    position: Position<'py>,
) -> PyResult<(Bound<'py, PyArray1<i64>>, NewPosition<'py>)> {
    let mut random = stream(&position)?;
    let noise_matrix = noise_matrix.view();
    let labels = run(py, || {
        let true_labels = Labels::new(&true_labels.0)?;
        cleanlab_noise_generation::generate_noisy_labels(&true_labels, noise_matrix, &mut random)
    })?;
    let labels = indices(py, labels.as_slice().iter().map(|&label| label as usize));
    Ok((labels, new_position(py, &random)))
}

/// A noise matrix with a given trace, or none if all tries failed, and where the stream is then.
#[pyfunction]
#[pyo3(signature = (
    n_classes, trace, position, *, max_trace_prob, min_trace_prob, max_noise_rate, min_noise_rate, learnable, py,
    frac_zero_noise_rates, max_iter
))]
#[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
fn generate_noise_matrix_from_trace<'py>(
    interpreter: Python<'py>,
    n_classes: usize,
    trace: f64,
    position: Position<'py>,
    max_trace_prob: f64,
    min_trace_prob: f64,
    max_noise_rate: f64,
    min_noise_rate: f64,
    learnable: bool,
    py: Option<Doubles<'py>>,
    frac_zero_noise_rates: f64,
    max_iter: usize,
) -> PyResult<(Option<Bound<'py, PyArray2<f64>>>, NewPosition<'py>)> {
    let validity = if learnable {
        MatrixValidity::Learnable { py: py.map(|py| py.view().to_owned()) }
    } else {
        MatrixValidity::Any
    };
    let options = NoiseMatrixOptions::default()
        .with_validity(validity)
        .with_max_trace_prob(max_trace_prob)
        .with_min_trace_prob(min_trace_prob)
        .with_max_noise_rate(max_noise_rate)
        .with_min_noise_rate(min_noise_rate)
        .with_frac_zero_noise_rates(frac_zero_noise_rates)
        .with_max_iter(max_iter);
    check_room(n_classes, n_classes, DRAW_BYTES)?;
    let mut random = stream(&position)?;
    let found = run(interpreter, || {
        let drawn = cleanlab_noise_generation::generate_noise_matrix_from_trace(
            n_classes,
            trace,
            &options,
            &mut random,
        );
        match drawn {
            Ok(noise_matrix) => Ok(Some(noise_matrix)),
            Err(NoiseError::TriesExhausted { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    })?;
    Ok((found.map(|found| matrix(interpreter, found)), new_position(interpreter, &random)))
}

/// Random probabilities with a given total, and where the stream is then.
#[pyfunction]
fn generate_n_rand_probabilities_that_sum_to_m<'py>(
    py: Python<'py>,
    n: usize,
    m: f64,
    max_prob: f64,
    min_prob: f64,
    position: Position<'py>,
) -> PyResult<(Bound<'py, PyArray1<f64>>, NewPosition<'py>)> {
    let options = ProbabilityOptions::default().with_max_prob(max_prob).with_min_prob(min_prob);
    check_room(n, 1, DRAW_BYTES)?;
    let mut random = stream(&position)?;
    let drawn = run(py, || {
        cleanlab_noise_generation::generate_n_rand_probabilities_that_sum_to_m(n, m, &options, &mut random)
    })?;
    Ok((vector(py, Array1::from(drawn)), new_position(py, &random)))
}

/// Balls put into bins at random, and where the stream is then.
#[pyfunction]
fn randomly_distribute_n_balls_into_k_bins<'py>(
    py: Python<'py>,
    n_balls: usize,
    n_bins: usize,
    max_balls_per_bin: Option<usize>,
    min_balls_per_bin: usize,
    position: Position<'py>,
) -> PyResult<(Bound<'py, PyArray1<i64>>, NewPosition<'py>)> {
    let mut options = BallOptions::default().with_min_balls_per_bin(min_balls_per_bin);
    if let Some(most) = max_balls_per_bin {
        options = options.with_max_balls_per_bin(most);
    }
    check_room(n_bins, 1, DRAW_BYTES)?;
    let mut random = stream(&position)?;
    let bins = run(py, || {
        cleanlab_noise_generation::randomly_distribute_n_balls_into_k_bins(
            n_balls,
            n_bins,
            &options,
            &mut random,
        )
    })?;
    Ok((indices(py, bins), new_position(py, &random)))
}
