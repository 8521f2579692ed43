//! What an audit looks at: read, or made from what was read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use cleanlab_core::{ClassNames, Float, LabeledProbs, PredProbs};
use cleanlab_datalab::{Datalab, Inputs, Matrix, Task};
use cleanlab_neighbors::KnnGraph;
use cleanlab_table::{
    AnyArray, ArrayOptions, ArrayRows, FeatureOptions, FeatureScaling, ProbsMatrix, ReadOptions, Source,
    Table, TableError, read_array, read_pred_probs,
};
use ndarray::{Array1, Array2, CowArray, Ix2};

use super::feature_file::FeatureFile;
use super::predictions::{aligned_class_sets, cross_validate_class_sets};
use super::roles::check_roles;
use super::targets::{Given, GivenRows, labels_of_file, labels_of_table, numbers_of};
use crate::arguments::{AuditArguments, DataArguments, TaskName};
use crate::class_alignment::{align_classes, disagreement_warning};
use crate::findings::{KeyColumn, key_columns};
use crate::in_parts::default_allowance;
use crate::knn_graph::read_knn_graph;
use crate::printable::path;
use crate::progress::Reporter;
use crate::subject::{
    check_pred_probs_rows, cross_validate, feature_warnings, kept_rows_of, refuse_sharing_standard_input,
};
use crate::table_warnings::skipped_columns_warning;
use crate::wording::Wording;

/// What an audit looks at.
pub(super) struct AuditData {
    /// The file, for headings.
    pub(super) source: String,
    /// The folder that names of image files are relative to.
    pub(super) folder: Option<PathBuf>,
    given: Given,
    task: Task,
    /// For each audited row, its number in the file.
    pub(super) rows: Vec<usize>,
    /// The audited rows of the table.
    pub(super) columns: Option<Table>,
    pub(super) features: Option<ProbsMatrix>,
    /// Features that are too large for memory; there are no others then.
    pub(super) feature_file: Option<FeatureFile>,
    /// For each feature column of the table, where it has no value: NaN there and 0 elsewhere.
    missing: Option<Array2<f32>>,
    pred_probs: Option<ProbsMatrix>,
    predictions: Option<Array1<f64>>,
    pub(super) graph: Option<Arc<KnnGraph>>,
    pub(super) keys: Vec<KeyColumn>,
    /// How the audit was made, in words.
    pub(super) settings: Vec<(String, String)>,
    pub(super) warnings: Vec<String>,
}

impl AuditData {
    /// Reads all that is given, and has a model predict what is not.
    pub(super) fn read(arguments: &AuditArguments, reporter: &Reporter) -> Result<Self> {
        let data = &arguments.data;
        refuse_standard_input_twice(data)?;
        let mut this = match &data.file {
            Some(file) => Self::of_table(file, data)?,
            None => Self::of_arrays(data)?,
        };
        let n_file_rows = this.n_file_rows;
        let read = &mut this.data;
        if let Some(file) = &data.features {
            read.read_features(file, n_file_rows, arguments)?;
            read.setting("features", format!("those in {}", path(file)));
        }
        if let Some(file) = &data.knn_graph {
            let graph = read_knn_graph(file)?;
            if read.rows.len() != n_file_rows {
                bail!(
                    "{} is a graph of all rows, but rows without a label were left out; leave them out of both files",
                    path(file)
                );
            }
            read.setting("neighbours", format!("those in {}", path(file)));
            read.graph = Some(graph);
        }
        read.predict(arguments, this.plain_features.as_ref(), n_file_rows, reporter)?;
        Ok(this.data)
    }

