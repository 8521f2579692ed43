//! Bringing the classes of labels and the columns of predicted probabilities together.

use std::path::Path;

use anyhow::{Result, bail};
use cleanlab_core::{ClassNames, Float, Labels, NamedColumns, RowSums};
use cleanlab_table::{GivenPredProbs, ProbsMatrix};
use ndarray::{ArrayView1, ArrayView2, Axis};

use crate::printable;
use crate::table_warnings::skipped_columns_warning;

/// Labels and predicted probabilities whose classes have been brought together.
pub(crate) struct Aligned {
    pub(crate) labels: Labels<'static>,
    pub(crate) class_names: ClassNames,
    pub(crate) pred_probs: ProbsMatrix,
    pub(crate) warnings: Vec<String>,
}

/// Which column each class has.
pub(crate) struct Alignment {
    /// The columns of the classes, in their order; nothing when they stand so.
    pub(crate) columns: Option<Vec<usize>>,
    /// For each name of a label its class; nothing when names are in the order of the classes.
    pub(crate) class_of_name: Option<Vec<u32>>,
    pub(crate) class_names: ClassNames,
    pub(crate) warnings: Vec<String>,
}

/// Finds the column of each class.
///
/// Columns that are named after the classes ([`ClassNames::columns_of`]) go by name, in whatever order they stand. Others go by position when there
/// are as many as classes; otherwise labels that are whole numbers are taken for column numbers, since classes without
/// a row may have a column.
pub(crate) fn alignment(
    label_names: Option<&ClassNames>,
    n_columns: usize,
    column_names: Option<&[String]>,
    sum_to_one: impl FnOnce(&[usize]) -> Result<bool>,
    path: &Path,
) -> Result<Alignment> {
    // Labels that are class indices are named after the columns by number.
    let are_indices = label_names.is_none();
    let class_names = label_names.cloned().unwrap_or_else(|| ClassNames::indices(n_columns));
    let names = class_names.as_slice();
    let mut warnings = Vec::new();
    if let Some(columns) = column_names {
        let found = class_names.columns_of(columns);
        if let NamedColumns::Every(found) = found {
            return aligned_by_name(class_names, columns, found, sum_to_one);
        }
        if are_indices {
            if columns.iter().all(|column| column.parse::<i64>().is_ok()) {
                warnings.push(format!(
                    "the labels are class indices counted from 0, but the columns of {} are called {}; they were taken \
                     in the order in which they stand",
                    printable::path(path),
                    printable::list(columns)
                ));
            }
            let class_names = ClassNames::from_ordered(columns.to_vec());
            return Ok(Alignment { columns: None, class_of_name: None, class_names, warnings });
        }
        // Some names match: by position the others would silently be taken for one another.
        if let NamedColumns::LackingFor(lacking) = found {
            let lacking: Vec<&String> = lacking.into_iter().map(|class| &names[class]).collect();
            bail!(
                "{} has no column for the classes {}; its columns are {}: add the missing ones, or correct the labels",
                printable::path(path),
                printable::list(&lacking),
                printable::list(columns)
            );
        }
        warnings.push(format!(
            "no column of {} is named after a class; its columns {} were taken for the classes {} in this order",
            printable::path(path),
            printable::list(columns),
            printable::list(names)
        ));
    }
    if names.len() == n_columns {
        return Ok(Alignment { columns: None, class_of_name: None, class_names, warnings });
    }
    let by_number = |name: &String| name.parse().ok().filter(|&column: &usize| column < n_columns);
    if let Some(columns) = names.iter().map(by_number).collect::<Option<Vec<usize>>>() {
        let class_of_name = Some(columns.into_iter().map(|column| column as u32).collect());
        let class_names = ClassNames::indices(n_columns);
        return Ok(Alignment { columns: None, class_of_name, class_names, warnings });
    }
    bail!(
        "{} has {n_columns} columns but the labels have {} classes ({}); give one column per class, or name the \
         columns after the classes",
        printable::path(path),
        names.len(),
        printable::list(names)
    )
}

/// Puts the columns into the order of the classes. Columns beyond those of the classes may be classes without a label,
/// or no probabilities at all: they are left out when the others sum to 1 without them.
fn aligned_by_name(
    class_names: ClassNames,
    columns: &[String],
    found: Vec<usize>,
    sum_to_one: impl FnOnce(&[usize]) -> Result<bool>,
) -> Result<Alignment> {
    let others: Vec<usize> = (0..columns.len()).filter(|column| !found.contains(column)).collect();
    let other_names: Vec<String> = others.iter().map(|&column| columns[column].clone()).collect();
    let mut warnings = Vec::new();
    let (order, class_names) = if others.is_empty() || sum_to_one(&found)? {
        if !others.is_empty() {
            warnings.extend(skipped_columns_warning(&other_names));
        }
        (found, class_names)
    } else {
        let order = found.into_iter().chain(others).collect();
        let names = class_names.as_slice().iter().cloned().chain(other_names).collect();
        (order, ClassNames::from_ordered(names))
    };
    Ok(Alignment { columns: Some(order), class_of_name: None, class_names, warnings })
}

/// Brings labels and the columns of a matrix in memory together.
pub(crate) fn align_classes(
    labels: Labels<'static>,
    class_names: Option<ClassNames>,
    given: GivenPredProbs,
    path: &Path,
) -> Result<Aligned> {
    let found = alignment(
        class_names.as_ref(),
        given.values.dim().1,
        given.column_names.as_deref(),
        |columns| Ok(sum_to_one(&given.values, columns)),
        path,
    )?;
    let labels = match found.class_of_name {
        None => labels,
        Some(classes) => {
            Labels::from_vec(labels.as_slice().iter().map(|&label| classes[label as usize]).collect())?
        }
    };
    let pred_probs = match found.columns {
        None => given.values,
        Some(columns) => select_columns(given.values, &columns),
    };
    Ok(Aligned { labels, class_names: found.class_names, pred_probs, warnings: found.warnings })
}

/// Predictions that agree with fewer labels than would the most frequent class alone are mostly of other rows, or their
/// columns of other classes.
pub(crate) fn disagreement_warning(
    labels: &Labels<'_>,
    class_names: &ClassNames,
    pred_probs: &ProbsMatrix,
    path: &Path,
) -> Option<String> {
    let labels = labels.as_slice();
    let n_agreeing = match pred_probs {
        ProbsMatrix::F32(matrix) => n_agreeing(labels, matrix.view()),
        ProbsMatrix::F64(matrix) => n_agreeing(labels, matrix.view()),
    };
    let mut counts = vec![0_usize; class_names.len().max(1)];
    for &label in labels {
        if let Some(count) = counts.get_mut(label as usize) {
            *count += 1;
        }
    }
    let n_most = counts.iter().max().copied().unwrap_or(0);
    (n_agreeing < n_most).then(|| {
        let percent = |n: usize| 100.0 * n as f64 / labels.len() as f64;
        format!(
            "the predicted classes of {} agree with {:.0} % of the labels, the most frequent class alone would with {:.0} \
             %: are the columns in the order {}, and the rows those of the labels?",
            printable::path(path),
            percent(n_agreeing).floor(),
            percent(n_most).ceil(),
            printable::list(class_names.as_slice())
        )
    })
}

fn n_agreeing<F: Float>(labels: &[u32], matrix: ArrayView2<'_, F>) -> usize {
    let is_predicted = |row: ArrayView1<'_, F>, label: u32| {
        row.get(label as usize).is_some_and(|own| row.iter().all(|other| other <= own))
    };
    matrix.rows().into_iter().zip(labels).filter(|(row, label)| is_predicted(*row, **label)).count()
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
