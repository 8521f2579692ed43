//! What holds for any features.

use cleanlab_core::{LabeledProbs, Labels, PredProbs, RandomState};
use cleanlab_neighbors::Metric;
use cleanlab_outlier::{FeatureOutlierOptions, OodMethod, OutOfDistribution, fit_score_predictions};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

fn random_rows(seed: u32, n_rows: usize, n_features: usize) -> Array2<f64> {
    let mut random = RandomState::new(seed);
    Array2::from_shape_simple_fn((n_rows, n_features), || random.standard_normal())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn fit_scores_lie_between_0_and_1_and_follow_the_rows(
        seed in 0_u32..1000, n_rows in 2_usize..150, n_features in 1_usize..8, shift in 1_usize..100,
    ) {
        let rows = random_rows(seed, n_rows, n_features);
        let order: Vec<usize> = (0..n_rows).map(|row| (row + shift) % n_rows).collect();
        let options = FeatureOutlierOptions::default();
        let scores = OutOfDistribution::fit(rows.view(), &options).unwrap().fitted_scores().to_owned();
        prop_assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
        let permuted = OutOfDistribution::fit(rows.select(Axis(0), &order), &options).unwrap();
        for (position, &row) in order.iter().enumerate() {
            prop_assert!((permuted.fitted_scores()[position] - scores[row]).abs() < 1e-12);
        }
    }

    #[test]
    fn score_of_a_row_moved_away_falls(seed in 0_u32..1000, n_features in 1_usize..8) {
        let rows = random_rows(seed, 50, n_features);
        let options = FeatureOutlierOptions::default().with_metric(Metric::Euclidean);
        let ood = OutOfDistribution::fit(rows.view(), &options).unwrap();
        let moved = Array2::from_shape_fn((6, n_features), |(row, _)| 10.0 * (row + 1) as f64);
        let scores = ood.score(moved.view()).unwrap().to_vec();
        prop_assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]));
    }
}

#[test]
fn fit_on_any_number_of_threads_is_the_same() {
    let rows = random_rows(1, 1000, 12);
    let scores = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let fit = || OutOfDistribution::fit(rows.view(), &FeatureOutlierOptions::default());
        pool.install(|| fit().unwrap().fitted_scores().to_owned())
    };
    assert_eq!(scores(1), scores(2));
    assert_eq!(scores(1), scores(7));
}

#[test]
fn fit_score_predictions_on_any_number_of_threads_is_the_same() {
    let mut pred_probs = random_rows(2, 30_000, 5).mapv(f64::abs);
    for mut row in pred_probs.rows_mut() {
        row /= row.sum();
    }
    let labels: Vec<u32> = (0..30_000).map(|row| row % 5).collect();
    let data = LabeledProbs::new(Labels::new(&labels).unwrap(), PredProbs::new(pred_probs).unwrap()).unwrap();
    for method in [OodMethod::Entropy, OodMethod::LeastConfidence, OodMethod::gen_score()] {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fit_score_predictions(&data, method).unwrap())
        };
        let one = on(1);
        assert!([2, 7].into_iter().all(|threads| on(threads) == one), "{method:?}");
    }
}
