//! Scores of batches are those of the whole, and what cannot be scored is an error with its place.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::{Batch, Float, LabeledProbs, Labels, PredProbs, RandomState};
use cleanlab_count::{CountError, get_confident_thresholds};
use cleanlab_rank::{
    LabelQualityMethod, LabelQualityScorer, RankError, get_confidence_weighted_entropy_for_each_label,
    get_label_quality_scores, get_normalized_margin_for_each_label, get_self_confidence_for_each_label,
    order_label_issues,
};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;

fn draw(seed: u32, n: usize, k: usize) -> (Vec<u32>, Array2<f64>) {
    let mut random = RandomState::new(seed);
    let mut pred_probs = Array2::zeros((n, k));
    for mut row in pred_probs.rows_mut() {
        row.assign(&Array1::from(random.dirichlet(&vec![0.7; k]).unwrap()));
    }
    let mut labels: Vec<u32> = (0..n).map(|_| random.randint(0, k as i64).unwrap() as u32).collect();
    (labels[0], labels[1]) = (0, 1);
    (labels, pred_probs)
}

/// The scores of batches of so many rows, put together.
fn in_batches<F: Float>(
    labels: &[u32],
    pred_probs: &Array2<F>,
    method: LabelQualityMethod,
    thresholds: &Array1<f64>,
    n_rows: usize,
) -> Vec<f64> {
    let scorer = LabelQualityScorer::new(method, Some(thresholds)).unwrap();
    let k = pred_probs.ncols();
    let mut scores = vec![f64::NAN; labels.len()];
    for start in (0..labels.len()).step_by(n_rows) {
        let end = labels.len().min(start + n_rows);
        let values = &pred_probs.as_slice().unwrap()[start * k..end * k];
        let batch = Batch::new(&labels[start..end], values, k, start as u64).unwrap();
        scorer.score(&batch, &mut scores[start..end]).unwrap();
    }
    scores
}

fn check<F: Float>(labels: &[u32], pred_probs: &Array2<F>, n_rows: usize) -> Result<(), TestCaseError> {
    let probs = PredProbs::new(pred_probs.view()).unwrap();
    let data = LabeledProbs::new(Labels::new(labels).unwrap(), probs).unwrap();
    let thresholds = get_confident_thresholds(&data).unwrap();
    for method in LabelQualityMethod::ALL {
        let whole = get_label_quality_scores(&data, method).unwrap();
        let parts = in_batches(labels, pred_probs, method, &thresholds, n_rows);
        prop_assert_eq!(whole.to_vec(), parts, "{:?}", method);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn scores_of_batches_are_the_bits_of_the_whole(
        seed: u32, n in 2_usize..200, k in 2_usize..9, n_rows in 1_usize..70,
    ) {
        let (labels, pred_probs) = draw(seed, n, k);
        check(&labels, &pred_probs, n_rows)?;
        check(&labels, &pred_probs.mapv(|p| p as f32), n_rows)?;
    }
}

#[test]
fn scorer_names_what_it_lacks() {
    let adjusted = LabelQualityMethod::AdjustedSelfConfidence;
    let missing = LabelQualityScorer::new(adjusted, None).unwrap_err();
    assert_eq!(missing, CountError::WrongLength { what: "thresholds", found: 0, expected: 2 }.into());
    assert!(LabelQualityScorer::new(adjusted, Some(&array![0.5, f64::NAN])).is_err());

    let batch = Batch::new(&[0, 1], &[0.9, 0.1, 0.2, 0.8], 2, 0).unwrap();
    let of_three = LabelQualityScorer::new(adjusted, Some(&array![0.5, 0.5, 0.5])).unwrap();
    let wrong = CountError::WrongLength { what: "thresholds", found: 3, expected: 2 };
    assert_eq!(of_three.score(&batch, &mut [0.0; 2]), Err(wrong.into()));

    let scorer = LabelQualityScorer::new(LabelQualityMethod::SelfConfidence, None).unwrap();
    let wrong = CountError::WrongLength { what: "scores", found: 1, expected: 2 };
    assert_eq!(scorer.score(&batch, &mut [0.0]), Err(wrong.into()));
}

#[test]
fn row_that_adjustment_leaves_nothing_of_is_named_by_its_place_in_all_data() {
    // Minus the thresholds and plus the largest of them, the second row is 0 and 0.
    let (labels, probs) = ([0, 1, 1], [0.9, 0.1, 0.0, 0.0, 0.2, 0.8]);
    let batch = Batch::new(&labels, &probs, 2, 40).unwrap();
    let adjusted = LabelQualityMethod::AdjustedNormalizedMargin;
    let scorer = LabelQualityScorer::new(adjusted, Some(&array![0.5, 0.5])).unwrap();
    let unscalable = RankError::from(CountError::UnscalableRow { row: 41 });
    assert_eq!(scorer.score(&batch, &mut [0.0; 3]), Err(unscalable));
}

#[test]
fn scores_of_one_method_are_those_asked_for_by_its_name() {
    let (labels, pred_probs) = draw(3, 50, 4);
    let data =
        LabeledProbs::new(Labels::new(&labels).unwrap(), PredProbs::new(pred_probs.view()).unwrap()).unwrap();
    let of = |method| get_label_quality_scores(&data, method).unwrap();
    assert_eq!(get_self_confidence_for_each_label(&data), of(LabelQualityMethod::SelfConfidence));
    assert_eq!(get_normalized_margin_for_each_label(&data), of(LabelQualityMethod::NormalizedMargin));
    let entropy = get_confidence_weighted_entropy_for_each_label(&data);
    assert_eq!(entropy, of(LabelQualityMethod::ConfidenceWeightedEntropy));
    let self_confidence = of(LabelQualityMethod::SelfConfidence);
    assert!(
        self_confidence
            .iter()
            .zip(&labels)
            .enumerate()
            .all(|(row, (&score, &label))| { score == pred_probs[[row, label as usize]] })
    );
}

#[test]
fn order_label_issues_mask_of_another_length_is_refused() {
    let (labels, pred_probs) = draw(3, 5, 3);
    let data =
        LabeledProbs::new(Labels::new(&labels).unwrap(), PredProbs::new(pred_probs.view()).unwrap()).unwrap();
    let mask = array![true, false];
    let refused = order_label_issues(mask.view(), &data, LabelQualityMethod::SelfConfidence);
    assert_eq!(refused, Err(RankError::MaskLength { mask: 2, labels: 5 }));
}
