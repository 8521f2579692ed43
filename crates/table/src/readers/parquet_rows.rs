//! Parquet files whose rows are read in parts, by several threads.

use std::collections::VecDeque;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use super::parquet::{check_sizes, damaged};
use super::parquet_footer::check_footer;
use super::parquet_pages::check_pages;
use super::parquet_reader::{ParquetReader, Piece};
use super::parquet_texts::TextBounds;
use crate::column::is_supported;
use crate::errors::TableError;
use crate::panics;
use crate::positioned::{PositionedFile, SharedFile};
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
    pub(super) files: Vec<ParquetFile>,
    pub(super) columns: Vec<ParquetColumn>,
    pub(super) n_rows: usize,
}

#[derive(Debug)]
pub(super) struct ParquetFile {
    pub(super) file: SharedFile,
    pub(super) metadata: ArrowReaderMetadata,
    /// For each row group, its rows in the whole data.
    pub(super) groups: Vec<Range<usize>>,
}

impl ParquetFile {
    pub(super) fn name(&self) -> &str {
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
        let (mut memory, mut texts) = (0, TextBounds::default());
        for file in &self.files {
            let mask = ProjectionMask::roots(file.metadata.parquet_schema(), columns.iter().copied());
            let checked = panics::catch(|| file.check(&mask));
            let (held, found) = checked.unwrap_or_else(|reason| Err(damaged(file.name(), &reason)))?;
            memory = memory.max(held);
            texts = texts.or(found);
        }
        Ok(ParquetSelection { rows: self, columns, memory, texts })
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
    /// Holds what the chosen columns declare against the file; gives the bytes that a reader of a row group holds, and
    /// what is known of texts.
    fn check(&self, mask: &ProjectionMask) -> Result<(u64, TextBounds), TableError> {
        let (name, len) = (self.name(), self.file.0.len());
        check_sizes(name, self.metadata.metadata(), mask, len)?;
        let reader = Arc::new(self.file.clone());
        let (mut most, mut texts) = (0, TextBounds::default());
        for group in self.metadata.metadata().row_groups() {
            let mut held = 0;
            for (leaf, column) in group.columns().iter().enumerate() {
                if !mask.leaf_included(leaf) {
                    continue;
                }
                let pages = check_pages(name, reader.as_ref(), column, len)?;
                held += pages.held;
                texts.look_at(name, &reader, column, &pages, len)?;
            }
            most = most.max(held);
        }
        Ok((most, texts))
    }
}

/// Some columns of a [`ParquetRows`].
#[derive(Debug)]
pub struct ParquetSelection {
    pub(super) rows: ParquetRows,
    /// The columns that are read, ascending.
    pub(super) columns: Vec<usize>,
    memory: u64,
    texts: TextBounds,
}

impl ParquetSelection {
    pub(super) fn file(&self, place: usize) -> Result<&ParquetFile, TableError> {
        self.rows.files.get(place).ok_or_else(|| damaged(self.rows.name(), &"a file of the folder is lost"))
    }

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

    /// Where a row stands, in words: what was opened, and of a folder the file and the row's number there.
    #[must_use]
    pub fn place_of_row(&self, row: usize) -> String {
        let name = self.rows.name();
        let holds = |file: &&ParquetFile| file.groups.iter().any(|group| group.contains(&row));
        match self.rows.files.iter().find(holds) {
            Some(file) if file.name() != name => {
                let first = file.groups.first().map_or(0, |group| group.start);
                format!("{name} (its row {row} is row {} of {})", row - first, file.name())
            }
            _ => name.to_owned(),
        }
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
        Ok(ParquetReader::new(self, self.texts.batch_rows(batch_rows), pieces))
    }
}
