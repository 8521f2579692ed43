//! `cleanlab audit` and `cleanlab labels`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use cleanlab_core::{ClassNames, Labels, RowSums};
use cleanlab_learning::{
    CvEstimationOptions, LogisticRegression, TrainingSet, estimate_cv_predicted_probabilities,
};
use cleanlab_table::{
    ArrayOptions, ColumnAction, ColumnLabels, ColumnUse, FeatureOptions, GivenPredProbs, LabelOptions,
    MissingLabels, ProbsMatrix, ReadOptions, Table, TableError, read_labels, read_pred_probs,
};
use ndarray::{Array2, Axis};

use crate::Outcome;
use crate::arguments::{AuditArguments, LabelsArguments, MethodArguments, OutputArguments};
use crate::findings::{Findings, Subject, judge, key_columns};
use crate::progress::Reporter;
use crate::wording::{Wording, tell};
use crate::{render, save};

pub(crate) fn audit_table(arguments: &AuditArguments) -> Result<Outcome> {
    if let Some(pred_probs) = &arguments.pred_probs {
        refuse_sharing_standard_input(&arguments.file, "the table", pred_probs)?;
    }
    set_threads(&arguments.method)?;
    let reporter = Reporter::new(arguments.output.quiet);
    reporter.step("reading");
    let table = Table::read(arguments.file.as_path(), &ReadOptions::default())?;
    let missing = if arguments.drop_missing_labels { MissingLabels::Drop } else { MissingLabels::Refuse };
    let column_labels = table
        .labels(&arguments.label, &LabelOptions::default().with_missing(missing))
        .map_err(|error| match error {
            error @ TableError::MissingLabels { .. } if !arguments.drop_missing_labels => {
                anyhow::anyhow!("{error} (--drop-missing-labels leaves those rows out)")
            }
            error => error.into(),
        })?;
    let subject = match &arguments.pred_probs {
        Some(path) => subject_with_predictions(&table, column_labels, path, arguments)?,
        None => subject_with_features(&table, column_labels, arguments, &reporter)?,
    };
    reporter.step("judging labels");
    let findings = judge(subject, &arguments.method);
    reporter.finish();
    conclude(&findings?, &arguments.output)
}

pub(crate) fn audit_arrays(arguments: &LabelsArguments) -> Result<Outcome> {
    refuse_sharing_standard_input(&arguments.labels, "--labels", &arguments.pred_probs)?;
    set_threads(&arguments.method)?;
    let reporter = Reporter::new(arguments.output.quiet);
    reporter.step("reading");
    let labels = read_labels(arguments.labels.as_path(), &ArrayOptions::default())?;
    let given = read_pred_probs(arguments.pred_probs.as_path(), &ArrayOptions::default())?;
    let mut warnings = skipped_columns_warning(&given.skipped_columns);
    let aligned = align_classes(labels.labels, labels.class_names, given, &arguments.pred_probs)?;
    warnings.extend(aligned.warnings);
    let subject = Subject {
        source: render::path(&arguments.labels),
        rows: (0..aligned.labels.len()).collect(),
        labels: aligned.labels,
        class_names: aligned.class_names,
        pred_probs: aligned.pred_probs,
        warnings,
        key_columns: Vec::new(),
    };
    reporter.step("judging labels");
    let findings = judge(subject, &arguments.method);
    reporter.finish();
    conclude(&findings?, &arguments.output)
}

/// Standard input is read to its end once.
fn refuse_sharing_standard_input(first: &Path, what: &str, pred_probs: &Path) -> Result<()> {
    if first == Path::new("-") && pred_probs == first {
        bail!("{what} and --pred-probs cannot both be standard input; give a file for one of them");
    }
    Ok(())
}

fn set_threads(method: &MethodArguments) -> Result<()> {
    let Some(threads) = method.threads else { return Ok(()) };
    rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(threads))
        .build_global()
        .context("could not start the threads")
}

fn conclude(findings: &Findings, output: &OutputArguments) -> Result<Outcome> {
    if let Some(folder) = &output.out {
        save::save(findings, folder)?;
    }
    render::render(findings, output)?;
    match output.fail_on.first_passed(findings) {
        None => Ok(Outcome::Ran),
        Some(passed) => {
            if !output.quiet {
                tell(&format!("limit passed: {passed}"));
            }
            Ok(Outcome::LimitPassed)
        }
    }
}

fn skipped_columns_warning(columns: &[String]) -> Vec<String> {
    if columns.is_empty() {
        return Vec::new();
    }
    vec![format!("columns of pred_probs that hold no probabilities were left out: {}", render::list(columns))]
}