    fn of_table(file: &Path, arguments: &DataArguments) -> Result<Reading> {
        let table = Table::read(Source::from(file), &ReadOptions::default())?;
        let GivenRows { given, rows, mut warnings } = match &arguments.label {
            Some(label) => labels_of_table(&table, label, arguments)?,
            None => {
                if arguments.task == TaskName::Multilabel || arguments.label_separator.is_some() {
                    bail!("--task multilabel needs --label COLUMN");
                }
                GivenRows { given: Given::None, rows: (0..table.n_rows()).collect(), warnings: Vec::new() }
            }
        };
        let label = arguments.label.as_deref();
        check_roles(&table, arguments, &rows)?;
        let keys = key_columns(&table, label, &shown_columns(arguments), &rows)?;
        let n_file_rows = table.n_rows();
        let kept = if rows.len() == n_file_rows { table } else { table.take_rows(&rows)? };
        let no_features = named_columns(arguments);
        for name in &no_features {
            kept.column(name)?;
        }
        let mut features = None;
        let mut settings = Vec::new();
        let wording = Wording { rows: &rows, class_names: &ClassNames::from_ordered(Vec::new()) };
        if arguments.features.is_none() {
            let mut options = FeatureOptions::default().with_exclude(no_features.iter().cloned());
            if let Some(label) = label {
                options = options.with_label_column(label);
            }
            match kept.features(&options) {
                Ok(made) => {
                    let n = made.values.ncols();
                    settings.push(("features".to_owned(), format!("{n} from the columns, standardised")));
                    warnings.extend(feature_warnings(&kept, &made, &rows));
                    features = Some(made.values);
                }
                // Labels cannot be judged then; whatever needs no features still can.
                Err(error @ TableError::NoFeatures { .. })
                    if label.is_none() || has_other_input(arguments) =>
                {
                    warnings.push(error.to_string());
                }
                Err(error) => return Err(wording.table_error(error)),
            }
        }
        let missing = arguments.features.is_none().then(|| missing_values(&kept, label, &no_features));
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
        let data = Self {
            source: path(file),
            folder: (file != Path::new("-")).then_some(folder),
            task: task_of(&given, arguments.task),
            given,
            rows,
            columns: Some(kept),
            features: features.map(ProbsMatrix::F64),
            feature_file: None,
            missing,
            pred_probs: None,
            predictions: None,
            graph: None,
            keys,
            settings,
            warnings,
        };
        let plain = PlainFeatures { label: arguments.label.clone(), exclude: no_features };
        Ok(Reading { data, n_file_rows, plain_features: Some(plain) })
    }

    fn of_arrays(arguments: &DataArguments) -> Result<Reading> {
        let parts = [&arguments.labels, &arguments.features, &arguments.pred_probs, &arguments.knn_graph];
        let Some(first) = parts.into_iter().flatten().next() else {
            bail!("give a table, or --labels, --features, --pred-probs or --knn-graph");
        };
        let GivenRows { given, rows, warnings } = match &arguments.labels {
            Some(labels) => labels_of_file(labels, arguments)?,
            None => {
                let n_rows = match (&arguments.features, &arguments.pred_probs) {
                    // The header tells, and need not be followed by values that fit into memory.
                    (Some(features), _) => match ArrayRows::open(features) {
                        Ok(array) => array.n_rows(),
                        Err(_) => read_matrix(features, "features")?.dim().0,
                    },
                    (None, Some(probs)) => read_pred_probs(probs, &ArrayOptions::default())?.values.dim().0,
                    (None, None) => read_knn_graph(first)?.n_rows(),
                };
                GivenRows { given: Given::None, rows: (0..n_rows).collect(), warnings: Vec::new() }
            }
        };
        let n_file_rows = rows.len();
        let data = Self {
            source: path(first),
            folder: None,
            task: task_of(&given, arguments.task),
            given,
            rows,
            columns: None,
            features: None,
            feature_file: None,
            missing: None,
            pred_probs: None,
            predictions: None,
            graph: None,
            keys: Vec::new(),
            settings: Vec::new(),
            warnings,
        };
        Ok(Reading { data, n_file_rows, plain_features: None })
    }

    /// Reads features, or leaves them in their file if they are too large.
    fn read_features(&mut self, file: &Path, n_file_rows: usize, arguments: &AuditArguments) -> Result<()> {
        if arguments.data.knn_graph.is_none() {
            let allowed = arguments.checks.memory.unwrap_or_else(default_allowance);
            if let Some(large) = FeatureFile::too_large(file, &self.rows, allowed)? {
                check_rows(file, "features", large.n_file_rows(), n_file_rows, &self.source)?;
                self.warnings.push(format!("{}; they are read in parts", large.reason));
                self.feature_file = Some(large);
                return Ok(());
            }
        }
        self.features = Some(read_features(file, n_file_rows, &self.rows, &self.source)?);
        Ok(())
    }

    fn setting(&mut self, name: &str, value: String) {
        self.settings.push((name.to_owned(), value));
    }

