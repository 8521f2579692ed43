//! Passes over the rows of a data set that give the same bits on any number of threads.
//!
//! Rows are cut into chunks whose size depends on the shape of the data alone. A pass either writes one value per row
//! ([`fill_rows`]), where order cannot matter, or feeds an [`Accumulator`] ([`accumulate`]), whose merge is exact and
//! commutative, so that it does not matter which thread took which chunk either. Both can be told to stop between two
//! chunks; see [`stopping`](crate::stopping).

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::accumulator::{Accumulator, AccumulatorError, Batch};
use crate::float::Float;
use crate::labeled_probs::LabeledProbs;
use crate::stopping::StopCheck;

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
    let chunk_rows = chunk_rows(n_columns);
    (0..n_rows).step_by(chunk_rows).map(|start| start..(start + chunk_rows).min(n_rows)).collect()
}

pub(crate) fn chunk_rows(n_columns: usize) -> usize {
    (CHUNK_VALUES / n_columns.max(1)).clamp(1, CHUNK_ROWS)
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
    let merge = |all: &mut Result<A, AccumulatorError>, theirs: Result<A, AccumulatorError>| {
        let merged = all.as_mut().map_err(|error| error.clone()).and_then(|all| all.merge(theirs?));
        if let Err(error) = merged {
            *all = Err(error);
        }
    };
    let update = |state: &mut Result<A, AccumulatorError>, batch: &Batch<'_, F>| {
        let updated = state.as_mut().map_or(Ok(()), |state| state.update(batch));
        if let Err(error) = updated {
            *state = Err(error);
        }
    };
    fold_batches(data, || Ok(make()), update, merge)
}

