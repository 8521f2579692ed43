//! What there is to judge: labels and predicted probabilities, read or made.

use std::path::Path;

use anyhow::{Context, Result, bail};
use cleanlab_core::{Float, InputError, LabeledProbs, Labels, PredProbs};
use cleanlab_learning::{CvEstimationOptions, TrainingSet, estimate_cv_predicted_probabilities};
use cleanlab_table::{
    ArrayOptions, ColumnAction, ColumnLabels, FeatureOptions, Features, GivenPredProbs, LabelOptions,
    MissingLabels, ProbsMatrix, ReadOptions, Source, Table, TableError, read_labels, read_pred_probs,
};
use ndarray::{Array2, ArrayView2, Axis};

use crate::about::{About, Judge};
use crate::arguments::{ComputeArguments, InputArguments, ModelArguments, TableArguments};
use crate::class_alignment::align_classes;
use crate::printable::path;
use crate::progress::Reporter;
use crate::table_warnings::{
    dropped_rows_warning, filled_columns_warning, lookalike_classes_warning, skipped_columns_warning,
    stray_text_warning,
};
use crate::wording::Wording;

/// Labels and predicted probabilities, with the names that they have in the file.
pub(crate) struct Subject {
    pub(crate) about: About,
    pub(crate) labels: Labels<'static>,
    pub(crate) pred_probs: ProbsMatrix,
    /// For each label, its row in the file, counted from 0.
    pub(crate) rows: Vec<usize>,
}

/// Labels and predicted probabilities that have been checked, and what there is to say of them.
pub(crate) struct CheckedSubject<'a, F: Float> {
    pub(crate) data: LabeledProbs<'a, F>,
    pub(crate) warnings: Vec<String>,
}

impl Subject {
    /// The subject in words.
    pub(crate) fn wording(&self) -> Wording<'_> {
        Wording { rows: &self.rows, class_names: &self.about.class_names }
    }

    /// Checks the predicted probabilities, which are given again as what they are.
    pub(crate) fn checked<'a, F: Float>(
        &'a self,
        matrix: ArrayView2<'a, F>,
        compute: &ComputeArguments,
    ) -> Result<CheckedSubject<'a, F>> {
        let wording = self.wording();
        let in_file = |error: InputError| {
            let file = match (&error, &self.about.judge) {
                (InputError::LabelOutOfRange { .. } | InputError::OneClass { .. }, _)
                | (_, Judge::Model { .. }) => &self.about.source,
                (_, Judge::Predictions { source }) => source,
            };
            anyhow::anyhow!("{file}: {}", wording.input_error(error))
        };
        let checked = if compute.clip { PredProbs::clipped(matrix) } else { PredProbs::new(matrix) };
        let pred_probs = checked.map_err(in_file)?;
        let mut warnings = self.about.warnings.clone();
        match pred_probs.n_clipped() {
            0 => {}
            n_clipped => warnings.push(format!("{n_clipped} probabilities outside [0, 1] were clipped")),
        }
        let data = LabeledProbs::new(self.labels.borrowed(), pred_probs).map_err(in_file)?;
        Ok(CheckedSubject { data, warnings })
    }
}

/// What a model learns from.
pub(crate) struct Training {
    pub(crate) about: About,
    pub(crate) labels: Labels<'static>,
    pub(crate) features: Array2<f64>,
    /// Predictions that are given.
    pub(crate) pred_probs: Option<Array2<f64>>,
    /// For each label, its row in the file, counted from 0.
    pub(crate) rows: Vec<usize>,
}

impl Training {
    /// The data in words.
    pub(crate) fn wording(&self) -> Wording<'_> {
        Wording { rows: &self.rows, class_names: &self.about.class_names }
    }
}

/// A table with a column of labels.
pub(crate) struct LabeledTable {
    pub(crate) table: Table,
    pub(crate) labels: ColumnLabels,
    label: String,
    /// The file, for headings.
    source: String,
}

impl LabeledTable {
    /// Reads a table and its labels.
    pub(crate) fn read(file: &Path, label: &str, arguments: &TableArguments) -> Result<Self> {
        Self::of(Source::from(file), file, label, arguments)
    }

    /// Reads a table that has been opened already, and its labels.
    pub(crate) fn of(source: Source, file: &Path, label: &str, arguments: &TableArguments) -> Result<Self> {
        if let Some(pred_probs) = &arguments.pred_probs {
            refuse_sharing_standard_input(file, "the table", pred_probs)?;
        }
        let table = Table::read(source, &ReadOptions::default())?;
        let missing = if arguments.drop_missing_labels { MissingLabels::Drop } else { MissingLabels::Refuse };
        let labels = table.labels(label, &LabelOptions::default().with_missing(missing)).map_err(
            |error| match error {
                error @ TableError::MissingLabels { .. } if !arguments.drop_missing_labels => {
                    anyhow::anyhow!("{error} (--drop-missing-labels leaves those rows out)")
                }
                error => error.into(),
            },
        )?;
        Ok(Self { table, labels, label: label.to_owned(), source: path(file) })
    }

