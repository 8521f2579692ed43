//! Parquet.
//!
//! The parquet crate trusts what a file says of itself: a few changed bytes make it panic or ask for gigabytes. So the
//! sizes that a file declares are held against the file before anything is decoded, and a panic becomes an error.

use std::fs::File;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::SchemaRef;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::ChunkReader;

use crate::column::is_supported;
use crate::errors::TableError;
use crate::format::Format;
use crate::limits::check_expansion;
use crate::panics;
use crate::readers::parquet_footer::check_footer;
use crate::readers::parquet_pages::check_pages;
use crate::readers::parquet_texts::TextBounds;
use crate::source::{Content, OpenSource};
use crate::table::{Gathered, Table, check_names};

/// Large enough to decode well, small enough that a batch of long texts stays small.
const BATCH_ROWS: usize = 16 * 1024;

/// Reads all columns of flat types; lists, structures and bytes are not even decoded.
pub(crate) fn read(source: OpenSource) -> Result<Table, TableError> {
    let name = source.name;
    match source.content {
        Content::File(file, len) => caught::<File, _>(&name, file, len, decode),
        Content::Bytes(bytes) => {
            let len = bytes.len() as u64;
            caught::<Bytes, _>(&name, bytes, len, decode)
        }
    }
}

/// Reads all columns as they are.
pub(crate) fn batches(source: OpenSource) -> Result<(SchemaRef, Vec<RecordBatch>), TableError> {
    let name = source.name.clone();
    let bytes = source.into_bytes()?;
    let len = bytes.len() as u64;
    caught(&name, bytes, len, |name, reader, len| {
        let opened = Opened::new(name, reader, len, Wanted::Everything)?;
        let schema = opened.metadata.schema().clone();
        let mut batches = Vec::new();
        opened.each_batch(name, len, |batch| {
            batches.push(batch);
            Ok(())
        })?;
        Ok((schema, batches))
    })
}

fn caught<R: ChunkReader + 'static, T>(
    name: &str,
    reader: R,
    len: u64,
    decode: impl FnOnce(&str, R, u64) -> Result<T, TableError>,
) -> Result<T, TableError> {
    check_footer(name, &reader, len)?;
    panics::catch(|| decode(name, reader, len)).unwrap_or_else(|reason| Err(damaged(name, &reason)))
}

pub(super) fn damaged(name: &str, reason: &dyn std::fmt::Display) -> TableError {
    TableError::Damaged { file: name.into(), format: Format::Parquet, reason: reason.to_string() }
}

/// Which columns are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Those of flat types, as plain as can be.
    Flat,
    Everything,
}

/// A file whose declared sizes have been checked.
struct Opened<R> {
    metadata: ArrowReaderMetadata,
    reader: R,
    mask: ProjectionMask,
    /// The columns of flat types.
    flat: Vec<usize>,
    n_rows: usize,
    batch_rows: usize,
}

impl<R: ChunkReader + 'static> Opened<R> {
    fn new(name: &str, reader: R, len: u64, wanted: Wanted) -> Result<Self, TableError> {
        // The Arrow schema that writers add only asks for dictionaries and views again, which features do not need.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(wanted == Wanted::Flat);
        let metadata = ArrowReaderMetadata::load(&reader, options).map_err(|error| damaged(name, &error))?;
        let fields = metadata.schema().fields();
        check_names(name, fields.iter().map(|field| field.name().as_str()))?;
        let flat = fields.iter().enumerate().filter(|(_, field)| is_supported(field.data_type()));
        let flat: Vec<usize> = flat.map(|(index, _)| index).collect();
        let mask = match wanted {
            Wanted::Flat => ProjectionMask::roots(metadata.parquet_schema(), flat.iter().copied()),
            Wanted::Everything => ProjectionMask::all(),
        };
        let n_rows = check_sizes(name, metadata.metadata(), &mask, len)?;
        let (reader, texts) = check_chunks(name, reader, metadata.metadata(), &mask, len)?;
        let batch_rows = texts.batch_rows(BATCH_ROWS);
        Ok(Self { metadata, reader, mask, flat, n_rows, batch_rows })
    }

    fn each_batch(
        self,
        name: &str,
        len: u64,
        mut take: impl FnMut(RecordBatch) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(self.reader, self.metadata)
            .with_projection(self.mask)
            .with_batch_size(self.batch_rows)
            .build()
            .map_err(|error| damaged(name, &error))?;
        let (mut memory, mut found) = (0, 0);
        for batch in batches {
            let batch = batch.map_err(|error| damaged(name, &error))?;
            memory += bytes_of(&batch);
            check_expansion(name, "values", memory, len)?;
            found += batch.num_rows();
            take(batch)?;
        }
        if found != self.n_rows {
            let declared = self.n_rows;
            return Err(damaged(name, &format!("it declares {declared} rows but holds {found}")));
        }
        Ok(())
    }
}

