//! Parquet files whose rows are read in parts, by several threads.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use cleanlab_core::{ClassIndex, InputError};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
    RowSelection, RowSelector,
};

use super::parquet::{check_footer, check_sizes, damaged};
use super::parquet_delta::check_delta_lengths;
use super::parquet_pages::check_pages;
use crate::column::{is_supported, normalised};
use crate::errors::TableError;
use crate::panics;
use crate::positioned::{PositionedFile, SharedFile};
use crate::row_values::RowValues;
use crate::table::check_names;

/// Row groups with more rows than this are cut, so that several threads have something to do.
const SPAN_ROWS: usize = 1 << 20;

/// A Parquet file, or all those of a folder in the order of their names, whose rows stay on disk until they are asked
/// for.
///
/// # Example
///
/// ```
/// use cleanlab_table::{Content, ParquetRows, ResultColumn, ResultTable, RowValues, write_file};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("p.parquet");
/// let mut table = ResultTable::default();
/// table.push("cat", ResultColumn::floats([0.9, 0.2]))?;
/// table.push("dog", ResultColumn::floats([0.1, 0.8]))?;
/// write_file(&path, &Content::Parquet(&table))?;
///
/// let rows = ParquetRows::open(&path)?;
/// assert_eq!((rows.n_rows(), rows.columns()[1].name.as_str()), (2, "dog"));
/// let selection = rows.select(&[1, 0])?;
/// let mut reader = selection.reader(0..2, 1000)?;
/// assert_eq!(reader.next_batch()?, 2);
/// let mut values = RowValues::default();
/// reader.values(&[1, 0], &mut values)?;
/// assert_eq!(values, RowValues::F64(vec![0.1, 0.9, 0.8, 0.2]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ParquetRows {
    name: String,
    files: Vec<ParquetFile>,
    columns: Vec<ParquetColumn>,
    n_rows: usize,
}

#[derive(Debug)]
struct ParquetFile {
    file: SharedFile,
    metadata: ArrowReaderMetadata,
    /// For each row group, its rows in the whole data.
    groups: Vec<Range<usize>>,
}

impl ParquetFile {
    fn name(&self) -> &str {
        self.file.0.name()
    }
}

/// A column of a Parquet file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParquetColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ParquetColumnKind,
}

/// What a column of a Parquet file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParquetColumnKind {
    /// Whole numbers.
    Integer,
    /// Floats of 4 bytes.
    Float32,
    /// Other numbers.
    Float,
    /// True and false.
    Boolean,
    /// Text, dates and times.
    Text,
    /// A list of floats per row.
    FloatList,
    /// Anything else.
    Other,
}

impl ParquetColumnKind {
    fn of(data_type: &DataType) -> Self {
        match data_type {
            DataType::Float32 => Self::Float32,
            DataType::Boolean => Self::Boolean,
            DataType::List(item) if matches!(item.data_type(), DataType::Float32 | DataType::Float64) => {
                Self::FloatList
            }
            other if other.is_integer() => Self::Integer,
            other if other.is_numeric() => Self::Float,
            other if is_supported(other) => Self::Text,
            _ => Self::Other,
        }
    }
}

