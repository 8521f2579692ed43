//! Answers over a matrix whose rows have notes are those of batches without notes, to the bit.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::{
    Accumulator, Batch, Float, LabeledProbs, Labels, PredProbs, RowNotes, accumulate, fill_rows,
};
use cleanlab_count::{
    CollisionRule, ConfidentJointOptions, IssueCountAccumulator, JointAccumulator, LabelSurvey, SelectionCut,
    SelectionCuts, SelectionHistogram, SelectionKey, SelectionPlan, find_confident_issues, flag_unpredicted,
    get_confident_thresholds, given_label_is_predicted, predicted_class, select_mask,
    select_mask_of_unpredicted,
};
use ndarray::{Array1, Array2, ShapeBuilder};
use proptest::prelude::*;

/// Labels and row-major probabilities. `steps` different values make ties; rows lean to their label by `lean`, so that
/// some are predicted as given.
#[derive(Debug, Clone)]
struct Rows {
    k: usize,
    labels: Vec<u32>,
    probs: Vec<f32>,
}

fn draw(seed: u64, n: usize, k: usize, steps: u32, lean: f32) -> Rows {
    let mut state = seed | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as u32
    };
    let labels: Vec<u32> = (0..n).map(|_| next() % k as u32).collect();
    let mut probs: Vec<f32> = (0..n * k).map(|_| (next() % (steps + 1)) as f32 / steps as f32).collect();
    for (row, &label) in probs.chunks_exact_mut(k).zip(&labels) {
        row[label as usize] = (row[label as usize] + lean).min(1.0);
        if next() % 16 == 0 {
            row[next() as usize % k] = -9e-7;
            row[next() as usize % k] = 1.000_001;
        }
    }
    Rows { k, labels, probs }
}

fn rows() -> impl Strategy<Value = Rows> {
    // Those of very many classes take a hundred times as long: all pairs of them are selected from.
    let k = prop_oneof![6 => 2_usize..24, 2 => Just(40), 1 => Just(300)];
    let steps = prop_oneof![1_u32..40, Just(255), Just(100_000)];
    (any::<u64>(), 1_usize..400, k, steps, 0.0_f32..0.9)
        .prop_map(|(seed, n, k, steps, lean)| draw(seed, n, k, steps, lean))
}

const KEYS: [SelectionKey; 4] = [
    SelectionKey::MarginOfPair,
    SelectionKey::LowSelfConfidenceOfClass,
    SelectionKey::LowSelfConfidence,
    SelectionKey::LowNormalizedMargin,
];

/// Of so many rows of very many classes all pairs of these are selected from, which takes a hundred times as long.
const ROWS_FOR_PAIRS_OF_MANY_CLASSES: usize = 333;

#[test]
fn pairs_of_more_classes_than_a_byte_counts_are_those_of_batches() {
    let rows = draw(7, ROWS_FOR_PAIRS_OF_MANY_CLASSES, 300, 100_000, 0.5);
    let thresholds: Vec<f64> = (0..300).map(|class| 0.4 + 0.5 * f64::from(class) / 300.0).collect();
    check_both(&rows, &thresholds, &[0, 1, 5, 2]).unwrap();
}

fn plan(key: SelectionKey, k: usize, counts: &[u64]) -> SelectionPlan {
    let k = k as u64;
    let groups: Vec<u64> = match key {
        SelectionKey::MarginOfPair => (0..k * k).filter(|group| group / k != group % k).collect(),
        SelectionKey::LowSelfConfidenceOfClass => (0..k).collect(),
        _ => vec![0],
    };
    SelectionPlan::new(key, k as usize, groups.into_iter().zip(counts.iter().copied().cycle()))
}

