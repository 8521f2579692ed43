//! Parquet.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::errors::TableError;
use crate::result_table::{ResultColumn, ResultTable};

/// Rows that are converted at a time.
const BATCH_ROWS: usize = 64 * 1024;

pub(super) fn write(
    writer: &mut (impl Write + Send),
    name: &str,
    table: &ResultTable,
) -> Result<(), TableError> {
    let failed = |error: ParquetError| match error {
        // What the operating system says comes wrapped.
        ParquetError::External(error) => match error.downcast::<std::io::Error>() {
            Ok(error) => TableError::io(name, "write")(*error),
            Err(error) => cannot_encode(name, &error),
        },
        error => cannot_encode(name, &error),
    };
    let fields = table.columns().iter().map(|(name, column)| Field::new(name, data_type(column), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut parquet = ArrowWriter::try_new(writer, Arc::clone(&schema), Some(properties)).map_err(failed)?;
    for first in (0..table.n_rows()).step_by(BATCH_ROWS) {
        let rows = first..table.n_rows().min(first + BATCH_ROWS);
        let arrays = table.columns().iter().map(|(_, column)| array(column, rows.clone()));
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays.collect());
        let batch = batch.map_err(|error| cannot_encode(name, &error))?;
        parquet.write(&batch).map_err(failed)?;
    }
    parquet.close().map_err(failed)?;
    Ok(())
}

fn cannot_encode(name: &str, reason: &dyn std::fmt::Display) -> TableError {
    TableError::CannotEncode { file: name.into(), format: "Parquet", reason: reason.to_string() }
}

fn data_type(column: &ResultColumn) -> DataType {
    match column {
        ResultColumn::Integer(_) => DataType::Int64,
        ResultColumn::Float(_) => DataType::Float64,
        ResultColumn::Boolean(_) => DataType::Boolean,
        ResultColumn::Text(_) => DataType::Utf8,
    }
}

fn array(column: &ResultColumn, rows: std::ops::Range<usize>) -> ArrayRef {
    match column {
        ResultColumn::Integer(values) => Arc::new(values[rows].iter().copied().collect::<Int64Array>()),
        ResultColumn::Float(values) => Arc::new(values[rows].iter().copied().collect::<Float64Array>()),
        ResultColumn::Boolean(values) => Arc::new(values[rows].iter().copied().collect::<BooleanArray>()),
        ResultColumn::Text(values) => {
            Arc::new(values[rows].iter().map(Option::as_deref).collect::<StringArray>())
        }
    }
}
