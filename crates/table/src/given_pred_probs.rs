//! Predicted probabilities that come as a file of their own.

use ndarray::Array2;

use crate::arrays::{ArrayOptions, ProbsMatrix, read_array_called};
use crate::column::{Column, Values};
use crate::errors::TableError;
use crate::features::is_identifier;
use crate::format::{Format, detect};
use crate::read_options::ReadOptions;
use crate::source::Source;
use crate::table::Table;

/// Predicted probabilities as they were stored, with the names of the columns where the file has names.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GivenPredProbs {
    /// The matrix, examples × classes; `cleanlab_core::PredProbs::new` checks it.
    pub values: ProbsMatrix,
    /// The name of every column; `None` for an array.
    pub column_names: Option<Vec<String>>,
    /// The columns of a table that were left out: those that hold no numbers, and pandas' index.
    pub skipped_columns: Vec<String>,
}

/// Reads predicted probabilities from an NPY or NPZ file, or from the columns of numbers of a table, in order.
///
/// Values are not checked here, but for cells without any. [`ArrayOptions::key`] names the array of an archive; without
/// it an archive may hold several arrays if one is called `pred_probs`.
///
/// # Example
///
/// ```
/// use cleanlab_table::{ArrayOptions, Source, read_pred_probs};
///
/// let csv = "file,cat,dog\na.png,0.9,0.1\nb.png,0.3,0.7\n";
/// let given = read_pred_probs(Source::from_bytes(csv, "p.csv"), &ArrayOptions::default())?;
/// assert_eq!(given.values.dim(), (2, 2));
/// assert_eq!(given.column_names.as_deref(), Some(&["cat".to_owned(), "dog".to_owned()][..]));
/// assert_eq!(given.skipped_columns, ["file"]);
/// # Ok::<(), cleanlab_table::TableError>(())
/// ```
///
/// # Errors
///
/// [`TableError::MissingValue`] for the first cell without a value, [`TableError::NoNumericColumns`],
/// [`TableError::NoHeader`] when the names look like probabilities, and those of [`read_array`](crate::read_array),
/// [`AnyArray::into_pred_probs`](crate::AnyArray::into_pred_probs) and [`Table::read`].
pub fn read_pred_probs(
    source: impl Into<Source>,
    options: &ArrayOptions,
) -> Result<GivenPredProbs, TableError> {
    let source = source.into().open()?;
    let format = detect(&source.name, &source.prefix()?, None)?;
    if matches!(format, Format::Npy | Format::Npz) {
        let array = read_array_called(source, format, options, &["pred_probs"])?;
        return Ok(GivenPredProbs {
            values: array.into_pred_probs()?,
            column_names: None,
            skipped_columns: Vec::new(),
        });
    }
    from_table(&Table::read_opened(source, format, &ReadOptions::default())?)
}

fn from_table(table: &Table) -> Result<GivenPredProbs, TableError> {
    let (used, skipped): (Vec<&Column>, Vec<&Column>) =
        table.columns().iter().partition(|column| is_probability(column));
    let name = |column: &&Column| column.name().to_owned();
    if used.is_empty() {
        return Err(TableError::NoNumericColumns {
            file: table.name().into(),
            columns: skipped.iter().map(name).collect(),
        });
    }
    // Class names may be whole numbers, but hardly fractions.
    let fraction = |column: &&Column| column.name().parse::<f64>().is_ok_and(|value| value.fract() != 0.0);
    if used.len() > 1 && used.iter().all(fraction) {
        return Err(TableError::NoHeader {
            file: table.name().into(),
            first: used.iter().map(name).collect(),
        });
    }
    for row in 0..table.n_rows() {
        if let Some(column) = used.iter().find(|column| column.is_missing(row)) {
            return Err(TableError::MissingValue {
                file: table.name().into(),
                column: column.name().into(),
                row,
            });
        }
    }
    let mut values = Array2::zeros((table.n_rows(), used.len()));
    for (column, mut out) in used.iter().zip(values.columns_mut()) {
        match column.values() {
            Values::Integer(array) => {
                out.iter_mut().zip(array.values()).for_each(|(out, &value)| *out = value as f64);
            }
            Values::Float(array) => out.iter_mut().zip(array.values()).for_each(|(out, &value)| *out = value),
            _ => {}
        }
    }
    Ok(GivenPredProbs {
        values: ProbsMatrix::F64(values),
        column_names: Some(used.iter().map(name).collect()),
        skipped_columns: skipped.iter().map(name).collect(),
    })
}

fn is_probability(column: &Column) -> bool {
    match column.values() {
        Values::Float(_) => true,
        Values::Integer(array) => !(column.name() == "Unnamed: 0" && is_identifier(array)),
        _ => false,
    }
}