impl ParquetRows {
    /// Opens a file or a folder, and holds the sizes that its footers declare against the files. Of a folder, the files
    /// `*.parquet` and `*.pq` count, but for those whose names begin with a dot or an underscore.
    ///
    /// # Errors
    ///
    /// [`TableError::NoParquetFiles`], [`TableError::DifferentColumns`], [`TableError::Damaged`],
    /// [`TableError::TooLarge`], [`TableError::DuplicateColumns`], [`TableError::Io`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, TableError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let paths = if path.is_dir() { parquet_files_in(path, &name)? } else { vec![path.to_owned()] };
        let mut rows = Self { name, files: Vec::new(), columns: Vec::new(), n_rows: 0 };
        for path in paths {
            let file = Arc::new(PositionedFile::open(&path)?);
            let name = file.name().to_owned();
            check_footer(&name, &SharedFile(Arc::clone(&file)), file.len())?;
            panics::catch(|| rows.push(file)).unwrap_or_else(|reason| Err(damaged(&name, &reason)))?;
        }
        if rows.n_rows == 0 {
            return Err(TableError::NoRows { file: rows.name, n_columns: rows.columns.len() });
        }
        Ok(rows)
    }

    fn push(&mut self, file: Arc<PositionedFile>) -> Result<(), TableError> {
        let name = file.name().to_owned();
        let file = SharedFile(file);
        // The Arrow schema that writers add only asks for dictionaries, views and large lists again.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(|error| damaged(&name, &error))?;
        let fields = metadata.schema().fields();
        check_names(&name, fields.iter().map(|field| field.name().as_str()))?;
        let column = |field: &Arc<arrow_schema::Field>| ParquetColumn {
            name: field.name().clone(),
            kind: ParquetColumnKind::of(field.data_type()),
        };
        let columns: Vec<ParquetColumn> = fields.iter().map(column).collect();
        match self.files.first() {
            None => self.columns = columns,
            Some(_) if columns == self.columns => {}
            Some(first) => {
                let text = |columns: &[ParquetColumn]| {
                    columns.iter().map(|column| format!("{} ({:?})", column.name, column.kind)).collect()
                };
                return Err(TableError::DifferentColumns {
                    file: name,
                    columns: text(&columns),
                    first: first.name().to_owned(),
                    first_columns: text(&self.columns),
                });
            }
        }
        // Which columns will be read is not known yet: their sizes are looked at when it is.
        let none = ProjectionMask::none(metadata.parquet_schema().num_columns());
        let n_rows = check_sizes(&name, metadata.metadata(), &none, file.0.len())?;
        let mut groups = Vec::new();
        let mut first_row = self.n_rows;
        for group in metadata.metadata().row_groups() {
            let len = usize::try_from(group.num_rows()).unwrap_or_default();
            groups.push(first_row..first_row + len);
            first_row += len;
        }
        self.n_rows += n_rows;
        self.files.push(ParquetFile { file, metadata, groups });
        Ok(())
    }

    /// The path of the file or folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of rows of all files.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The columns, which all files have.
    #[must_use]
    pub fn columns(&self) -> &[ParquetColumn] {
        &self.columns
    }

    /// The place of a column of this name.
    ///
    /// # Errors
    ///
    /// [`TableError::NoSuchColumn`].
    pub fn column_index(&self, name: &str) -> Result<usize, TableError> {
        let names = || self.columns.iter().map(|column| column.name.as_str());
        self.columns.iter().position(|column| column.name == name).ok_or_else(|| TableError::NoSuchColumn {
            name: name.to_owned(),
            nearest: crate::nearest::nearest_name(name, names()).map(str::to_owned),
            columns: names().map(str::to_owned).collect(),
        })
    }

    /// Chooses the columns to read, by their places, and looks at what their pages declare.
    ///
    /// # Errors
    ///
    /// [`TableError::Damaged`], [`TableError::TooLarge`].
    pub fn select(self, columns: &[usize]) -> Result<ParquetSelection, TableError> {
        let mut columns = columns.to_vec();
        columns.sort_unstable();
        columns.dedup();
        let mut memory = 0;
        for file in &self.files {
            let mask = ProjectionMask::roots(file.metadata.parquet_schema(), columns.iter().copied());
            let checked = panics::catch(|| file.check(&mask));
            memory = memory.max(checked.unwrap_or_else(|reason| Err(damaged(file.name(), &reason)))?);
        }
        Ok(ParquetSelection { rows: self, columns, memory })
    }
}

fn parquet_files_in(folder: &Path, name: &str) -> Result<Vec<PathBuf>, TableError> {
    let entries = fs::read_dir(folder).map_err(TableError::io(name, "read"))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(TableError::io(name, "read"))?.path();
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        let is_parquet = matches!(ending.as_deref(), Some("parquet" | "pq"));
        if is_parquet && !file_name.starts_with(['.', '_']) && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(TableError::NoParquetFiles { folder: name.to_owned() });
    }
    Ok(paths)
}

impl ParquetFile {
    /// Holds what the chosen columns declare against the file; gives the bytes that a reader of a row group holds.
    fn check(&self, mask: &ProjectionMask) -> Result<u64, TableError> {
        let (name, len) = (self.name(), self.file.0.len());
        check_sizes(name, self.metadata.metadata(), mask, len)?;
        let reader = Arc::new(self.file.clone());
        let mut most = 0;
        for group in self.metadata.metadata().row_groups() {
            let mut held = 0;
            for (leaf, column) in group.columns().iter().enumerate() {
                if !mask.leaf_included(leaf) {
                    continue;
                }
                let pages = check_pages(name, reader.as_ref(), column, len)?;
                held += pages.held;
                if pages.has_delta_lengths {
                    check_delta_lengths(name, &reader, column)?;
                }
            }
            most = most.max(held);
        }
        Ok(most)
    }
}

/// Some columns of a [`ParquetRows`].
#[derive(Debug)]
pub struct ParquetSelection {
    rows: ParquetRows,
    /// The columns that are read, ascending.
    columns: Vec<usize>,
    memory: u64,
}

impl ParquetSelection {
    /// All columns of the file, chosen or not, and how many rows there are.
    #[must_use]
    pub fn rows(&self) -> &ParquetRows {
        &self.rows
    }

    /// Bytes that a reader holds beside the rows that it gives: a page of every column.
    #[must_use]
    pub fn reader_memory(&self) -> usize {
        usize::try_from(self.memory).unwrap_or(usize::MAX)
    }

    /// Runs of rows that are best read in one go: row groups, the largest of them cut.
    #[must_use]
    pub fn spans(&self) -> Vec<Range<usize>> {
        let groups = self.rows.files.iter().flat_map(|file| file.groups.iter().cloned());
        groups
            .filter(|group| !group.is_empty())
            .flat_map(|group| {
                let n_parts = group.len().div_ceil(SPAN_ROWS);
                let part_rows = group.len().div_ceil(n_parts);
                let end = group.end;
                group.step_by(part_rows).map(move |start| start..end.min(start + part_rows))
            })
            .collect()
    }

