//! CSV and TSV.

use std::collections::HashSet;
use std::ops::Range;

use arrow_array::Float64Array;
use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, LargeStringBuilder};
use bytes::Bytes;
use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::column::{Column, Values};
use crate::errors::TableError;
use crate::format::Format;
use crate::read_options::ReadOptions;
use crate::readers::text::{line_of, utf8};
use crate::source::OpenSource;
use crate::table::{Table, check_names};

/// Reads CSV. The type of a column is the narrowest that fits so far; a column that turns to text after other values is
/// read again.
pub(crate) fn read(source: OpenSource, format: Format, options: &ReadOptions) -> Result<Table, TableError> {
    let file = source.name.clone();
    let bytes = source.into_bytes()?;
    let text = utf8(&file, &bytes)?;
    let delimiter = delimiter_of(text, format, options)?;
    let mut rows = Rows::new(&file, text, delimiter);
    let Some(header) = rows.next_row()?.cloned() else {
        return Err(TableError::EmptyFile { file });
    };
    let names = column_names(&header);
    check_names(&file, names.iter().map(String::as_str))?;

    let missing = MissingValues::new(&options.missing_values);
    let mut cells: Vec<Cells> = names.iter().map(|_| Cells::Missing(0)).collect();
    let n_rows = read_rows(rows, &mut cells, &missing)?;
    if cells.iter().any(|cells| matches!(cells, Cells::TextAfterOther)) {
        for column in &mut cells {
            *column = match std::mem::replace(column, Cells::TextAfterOther) {
                Cells::TextAfterOther => Cells::Text(LargeStringBuilder::new()),
                other => Cells::Done(other.into_values()),
            };
        }
        let mut rows = Rows::new(&file, text, delimiter);
        rows.next_row()?;
        read_rows(rows, &mut cells, &missing)?;
    }
    let columns = names.into_iter().zip(cells);
    let columns = columns.map(|(name, cells)| Column::new(name, cells.into_values()));
    Table::new(&file, columns.collect(), n_rows)
}

/// Where the header and the rows of a file stand in its bytes, ends of lines included.
pub(crate) struct Spans {
    pub(crate) header: Range<usize>,
    pub(crate) rows: Vec<Range<usize>>,
}

/// Tells the rows of CSV apart, as [`read`] does.
pub(crate) fn spans(
    file: &str,
    bytes: &Bytes,
    format: Format,
    options: &ReadOptions,
) -> Result<Spans, TableError> {
    let text = utf8(file, bytes)?;
    // A byte order mark goes with the header.
    let mark = bytes.len() - text.len();
    let in_bytes = |span: &Range<usize>| mark + span.start..mark + span.end;
    let mut rows = Rows::new(file, text, delimiter_of(text, format, options)?);
    let Some(n_columns) = rows.next_row()?.map(ByteRecord::len) else {
        return Err(TableError::EmptyFile { file: file.into() });
    };
    let header = 0..mark + rows.span.end;
    rows.n_columns = Some(n_columns);
    let mut spans = Vec::new();
    while rows.next_row()?.is_some() {
        spans.push(in_bytes(&rows.span));
    }
    Ok(Spans { header, rows: spans })
}

fn delimiter_of(text: &str, format: Format, options: &ReadOptions) -> Result<u8, TableError> {
    let delimiter = options.delimiter.unwrap_or_else(|| match format {
        Format::Tsv => b'\t',
        _ => sniff_delimiter(text),
    });
    if !delimiter.is_ascii() || b"\"\r\n".contains(&delimiter) {
        return Err(TableError::BadDelimiter { delimiter });
    }
    Ok(delimiter)
}

