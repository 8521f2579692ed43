//! Labels that are sets of classes: `cleanlab_rs.multilabel_classification` and the `multi_label=True` forms of counts.

use cleanlab_core::{Float, PredProbs};
use cleanlab_count::Calibration;
use cleanlab_filter::{FilterBy, LabelIssuesWarning};
use cleanlab_multilabel as multilabel;
use cleanlab_multilabel::{
    Aggregator, FindMultilabelIssuesOptions, MultiLabels, MultilabelConfidentJoint,
    MultilabelConfidentJointOptions, MultilabelError, MultilabelProbs, MultilabelScoreOptions,
};
use cleanlab_rank::LabelQualityMethod;
use ndarray::{ArrayView2, Ix3};
use numpy::{PyArray, PyArray1, PyArray2, PyArray3, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyAssertionError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::arrays::{ArrayOf, DoubleMatrix, FloatMatrix, ListOf, indices, matrix, vector, with_floats};
use crate::errors::IntoPyErr;
use crate::label_quality::quality_method;
use crate::neighbors::check_room;
use crate::running::run;

/// The classes of every row, from any iterable of iterables of whole numbers. A class that a row lists twice counts
/// once.
pub(crate) struct ClassLists {
    /// Where each row starts in `classes`, and where the last one ends.
    starts: Vec<usize>,
    classes: Vec<u32>,
}

impl ClassLists {
    fn labels(&self, n_classes: usize) -> Result<MultiLabels, MultilabelError> {
        let lists: Vec<&[u32]> = self.starts.windows(2).map(|ends| &self.classes[ends[0]..ends[1]]).collect();
        MultiLabels::from_lists(&lists, n_classes)
    }

    fn with<'a, F: Float>(
        &self,
        pred_probs: ArrayView2<'a, F>,
    ) -> Result<MultilabelProbs<'a, F>, MultilabelError> {
        let pred_probs = PredProbs::without_notes(pred_probs)?;
        MultilabelProbs::new(self.labels(pred_probs.n_classes())?, pred_probs)
    }

    /// Reads the classes of the next row.
    fn push(&mut self, row: usize, list: &Bound<'_, PyAny>) -> PyResult<()> {
        let start = self.classes.len();
        if let Ok(list) = list.cast::<PyList>() {
            for class in list {
                self.classes.push(class_index(row, &class)?);
            }
        } else if list.is_instance_of::<PyString>() {
            return Err(wrong_format(&format!("row {row} is a text")));
        } else {
            let classes = list.try_iter().map_err(|error| not_iterable(list, error, row))?;
            for class in classes {
                self.classes.push(class_index(row, &class?)?);
            }
        }
        let of_row = &mut self.classes[start..];
        if of_row.len() > 1 {
            of_row.sort_unstable();
            let mut n_distinct = 1;
            for position in 1..of_row.len() {
                if of_row[position] != of_row[n_distinct - 1] {
                    of_row[n_distinct] = of_row[position];
                    n_distinct += 1;
                }
            }
            self.classes.truncate(start + n_distinct);
        }
        self.starts.push(self.classes.len());
        Ok(())
    }
}

impl<'py> FromPyObject<'_, 'py> for ClassLists {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let mut lists = Self { starts: vec![0], classes: Vec::new() };
        if let Ok(rows) = object.cast::<PyList>() {
            for (row, list) in rows.iter().enumerate() {
                lists.push(row, &list)?;
            }
            return Ok(lists);
        }
        if object.cast::<PyUntypedArray>().is_ok_and(|array| array.ndim() > 1) {
            return Err(wrong_format(
                "they are a matrix: if it is one-hot, cleanlab_rs.internal.multilabel_utils.onehot2int makes lists of it",
            ));
        }
        if object.is_none() || object.is_instance_of::<PyString>() {
            return Err(wrong_format("they are no list"));
        }
        if is_sparse(&object) {
            return Err(wrong_format("they are a sparse matrix"));
        }
        for (row, list) in object.try_iter()?.enumerate() {
            lists.push(row, &list?)?;
        }
        Ok(lists)
    }
}

