//! Laws of the scores of numeric labels.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::RandomState;
use cleanlab_regression::{LabelQualityMethod, get_label_quality_scores};
use ndarray::{Array1, Axis};
use proptest::prelude::*;

const METHODS: [LabelQualityMethod; 2] = [LabelQualityMethod::Outre, LabelQualityMethod::Residual];

fn draw(seed: u32, n: usize) -> (Array1<f64>, Array1<f64>) {
    let mut random = RandomState::new(seed);
    let labels = Array1::from_shape_simple_fn(n, || 3.0 * random.standard_normal());
    let predictions = labels.mapv(|label| label + random.standard_normal());
    (labels, predictions)
}

fn scores(labels: &Array1<f64>, predictions: &Array1<f64>, method: LabelQualityMethod) -> Array1<f64> {
    get_label_quality_scores(labels.view(), predictions.view(), method).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn get_label_quality_scores_lie_between_0_and_1_and_follow_the_rows(
        seed: u32, n in 2_usize..200, shift in 0_usize..200,
    ) {
        let (labels, predictions) = draw(seed, n);
        let order: Vec<usize> = (0..n).map(|row| (row + shift) % n).collect();
        for method in METHODS {
            let plain = scores(&labels, &predictions, method);
            prop_assert!(plain.iter().all(|score| (0.0..=1.0).contains(score)));
            let moved = scores(&labels.select(Axis(0), &order), &predictions.select(Axis(0), &order), method);
            for (position, &row) in order.iter().enumerate() {
                prop_assert!((moved[position] - plain[row]).abs() < 1e-9);
            }
        }
    }

    /// Both labels and residuals are taken relative to their spread.
    #[test]
    fn get_label_quality_scores_outre_does_not_know_the_unit(seed: u32, n in 2_usize..100, power in -30_i32..30) {
        let (labels, predictions) = draw(seed, n);
        let unit = 2.0_f64.powi(power);
        let plain = scores(&labels, &predictions, LabelQualityMethod::Outre);
        let scaled = scores(&(&labels * unit), &(&predictions * unit), LabelQualityMethod::Outre);
        prop_assert!((plain - scaled).iter().all(|difference| difference.abs() < 1e-12));
    }

    #[test]
    fn get_label_quality_scores_residual_falls_with_the_residual(seed: u32, n in 2_usize..100) {
        let (labels, predictions) = draw(seed, n);
        let scores = scores(&labels, &predictions, LabelQualityMethod::Residual);
        let residuals = (&predictions - &labels).mapv(f64::abs);
        for row in 1..n {
            prop_assert_eq!(scores[row] < scores[0], residuals[row] > residuals[0]);
        }
    }
}

#[test]
fn get_label_quality_scores_any_number_of_threads_gives_the_same_bits() {
    let (labels, predictions) = draw(3, 3000);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| METHODS.map(|method| scores(&labels, &predictions, method)))
    };
    let one = on(1);
    for threads in [2, 5] {
        assert_eq!(on(threads), one, "{threads} threads");
    }
}
