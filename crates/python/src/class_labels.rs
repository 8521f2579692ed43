//! Labels of one class each: `filter`, `count` and the algebra behind them.

use cleanlab_core::{
    Float, LabeledProbs, PredProbs, clip_noise_rates, clip_values, fill_rows, round_preserving_row_totals,
    round_preserving_sum,
};
use cleanlab_count::{
    Calibration, ConfidentJoint, ConfidentJointOptions, Convergence, CountError, EstimationMethod,
    LatentOptions, NoiseRates, PyMethod, given_label_is_predicted,
};
use cleanlab_filter::{
    ArgmaxConfusionOptions, FilterBy, FilterError, FindLabelIssuesOptions, LabelIssuesWarning,
};
use ndarray::{Array1, Array2, ArrayView2, ShapeBuilder};
use numpy::{PyArray1, PyArray2, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{
    ArrayOf, ClassIndices, DoubleMatrix, Doubles, FloatMatrix, Integers, indices, matrix, vector, with_floats,
};
use crate::errors::IntoPyErr;
use crate::label_quality::quality_method;
use crate::neighbors::check_room;
use crate::running::{guarded, most_threads, run, run_on};

/// A matrix of counts. Sums follow the order in memory, as NumPy's do, so that a column-major matrix stays one.
struct CountMatrix(Array2<i64>);

impl<'py> FromPyObject<'_, 'py> for CountMatrix {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let by_column = object
            .cast::<PyUntypedArray>()
            .is_ok_and(|array| array.is_fortran_contiguous() && !array.is_c_contiguous());
        let counts: ArrayOf<'_, i64, ndarray::Ix2> = object.extract()?;
        let counts = counts.view();
        if !by_column {
            return Ok(Self(counts.to_owned()));
        }
        let mut columns = Array2::zeros(counts.dim().f());
        columns.assign(&counts);
        Ok(Self(columns))
    }
}

/// Counts, and rows.
type JointAndRows<'py> = (Bound<'py, PyArray2<i64>>, Option<Bound<'py, PyArray1<i64>>>);

/// Priors of the true classes, and inverse noise matrix.
type PriorsAndInverse<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>);

/// Priors of the true classes, noise matrix and inverse noise matrix.
type Latent<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>);

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(py_get_confident_thresholds, module)?)?;
    module.add_function(wrap_pyfunction!(py_compute_confident_joint, module)?)?;
    module.add_function(wrap_pyfunction!(py_calibrate_confident_joint, module)?)?;
    module.add_function(wrap_pyfunction!(py_num_label_issues, module)?)?;
    module.add_function(wrap_pyfunction!(confident_joint_and_num_label_issues, module)?)?;
    module.add_function(wrap_pyfunction!(py_estimate_latent, module)?)?;
    module.add_function(wrap_pyfunction!(given_label_is_predicted_mask, module)?)?;
    module.add_function(wrap_pyfunction!(py_find_label_issues, module)?)?;
    module.add_function(wrap_pyfunction!(py_find_predicted_neq_given, module)?)?;
    module.add_function(wrap_pyfunction!(find_label_issues_by_argmax_confusion, module)?)?;
    module.add_function(wrap_pyfunction!(py_subtract_confident_thresholds, module)?)?;
    module.add_function(wrap_pyfunction!(py_round_preserving_sum, module)?)?;
    module.add_function(wrap_pyfunction!(py_round_preserving_row_totals, module)?)?;
    module.add_function(wrap_pyfunction!(py_clip_noise_rates, module)?)?;
    module.add_function(wrap_pyfunction!(py_clip_values, module)?)?;
    module.add_function(wrap_pyfunction!(py_compute_py, module)?)?;
    module.add_function(wrap_pyfunction!(py_compute_inv_noise_matrix, module)?)?;
    module.add_function(wrap_pyfunction!(py_compute_noise_matrix_from_inverse, module)?)?;
    module.add_function(wrap_pyfunction!(py_compute_py_inv_noise_matrix, module)?)?;
    module.add_function(wrap_pyfunction!(py_compute_pyx, module)?)
}

