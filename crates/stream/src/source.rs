//! Where labels and probabilities come from.

use std::ops::Range;

use cleanlab_core::{ClassNames, Float, LabeledProbs};
pub use cleanlab_table::RowValues;

use crate::errors::StreamError;

/// Labels and predicted probabilities that can be read again and again, some rows at a time, by several threads.
///
/// [`FileSource`](crate::FileSource) reads files, [`MemorySource`] what is in memory. A source of one's own, such as a
/// database, needs four methods:
///
/// ```
/// use std::ops::Range;
/// use cleanlab_stream::{
///     ProbsReader, ProbsSource, RowBuffer, RowValues, StreamError, StreamOptions, get_confident_thresholds,
/// };
///
/// /// A thousand rows of two classes, each of which is right and 70 % sure.
/// struct Made;
///
/// impl ProbsSource for Made {
///     fn name(&self) -> &str {
///         "made up"
///     }
///     fn n_rows(&self) -> usize {
///         1000
///     }
///     fn n_classes(&self) -> usize {
///         2
///     }
///     fn reader(&self, rows: Range<usize>, batch_rows: usize) -> Result<Box<dyn ProbsReader + '_>, StreamError> {
///         Ok(Box::new(MadeRows { rows, batch_rows }))
///     }
/// }
///
/// struct MadeRows {
///     rows: Range<usize>,
///     batch_rows: usize,
/// }
///
/// impl ProbsReader for MadeRows {
///     fn read(&mut self, buffer: &mut RowBuffer) -> Result<(), StreamError> {
///         let rows: Vec<usize> = self.rows.by_ref().take(self.batch_rows).collect();
///         buffer.labels = rows.iter().map(|row| (row % 2) as u32).collect();
///         let probs = rows.iter().flat_map(|row| if row % 2 == 0 { [0.75, 0.25] } else { [0.25, 0.75] });
///         buffer.pred_probs = RowValues::F64(probs.collect());
///         Ok(())
///     }
/// }
///
/// let thresholds = get_confident_thresholds(&Made, &StreamOptions::default())?;
/// assert_eq!(thresholds.to_vec(), [0.75, 0.75]);
/// # Ok::<(), StreamError>(())
/// ```
pub trait ProbsSource: Sync {
    /// What it is called in messages.
    fn name(&self) -> &str;

    /// Where a row of probabilities stands, in messages: also the file and the row there, where there are several.
    fn file_of_row(&self, _row: usize) -> String {
        self.name().to_owned()
    }

    /// Where the label of a row stands, in messages.
    fn file_of_label(&self, row: usize) -> String {
        self.file_of_row(row)
    }

    /// Number of rows.
    fn n_rows(&self) -> usize;

    /// Number of classes K.
    fn n_classes(&self) -> usize;

    /// The names of the classes, where there are names.
    fn class_names(&self) -> Option<&ClassNames> {
        None
    }

    /// Runs of rows that are best read in one go, each by one thread: all rows, in order.
    fn spans(&self, batch_rows: usize) -> Vec<Range<usize>> {
        const BATCHES: usize = 8;
        even_spans(0..self.n_rows(), batch_rows.saturating_mul(BATCHES))
    }

    /// Bytes that a reader takes besides the batch that it fills.
    fn reader_memory(&self) -> usize {
        0
    }

    /// Reads some of the rows, one of the [spans](ProbsSource::spans), `batch_rows` at a time.
    ///
    /// # Errors
    ///
    /// Whatever keeps the rows from being read.
    fn reader(&self, rows: Range<usize>, batch_rows: usize)
    -> Result<Box<dyn ProbsReader + '_>, StreamError>;

    /// Asked after every pass: whether all of it was made over the same data.
    ///
    /// # Errors
    ///
    /// When the data have changed.
    fn check_unchanged(&self) -> Result<(), StreamError> {
        Ok(())
    }
}

/// Reads a run of rows, from the first to the last.
pub trait ProbsReader {
    /// Replaces what is in the buffer by the next rows: at least one, and at most as many as the reader was made for.
    ///
    /// # Errors
    ///
    /// Whatever keeps the rows from being read.
    fn read(&mut self, buffer: &mut RowBuffer) -> Result<(), StreamError>;
}

/// Labels and probabilities of some rows.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct RowBuffer {
    /// The given labels, as class indices.
    pub labels: Vec<u32>,
    /// The predicted probabilities, row-major: K for every label.
    pub pred_probs: RowValues,
}

/// Cuts rows into runs of at most so many.
pub(crate) fn even_spans(rows: Range<usize>, most: usize) -> Vec<Range<usize>> {
    let (end, most) = (rows.end, most.max(1));
    rows.step_by(most).map(|start| start..end.min(start.saturating_add(most))).collect()
}

/// Data in memory as a source, for tests and for who has written everything else for sources.
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::EstimationMethod;
/// use cleanlab_stream::{MemorySource, StreamOptions, num_label_issues};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// let options = StreamOptions::default();
/// assert_eq!(num_label_issues(&MemorySource(&data), &EstimationMethod::OffDiagonal, &options)?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_structs, reason = "a wrapper that callers put around their data")]
pub struct MemorySource<'a, F: Float>(pub &'a LabeledProbs<'a, F>);

impl<F: Float> ProbsSource for MemorySource<'_, F> {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn n_rows(&self) -> usize {
        self.0.len()
    }

    fn n_classes(&self) -> usize {
        self.0.n_classes()
    }

    fn reader(
        &self,
        rows: Range<usize>,
        batch_rows: usize,
    ) -> Result<Box<dyn ProbsReader + '_>, StreamError> {
        Ok(Box::new(MemoryReader { data: self.0, rows, batch_rows: batch_rows.max(1) }))
    }
}

struct MemoryReader<'a, F: Float> {
    data: &'a LabeledProbs<'a, F>,
    rows: Range<usize>,
    batch_rows: usize,
}

impl<F: Float> ProbsReader for MemoryReader<'_, F> {
    fn read(&mut self, buffer: &mut RowBuffer) -> Result<(), StreamError> {
        let rows = next_rows(&mut self.rows, self.batch_rows);
        buffer.labels.clear();
        buffer.labels.extend_from_slice(&self.data.labels().as_slice()[rows.clone()]);
        let mut scratch = Vec::new();
        let values = self.data.pred_probs().rows(rows, &mut scratch);
        // A source tells at run time what its floats are.
        buffer.pred_probs = if size_of::<F>() == size_of::<f32>() {
            RowValues::F32(values.iter().map(|p| p.to_f64() as f32).collect())
        } else {
            RowValues::F64(values.iter().map(|p| p.to_f64()).collect())
        };
        Ok(())
    }
}

/// Takes the next rows from the front.
pub(crate) fn next_rows(rows: &mut Range<usize>, most: usize) -> Range<usize> {
    let end = rows.end.min(rows.start.saturating_add(most));
    let next = rows.start..end;
    rows.start = end;
    next
}