/// Reads the rows after the header; gives their number.
fn read_rows(
    mut rows: Rows<'_>,
    cells: &mut [Cells],
    missing: &MissingValues<'_>,
) -> Result<usize, TableError> {
    rows.n_columns = Some(cells.len());
    let mut n_rows = 0;
    while let Some(row) = rows.next_row()? {
        n_rows += 1;
        for (cells, cell) in cells.iter_mut().zip(row) {
            cells.push(cell, missing);
        }
    }
    Ok(n_rows)
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
    /// Where the row given last stands in the text, and the record read last.
    span: Range<usize>,
    record_span: Range<usize>,
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
            span: 0..0,
            record_span: 0..0,
        }
    }

    /// The next row. A blank line is no row, except inside a file of one column, where it is a missing value.
    fn next_row(&mut self) -> Result<Option<&ByteRecord>, TableError> {
        if self.blanks_due > 0 {
            self.blanks_due -= 1;
            let start = self.span.end;
            self.span = start..start + line_end(self.text.as_bytes(), start);
            return Ok(Some(&self.blank));
        }
        if std::mem::take(&mut self.record_due) {
            self.span = self.record_span.clone();
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
        let bytes = self.text.as_bytes();
        let (blanks, start) = skip_blank_lines(bytes, from);
        self.check(start)?;
        self.record_span = start..after_line_feed(bytes, self.reader.position().byte() as usize);
        self.span = self.record_span.clone();
        if self.n_columns == Some(1) && blanks > 0 {
            let first = after_line_feed(bytes, from);
            self.span = first..first + line_end(bytes, first);
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
        if is_last && ends_in_quotes(bytes.get(start..).unwrap_or_default(), self.delimiter) {
            return Err(TableError::UnclosedQuote { file: self.file.into(), line: line() });
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
    let mut at = after_line_feed(bytes, from);
    let mut blanks = 0;
    loop {
        match line_end(bytes, at) {
            0 => return (blanks, at),
            len => at += len,
        }
        blanks += 1;
    }
}

/// Where a record is over: the reader ends it at the first byte of CR LF.
fn after_line_feed(bytes: &[u8], end: usize) -> usize {
    let end = end.min(bytes.len());
    let before = end.checked_sub(1).and_then(|before| bytes.get(before));
    let is_split = before == Some(&b'\r') && bytes.get(end) == Some(&b'\n');
    if is_split { end + 1 } else { end }
}

/// How many bytes end a line here: none where text follows.
fn line_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..).unwrap_or_default() {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
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
    /// The bytes that one of them begins with, a bit each: most cells are told apart by it, without hashing them.
    begins: [u64; 4],
}

impl<'a> MissingValues<'a> {
    fn new(values: &'a [String]) -> Self {
        let mut begins = [0_u64; 4];
        for &byte in values.iter().filter_map(|value| value.as_bytes().first()) {
            if let Some(bits) = begins.get_mut(usize::from(byte / 64)) {
                *bits |= 1 << (byte % 64);
            }
        }
        Self { values: values.iter().map(String::as_str).collect(), begins }
    }

    fn contains(&self, cell: &str) -> bool {
        let begins = |byte: u8| {
            self.begins.get(usize::from(byte / 64)).is_some_and(|bits| bits >> (byte % 64) & 1 == 1)
        };
        cell.as_bytes().first().is_none_or(|&byte| begins(byte)) && self.values.contains(cell)
    }
}

/// The cells of one column so far, as the narrowest type that fits them all.
enum Cells {
    /// So many missing ones and nothing else.
    Missing(usize),
    Integer(Int64Builder),
    Float(Float64Builder),
    Boolean(BooleanBuilder),
    Text(LargeStringBuilder),
    /// Text came after other values, whose own text is lost.
    TextAfterOther,
    /// Complete; further cells are ignored.
    Done(Values),
}

impl Cells {
    fn push(&mut self, cell: &[u8], missing: &MissingValues<'_>) {
        if matches!(self, Self::TextAfterOther | Self::Done(_)) {
            return;
        }
        let cell = text_of(cell);
        let trimmed = cell.trim();
        let is_missing = missing.contains(trimmed);
        match self {
            Self::Missing(count) if is_missing => *count += 1,
            Self::Integer(builder) if is_missing => builder.append_null(),
            Self::Float(builder) if is_missing => builder.append_null(),
            Self::Boolean(builder) if is_missing => builder.append_null(),
            Self::Text(builder) if is_missing => builder.append_null(),
            Self::Text(builder) => builder.append_value(cell),
            Self::Float(builder) => match number(trimmed) {
                Some(value) => builder.append_value(value),
                None => *self = Self::TextAfterOther,
            },
            Self::Integer(builder) => match (trimmed.parse(), number(trimmed)) {
                (Ok(value), _) => builder.append_value(value),
                (_, Some(value)) => {
                    let mut floats = widened(builder);
                    floats.append_value(value);
                    *self = Self::Float(floats);
                }
                _ => *self = Self::TextAfterOther,
            },
            Self::Boolean(builder) => match boolean(trimmed) {
                Some(value) => builder.append_value(value),
                None => *self = Self::TextAfterOther,
            },
            Self::Missing(count) => *self = Self::begun(*count, cell, trimmed),
            Self::TextAfterOther | Self::Done(_) => {}
        }
    }

    /// Cells of which the first so many are missing, and the next is this one.
    fn begun(n_missing: usize, cell: &str, trimmed: &str) -> Self {
        if let Ok(value) = trimmed.parse() {
            let mut builder = Int64Builder::new();
            builder.append_nulls(n_missing);
            builder.append_value(value);
            return Self::Integer(builder);
        }
        if let Some(value) = number(trimmed) {
            let mut builder = Float64Builder::new();
            builder.append_nulls(n_missing);
            builder.append_value(value);
            return Self::Float(builder);
        }
        if let Some(value) = boolean(trimmed) {
            let mut builder = BooleanBuilder::new();
            builder.append_nulls(n_missing);
            builder.append_value(value);
            return Self::Boolean(builder);
        }
        let mut builder = LargeStringBuilder::new();
        builder.append_nulls(n_missing);
        builder.append_value(cell);
        Self::Text(builder)
    }

    fn into_values(self) -> Values {
        match self {
            Self::Missing(count) => Values::Float(Float64Array::new_null(count)),
            Self::Integer(mut builder) => Values::Integer(builder.finish()),
            Self::Float(mut builder) => Values::Float(builder.finish()),
            Self::Boolean(mut builder) => Values::Boolean(builder.finish()),
            Self::Text(mut builder) => Values::Text(builder.finish()),
            Self::TextAfterOther => Values::Text(LargeStringBuilder::new().finish()),
            Self::Done(values) => values,
        }
    }
}

/// The integers so far as floats; both round to the nearest, so it makes no difference when this happens.
fn widened(integers: &mut Int64Builder) -> Float64Builder {
    let integers = integers.finish();
    let mut floats = Float64Builder::with_capacity(2 * integers.len());
    floats.extend(integers.iter().map(|value| value.map(|value| value as f64)));
    floats
}

/// A number; a NaN is none, so that it turns no column of names into one of numbers.
fn number(cell: &str) -> Option<f64> {
    cell.parse().ok().filter(|number: &f64| !number.is_nan())
}

fn boolean(cell: &str) -> Option<bool> {
    match cell {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}