/// Holds what is found over a matrix to what a batch without notes gives.
fn check<F: Float>(
    k: usize,
    labels: &[u32],
    values: Array2<F>,
    thresholds: &Array1<f64>,
    counts: &[u64],
) -> Result<(), TestCaseError> {
    let row_major: Vec<F> = values.iter().copied().collect();
    let batch = Batch::new(labels, &row_major, k, 0).unwrap();
    prop_assert!(batch.notes().is_none());
    let pred_probs = PredProbs::new(values).unwrap();
    let data = LabeledProbs::allowing_one_class(Labels::new(labels).unwrap(), pred_probs).unwrap();
    for rule in [CollisionRule::LargestOfAll, CollisionRule::LargestOfConfident] {
        let mut joint = JointAccumulator::new(thresholds, rule);
        joint.update(&batch).unwrap();
        prop_assert_eq!(accumulate(&data, || JointAccumulator::new(thresholds, rule)).unwrap(), joint);
        let mut count = IssueCountAccumulator::new(thresholds, rule);
        count.update(&batch).unwrap();
        let options =
            ConfidentJointOptions::default().with_thresholds(thresholds.clone()).with_collision(rule);
        let issues = find_confident_issues(&data, &options).unwrap();
        prop_assert_eq!(issues.into_iter().filter(|&issue| issue).count() as u64, count.finish());
    }
    let unpredicted: Vec<bool> =
        batch.iter().map(|(_, label, probs)| !given_label_is_predicted(probs, label)).collect();
    let mut flags = vec![true; labels.len()];
    fill_rows(&data, &mut flags, flag_unpredicted);
    prop_assert_eq!(&flags, &unpredicted);
    for key in KEYS {
        if key == SelectionKey::MarginOfPair && k > 256 && labels.len() != ROWS_FOR_PAIRS_OF_MANY_CLASSES {
            continue;
        }
        let plan = plan(key, k, counts);
        let cuts = if plan.needs_histogram() {
            let mut histogram = SelectionHistogram::new(&plan);
            histogram.update(&batch).unwrap();
            histogram.finish()
        } else {
            SelectionCuts::without_histogram(&plan)
        };
        let mut cut = SelectionCut::new(&cuts);
        cut.update(&batch).unwrap();
        let mut expected = vec![false; labels.len()];
        cut.finish().into_iter().for_each(|row| expected[row as usize] = true);
        let survey = LabelSurvey::new(&data, &[key]).unwrap();
        prop_assert_eq!(&survey.thresholds, &get_confident_thresholds(&data).unwrap());
        prop_assert_eq!(&survey.label_counts, &data.label_counts());
        for keys in [&[][..], &survey.keys] {
            prop_assert_eq!(&select_mask(&data, &plan, keys).unwrap(), &expected, "{:?}", key);
            let kept = expected.iter().zip(&unpredicted).map(|(&selected, &keep)| selected && keep);
            let kept: Vec<bool> = kept.collect();
            prop_assert_eq!(&select_mask_of_unpredicted(&data, &plan, keys).unwrap(), &kept, "{:?}", key);
        }
    }
    Ok(())
}

fn check_both(rows: &Rows, thresholds: &[f64], counts: &[u64]) -> Result<(), TestCaseError> {
    let Rows { k, labels, probs } = rows;
    let shape = (labels.len(), *k);
    let thresholds = Array1::from(thresholds[..*k].to_vec());
    let narrow = Array2::from_shape_vec(shape, probs.clone()).unwrap();
    let wide = narrow.mapv(f64::from);
    // The same matrix, column after column in memory.
    let mut columns = Array2::zeros(shape.f());
    columns.assign(&wide);
    check(*k, labels, narrow, &thresholds, counts)?;
    check(*k, labels, wide, &thresholds, counts)?;
    check(*k, labels, columns, &thresholds, counts)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_matrix_gives_the_answers_of_batches(
        rows in rows(),
        // Multiples of the steps between levels among them.
        thresholds in prop::collection::vec(
            prop_oneof![0.0..1.2_f64, (0_u8..=255).prop_map(|level| f64::from(level) / 255.0 + 1e-6)],
            300,
        ),
        counts in prop::collection::vec(prop_oneof![0_u64..6, 0_u64..300], 1..30),
    ) {
        check_both(&rows, &thresholds, &counts)?;
    }

    #[test]
    fn sampled_floors_give_the_answers_of_batches(
        seed: u64,
        n in 1500_usize..4000,
        k in 8_usize..20,
        steps in prop_oneof![1_u32..40, Just(100_000)],
        lean in 0.0_f32..0.9,
        counts in prop::collection::vec(prop_oneof![0_u64..6, 129_u64..400], 1..30),
    ) {
        let thresholds: Vec<f64> = (0..k).map(|class| 0.3 + 0.6 * class as f64 / k as f64).collect();
        check_both(&draw(seed, n, k, steps, lean), &thresholds, &counts)?;
    }

    #[test]
    fn notes_are_what_they_say(rows in rows()) {
        let wide: Vec<f64> = rows.probs.iter().map(|&p| p.into()).collect();
        check_notes(rows.k, &rows.probs)?;
        check_notes(rows.k, &wide)?;
    }
}

fn check_notes<F: Float>(k: usize, probs: &[F]) -> Result<(), TestCaseError> {
    let pred_probs = PredProbs::from_slice(probs, k).unwrap();
    let notes = pred_probs.notes(0..probs.len() / k);
    prop_assert_eq!(notes.is_some(), k * size_of::<F>() >= 64);
    for (position, (row, note)) in
        probs.chunks_exact(k).zip(notes.iter().flat_map(RowNotes::iter)).enumerate()
    {
        let mut sorted: Vec<f64> = row.iter().map(|p| p.to_f64()).collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        prop_assert_eq!(usize::from(note.predicted_class), predicted_class(row));
        prop_assert_eq!(notes.unwrap().predicted_class(position), predicted_class(row));
        prop_assert_eq!(note.largest, RowNotes::level(sorted[0]));
        prop_assert!(RowNotes::level(sorted[1]) <= note.second && note.second <= note.largest);
        prop_assert!(RowNotes::lower_bound(note.largest) <= sorted[0]);
        prop_assert!(RowNotes::upper_bound(note.largest) >= sorted[0]);
    }
    Ok(())
}