/// Feeds all rows of `data`, in batches, to states made by `make`, one for each thread of the current rayon pool, and
/// merges them. What a merge makes must not depend on the order.
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs, fold_batches};
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])?;
/// let data = LabeledProbs::new(Labels::new(&[0, 1, 1])?, pred_probs)?;
/// let n_rows = fold_batches(&data, || 0, |rows, batch| *rows += batch.len(), |rows, more| *rows += more);
/// assert_eq!(n_rows, 3);
/// # Ok::<(), cleanlab_core::InputError>(())
/// ```
///
/// # Panics
///
/// Only if one of the functions panics.
pub fn fold_batches<F: Float, S: Send>(
    data: &LabeledProbs<'_, F>,
    make: impl Fn() -> S + Sync,
    update: impl Fn(&mut S, &Batch<'_, F>) + Sync,
    merge: impl Fn(&mut S, S) + Sync,
) -> S {
    // Outputs without a size cost nothing.
    let mut nothing = vec![(); data.len()];
    fold_rows(data, &mut nothing, make, |state, batch, _| update(state, batch), merge)
}

/// As [`fold_batches`], with one value per row on the way: `update` also gets the part of `output` that belongs to the
/// rows of the batch.
///
/// ```
/// use cleanlab_core::{Batch, LabeledProbs, Labels, PredProbs, fold_rows};
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])?;
/// let data = LabeledProbs::new(Labels::new(&[0, 1, 1])?, pred_probs)?;
/// let mut low = [false; 3];
/// let count_low = |count: &mut usize, batch: &Batch<'_, f64>, low: &mut [bool]| {
///     for ((_, label, probs), low) in batch.iter().zip(low) {
///         *low = probs[label] < 0.5;
///         *count += usize::from(*low);
///     }
/// };
/// assert_eq!(fold_rows(&data, &mut low, || 0, count_low, |count, more| *count += more), 1);
/// assert_eq!(low, [false, false, true]);
/// # Ok::<(), cleanlab_core::InputError>(())
/// ```
///
/// # Panics
///
/// If `output` does not have one entry per row of `data`.
pub fn fold_rows<F: Float, T: Send, S: Send>(
    data: &LabeledProbs<'_, F>,
    output: &mut [T],
    make: impl Fn() -> S + Sync,
    update: impl Fn(&mut S, &Batch<'_, F>, &mut [T]) + Sync,
    merge: impl Fn(&mut S, S) + Sync,
) -> S {
    assert_eq!(data.len(), output.len(), "one output per row");
    let run_rows = chunk_rows(data.n_classes());
    let n_chunks = data.len().div_ceil(run_rows);
    let queue = Mutex::new(output.chunks_mut(run_rows).enumerate());
    let stop = StopCheck::of_this_thread();
    let work = || {
        let (mut state, mut scratch) = (make(), Vec::new());
        loop {
            stop.stop_if_told();
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((chunk, out)) = next else { return state };
            let rows = chunk * run_rows..chunk * run_rows + out.len();
            update(&mut state, &data.batch(rows, &mut scratch), out);
        }
    };
    if !in_parallel(data.len(), data.n_classes()) {
        return work();
    }
    let workers = rayon::current_num_threads().min(n_chunks);
    let merged: Mutex<Option<S>> = Mutex::new(None);
    rayon::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|_| {
                let mine = stop.within(work);
                let mut merged = merged.lock().unwrap_or_else(PoisonError::into_inner);
                match merged.as_mut() {
                    None => *merged = Some(mine),
                    Some(all) => merge(all, mine),
                }
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
    let stop = StopCheck::of_this_thread();
    let run = |scratch: &mut Vec<F>, (range, out): (&Range<usize>, &mut [T])| {
        stop.stop_if_told();
        fill(&data.batch(range.clone(), scratch), out);
    };
    if in_parallel(data.len(), data.n_classes()) {
        let nested =
            |scratch: &mut Vec<F>, work: (&Range<usize>, &mut [T])| stop.within(|| run(scratch, work));
        chunks.par_iter().zip(output.par_chunks_mut(chunk_rows)).for_each_init(Vec::new, nested);
    } else {
        let mut scratch = Vec::new();
        chunks.iter().zip(output.chunks_mut(chunk_rows)).for_each(|work| run(&mut scratch, work));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Labels, PredProbs};
    use ndarray::Array2;

    #[test]
    fn chunks_have_so_many_values_or_rows() {
        assert_eq!(row_chunks(0, 5), []);
        assert_eq!(row_chunks(20_000, 0), [0..8192, 8192..16_384, 16_384..20_000]);
        assert_eq!(row_chunks(8192, 8), std::slice::from_ref(&(0..8192)));
        assert_eq!(row_chunks(8193, 16), [0..4096, 4096..8192, 8192..8193]);
        assert_eq!(row_chunks(3, 1 << 20), [0..1, 1..2, 2..3]);
    }

    #[test]
    fn small_matrices_are_not_worth_more_than_one_thread() {
        let on = |threads: usize, rows: usize, columns: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| in_parallel(rows, columns))
        };
        assert!(!on(2, 1 << 15, 2) && on(2, (1 << 15) + 1, 2) && !on(1, 1 << 20, 2));
    }

    /// Sums the ids of rows, and refuses those from one on.
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Ids {
        sum: u64,
        first_refused: u64,
    }

    impl Accumulator for Ids {
        const NAME: &'static str = "ids";
        type Output = u64;
        fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
            if batch.row_id(batch.len() - 1) >= self.first_refused {
                return Err(AccumulatorError::TooManyRows { most: self.first_refused });
            }
            self.sum += batch.iter().map(|(row, ..)| row).sum::<u64>();
            Ok(())
        }
        fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
            self.sum += other.sum;
            Ok(())
        }
        fn finish(self) -> u64 {
            self.sum
        }
    }

    #[test]
    fn every_row_is_met_once_on_any_number_of_threads() {
        for n_rows in [5, 40_000] {
            let labels: Vec<u32> = (0..n_rows).map(|row| row % 2).collect();
            let values = Array2::from_elem((n_rows as usize, 2), 0.5);
            let data =
                LabeledProbs::new(Labels::new(&labels).unwrap(), PredProbs::new(values).unwrap()).unwrap();
            let n = u64::from(n_rows);
            for threads in [1, 2, 7] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| {
                    let ids = |first_refused| accumulate(&data, move || Ids { sum: 0, first_refused });
                    assert_eq!(ids(u64::MAX).map(Accumulator::finish), Ok(n * (n - 1) / 2));
                    let refused = AccumulatorError::TooManyRows { most: n - 1 };
                    assert_eq!(ids(n - 1).map(Accumulator::finish), Err(refused));
                    let mut rows = vec![0; n_rows as usize];
                    let count = fold_rows(
                        &data,
                        &mut rows,
                        || 0,
                        |count, batch, out: &mut [u64]| {
                            *count += batch.len();
                            batch.iter().zip(out).for_each(|((row, ..), out)| *out += row);
                        },
                        |count, more| *count += more,
                    );
                    assert_eq!(count, n_rows as usize);
                    assert!(rows.iter().copied().eq(0..n));
                    fill_rows(&data, &mut rows, |batch, out| {
                        batch.iter().zip(out).for_each(|((row, ..), out)| *out += row);
                    });
                    assert!(rows.iter().copied().eq((0..n).map(|row| 2 * row)));
                });
            }
        }
    }
}
