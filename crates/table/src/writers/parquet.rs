//! Parquet.

use std::io::Write;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use cleanlab_core::stopping::StopCheck;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::errors::TableError;
use crate::output::check;
use crate::result_table::ResultTable;

/// Rows that are converted at a time.
pub(crate) const BATCH_ROWS: usize = 64 * 1024;

pub(super) fn write(
    writer: &mut (impl Write + Send),
    name: &str,
    table: &ResultTable,
) -> Result<(), TableError> {
    let mut parquet = ParquetRowWriter::new(writer, name, table)?;
    parquet.write_rows(name, table)?;
    parquet.finish(name)?;
    Ok(())
}

/// Writes a table some rows at a time.
pub(crate) struct ParquetRowWriter<W: Write + Send> {
    schema: SchemaRef,
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetRowWriter<W> {
    /// For a table with these columns.
    pub(crate) fn new(writer: W, name: &str, table: &ResultTable) -> Result<Self, TableError> {
        let schema = table.arrow_schema();
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = ArrowWriter::try_new(writer, Arc::clone(&schema), Some(properties));
        Ok(Self { schema, writer: writer.map_err(failed(name))? })
    }

    pub(crate) fn write_rows(&mut self, name: &str, table: &ResultTable) -> Result<(), TableError> {
        // A million rows are encoded before the first byte of them is written.
        let stop = StopCheck::of_this_thread();
        for first in (0..table.n_rows()).step_by(BATCH_ROWS) {
            check(&stop).map_err(TableError::io(name, "write"))?;
            let rows = first..table.n_rows().min(first + BATCH_ROWS);
            let batch = table
                .rows_to_record_batch(&self.schema, rows)
                .map_err(|error| cannot_encode(name, &error))?;
            self.writer.write(&batch).map_err(failed(name))?;
        }
        Ok(())
    }

    /// Writes the end of the file.
    pub(crate) fn finish(self, name: &str) -> Result<W, TableError> {
        self.writer.into_inner().map_err(failed(name))
    }
}

fn failed(name: &str) -> impl Fn(ParquetError) -> TableError {
    move |error| match error {
        // What the operating system says comes wrapped.
        ParquetError::External(error) => match error.downcast::<std::io::Error>() {
            Ok(error) => TableError::io(name, "write")(*error),
            Err(error) => cannot_encode(name, &error),
        },
        error => cannot_encode(name, &error),
    }
}

fn cannot_encode(name: &str, reason: &dyn std::fmt::Display) -> TableError {
    TableError::CannotEncode { file: name.into(), format: "Parquet", reason: reason.to_string() }
}
