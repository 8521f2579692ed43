//! What the user should know about how a table was read.

use std::collections::BTreeMap;

use cleanlab_core::ClassNames;
use cleanlab_table::{ColumnAction, ColumnLabels, ColumnType, ColumnUse, SkipReason, Table};

use crate::printable;

pub(crate) fn skipped_columns_warning(columns: &[String]) -> Vec<String> {
    if columns.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "columns of pred_probs that hold no probabilities were left out: {}",
        printable::list(columns)
    )]
}

pub(crate) fn filled_columns_warning(columns: &[ColumnUse]) -> Option<String> {
    let filled = |column: &ColumnUse| match column.action {
        ColumnAction::Standardised { n_missing, .. } | ColumnAction::Unscaled { n_missing, .. }
            if n_missing > 0 =>
        {
            Some(format!("{} ({n_missing})", column.column))
        }
        _ => None,
    };
    let filled: Vec<String> = columns.iter().filter_map(filled).collect();
    (!filled.is_empty()).then(|| {
        format!("missing numbers were filled with the mean of their column: {}", printable::list(&filled))
    })
}

/// A column of numbers in which a few cells hold text is text as a whole, which its owner should know.
pub(crate) fn stray_text_warning(kept: &Table, used: &ColumnUse, kept_rows: &[usize]) -> Option<String> {
    let text = matches!(
        used.action,
        ColumnAction::OneHot { .. } | ColumnAction::Skipped { reason: SkipReason::TooManyCategories { .. } }
    );
    let column =
        kept.column(&used.column).ok().filter(|column| text && column.column_type() == ColumnType::Text)?;
    let values = || (0..kept.n_rows()).filter_map(|row| Some((row, column.value_text(row)?)));
    let is_text = |value: &str| value.trim().parse::<f64>().is_err();
    let n_text = values().filter(|(_, value)| is_text(value)).count();
    let (row, value) = values().find(|(_, value)| is_text(value))?;
    (2 * n_text < values().count()).then(|| {
        format!(
            "column {} is taken for text because of values that are not numbers: {n_text}; the first is {}, in row {}",
            printable::list(&[&used.column]),
            printable::list(&[value]),
            kept_rows[row]
        )
    })
}

/// Classes whose names differ only in what the eye does not see are mostly one class written in two ways.
pub(crate) fn lookalike_classes_warning(class_names: &ClassNames) -> Vec<String> {
    let mut seen: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for name in class_names.as_slice() {
        seen.entry(name.trim().to_lowercase()).or_default().push(name);
    }
    let alike = seen.into_values().filter(|names| names.len() > 1);
    let quoted =
        |names: Vec<&String>| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    alike
        .map(|names| format!("the classes {} differ only in case or spaces; are they one?", quoted(names)))
        .collect()
}

pub(crate) fn dropped_rows_warning(labels: &ColumnLabels) -> Vec<String> {
    match labels.missing_rows.as_slice() {
        [] => Vec::new(),
        [row] => vec![format!("1 row without a label was left out, row {row}")],
        [first, ..] => {
            let n = labels.missing_rows.len();
            vec![format!("{n} rows without a label were left out; the first is row {first}")]
        }
    }
}