fn decode<R: ChunkReader + 'static>(name: &str, reader: R, len: u64) -> Result<Table, TableError> {
    let opened = Opened::new(name, reader, len, Wanted::Flat)?;
    let mut gathered = Gathered::new(opened.metadata.schema().fields(), &opened.flat);
    if opened.flat.is_empty() {
        gathered.add_rows(opened.n_rows);
    } else {
        opened.each_batch(name, len, |batch| gathered.push(&batch).map_err(|error| damaged(name, &error)))?;
    }
    gathered.finish(name, Format::Parquet)
}

/// Looks at what the pages declare before any is decoded.
fn check_chunks<R: ChunkReader + 'static>(
    name: &str,
    reader: R,
    metadata: &ParquetMetaData,
    mask: &ProjectionMask,
    len: u64,
) -> Result<(R, TextBounds), TableError> {
    let reader = Arc::new(reader);
    let mut texts = TextBounds::default();
    for group in metadata.row_groups() {
        let mut unpacked = 0;
        for (leaf, column) in group.columns().iter().enumerate() {
            if !mask.leaf_included(leaf) {
                continue;
            }
            let pages = check_pages(name, reader.as_ref(), column, len)?;
            unpacked += pages.unpacked;
            texts.look_at(name, &reader, column, &pages, len)?;
        }
        check_expansion(name, "pages", unpacked, len)?;
    }
    let reader = Arc::into_inner(reader).ok_or_else(|| damaged(name, &"it is still being read"))?;
    Ok((reader, texts))
}

fn bytes_of(batch: &RecordBatch) -> u64 {
    let columns = batch.columns().iter();
    columns.map(|column| column.get_array_memory_size() as u64).sum()
}

/// Holds what the metadata declares against the size of the file; gives the number of rows.
pub(super) fn check_sizes(
    name: &str,
    metadata: &ParquetMetaData,
    mask: &ProjectionMask,
    len: u64,
) -> Result<usize, TableError> {
    let negative = || damaged(name, &"its metadata has a negative size");
    let (mut n_rows, mut values) = (0_u64, 0_u64);
    for group in metadata.row_groups() {
        n_rows = n_rows.saturating_add(u64::try_from(group.num_rows()).map_err(|_| negative())?);
        values = values.saturating_add(check_group(name, group, mask, len)?);
    }
    check_expansion(name, "values", values, len)?;
    let declared = metadata.file_metadata().num_rows();
    if u64::try_from(declared) != Ok(n_rows) {
        return Err(damaged(name, &format!("it declares {declared} rows, but its row groups have {n_rows}")));
    }
    let n_columns = metadata.file_metadata().schema_descr().num_columns() as u64;
    let unpacked = n_rows.saturating_mul(n_columns.max(1)).saturating_mul(8);
    check_expansion(name, "table cells", unpacked, len)?;
    usize::try_from(n_rows).map_err(|_| negative())
}

/// Gives the number of bytes that the values of fixed length take.
fn check_group(
    name: &str,
    group: &RowGroupMetaData,
    mask: &ProjectionMask,
    len: u64,
) -> Result<u64, TableError> {
    let mut bytes = 0_u64;
    for (leaf, column) in group.columns().iter().enumerate() {
        if !mask.leaf_included(leaf) {
            continue;
        }
        // In lists a row may have any number of values.
        let is_repeated = column.column_descr().max_rep_level() > 0;
        if !is_repeated && column.num_values() != group.num_rows() {
            let (values, rows) = (column.num_values(), group.num_rows());
            return Err(damaged(
                name,
                &format!("a column declares {values} values in a row group of {rows} rows"),
            ));
        }
        // A number, an offset or the bytes of a type of fixed length, for which the parquet crate makes room at once.
        let value_bytes = u64::try_from(column.column_descr().type_length()).unwrap_or_default().max(8);
        let n_values = u64::try_from(column.num_values()).unwrap_or(u64::MAX);
        bytes = bytes.saturating_add(n_values.saturating_mul(value_bytes));
        let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
        let end = start.checked_add(column.compressed_size());
        let fits = start >= 0 && column.compressed_size() >= 0 && end.is_some_and(|end| end as u64 <= len);
        if !fits {
            return Err(TableError::TooLarge {
                file: name.into(),
                declared: format!("a column of {} bytes at byte {start}", column.compressed_size()),
                bound: format!("the file has {len} bytes"),
            });
        }
    }
    Ok(bytes)
}
