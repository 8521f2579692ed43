//! Batches of rows of Parquet files, as probabilities and as labels.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use cleanlab_core::{ClassIndex, InputError};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};

use super::parquet::damaged;
use super::parquet_rows::ParquetSelection;
use crate::column::{is_supported, normalised};
use crate::errors::TableError;
use crate::panics;
use crate::row_values::RowValues;

/// Rows of one row group.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) file: usize,
    pub(super) group: usize,
    pub(super) rows: Range<usize>,
}

/// Reads rows of a [`ParquetSelection`], batch by batch.
pub struct ParquetReader<'a> {
    selection: &'a ParquetSelection,
    batch_rows: usize,
    pieces: VecDeque<Piece>,
    /// The piece that is being read, with what is left of its rows.
    open: Option<(Piece, ParquetRecordBatchReader)>,
    batch: Option<Batch>,
}

struct Batch {
    first_row: usize,
    /// In the order of the columns of the selection.
    columns: RecordBatch,
}

impl std::fmt::Debug for ParquetReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetReader").field("pieces", &self.pieces).finish_non_exhaustive()
    }
}

impl<'a> ParquetReader<'a> {
    pub(super) fn new(selection: &'a ParquetSelection, batch_rows: usize, pieces: VecDeque<Piece>) -> Self {
        Self { selection, batch_rows: batch_rows.max(1), pieces, open: None, batch: None }
    }
}