fn subject_with_features(
    table: &Table,
    labels: ColumnLabels,
    arguments: &AuditArguments,
    reporter: &Reporter,
) -> Result<Subject> {
    let wording = Wording { rows: &labels.kept_rows, class_names: &labels.class_names };
    let kept = table.take_rows(&labels.kept_rows)?;
    let options = FeatureOptions::default()
        .with_label_column(arguments.label.as_str())
        .with_exclude(arguments.exclude.iter().cloned());
    let features = kept.features(&options).map_err(|error| wording.table_error(error))?;
    let mut warnings = dropped_rows_warning(&labels);
    warnings.extend(
        features
            .columns
            .iter()
            .filter(|column| matches!(column.action, ColumnAction::Skipped { .. }))
            .map(ToString::to_string),
    );
    warnings.extend(filled_columns_warning(&features.columns));
    let n_classes = labels.class_names.len();
    let training = TrainingSet::new(features.values.view(), labels.labels.as_slice(), n_classes)?;
    let cross_validation = CvEstimationOptions::default()
        .with_n_splits(arguments.folds as usize)
        .with_seed(arguments.seed)
        .with_progress(reporter.folds());
    let predicted =
        estimate_cv_predicted_probabilities(&LogisticRegression::default(), &training, &cross_validation)
            .map_err(|error| wording.learning_error(error))?;
    warnings.extend(predicted.warnings.iter().map(|warning| wording.learning_warning(warning)));
    Ok(Subject {
        source: render::path(&arguments.file),
        key_columns: key_columns(table, &arguments.label, &arguments.show, &labels.kept_rows)?,
        labels: labels.labels,
        class_names: labels.class_names,
        pred_probs: ProbsMatrix::F64(predicted.pred_probs),
        rows: labels.kept_rows,
        warnings,
    })
}

fn filled_columns_warning(columns: &[ColumnUse]) -> Option<String> {
    let filled = |column: &ColumnUse| match column.action {
        ColumnAction::Standardised { n_missing, .. } if n_missing > 0 => {
            Some(format!("{} ({n_missing})", column.column))
        }
        _ => None,
    };
    let filled: Vec<String> = columns.iter().filter_map(filled).collect();
    (!filled.is_empty()).then(|| {
        format!("missing numbers were filled with the mean of their column: {}", render::list(&filled))
    })
}

fn dropped_rows_warning(labels: &ColumnLabels) -> Vec<String> {
    match labels.missing_rows.as_slice() {
        [] => Vec::new(),
        [first, ..] => {
            let n = labels.missing_rows.len();
            vec![format!("{n} rows without a label were left out; the first is row {first}")]
        }
    }
}

fn subject_with_predictions(
    table: &Table,
    labels: ColumnLabels,
    path: &Path,
    arguments: &AuditArguments,
) -> Result<Subject> {
    let given = read_pred_probs(path, &ArrayOptions::default())?;
    let mut warnings = dropped_rows_warning(&labels);
    warnings.extend(skipped_columns_warning(&given.skipped_columns));
    let n_given = given.values.dim().0;
    if n_given != table.n_rows() {
        bail!(
            "{} has {n_given} rows but {} has {}; give one row of probabilities per row of the table",
            render::path(path),
            render::path(&arguments.file),
            table.n_rows()
        );
    }
    let aligned = align_classes(labels.labels, Some(labels.class_names), given, path)?;
    warnings.extend(aligned.warnings);
    let pred_probs = match aligned.pred_probs {
        ProbsMatrix::F32(matrix) => ProbsMatrix::F32(kept_rows(matrix, &labels.kept_rows)),
        ProbsMatrix::F64(matrix) => ProbsMatrix::F64(kept_rows(matrix, &labels.kept_rows)),
    };
    Ok(Subject {
        source: render::path(&arguments.file),
        key_columns: key_columns(table, &arguments.label, &arguments.show, &labels.kept_rows)?,
        labels: aligned.labels,
        class_names: aligned.class_names,
        pred_probs,
        rows: labels.kept_rows,
        warnings,
    })
}

fn kept_rows<F: Clone>(matrix: Array2<F>, rows: &[usize]) -> Array2<F> {
    if rows.len() == matrix.nrows() { matrix } else { matrix.select(Axis(0), rows) }
}

/// Labels and predicted probabilities whose classes have been brought together.
struct Aligned {
    labels: Labels<'static>,
    class_names: ClassNames,
    pred_probs: ProbsMatrix,
    warnings: Vec<String>,
}

