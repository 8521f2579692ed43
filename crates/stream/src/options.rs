//! How data are gone through.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

/// How data are gone through. No option changes an answer.
///
/// ```
/// use cleanlab_stream::StreamOptions;
/// let options = StreamOptions::default().with_batch_rows(10_000).with_memory(64 << 20);
/// assert_eq!(options.batch_rows, Some(10_000));
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct StreamOptions {
    /// Rows that a thread reads at a time. `None`: as many as fit a processor's cache.
    pub batch_rows: Option<usize>,
    /// Bytes that readers and batches may take; threads are left idle when their readers would take more. What the
    /// methods themselves keep is told in the crate's page. `None`: no bound.
    pub memory: Option<usize>,
    /// Whether probabilities outside [0, 1] are moved to the nearer bound, as
    /// [`PredProbs::clipped`](cleanlab_core::PredProbs::clipped) does, instead of being refused.
    pub range: ProbabilityRange,
    /// Told how far the work is; may stop it.
    pub progress: Option<ProgressCallback>,
}

/// What becomes of probabilities outside [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ProbabilityRange {
    /// They are refused, up to cleanlab's tolerance of 1e-6.
    #[default]
    Check,
    /// They are moved to the nearer bound, unless they are infinite.
    Clip,
}

/// How far the work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The pass over the data, from 1.
    pub pass: usize,
    /// Passes that will be made, as far as is known; rarely one more turns out to be needed.
    pub n_passes: usize,
    /// Rows gone through in this pass.
    pub rows: usize,
    /// Number of rows of the data.
    pub n_rows: usize,
}

/// Called after every batch, on whichever thread read it; [`ControlFlow::Break`] stops the work with
/// [`StreamError::Cancelled`](crate::StreamError::Cancelled).
pub type ProgressCallback = Arc<dyn Fn(Progress) -> ControlFlow<()> + Send + Sync>;

impl fmt::Debug for StreamOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamOptions")
            .field("batch_rows", &self.batch_rows)
            .field("memory", &self.memory)
            .field("range", &self.range)
            .field("progress", &self.progress.is_some())
            .finish()
    }
}

impl StreamOptions {
    /// Sets the rows that a thread reads at a time.
    #[must_use]
    pub fn with_batch_rows(mut self, batch_rows: usize) -> Self {
        self.batch_rows = Some(batch_rows);
        self
    }

    /// Sets the bytes that readers and batches may take.
    #[must_use]
    pub fn with_memory(mut self, memory: usize) -> Self {
        self.memory = Some(memory);
        self
    }

    /// Chooses what becomes of probabilities outside [0, 1].
    #[must_use]
    pub fn with_range(mut self, range: ProbabilityRange) -> Self {
        self.range = range;
        self
    }

    /// Sets what is told how far the work is.
    #[must_use]
    pub fn with_progress(
        mut self,
        progress: impl Fn(Progress) -> ControlFlow<()> + Send + Sync + 'static,
    ) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }
}