impl ParquetReader<'_> {
    /// Decodes the next batch; gives its number of rows, 0 after the last.
    ///
    /// # Errors
    ///
    /// [`TableError::Damaged`], [`TableError::Changed`].
    pub fn next_batch(&mut self) -> Result<usize, TableError> {
        self.batch = None;
        loop {
            if self.open.is_none() {
                let Some(piece) = self.pieces.pop_front() else { return Ok(0) };
                let reader = self.open_piece(&piece)?;
                self.open = Some((piece, reader));
            }
            let Some((piece, reader)) = &mut self.open else { return Ok(0) };
            let file = self.selection.file(piece.file)?;
            let decoded = panics::catch(|| reader.next().transpose());
            let decoded = decoded
                .map_err(|reason| damaged(file.name(), &reason))
                .and_then(|batch| batch.map_err(|error| damaged(file.name(), &error)));
            let batch = match decoded {
                Ok(batch) => batch,
                // What is cut off while it is read is not damaged.
                Err(error) => return Err(file.file.0.check_unchanged().err().unwrap_or(error)),
            };
            let Some(columns) = batch.filter(|batch| batch.num_rows() > 0) else {
                if !piece.rows.is_empty() {
                    let reason =
                        format!("{} rows are lacking from row {} on", piece.rows.len(), piece.rows.start);
                    return Err(damaged(file.name(), &reason));
                }
                self.open = None;
                continue;
            };
            let n_rows = columns.num_rows();
            if n_rows > piece.rows.len() {
                return Err(damaged(file.name(), &"a row group holds more rows than it declares"));
            }
            let first_row = piece.rows.start;
            piece.rows.start += n_rows;
            self.batch = Some(Batch { first_row, columns });
            return Ok(n_rows);
        }
    }

    fn open_piece(&self, piece: &Piece) -> Result<ParquetRecordBatchReader, TableError> {
        let file = self.selection.file(piece.file)?;
        let group = file.groups.get(piece.group).cloned().unwrap_or_default();
        let mask =
            ProjectionMask::roots(file.metadata.parquet_schema(), self.selection.columns.iter().copied());
        let build = || {
            let mut builder =
                ParquetRecordBatchReaderBuilder::new_with_metadata(file.file.clone(), file.metadata.clone())
                    .with_projection(mask)
                    .with_row_groups(vec![piece.group])
                    .with_batch_size(self.batch_rows);
            if piece.rows != group {
                builder = builder.with_row_selection(RowSelection::from(vec![
                    RowSelector::skip(piece.rows.start - group.start),
                    RowSelector::select(piece.rows.len()),
                    RowSelector::skip(group.end - piece.rows.end),
                ]));
            }
            builder.build()
        };
        panics::catch(build)
            .map_err(|reason| damaged(file.name(), &reason))?
            .map_err(|error| damaged(file.name(), &error))
    }

    fn batch(&self) -> Result<&Batch, TableError> {
        let n_rows = self.selection.rows.n_rows;
        self.batch.as_ref().ok_or(TableError::NoSuchRow { row: n_rows, n_rows })
    }

    fn column<'b>(&self, batch: &'b Batch, column: usize) -> Result<&'b ArrayRef, TableError> {
        let place = self.selection.columns.binary_search(&column);
        place.ok().and_then(|place| batch.columns.columns().get(place)).ok_or_else(|| {
            TableError::NoSuchColumn {
                name: self.column_name(column).to_owned(),
                nearest: None,
                columns: self
                    .selection
                    .columns
                    .iter()
                    .map(|&column| self.column_name(column).to_owned())
                    .collect(),
            }
        })
    }

    fn column_name(&self, column: usize) -> &str {
        self.selection.rows.columns.get(column).map_or("", |column| column.name.as_str())
    }

    fn check_not_missing(&self, batch: &Batch, column: usize, array: &dyn Array) -> Result<(), TableError> {
        if array.null_count() == 0 {
            return Ok(());
        }
        let row = (0..array.len()).find(|&row| array.is_null(row)).unwrap_or_default();
        let row = batch.first_row + row;
        Err(TableError::MissingValue {
            file: self.selection.place_of_row(row),
            column: self.column_name(column).to_owned(),
            row,
        })
    }

    /// The values of the batch in these columns of numbers, row-major: floats of 4 bytes where all columns are.
    ///
    /// # Errors
    ///
    /// [`TableError::MissingValue`], [`TableError::UnsupportedColumn`], [`TableError::NoSuchColumn`] for one that was
    /// not chosen.
    pub fn values(&self, columns: &[usize], out: &mut RowValues) -> Result<(), TableError> {
        let batch = self.batch()?;
        let arrays: Vec<&ArrayRef> =
            columns.iter().map(|&column| self.column(batch, column)).collect::<Result<_, _>>()?;
        for (&column, array) in columns.iter().zip(&arrays) {
            self.check_not_missing(batch, column, array)?;
        }
        let len = batch.columns.num_rows() * arrays.len();
        let narrow: Option<Vec<&[f32]>> =
            arrays.iter().map(|array| Some(&array.as_primitive_opt::<Float32Type>()?.values()[..])).collect();
        if let Some(narrow) = narrow {
            interleave(&narrow, out.as_f32(len));
            return Ok(());
        }
        let mut wide = Vec::with_capacity(arrays.len());
        for (&column, array) in columns.iter().zip(&arrays) {
            let cast = array.data_type().is_numeric().then(|| arrow_cast::cast(array, &DataType::Float64));
            match cast {
                Some(Ok(cast)) => wide.push(cast),
                _ => return Err(self.unsupported(column, array, "pred_probs")),
            }
        }
        let wide: Vec<&[f64]> =
            wide.iter().map(|array| &array.as_primitive::<Float64Type>().values()[..]).collect();
        interleave(&wide, out.as_f64(len));
        Ok(())
    }

    fn unsupported(&self, column: usize, array: &ArrayRef, what: &'static str) -> TableError {
        TableError::UnsupportedColumn {
            column: self.column_name(column).to_owned(),
            data_type: array.data_type().to_string(),
            what,
        }
    }

    /// The values of the batch in a column of lists, each of which has `n_values`.
    ///
    /// # Errors
    ///
    /// [`TableError::ListLength`], and as [`ParquetReader::values`].
    pub fn list_values(&self, column: usize, n_values: usize, out: &mut RowValues) -> Result<(), TableError> {
        let batch = self.batch()?;
        let array = self.column(batch, column)?;
        self.check_not_missing(batch, column, array)?;
        let Some(lists) = array.as_list_opt::<i32>() else {
            return Err(self.unsupported(column, array, "pred_probs"));
        };
        let offsets = lists.value_offsets();
        let mut lengths = offsets.array_windows().map(|[start, end]| (end - start) as usize).enumerate();
        if let Some((row, found)) = lengths.find(|&(_, length)| length != n_values) {
            let row_of_all = batch.first_row + row;
            return Err(TableError::ListLength {
                file: self.selection.place_of_row(row_of_all),
                row: row_of_all,
                column: self.column_name(column).to_owned(),
                found,
                expected: n_values,
            });
        }
        let start = offsets.first().map_or(0, |&start| start as usize);
        let values = lists.values().slice(start, lists.len() * n_values);
        if values.null_count() > 0 {
            let place = (0..values.len()).find(|&place| values.is_null(place)).unwrap_or_default();
            let row = batch.first_row + place / n_values.max(1);
            return Err(TableError::MissingValue {
                file: self.selection.place_of_row(row),
                column: self.column_name(column).to_owned(),
                row,
            });
        }
        if let Some(narrow) = values.as_primitive_opt::<Float32Type>() {
            out.as_f32(values.len()).copy_from_slice(narrow.values());
        } else if let Some(wide) = values.as_primitive_opt::<Float64Type>() {
            out.as_f64(values.len()).copy_from_slice(wide.values());
        } else {
            return Err(self.unsupported(column, array, "pred_probs"));
        }
        Ok(())
    }

    /// The number of values in the first list of the batch.
    ///
    /// # Errors
    ///
    /// As [`ParquetReader::list_values`].
    pub fn first_list_len(&self, column: usize) -> Result<usize, TableError> {
        let batch = self.batch()?;
        let array = self.column(batch, column)?;
        self.check_not_missing(batch, column, &array.slice(0, 1))?;
        match array.as_list_opt::<i32>() {
            Some(lists) => Ok(lists.value_length(0) as usize),
            None => Err(self.unsupported(column, array, "pred_probs")),
        }
    }

    /// The labels of the batch in a column: numbers are class indices, text and booleans are names, of which `codes`
    /// tells the classes.
    ///
    /// # Errors
    ///
    /// [`TableError::BadLabels`] with the row of the whole data, [`TableError::UnknownClass`],
    /// [`TableError::MissingValue`], [`TableError::UnsupportedColumn`].
    pub fn labels(
        &self,
        column: usize,
        codes: &HashMap<String, u32>,
        out: &mut Vec<u32>,
    ) -> Result<(), TableError> {
        out.clear();
        let batch = self.batch()?;
        let bad = |error: InputError| {
            let error = error.after_rows(batch.first_row);
            let row = error.row().unwrap_or(batch.first_row);
            TableError::BadLabels { file: self.selection.place_of_row(row), error }
        };
        let normal = self.normal_labels(batch, column)?;
        let code = |name: &str| {
            codes.get(name).copied().ok_or_else(|| TableError::UnknownClass {
                class: name.to_owned(),
                nearest: None,
                names: codes.keys().cloned().collect(),
            })
        };
        match normal.data_type() {
            DataType::Int64 => {
                let values = normal.as_primitive::<Int64Type>().values();
                out.extend_from_slice(&i64::to_indices(values).map_err(bad)?);
            }
            DataType::Float64 => {
                let values = normal.as_primitive::<Float64Type>().values();
                out.extend_from_slice(&f64::to_indices(values).map_err(bad)?);
            }
            DataType::Boolean => {
                let [no, yes] = ["False", "True"].map(|name| codes.get(name).copied());
                for value in normal.as_boolean().values() {
                    match if value { yes } else { no } {
                        Some(code) => out.push(code),
                        None => out.push(code(if value { "True" } else { "False" })?),
                    }
                }
            }
            _ => {
                for name in normal.as_string::<i64>().iter().flatten() {
                    out.push(code(name)?);
                }
            }
        }
        Ok(())
    }

    /// Adds the names of the classes in the batch; whether there are names, and not numbers.
    ///
    /// # Errors
    ///
    /// As [`ParquetReader::labels`].
    pub fn add_label_names(&self, column: usize, names: &mut BTreeSet<String>) -> Result<bool, TableError> {
        let normal = self.normal_labels(self.batch()?, column)?;
        let mut add = |name: &str| {
            if !names.contains(name) {
                names.insert(name.to_owned());
            }
        };
        match normal.data_type() {
            DataType::Int64 | DataType::Float64 => return Ok(false),
            DataType::Boolean => {
                let values = normal.as_boolean();
                (values.true_count() > 0).then(|| add("True"));
                (values.false_count() > 0).then(|| add("False"));
            }
            _ => normal.as_string::<i64>().iter().flatten().for_each(add),
        }
        Ok(true)
    }

    /// A column of labels as one of few types, none missing.
    fn normal_labels(&self, batch: &Batch, column: usize) -> Result<ArrayRef, TableError> {
        let array = self.column(batch, column)?;
        self.check_not_missing(batch, column, array)?;
        let normal = is_supported(array.data_type()).then(|| normalised(array));
        let Some(Ok(normal)) = normal else { return Err(self.unsupported(column, array, "labels")) };
        self.check_not_missing(batch, column, &normal)?;
        Ok(normal)
    }
}

/// Puts columns side by side, some rows at a time, so that what is written stays in the nearest cache.
fn interleave<T: Copy>(columns: &[&[T]], out: &mut [T]) {
    const ROWS: usize = 64;
    let k = columns.len().max(1);
    for (number, block) in out.chunks_mut(ROWS * k).enumerate() {
        let first = number * ROWS;
        let n_rows = block.len() / k;
        for (place, column) in columns.iter().enumerate() {
            let values = column.get(first..first + n_rows).unwrap_or_default();
            block.iter_mut().skip(place).step_by(k).zip(values).for_each(|(out, &value)| *out = value);
        }
    }
}