/// Whether an object is one of SciPy's sparse matrices, which SciPy cannot walk through safely if it is malformed.
fn is_sparse(object: &Bound<'_, PyAny>) -> bool {
    let module = object.get_type().module();
    module.is_ok_and(|module| module.to_str().is_ok_and(|name| name.starts_with("scipy.sparse")))
}

fn wrong_format(found: &str) -> PyErr {
    PyValueError::new_err(format!(
        "labels must be a list with a list of class indices for every row, such as [[0, 2], [], [1]]; {found}"
    ))
}

/// What to raise for a row that cannot be iterated over, unless it failed for a reason of its own.
fn not_iterable(list: &Bound<'_, PyAny>, error: PyErr, row: usize) -> PyErr {
    if error.is_instance_of::<PyTypeError>(list.py()) {
        wrong_format(&format!("row {row} is no list"))
    } else {
        error
    }
}

fn class_index(row: usize, class: &Bound<'_, PyAny>) -> PyResult<u32> {
    // Not its text, which some objects fail to make: numbers and texts are shown as Python shows them.
    let value = || {
        let is_plain =
            class.extract::<f64>().is_ok() || class.is_instance_of::<PyString>() || class.is_none();
        let shown = if is_plain { class.str() } else { class.get_type().name() };
        shown.map_or_else(|_| String::from("?"), |text| text.to_string())
    };
    let error = if let Ok(index) = class.extract::<i64>() {
        match u32::try_from(index) {
            Ok(index) => return Ok(index),
            Err(_) if index < 0 => MultilabelError::NegativeClass { row, value: value() },
            Err(_) => {
                return Err(wrong_format(&format!("row {row} lists class {index}, which is too large")));
            }
        }
    } else {
        match class.extract::<f64>() {
            Ok(index) if index < 0.0 => MultilabelError::NegativeClass { row, value: value() },
            Ok(index) if index.fract() == 0.0 && index < f64::from(u32::MAX) => return Ok(index as u32),
            Ok(_) => MultilabelError::FractionalClass { row, value: value() },
            Err(_) => return Err(wrong_format(&format!("row {row} lists {}, which is no number", value()))),
        }
    };
    Err(error.into_py_err())
}

/// Counts of every class against the rest, K × 2 × 2.
struct BinaryJoints(MultilabelConfidentJoint);

impl<'py> FromPyObject<'_, 'py> for BinaryJoints {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let counts: ArrayOf<'_, f64, Ix3> = object.extract()?;
        let counts = counts.view();
        if let Some(count) =
            counts.iter().find(|count| !(count.fract() == 0.0 && (0.0..2e18).contains(*count)))
        {
            let message =
                format!("confident_joint has the entry {count}; its entries are counts: 0, 1, 2, …");
            return Err(PyValueError::new_err(message));
        }
        let counts = counts.mapv(|count| count as u64);
        Ok(Self(MultilabelConfidentJoint::from_counts(counts).map_err(IntoPyErr::into_py_err)?))
    }
}

/// The rule that flags labels, by its name.
struct Filter(FilterBy);

impl<'py> FromPyObject<'_, 'py> for Filter {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let found: String = object.extract()?;
        match FilterBy::ALL.into_iter().find(|filter_by| filter_by.name() == found) {
            Some(filter_by) => Ok(Self(filter_by)),
            None => {
                let names = FilterBy::ALL.map(FilterBy::name).join(", ");
                Err(PyAssertionError::new_err(format!("filter_by is {found:?}, but must be one of: {names}")))
            }
        }
    }
}

/// What labels are scored by, from its name and whether probabilities are adjusted.
struct Quality(LabelQualityMethod);

impl<'py> FromPyObject<'_, 'py> for Quality {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let (method, adjusted): (String, bool) = object.extract()?;
        quality_method(&method, adjusted).map(Self)
    }
}

/// How labels are flagged: `(filter_by, frac_noise, num_to_remove_per_class, min_examples_per_class, confident_joint)`.
struct FilterOptions(FindMultilabelIssuesOptions);