/// Finds the column of each class.
///
/// Columns that are named after the classes go by name, in whatever order they stand. Others go by position when there
/// are as many as classes; otherwise labels that are whole numbers are taken for column numbers, since classes without
/// a row may have a column.
fn align_classes(
    labels: Labels<'static>,
    class_names: Option<ClassNames>,
    given: GivenPredProbs,
    path: &Path,
) -> Result<Aligned> {
    let n_columns = given.values.dim().1;
    // Labels that are class indices are named after the columns by number.
    let are_indices = class_names.is_none();
    let class_names = class_names.unwrap_or_else(|| ClassNames::indices(n_columns));
    let names = class_names.as_slice();
    let mut warnings = Vec::new();
    if let Some(columns) = &given.column_names {
        // Names of columns were trimmed when they were read, text in cells was not.
        let by_name = |name: &String| columns.iter().position(|column| column == name.trim());
        let found: Vec<Option<usize>> = names.iter().map(by_name).collect();
        if let Some(found) = found.iter().copied().collect::<Option<Vec<usize>>>() {
            return Ok(aligned_by_name(labels, class_names, given, &found));
        }
        if are_indices {
            if columns.iter().all(|column| column.parse::<i64>().is_ok()) {
                warnings.push(format!(
                    "the labels are class indices counted from 0, but the columns of {} are called {}; they were taken \
                     in the order in which they stand",
                    render::path(path),
                    render::list(columns)
                ));
            }
            let class_names = ClassNames::from_ordered(columns.clone());
            return Ok(Aligned { labels, class_names, pred_probs: given.values, warnings });
        }
        // Some names match: by position the others would silently be taken for one another.
        if found.iter().any(Option::is_some) {
            let lacking: Vec<&String> =
                names.iter().zip(&found).filter(|(_, found)| found.is_none()).map(|(name, _)| name).collect();
            bail!(
                "{} has no column for the classes {}; its columns are {}: add the missing ones, or correct the labels",
                render::path(path),
                render::list(&lacking),
                render::list(columns)
            );
        }
        warnings.push(format!(
            "no column of {} is named after a class; its columns {} were taken for the classes {} in this order",
            render::path(path),
            render::list(columns),
            render::list(names)
        ));
    }
    if names.len() == n_columns {
        return Ok(Aligned { labels, class_names, pred_probs: given.values, warnings });
    }
    let by_number = |name: &String| name.parse().ok().filter(|&column: &usize| column < n_columns);
    if let Some(columns) = names.iter().map(by_number).collect::<Option<Vec<usize>>>() {
        let recoded = labels.as_slice().iter().map(|&label| columns[label as usize] as u32).collect();
        let class_names = ClassNames::indices(n_columns);
        return Ok(Aligned {
            labels: Labels::from_vec(recoded)?,
            class_names,
            pred_probs: given.values,
            warnings,
        });
    }
    bail!(
        "{} has {n_columns} columns but the labels have {} classes ({}); give one column per class, or name the \
         columns after the classes",
        render::path(path),
        names.len(),
        render::list(names)
    )
}

/// Puts the columns into the order of the classes. Columns beyond those of the classes may be classes without a label,
/// or no probabilities at all: they are left out when the others sum to 1 without them.
fn aligned_by_name(
    labels: Labels<'static>,
    class_names: ClassNames,
    given: GivenPredProbs,
    found: &[usize],
) -> Aligned {
    let columns = given.column_names.unwrap_or_default();
    let others: Vec<usize> = (0..columns.len()).filter(|column| !found.contains(column)).collect();
    let other_names: Vec<String> = others.iter().map(|&column| columns[column].clone()).collect();
    let mut warnings = Vec::new();
    if others.is_empty() || sum_to_one(&given.values, found) {
        if !others.is_empty() {
            warnings.extend(skipped_columns_warning(&other_names));
        }
        let pred_probs = select_columns(given.values, found);
        return Aligned { labels, class_names, pred_probs, warnings };
    }
    let order: Vec<usize> = found.iter().copied().chain(others).collect();
    let names = class_names.as_slice().iter().cloned().chain(other_names).collect();
    let pred_probs = select_columns(given.values, &order);
    Aligned { labels, class_names: ClassNames::from_ordered(names), pred_probs, warnings }
}

/// Whether these columns sum to 1 in nearly all rows.
fn sum_to_one(pred_probs: &ProbsMatrix, columns: &[usize]) -> bool {
    const NEARLY_ALL: f64 = 0.99;
    let is_one = |sum: f64| (sum - 1.0).abs() <= RowSums::TOLERANCE;
    let n_rows = pred_probs.dim().0;
    let sum = |row: usize| match pred_probs {
        ProbsMatrix::F32(matrix) => {
            columns.iter().map(|&column| f64::from(matrix[[row, column]])).sum::<f64>()
        }
        ProbsMatrix::F64(matrix) => columns.iter().map(|&column| matrix[[row, column]]).sum::<f64>(),
    };
    let n_ones = (0..n_rows).filter(|&row| is_one(sum(row))).count();
    n_ones as f64 >= NEARLY_ALL * n_rows as f64
}

fn select_columns(pred_probs: ProbsMatrix, columns: &[usize]) -> ProbsMatrix {
    if columns.iter().copied().eq(0..pred_probs.dim().1) {
        return pred_probs;
    }
    match pred_probs {
        ProbsMatrix::F32(matrix) => ProbsMatrix::F32(matrix.select(Axis(1), columns)),
        ProbsMatrix::F64(matrix) => ProbsMatrix::F64(matrix.select(Axis(1), columns)),
    }
}
