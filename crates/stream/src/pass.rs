//! A pass over all rows: who reads what, and what becomes of it.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use cleanlab_core::{Accumulator, Batch, Float, InputError, PredProbs, row_chunks};
use cleanlab_filter::LabelIssuesWarning;
use cleanlab_table::RowValues;

use crate::errors::StreamError;
use crate::options::{ProbabilityRange, Progress, StreamOptions};
use crate::ordered_rows::OrderedRows;
use crate::row_sink::RowSink;
use crate::source::{ProbsSource, RowBuffer};

/// Below this many values a second thread costs more than it brings.
const PARALLEL_VALUES: usize = 1 << 17;

/// What one thread does with the batches that it reads.
pub(crate) trait Worker: Send {
    /// The result of a row; nothing where a pass only counts.
    type Row: Send;

    /// Takes in a batch. Results of its rows are added to `rows`, for all of them or none.
    fn visit<F: Float>(&mut self, batch: &Batch<'_, F>, rows: &mut Vec<Self::Row>)
    -> Result<(), StreamError>;
}

/// A worker that feeds an accumulator.
pub(crate) struct Counting<A>(pub(crate) A);

impl<A: Accumulator> Worker for Counting<A> {
    type Row = ();

    fn visit<F: Float>(&mut self, batch: &Batch<'_, F>, _: &mut Vec<()>) -> Result<(), StreamError> {
        Ok(self.0.update(batch)?)
    }
}

/// A worker that feeds two accumulators.
struct CountingTwo<A, B>(A, B);

impl<A: Accumulator, B: Accumulator> Worker for CountingTwo<A, B> {
    type Row = ();

    fn visit<F: Float>(&mut self, batch: &Batch<'_, F>, _: &mut Vec<()>) -> Result<(), StreamError> {
        self.0.update(batch)?;
        Ok(self.1.update(batch)?)
    }
}

/// What the first pass learns while it checks every value.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FirstLook {
    /// Number of rows that do not sum to 1.
    n_off_one: usize,
    /// The first of them, and its sum.
    first_off_one: Option<(usize, f64)>,
    /// Number of values that were moved into [0, 1].
    pub(crate) n_clipped: usize,
}

impl FirstLook {
    fn add(&mut self, later: Self) {
        self.n_off_one += later.n_off_one;
        self.n_clipped += later.n_clipped;
        let row = |first: &Option<(usize, f64)>| first.map_or(usize::MAX, |(row, _)| row);
        if row(&later.first_off_one) < row(&self.first_off_one) {
            self.first_off_one = later.first_off_one;
        }
    }

    pub(crate) fn warning(&self) -> Option<LabelIssuesWarning> {
        let n_rows = self.n_off_one;
        self.first_off_one.map(|(first_row, first_sum)| LabelIssuesWarning::RowsDoNotSumToOne {
            n_rows,
            first_row,
            first_sum,
        })
    }
}

/// The passes that one question makes over a source. The first of them checks the data.
pub(crate) struct Passes<'a> {
    source: &'a dyn ProbsSource,
    options: &'a StreamOptions,
    /// Rows that are read at a time.
    batch_rows: usize,
    /// Rows that are worked at in one go.
    part_rows: usize,
    spans: Vec<Range<usize>>,
    n_workers: usize,
    /// Passes made.
    n_made: usize,
    /// Passes expected in all.
    n_expected: usize,
    first_look: FirstLook,
}

impl<'a> Passes<'a> {
    pub(crate) fn new(
        source: &'a dyn ProbsSource,
        options: &'a StreamOptions,
        n_expected: usize,
    ) -> Result<Self, StreamError> {
        let (n, k) = (source.n_rows(), source.n_classes());
        let refused = |error| StreamError::Input { file: source.name().to_owned(), error };
        if n == 0 || k == 0 {
            return Err(refused(InputError::EmptyPredProbs { rows: n, columns: k }));
        }
        if k == 1 {
            return Err(refused(InputError::TooFewClasses { what: "pred_probs has one column".into() }));
        }
        let part_rows = row_chunks(n, k).first().map_or(1, ExactSizeIterator::len);
        let batch_rows = options.batch_rows.unwrap_or(part_rows).clamp(1, n);
        let spans = source.spans(batch_rows);
        let threads = if n.saturating_mul(k) < PARALLEL_VALUES { 1 } else { rayon::current_num_threads() };
        let affordable = options.memory.map_or(usize::MAX, |memory| {
            // A batch, and what is computed of it.
            let batch = batch_rows.saturating_mul(8 * k + 64);
            memory / source.reader_memory().saturating_add(batch).max(1)
        });
        let n_workers = threads.min(affordable).min(spans.len()).max(1);
        let first_look = FirstLook::default();
        Ok(Self {
            source,
            options,
            batch_rows,
            part_rows,
            spans,
            n_workers,
            n_made: 0,
            n_expected,
            first_look,
        })
    }

