//! A table in memory.

use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
use arrow_schema::{ArrowError, FieldRef, Fields};

use crate::column::{Column, Values, is_supported, normalised};
use crate::errors::TableError;
use crate::format::{Format, detect};
use crate::nearest::nearest_name;
use crate::panics;
use crate::read_options::ReadOptions;
use crate::readers;
use crate::source::{OpenSource, Source};

/// Named columns of the same length, at least one row of them.
///
/// Columns are integers, floats, booleans or text; see [`ColumnType`](crate::ColumnType). Types of CSV are inferred
/// from all rows, never from the first few: a column is of integers if every cell that is not missing is one, else of
/// floats, else of booleans (`true`, `True`, `TRUE` and their opposites), else text. Text is kept as it stands, spaces
/// included; names of columns are trimmed. Columns without any value are floats, and integers beyond 64 bits with a sign
/// are too. A column of JSON whose values are of several types is text, and so is a nested value.
///
/// # Example
///
/// ```
/// use cleanlab_table::{ReadOptions, Source, Table, TableError};
///
/// let csv = "id,age,given_label\n1,3.5,cat\n2,NA,dog\n";
/// let table = Table::read(Source::from_bytes(csv, "pets.csv"), &ReadOptions::default())?;
/// assert_eq!((table.n_rows(), table.column_names()), (2, vec!["id", "age", "given_label"]));
/// assert_eq!(table.column("age")?.n_missing(), 1);
///
/// let error = table.column("label").unwrap_err();
/// assert!(matches!(error, TableError::NoSuchColumn { .. }));
/// # Ok::<(), TableError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Table {
    name: String,
    columns: Vec<Column>,
    n_rows: usize,
}

impl Table {
    /// Reads a CSV, TSV, JSON, JSON lines, Parquet or Arrow IPC file.
    ///
    /// The path `-` is standard input. The format is told by content where that is unmistakable, else by the ending.
    ///
    /// # Errors
    ///
    /// [`TableError`]: the file cannot be read, is empty, has no rows, is in another format than its name says, is
    /// damaged, has two columns of the same name, or would unpack to an absurd amount of memory. Damaged binary files
    /// give an error, never a panic.
    pub fn read(source: impl Into<Source>, options: &ReadOptions) -> Result<Self, TableError> {
        let source = source.into().open()?;
        let format = detect(&source.name, &source.prefix()?, options.format)?;
        Self::read_opened(source, format, options)
    }

    pub(crate) fn read_opened(
        source: OpenSource,
        format: Format,
        options: &ReadOptions,
    ) -> Result<Self, TableError> {
        match format {
            Format::Csv | Format::Tsv => readers::csv::read(source, format, options),
            Format::JsonLines | Format::Json => readers::json::read(source),
            Format::Parquet => readers::parquet::read(source),
            Format::ArrowFile | Format::ArrowStream => readers::arrow_ipc::read(source, format),
            Format::Npy | Format::Npz => Err(TableError::NotATable { file: source.name, format }),
        }
    }

    /// A table of Arrow record batches of one schema; `name` stands for the file in messages.
    ///
    /// # Errors
    ///
    /// [`TableError::NoRows`], [`TableError::DuplicateColumns`], or [`TableError::Damaged`] when values cannot be
    /// converted.
    pub fn from_record_batches(name: &str, batches: &[RecordBatch]) -> Result<Self, TableError> {
        let damaged =
            |reason: String| TableError::Damaged { file: name.into(), format: Format::ArrowFile, reason };
        let mut gathered = match batches.first() {
            Some(first) => {
                let fields = first.schema_ref().fields();
                check_names(name, fields.iter().map(|field| field.name().as_str()))?;
                Gathered::new(fields, &(0..fields.len()).collect::<Vec<_>>())
            }
            None => Gathered::default(),
        };
        for batch in batches {
            panics::catch(|| gathered.push(batch))
                .map_err(damaged)?
                .map_err(|error| damaged(error.to_string()))?;
        }
        gathered.finish(name, Format::ArrowFile)
    }

    pub(crate) fn new(name: &str, columns: Vec<Column>, n_rows: usize) -> Result<Self, TableError> {
        check_names(name, columns.iter().map(Column::name))?;
        if n_rows == 0 || columns.is_empty() {
            return Err(TableError::NoRows { file: name.into(), n_columns: columns.len() });
        }
        debug_assert!(columns.iter().all(|column| column.len() == n_rows));
        Ok(Self { name: name.into(), columns, n_rows })
    }

    /// The name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of data rows, at least 1.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The names of all columns, in order.
    #[must_use]
    pub fn column_names(&self) -> Vec<&str> {
        self.columns.iter().map(Column::name).collect()
    }