    /// The labels with predictions: those given, or those of a model.
    pub(crate) fn subject(self, arguments: &TableArguments, reporter: &Reporter) -> Result<Subject> {
        match &arguments.pred_probs {
            Some(path) => self.subject_with_predictions(path),
            None => self.subject_with_model(arguments, reporter),
        }
    }

    /// The labels with features, and with predictions if they are given.
    pub(crate) fn training(self, arguments: &TableArguments) -> Result<Training> {
        let (features, feature_warnings) = self.features(arguments)?;
        let features = features.values;
        if let Some(file) = &arguments.pred_probs {
            let mut subject = self.subject_with_predictions(file)?;
            subject.about.warnings.extend(feature_warnings);
            let pred_probs = match subject.pred_probs {
                ProbsMatrix::F32(matrix) => matrix.mapv(f64::from),
                ProbsMatrix::F64(matrix) => matrix,
            };
            let Subject { about, labels, rows, .. } = subject;
            return Ok(Training { about, labels, features, pred_probs: Some(pred_probs), rows });
        }
        let mut warnings = self.label_warnings();
        warnings.extend(feature_warnings);
        let ModelArguments { classifier, folds, seed } = arguments.model;
        let about = About {
            source: self.source,
            n_rows: self.labels.labels.len(),
            class_names: self.labels.class_names,
            judge: Judge::Model { classifier, folds, seed },
            warnings,
        };
        let (labels, rows) = (self.labels.labels, self.labels.kept_rows);
        Ok(Training { about, labels, features, pred_probs: None, rows })
    }

    fn wording(&self) -> Wording<'_> {
        Wording { rows: &self.labels.kept_rows, class_names: &self.labels.class_names }
    }

    /// The columns that a model can learn from, and what there is to say of how they were read.
    fn features(&self, arguments: &TableArguments) -> Result<(Features, Vec<String>)> {
        let labels = &self.labels;
        let kept = self.table.take_rows(&labels.kept_rows)?;
        let options = FeatureOptions::default()
            .with_label_column(self.label.as_str())
            .with_exclude(arguments.exclude.iter().cloned())
            .with_scaling(arguments.model.classifier.scaling);
        let features = kept.features(&options).map_err(|error| self.wording().table_error(error))?;
        let warnings = feature_warnings(&kept, &features, &labels.kept_rows);
        Ok((features, warnings))
    }

    /// What there is to say of the labels.
    fn label_warnings(&self) -> Vec<String> {
        let mut warnings = dropped_rows_warning(&self.labels);
        warnings.extend(lookalike_classes_warning(&self.labels.class_names));
        warnings
    }

    fn subject_with_model(self, arguments: &TableArguments, reporter: &Reporter) -> Result<Subject> {
        let (features, feature_warnings) = self.features(arguments)?;
        let mut warnings = self.label_warnings();
        warnings.extend(feature_warnings);
        let (labels, wording) = (&self.labels, self.wording());
        let predicted = cross_validate(
            features.values.view(),
            labels.labels.as_slice(),
            labels.class_names.len(),
            arguments.model,
            reporter,
            wording,
        )?;
        warnings.extend(predicted.warnings);
        let ModelArguments { classifier, folds, seed } = arguments.model;
        let judge = Judge::Model { classifier, folds, seed };
        Ok(Subject {
            about: About {
                source: self.source,
                n_rows: self.labels.labels.len(),
                class_names: self.labels.class_names,
                judge,
                warnings,
            },
            labels: self.labels.labels,
            pred_probs: ProbsMatrix::F64(predicted.pred_probs),
            rows: self.labels.kept_rows,
        })
    }

    fn subject_with_predictions(self, file: &Path) -> Result<Subject> {
        let mut warnings = self.label_warnings();
        let given = read_pred_probs(file, &ArrayOptions::default())?;
        warnings.extend(skipped_columns_warning(&given.skipped_columns));
        check_pred_probs_rows(&given, file, self.table.n_rows(), &self.source)?;
        let rows = self.labels.kept_rows;
        let aligned = align_classes(self.labels.labels, Some(self.labels.class_names), given, file)?;
        warnings.extend(aligned.warnings);
        let pred_probs = kept_rows_of(aligned.pred_probs, &rows);
        Ok(Subject {
            about: About {
                source: self.source,
                n_rows: aligned.labels.len(),
                class_names: aligned.class_names,
                judge: Judge::Predictions { source: path(file) },
                warnings,
            },
            labels: aligned.labels,
            pred_probs,
            rows,
        })
    }
}

