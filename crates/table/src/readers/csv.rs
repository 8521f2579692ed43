//! CSV and TSV.

use std::collections::HashSet;

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, LargeStringBuilder};
use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::column::{Column, Values};
use crate::errors::TableError;
use crate::format::Format;
use crate::read_options::ReadOptions;
use crate::readers::text::{line_of, utf8};
use crate::source::OpenSource;
use crate::table::{Table, check_names};

/// Reads CSV in two passes: the first checks every row and finds the type of every column, the second builds them.
pub(crate) fn read(source: OpenSource, format: Format, options: &ReadOptions) -> Result<Table, TableError> {
    let file = source.name.clone();
    let bytes = source.into_bytes()?;
    let text = utf8(&file, &bytes)?;
    let delimiter = options.delimiter.unwrap_or_else(|| match format {
        Format::Tsv => b'\t',
        _ => sniff_delimiter(text),
    });
    if !delimiter.is_ascii() || b"\"\r\n".contains(&delimiter) {
        return Err(TableError::BadDelimiter { delimiter });
    }
    let mut rows = Rows::new(&file, text, delimiter);
    let Some(header) = rows.next_row()?.cloned() else {
        return Err(TableError::EmptyFile { file });
    };
    let names = column_names(&header);
    check_names(&file, names.iter().map(String::as_str))?;
    rows.n_columns = Some(names.len());

    let missing = MissingValues::new(&options.missing_values);
    let mut types = vec![Inferred::Nothing; names.len()];
    let mut n_rows = 0;
    while let Some(row) = rows.next_row()? {
        n_rows += 1;
        for (inferred, cell) in types.iter_mut().zip(row) {
            if *inferred != Inferred::Text {
                *inferred = inferred.and(text_of(cell).trim(), &missing);
            }
        }
    }

    let mut builders: Vec<Builder> = types
        .iter()
        .map(|&inferred| Builder::new(inferred, n_rows))
        .collect();
    let mut rows = Rows::new(&file, text, delimiter);
    rows.next_row()?;
    rows.n_columns = Some(names.len());
    while let Some(row) = rows.next_row()? {
        for (builder, cell) in builders.iter_mut().zip(row) {
            builder.push(text_of(cell), &missing);
        }
    }
    let columns = names.into_iter().zip(builders);
    let columns = columns.map(|(name, builder)| Column::new(name, builder.finish()));
    Table::new(&file, columns.collect(), n_rows)
}

/// Whichever of comma, tab and semicolon the header has most of outside quotes; a comma where it has none.
fn sniff_delimiter(text: &str) -> u8 {
    let mut counts = [0_usize; 3];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => counts[0] += 1,
            b'\t' if !quoted => counts[1] += 1,
            b';' if !quoted => counts[2] += 1,
            b'\n' | b'\r' if !quoted => break,
            _ => {}
        }
    }
    let [commas, tabs, semicolons] = counts;
    if tabs > commas && tabs >= semicolons {
        b'\t'
    } else if semicolons > commas {
        b';'
    } else {
        b','
    }
}

/// The names in the header. An index that pandas wrote has no name; it gets the one that pandas reads it with.
fn column_names(header: &ByteRecord) -> Vec<String> {
    let name = |(index, cell): (usize, &[u8])| match text_of(cell).trim() {
        "" => format!("Unnamed: {index}"),
        name => name.to_owned(),
    };
    header.iter().enumerate().map(name).collect()
}

/// A cell of text that is UTF-8 as a whole; quotes and delimiters are ASCII, so cells are too.
fn text_of(cell: &[u8]) -> &str {
    std::str::from_utf8(cell).unwrap_or_default()
}

/// The rows of a file, each checked for its number of fields.
struct Rows<'a> {
    file: &'a str,
    text: &'a str,
    delimiter: u8,
    reader: Reader<&'a [u8]>,
    record: ByteRecord,
    n_columns: Option<usize>,
    blank: ByteRecord,
    /// Blank lines to give as rows before `record`.
    blanks_due: usize,
    record_due: bool,
}

impl<'a> Rows<'a> {
    fn new(file: &'a str, text: &'a str, delimiter: u8) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(delimiter);
        Self {
            file,
            text,
            delimiter,
            reader: builder.from_reader(text.as_bytes()),
            record: ByteRecord::new(),
            n_columns: None,
            blank: ByteRecord::from(vec![""]),
            blanks_due: 0,
            record_due: false,
        }
    }

    /// The next row. A blank line is no row, except inside a file of one column, where it is a missing value.
    fn next_row(&mut self) -> Result<Option<&ByteRecord>, TableError> {
        if self.blanks_due > 0 {
            self.blanks_due -= 1;
            return Ok(Some(&self.blank));
        }
        if std::mem::take(&mut self.record_due) {
            return Ok(Some(&self.record));
        }
        let from = self.reader.position().byte() as usize;
        let more = self.reader.read_byte_record(&mut self.record);
        let more = more.map_err(|error| TableError::Io {
            file: self.file.into(),
            action: "read",
            error: error.into(),
        })?;
        if !more {
            return Ok(None);
        }
        let (blanks, start) = skip_blank_lines(self.text.as_bytes(), from);
        self.check(start)?;
        if self.n_columns == Some(1) && blanks > 0 {
            self.blanks_due = blanks - 1;
            self.record_due = true;
            return Ok(Some(&self.blank));
        }
        Ok(Some(&self.record))
    }

    fn check(&self, start: usize) -> Result<(), TableError> {
        let bytes = self.text.as_bytes();
        let line = || line_of(bytes, start);
        let is_last = self.reader.position().byte() as usize >= bytes.len();
        if is_last && ends_in_quotes(&bytes[start..], self.delimiter) {
            return Err(TableError::UnclosedQuote {
                file: self.file.into(),
                line: line(),
            });
        }
        match self.n_columns {
            Some(expected) if self.record.len() != expected => Err(TableError::RaggedRow {
                file: self.file.into(),
                line: line(),
                found: self.record.len(),
                expected,
            }),
            _ => Ok(()),
        }
    }
}

