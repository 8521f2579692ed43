//! How far down a group has to be searched, judged from a sample of the rows.

use cleanlab_core::{Float, LabeledProbs};
use rayon::prelude::*;

use super::SelectionPlan;
use super::groups::{BUCKETS, Groups};

/// Rows sampled at most.
const SAMPLE_ROWS: usize = 1 << 16;

/// Rows sampled at least one of so many, where there are few.
const SMALLEST_STEP: usize = 8;

/// Consecutive rows read at a time.
const RUN: usize = 16;

/// What a sample tells.
pub(super) struct SampledFloors {
    /// For each group of the plan a key above which, sampling error allowed for, the rows to take lie; −∞ where the
    /// sample does not tell.
    pub(super) floors: Vec<f64>,
    /// Whether all rows above the floors can be kept in a small part of the memory that the data take.
    pub(super) few_above: bool,
}

/// `None` when a sample does not pay: for few rows or many groups.
pub(super) fn sampled_floors<F: Float>(
    data: &LabeledProbs<'_, F>,
    plan: &SelectionPlan,
) -> Option<SampledFloors> {
    let (n, k) = (data.len(), data.n_classes());
    let step = (n / SAMPLE_ROWS).max(SMALLEST_STEP) * RUN;
    let sampled_share = RUN as f64 / step as f64;
    let small_part = (n * k * size_of::<F>()) as f64 / 16.0;
    let n_groups = plan.take.len();
    let sample_memory = (n_groups * BUCKETS * size_of::<u32>()) as f64;
    if n < 8 * step || sample_memory > small_part {
        return None;
    }
    let few_above = memory_above_floors(plan, sampled_share) <= small_part;
    let groups = Groups::new(plan.key, plan.n_classes, plan.take.keys().copied());
    let labels = data.labels().as_slice();
    let count_run = |(mut counts, mut scratch): (Vec<u32>, Vec<F>), run: usize| {
        let rows = run * step..(run * step + RUN).min(n);
        let probs = data.pred_probs().rows(rows.clone(), &mut scratch);
        let labelled = labels[rows].iter().zip(probs.chunks_exact(k));
        let visit = |_, slot, key| counts[slot * BUCKETS + groups.bucket(key)] += 1;
        groups.visit_keys(labelled.map(|(&label, probs)| (0, label as usize, probs)), visit);
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
    let floors = counts.chunks_exact(BUCKETS).zip(plan.take.values()).map(floor).collect();
    Some(SampledFloors { floors, few_above })
}

/// The sampled rows to go down by, so that the rows to take, of which `expected` were sampled on average, lie above.
fn likely_to_hold(expected: f64) -> f64 {
    expected + 4.0 * expected.sqrt() + 4.0
}

/// Bytes of the candidates that a pass above the floors will keep.
fn memory_above_floors(plan: &SelectionPlan, sampled_share: f64) -> f64 {
    const CANDIDATE_BYTES: f64 = 16.0;
    let above = |&take: &u64| likely_to_hold(take as f64 * sampled_share) / sampled_share;
    CANDIDATE_BYTES * plan.take.values().map(above).sum::<f64>()
}
