//! How far down a group has to be searched, judged from a sample of the rows.

use cleanlab_core::{Float, LabeledProbs, RowNote};
use rayon::prelude::*;

use super::groups::{BUCKETS, Groups, KeyVisitor};
use super::histogram::Counting;
use super::{SelectionKey, SelectionPlan};
use crate::row_kernels::normalized_margin;

/// Rows sampled at most.
const SAMPLE_ROWS: usize = 1 << 16;

/// Rows sampled at least one of so many, where there are few.
const SMALLEST_STEP: usize = 8;

/// Consecutive rows read at a time.
const RUN: usize = 16;

/// A sample may need one part of the memory of the data in so many.
const SMALL_PART: usize = 50;

/// For each group of the plan a key above which, sampling error allowed for, the rows to take lie; −∞ where the sample
/// does not tell. `None` when a sample does not pay: for few rows or many groups.
pub(super) fn sampled_floors<F: Float>(data: &LabeledProbs<'_, F>, plan: &SelectionPlan) -> Option<Vec<f64>> {
    let (n, k) = (data.len(), data.n_classes());
    let step = (n / SAMPLE_ROWS).max(SMALLEST_STEP) * RUN;
    let n_groups = plan.take.len();
    let sample_memory = n_groups * BUCKETS * size_of::<u32>() * rayon::current_num_threads();
    if n < 8 * step || sample_memory > n * k * size_of::<F>() / SMALL_PART {
        return None;
    }
    let groups = Groups::new(plan.key, plan.n_classes, plan.take.keys().copied());
    let no_floors = vec![f64::NEG_INFINITY; n_groups];
    let labels = data.labels().as_slice();
    let count_run = |(mut counts, mut scratch): (Vec<u32>, Vec<F>), run: usize| {
        let rows = run * step..(run * step + RUN).min(n);
        let mut visitor = Counting { groups: &groups, counts: &mut counts, floors: &no_floors };
        let probs = data.pred_probs().rows(rows.clone(), &mut scratch);
        let notes = data.pred_probs().notes(rows.clone());
        for (position, (&label, probs)) in labels[rows].iter().zip(probs.chunks_exact(k)).enumerate() {
            let note = notes.map(|notes| notes.of_row(position));
            groups.visit_roughly(label as usize, probs, note, &mut visitor);
        }
        (counts, scratch)
    };
    let n_runs = n.div_ceil(step);
    let counts = (0..n_runs)
        .into_par_iter()
        .with_min_len(n_runs.div_ceil(rayon::current_num_threads()))
        .fold(|| (vec![0_u32; n_groups * BUCKETS], Vec::new()), count_run)
        .map(|(counts, _)| counts)
        .reduce_with(|mut counts, others| {
            counts.iter_mut().zip(others).for_each(|(count, other)| *count += other);
            counts
        })
        .unwrap_or_default();
    let n_sampled: usize = (0..n_runs).map(|run| RUN.min(n - run * step)).sum();
    let share = n_sampled as f64 / n as f64;
    let floor = |(histogram, &take): (&[u32], &u64)| {
        let enough = likely_to_hold(take as f64 * share);
        let mut above = 0.0;
        let bucket = (0..BUCKETS).rev().find(|&bucket| {
            above += f64::from(histogram[bucket]);
            above >= enough
        });
        bucket.map_or(f64::NEG_INFINITY, |bucket| groups.lower_edge(bucket))
    };
    Some(counts.chunks_exact(BUCKETS).zip(plan.take.values()).map(floor).collect())
}

impl Groups {
    /// Visits the groups of a row, in which keys of rows that are predicted as given may be a little too large, and
    /// those not above 0 left out.
    #[inline(always)]
    fn visit_roughly<F: Float>(
        &self,
        label: usize,
        probs: &[F],
        note: Option<RowNote>,
        visitor: &mut impl KeyVisitor,
    ) {
        let as_given = note.filter(|note| usize::from(note.predicted_class) == label);
        if self.key == SelectionKey::MarginOfPair {
            if as_given.is_none() {
                self.visit_margins(0, label, probs, visitor);
            }
        } else if let Some(slot) = self.own_group(label) {
            let key = match (as_given, self.key) {
                (Some(note), _) => self.key_bound_as_given(note),
                (None, SelectionKey::LowNormalizedMargin) => -normalized_margin(probs, label),
                (None, _) => -probs[label].to_f64(),
            };
            visitor.visit(0, slot, key);
        }
    }
}

/// The sampled rows to go down by, so that the rows to take, of which `expected` were sampled on average, lie above.
fn likely_to_hold(expected: f64) -> f64 {
    expected + 4.0 * expected.sqrt() + 4.0
}
