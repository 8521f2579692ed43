//! Passes over the rows of a data set that give the same bits on any number of threads.
//!
//! Rows are cut into chunks whose size depends on the shape of the data alone. A pass either writes one value per row
//! ([`fill_rows`]), where order cannot matter, or feeds an [`Accumulator`] ([`accumulate`]), whose merge is exact and
//! commutative, so that it does not matter which thread took which chunk either.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::accumulator::{Accumulator, AccumulatorError, Batch};
use crate::float::Float;
use crate::labeled_probs::LabeledProbs;

/// The most rows in one chunk; wide matrices have fewer rows per chunk.
pub const CHUNK_ROWS: usize = 8192;

/// Values in a chunk: half a megabyte of `f64`, which stays in a core's second-level cache.
const CHUNK_VALUES: usize = 1 << 16;

/// Below this many values a second thread costs more than it brings.
const PARALLEL_VALUES: usize = 1 << 16;

/// Cuts `n_rows` rows of `n_columns` values into consecutive chunks.
///
/// ```
/// let chunks = cleanlab_core::row_chunks(10_000, 2);
/// assert_eq!(chunks.first(), Some(&(0..8192)));
/// assert_eq!(chunks.last(), Some(&(8192..10_000)));
/// ```
#[must_use]
pub fn row_chunks(n_rows: usize, n_columns: usize) -> Vec<Range<usize>> {
    let chunk_rows = (CHUNK_VALUES / n_columns.max(1)).clamp(1, CHUNK_ROWS);
    (0..n_rows).step_by(chunk_rows).map(|start| start..(start + chunk_rows).min(n_rows)).collect()
}

/// Whether a matrix of this shape is worth more than one thread.
pub(crate) fn in_parallel(n_rows: usize, n_columns: usize) -> bool {
    n_rows.saturating_mul(n_columns) > PARALLEL_VALUES && rayon::current_num_threads() > 1
}

/// Feeds all rows of `data` to accumulators made by `make`, one for each thread of the current rayon pool, and merges
/// them.
///
/// # Errors
///
/// What the accumulator's `update` and `merge` give.
///
/// # Panics
///
/// Only if the accumulator panics.
pub fn accumulate<F: Float, A: Accumulator>(
    data: &LabeledProbs<'_, F>,
    make: impl Fn() -> A + Sync,
) -> Result<A, AccumulatorError> {
    let chunks = row_chunks(data.len(), data.n_classes());
    let next = AtomicUsize::new(0);
    let work = || -> Result<A, AccumulatorError> {
        let mut accumulator = make();
        let mut scratch = Vec::new();
        while let Some(range) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
            accumulator.update(&batch(data, range.clone(), &mut scratch))?;
        }
        Ok(accumulator)
    };
    if !in_parallel(data.len(), data.n_classes()) {
        return work();
    }
    let workers = rayon::current_num_threads().min(chunks.len());
    let merged: Mutex<Option<Result<A, AccumulatorError>>> = Mutex::new(None);
    rayon::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|_| {
                let mine = work();
                let mut merged = merged.lock().unwrap_or_else(PoisonError::into_inner);
                *merged = Some(match merged.take() {
                    None => mine,
                    Some(theirs) => theirs.and_then(|mut all| {
                        all.merge(mine?)?;
                        Ok(all)
                    }),
                });
            });
        }
    });
    merged.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(work)
}

/// Computes one value per row: `fill` gets a batch and the part of `output` that belongs to its rows.
///
/// # Panics
///
/// If `output` does not have one entry per row of `data`.
pub fn fill_rows<F: Float, T: Send>(
    data: &LabeledProbs<'_, F>,
    output: &mut [T],
    fill: impl Fn(&Batch<'_, F>, &mut [T]) + Sync,
) {
    assert_eq!(data.len(), output.len(), "one output per row");
    let chunks = row_chunks(data.len(), data.n_classes());
    let chunk_rows = chunks[0].len();
    let run = |scratch: &mut Vec<F>, (range, out): (&Range<usize>, &mut [T])| {
        fill(&batch(data, range.clone(), scratch), out);
    };
    if in_parallel(data.len(), data.n_classes()) {
        chunks.par_iter().zip(output.par_chunks_mut(chunk_rows)).for_each_init(Vec::new, run);
    } else {
        let mut scratch = Vec::new();
        chunks.iter().zip(output.chunks_mut(chunk_rows)).for_each(|work| run(&mut scratch, work));
    }
}

fn batch<'s, F: Float>(
    data: &'s LabeledProbs<'_, F>,
    range: Range<usize>,
    scratch: &'s mut Vec<F>,
) -> Batch<'s, F> {
    Batch::from_checked(
        &data.labels().as_slice()[range.clone()],
        data.pred_probs().rows(range.clone(), scratch),
        data.n_classes(),
        range.start as u64,
    )
}
