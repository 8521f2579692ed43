//! Labels and probabilities of files, read side by side.

#![deny(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "whatever is in a file, a reader gives a value or an error"
)]

use std::collections::HashMap;
use std::ops::Range;

use cleanlab_table::{ArrayReader, ParquetReader, RowValues, TableError};

use crate::errors::StreamError;
use crate::file_source::{FileSource, ProbsPart};
use crate::source::{ProbsReader, ProbsSource, RowBuffer, next_rows};

/// Reads a run of rows of a [`FileSource`].
pub(crate) struct FileReader<'a> {
    pub(crate) source: &'a FileSource,
    pub(crate) values: ValuesReader<'a>,
    pub(crate) labels: LabelsReader<'a>,
    pub(crate) next_row: usize,
}

pub(crate) enum ValuesReader<'a> {
    Array { reader: ArrayReader<'a>, rows: Range<usize>, batch_rows: usize },
    Parquet { reader: ParquetReader<'a> },
}

pub(crate) enum LabelsReader<'a> {
    Array(ArrayReader<'a>),
    Held(&'a [u32]),
    Beside(usize, &'a HashMap<String, u32>),
    Column {
        reader: Box<ParquetReader<'a>>,
        column: usize,
        codes: &'a HashMap<String, u32>,
        /// The labels of a batch, as it was read.
        read: Vec<u32>,
        /// Labels that no row has asked for yet, the last one first.
        waiting: Vec<u32>,
    },
}

impl ValuesReader<'_> {
    /// Reads the next rows; gives their number, 0 after the last.
    pub(crate) fn next(&mut self, source: &FileSource, out: &mut RowValues) -> Result<usize, TableError> {
        match self {
            Self::Array { reader, rows, batch_rows } => {
                let rows = next_rows(rows, *batch_rows);
                let n_rows = rows.len();
                reader.read_values(rows, out)?;
                Ok(n_rows)
            }
            Self::Parquet { reader } => {
                let n_rows = reader.next_batch()?;
                if n_rows > 0 {
                    match &source.probs {
                        ProbsPart::Columns(_, columns) => reader.values(columns, out)?,
                        ProbsPart::List(_, column) => reader.list_values(*column, source.n_classes(), out)?,
                        ProbsPart::Array(_) => {}
                    }
                }
                Ok(n_rows)
            }
        }
    }
}

impl ProbsReader for FileReader<'_> {
    fn read(&mut self, buffer: &mut RowBuffer) -> Result<(), StreamError> {
        let n_rows = self.values.next(self.source, &mut buffer.pred_probs)?;
        let rows = self.next_row..self.next_row + n_rows;
        self.next_row = rows.end;
        let labels = &mut buffer.labels;
        match &mut self.labels {
            LabelsReader::Array(reader) => reader.read_labels(rows, labels)?,
            LabelsReader::Held(held) => {
                labels.clear();
                labels.extend_from_slice(held.get(rows).unwrap_or_default());
            }
            LabelsReader::Beside(column, codes) => match &self.values {
                ValuesReader::Parquet { reader } if n_rows > 0 => reader.labels(*column, codes, labels)?,
                _ => labels.clear(),
            },
            LabelsReader::Column { reader, column, codes, read, waiting } => {
                labels.clear();
                while labels.len() < n_rows {
                    if waiting.is_empty() {
                        if reader.next_batch()? == 0 {
                            break;
                        }
                        reader.labels(*column, codes, read)?;
                        waiting.extend(read.iter().rev());
                    }
                    let taken = waiting.len().min(n_rows - labels.len());
                    labels.extend(waiting.drain(waiting.len() - taken..).rev());
                }
            }
        }
        if let Some(classes) = &self.source.class_of_code {
            for label in labels {
                // A label beyond the names is refused where labels are held against the classes.
                *label = classes.get(*label as usize).copied().unwrap_or(u32::MAX - 1);
            }
        }
        Ok(())
    }
}
