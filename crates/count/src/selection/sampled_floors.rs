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
        .with_min_len((n_runs / rayon::current_num_threads()).max(1))
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

#[cfg(test)]
mod tests {
    use super::super::tests::Recorded;
    use super::*;
    use cleanlab_core::{Labels, PredProbs};

    /// What a sample of rows of class 0 tells, by the probability of that class; another class has the rest.
    fn floors_of(own: &[f64], k: usize, take: &[(u64, u64)], n_threads: usize) -> Option<Vec<f64>> {
        let row = |&own: &f64| [&[own, 1.0 - own], &[0.0; 100][..k - 2]].concat();
        let probs: Vec<f64> = own.iter().flat_map(row).collect();
        let labels = vec![0; own.len()];
        let pred_probs = PredProbs::from_slice(&probs, k).unwrap();
        let data = LabeledProbs::allowing_one_class(Labels::new(&labels).unwrap(), pred_probs).unwrap();
        let plan = SelectionPlan::new(SelectionKey::LowSelfConfidenceOfClass, k, take.iter().copied());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| sampled_floors(&data, &plan))
    }

    #[test]
    fn few_rows_or_much_memory_for_counts_are_not_sampled() {
        let is_sampled = |n: usize, k: usize, n_groups: u64, n_threads: usize| {
            let take: Vec<(u64, u64)> = (0..n_groups).map(|class| (class, 200)).collect();
            floors_of(&vec![0.5; n], k, &take, n_threads).is_some()
        };
        assert!(is_sampled(1024, 13, 1, 1) && !is_sampled(1023, 13, 1, 1));
        // Counts of a group and a thread take 2 KB, for which data of 100 KB are enough.
        assert!(is_sampled(1280, 10, 1, 1) && !is_sampled(1279, 10, 1, 1));
        assert!(is_sampled(1280, 20, 1, 2) && !is_sampled(1279, 20, 1, 2));
        assert!(is_sampled(1280, 30, 3, 1) && !is_sampled(1279, 30, 3, 1));
        assert!(is_sampled(1280, 60, 3, 2) && !is_sampled(1279, 60, 3, 2));
    }

    #[test]
    fn floors_are_where_as_many_sampled_rows_as_are_likely_to_hold_come_to() {
        // 16 rows of 128 are sampled, 8 of the last 8. The others have the highest keys.
        let sampled = (0..2056).filter(|row| row % 128 < 16);
        let mut own = vec![0.0; 2056];
        sampled.enumerate().for_each(|(place, row)| own[row] = place as f64 / 512.0);
        for n_threads in [1, 2] {
            let floors = floors_of(&own, 30, &[(0, 400), (3, 200)], n_threads);
            let Some([floor, unsampled]) = floors.as_deref() else { panic!("{floors:?}") };
            // 400 rows of 2,056 are 51.36 of 264, and four times the root of that and 4 more are 84.03; so many are
            // the first 85, and a bucket holds one of them, but the last two.
            assert!((floor - (428.0 / 512.0 - 1.0)).abs() < 1e-8, "{floor}");
            assert_eq!(*unsampled, f64::NEG_INFINITY);
            assert_eq!(floors_of(&own, 30, &[(0, 2000)], n_threads), Some(vec![f64::NEG_INFINITY]));
        }
    }

    #[test]
    fn rows_predicted_as_given_are_visited_by_their_notes_or_not_at_all() {
        let probs = [&[0.25, 0.5, 0.125][..], &[0.0; 17]].concat();
        let pred_probs = PredProbs::from_slice(&probs, 20).unwrap();
        let note = pred_probs.notes(0..1).unwrap().of_row(0);
        let visited = |key: SelectionKey, label: usize, note: Option<RowNote>| {
            let groups = match key {
                SelectionKey::MarginOfPair => Groups::new(key, 20, [1, 2, 20, 22].into_iter()),
                _ => Groups::new(key, 20, [0].into_iter()),
            };
            let mut visitor = Recorded::above(&[f64::NEG_INFINITY; 4]);
            groups.visit_roughly(label, &probs, note, &mut visitor);
            let keys: Vec<f64> = visitor.visits.iter().map(|visit| visit.2).collect();
            (keys, groups.key_bound_as_given(pred_probs.notes(0..1).unwrap().of_row(0)))
        };
        // Class 1 is predicted.
        let margins = |label, note| visited(SelectionKey::MarginOfPair, label, note).0;
        assert_eq!(margins(0, Some(note)), [0.25, -0.125]);
        assert_eq!(margins(1, None), [-0.25, -0.375]);
        assert!(margins(1, Some(note)).is_empty());
        for (key, exact) in [
            (SelectionKey::LowNormalizedMargin, [-0.375, -0.625]),
            (SelectionKey::LowSelfConfidence, [-0.25, -0.5]),
        ] {
            assert_eq!(visited(key, 0, Some(note)).0, exact[..1]);
            assert_eq!(visited(key, 1, None).0, exact[1..]);
            let (keys, bound) = visited(key, 1, Some(note));
            assert_eq!(keys, [bound]);
            assert_ne!(bound.to_bits(), exact[1].to_bits());
        }
    }

    #[test]
    fn likely_to_hold_adds_four_deviations_and_four_rows() {
        assert_eq!(likely_to_hold(0.0), 4.0);
        assert_eq!(likely_to_hold(100.0), 144.0);
    }
}