    /// Reads predictions, or makes them.
    fn predict(
        &mut self,
        arguments: &AuditArguments,
        plain: Option<&PlainFeatures>,
        n_file_rows: usize,
        reporter: &Reporter,
    ) -> Result<()> {
        if let Some(file) = &arguments.data.predictions {
            if self.task != Task::Regression {
                bail!(
                    "--predictions are for labels that are numbers; give --pred-probs, or --task regression"
                );
            }
            let numbers = numbers_of(Source::from(file).in_memory()?, file)?;
            check_rows(file, "predictions", numbers.len(), n_file_rows, &self.source)?;
            self.predictions = Some(self.rows.iter().map(|&row| numbers[row]).collect());
            self.setting("predictions", format!("those in {}", path(file)));
        }
        match &arguments.data.pred_probs {
            Some(_) if self.task == Task::Regression => {
                bail!("--pred-probs are for classes; give --predictions for labels that are numbers")
            }
            Some(file) => self.read_pred_probs(file, arguments, n_file_rows),
            None => self.make_pred_probs(arguments, plain, reporter),
        }
    }

    fn read_pred_probs(&mut self, file: &Path, arguments: &AuditArguments, n_file_rows: usize) -> Result<()> {
        let given = read_pred_probs(file, &ArrayOptions::default())?;
        self.warnings.extend(skipped_columns_warning(&given.skipped_columns));
        check_pred_probs_rows(&given, file, n_file_rows, &self.source)?;
        let labels = std::mem::replace(&mut self.given, Given::None);
        let pred_probs = match labels {
            Given::Classes { labels, class_names } => {
                let aligned = align_classes(labels, class_names, given, file)?;
                self.warnings.extend(aligned.warnings);
                let class_names = Some(aligned.class_names);
                self.given = Given::Classes { labels: aligned.labels, class_names };
                aligned.pred_probs
            }
            Given::ClassSets { labels, class_names } => {
                let values = aligned_class_sets(&class_names, given, file)?;
                self.given = Given::ClassSets { labels, class_names };
                values
            }
            other => {
                self.given = other;
                given.values
            }
        };
        let pred_probs = kept_rows_of(pred_probs, &self.rows);
        let pred_probs = match pred_probs {
            ProbsMatrix::F32(matrix) => ProbsMatrix::F32(self.checked(matrix, arguments.compute.clip)?),
            ProbsMatrix::F64(matrix) => ProbsMatrix::F64(self.checked(matrix, arguments.compute.clip)?),
        };
        if let Given::Classes { labels, class_names: Some(class_names) } = &self.given {
            self.warnings.extend(disagreement_warning(labels, class_names, &pred_probs, file));
        }
        self.pred_probs = Some(pred_probs);
        self.setting("predictions", format!("those in {}", path(file)));
        Ok(())
    }

    /// Refuses probabilities that are none, by their rows in the file.
    fn checked<F: Float>(&mut self, matrix: Array2<F>, clip: bool) -> Result<Array2<F>> {
        let no_names = ClassNames::from_ordered(Vec::new());
        let wording = Wording { rows: &self.rows, class_names: &no_names };
        let checked = if clip { PredProbs::clipped(matrix.view()) } else { PredProbs::new(matrix.view()) };
        let checked = checked.map_err(|error| wording.input_error(error))?;
        if let Given::Classes { labels, .. } = &self.given {
            LabeledProbs::new(labels.borrowed(), checked.borrowed())
                .map_err(|error| wording.input_error(error))?;
        }
        let n_clipped = checked.n_clipped();
        let clipped = (n_clipped > 0).then(|| checked.view().to_owned());
        drop(checked);
        let Some(clipped) = clipped else { return Ok(matrix) };
        self.warnings.push(format!("{n_clipped} probabilities outside [0, 1] were clipped"));
        Ok(clipped)
    }