    pub(crate) fn source(&self) -> &'a dyn ProbsSource {
        self.source
    }

    /// What the first pass found, once it was made.
    pub(crate) fn first_look(&self) -> FirstLook {
        self.first_look
    }

    /// Number of passes that were made.
    pub(crate) fn n_made(&self) -> usize {
        self.n_made
    }

    /// One more pass will be needed than was expected.
    pub(crate) fn expect_another(&mut self) {
        self.n_expected += 1;
    }

    /// A pass that counts.
    pub(crate) fn accumulate<A: Accumulator>(
        &mut self,
        make: impl Fn() -> A + Sync,
    ) -> Result<A, StreamError> {
        let mut workers = self.run(|| Counting(make()), None)?.into_iter();
        let mut all = workers.next().map_or_else(&make, |worker| worker.0);
        for worker in workers {
            all.merge(worker.0)?;
        }
        Ok(all)
    }

    /// A pass that counts two things.
    pub(crate) fn accumulate_two<A: Accumulator, B: Accumulator>(
        &mut self,
        make: impl Fn() -> (A, B) + Sync,
    ) -> Result<(A, B), StreamError> {
        let both = || {
            let (a, b) = make();
            CountingTwo(a, b)
        };
        let mut workers = self.run(both, None)?.into_iter();
        let mut all = workers.next().unwrap_or_else(both);
        for CountingTwo(a, b) in workers {
            all.0.merge(a)?;
            all.1.merge(b)?;
        }
        Ok((all.0, all.1))
    }

    /// A pass; gives the workers back with what they have gathered, in no order.
    pub(crate) fn run<W: Worker>(
        &mut self,
        make: impl Fn() -> W + Sync,
        sink: Option<&mut dyn RowSink<W::Row>>,
    ) -> Result<Vec<W>, StreamError> {
        let is_first = self.n_made == 0;
        self.n_made += 1;
        self.n_expected = self.n_expected.max(self.n_made);
        let pass = Pass {
            passes: self,
            is_first,
            output: sink.map(OrderedRows::new),
            next_span: AtomicUsize::new(0),
            rows_done: AtomicUsize::new(0),
            stop_before: AtomicUsize::new(usize::MAX),
            failure: Mutex::new(None),
        };
        let done: Mutex<Vec<(W, FirstLook)>> = Mutex::new(Vec::new());
        let work = || {
            let mut hand = Hand { worker: make(), look: FirstLook::default(), buffer: RowBuffer::default() };
            pass.work(&mut hand);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((hand.worker, hand.look));
        };
        if self.n_workers == 1 {
            work();
        } else {
            rayon::scope(|scope| (0..self.n_workers).for_each(|_| scope.spawn(|_| work())));
        }
        if let Some((_, error)) = pass.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        self.source.check_unchanged()?;
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut workers = Vec::with_capacity(done.len());
        for (worker, look) in done {
            if is_first {
                self.first_look.add(look);
            }
            workers.push(worker);
        }
        Ok(workers)
    }
}

/// What a thread has in hand.
struct Hand<W> {
    worker: W,
    look: FirstLook,
    buffer: RowBuffer,
}

struct Pass<'p, 'a, 's, T> {
    passes: &'p Passes<'a>,
    is_first: bool,
    output: Option<OrderedRows<'s, T>>,
    next_span: AtomicUsize,
    rows_done: AtomicUsize,
    /// Spans from this one on need not be read: one before them failed.
    stop_before: AtomicUsize,
    /// The first span that failed, and how.
    failure: Mutex<Option<(usize, StreamError)>>,
}

/// Why a span was left before its end.
enum Left {
    Failed(StreamError),
    /// The rest is not needed.
    Stopped,
    /// Nothing more is needed at all.
    Ended(StreamError),
}

impl<E: Into<StreamError>> From<E> for Left {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl<T: Send> Pass<'_, '_, '_, T> {
    fn work<W: Worker<Row = T>>(&self, hand: &mut Hand<W>) {
        loop {
            let index = self.next_span.fetch_add(1, Ordering::Relaxed);
            let Some(span) = self.passes.spans.get(index).filter(|_| !self.is_stopped(index)) else { return };
            let (at, error) = match self.read_span(index, span.clone(), hand) {
                Ok(()) => continue,
                Err(Left::Stopped) => return,
                Err(Left::Failed(error)) => (index, error),
                Err(Left::Ended(error)) => (0, error),
            };
            self.stop_before.fetch_min(at, Ordering::Relaxed);
            let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
            // Of several bad rows the first is named, whichever thread was the fastest.
            if failure.as_ref().is_none_or(|&(other, _)| at < other) {
                *failure = Some((at, error));
            }
            if let Some(output) = &self.output {
                output.close();
            }
            return;
        }
    }

    fn is_stopped(&self, span: usize) -> bool {
        span >= self.stop_before.load(Ordering::Relaxed)
    }

