//! Writing results into a folder, whole or not at all.

use std::path::Path;

use anyhow::{Context, Result};
use cleanlab_table::{Content, OutputFile, ResultTable, write_all};

use crate::interrupt;

/// Writes files into a folder; on Ctrl-C none of them.
pub(crate) fn save(folder: &Path, files: &[OutputFile<'_>]) -> Result<()> {
    interrupt::write_whole(|| write_all(folder, files)).context("no result was written")?;
    Ok(())
}

/// A table as CSV, Parquet and JSON lines, under one name.
pub(crate) fn table_files<'a>(name: &str, table: &'a ResultTable) -> [OutputFile<'a>; 3] {
    [
        OutputFile::new(format!("{name}.csv"), Content::Csv(table)),
        OutputFile::new(format!("{name}.parquet"), Content::Parquet(table)),
        OutputFile::new(format!("{name}.json"), Content::Json(table)),
    ]
}

/// `summary.json`, from its text.
pub(crate) fn summary_file(text: &str) -> OutputFile<'_> {
    OutputFile::new("summary.json", Content::Bytes(text.as_bytes()))
}
