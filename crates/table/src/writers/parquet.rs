//! Parquet.

use std::io::Write;
use std::sync::Arc;

use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::errors::TableError;
use crate::result_table::ResultTable;

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
    let schema = table.arrow_schema();
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut parquet = ArrowWriter::try_new(writer, Arc::clone(&schema), Some(properties)).map_err(failed)?;
    for first in (0..table.n_rows()).step_by(BATCH_ROWS) {
        let rows = first..table.n_rows().min(first + BATCH_ROWS);
        let batch = table.rows_to_record_batch(&schema, rows).map_err(|error| cannot_encode(name, &error))?;
        parquet.write(&batch).map_err(failed)?;
    }
    parquet.close().map_err(failed)?;
    Ok(())
}

fn cannot_encode(name: &str, reason: &dyn std::fmt::Display) -> TableError {
    TableError::CannotEncode { file: name.into(), format: "Parquet", reason: reason.to_string() }
}
