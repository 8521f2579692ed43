//! `cleanlab audit` and `cleanlab labels`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use cleanlab_learning::{
    CvEstimationOptions, LogisticRegression, TrainingSet, estimate_cv_predicted_probabilities,
};
use cleanlab_table::{
    ArrayOptions, ColumnAction, ColumnLabels, FeatureOptions, LabelOptions, MissingLabels, ProbsMatrix,
    ReadOptions, Table, TableError, read_labels, read_pred_probs,
};
use ndarray::{Array2, Axis};

use crate::Outcome;
use crate::arguments::{AuditArguments, LabelsArguments, MethodArguments, OutputArguments};
use crate::class_alignment::align_classes;
use crate::findings::{Findings, Subject, judge, key_columns};
use crate::progress::Reporter;
use crate::table_warnings::{
    dropped_rows_warning, filled_columns_warning, lookalike_classes_warning, skipped_columns_warning,
    stray_text_warning,
};
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
    warnings.extend(lookalike_classes_warning(&labels.class_names));
    warnings.extend(
        features
            .columns
            .iter()
            .filter(|column| matches!(column.action, ColumnAction::Skipped { .. }))
            .map(ToString::to_string),
    );
    warnings.extend(filled_columns_warning(&features.columns));
    warnings.extend(
        features.columns.iter().filter_map(|used| stray_text_warning(&kept, used, &labels.kept_rows)),
    );
    let n_classes = labels.class_names.len();
    let training = TrainingSet::new(features.values.view(), labels.labels.as_slice(), n_classes)?;
    let cross_validation = CvEstimationOptions::default()
        .with_n_splits(arguments.folds as usize)
        .with_seed(arguments.seed)
        .with_progress(reporter.folds());
    let predicted =
        estimate_cv_predicted_probabilities(&LogisticRegression::default(), &training, &cross_validation)
            .map_err(|error| wording.learning_error(error))?;
    warnings.extend(wording.learning_warnings(&predicted.warnings));
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

fn subject_with_predictions(
    table: &Table,
    labels: ColumnLabels,
    path: &Path,
    arguments: &AuditArguments,
) -> Result<Subject> {
    let given = read_pred_probs(path, &ArrayOptions::default())?;
    let mut warnings = dropped_rows_warning(&labels);
    warnings.extend(lookalike_classes_warning(&labels.class_names));
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