impl<'py> FromPyObject<'_, 'py> for FilterOptions {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        type Given = (Filter, f64, Option<ListOf<u64>>, u64, Option<BinaryJoints>);
        let (Filter(filter_by), frac_noise, num_to_remove_per_class, min_examples_per_class, confident_joint): Given =
            object.extract()?;
        let mut options = FindMultilabelIssuesOptions::default()
            .with_filter_by(filter_by)
            .with_frac_noise(frac_noise)
            .with_min_examples_per_class(min_examples_per_class);
        options.num_to_remove_per_class = num_to_remove_per_class.map(|numbers| numbers.0);
        options.confident_joint = confident_joint.map(|joint| joint.0);
        Ok(Self(options))
    }
}

/// How the scores of a row become one: `("exponential_moving_average", alpha)` or `("softmin", temperature)`.
struct Aggregation(Aggregator);

impl<'py> FromPyObject<'_, 'py> for Aggregation {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let (name, parameter): (String, Option<f64>) = object.extract()?;
        match (name.as_str(), parameter) {
            ("exponential_moving_average", alpha) => Ok(Self(Aggregator::ExponentialMovingAverage { alpha })),
            ("softmin", Some(temperature)) => Ok(Self(Aggregator::Softmin { temperature })),
            ("softmin", None) => Ok(Self(Aggregator::softmin())),
            (found, _) => Err(PyValueError::new_err(format!(
                "the aggregation method is {found:?}, but must be exponential_moving_average, softmin or a function"
            ))),
        }
    }
}

fn texts(warnings: &[LabelIssuesWarning]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}

/// The warning of the filters that the tables of the crate come without.
fn classes_left_alone(
    labels: &MultiLabels,
    options: &FindMultilabelIssuesOptions,
) -> Vec<LabelIssuesWarning> {
    let (n_rows, min_examples_per_class) = (labels.len() as u64, options.min_examples_per_class);
    let is_left_alone = |&class: &usize| {
        let having = labels.counts()[class];
        having.min(n_rows - having) <= min_examples_per_class
    };
    let classes: Vec<usize> = (0..labels.n_classes()).filter(is_left_alone).collect();
    if classes.is_empty() {
        return Vec::new();
    }
    vec![LabelIssuesWarning::TooFewExamples { classes, min_examples_per_class }]
}

fn lists_of_rows(py: Python<'_>, lists: Vec<Vec<usize>>) -> PyResult<Bound<'_, PyList>> {
    PyList::new(py, lists.into_iter().map(|rows| indices(py, rows)))
}

/// Flags of rows, or the flagged rows worst first where a score is named, and warnings.
#[pyfunction]
#[pyo3(signature = (labels, pred_probs, options, ranked_by=None))]
fn find_multilabel_issues<'py>(
    py: Python<'py>,
    labels: ClassLists,
    pred_probs: FloatMatrix<'py>,
    options: FilterOptions,
    ranked_by: Option<Quality>,
) -> PyResult<(Bound<'py, PyAny>, Vec<String>)> {
    let (mask, rows, warnings) = with_floats!(pred_probs, |view| run(py, || {
        let data = labels.with(view)?;
        let issues = multilabel::find_label_issues(&data, &options.0)?;
        let rows = match ranked_by {
            Some(Quality(method)) => Some(issues.ranked_by(&data, method)?),
            None => None,
        };
        Ok::<_, MultilabelError>((issues.mask, rows, issues.warnings))
    }))?;
    let found = match rows {
        Some(rows) => indices(py, rows).into_any(),
        None => vector(py, mask).into_any(),
    };
    Ok((found, texts(&warnings)))
}

