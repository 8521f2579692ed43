//! JSON lines, and JSON arrays of records.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use arrow_array::builder::LargeStringBuilder;
use arrow_array::{BooleanArray, Float64Array, Int64Array};
use bytes::Bytes;
use serde::Deserializer as _;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Deserializer, Value};

use crate::column::{Column, Values};
use crate::errors::TableError;
use crate::limits::check_expansion;
use crate::readers::text::{line_of, utf8};
use crate::source::OpenSource;
use crate::table::Table;

/// Reads one object per line, or an array of objects.
pub(crate) fn read(source: OpenSource) -> Result<Table, TableError> {
    let file = source.name.clone();
    let bytes = source.into_bytes()?;
    let text = utf8(&file, &bytes)?;
    let mut records = Records::new(&file, bytes.len());
    let bad =
        |line: usize, reason: String| TableError::BadJson { file: file.clone(), line: line as u64, reason };
    let refused = |records: &mut Records, line: usize, error: &serde_json::Error| {
        records.refused.take().unwrap_or_else(|| bad(line, reason(error)))
    };
    if text.trim_start().starts_with('[') {
        let mut parser = Deserializer::from_str(text);
        let result = parser.deserialize_seq(ArrayVisitor(&mut records)).and_then(|()| parser.end());
        result.map_err(|error| refused(&mut records, error.line(), &error))?;
    } else {
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let mut parser = Deserializer::from_str(line);
            let result = RecordSeed(&mut records).deserialize(&mut parser).and_then(|()| parser.end());
            result.map_err(|error| refused(&mut records, index + 1, &error))?;
        }
    }
    records.into_table()
}

/// Where the records of a file stand in its bytes, and whether they are those of an array.
pub(crate) struct Spans {
    pub(crate) is_array: bool,
    pub(crate) rows: Vec<Range<usize>>,
}

/// Tells the records of JSON apart. Lines have their ends, records of an array stand for themselves.
pub(crate) fn spans(file: &str, bytes: &Bytes) -> Result<Spans, TableError> {
    let text = utf8(file, bytes)?;
    let mark = bytes.len() - text.len();
    let in_bytes = |span: Range<usize>| mark + span.start..mark + span.end;
    let bad = |at: usize, reason: String| TableError::BadJson {
        file: file.into(),
        line: line_of(text.as_bytes(), at),
        reason,
    };
    let from = |at: usize| text.get(at..).unwrap_or_default();
    let next_value = |at: usize| {
        let mut values = Deserializer::from_str(from(at)).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => Ok(at..at + values.byte_offset()),
            Some(Err(error)) => Err(bad(at, reason(&error))),
            None => Err(bad(at, "the array is not closed".into())),
        }
    };
    let next_character = |at: usize| {
        let blanks = from(at).len() - from(at).trim_start().len();
        (at + blanks, text.as_bytes().get(at + blanks))
    };
    let mut rows = Vec::new();
    let (start, first) = next_character(0);
    if first == Some(&b'[') {
        let mut at = start + 1;
        while let (begin, Some(byte)) = next_character(at) {
            match byte {
                b']' => return Ok(Spans { is_array: true, rows }),
                b',' if !rows.is_empty() => at = next_character(begin + 1).0,
                _ => at = begin,
            }
            let span = next_value(at)?;
            at = span.end;
            rows.push(in_bytes(span));
        }
        return Err(bad(at, "the array is not closed".into()));
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            next_value(at)?;
            rows.push(in_bytes(at..at + line.len()));
        }
        at += line.len();
    }
    Ok(Spans { is_array: false, rows })
}

/// The message of the parser without its own line, which counts from the start of the record.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    match error.column() {
        0 => what.to_owned(),
        column => format!("{what} at column {column}"),
    }
}

/// One value of a record.
#[derive(Debug, Clone)]
enum Cell {
    Missing,
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Text(Box<str>),
}

impl Cell {
    /// A number too large for 64 bits with a sign becomes a float; what is nested stays JSON text.
    fn new(value: Value) -> Self {
        match value {
            Value::Null => Self::Missing,
            Value::Bool(value) => Self::Boolean(value),
            Value::String(text) => Self::Text(text.into()),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(value), _) => Self::Integer(value),
                (None, Some(value)) => Self::Float(value),
                (None, None) => Self::Missing,
            },
            nested => Self::Text(nested.to_string().into()),
        }
    }

    fn into_text(self) -> Option<Box<str>> {
        match self {
            Self::Missing => None,
            Self::Integer(value) => Some(value.to_string().into()),
            Self::Float(value) => Some(format!("{value:?}").into()),
            Self::Boolean(value) => Some(value.to_string().into()),
            Self::Text(text) => Some(text),
        }
    }
}