    fn read_span<W: Worker<Row = T>>(
        &self,
        index: usize,
        span: Range<usize>,
        hand: &mut Hand<W>,
    ) -> Result<(), Left> {
        let Passes { source, options, batch_rows, .. } = *self.passes;
        let mut reader = source.reader(span.clone(), batch_rows)?;
        let mut first_row = span.start;
        while first_row < span.end {
            if self.is_stopped(index) {
                return Err(Left::Stopped);
            }
            reader.read(&mut hand.buffer)?;
            let found = hand.buffer.labels.len();
            if found == 0 || found > span.end - first_row {
                return Err(self.wrong_rows(first_row, found, span.end - first_row).into());
            }
            self.visit(first_row, hand)?;
            first_row += found;
            let rows = self.rows_done.fetch_add(found, Ordering::Relaxed) + found;
            let progress = Progress {
                pass: self.passes.n_made,
                n_passes: self.passes.n_expected,
                rows,
                n_rows: source.n_rows(),
            };
            let told = options.progress.as_ref().map_or(ControlFlow::Continue(()), |tell| tell(progress));
            if told.is_break() {
                return Err(Left::Ended(StreamError::Cancelled));
            }
        }
        Ok(())
    }

    fn wrong_rows(&self, first_row: usize, found: usize, expected: usize) -> StreamError {
        StreamError::WrongRows { file: self.passes.source.name().to_owned(), first_row, found, expected }
    }

    fn visit<W: Worker<Row = T>>(&self, first_row: usize, hand: &mut Hand<W>) -> Result<(), Left> {
        let Hand { worker, look, buffer: RowBuffer { labels, pred_probs } } = hand;
        match pred_probs {
            RowValues::F32(values) => self.visit_as(first_row, labels, values, worker, look),
            RowValues::F64(values) => self.visit_as(first_row, labels, values, worker, look),
            _ => Err(StreamError::sink("values of an unknown kind").into()),
        }
    }

    /// Visits rows in parts that fit a processor's cache, which is never worth a second thread: one that waited for
    /// another here could take up a span, and then wait for the rows that it has in hand itself.
    fn visit_as<F: Float, W: Worker<Row = T>>(
        &self,
        first_row: usize,
        labels: &[u32],
        values: &mut [F],
        worker: &mut W,
        look: &mut FirstLook,
    ) -> Result<(), Left> {
        let k = self.passes.source.n_classes();
        if values.len() != labels.len() * k {
            return Err(self.wrong_rows(first_row, values.len() / k, labels.len()).into());
        }
        let part_rows = self.passes.part_rows;
        let parts = labels.chunks(part_rows).zip(values.chunks_mut(part_rows * k));
        for (number, (labels, values)) in parts.enumerate() {
            let first_row = first_row + number * part_rows;
            let rows = self.visit_part(first_row, labels, values, worker, look)?;
            if let Some(output) = &self.output {
                if rows.len() != labels.len() {
                    return Err(self.wrong_rows(first_row, rows.len(), labels.len()).into());
                }
                output.push(first_row, rows).map_err(Left::Ended)?;
            }
        }
        Ok(())
    }

    fn visit_part<F: Float, W: Worker<Row = T>>(
        &self,
        first_row: usize,
        labels: &[u32],
        values: &mut [F],
        worker: &mut W,
        look: &mut FirstLook,
    ) -> Result<Vec<T>, StreamError> {
        let k = self.passes.source.n_classes();
        let refused = |error: InputError| {
            let row = error.row().unwrap_or_default() + first_row;
            let file = match error {
                InputError::LabelOutOfRange { .. } => self.passes.source.file_of_label(row),
                _ => self.passes.source.file_of_row(row),
            };
            StreamError::Input { file, error: error.after_rows(first_row) }
        };
        if self.passes.options.range == ProbabilityRange::Clip {
            look.n_clipped += clip(values);
        }
        if self.is_first {
            let sums = PredProbs::from_slice(values, k).map_err(refused)?.row_sums();
            look.add(FirstLook {
                n_off_one: sums.n_off_one,
                first_off_one: sums.first_row.map(|row| (row + first_row, sums.first_sum)),
                n_clipped: 0,
            });
        }
        let batch = Batch::of_checked_probs(labels, values, k, first_row as u64).map_err(refused)?;
        let n_rows = if self.output.is_some() { labels.len() } else { 0 };
        let mut rows = Vec::with_capacity(n_rows);
        worker.visit(&batch, &mut rows)?;
        Ok(rows)
    }
}

/// Moves finite values outside [0, 1] to the nearer bound; gives their number.
fn clip<F: Float>(values: &mut [F]) -> usize {
    let (low, high) = (F::from_f64(0.0), F::from_f64(1.0));
    let mut n_clipped = 0;
    for p in values {
        let outside = (*p < low || *p > high) && p.to_f64().is_finite();
        if outside {
            *p = if *p < low { low } else { high };
            n_clipped += 1;
        }
    }
    n_clipped
}
