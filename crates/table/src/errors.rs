//! Everything that can be wrong with a file, a column or a place to write to.

use std::fmt::Write as _;

use cleanlab_core::InputError;
use thiserror::Error;

use crate::format::Format;

/// Why a file could not be read, used or written: the file, the place in it, the value, and what to do.
///
/// Lines of text files are counted from 1, as editors do; rows are data rows counted from 0, as results do. Names and
/// values that come from a file are quoted, with their control characters escaped.
///
/// ```
/// use cleanlab_table::{ReadOptions, Source, Table, TableError};
///
/// let source = Source::from_bytes("a,b\n1,2\n3\n", "pets.csv");
/// let error = Table::read(source, &ReadOptions::default()).unwrap_err();
/// assert!(matches!(error, TableError::RaggedRow { line: 3, found: 1, expected: 2, .. }));
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableError {
    /// The operating system refused to read or write.
    #[error("cannot {action} {file}: {error}")]
    Io {
        /// The file.
        file: String,
        /// What was tried: `read`, `write`, …
        action: &'static str,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// A folder is named where a file is to be read.
    #[error("{folder} is a folder, and one file is read here; name a file in it")]
    IsFolder {
        /// The folder.
        folder: String,
    },
    /// There is nothing in the file.
    #[error("{file} is empty; check that it was written to the end")]
    EmptyFile {
        /// The file.
        file: String,
    },
    /// There are columns but no rows.
    #[error("{file} has {n_columns} columns but no rows; at least one row is needed")]
    NoRows {
        /// The file.
        file: String,
        /// Number of columns found.
        n_columns: usize,
    },
    /// The content is not what the ending of the name, or the caller, says it is.
    #[error("{file} should be {expected}, but its content looks like {found}; rename the file")]
    WrongFormat {
        /// The file.
        file: String,
        /// The format that was expected.
        expected: Format,
        /// What the content looks like.
        found: String,
    },
    /// The content is something that cannot be read.
    #[error("{file} is {found}; {hint}")]
    UnreadableFormat {
        /// The file.
        file: String,
        /// What the content is.
        found: String,
        /// What to do.
        hint: &'static str,
    },
    /// An array where a table is needed.
    #[error("{file} is {format}, which has no named columns; give a CSV, JSON or Parquet file")]
    NotATable {
        /// The file.
        file: String,
        /// What it is.
        format: Format,
    },
    /// A table where an array is needed.
    #[error("{file} is {format}, not an array; give a .npy or .npz file")]
    NotAnArray {
        /// The file.
        file: String,
        /// What it is.
        format: Format,
    },
    /// A text file is not UTF-8.
    #[error("{file}, line {line}: byte {byte} is not valid UTF-8; save the file with the UTF-8 encoding")]
    NotUtf8 {
        /// The file.
        file: String,
        /// Line, counted from 1.
        line: u64,
        /// Offset in the file, counted from 0.
        byte: u64,
    },
    /// A text file holds a NUL character, which text never does.
    #[error(
        "{file}, line {line}: byte {byte} is NUL, so this is no text file, or one in UTF-16; save it with the UTF-8 \
         encoding"
    )]
    NulByte {
        /// The file.
        file: String,
        /// Line, counted from 1.
        line: u64,
        /// Offset in the file, counted from 0.
        byte: u64,
    },
    /// A row of a CSV file has more or fewer fields than the header.
    #[error(
        "{file}, line {line}: {found} fields where the header has {expected}; quote fields that hold the delimiter"
    )]
    RaggedRow {
        /// The file.
        file: String,
        /// Line on which the row starts, counted from 1.
        line: u64,
        /// Number of fields found.
        found: usize,
        /// Number of columns in the header.
        expected: usize,
    },
    /// A quoted field of a CSV file never ends.
    #[error(
        "{file}, line {line}: the row has a quote that is never closed; close it, or double quotes inside fields"
    )]
    UnclosedQuote {
        /// The file.
        file: String,
        /// Line on which the row starts, counted from 1.
        line: u64,
    },
    /// A byte that cannot separate the fields of CSV.
    #[error("{:?} cannot separate fields; choose an ASCII character other than a quote or a line break", char::from(*delimiter))]
    BadDelimiter {
        /// The byte.
        delimiter: u8,
    },
    /// Two columns have the same name.
    #[error("{file} has more than one column named {}; rename them", list(names))]
    DuplicateColumns {
        /// The file.
        file: String,
        /// Each name that occurs more than once.
        names: Vec<String>,
    },
    /// A line of a JSON file cannot be read.
    #[error("{file}, line {line}: {reason}; each record must be one JSON object")]
    BadJson {
        /// The file.
        file: String,
        /// Line, counted from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A binary file is damaged, truncated or uses something unknown.
    #[error("{file} is not a readable {format} file: {reason}; write the file again")]
    Damaged {
        /// The file.
        file: String,
        /// The format it is in.
        format: Format,
        /// What is wrong.
        reason: String,
    },
    /// A file declares more than it can hold, or more than is sensible to unpack.
    #[error(
        "{file} declares {declared}, but {bound}; the file is damaged, truncated or made to exhaust memory"
    )]
    TooLarge {
        /// The file.
        file: String,
        /// What the file declares.
        declared: String,
        /// What was found, or what is allowed.
        bound: String,
    },
    /// A file is being written to while it is read.
    #[error("{file} changed while it was read; start again once nothing writes to it")]
    Changed {
        /// The file.
        file: String,
    },
    /// A folder holds no file that could be read.
    #[error("{folder} holds no Parquet file (.parquet, .pq); name the folder that holds them")]
    NoParquetFiles {
        /// The folder.
        folder: String,
    },
    /// The files of a folder do not have the same columns.
    #[error(
        "{file} has other columns than {first}: {}; all files of a folder need the same columns, in the same order",
        first_difference(columns, first_columns)
    )]
    DifferentColumns {
        /// The file.
        file: String,
        /// Its columns, with their types.
        columns: Vec<String>,
        /// The first file of the folder.
        first: String,
        /// The columns of that one.
        first_columns: Vec<String>,
    },
    /// A list has more or fewer values than there are classes.
    #[error(
        "{file}, row {row}: the list in column {column:?} has {found} values where {expected} are needed"
    )]
    ListLength {
        /// The file.
        file: String,
        /// Data row, counted from 0.
        row: usize,
        /// The column.
        column: String,
        /// Number of values found.
        found: usize,
        /// Number of classes.
        expected: usize,
    },
    /// An array of Python objects.
    #[error(
        "{file} holds Python objects (dtype {dtype}), which are never unpickled; save it again as numbers or strings, \
         for example numpy.save(path, numpy.array(values.tolist()))"
    )]
    ObjectArray {
        /// The file, with the entry of an archive.
        file: String,
        /// The data type found.
        dtype: String,
    },
    /// An array of a data type that is not read.
    #[error("{file} has dtype {dtype}, which is not read; save it as integers, floats, booleans or strings")]
    UnsupportedDtype {
        /// The file, with the entry of an archive.
        file: String,
        /// The data type found.
        dtype: String,
    },
    /// An archive has no array of this name.
    #[error("{file} has no array named {key:?}; it has {}", list(entries))]
    NoSuchEntry {
        /// The file.
        file: String,
        /// The name asked for.
        key: String,
        /// The names there are.
        entries: Vec<String>,
    },
    /// An archive has several arrays, and none was named.
    #[error("{file} has several arrays; name one of {}", list(entries))]
    AmbiguousEntry {
        /// The file.
        file: String,
        /// The names there are.
        entries: Vec<String>,
    },
    /// An array has the wrong number of dimensions.
    #[error("{what} must be {expected}, but the array has shape {shape:?}")]
    WrongDimensions {
        /// What the array is for.
        what: &'static str,
        /// The shape that is needed, in words.
        expected: &'static str,
        /// The shape found.
        shape: Vec<usize>,
    },
    /// An array of strings where numbers are needed.
    #[error("{what} must be numbers, but the array holds strings")]
    NotNumeric {
        /// What the array is for.
        what: &'static str,
    },
    /// Labels read from an array or a file are not class indices.
    #[error("{file}: {error}")]
    BadLabels {
        /// The file.
        file: String,
        /// What is wrong with them.
        error: InputError,
    },
    /// A table that should hold one column holds several.
    #[error("{file} has {} columns ({}); name the one to use", columns.len(), list(columns))]
    SeveralColumns {
        /// The file.
        file: String,
        /// The names there are.
        columns: Vec<String>,
    },
    /// A table has no column of numbers.
    #[error("{file} has no column of numbers; its columns are {}", list(columns))]
    NoNumericColumns {
        /// The file.
        file: String,
        /// The names there are.
        columns: Vec<String>,
    },
    /// The first line of a table holds values where names belong.
    #[error(
        "{file} seems to have no header, since its first line is {}; add a line of class names",
        list(first)
    )]
    NoHeader {
        /// The file.
        file: String,
        /// What stands in its first line.
        first: Vec<String>,
    },
    /// A label's class is not among the given names.
    #[error("there is no class {class:?}{} among the columns {}", did_you_mean(nearest.as_deref()), list(names))]
    UnknownClass {
        /// The class.
        class: String,
        /// The name that is closest, if one is close.
        nearest: Option<String>,
        /// The names there are.
        names: Vec<String>,
    },
    /// A column of numbers in a file of probabilities has a value that is none.
    #[error(
        "column {column:?}, row {row} of {file} is {}, but {n_numbers} rows of the column are numbers; correct it, or take \
         the column out of the file",
        quoted(value)
    )]
    TextAmongProbabilities {
        /// Name of the file.
        file: String,
        /// Name of the column.
        column: String,
        /// Row of the value.
        row: usize,
        /// The value found.
        value: String,
        /// How many of its values are numbers.
        n_numbers: usize,
    },
    /// A cell is empty that must not be.
    #[error("column {column:?}, row {row} of {file} is missing; fill it in, or drop the row")]
    MissingValue {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// Data row, counted from 0.
        row: usize,
    },
    /// There is no column of this name.
    #[error("there is no column {name:?}{}; the columns are {}", did_you_mean(nearest.as_deref()), list(columns))]
    NoSuchColumn {
        /// The name asked for.
        name: String,
        /// The column whose name is closest, if one is close.
        nearest: Option<String>,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// Some labels are missing.
    #[error(
        "column {column:?} has no label in {n_missing} of {n_rows} rows, first in row {first_row}; fill them in, or \
         choose to drop such rows"
    )]
    MissingLabels {
        /// The label column.
        column: String,
        /// The first data row without a label, counted from 0.
        first_row: usize,
        /// Number of rows without a label.
        n_missing: usize,
        /// Number of rows.
        n_rows: usize,
    },
    /// All labels are the same.
    #[error(
        "column {column:?} has only the class {class:?}; at least 2 classes are needed to tell a wrong label from a \
         right one"
    )]
    TooFewClasses {
        /// The label column.
        column: String,
        /// The only class.
        class: String,
    },
    /// There are so many different labels that they cannot be classes.
    #[error(
        "column {column:?} has {n_classes} different values in {n_rows} rows, more than the {limit} allowed for \
         classes; it looks like {looks_like}: choose another label column"
    )]
    TooManyClasses {
        /// The label column.
        column: String,
        /// Number of different values.
        n_classes: usize,
        /// Number of rows with a label.
        n_rows: usize,
        /// The most that is allowed.
        limit: usize,
        /// What such a column usually is.
        looks_like: &'static str,
    },
    /// A column of a type that has no use here.
    #[error(
        "column {column:?} has type {data_type}, which cannot be used as {what}; convert it to numbers or text"
    )]
    UnsupportedColumn {
        /// The column.
        column: String,
        /// Its type in the file.
        data_type: String,
        /// What it was to be used as.
        what: &'static str,
    },
    /// A number is infinite.
    #[error("column {column:?}, row {row} is {value}; replace infinite values, or exclude the column")]
    InfiniteValue {
        /// The column.
        column: String,
        /// Data row, counted from 0.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// No column can be used as a feature.
    #[error(
        "no column can be used as a feature: {}; train a model of your own and give its predicted probabilities",
        sentence(reasons)
    )]
    NoFeatures {
        /// For each column, why not.
        reasons: Vec<String>,
    },
    /// A row that does not exist was asked for.
    #[error("row {row} was asked for, but the table has {n_rows} rows")]
    NoSuchRow {
        /// The row asked for.
        row: usize,
        /// Number of rows.
        n_rows: usize,
    },
    /// The columns of a result have different lengths.
    #[error("result column {column:?} has {found} rows where {expected} are needed")]
    ColumnLength {
        /// The column.
        column: String,
        /// Its number of rows.
        found: usize,
        /// The number of rows of the result.
        expected: usize,
    },
    /// A result has two columns of the same name.
    #[error("there is a result column {column:?} already; give each column a name of its own")]
    DuplicateResultColumn {
        /// The column.
        column: String,
    },
    /// A result could not be encoded.
    #[error("cannot encode {file} as {format}: {reason}")]
    CannotEncode {
        /// The file.
        file: String,
        /// The format it was to be written in.
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A file name given for a result is not a plain file name, or is given twice.
    #[error("{name:?} cannot be written into {folder}; use a different plain file name for each result")]
    BadFileName {
        /// The name.
        name: String,
        /// The folder.
        folder: String,
    },
}