/// Labels and probabilities through the one door, where a single class will do.
pub(crate) fn labeled<'a, F: Float>(
    labels: &'a ClassIndices,
    pred_probs: ArrayView2<'a, F>,
) -> Result<LabeledProbs<'a, F>, CountError> {
    let labels = cleanlab_core::Labels::new(&labels.0)?;
    Ok(LabeledProbs::allowing_one_class(labels, PredProbs::new(pred_probs)?)?)
}

/// As [`labeled`], where two classes may be needed.
pub(crate) fn labeled_classes<'a, F: Float>(
    labels: &'a ClassIndices,
    pred_probs: ArrayView2<'a, F>,
    allow_one_class: bool,
) -> Result<LabeledProbs<'a, F>, CountError> {
    if allow_one_class {
        return labeled(labels, pred_probs);
    }
    Ok(LabeledProbs::new(cleanlab_core::Labels::new(&labels.0)?, PredProbs::new(pred_probs)?)?)
}

fn confident_joint(counts: &CountMatrix) -> PyResult<ConfidentJoint> {
    let counts = &counts.0;
    if let Some(negative) = counts.iter().find(|&&count| count < 0) {
        return Err(PyValueError::new_err(format!(
            "confident_joint holds {negative}; counts are not negative"
        )));
    }
    ConfidentJoint::from_counts(counts.mapv(|count| count as u64)).map_err(IntoPyErr::into_py_err)
}

/// One count per class, of the argument of this name.
fn counts_of_classes(counts: &Integers<'_>, name: &str) -> PyResult<Vec<u64>> {
    let count = |(class, &count): (usize, &i64)| {
        let message = || format!("{name} has {count} for class {class}; a count is at least 0");
        u64::try_from(count).map_err(|_| PyValueError::new_err(message()))
    };
    counts.view().iter().enumerate().map(count).collect()
}

fn counts_matrix<'py>(py: Python<'py>, joint: &ConfidentJoint) -> Bound<'py, PyArray2<i64>> {
    matrix(py, joint.counts().mapv(|count| count as i64))
}

/// Refuses classes whose counts of pairs do not fit into memory: a matrix for every thread that may be at work on
/// `n_rows` rows, one to merge them, and one as the result.
fn check_room_for_pairs(n_rows: usize, n_classes: usize) -> PyResult<()> {
    let n_threads = most_threads()?.min(n_rows);
    check_room(n_classes, n_classes, size_of::<u64>() * (n_threads + 2))
}

/// The same for matrices that are made of a matrix of this size, without any rows.
fn check_room_for_matrices(n_classes: usize) -> PyResult<()> {
    check_room(n_classes, n_classes, size_of::<f64>() * 4)
}

fn calibration(calibrate: bool) -> Calibration {
    if calibrate { Calibration::ToLabelCounts } else { Calibration::Uncalibrated }
}

fn py_method(name: &str) -> PyResult<PyMethod> {
    match name {
        "cnt" => Ok(PyMethod::Counts),
        "eqn" => Ok(PyMethod::Equation),
        "marginal" => Ok(PyMethod::Marginal),
        "marginal_ps" => Ok(PyMethod::MarginalPs),
        _ => Err(PyValueError::new_err(format!(
            "py_method is {name:?}; choose cnt, eqn, marginal or marginal_ps"
        ))),
    }
}

fn filter_method(name: &str) -> PyResult<FilterBy> {
    FilterBy::ALL.into_iter().find(|method| method.name() == name).ok_or_else(|| {
        let names = FilterBy::ALL.map(FilterBy::name).join(", ");
        PyValueError::new_err(format!("filter_by is {name:?}; choose one of {names}"))
    })
}

/// The confident threshold of every class.
#[pyfunction]
#[pyo3(name = "get_confident_thresholds")]
fn py_get_confident_thresholds<'py>(
    py: Python<'py>,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'py>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let thresholds = with_floats!(pred_probs, |view| run(py, || {
        cleanlab_count::get_confident_thresholds(&labeled(&labels, view)?)
    }))?;
    Ok(vector(py, thresholds))
}

