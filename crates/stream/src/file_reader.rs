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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::parquet_columns::ParquetOptions;
    use crate::small_files::{integers, lists, narrow, npy, npy_of_probs, texts, write_groups};

    const CLASSES: [u32; 7] = [1, 0, 0, 1, 1, 1, 0];
    const FIRST: [f32; 7] = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 1.0];

    /// All labels and the probabilities of the first class, read so many rows at a time, and the rows of each time.
    fn read(source: &FileSource, batch_rows: usize) -> (Vec<u32>, Vec<f32>, Vec<usize>) {
        let (mut labels, mut first, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for span in source.spans(batch_rows) {
            let mut reader = source.reader(span.clone(), batch_rows).unwrap();
            let (mut buffer, mut left) = (RowBuffer::default(), span.len());
            while left > 0 {
                reader.read(&mut buffer).unwrap();
                assert!(!buffer.labels.is_empty() && buffer.labels.len() <= batch_rows.min(left));
                left -= buffer.labels.len();
                times.push(buffer.labels.len());
                labels.extend(&buffer.labels);
                let of_rows: Vec<f32> = match &buffer.pred_probs {
                    RowValues::F32(values) => values.chunks(2).map(|row| row[0]).collect(),
                    RowValues::F64(values) => values.chunks(2).map(|row| row[0] as f32).collect(),
                    _ => panic!("no floats"),
                };
                assert_eq!(of_rows.len(), buffer.labels.len());
                first.extend(of_rows);
            }
            // After the last row there are no more.
            reader.read(&mut buffer).unwrap();
            assert!(buffer.labels.is_empty());
        }
        (labels, first, times)
    }

    /// Seven rows in groups of three, once with columns and once with lists.
    fn write_probs(folder: &Path) {
        let label = || ("label", integers(CLASSES.map(i64::from)));
        let second = FIRST.map(|p| 1.0 - p);
        write_groups(
            &folder.join("columns.parquet"),
            [label(), ("a", narrow(FIRST)), ("b", narrow(second))],
            3,
        );
        let rows = FIRST.map(|p| [f64::from(p), f64::from(1.0 - p)]);
        write_groups(&folder.join("lists.parquet"), [label(), ("p", lists(rows))], 3);
    }

    #[test]
    fn labels_beside_probabilities_come_with_their_rows() {
        let folder = tempfile::tempdir().unwrap();
        write_probs(folder.path());
        for name in ["columns.parquet", "lists.parquet"] {
            let source = FileSource::parquet(folder.path().join(name), &ParquetOptions::default()).unwrap();
            let expected = (CLASSES.to_vec(), FIRST.to_vec());
            for (batch_rows, sizes) in
                [(1, vec![1; 7]), (2, vec![2, 1, 2, 1, 1]), (3, vec![3, 3, 1]), (9, vec![3, 3, 1])]
            {
                let (labels, first, times) = read(&source, batch_rows);
                assert_eq!((labels, first), expected, "{name}, {batch_rows}");
                assert_eq!(times, sizes, "{name}, {batch_rows}");
            }
        }
    }

    #[test]
    fn labels_in_a_file_of_their_own_come_with_the_same_rows() {
        let folder = tempfile::tempdir().unwrap();
        write_probs(folder.path());
        let probs = folder.path().join("columns.parquet");
        let options = ParquetOptions::default().with_pred_probs(["a", "b"]);
        // Cut into other groups than the probabilities.
        let column = folder.path().join("y.parquet");
        write_groups(&column, [("y", integers(CLASSES.map(i64::from)))], 2);
        let list = folder.path().join("y.csv");
        std::fs::write(&list, format!("y\n{}\n", CLASSES.map(|label| label.to_string()).join("\n"))).unwrap();
        let array = CLASSES.map(|label| i64::from(label).to_le_bytes()).concat();
        let array = npy(folder.path(), "y.npy", "<i8", "7,", &array);
        for labels in [column, list, array] {
            let options = if labels.extension().is_some_and(|extension| extension == "parquet") {
                options.clone().with_label("y")
            } else {
                options.clone()
            };
            let source = FileSource::files(&probs, &labels, &options).unwrap();
            for batch_rows in [1, 2, 3, 9] {
                let (labels_read, first, _) = read(&source, batch_rows);
                assert_eq!(
                    (&labels_read[..], &first[..]),
                    (&CLASSES[..], &FIRST[..]),
                    "{}",
                    labels.display()
                );
            }
        }
    }

    #[test]
    fn array_of_probabilities_is_read_a_batch_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let probs = npy_of_probs(folder.path());
        let labels = folder.path().join("y.parquet");
        write_groups(&labels, [("label", texts(["dog", "cat", "dog", "cat"]))], 3);
        let source = FileSource::files(&probs, &labels, &ParquetOptions::default()).unwrap();
        let (labels, first, times) = read(&source, 3);
        assert_eq!((labels, first), (vec![1, 0, 1, 0], vec![0.75, 0.5, 0.25, 1.0]));
        assert_eq!(times, [3, 1]);
    }
}