/// Flags of annotations, N × K, or for each class its flagged rows worst first where a score is named, and warnings.
#[pyfunction]
#[pyo3(signature = (labels, pred_probs, options, ranked_by=None))]
fn find_multilabel_issues_per_class<'py>(
    py: Python<'py>,
    labels: ClassLists,
    pred_probs: FloatMatrix<'py>,
    options: FilterOptions,
    ranked_by: Option<Quality>,
) -> PyResult<(Bound<'py, PyAny>, Vec<String>)> {
    let (mask, rows, warnings) = with_floats!(pred_probs, |view| run(py, || {
        let data = labels.with(view)?;
        let issues = multilabel::find_multilabel_issues_per_class(&data, &options.0)?;
        let rows = match ranked_by {
            Some(Quality(method)) => Some(issues.ranked_by(&data, method)?),
            None => None,
        };
        Ok::<_, MultilabelError>((issues.mask, rows, issues.warnings))
    }))?;
    let found = match rows {
        Some(rows) => lists_of_rows(py, rows)?.into_any(),
        None => matrix(py, mask).into_any(),
    };
    Ok((found, texts(&warnings)))
}

/// One score per row.
#[pyfunction]
fn multilabel_quality_scores<'py>(
    py: Python<'py>,
    labels: ClassLists,
    pred_probs: FloatMatrix<'py>,
    quality: Quality,
    aggregation: Aggregation,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let options = MultilabelScoreOptions::default().with_method(quality.0).with_aggregator(aggregation.0);
    let scores = with_floats!(pred_probs, |view| run(py, || {
        multilabel::get_label_quality_scores(&labels.with(view)?, &options)
    }))?;
    Ok(vector(py, scores))
}

/// One score per row and class.
#[pyfunction]
fn multilabel_quality_scores_per_class<'py>(
    py: Python<'py>,
    labels: ClassLists,
    pred_probs: FloatMatrix<'py>,
    quality: Quality,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let scores = with_floats!(pred_probs, |view| run(py, || {
        multilabel::get_label_quality_scores_per_class(&labels.with(view)?, quality.0)
    }))?;
    Ok(matrix(py, scores))
}

/// One score per row and class, where labels are a matrix with 1 for every class that a row has.
#[pyfunction]
fn onehot_quality_scores_per_class<'py>(
    py: Python<'py>,
    onehot: FloatMatrix<'py>,
    pred_probs: FloatMatrix<'py>,
    quality: Quality,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let labels = with_floats!(onehot, |view| run(py, || MultiLabels::from_onehot(view)))?;
    let scores = with_floats!(pred_probs, |view| run(py, || {
        let data = MultilabelProbs::new(labels, PredProbs::without_notes(view)?)?;
        multilabel::get_label_quality_scores_per_class(&data, quality.0)
    }))?;
    Ok(matrix(py, scores))
}

/// One score per row from the scores of its classes.
#[pyfunction]
fn aggregate_scores<'py>(
    py: Python<'py>,
    scores: DoubleMatrix<'py>,
    aggregation: Aggregation,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let scores = scores.view();
    Ok(vector(py, run(py, || aggregation.0.aggregate(scores))?))
}

/// For every class, given and not given: how many rows are flagged, and their share; the most first.
///
/// Returns columns: class, whether it is given, number of rows, share of all rows; and warnings.
#[pyfunction]
#[pyo3(signature = (labels, pred_probs, confident_joint=None))]
#[allow(clippy::type_complexity, reason = "a tuple of columns")]
fn common_multilabel_issues<'py>(
    py: Python<'py>,
    labels: ClassLists,
    pred_probs: FloatMatrix<'py>,
    confident_joint: Option<BinaryJoints>,
) -> PyResult<(
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<bool>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
    Vec<String>,
)> {
    let mut options = FindMultilabelIssuesOptions::default();
    options.confident_joint = confident_joint.map(|joint| joint.0);
    let (common, warnings) = with_floats!(pred_probs, |view| run(py, || {
        let data = labels.with(view)?;
        let common = multilabel::common_multilabel_issues(&data, &options)?;
        Ok::<_, MultilabelError>((common, classes_left_alone(data.labels(), &options)))
    }))?;
    Ok((
        indices(py, common.iter().map(|issue| issue.class_index)),
        PyArray1::from_iter(py, common.iter().map(|issue| issue.in_given_label)),
        indices(py, common.iter().map(|issue| issue.num_examples)),
        PyArray1::from_iter(py, common.iter().map(|issue| issue.issue_probability)),
        texts(&warnings),
    ))
}