/// The confident joint, and the rows off its diagonal if asked for.
#[pyfunction]
#[pyo3(name = "compute_confident_joint")]
fn py_compute_confident_joint<'py>(
    py: Python<'py>,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'py>,
    thresholds: Option<Doubles<'py>>,
    calibrate: bool,
    off_diagonals: bool,
) -> PyResult<JointAndRows<'py>> {
    let mut options = ConfidentJointOptions::default().with_calibration(calibration(calibrate));
    if let Some(thresholds) = thresholds {
        options = options.with_thresholds(thresholds.view().to_owned());
    }
    let (joint, rows) = with_floats!(pred_probs, |view| {
        check_room_for_pairs(view.nrows(), view.ncols())?;
        run(py, || {
            let data = labeled(&labels, view)?;
            let mut options = options;
            if options.thresholds.is_none() {
                options = options.with_thresholds(cleanlab_count::get_confident_thresholds(&data)?);
            }
            let joint = cleanlab_count::compute_confident_joint(&data, &options)?;
            let rows = off_diagonals.then(|| cleanlab_count::find_off_diagonal_rows(&data, &options));
            Ok::<_, CountError>((joint, rows.transpose()?))
        })
    })?;
    Ok((counts_matrix(py, &joint), rows.map(|rows| indices(py, rows))))
}

/// A confident joint with the numbers of labels as totals of its rows.
#[pyfunction]
#[pyo3(name = "calibrate_confident_joint")]
fn py_calibrate_confident_joint<'py>(
    py: Python<'py>,
    joint: CountMatrix,
    counts: Integers<'py>,
) -> PyResult<Bound<'py, PyArray2<i64>>> {
    check_room_for_matrices(joint.0.nrows())?;
    let (joint, counts) = (confident_joint(&joint)?, counts_of_classes(&counts, "the number of labels")?);
    let calibrated = run(py, || cleanlab_count::calibrate_confident_joint(&joint, &counts))?;
    Ok(counts_matrix(py, &calibrated))
}

/// The estimated number of wrong labels, off the diagonal as it is or after calibration.
#[pyfunction]
#[pyo3(name = "num_label_issues")]
fn py_num_label_issues(
    py: Python<'_>,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'_>,
    calibrated: bool,
) -> PyResult<u64> {
    let method =
        if calibrated { EstimationMethod::OffDiagonalCalibrated } else { EstimationMethod::OffDiagonal };
    with_floats!(pred_probs, |view| {
        if calibrated {
            check_room_for_pairs(view.nrows(), view.ncols())?;
        }
        run(py, || cleanlab_count::num_label_issues(&labeled_classes(&labels, view, false)?, &method))
    })
}

/// The calibrated confident joint and the estimated number of wrong labels, of data that are checked once.
#[pyfunction]
fn confident_joint_and_num_label_issues<'py>(
    py: Python<'py>,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'py>,
) -> PyResult<(Bound<'py, PyArray2<i64>>, u64)> {
    let (joint, num_label_issues) = with_floats!(pred_probs, |view| {
        check_room_for_pairs(view.nrows(), view.ncols())?;
        run(py, || {
            let data = labeled_classes(&labels, view, false)?;
            let joint = cleanlab_count::compute_confident_joint(&data, &ConfidentJointOptions::default())?;
            let issues = cleanlab_count::num_label_issues(&data, &EstimationMethod::OffDiagonal)?;
            Ok::<_, CountError>((joint, issues))
        })
    })?;
    Ok((counts_matrix(py, &joint), num_label_issues))
}

/// Priors and noise matrices from a confident joint and the numbers of labels.
#[pyfunction]
#[pyo3(name = "estimate_latent")]
fn py_estimate_latent<'py>(
    py: Python<'py>,
    joint: CountMatrix,
    counts: Integers<'py>,
    method: &str,
    converge: bool,
) -> PyResult<Latent<'py>> {
    check_room_for_matrices(joint.0.nrows())?;
    let (joint, counts) = (confident_joint(&joint)?, counts_of_classes(&counts, "the number of labels")?);
    let convergence = if converge { Convergence::Iterate } else { Convergence::None };
    let options = LatentOptions::default().with_py_method(py_method(method)?).with_convergence(convergence);
    let latent = run(py, || cleanlab_count::estimate_latent_from_counts(&joint, &counts, &options))?;
    Ok((vector(py, latent.py), matrix(py, latent.noise_matrix), matrix(py, latent.inverse_noise_matrix)))
}