/// How many blank lines there are from a place on, where the reader stopped after a record; and where the next starts.
fn skip_blank_lines(bytes: &[u8], from: usize) -> (usize, usize) {
    let mut at = from.min(bytes.len());
    // The reader ends a record at the first byte of CR LF.
    if at > 0 && bytes[at - 1] == b'\r' && bytes.get(at) == Some(&b'\n') {
        at += 1;
    }
    let mut blanks = 0;
    loop {
        at += match &bytes[at..] {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return (blanks, at),
        };
        blanks += 1;
    }
}

/// Whether the text of a record ends before its quotes do.
fn ends_in_quotes(record: &[u8], delimiter: u8) -> bool {
    let (mut field_start, mut quoted, mut after_quote) = (true, false, false);
    for &byte in record {
        if quoted {
            (quoted, after_quote) = (byte != b'"', byte == b'"');
        } else if byte == b'"' && (field_start || after_quote) {
            (quoted, after_quote) = (true, false);
        } else {
            after_quote = false;
        }
        field_start = byte == delimiter && !quoted;
    }
    quoted
}

/// The cells that count as missing.
struct MissingValues<'a> {
    values: HashSet<&'a str>,
    /// Whether one of them begins with this byte: most cells are told apart by it, without hashing them.
    begins: [bool; 256],
}

impl<'a> MissingValues<'a> {
    fn new(values: &'a [String]) -> Self {
        let mut begins = [false; 256];
        for &byte in values.iter().filter_map(|value| value.as_bytes().first()) {
            begins[usize::from(byte)] = true;
        }
        Self {
            values: values.iter().map(String::as_str).collect(),
            begins,
        }
    }

    fn contains(&self, cell: &str) -> bool {
        let possible = cell
            .as_bytes()
            .first()
            .is_none_or(|&byte| self.begins[usize::from(byte)]);
        possible && self.values.contains(cell)
    }
}

/// The narrowest type that all cells of a column so far are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inferred {
    Nothing,
    Integer,
    Float,
    Boolean,
    Text,
}

impl Inferred {
    fn and(self, cell: &str, missing: &MissingValues<'_>) -> Self {
        // The usual case first: a number is looked up among the missing values only if it could not be one.
        if let Some(number) = number_type(cell) {
            return match self {
                _ if missing.contains(cell) => self,
                Self::Nothing | Self::Integer => number,
                Self::Float => Self::Float,
                Self::Boolean | Self::Text => Self::Text,
            };
        }
        if missing.contains(cell) {
            return self;
        }
        match (self, boolean(cell)) {
            (Self::Nothing | Self::Boolean, Some(_)) => Self::Boolean,
            _ => Self::Text,
        }
    }
}

fn number_type(cell: &str) -> Option<Inferred> {
    if cell.parse::<i64>().is_ok() {
        return Some(Inferred::Integer);
    }
    // A NaN is a missing value wherever it is not listed as one; it makes no column of text a column of numbers.
    let number = cell.parse::<f64>().ok()?;
    (!number.is_nan()).then_some(Inferred::Float)
}

fn boolean(cell: &str) -> Option<bool> {
    match cell {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// The values of one column as they are read.
enum Builder {
    Integer(Int64Builder),
    Float(Float64Builder),
    Boolean(BooleanBuilder),
    Text(LargeStringBuilder),
}

impl Builder {
    fn new(inferred: Inferred, n_rows: usize) -> Self {
        match inferred {
            Inferred::Integer => Self::Integer(Int64Builder::with_capacity(n_rows)),
            Inferred::Nothing | Inferred::Float => Self::Float(Float64Builder::with_capacity(n_rows)),
            Inferred::Boolean => Self::Boolean(BooleanBuilder::with_capacity(n_rows)),
            Inferred::Text => Self::Text(LargeStringBuilder::new()),
        }
    }

    fn push(&mut self, cell: &str, missing: &MissingValues<'_>) {
        let trimmed = cell.trim();
        let is_missing = missing.contains(trimmed);
        match self {
            Self::Integer(builder) => builder.append_option(trimmed.parse().ok().filter(|_| !is_missing)),
            Self::Float(builder) => builder.append_option(trimmed.parse().ok().filter(|_| !is_missing)),
            Self::Boolean(builder) => builder.append_option(boolean(trimmed).filter(|_| !is_missing)),
            Self::Text(builder) => builder.append_option((!is_missing).then_some(cell)),
        }
    }

    fn finish(self) -> Values {
        match self {
            Self::Integer(mut builder) => Values::Integer(builder.finish()),
            Self::Float(mut builder) => Values::Float(builder.finish()),
            Self::Boolean(mut builder) => Values::Boolean(builder.finish()),
            Self::Text(mut builder) => Values::Text(builder.finish()),
        }
    }
}
