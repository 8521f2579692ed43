//! The answers of a pass do not depend on how the rows were divided, merged or sent.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::{Accumulator, Batch, LabeledProbs, Labels, PredProbs};
use cleanlab_count::{
    CollisionRule, IssueCountAccumulator, JointAccumulator, SelectionCut, SelectionCuts, SelectionHistogram,
    SelectionKey, SelectionPlan, ThresholdAccumulator, get_confident_thresholds, normalized_margin,
    select_rows,
};
use ndarray::Array1;
use proptest::prelude::*;

/// Labels and row-major probabilities; coarse values, so that ties are common.
#[derive(Debug, Clone)]
struct Rows {
    n_classes: usize,
    labels: Vec<u32>,
    probs: Vec<f64>,
}

fn rows() -> impl Strategy<Value = Rows> {
    (2_usize..6, 1_usize..700, 1_u32..40).prop_flat_map(|(n_classes, n, steps)| {
        let labels = prop::collection::vec(0..n_classes as u32, n);
        let probs = prop::collection::vec(
            (0..=steps).prop_map(move |p| f64::from(p) / f64::from(steps)),
            n * n_classes,
        );
        (labels, probs).prop_map(move |(labels, probs)| Rows { n_classes, labels, probs })
    })
}

impl Rows {
    fn batch(&self, start: usize, end: usize) -> Batch<'_, f64> {
        let k = self.n_classes;
        Batch::new(&self.labels[start..end], &self.probs[start * k..end * k], k, start as u64).unwrap()
    }

    /// One pass over everything, never merged.
    fn whole<A: Accumulator>(&self, make: impl Fn() -> A) -> A {
        let mut pass = make();
        pass.update(&self.batch(0, self.labels.len())).unwrap();
        pass
    }

    /// A pass over parts that end where `cuts` say, sent as bytes after every step and merged last to first.
    fn in_parts<A: Accumulator>(&self, cuts: &[prop::sample::Index], make: impl Fn() -> A) -> A {
        let n = self.labels.len();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(n + 1)).chain([0, n]).collect();
        ends.sort_unstable();
        ends.dedup();
        let sent = |pass: A| A::from_bytes(&pass.to_bytes()).unwrap();
        let part = |bounds: &[usize]| {
            let mut pass = sent(make());
            pass.update(&self.batch(bounds[0], bounds[1])).unwrap();
            sent(pass)
        };
        let mut merged = make();
        for bounds in ends.windows(2).rev() {
            merged.merge(part(bounds)).unwrap();
            merged = sent(merged);
        }
        merged
    }
}

const KEYS: [SelectionKey; 4] = [
    SelectionKey::MarginOfPair,
    SelectionKey::LowSelfConfidenceOfClass,
    SelectionKey::LowSelfConfidence,
    SelectionKey::LowNormalizedMargin,
];

/// Selection by sorting each group whole.
fn sorted_selection(rows: &Rows, key: SelectionKey, take: &[(u64, u64)]) -> Vec<u64> {
    let k = rows.n_classes;
    let mut selected = Vec::new();
    for &(group, n) in take {
        let mut members: Vec<(f64, u64)> = Vec::new();
        for (row, (&label, probs)) in rows.labels.iter().zip(rows.probs.chunks_exact(k)).enumerate() {
            let label = label as usize;
            let found = match key {
                SelectionKey::MarginOfPair => {
                    let (given, other) = (group as usize / k, group as usize % k);
                    (label == given).then(|| probs[other] - probs[given])
                }
                SelectionKey::LowSelfConfidenceOfClass => (label as u64 == group).then(|| -probs[label]),
                SelectionKey::LowSelfConfidence => Some(-probs[label]),
                _ => Some(-normalized_margin(probs, label)),
            };
            members.extend(found.map(|found| (found, row as u64)));
        }
        members.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap().then(a.1.cmp(&b.1)));
        selected.extend(members.iter().take(n as usize).map(|member| member.1));
    }
    selected.sort_unstable();
    selected.dedup();
    selected
}

fn take_for(key: SelectionKey, rows: &Rows, counts: &[u64]) -> Vec<(u64, u64)> {
    let k = rows.n_classes as u64;
    let groups: Vec<u64> = match key {
        SelectionKey::MarginOfPair => (0..k * k).filter(|group| group / k != group % k).collect(),
        SelectionKey::LowSelfConfidenceOfClass => (0..k).collect(),
        _ => vec![0],
    };
    groups.into_iter().zip(counts.iter().copied().cycle()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn passes_any_partition_gives_the_same_bits(rows in rows(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..9)) {
        let k = rows.n_classes;
        let whole = rows.whole(|| ThresholdAccumulator::new(k));
        prop_assert_eq!(&whole, &rows.in_parts(&cuts, || ThresholdAccumulator::new(k)));
        let thresholds: Array1<f64> = whole.finish();
        for rule in [CollisionRule::LargestOfAll, CollisionRule::LargestOfConfident] {
            let make = || JointAccumulator::new(&thresholds, rule);
            prop_assert_eq!(rows.whole(make), rows.in_parts(&cuts, make));
            let make = || IssueCountAccumulator::new(&thresholds, rule);
            prop_assert_eq!(rows.whole(make), rows.in_parts(&cuts, make));
        }
    }

    #[test]
    fn selection_any_partition_equals_sorting(
        rows in rows(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..9),
        counts in prop::collection::vec(prop_oneof![0_u64..20, 0_u64..400], 1..30),
    ) {
        for key in KEYS {
            let take = take_for(key, &rows, &counts);
            let expected = sorted_selection(&rows, key, &take);
            let plan = SelectionPlan::new(key, rows.n_classes, take.iter().copied());
            let counted = if plan.needs_histogram() {
                rows.in_parts(&cuts, || SelectionHistogram::new(&plan)).finish()
            } else {
                SelectionCuts::without_histogram(&plan)
            };
            prop_assert_eq!(&rows.in_parts(&cuts, || SelectionCut::new(&counted)).finish(), &expected, "{:?}", key);
            prop_assert_eq!(&rows.whole(|| SelectionCut::new(&counted)).finish(), &expected, "{:?} unmerged", key);
        }
    }
}

#[test]
fn passes_any_number_of_threads_gives_the_same_bits() {
    let (n, k) = (60_000, 5);
    let value = |i: usize| ((i * 7919 + i * i % 104_729) % 1000) as f64 / 1000.0;
    let probs: Vec<f64> = (0..n * k).map(value).collect();
    let labels: Vec<u32> = (0..n).map(|i| ((i * 31 + i / 7) % k) as u32).collect();
    let data =
        LabeledProbs::new(Labels::new(&labels).unwrap(), PredProbs::from_slice(&probs, k).unwrap()).unwrap();
    let plan = SelectionPlan::new(SelectionKey::MarginOfPair, k, (0..25).map(|group| (group, 40 * group)));
    let answers = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| (get_confident_thresholds(&data).unwrap(), select_rows(&data, &plan).unwrap()))
    };
    let one = answers(1);
    for threads in [2, 4, 8] {
        assert_eq!(answers(threads), one, "{threads} threads");
    }
}
