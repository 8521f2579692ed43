//! Predicted probabilities of sets of classes.

use std::path::Path;

use anyhow::{Context, Result, bail};
use cleanlab_core::ClassNames;
use cleanlab_multilabel::MultiLabels;
use cleanlab_table::{GivenPredProbs, ProbsMatrix};
use ndarray::{Array2, ArrayView2, Axis};

use crate::arguments::ModelArguments;
use crate::printable::{list, path};
use crate::progress::Reporter;
use crate::subject::{CrossValidated, cross_validate};
use crate::wording::Wording;

/// Predicts for every row, and each class on its own, whether it has the class, by a model that had not seen the row.
pub(super) fn cross_validate_class_sets(
    features: ArrayView2<'_, f64>,
    labels: &MultiLabels,
    model: ModelArguments,
    reporter: &Reporter,
    wording: Wording<'_>,
) -> Result<CrossValidated> {
    let names = ClassNames::from_ordered(vec!["lacking".to_owned(), "having".to_owned()]);
    let mut pred_probs = Array2::zeros((labels.len(), labels.n_classes()));
    let mut warnings = Vec::new();
    for (class, mut column) in pred_probs.columns_mut().into_iter().enumerate() {
        let name = wording.class_names.get(class).map_or_else(|| class.to_string(), |name| list(&[name]));
        let n_having = labels.counts()[class];
        let n_fewer = n_having.min(labels.len() as u64 - n_having);
        if n_fewer < u64::from(model.folds) {
            // Too few to learn from: their share is the best that can be said.
            column.fill(n_having as f64 / labels.len() as f64);
            warnings.push(format!(
                "the class {name} is too rare, or too common, to be learnt: only {n_fewer} rows tell it from others; its \
                 labels are not judged"
            ));
            continue;
        }
        let binary: Vec<u32> = (0..labels.len()).map(|row| u32::from(labels.contains(row, class))).collect();
        let wording = Wording { rows: wording.rows, class_names: &names };
        let found = cross_validate(features, &binary, 2, model, reporter, wording)
            .with_context(|| format!("class {name}"))?;
        column.assign(&found.pred_probs.column(1));
        warnings.extend(found.warnings.iter().map(|warning| format!("class {name}: {warning}")));
    }
    Ok(CrossValidated { pred_probs, warnings })
}

/// The columns in the order of the classes: by name where they are named after them, else as they stand.
pub(super) fn aligned_class_sets(
    class_names: &ClassNames,
    given: GivenPredProbs,
    file: &Path,
) -> Result<ProbsMatrix> {
    let names = class_names.as_slice();
    if let Some(columns) = &given.column_names {
        let found: Vec<Option<usize>> =
            names.iter().map(|name| columns.iter().position(|column| column == name.trim())).collect();
        if let Some(order) = found.into_iter().collect::<Option<Vec<usize>>>() {
            return Ok(match given.values {
                ProbsMatrix::F32(matrix) => ProbsMatrix::F32(matrix.select(Axis(1), &order)),
                ProbsMatrix::F64(matrix) => ProbsMatrix::F64(matrix.select(Axis(1), &order)),
            });
        }
    }
    let n_columns = given.values.dim().1;
    if n_columns != names.len() {
        bail!(
            "{} has {n_columns} columns but the labels have {} classes ({}); give one column per class, or name the \
             columns after the classes",
            path(file),
            names.len(),
            list(names)
        );
    }
    Ok(given.values)
}