/// For each row, whether the given label is the predicted one, give or take 1e-6.
#[pyfunction]
#[pyo3(name = "given_label_is_predicted")]
fn given_label_is_predicted_mask<'py>(
    py: Python<'py>,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'py>,
) -> PyResult<Bound<'py, PyArray1<bool>>> {
    let mask = with_floats!(pred_probs, |view| run(py, || {
        let data = labeled(&labels, view)?;
        let mut mask = vec![false; data.len()];
        fill_rows(&data, &mut mask, |batch, out| {
            for ((_, label, probs), out) in batch.iter().zip(out) {
                *out = given_label_is_predicted(probs, label);
            }
        });
        Ok::<_, CountError>(mask)
    }))?;
    Ok(vector(py, Array1::from(mask)))
}

/// Classes that had too few examples to be looked at.
fn left_alone(warnings: &[LabelIssuesWarning]) -> Vec<usize> {
    let classes = |warning: &LabelIssuesWarning| match warning {
        LabelIssuesWarning::TooFewExamples { classes, .. } => classes.clone(),
        _ => Vec::new(),
    };
    warnings.iter().flat_map(classes).collect()
}

/// Which labels are wrong: a mask, the flagged rows in order of a score if asked for, and classes that were left alone.
#[pyfunction]
#[pyo3(name = "find_label_issues")]
#[pyo3(signature = (
    labels, pred_probs, filter_by, *, frac_noise=1.0, num_to_remove_per_class=None, min_examples_per_class=1,
    confident_joint=None, rank_by=None, adjust_pred_probs=false, allow_one_class=false, n_jobs=None
))]
#[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
#[expect(clippy::type_complexity, reason = "a tuple of Python's")]
fn py_find_label_issues<'py>(
    py: Python<'py>,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'py>,
    filter_by: &str,
    frac_noise: f64,
    num_to_remove_per_class: Option<Integers<'py>>,
    min_examples_per_class: u64,
    confident_joint: Option<CountMatrix>,
    rank_by: Option<&str>,
    adjust_pred_probs: bool,
    allow_one_class: bool,
    n_jobs: Option<usize>,
) -> PyResult<(Bound<'py, PyArray1<bool>>, Option<Bound<'py, PyArray1<i64>>>, Vec<usize>)> {
    let mut options = FindLabelIssuesOptions::default()
        .with_filter_by(filter_method(filter_by)?)
        .with_frac_noise(frac_noise)
        .with_min_examples_per_class(min_examples_per_class);
    if let Some(joint) = confident_joint {
        options = options.with_confident_joint(self::confident_joint(&joint)?);
    }
    if let Some(counts) = num_to_remove_per_class {
        options =
            options.with_num_to_remove_per_class(counts_of_classes(&counts, "num_to_remove_per_class")?);
    }
    let rank_by = rank_by.map(|name| quality_method(name, adjust_pred_probs)).transpose()?;
    let (issues, ranked) = with_floats!(pred_probs, |view| {
        if options.filter_by != FilterBy::PredictedNeqGiven {
            check_room_for_pairs(view.nrows(), view.ncols())?;
        }
        run_on(py, n_jobs, || {
            let data = labeled_classes(&labels, view, allow_one_class)?;
            let issues = cleanlab_filter::find_label_issues(&data, &options)?;
            let ranked = rank_by.map(|method| issues.ranked_by(&data, method)).transpose()?;
            Ok::<_, FilterError>((issues, ranked))
        })
    })?;
    let alone = left_alone(&issues.warnings);
    Ok((vector(py, issues.mask), ranked.map(|rows| indices(py, rows)), alone))
}

/// Rows whose predicted class is not the given one.
#[pyfunction]
#[pyo3(name = "find_predicted_neq_given")]
fn py_find_predicted_neq_given<'py>(
    py: Python<'py>,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'py>,
) -> PyResult<Bound<'py, PyArray1<bool>>> {
    let mask = with_floats!(pred_probs, |view| run(py, || {
        Ok::<_, CountError>(cleanlab_filter::find_predicted_neq_given(&labeled_classes(
            &labels, view, false,
        )?))
    }))?;
    Ok(vector(py, mask))
}

