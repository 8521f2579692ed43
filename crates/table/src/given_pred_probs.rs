//! Predicted probabilities that come as a file of their own.

use std::path::Path;

use ndarray::Array2;

use crate::arrays::{ArrayOptions, ProbsMatrix, read_array_called};
use crate::column::{Column, Values};
use crate::errors::TableError;
use crate::features::is_identifier;
use crate::format::{Format, detect};
use crate::read_options::ReadOptions;
use crate::readers::parquet_rows::{ParquetColumn, ParquetColumnKind, ParquetRows};
use crate::row_values::RowValues;
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
    /// The columns of a table that were left out: those that hold no numbers, pandas' index, and beside
    /// numbers with fractions the whole ones of Parquet and Arrow files.
    pub skipped_columns: Vec<String>,
}

/// Reads predicted probabilities from an NPY or NPZ file, or from the columns of numbers of a table, in order: from a
/// Parquet or Arrow file, which tells them apart, those of numbers with fractions where there are two. A Parquet file
/// may hold a column of lists instead, one list per row, if it has no column of numbers with fractions.
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
/// [`TableError::MissingValue`] for the first cell without a value, [`TableError::TextAmongProbabilities`] for the first
/// that is text where most of the column are numbers, [`TableError::NoNumericColumns`],
/// [`TableError::NoHeader`] when the names look like probabilities, and those of [`read_array`](crate::read_array),
/// [`AnyArray::into_pred_probs`](crate::AnyArray::into_pred_probs) and [`Table::read`].
pub fn read_pred_probs(
    source: impl Into<Source>,
    options: &ArrayOptions,
) -> Result<GivenPredProbs, TableError> {
    let source = source.into();
    let path = source.path().map(Path::to_owned);
    let source = source.open()?;
    let format = detect(&source.name, &source.prefix()?, None)?;
    if matches!(format, Format::Npy | Format::Npz) {
        let array = read_array_called(source, format, options, &["pred_probs"])?;
        return Ok(GivenPredProbs {
            values: array.into_pred_probs()?,
            column_names: None,
            skipped_columns: Vec::new(),
        });
    }
    if format == Format::Parquet
        && let Some(given) = path.as_deref().map(from_lists).transpose()?.flatten()
    {
        return Ok(given);
    }
    let is_typed = matches!(format, Format::Parquet | Format::ArrowFile | Format::ArrowStream);
    from_table(&Table::read_opened(source, format, &ReadOptions::default())?, is_typed)
}

/// The only column of lists of a Parquet file, where there is one and no column of numbers with fractions.
fn from_lists(path: &Path) -> Result<Option<GivenPredProbs>, TableError> {
    const BATCH_ROWS: usize = 8192;
    let rows = ParquetRows::open(path)?;
    let is_fraction =
        |column: &ParquetColumn| matches!(column.kind, ParquetColumnKind::Float | ParquetColumnKind::Float32);
    let columns = rows.columns().iter().enumerate();
    let lists = columns.filter(|(_, column)| column.kind == ParquetColumnKind::FloatList);
    let lists: Vec<usize> = lists.map(|(at, _)| at).collect();
    let [list] = lists[..] else { return Ok(None) };
    if rows.columns().iter().any(is_fraction) || rows.n_rows() == 0 {
        return Ok(None);
    }
    let (name, n_rows) = (rows.name().to_owned(), rows.n_rows());
    let others = rows.columns().iter().enumerate().filter(|(at, _)| *at != list);
    let skipped_columns = others.map(|(_, column)| column.name.clone()).collect();
    let selection = rows.select(&[list])?;
    let mut reader = selection.reader(0..n_rows, BATCH_ROWS)?;
    let mut batch = RowValues::default();
    let (mut narrow, mut wide, mut n_classes) = (Vec::new(), Vec::new(), None);
    while reader.next_batch()? > 0 {
        let n_classes = match n_classes {
            Some(known) => known,
            None => *n_classes.insert(reader.first_list_len(list)?),
        };
        reader.list_values(list, n_classes, &mut batch)?;
        match &batch {
            RowValues::F32(values) => narrow.extend_from_slice(values),
            RowValues::F64(values) => wide.extend_from_slice(values),
        }
    }
    let shape = (n_rows, n_classes.unwrap_or_default());
    let changed = |_| TableError::Changed { file: name };
    let values = if wide.is_empty() {
        ProbsMatrix::F32(Array2::from_shape_vec(shape, narrow).map_err(changed)?)
    } else {
        ProbsMatrix::F64(Array2::from_shape_vec(shape, wide).map_err(changed)?)
    };
    Ok(Some(GivenPredProbs { values, column_names: None, skipped_columns }))
}

fn from_table(table: &Table, is_typed: bool) -> Result<GivenPredProbs, TableError> {
    const FRACTIONS: usize = 2;
    let is_float = |column: &&Column| matches!(column.values(), Values::Float(_));
    let only_floats = is_typed && table.columns().iter().filter(is_float).count() >= FRACTIONS;
    let (used, skipped): (Vec<&Column>, Vec<&Column>) = table
        .columns()
        .iter()
        .partition(|column| is_probability(column) && (!only_floats || is_float(column)));
    let name = |column: &&Column| column.name().to_owned();
    skipped.iter().try_for_each(|column| check_is_text(table, column))?;
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

/// Refuses text in a column that is mostly numbers: without the column, a class would be missing and the others take its
/// place.
fn check_is_text(table: &Table, column: &Column) -> Result<(), TableError> {
    let Values::Text(texts) = column.values() else { return Ok(()) };
    let is_number = |text: &str| text.trim().parse::<f64>().is_ok();
    let n_texts = texts.iter().flatten().count();
    let n_numbers = texts.iter().flatten().filter(|text| is_number(text)).count();
    let odd = texts
        .iter()
        .enumerate()
        .find_map(|(row, text)| text.filter(|text| !is_number(text)).map(|text| (row, text)));
    match odd {
        Some((row, value)) if 2 * n_numbers > n_texts => Err(TableError::TextAmongProbabilities {
            file: table.name().into(),
            column: column.name().into(),
            row,
            value: value.into(),
            n_numbers,
        }),
        _ => Ok(()),
    }
}

fn is_probability(column: &Column) -> bool {
    match column.values() {
        Values::Float(_) => true,
        Values::Integer(array) => !(column.name() == "Unnamed: 0" && is_identifier(array)),
        _ => false,
    }
}
