//! Results of every row as files, written as they are made and never half there.

use std::fmt;
use std::path::{Path, PathBuf};

use cleanlab_core::ClassNames;
use cleanlab_table::{
    ArrayWriter, NpyValue, ResultColumn, ResultTable, RowFormat, RowWriter, TableError, WrittenFile,
    publish_all,
};

use crate::errors::StreamError;
use crate::label_audit::LabelRow;
use crate::row_sink::RowSink;

/// A vector of results as an NPY file: `bool`, `u32`, `i64` or `f64`. The file appears with [`NpySink::publish`].
///
/// # Example
///
/// See the [crate's page](crate).
#[derive(Debug)]
pub struct NpySink<T>(ArrayWriter<T>);

impl<T: NpyValue> NpySink<T> {
    /// Begins a file with a value for each of `n_rows` rows.
    ///
    /// # Errors
    ///
    /// [`StreamError::Table`] when it cannot be written.
    pub fn create(path: impl AsRef<Path>, n_rows: usize) -> Result<Self, StreamError> {
        Ok(Self(ArrayWriter::create(path, n_rows)?))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    ///
    /// [`StreamError::Table`] when it cannot be written, or when rows are lacking.
    pub fn publish(self) -> Result<PathBuf, StreamError> {
        Ok(self.0.finish()?.publish()?)
    }
}

impl<T: NpyValue> RowSink<T> for NpySink<T> {
    fn write(&mut self, _: usize, values: &[T]) -> Result<(), StreamError> {
        Ok(self.0.write(values)?)
    }
}

/// Results as tables: one or several files of CSV, JSON, JSON lines or Parquet at once. The files appear with
/// [`TableSink::publish`].
///
/// ```
/// use cleanlab_stream::{RowSink, TableSink};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("scores.csv");
/// let mut sink = TableSink::scores([&path])?;
/// sink.write(0, &[0.5, 0.25])?;
/// sink.publish()?;
/// assert_eq!(std::fs::read_to_string(path)?, "row,label_quality\n0,0.5\n1,0.25\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TableSink<T> {
    writers: Vec<RowWriter>,
    to_table: ToTable<T>,
    /// Rows that are not written yet, so that parts have the same size whatever the batches.
    waiting: Vec<T>,
    n_written: usize,
}

/// Makes a table of some rows, the first of which is given by number.
type ToTable<T> = Box<dyn Fn(usize, &[T]) -> Result<ResultTable, TableError> + Send>;

impl<T> fmt::Debug for TableSink<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableSink").field("writers", &self.writers).finish_non_exhaustive()
    }
}

impl TableSink<bool> {
    /// Flags, in the columns `row` and `is_label_issue`. The ending of a name tells the format.
    ///
    /// # Errors
    ///
    /// [`StreamError::Table`] when a file cannot be written, [`StreamError::Columns`] for an unknown ending.
    pub fn flags<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, StreamError> {
        Self::create(paths, |first_row, flags| {
            let mut table = numbered(first_row, flags.len())?;
            table.push("is_label_issue", ResultColumn::booleans(flags.iter().copied()))?;
            Ok(table)
        })
    }
}

impl TableSink<f64> {
    /// Scores, in the columns `row` and `label_quality`. The ending of a name tells the format.
    ///
    /// # Errors
    ///
    /// As [`TableSink::flags`].
    pub fn scores<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, StreamError> {
        Self::create(paths, |first_row, scores| {
            let mut table = numbered(first_row, scores.len())?;
            table.push("label_quality", ResultColumn::floats(scores.iter().copied()))?;
            Ok(table)
        })
    }
}

