//! What holds for the health of any data set.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use approx::assert_abs_diff_eq;
use cleanlab_core::{LabeledProbs, Labels, PredProbs, RandomState};
use cleanlab_dataset::{
    HealthSource, Symmetry, find_overlapping_classes, health_summary, overall_label_health_score,
    rank_classes_by_label_quality,
};
use ndarray::{Array2, Axis, array};
use proptest::prelude::*;

/// A joint distribution of K classes.
fn joint(seed: u32, k: usize) -> Array2<f64> {
    let mut random = RandomState::new(seed);
    let counts = Array2::from_shape_simple_fn((k, k), || random.random_sample());
    let mut counts = counts.mapv(|draw: f64| (draw * 50.0).floor());
    counts[[0, 0]] += 1.0;
    let total = counts.sum();
    counts / total
}

proptest! {
    #[test]
    fn rank_classes_by_label_quality_renamed_classes_are_renamed(seed: u32, k in 2_usize..7, shift in 0_usize..7) {
        let joint = joint(seed, k);
        let order: Vec<usize> = (0..k).map(|class| (class + shift) % k).collect();
        let renamed = joint.select(Axis(0), &order).select(Axis(1), &order);
        let rank = |joint: &Array2<f64>| {
            let mut classes = rank_classes_by_label_quality(&HealthSource::joint(joint.view(), 1000)).unwrap();
            classes.sort_by_key(|row| row.class);
            classes
        };
        let (plain, renamed) = (rank(&joint), rank(&renamed));
        for (position, &class) in order.iter().enumerate() {
            assert_abs_diff_eq!(renamed[position].label_noise, plain[class].label_noise, epsilon = 1e-12);
            assert_abs_diff_eq!(
                renamed[position].inverse_label_noise, plain[class].inverse_label_noise, epsilon = 1e-12
            );
        }
    }

    /// What is wrong is what lies off the diagonal, however it is counted.
    #[test]
    fn every_account_of_a_joint_has_the_same_share_of_wrong_labels(seed: u32, k in 2_usize..7) {
        let joint = joint(seed, k);
        let source = HealthSource::joint(joint.view(), 1000);
        let wrong = 1.0 - overall_label_health_score(&source).unwrap();
        for symmetry in [Symmetry::Symmetric, Symmetry::Asymmetric] {
            let pairs = find_overlapping_classes(&source, symmetry).unwrap();
            prop_assert!(pairs.windows(2).all(|pair| pair[0].joint_probability >= pair[1].joint_probability));
            let of_pairs: f64 = pairs.iter().map(|pair| pair.joint_probability).sum();
            assert_abs_diff_eq!(of_pairs, wrong, epsilon = 1e-12);
        }
        let classes = rank_classes_by_label_quality(&source).unwrap();
        prop_assert!(classes.windows(2).all(|pair| pair[0].label_quality_score <= pair[1].label_quality_score));
        let of_classes: f64 =
            classes.iter().map(|row| row.label_noise * joint.row(row.class).sum()).sum();
        assert_abs_diff_eq!(of_classes, wrong, epsilon = 1e-9);
    }
}

#[test]
fn health_summary_classes_that_hardly_occur_are_answered() {
    // Class 2 has no label, class 1 a single one.
    let labels = [0, 0, 1, 0];
    let pred_probs = array![[0.9, 0.1, 0.0], [0.8, 0.1, 0.1], [0.7, 0.2, 0.1], [0.1, 0.1, 0.8]];
    let data = LabeledProbs::new(Labels::new(&labels).unwrap(), PredProbs::new(pred_probs).unwrap()).unwrap();
    let source = HealthSource::probabilities(&data);
    let summary = health_summary(&source, Symmetry::Symmetric).unwrap();
    assert_eq!(summary.classes_by_label_quality.len(), 3);
    assert!(summary.joint.iter().all(|p| (0.0..=1.0).contains(p)));
    assert_abs_diff_eq!(summary.joint.sum(), 1.0, epsilon = 1e-12);
    let of_class_2 = summary.classes_by_label_quality.iter().find(|row| row.class == 2).unwrap();
    assert_eq!((of_class_2.label_issues, of_class_2.label_noise), (0, 0.0));
}
