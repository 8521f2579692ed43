//! Some rows of a file, as they stand in it.

use std::io::Write;
use std::ops::Range;

use arrow_array::{RecordBatch, UInt64Array};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::errors::TableError;
use crate::format::{Format, detect};
use crate::panics;
use crate::read_options::ReadOptions;
use crate::readers;
use crate::source::Source;

/// Rows of a table in the format of the file that they came from.
///
/// # Example
///
/// ```
/// use cleanlab_table::{Format, ReadOptions, RowCopy, Source};
///
/// let csv = "weight;coat\n04.10;\"long\"\n30;short\n3.9; long\n";
/// let copy = RowCopy::of(Source::from_bytes(csv, "pets.csv"), &[0, 2], &ReadOptions::default())?;
/// assert_eq!(copy.format, Format::Csv);
/// assert_eq!(copy.bytes, b"weight;coat\n04.10;\"long\"\n3.9; long\n");
/// # Ok::<(), cleanlab_table::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowCopy {
    /// The format of the file.
    pub format: Format,
    /// The file with these rows alone.
    pub bytes: Vec<u8>,
}

impl RowCopy {
    /// Copies rows, in the order given, out of anything that [`Table::read`](crate::Table::read) reads.
    ///
    /// Of text (CSV, TSV, JSON) every kept line or record stays as it is to the byte, and so does the header; lines
    /// that are no rows are left out. Of Parquet and Arrow every column keeps its type, also columns that are not read
    /// as features; the file is written anew, Parquet with Snappy.
    ///
    /// # Errors
    ///
    /// [`TableError::NoSuchRow`]; what [`Table::read`](crate::Table::read) refuses.
    pub fn of(source: impl Into<Source>, rows: &[usize], options: &ReadOptions) -> Result<Self, TableError> {
        let source = source.into().open()?;
        let format = detect(&source.name, &source.prefix()?, options.format)?;
        let name = source.name.clone();
        let bytes = match format {
            Format::Csv | Format::Tsv => {
                let bytes = source.into_bytes()?;
                let spans = readers::csv::spans(&name, &bytes, format, options)?;
                lines(&bytes, spans.header, &selected(&spans.rows, rows)?)
            }
            Format::JsonLines | Format::Json => {
                let bytes = source.into_bytes()?;
                let spans = readers::json::spans(&name, &bytes)?;
                let picked = selected(&spans.rows, rows)?;
                if spans.is_array { array(&bytes, &picked) } else { lines(&bytes, 0..0, &picked) }
            }
            Format::Parquet => {
                let (schema, batches) = readers::parquet::batches(source)?;
                columnar(&name, format, &schema, &batches, rows)?
            }
            Format::ArrowFile | Format::ArrowStream => {
                let (schema, batches) = readers::arrow_ipc::batches(source, format)?;
                columnar(&name, format, &schema, &batches, rows)?
            }
            Format::Npy | Format::Npz => return Err(TableError::NotATable { file: name, format }),
        };
        Ok(Self { format, bytes })
    }
}

fn selected(spans: &[Range<usize>], rows: &[usize]) -> Result<Vec<Range<usize>>, TableError> {
    let span =
        |&row: &usize| spans.get(row).cloned().ok_or(TableError::NoSuchRow { row, n_rows: spans.len() });
    rows.iter().map(span).collect()
}

/// Spans one after the other, each on a line of its own.
fn lines(bytes: &[u8], header: Range<usize>, spans: &[Range<usize>]) -> Vec<u8> {
    let mut copy = Vec::with_capacity(header.len() + spans.iter().map(|span| span.len() + 1).sum::<usize>());
    for span in std::iter::once(&header).chain(spans) {
        // The last line of a file may lack its end.
        if !copy.is_empty() && !copy.ends_with(b"\n") && !copy.ends_with(b"\r") {
            copy.push(b'\n');
        }
        copy.extend_from_slice(bytes.get(span.clone()).unwrap_or_default());
    }
    copy
}

/// Spans as a JSON array, one on each line.
fn array(bytes: &[u8], spans: &[Range<usize>]) -> Vec<u8> {
    let mut copy = b"[".to_vec();
    for (index, span) in spans.iter().enumerate() {
        copy.extend_from_slice(if index == 0 { b"\n" } else { b",\n" });
        copy.extend_from_slice(bytes.get(span.clone()).unwrap_or_default());
    }
    copy.extend_from_slice(b"\n]\n");
    copy
}

fn columnar(
    name: &str,
    format: Format,
    schema: &SchemaRef,
    batches: &[RecordBatch],
    rows: &[usize],
) -> Result<Vec<u8>, TableError> {
    let n_rows = batches.iter().map(RecordBatch::num_rows).sum();
    if let Some(&row) = rows.iter().find(|&&row| row >= n_rows) {
        return Err(TableError::NoSuchRow { row, n_rows });
    }
    let damaged = |reason: String| TableError::Damaged { file: name.into(), format, reason };
    let written = panics::catch(|| write_rows(format, schema, batches, rows)).map_err(damaged)?;
    written.map_err(|error| damaged(error.to_string()))
}

fn write_rows(
    format: Format,
    schema: &SchemaRef,
    batches: &[RecordBatch],
    rows: &[usize],
) -> Result<Vec<u8>, ArrowError> {
    // In one batch, so that there is one dictionary per column, as the Arrow file format wants it.
    let whole = concat_batches(schema, batches)?;
    let picked =
        take_record_batch(&whole, &UInt64Array::from_iter_values(rows.iter().map(|&row| row as u64)))?;
    let mut bytes = Vec::new();
    match format {
        Format::Parquet => {
            let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
            let mut writer = ArrowWriter::try_new(&mut bytes, schema.clone(), Some(properties))?;
            writer.write(&picked)?;
            writer.close()?;
        }
        Format::ArrowStream => {
            let mut writer = StreamWriter::try_new(&mut bytes, schema)?;
            writer.write(&picked)?;
            writer.finish()?;
        }
        _ => {
            let mut writer = FileWriter::try_new(&mut bytes, schema)?;
            writer.write(&picked)?;
            writer.finish()?;
        }
    }
    bytes.flush()?;
    Ok(bytes)
}