/// Every class by the quality of its annotations, the worst first.
///
/// Returns columns: class, label issues, inverse label issues, label noise, inverse label noise, label quality score; and
/// warnings.
#[pyfunction]
#[pyo3(signature = (labels, pred_probs, confident_joint=None))]
#[allow(clippy::type_complexity, reason = "a tuple of columns")]
fn rank_classes_by_multilabel_quality<'py>(
    py: Python<'py>,
    labels: ClassLists,
    pred_probs: FloatMatrix<'py>,
    confident_joint: Option<BinaryJoints>,
) -> PyResult<(
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Vec<String>,
)> {
    let mut options = FindMultilabelIssuesOptions::default();
    options.confident_joint = confident_joint.map(|joint| joint.0);
    let (classes, warnings) = with_floats!(pred_probs, |view| run(py, || {
        let data = labels.with(view)?;
        let classes = multilabel::rank_classes_by_multilabel_quality(&data, &options)?;
        Ok::<_, MultilabelError>((classes, classes_left_alone(data.labels(), &options)))
    }))?;
    Ok((
        indices(py, classes.iter().map(|class| class.class_index)),
        indices(py, classes.iter().map(|class| class.label_issues)),
        indices(py, classes.iter().map(|class| class.inverse_label_issues)),
        PyArray1::from_iter(py, classes.iter().map(|class| class.label_noise)),
        PyArray1::from_iter(py, classes.iter().map(|class| class.inverse_label_noise)),
        PyArray1::from_iter(py, classes.iter().map(|class| class.label_quality_score)),
        texts(&warnings),
    ))
}

/// Whether any class of a row is predicted otherwise than given.
#[pyfunction]
fn multilabel_predicted_neq_given<'py>(
    py: Python<'py>,
    labels: ClassLists,
    pred_probs: FloatMatrix<'py>,
) -> PyResult<Bound<'py, PyArray1<bool>>> {
    let mask = with_floats!(pred_probs, |view| run(py, || {
        Ok::<_, MultilabelError>(multilabel::find_predicted_neq_given(&labels.with(view)?))
    }))?;
    Ok(vector(py, mask))
}

/// How many rows have a wrong set of classes.
#[pyfunction]
fn multilabel_num_label_issues(
    py: Python<'_>,
    labels: ClassLists,
    pred_probs: FloatMatrix<'_>,
) -> PyResult<usize> {
    with_floats!(pred_probs, |view| run(py, || multilabel::num_label_issues(&labels.with(view)?)))
}

/// The mean probability of a class among rows without it and with it, K × 2.
#[pyfunction]
fn multilabel_confident_thresholds<'py>(
    py: Python<'py>,
    labels: ClassLists,
    pred_probs: FloatMatrix<'py>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let thresholds = with_floats!(pred_probs, |view| run(py, || {
        Ok::<_, MultilabelError>(multilabel::get_confident_thresholds(&labels.with(view)?))
    }))?;
    Ok(matrix(py, thresholds))
}

/// The confident joint of every class against the rest, K × 2 × 2, and where asked the rows off its diagonals.
#[pyfunction]
#[pyo3(signature = (labels, pred_probs, thresholds=None, calibrate=true, with_rows=false))]
#[allow(clippy::type_complexity, reason = "a matrix, and rows where asked")]
fn multilabel_confident_joint<'py>(
    py: Python<'py>,
    labels: ClassLists,
    pred_probs: FloatMatrix<'py>,
    thresholds: Option<DoubleMatrix<'py>>,
    calibrate: bool,
    with_rows: bool,
) -> PyResult<(Bound<'py, PyArray3<i64>>, Option<Bound<'py, PyList>>)> {
    let calibration = if calibrate { Calibration::ToLabelCounts } else { Calibration::Uncalibrated };
    let mut options = MultilabelConfidentJointOptions::default().with_calibration(calibration);
    options.thresholds = thresholds.map(|thresholds| thresholds.view().to_owned());
    let (joint, rows) = with_floats!(pred_probs, |view| run(py, || {
        let data = labels.with(view)?;
        let joint = multilabel::compute_confident_joint(&data, &options)?;
        let rows = with_rows.then(|| multilabel::find_off_diagonal_rows(&data, &options));
        Ok::<_, MultilabelError>((joint, rows.transpose()?))
    }))?;
    let rows = match rows {
        Some(rows) => Some(lists_of_rows(py, rows)?),
        None => None,
    };
    Ok((counts(py, &joint), rows))
}