/// Which labels are wrong by the confusion matrix of given and predicted classes, and classes that were left alone.
#[pyfunction]
fn find_label_issues_by_argmax_confusion<'py>(
    py: Python<'py>,
    labels: ClassIndices,
    pred_probs: FloatMatrix<'py>,
    calibrate: bool,
    filter_by: &str,
) -> PyResult<(Bound<'py, PyArray1<bool>>, Vec<usize>)> {
    let options = ArgmaxConfusionOptions::default()
        .with_calibration(calibration(calibrate))
        .with_filter_by(filter_method(filter_by)?);
    let issues = with_floats!(pred_probs, |view| {
        check_room_for_pairs(view.nrows(), view.ncols())?;
        run(py, || {
            let data = labeled_classes(&labels, view, false)?;
            cleanlab_filter::find_label_issues_using_argmax_confusion_matrix(&data, options)
        })
    })?;
    let alone = left_alone(&issues.warnings);
    Ok((vector(py, issues.mask), alone))
}

/// Probabilities after the confident thresholds are subtracted, rescaled to sum to 1.
#[pyfunction]
#[pyo3(name = "subtract_confident_thresholds")]
fn py_subtract_confident_thresholds<'py>(
    py: Python<'py>,
    pred_probs: FloatMatrix<'py>,
    thresholds: Doubles<'py>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let thresholds = thresholds.view().to_owned();
    let adjusted = with_floats!(pred_probs, |view| {
        check_room(view.nrows(), view.ncols(), 2 * size_of::<f64>())?;
        run(py, || {
            cleanlab_count::subtract_confident_thresholds(&PredProbs::without_notes(view)?, &thresholds)
        })
    })?;
    Ok(matrix(py, adjusted))
}

/// Values rounded so that their total stays the rounded total.
#[pyfunction]
#[pyo3(name = "round_preserving_sum")]
fn py_round_preserving_sum<'py>(
    py: Python<'py>,
    values: Doubles<'py>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let values = finite(values.view().iter().copied())?;
    let rounded = guarded(|| Ok(round_preserving_sum(&values)))?;
    Ok(vector(py, Array1::from(rounded)))
}

/// Rows rounded so that their totals stay the rounded totals.
#[pyfunction]
#[pyo3(name = "round_preserving_row_totals")]
fn py_round_preserving_row_totals<'py>(
    py: Python<'py>,
    values: DoubleMatrix<'py>,
) -> PyResult<Bound<'py, PyArray2<i64>>> {
    finite(values.view().iter().copied())?;
    let rounded = guarded(|| Ok(round_preserving_row_totals(values.view())))?;
    Ok(matrix(py, rounded))
}

/// The values, if they can be rounded to counts one by one: beyond that a total is not reached in steps of 1.
fn finite(values: impl Iterator<Item = f64>) -> PyResult<Vec<f64>> {
    let values: Vec<f64> = values.collect();
    match values.iter().find(|value| value.is_nan() || value.abs() >= 9_007_199_254_740_992.0) {
        Some(value) => Err(PyValueError::new_err(format!("{value} cannot be rounded to a count"))),
        None => Ok(values),
    }
}

/// Noise rates inside their bounds, columns summing to 1.
#[pyfunction]
#[pyo3(name = "clip_noise_rates")]
fn py_clip_noise_rates<'py>(
    py: Python<'py>,
    noise_matrix: DoubleMatrix<'py>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    check_room_for_matrices(noise_matrix.view().nrows())?;
    let clipped = guarded(|| Ok(clip_noise_rates(noise_matrix.view())))?;
    Ok(matrix(py, clipped))
}

/// Values inside bounds, rescaled to a sum.
#[pyfunction]
#[pyo3(name = "clip_values")]
fn py_clip_values<'py>(
    py: Python<'py>,
    values: Doubles<'py>,
    low: f64,
    high: f64,
    new_sum: f64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let clipped = guarded(|| Ok(clip_values(values.view(), low, high, new_sum)))?;
    Ok(vector(py, clipped))
}