    fn make_pred_probs(
        &mut self,
        arguments: &AuditArguments,
        plain: Option<&PlainFeatures>,
        reporter: &Reporter,
    ) -> Result<()> {
        if !matches!(self.given, Given::Classes { .. } | Given::ClassSets { .. }) {
            return Ok(());
        }
        let scaling = arguments.model.classifier.scaling;
        let made = match (&self.columns, plain) {
            // Trees learn from numbers as they are, though distances need them standardised.
            (Some(columns), Some(plain))
                if arguments.data.features.is_none() && scaling == FeatureScaling::AsTheyAre =>
            {
                plain.features(columns, scaling)?
            }
            _ => None,
        };
        let features: CowArray<'_, f64, Ix2> = match (&made, &self.features) {
            (Some(made), _) => made.view().into(),
            (None, Some(ProbsMatrix::F64(matrix))) => matrix.view().into(),
            (None, Some(ProbsMatrix::F32(matrix))) => matrix.mapv(f64::from).into(),
            (None, None) => return Ok(()),
        };
        if let Some(((row, column), value)) = features.indexed_iter().find(|(_, value)| !value.is_finite()) {
            self.warnings.push(format!(
                "no model was trained, for want of features that are all finite: row {}, column {column} is {value}",
                self.rows[row]
            ));
            return Ok(());
        }
        let no_names = ClassNames::from_ordered(Vec::new());
        let predicted = match &self.given {
            Given::Classes { labels, class_names } => {
                let n_classes = class_names.as_ref().map_or(labels.max_class() + 1, ClassNames::len);
                let class_names = class_names.as_ref().unwrap_or(&no_names);
                let wording = Wording { rows: &self.rows, class_names };
                let labels = labels.as_slice();
                cross_validate(features.view(), labels, n_classes, arguments.model, reporter, wording)?
            }
            Given::ClassSets { labels, class_names } => {
                let wording = Wording { rows: &self.rows, class_names };
                cross_validate_class_sets(features.view(), labels, arguments.model, reporter, wording)?
            }
            Given::None | Given::Numbers(_) => return Ok(()),
        };
        drop(features);
        self.warnings.extend(predicted.warnings);
        self.pred_probs = Some(ProbsMatrix::F64(predicted.pred_probs));
        let model = arguments.model;
        self.setting(
            "predictions",
            format!("by {} in {}-fold cross-validation", model.classifier.words, model.folds),
        );
        Ok(())
    }

    /// The audit to be made of the labels.
    pub(super) fn datalab(&self) -> Result<Datalab> {
        let lab = match &self.given {
            Given::None => Datalab::unlabeled(self.rows.len(), self.task)?,
            Given::Classes { labels, class_names } => {
                let class_names = class_names.clone();
                let class_names = class_names.unwrap_or_else(|| ClassNames::indices(labels.max_class() + 1));
                Datalab::classification(labels.borrowed(), class_names)?
            }
            Given::Numbers(numbers) => Datalab::regression(numbers.clone())?,
            Given::ClassSets { labels, class_names } => {
                Datalab::multilabel(labels.clone(), class_names.clone())?
            }
        };
        Ok(lab.with_row_numbers(self.rows.clone())?)
    }

    /// All that there is to look at.
    pub(super) fn inputs<'a>(&'a self, split: Option<&'a str>) -> Inputs<'a> {
        let mut inputs = Inputs::default();
        inputs.features = self.features.as_ref().map(matrix_of);
        inputs.pred_probs = self.pred_probs.as_ref().map(matrix_of);
        inputs.predictions = self.predictions.as_ref().map(|values| values.view());
        if let Some(graph) = &self.graph {
            inputs = inputs.with_knn_graph(graph);
        }
        if let Some(columns) = &self.columns {
            inputs = inputs.with_columns(columns);
        }
        inputs.split_column = split;
        inputs
    }

    /// What the check of missing values looks at, where it is not the features: those have been filled in.
    pub(super) fn missing_inputs(&self) -> Option<Inputs<'_>> {
        self.missing.as_ref().map(|missing| Inputs::default().with_features(missing))
    }

    /// The task.
    pub(super) fn task(&self) -> Task {
        self.task
    }

    /// Number of rows with a label, or of all where there are no labels.
    pub(super) fn n_rows(&self) -> usize {
        self.rows.len()
    }
}

/// Data that are still being read.
struct Reading {
    data: AuditData,
    /// Number of rows of the file, those without a label included.
    n_file_rows: usize,
    plain_features: Option<PlainFeatures>,
}

/// How the columns of the table become features of a model that scaling means nothing to.
struct PlainFeatures {
    label: Option<String>,
    exclude: Vec<String>,
}

