//! Passes over the rows that serve all classes at once, on any number of threads with the same result.
//!
//! Four classes of a row at a time fill the processor's vectors; nothing in the loops depends on a label by a branch.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use cleanlab_core::constants::{
    CONFIDENT_THRESHOLDS_LOWER_BOUND, FLOATING_POINT_COMPARISON, MISSING_CLASS_THRESHOLD,
};
use cleanlab_core::stopping::StopCheck;
use cleanlab_core::{FixedPointLanes, Float, row_chunks};
use ndarray::{Array2, ArrayView2};
use pulp::{Arch, WithSimd};

use crate::multi_labels::given_bits;
use crate::multilabel_probs::{MultilabelProbs, complement_pair};

/// Classes that are treated side by side.
pub(crate) const LANES: usize = 4;

/// A flag for each lane.
pub(crate) type Flags = [bool; LANES];

/// The annotations of one row for [`LANES`] consecutive classes. Lanes behind the last class are never suspicious: they
/// are not given, with probability 0.
#[derive(Clone, Copy)]
pub(crate) struct Annotations {
    pub(crate) row: usize,
    /// The classes are `LANES * block` and those that follow.
    pub(crate) block: usize,
    /// Whether the row was given each class.
    pub(crate) given: Flags,
    /// The probabilities that the row does not have each class, and that it has it.
    pub(crate) probs: [[f64; LANES]; 2],
}

impl Annotations {
    #[inline(always)]
    fn new<F: Float>(row: usize, block: usize, words: &[u64], probs: [F; LANES]) -> Self {
        let bits = given_bits(words, block * LANES, LANES);
        let pairs = probs.map(complement_pair);
        Self {
            row,
            block,
            given: std::array::from_fn(|lane| bits >> lane & 1 == 1),
            probs: std::array::from_fn(|label| pairs.map(|pair| pair[label])),
        }
    }

    pub(crate) fn class(&self, lane: usize) -> usize {
        self.block * LANES + lane
    }

    /// The probability of what was given, and of the opposite, in one lane.
    pub(crate) fn pair(&self, lane: usize) -> [f64; 2] {
        [self.probs[0][lane], self.probs[1][lane]]
    }

    /// Whether each given label is another than the predicted one, by more than 1e-6.
    ///
    /// Source: the opposite of `cleanlab.count._reduce_issues`.
    #[inline(always)]
    pub(crate) fn predicted_otherwise(&self) -> Flags {
        let [without, with] = self.probs;
        std::array::from_fn(|lane| {
            let wrongly_with = without[lane] >= with[lane] + FLOATING_POINT_COMPARISON;
            let wrongly_without = with[lane] > without[lane] + FLOATING_POINT_COMPARISON;
            (self.given[lane] & wrongly_with) | (!self.given[lane] & wrongly_without)
        })
    }
}

/// Calls `visit` with every lane whose flag is set.
#[inline(always)]
pub(crate) fn each_set(flags: Flags, mut visit: impl FnMut(usize)) {
    // One byte for each lane, 0 or 1: what comparisons of vectors are packed into.
    let mut bytes = u32::from_le_bytes(flags.map(u8::from));
    while bytes != 0 {
        visit((bytes.trailing_zeros() / u8::BITS) as usize);
        bytes &= bytes - 1;
    }
}

/// A visit of some rows, as an operation that is compiled once for each kind of processor, with the same arithmetic in the
/// same order. A closure would not do: the compiler keeps its body apart, for the oldest processor.
struct RowVisit<'v, 'a, F: Float, S, V> {
    data: &'v MultilabelProbs<'a, F>,
    rows: Range<usize>,
    scratch: &'v mut Vec<F>,
    state: &'v mut S,
    visit: &'v V,
}

impl<F: Float, S, V: Fn(&mut S, &Annotations)> WithSimd for RowVisit<'_, '_, F, S, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<Simd: pulp::Simd>(self, _: Simd) {
        let Self { data, rows, scratch, state, visit } = self;
        let probs = data.pred_probs().rows(rows.clone(), scratch);
        for (row, probs) in rows.zip(probs.chunks_exact(data.n_classes())) {
            let words = data.labels().words_of(row);
            let (whole, rest) = probs.as_chunks::<LANES>();
            for (block, probs) in whole.iter().enumerate() {
                visit(state, &Annotations::new(row, block, words, *probs));
            }
            if !rest.is_empty() {
                let mut padded = [F::from_f64(0.0); LANES];
                padded[..rest.len()].copy_from_slice(rest);
                visit(state, &Annotations::new(row, whole.len(), words, padded));
            }
        }
    }
}

