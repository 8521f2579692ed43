//! `cleanlab audit` and `cleanlab labels`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use cleanlab_core::{ClassNames, Labels};
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
    let n_classes = given.values.dim().1;
    let (labels, class_names) = match (&given.column_names, labels.class_names.is_some()) {
        (Some(names), true) => {
            let labels = labels.in_order_of(names)?;
            (labels.labels, ClassNames::from_ordered(names.clone()))
        }
        (Some(names), false) => (labels.labels, ClassNames::from_ordered(names.clone())),
        (None, true) => {
            let class_names = labels.class_names.unwrap_or_else(|| ClassNames::indices(n_classes));
            if class_names.len() != n_classes {
                bail!(
                    "the labels have {} classes but pred_probs has {n_classes} columns; give one column per class, \
                     in the order {}",
                    class_names.len(),
                    render::list(class_names.as_slice())
                );
            }
            (labels.labels, class_names)
        }
        (None, false) => (labels.labels, ClassNames::indices(n_classes)),
    };
    let subject = Subject {
        source: render::path(&arguments.labels),
        rows: (0..labels.len()).collect(),
        labels,
        class_names,
        pred_probs: given.values,
        warnings: skipped_columns_warning(&given.skipped_columns),
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
    let (indices, class_names) = align_classes(&labels, &given, path)?;
    let pred_probs = match given.values {
        ProbsMatrix::F32(matrix) => ProbsMatrix::F32(kept_rows(matrix, &labels.kept_rows)),
        ProbsMatrix::F64(matrix) => ProbsMatrix::F64(kept_rows(matrix, &labels.kept_rows)),
    };
    Ok(Subject {
        source: render::path(&arguments.file),
        key_columns: key_columns(table, &arguments.label, &arguments.show, &labels.kept_rows)?,
        labels: indices,
        class_names,
        pred_probs,
        rows: labels.kept_rows,
        warnings,
    })
}

fn kept_rows<F: Clone>(matrix: Array2<F>, rows: &[usize]) -> Array2<F> {
    if rows.len() == matrix.nrows() { matrix } else { matrix.select(Axis(0), rows) }
}

/// The labels as column numbers of the given probabilities, and the names of those columns.
///
/// Columns named after classes go by name, all of them. Others go by the order of the classes when there are as many;
/// otherwise labels that are whole numbers are taken for column numbers, since classes without a row may have a column.
fn align_classes(
    labels: &ColumnLabels,
    given: &GivenPredProbs,
    path: &Path,
) -> Result<(Labels<'static>, ClassNames)> {
    let names = labels.class_names.as_slice();
    let n_columns = given.values.dim().1;
    let recode = |column_of: &dyn Fn(usize) -> Option<usize>| {
        let columns: Option<Vec<usize>> = (0..names.len()).map(column_of).collect();
        columns.map(|columns| {
            labels.labels.as_slice().iter().map(|&label| columns[label as usize] as u32).collect::<Vec<_>>()
        })
    };
    if let Some(columns) = &given.column_names {
        // Names of columns were trimmed when they were read, text in cells was not.
        let by_name = |class: usize| columns.iter().position(|column| column == names[class].trim());
        if let Some(recoded) = recode(&by_name) {
            return Ok((Labels::from_vec(recoded)?, ClassNames::from_ordered(columns.clone())));
        }
        // Some names match: by position the others would silently be taken for one another.
        let (found, lacking): (Vec<usize>, Vec<usize>) =
            (0..names.len()).partition(|&class| by_name(class).is_some());
        if !found.is_empty() {
            let lacking: Vec<&str> = lacking.into_iter().map(|class| names[class].as_str()).collect();
            bail!(
                "{} has no column for the classes {}; its columns are {}: add the missing ones, or correct the labels",
                render::path(path),
                render::list(&lacking),
                render::list(columns)
            );
        }
    }
    if names.len() == n_columns {
        return Ok((labels.labels.clone(), labels.class_names.clone()));
    }
    let by_number = |class: usize| names[class].parse().ok().filter(|&column: &usize| column < n_columns);
    if let Some(recoded) = recode(&by_number) {
        return Ok((Labels::from_vec(recoded)?, ClassNames::indices(n_columns)));
    }
    bail!(
        "{} has {n_columns} columns but the labels have {} classes ({}); give one column per class, or name the \
         columns after the classes",
        render::path(path),
        names.len(),
        render::list(names)
    )
}
