//! Bringing the classes of labels and the columns of predicted probabilities together.

use std::path::Path;

use anyhow::{Result, bail};
use cleanlab_core::{ClassNames, Float, Labels, RowSums};
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

/// Finds the column of each class.
///
/// Columns that are named after the classes go by name, in whatever order they stand. Others go by position when there
/// are as many as classes; otherwise labels that are whole numbers are taken for column numbers, since classes without
/// a row may have a column.
pub(crate) fn align_classes(
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
                    printable::path(path),
                    printable::list(columns)
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
        printable::path(path),
        names.len(),
        printable::list(names)
    )
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