/// Visits all annotations with one state per thread, and merges the states. What `merge` makes must not depend on the
/// order.
pub(crate) fn fold_annotations<F: Float, S: Send>(
    data: &MultilabelProbs<'_, F>,
    make: impl Fn() -> S + Sync,
    visit: impl Fn(&mut S, &Annotations) + Sync,
    merge: impl Fn(&mut S, S) + Sync,
) -> S {
    let chunks = row_chunks(data.len(), data.n_classes());
    let next = AtomicUsize::new(0);
    let arch = Arch::new();
    let stop = StopCheck::of_this_thread();
    let work = || {
        let (mut state, mut scratch) = (make(), Vec::new());
        while let Some(rows) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
            stop.stop_if_told();
            let (scratch, state) = (&mut scratch, &mut state);
            arch.dispatch(RowVisit { data, rows: rows.clone(), scratch, state, visit: &visit });
        }
        state
    };
    let workers = rayon::current_num_threads().min(chunks.len());
    if workers < 2 {
        return work();
    }
    let merged: Mutex<Option<S>> = Mutex::new(None);
    rayon::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|_| {
                let mine = work();
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

/// For each class, the rows whose annotation `test` flags, in no order.
pub(crate) fn rows_where<F: Float>(
    data: &MultilabelProbs<'_, F>,
    test: impl Fn(&Annotations) -> Flags + Sync,
) -> Vec<Vec<usize>> {
    let padded = data.n_classes().next_multiple_of(LANES);
    let mut rows = fold_annotations(
        data,
        || vec![Vec::new(); padded],
        #[inline(always)]
        |rows: &mut Vec<Vec<usize>>, annotations| {
            each_set(test(annotations), |lane| rows[annotations.class(lane)].push(annotations.row));
        },
        |rows, theirs| rows.iter_mut().zip(theirs).for_each(|(rows, theirs)| rows.extend(theirs)),
    );
    rows.truncate(data.n_classes());
    rows
}

/// The confident thresholds of every class, K × 2: column 0 of the rows without it, column 1 of those with it.
pub(crate) fn confident_thresholds<F: Float>(data: &MultilabelProbs<'_, F>) -> Array2<f64> {
    /// Of the rows without and with each class of a block.
    type Sums = [FixedPointLanes<LANES>; 2];
    let k = data.n_classes();
    let sums = fold_annotations(
        data,
        || vec![Sums::default(); k.div_ceil(LANES)],
        #[inline(always)]
        |sums: &mut Vec<Sums>, annotations| {
            let given = annotations.given;
            let [without, with] = annotations.probs;
            let [of_lacking, of_having] = &mut sums[annotations.block];
            of_lacking.add(std::array::from_fn(|lane| if given[lane] { 0.0 } else { without[lane] }));
            of_having.add(std::array::from_fn(|lane| if given[lane] { with[lane] } else { 0.0 }));
        },
        |sums, theirs| {
            let theirs = theirs.into_iter().flatten();
            sums.as_flattened_mut().iter_mut().zip(theirs).for_each(|(sum, theirs)| sum.merge(theirs));
        },
    );
    Array2::from_shape_fn((k, 2), |(class, given)| match data.labels().binary_counts(class)[given] {
        0 => MISSING_CLASS_THRESHOLD,
        count => {
            let sum = sums[class / LANES][given].finish()[class % LANES].to_f64();
            (sum / count as f64).max(CONFIDENT_THRESHOLDS_LOWER_BOUND)
        }
    })
}

/// Whether rows are confidently without (0) or with (1) each class.
pub(crate) struct ConfidentTest {
    /// For each block of classes.
    cuts: Vec<[[f64; LANES]; 2]>,
}

impl ConfidentTest {
    pub(crate) fn new(thresholds: ArrayView2<'_, f64>) -> Self {
        let k = thresholds.nrows();
        let mut cuts = vec![[[f64::INFINITY; LANES]; 2]; k.div_ceil(LANES)];
        for ((class, label), threshold) in thresholds.indexed_iter() {
            cuts[class / LANES][label][class % LANES] = threshold - FLOATING_POINT_COMPARISON;
        }
        Self { cuts }
    }

    /// For each label, the lanes that are confidently so; a lane that is confidently both counts as predicted.
    #[inline(always)]
    pub(crate) fn confident_labels(&self, annotations: &Annotations) -> [Flags; 2] {
        let [without, with] = annotations.probs;
        let cuts = &self.cuts[annotations.block];
        let is_with: Flags = std::array::from_fn(|lane| {
            let confidently_without = without[lane] >= cuts[0][lane];
            (with[lane] >= cuts[1][lane]) & (!confidently_without | (with[lane] > without[lane]))
        });
        let is_without = std::array::from_fn(|lane| (without[lane] >= cuts[0][lane]) & !is_with[lane]);
        [is_without, is_with]
    }

    /// The lanes that are confidently the other way than given.
    #[inline(always)]
    pub(crate) fn off_diagonal(&self, annotations: &Annotations) -> Flags {
        let [is_without, is_with] = self.confident_labels(annotations);
        let given = annotations.given;
        std::array::from_fn(|lane| (given[lane] & is_without[lane]) | (!given[lane] & is_with[lane]))
    }

    /// The lanes that are confidently the other way than given, and are not predicted as given.
    #[inline(always)]
    pub(crate) fn issues(&self, annotations: &Annotations) -> Flags {
        let (off_diagonal, otherwise) = (self.off_diagonal(annotations), annotations.predicted_otherwise());
        std::array::from_fn(|lane| off_diagonal[lane] & otherwise[lane])
    }
}

/// For each block of classes, how many rows are given (axis 0) and confidently (axis 1) without and with each.
///
/// Floats, because the flags that they count are made by comparing floats; exact up to 2⁵³.
#[derive(Clone, Copy, Default)]
pub(crate) struct LabelCounts([[[f64; LANES]; 2]; 2]);

impl LabelCounts {
    #[inline(always)]
    pub(crate) fn count(&mut self, given: Flags, confident: [Flags; 2]) {
        let [lacking, having] = &mut self.0;
        for label in 0..2 {
            for lane in 0..LANES {
                let one = if confident[label][lane] { 1.0 } else { 0.0 };
                having[label][lane] += if given[lane] { one } else { 0.0 };
                lacking[label][lane] += if given[lane] { 0.0 } else { one };
            }
        }
    }

    pub(crate) fn merge(&mut self, theirs: &Self) {
        let theirs = theirs.0.as_flattened().as_flattened();
        self.0.as_flattened_mut().as_flattened_mut().iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
    }

    /// Given × confident, for one lane.
    pub(crate) fn of_lane(&self, lane: usize) -> [[u64; 2]; 2] {
        self.0.map(|of_given| of_given.map(|of_label| of_label[lane] as u64))
    }
}