    /// The file that a row is in.
    #[must_use]
    pub fn file_of_row(&self, row: usize) -> &str {
        let holds = |file: &&ParquetFile| file.groups.iter().any(|group| group.contains(&row));
        self.rows.files.iter().find(holds).map_or(self.rows.name(), ParquetFile::name)
    }

    /// Refuses files that were written to since they were opened.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`], [`TableError::Io`].
    pub fn check_unchanged(&self) -> Result<(), TableError> {
        self.rows.files.iter().try_for_each(|file| file.file.0.check_unchanged())
    }

    /// Reads rows on one thread, at most `batch_rows` at a time.
    ///
    /// # Errors
    ///
    /// [`TableError::NoSuchRow`] beyond the last row.
    pub fn reader(&self, rows: Range<usize>, batch_rows: usize) -> Result<ParquetReader<'_>, TableError> {
        if rows.start > rows.end || rows.end > self.rows.n_rows {
            return Err(TableError::NoSuchRow { row: rows.end.saturating_sub(1), n_rows: self.rows.n_rows });
        }
        let mut pieces = VecDeque::new();
        for (file, opened) in self.rows.files.iter().enumerate() {
            for (group, group_rows) in opened.groups.iter().enumerate() {
                let start = rows.start.max(group_rows.start);
                let end = rows.end.min(group_rows.end);
                if start < end {
                    pieces.push_back(Piece { file, group, rows: start..end });
                }
            }
        }
        Ok(ParquetReader { selection: self, batch_rows: batch_rows.max(1), pieces, open: None, batch: None })
    }
}

/// Rows of one row group.
#[derive(Debug, Clone)]
struct Piece {
    file: usize,
    group: usize,
    rows: Range<usize>,
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
    file: usize,
    /// In the order of the columns of the selection.
    columns: RecordBatch,
}

impl std::fmt::Debug for ParquetReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetReader").field("pieces", &self.pieces).finish_non_exhaustive()
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
            let file = &self.selection.rows.files[piece.file];
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
            let (first_row, file) = (piece.rows.start, piece.file);
            piece.rows.start += n_rows;
            self.batch = Some(Batch { first_row, file, columns });
            return Ok(n_rows);
        }
    }

    fn open_piece(&self, piece: &Piece) -> Result<ParquetRecordBatchReader, TableError> {
        let file = &self.selection.rows.files[piece.file];
        let mask =
            ProjectionMask::roots(file.metadata.parquet_schema(), self.selection.columns.iter().copied());
        let build = || {
            let mut builder =
                ParquetRecordBatchReaderBuilder::new_with_metadata(file.file.clone(), file.metadata.clone())
                    .with_projection(mask)
                    .with_row_groups(vec![piece.group])
                    .with_batch_size(self.batch_rows);
            let group = &file.groups[piece.group];
            if piece.rows != *group {
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

    fn file_name(&self, batch: &Batch) -> String {
        self.selection.rows.files[batch.file].name().to_owned()
    }

    fn check_not_missing(&self, batch: &Batch, column: usize, array: &dyn Array) -> Result<(), TableError> {
        if array.null_count() == 0 {
            return Ok(());
        }
        let row = (0..array.len()).find(|&row| array.is_null(row)).unwrap_or_default();
        Err(TableError::MissingValue {
            file: self.file_name(batch),
            column: self.column_name(column).to_owned(),
            row: batch.first_row + row,
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
        if let Some(row) = offsets.array_windows().position(|[start, end]| (end - start) as usize != n_values)
        {
            return Err(TableError::ListLength {
                file: self.file_name(batch),
                row: batch.first_row + row,
                column: self.column_name(column).to_owned(),
                found: (offsets[row + 1] - offsets[row]) as usize,
                expected: n_values,
            });
        }
        let start = offsets.first().map_or(0, |&start| start as usize);
        let values = lists.values().slice(start, lists.len() * n_values);
        if values.null_count() > 0 {
            let place = (0..values.len()).find(|&place| values.is_null(place)).unwrap_or_default();
            return Err(TableError::MissingValue {
                file: self.file_name(batch),
                column: self.column_name(column).to_owned(),
                row: batch.first_row + place / n_values.max(1),
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
        let bad = |error: InputError| TableError::BadLabels {
            file: self.file_name(batch),
            error: error.after_rows(batch.first_row),
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
                let names = ["False", "True"].map(code);
                for value in normal.as_boolean().values() {
                    match &names[usize::from(value)] {
                        Ok(code) => out.push(*code),
                        Err(_) => {
                            return Err(code(if value { "True" } else { "False" })
                                .err()
                                .unwrap_or_else(|| self.unsupported(column, &normal, "labels")));
                        }
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
            let values = &column[first..first + n_rows];
            block.iter_mut().skip(place).step_by(k).zip(values).for_each(|(out, &value)| *out = value);
        }
    }
}