    /// All columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of this name.
    ///
    /// # Errors
    ///
    /// [`TableError::NoSuchColumn`], with the name that was probably meant.
    pub fn column(&self, name: &str) -> Result<&Column, TableError> {
        let found = self.columns.iter().find(|column| column.name() == name);
        found.ok_or_else(|| TableError::NoSuchColumn {
            name: name.into(),
            nearest: nearest_name(name, self.columns.iter().map(Column::name)).map(str::to_owned),
            columns: self.columns.iter().map(|column| column.name().to_owned()).collect(),
        })
    }

    /// The table of these rows, in the order given.
    ///
    /// ```
    /// use cleanlab_table::{ReadOptions, Source, Table};
    /// let table = Table::read(Source::from_bytes("a\n10\n20\n30\n", "t.csv"), &ReadOptions::default())?;
    /// let picked = table.take_rows(&[2, 0])?;
    /// assert_eq!(picked.column("a")?.value_text(0).as_deref(), Some("30"));
    /// # Ok::<(), cleanlab_table::TableError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TableError::NoSuchRow`] for a row that does not exist, [`TableError::NoRows`] when `rows` is empty.
    pub fn take_rows(&self, rows: &[usize]) -> Result<Self, TableError> {
        if let Some(&row) = rows.iter().find(|&&row| row >= self.n_rows) {
            return Err(TableError::NoSuchRow { row, n_rows: self.n_rows });
        }
        let positions = UInt64Array::from_iter_values(rows.iter().map(|&row| row as u64));
        let columns = self.columns.iter().map(|column| column.take(&positions));
        let columns = columns.collect::<Result<Vec<_>, _>>().map_err(|error| TableError::Damaged {
            file: self.name.clone(),
            format: Format::ArrowFile,
            reason: error.to_string(),
        })?;
        Self::new(&self.name, columns, rows.len())
    }
}

/// Refuses columns of the same name.
pub(crate) fn check_names<'a>(file: &str, names: impl Iterator<Item = &'a str>) -> Result<(), TableError> {
    let mut times = std::collections::HashMap::new();
    let mut twice: Vec<String> = Vec::new();
    for name in names {
        let times = times.entry(name).or_insert(0_u32);
        *times += 1;
        if *times == 2 {
            twice.push(name.to_owned());
        }
    }
    if twice.is_empty() {
        return Ok(());
    }
    Err(TableError::DuplicateColumns { file: file.into(), names: twice })
}

/// Columns as they come in, batch by batch.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    fields: Vec<Field>,
    n_rows: usize,
}

#[derive(Debug)]
struct Field {
    name: String,
    /// The chunks so far, or the Arrow type where it is not supported.
    chunks: Result<Vec<ArrayRef>, String>,
}

impl Gathered {
    /// All fields of a file, and which of them its batches will hold.
    pub(crate) fn new(fields: &Fields, in_batches: &[usize]) -> Self {
        let field = |(index, field): (usize, &FieldRef)| Field {
            name: field.name().clone(),
            chunks: if in_batches.contains(&index) && is_supported(field.data_type()) {
                Ok(Vec::new())
            } else {
                Err(field.data_type().to_string())
            },
        };
        Self { fields: fields.iter().enumerate().map(field).collect(), n_rows: 0 }
    }

    /// Adds rows of columns that are all unsupported.
    pub(crate) fn add_rows(&mut self, n_rows: usize) {
        self.n_rows += n_rows;
    }

    /// Adds a batch that holds the supported columns, and perhaps others, in order.
    pub(crate) fn push(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        self.add_rows(batch.num_rows());
        let schema = batch.schema_ref();
        let mut arrays = schema.fields().iter().zip(batch.columns());
        for Field { name, chunks } in &mut self.fields {
            if let Ok(chunks) = chunks {
                let found = arrays.find(|(field, _)| field.name() == name);
                let (_, array) = found.ok_or_else(|| {
                    ArrowError::SchemaError("record batches differ in their columns".into())
                })?;
                chunks.push(normalised(array)?);
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self, file: &str, format: Format) -> Result<Table, TableError> {
        let n_rows = self.n_rows;
        let column = |Field { name, chunks }| {
            let values = match chunks {
                Err(data_type) => Values::Unsupported { data_type, len: n_rows },
                Ok(chunks) => Values::concatenated(&chunks)?,
            };
            Ok(Column::new(name, values))
        };
        let columns =
            panics::catch(|| self.fields.into_iter().map(column).collect::<Result<Vec<_>, ArrowError>>());
        let columns = columns.and_then(|columns| columns.map_err(|error| error.to_string()));
        let columns = columns.map_err(|reason| TableError::Damaged { file: file.into(), format, reason })?;
        Table::new(file, columns, n_rows)
    }
}