/// Priors of the true classes from noise rates.
#[pyfunction]
#[pyo3(name = "compute_py")]
fn py_compute_py<'py>(
    py: Python<'py>,
    ps: Doubles<'py>,
    noise_matrix: DoubleMatrix<'py>,
    inverse_noise_matrix: DoubleMatrix<'py>,
    method: &str,
    true_label_counts: Option<Doubles<'py>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let method = py_method(method)?;
    let rates = NoiseRates {
        ps: ps.view(),
        noise_matrix: noise_matrix.view(),
        inverse_noise_matrix: inverse_noise_matrix.view(),
        true_label_counts: true_label_counts.as_ref().map_or_else(|| ps.view(), ArrayOf::view),
    };
    check_room_for_matrices(rates.noise_matrix.nrows())?;
    let priors = guarded(|| cleanlab_count::compute_py(rates, method).map_err(IntoPyErr::into_py_err))?;
    Ok(vector(py, priors))
}

/// p(true | given) from p(given | true).
#[pyfunction]
#[pyo3(name = "compute_inv_noise_matrix")]
fn py_compute_inv_noise_matrix<'py>(
    py: Python<'py>,
    priors: Doubles<'py>,
    noise_matrix: DoubleMatrix<'py>,
    ps: Option<Doubles<'py>>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    check_room_for_matrices(noise_matrix.view().nrows())?;
    let inverse = guarded(|| {
        let ps = ps.as_ref().map(ArrayOf::view);
        cleanlab_count::compute_inv_noise_matrix(priors.view(), noise_matrix.view(), ps)
            .map_err(IntoPyErr::into_py_err)
    })?;
    Ok(matrix(py, inverse))
}

/// p(given | true) from p(true | given).
#[pyfunction]
#[pyo3(name = "compute_noise_matrix_from_inverse")]
fn py_compute_noise_matrix_from_inverse<'py>(
    py: Python<'py>,
    ps: Doubles<'py>,
    inverse_noise_matrix: DoubleMatrix<'py>,
    priors: Option<Doubles<'py>>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    check_room_for_matrices(inverse_noise_matrix.view().nrows())?;
    let noise_matrix = guarded(|| {
        let priors = priors.as_ref().map(ArrayOf::view);
        cleanlab_count::compute_noise_matrix_from_inverse(ps.view(), inverse_noise_matrix.view(), priors)
            .map_err(IntoPyErr::into_py_err)
    })?;
    Ok(matrix(py, noise_matrix))
}

/// Priors of the true classes and p(true | given), from those of the given ones and p(given | true).
#[pyfunction]
#[pyo3(name = "compute_py_inv_noise_matrix")]
fn py_compute_py_inv_noise_matrix<'py>(
    py: Python<'py>,
    ps: Doubles<'py>,
    noise_matrix: DoubleMatrix<'py>,
) -> PyResult<PriorsAndInverse<'py>> {
    check_room_for_matrices(noise_matrix.view().nrows())?;
    let found = guarded(|| {
        cleanlab_count::compute_py_inv_noise_matrix(ps.view(), noise_matrix.view())
            .map_err(IntoPyErr::into_py_err)
    })?;
    Ok((vector(py, found.py), matrix(py, found.inverse_noise_matrix)))
}

/// Probabilities of the true classes from those of the given ones.
#[pyfunction]
#[pyo3(name = "compute_pyx")]
fn py_compute_pyx<'py>(
    py: Python<'py>,
    pred_probs: DoubleMatrix<'py>,
    noise_matrix: DoubleMatrix<'py>,
    inverse_noise_matrix: DoubleMatrix<'py>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (probs, noise, inverse) = (pred_probs.view(), noise_matrix.view(), inverse_noise_matrix.view());
    check_room(probs.nrows(), probs.ncols(), 2 * size_of::<f64>())?;
    check_room_for_matrices(noise.nrows())?;
    let pyx: Array2<f64> = run(py, || cleanlab_count::compute_pyx(probs, noise, inverse))?;
    Ok(matrix(py, pyx))
}