impl PlainFeatures {
    fn features(&self, kept: &Table, scaling: FeatureScaling) -> Result<Option<Array2<f64>>> {
        let mut options =
            FeatureOptions::default().with_exclude(self.exclude.iter().cloned()).with_scaling(scaling);
        if let Some(label) = &self.label {
            options = options.with_label_column(label);
        }
        match kept.features(&options) {
            Ok(features) => Ok(Some(features.values)),
            Err(TableError::NoFeatures { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn matrix_of(matrix: &ProbsMatrix) -> Matrix<'_> {
    match matrix {
        ProbsMatrix::F32(matrix) => matrix.into(),
        ProbsMatrix::F64(matrix) => matrix.into(),
    }
}

fn task_of(given: &Given, asked_for: TaskName) -> Task {
    match (given, asked_for) {
        (Given::Numbers(_), _) | (Given::None, TaskName::Regression) => Task::Regression,
        (Given::ClassSets { .. }, _) | (Given::None, TaskName::Multilabel) => Task::Multilabel,
        _ => Task::Classification,
    }
}

/// Whether something can be said of labels without features.
fn has_other_input(arguments: &DataArguments) -> bool {
    arguments.pred_probs.is_some() || arguments.predictions.is_some() || arguments.knn_graph.is_some()
}

/// The columns that are no features by their role.
fn named_columns(arguments: &DataArguments) -> Vec<String> {
    let roles = [&arguments.split, &arguments.id, &arguments.image_column].into_iter().flatten();
    let mut names: Vec<String> = arguments.exclude.iter().chain(roles).cloned().collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| Some(name) != arguments.label.as_ref());
    names
}

/// The columns that are printed beside rows.
fn shown_columns(arguments: &DataArguments) -> Vec<String> {
    match &arguments.id {
        Some(id) if arguments.show.is_empty() => vec![id.clone()],
        _ => arguments.show.clone(),
    }
}

/// NaN where a column has no value, 0 elsewhere; of all columns but the label and those that were excluded.
fn missing_values(kept: &Table, label: Option<&str>, exclude: &[String]) -> Array2<f32> {
    let is_used = |name: &str| Some(name) != label && !exclude.iter().any(|excluded| excluded == name);
    let columns: Vec<_> = kept.columns().iter().filter(|column| is_used(column.name())).collect();
    let mut missing = Array2::zeros((kept.n_rows(), columns.len()));
    for (column, mut values) in columns.iter().zip(missing.columns_mut()) {
        if column.n_missing() > 0 {
            for (row, value) in values.iter_mut().enumerate() {
                if column.is_missing(row) {
                    *value = f32::NAN;
                }
            }
        }
    }
    missing
}

fn read_matrix(file: &Path, what: &'static str) -> Result<ProbsMatrix> {
    let array = read_array(Source::from(file), &ArrayOptions::default());
    let array = array.map_err(|error| match error {
        TableError::AmbiguousEntry { .. } | TableError::NotAnArray { .. } => {
            anyhow::anyhow!("{error} (--{what} takes a matrix in .npy, or the only one in .npz)")
        }
        error => error.into(),
    })?;
    if let AnyArray::Text(_) = array {
        bail!("{} holds text; {what} are a matrix of numbers", path(file));
    }
    let shape = array.shape().to_vec();
    if what == "features" && shape.len() == 2 && shape[1] == 0 {
        bail!(
            "{} has the shape {shape:?}, which is no columns; features are at least one number a row",
            path(file)
        );
    }
    array.into_pred_probs().map_err(|_| {
        anyhow::anyhow!(
            "{} has the shape {shape:?}; {what} are a matrix with a row per row of the data",
            path(file)
        )
    })
}

fn read_features(file: &Path, n_rows: usize, rows: &[usize], source: &str) -> Result<ProbsMatrix> {
    let matrix = read_matrix(file, "features")?;
    check_rows(file, "features", matrix.dim().0, n_rows, source)?;
    Ok(kept_rows_of(matrix, rows))
}

fn check_rows(file: &Path, what: &str, n_given: usize, n_rows: usize, source: &str) -> Result<()> {
    if n_given != n_rows {
        bail!("{} has {n_given} rows but {source} has {n_rows}; give one row of {what} per row", path(file));
    }
    Ok(())
}

/// Standard input is read to its end once.
fn refuse_standard_input_twice(arguments: &DataArguments) -> Result<()> {
    if let Some(pred_probs) = &arguments.pred_probs {
        if let Some(file) = &arguments.file {
            refuse_sharing_standard_input(file, "the table", pred_probs)?;
        }
        if let Some(labels) = &arguments.labels {
            refuse_sharing_standard_input(labels, "--labels", pred_probs)?;
        }
    }
    let others = [&arguments.predictions, &arguments.features, &arguments.knn_graph];
    if others.into_iter().flatten().any(|file| file == Path::new("-")) {
        bail!("only the table, --labels or --pred-probs can be standard input; give a file for the others");
    }
    Ok(())
}