/// What there is to say of how the columns of a table became features.
pub(crate) fn feature_warnings(kept: &Table, features: &Features, rows: &[usize]) -> Vec<String> {
    let is_skipped = |action: &ColumnAction| matches!(action, ColumnAction::Skipped { .. });
    let skipped = features.columns.iter().filter(|column| is_skipped(&column.action));
    let mut warnings: Vec<String> = skipped.map(ToString::to_string).collect();
    warnings.extend(filled_columns_warning(&features.columns));
    warnings.extend(features.columns.iter().filter_map(|used| stray_text_warning(kept, used, rows)));
    warnings
}

/// What models predicted of rows that they had not seen.
pub(crate) struct CrossValidated {
    pub(crate) pred_probs: Array2<f64>,
    pub(crate) warnings: Vec<String>,
}

/// Predicts every row by a model that had not seen it.
pub(crate) fn cross_validate(
    features: ArrayView2<'_, f64>,
    labels: &[u32],
    n_classes: usize,
    model: ModelArguments,
    reporter: &Reporter,
    wording: Wording<'_>,
) -> Result<CrossValidated> {
    let training = TrainingSet::new(features, labels, n_classes)?;
    let ModelArguments { classifier, folds, seed } = model;
    let options = CvEstimationOptions::default()
        .with_n_splits(folds as usize)
        .with_seed(seed)
        .with_progress(reporter.folds());
    let predicted = estimate_cv_predicted_probabilities(&classifier.recipe(seed), &training, &options)
        .map_err(|error| wording.learning_error(error))?;
    let warnings = wording.learning_warnings(&predicted.warnings);
    Ok(CrossValidated { pred_probs: predicted.pred_probs, warnings })
}

/// Refuses predictions of another number of rows than the table has.
pub(crate) fn check_pred_probs_rows(
    given: &GivenPredProbs,
    file: &Path,
    n_rows: usize,
    source: &str,
) -> Result<()> {
    let n_given = given.values.dim().0;
    if n_given != n_rows {
        bail!(
            "{} has {n_given} rows but {source} has {n_rows}; give one row of probabilities per row of the table",
            path(file),
        );
    }
    Ok(())
}

/// The rows that are kept of a matrix of all rows.
pub(crate) fn kept_rows_of(matrix: ProbsMatrix, rows: &[usize]) -> ProbsMatrix {
    match matrix {
        ProbsMatrix::F32(matrix) => ProbsMatrix::F32(kept_rows(matrix, rows)),
        ProbsMatrix::F64(matrix) => ProbsMatrix::F64(kept_rows(matrix, rows)),
    }
}

fn kept_rows<F: Clone>(matrix: Array2<F>, rows: &[usize]) -> Array2<F> {
    if rows.len() == matrix.nrows() { matrix } else { matrix.select(Axis(0), rows) }
}

/// Reads labels and predicted probabilities that are files of their own.
pub(crate) fn subject_of_arrays(labels: &Path, label: Option<&str>, pred_probs: &Path) -> Result<Subject> {
    refuse_sharing_standard_input(labels, "--labels", pred_probs)?;
    let key = label.map_or_else(ArrayOptions::default, |label| ArrayOptions::default().with_key(label));
    let given_labels = read_labels(labels, &key)?;
    let given = read_pred_probs(pred_probs, &ArrayOptions::default())?;
    let mut warnings = skipped_columns_warning(&given.skipped_columns);
    let aligned = align_classes(given_labels.labels, given_labels.class_names, given, pred_probs)?;
    warnings.extend(aligned.warnings);
    let n_rows = aligned.labels.len();
    Ok(Subject {
        about: About {
            source: path(labels),
            n_rows,
            class_names: aligned.class_names,
            judge: Judge::Predictions { source: path(pred_probs) },
            warnings,
        },
        labels: aligned.labels,
        pred_probs: aligned.pred_probs,
        rows: (0..n_rows).collect(),
    })
}

/// Reads a table or arrays, whichever is given.
pub(crate) fn subject_of_input(input: &InputArguments, reporter: &Reporter) -> Result<Subject> {
    match (&input.labels, &input.table.pred_probs, &input.file, &input.label) {
        (Some(labels), Some(pred_probs), ..) => subject_of_arrays(labels, None, pred_probs),
        (_, _, Some(file), Some(label)) => {
            LabeledTable::read(file, label, &input.table)?.subject(&input.table, reporter)
        }
        _ => bail!("give a table with --label, or --labels with --pred-probs"),
    }
}

/// Standard input is read to its end once.
pub(crate) fn refuse_sharing_standard_input(first: &Path, what: &str, pred_probs: &Path) -> Result<()> {
    if first == Path::new("-") && pred_probs == first {
        bail!("{what} and --pred-probs cannot both be standard input; give a file for one of them");
    }
    Ok(())
}

/// Sets the number of threads, before anything is computed.
pub(crate) fn set_threads(compute: &ComputeArguments) -> Result<()> {
    let Some(threads) = compute.threads else { return Ok(()) };
    rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(threads))
        .build_global()
        .context("could not start the threads")
}