/// Counts scaled to how many rows lack and have each class, K × 2 × 2.
#[pyfunction]
fn multilabel_calibrate(
    py: Python<'_>,
    confident_joint: BinaryJoints,
    labels: ClassLists,
) -> PyResult<Bound<'_, PyArray3<i64>>> {
    let joint = run(py, || {
        let labels = labels.labels(confident_joint.0.n_classes())?;
        multilabel::calibrate_confident_joint(&confident_joint.0, &labels)
    })?;
    Ok(counts(py, &joint))
}

/// The joint distribution of given and true label of every class, K × 2 × 2.
#[pyfunction]
#[pyo3(signature = (labels, pred_probs, confident_joint=None))]
fn multilabel_joint<'py>(
    py: Python<'py>,
    labels: ClassLists,
    pred_probs: FloatMatrix<'py>,
    confident_joint: Option<BinaryJoints>,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let joint = with_floats!(pred_probs, |view| run(py, || {
        let data = labels.with(view)?;
        match &confident_joint {
            Some(joint) => multilabel::estimate_joint(&joint.0, data.labels()),
            None => multilabel::estimate_joint_from_probabilities(&data),
        }
    }))?;
    Ok(PyArray::from_owned_array(py, joint))
}

fn counts<'py>(py: Python<'py>, joint: &MultilabelConfidentJoint) -> Bound<'py, PyArray3<i64>> {
    PyArray::from_owned_array(py, joint.counts().mapv(|count| count as i64))
}

/// Lists of classes as a matrix with 1 for every class that a row has, N × K.
#[pyfunction]
fn int2onehot(py: Python<'_>, labels: ClassLists, n_classes: usize) -> PyResult<Bound<'_, PyArray2<i64>>> {
    // The matrix as it is made, and as it is handed over.
    check_room(labels.starts.len() - 1, n_classes, 2 * size_of::<i64>())?;
    let onehot = run(py, || {
        Ok::<_, MultilabelError>(multilabel::int2onehot(&labels.labels(n_classes)?).mapv(i64::from))
    })?;
    Ok(matrix(py, onehot))
}

/// The classes of every row of such a matrix.
#[pyfunction]
fn onehot2int(py: Python<'_>, onehot: FloatMatrix<'_>) -> PyResult<Vec<Vec<usize>>> {
    with_floats!(onehot, |view| run(py, || multilabel::onehot2int(view)))
}

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(find_multilabel_issues, module)?)?;
    module.add_function(wrap_pyfunction!(find_multilabel_issues_per_class, module)?)?;
    module.add_function(wrap_pyfunction!(multilabel_quality_scores, module)?)?;
    module.add_function(wrap_pyfunction!(multilabel_quality_scores_per_class, module)?)?;
    module.add_function(wrap_pyfunction!(onehot_quality_scores_per_class, module)?)?;
    module.add_function(wrap_pyfunction!(aggregate_scores, module)?)?;
    module.add_function(wrap_pyfunction!(common_multilabel_issues, module)?)?;
    module.add_function(wrap_pyfunction!(rank_classes_by_multilabel_quality, module)?)?;
    module.add_function(wrap_pyfunction!(multilabel_predicted_neq_given, module)?)?;
    module.add_function(wrap_pyfunction!(multilabel_num_label_issues, module)?)?;
    module.add_function(wrap_pyfunction!(multilabel_confident_thresholds, module)?)?;
    module.add_function(wrap_pyfunction!(multilabel_confident_joint, module)?)?;
    module.add_function(wrap_pyfunction!(multilabel_calibrate, module)?)?;
    module.add_function(wrap_pyfunction!(multilabel_joint, module)?)?;
    module.add_function(wrap_pyfunction!(int2onehot, module)?)?;
    module.add_function(wrap_pyfunction!(onehot2int, module)?)?;
    Ok(())
}