/// Columns in the order in which their keys first appear.
struct Records<'a> {
    file: &'a str,
    file_len: u64,
    index: HashMap<String, usize>,
    names: Vec<String>,
    /// Each column's values: fewer than there are rows where the last records had no such key.
    columns: Vec<Vec<Cell>>,
    n_rows: usize,
    refused: Option<TableError>,
}

impl<'a> Records<'a> {
    fn new(file: &'a str, file_len: usize) -> Self {
        Self {
            file,
            file_len: file_len as u64,
            index: HashMap::new(),
            names: Vec::new(),
            columns: Vec::new(),
            n_rows: 0,
            refused: None,
        }
    }

    /// Sets a value of the record being read; of a key that a record has twice, the last value counts.
    fn set(&mut self, key: String, value: Value) -> Result<(), TableError> {
        let column = if let Some(&column) = self.index.get(&key) {
            column
        } else {
            // Each record may bring a key that no other has; every row then gets a cell for it.
            self.check(self.columns.len() + 1, self.n_rows + 1)?;
            self.names.push(key.clone());
            self.columns.push(Vec::new());
            self.index.insert(key, self.columns.len() - 1);
            self.columns.len() - 1
        };
        if let Some(cells) = self.columns.get_mut(column) {
            // Pads where the key was absent, and cuts the value of a key that came before in this record.
            cells.resize(self.n_rows, Cell::Missing);
            cells.push(Cell::new(value));
        }
        Ok(())
    }

    fn end_record(&mut self) -> Result<(), TableError> {
        self.n_rows += 1;
        self.check(self.columns.len(), self.n_rows)
    }

    fn check(&self, n_columns: usize, n_rows: usize) -> Result<(), TableError> {
        let unpacked = (n_columns as u64).saturating_mul(n_rows as u64);
        let unpacked = unpacked.saturating_mul(size_of::<Cell>() as u64);
        check_expansion(self.file, "table cells", unpacked, self.file_len)
    }

    fn into_table(self) -> Result<Table, TableError> {
        let n_rows = self.n_rows;
        let columns = self.names.into_iter().zip(self.columns).map(|(name, mut cells)| {
            cells.resize(n_rows, Cell::Missing);
            Column::new(name, typed(cells))
        });
        Table::new(self.file, columns.collect(), n_rows)
    }
}

/// A column is of integers, floats, booleans or text if all its values are; mixed values become text.
fn typed(cells: Vec<Cell>) -> Values {
    let all = |fits: fn(&Cell) -> bool| cells.iter().all(|cell| matches!(cell, Cell::Missing) || fits(cell));
    if all(|_| false) {
        return Values::Float(Float64Array::new_null(cells.len()));
    }
    if all(|cell| matches!(cell, Cell::Integer(_))) {
        let value = |cell: &Cell| match cell {
            Cell::Integer(value) => Some(*value),
            _ => None,
        };
        return Values::Integer(cells.iter().map(value).collect::<Int64Array>());
    }
    if all(|cell| matches!(cell, Cell::Integer(_) | Cell::Float(_))) {
        let value = |cell: &Cell| match cell {
            Cell::Integer(value) => Some(*value as f64),
            Cell::Float(value) => Some(*value),
            _ => None,
        };
        return Values::Float(cells.iter().map(value).collect::<Float64Array>());
    }
    if all(|cell| matches!(cell, Cell::Boolean(_))) {
        let value = |cell: &Cell| match cell {
            Cell::Boolean(value) => Some(*value),
            _ => None,
        };
        return Values::Boolean(cells.iter().map(value).collect::<BooleanArray>());
    }
    let mut builder = LargeStringBuilder::new();
    for cell in cells {
        builder.append_option(cell.into_text());
    }
    Values::Text(builder.finish())
}

struct ArrayVisitor<'r, 'a>(&'r mut Records<'a>);

impl<'de> Visitor<'de> for ArrayVisitor<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of JSON objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<(), A::Error> {
        while records.next_element_seed(RecordSeed(self.0))?.is_some() {}
        Ok(())
    }
}

struct RecordSeed<'r, 'a>(&'r mut Records<'a>);

impl<'de> DeserializeSeed<'de> for RecordSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RecordSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let records = self.0;
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            if let Err(error) = records.set(key, value) {
                records.refused = Some(error);
                return Err(serde::de::Error::custom("too large"));
            }
        }
        if let Err(error) = records.end_record() {
            records.refused = Some(error);
            return Err(serde::de::Error::custom("too large"));
        }
        Ok(())
    }
}