impl TableError {
    pub(crate) fn io(file: &str, action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.to_owned();
        move |error| Self::Io { file, action, error }
    }
}

const MOST_LISTED: usize = 20;
const MOST_CHARACTERS: usize = 80;

/// The first place where columns are other ones than those of another file.
fn first_difference(columns: &[String], others: &[String]) -> String {
    let place = columns.iter().zip(others).take_while(|(column, other)| column == other).count();
    match (columns.get(place), others.get(place)) {
        (Some(column), Some(other)) => format!("its column {} is {column}, there it is {other}", place + 1),
        (Some(column), None) => format!("its column {} is {column}, there it is none", place + 1),
        (None, Some(other)) => format!("it has no column {}, there it is {other}", place + 1),
        (None, None) => format!("{} columns", columns.len()),
    }
}

/// Names in quotes, separated by commas; the first twenty of them.
pub(crate) fn list(names: &[String]) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().take(MOST_LISTED).enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{}", quoted(name));
    }
    match names.len() {
        0 => "none".into(),
        n if n > MOST_LISTED => format!("{text} and {} more", n - MOST_LISTED),
        _ => text,
    }
}

/// A value from a file as it may stand in a message: in quotes, cut, and with control characters escaped.
pub(crate) fn quoted(value: &str) -> String {
    match value.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", value.get(..end).unwrap_or(value)),
        None => format!("{value:?}"),
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean {}?)", quoted(name)))
}

fn sentence(reasons: &[String]) -> String {
    let shown = reasons.iter().take(MOST_LISTED).map(String::as_str);
    let mut text = shown.collect::<Vec<_>>().join("; ");
    if reasons.len() > MOST_LISTED {
        let _ = write!(text, "; and {} more", reasons.len() - MOST_LISTED);
    }
    text
}
