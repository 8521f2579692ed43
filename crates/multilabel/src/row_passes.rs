//! Passes over the rows that serve all classes at once, on any number of threads with the same result.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use cleanlab_core::constants::{
    CONFIDENT_THRESHOLDS_LOWER_BOUND, FLOATING_POINT_COMPARISON, MISSING_CLASS_THRESHOLD,
};
use cleanlab_core::{FixedPointSum, Float, row_chunks};
use cleanlab_count::{given_label_is_predicted, predicted_class};
use ndarray::{Array2, ArrayView2};

use crate::multi_labels::given;
use crate::multilabel_probs::{MultilabelProbs, complement_pair};

/// One annotation: whether a row has a class, as it was given and as it is predicted.
#[derive(Clone, Copy)]
pub(crate) struct Annotation {
    pub(crate) row: usize,
    pub(crate) class: usize,
    /// 1 if the row was given the class, else 0.
    pub(crate) given: usize,
    /// The probabilities that the row does not have the class, and that it has it.
    pub(crate) probs: [f64; 2],
}

impl Annotation {
    /// Whether the given label is also the predicted one, up to 1e-6.
    #[inline(always)]
    pub(crate) fn is_predicted(&self) -> bool {
        given_label_is_predicted(&self.probs, self.given)
    }
}

/// Calls `visit` for every annotation of some rows, row after row.
#[inline(always)]
pub(crate) fn visit_rows<F: Float>(
    data: &MultilabelProbs<'_, F>,
    rows: Range<usize>,
    scratch: &mut Vec<F>,
    mut visit: impl FnMut(Annotation),
) {
    let probs = data.pred_probs().rows(rows.clone(), scratch);
    for (row, probs) in rows.zip(probs.chunks_exact(data.n_classes())) {
        let words = data.labels().words_of(row);
        for (class, &p) in probs.iter().enumerate() {
            visit(Annotation { row, class, given: given(words, class), probs: complement_pair(p) });
        }
    }
}

/// Visits all annotations with one state per thread, and merges the states. What `merge` makes must not depend on the
/// order.
pub(crate) fn fold_annotations<F: Float, S: Send>(
    data: &MultilabelProbs<'_, F>,
    make: impl Fn() -> S + Sync,
    visit: impl Fn(&mut S, Annotation) + Sync,
    merge: impl Fn(&mut S, S) + Sync,
) -> S {
    let chunks = row_chunks(data.len(), data.n_classes());
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut state, mut scratch) = (make(), Vec::new());
        while let Some(rows) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
            visit_rows(data, rows.clone(), &mut scratch, |annotation| visit(&mut state, annotation));
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

/// The confident thresholds of every class, K × 2: column 0 of the rows without it, column 1 of those with it.
pub(crate) fn confident_thresholds<F: Float>(data: &MultilabelProbs<'_, F>) -> Array2<f64> {
    let k = data.n_classes();
    let sums = fold_annotations(
        data,
        || vec![[FixedPointSum::default(); 2]; k],
        |sums, annotation| {
            // Selected before it is added, so that nothing branches on the label.
            let own = if annotation.given == 1 { annotation.probs[1] } else { annotation.probs[0] };
            sums[annotation.class][annotation.given].add(own);
        },
        |sums, theirs| {
            for (sum, theirs) in sums.as_flattened_mut().iter_mut().zip(theirs.as_flattened()) {
                sum.merge(*theirs);
            }
        },
    );
    Array2::from_shape_fn((k, 2), |(class, given)| match data.labels().binary_counts(class)[given] {
        0 => MISSING_CLASS_THRESHOLD,
        count => (sums[class][given].to_f64() / count as f64).max(CONFIDENT_THRESHOLDS_LOWER_BOUND),
    })
}

/// Which of "without" (0) and "with" (1) the rows are confidently, class by class.
pub(crate) struct ConfidentTest {
    cuts: Vec<[f64; 2]>,
}

impl ConfidentTest {
    pub(crate) fn new(thresholds: ArrayView2<'_, f64>) -> Self {
        let cut = |threshold: f64| threshold - FLOATING_POINT_COMPARISON;
        Self { cuts: thresholds.rows().into_iter().map(|row| [cut(row[0]), cut(row[1])]).collect() }
    }

    #[inline(always)]
    pub(crate) fn confident_label(&self, annotation: &Annotation) -> Option<usize> {
        let probs = annotation.probs;
        let cuts = self.cuts[annotation.class];
        match (probs[0] >= cuts[0], probs[1] >= cuts[1]) {
            (false, false) => None,
            (true, false) => Some(0),
            (false, true) => Some(1),
            (true, true) => Some(predicted_class(&probs)),
        }
    }

    /// Whether the annotation is confidently another than given, and not the predicted one.
    #[inline(always)]
    pub(crate) fn is_issue(&self, annotation: &Annotation) -> bool {
        self.confident_label(annotation).is_some_and(|label| label != annotation.given)
            && !annotation.is_predicted()
    }
}