impl TableSink<LabelRow> {
    /// What [`audit_labels`](crate::audit_labels) tells, in the columns `row`, `is_label_issue`, `label_quality`,
    /// `given_label` and `predicted_label`. The ending of a name tells the format.
    ///
    /// # Errors
    ///
    /// As [`TableSink::flags`].
    pub fn labels<P: AsRef<Path>>(
        paths: impl IntoIterator<Item = P>,
        class_names: ClassNames,
    ) -> Result<Self, StreamError> {
        let name = move |class: u32| {
            class_names.get(class as usize).map_or_else(|| class.to_string(), str::to_owned)
        };
        Self::create(paths, move |first_row, rows| {
            let mut table = numbered(first_row, rows.len())?;
            table
                .push("is_label_issue", ResultColumn::booleans(rows.iter().map(|row| row.is_label_issue)))?;
            table.push("label_quality", ResultColumn::floats(rows.iter().map(|row| row.label_quality)))?;
            table.push("given_label", ResultColumn::texts(rows.iter().map(|row| name(row.given_label))))?;
            table.push(
                "predicted_label",
                ResultColumn::texts(rows.iter().map(|row| name(row.predicted_label))),
            )?;
            Ok(table)
        })
    }
}

fn numbered(first_row: usize, n_rows: usize) -> Result<ResultTable, TableError> {
    let mut table = ResultTable::default();
    table.push("row", ResultColumn::integers((first_row..first_row + n_rows).map(|row| row as i64)))?;
    Ok(table)
}

impl<T: Clone + Send> TableSink<T> {
    /// Tables that are made by a function of one's own from some rows, the first of which is given by number.
    ///
    /// # Errors
    ///
    /// As [`TableSink::flags`].
    pub fn create<P: AsRef<Path>>(
        paths: impl IntoIterator<Item = P>,
        to_table: impl Fn(usize, &[T]) -> Result<ResultTable, TableError> + Send + 'static,
    ) -> Result<Self, StreamError> {
        let writer = |path: P| {
            let path = path.as_ref();
            let file = path.display().to_string();
            let format = RowFormat::of_ending(&file).ok_or_else(|| StreamError::Columns {
                file,
                reason: "results are written as .csv, .json, .jsonl or .parquet; give another ending".into(),
            })?;
            Ok(RowWriter::create(path, format)?)
        };
        let writers = paths.into_iter().map(writer).collect::<Result<_, StreamError>>()?;
        Ok(Self { writers, to_table: Box::new(to_table), waiting: Vec::new(), n_written: 0 })
    }

    fn write_part(&mut self, values: &[T]) -> Result<(), StreamError> {
        let table = (self.to_table)(self.n_written, values)?;
        self.n_written += values.len();
        match self.writers.as_mut_slice() {
            [only] => only.write(&table)?,
            // Not on the rayon pool, whose threads may wait for this one.
            many if rayon::current_num_threads() > 1 => std::thread::scope(|scope| {
                let write = |writer: &mut RowWriter| writer.write(&table);
                let handles: Vec<_> =
                    many.iter_mut().map(|writer| scope.spawn(move || write(writer))).collect();
                handles.into_iter().try_for_each(|handle| {
                    handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
            })?,
            many => many.iter_mut().try_for_each(|writer| writer.write(&table))?,
        }
        Ok(())
    }

    /// Writes what is left, and makes sure that everything is on disk.
    ///
    /// # Errors
    ///
    /// [`StreamError::Table`] when a file cannot be written.
    pub fn finish(mut self) -> Result<Vec<WrittenFile>, StreamError> {
        let rest = std::mem::take(&mut self.waiting);
        if !rest.is_empty() {
            self.write_part(&rest)?;
        }
        Ok(self.writers.into_iter().map(RowWriter::finish).collect::<Result<_, _>>()?)
    }

    /// Puts the files in their places.
    ///
    /// # Errors
    ///
    /// As [`TableSink::finish`].
    pub fn publish(self) -> Result<Vec<PathBuf>, StreamError> {
        Ok(publish_all(self.finish()?)?)
    }
}

impl<T: Clone + Send> RowSink<T> for TableSink<T> {
    fn write(&mut self, _: usize, mut values: &[T]) -> Result<(), StreamError> {
        while self.waiting.len() + values.len() >= RowWriter::PART_ROWS {
            let (now, later) = values.split_at(RowWriter::PART_ROWS - self.waiting.len());
            self.waiting.extend_from_slice(now);
            let mut part = std::mem::take(&mut self.waiting);
            self.write_part(&part)?;
            part.clear();
            self.waiting = part;
            values = later;
        }
        self.waiting.extend_from_slice(values);
        Ok(())
    }
}
