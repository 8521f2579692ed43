//! A column of a table as labels.

use cleanlab_core::{ClassNames, EncodedLabels, InputError, Labels};

use crate::column::{Column, Values};
use crate::errors::TableError;
use crate::table::Table;

/// What to do with rows that have no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum MissingLabels {
    /// Such a row is an error.
    #[default]
    Refuse,
    /// Such rows are left out; [`ColumnLabels::kept_rows`] tells which stay.
    Drop,
}

/// How a column becomes labels.
///
/// ```
/// use cleanlab_table::{LabelOptions, MissingLabels};
/// let options = LabelOptions::default().with_missing(MissingLabels::Drop).with_max_classes(500);
/// assert_eq!(options.max_classes, Some(500));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LabelOptions {
    /// What to do with rows that have no label.
    pub missing: MissingLabels,
    /// The most classes that are believed. `None`: 50 or half the number of rows, whichever is more; for numbers with
    /// fractions, half the number of rows, but at least 10 and at most 50.
    pub max_classes: Option<usize>,
}

impl LabelOptions {
    /// Sets what to do with rows that have no label.
    #[must_use]
    pub fn with_missing(mut self, missing: MissingLabels) -> Self {
        self.missing = missing;
        self
    }

    /// Sets the most classes that are believed.
    #[must_use]
    pub fn with_max_classes(mut self, max_classes: usize) -> Self {
        self.max_classes = Some(max_classes);
        self
    }
}

/// Labels from a column, as class indices.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnLabels {
    /// The name of every class that occurs: numbers by value, strings by code point, `False` before `True`.
    pub class_names: ClassNames,
    /// The class index of every row that was kept.
    pub labels: Labels<'static>,
    /// The table's row of every label, ascending: all rows, unless some had no label and were dropped.
    pub kept_rows: Vec<usize>,
    /// The rows that had no label, ascending.
    pub missing_rows: Vec<usize>,
}

impl Table {
    /// A column as labels: its distinct values are the classes.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_table::{LabelOptions, MissingLabels, ReadOptions, Source, Table, TableError};
    ///
    /// let table = Table::read(Source::from_bytes("y\ndog\ncat\nNA\n", "t.csv"), &ReadOptions::default())?;
    /// let error = table.labels("y", &LabelOptions::default()).unwrap_err();
    /// assert!(matches!(error, TableError::MissingLabels { first_row: 2, n_missing: 1, .. }));
    ///
    /// let labels = table.labels("y", &LabelOptions::default().with_missing(MissingLabels::Drop))?;
    /// assert_eq!(labels.class_names.as_slice(), ["cat", "dog"]);
    /// assert_eq!(labels.labels.as_slice(), [1, 0]);
    /// assert_eq!(labels.kept_rows, [0, 1]);
    /// # Ok::<(), TableError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TableError::NoSuchColumn`], [`TableError::UnsupportedColumn`], [`TableError::MissingLabels`],
    /// [`TableError::TooFewClasses`], and [`TableError::TooManyClasses`] for a column that looks like numbers to predict
    /// or like identifiers.
    ///
    /// # Source
    ///
    /// `cleanlab.internal.util.format_labels`.
    pub fn labels(&self, column: &str, options: &LabelOptions) -> Result<ColumnLabels, TableError> {
        let column = self.column(column)?;
        if let Values::Unsupported { data_type, .. } = column.values() {
            return Err(TableError::UnsupportedColumn {
                column: column.name().into(),
                data_type: data_type.clone(),
                what: "labels",
            });
        }
        let (missing_rows, kept_rows): (Vec<usize>, Vec<usize>) =
            (0..self.n_rows()).partition(|&row| column.is_missing(row));
        let refused = options.missing == MissingLabels::Refuse || kept_rows.is_empty();
        if let (Some(&first_row), true) = (missing_rows.first(), refused) {
            return Err(TableError::MissingLabels {
                column: column.name().into(),
                first_row,
                n_missing: missing_rows.len(),
                n_rows: self.n_rows(),
            });
        }
        let encoded = encode(column, &kept_rows)?;
        check_n_classes(column, &encoded, options)?;
        Ok(ColumnLabels { class_names: encoded.class_names, labels: encoded.labels, kept_rows, missing_rows })
    }
}

/// The labels of rows that all have one.
pub(crate) fn encode(column: &Column, rows: &[usize]) -> Result<EncodedLabels, TableError> {
    let encoded = match column.values() {
        Values::Integer(array) => ClassNames::encode_integers(&gathered(rows, |row| array.value(row))),
        Values::Float(array) => ClassNames::encode_floats(&gathered(rows, |row| array.value(row))),
        Values::Boolean(array) => ClassNames::encode_bools(&gathered(rows, |row| array.value(row))),
        Values::Text(array) => ClassNames::encode_strings(&gathered(rows, |row| array.value(row))),
        Values::Unsupported { data_type, .. } => {
            return Err(TableError::UnsupportedColumn {
                column: column.name().into(),
                data_type: data_type.clone(),
                what: "labels",
            });
        }
    };
    encoded.map_err(|error: InputError| TableError::BadLabels {
        file: format!("column {:?}", column.name()),
        error,
    })
}

fn gathered<T>(rows: &[usize], value: impl Fn(usize) -> T) -> Vec<T> {
    rows.iter().map(|&row| value(row)).collect()
}

fn check_n_classes(
    column: &Column,
    encoded: &EncodedLabels,
    options: &LabelOptions,
) -> Result<(), TableError> {
    let (n_classes, n_rows) = (encoded.class_names.len(), encoded.labels.len());
    if let [class] = encoded.class_names.as_slice() {
        return Err(TableError::TooFewClasses { column: column.name().into(), class: class.clone() });
    }
    let (default_limit, looks_like) = match column.values() {
        Values::Float(array) if array.iter().flatten().any(|value| value.fract() != 0.0) => {
            ((n_rows / 2).clamp(10, 50), "numbers to predict (regression)")
        }
        Values::Float(_) | Values::Integer(_) => ((n_rows / 2).max(50), "numbers to predict, or identifiers"),
        _ => ((n_rows / 2).max(50), "free text, or identifiers"),
    };
    let limit = options.max_classes.unwrap_or(default_limit);
    if n_classes > limit {
        return Err(TableError::TooManyClasses {
            column: column.name().into(),
            n_classes,
            n_rows,
            limit,
            looks_like,
        });
    }
    Ok(())
}
