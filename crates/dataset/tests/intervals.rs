//! What holds for every interval, and which options and joints are refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::{LabeledProbs, Labels, PredProbs, RandomState};
use cleanlab_count::{ConfidentJoint, CountError, EstimationMethod};
use cleanlab_dataset::{
    DatasetError, HealthSource, Interval, IntervalMethod, IntervalOptions, Symmetry, class_noise_intervals,
    find_overlapping_classes, health_intervals, health_summary, num_label_issues_interval,
    overall_label_health_score, overall_label_health_score_interval, overlap_intervals,
    rank_classes_by_label_quality,
};
use ndarray::{Array2, array};
use proptest::prelude::*;

/// Labels of which a fifth are wrong, and a model that is right about most.
fn draw(seed: u32, n: usize, k: usize) -> (Vec<u32>, Array2<f64>) {
    let mut stream = RandomState::new(seed);
    let mut labels = Vec::with_capacity(n);
    let mut pred_probs = Array2::zeros((n, k));
    for mut row in pred_probs.rows_mut() {
        let true_class = stream.randint(0, k as i64).unwrap();
        let wrong = stream.random_sample() < 0.2;
        labels.push(if wrong { stream.randint(0, k as i64).unwrap() } else { true_class } as u32);
        row.assign(&ndarray::Array1::from(stream.dirichlet(&vec![0.5; k]).unwrap()));
        row *= 0.5;
        row[true_class as usize] += 0.5;
    }
    labels[0] = 0;
    labels[1] = 1;
    (labels, pred_probs)
}

fn data<'a>(labels: &'a [u32], pred_probs: &'a Array2<f64>) -> LabeledProbs<'a, f64> {
    LabeledProbs::new(Labels::new(labels).unwrap(), PredProbs::new(pred_probs.view()).unwrap()).unwrap()
}

fn options(method: IntervalMethod) -> IntervalOptions {
    IntervalOptions::default().with_method(method).with_n_resamples(200)
}

const METHODS: [IntervalMethod; 2] = [IntervalMethod::Exact, IntervalMethod::Bootstrap];

fn is_share(interval: Interval) -> bool {
    0.0 <= interval.low && interval.low <= interval.high && interval.high <= 1.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn intervals_contain_the_estimate(seed: u32, n in 5_usize..300, k in 2_usize..6) {
        let (labels, pred_probs) = draw(seed, n, k);
        let data = data(&labels, &pred_probs);
        let joint = Array2::from_shape_fn((k, k), |(i, j)| if i == j { 0.9 } else { 0.1 / (k - 1) as f64 } / k as f64);
        let counts = ConfidentJoint::from_counts(joint.mapv(|p| (p * 100.0) as u64 + 1)).unwrap();
        let estimated = HealthSource::probabilities(&data);
        let given = HealthSource::joint(joint.view(), n as u64);
        let counted = HealthSource::confident_joint(&counts);
        for method in METHODS {
            let options = options(method);
            for source in [estimated, given, counted] {
                let score = overall_label_health_score_interval(&source, &options).unwrap();
                prop_assert!(is_share(score));
                prop_assert!(score.contains(overall_label_health_score(&source).unwrap()));
                let classes = class_noise_intervals(&source, &options).unwrap();
                for row in rank_classes_by_label_quality(&source).unwrap() {
                    let of_class = classes[row.class];
                    prop_assert!(of_class.label_noise.contains(row.label_noise));
                    prop_assert!(of_class.inverse_label_noise.contains(row.inverse_label_noise));
                }
                for symmetry in [Symmetry::Symmetric, Symmetry::Asymmetric] {
                    let pairs = find_overlapping_classes(&source, symmetry).unwrap();
                    let intervals = overlap_intervals(&source, &pairs, symmetry, &options).unwrap();
                    for (pair, interval) in pairs.iter().zip(intervals) {
                        prop_assert!(is_share(interval) && interval.contains(pair.joint_probability));
                    }
                }
            }
            for estimation in [EstimationMethod::OffDiagonal, EstimationMethod::OffDiagonalCalibrated, EstimationMethod::OffDiagonalCustom(counts.clone())] {
                let count = cleanlab_count::num_label_issues(&data, &estimation).unwrap() as f64;
                prop_assert!(num_label_issues_interval(&data, &estimation, &options).unwrap().contains(count));
            }
        }
    }

    #[test]
    fn intervals_of_a_higher_level_contain_those_of_a_lower(seed: u32, n in 20_usize..300) {
        let (labels, pred_probs) = draw(seed, n, 3);
        let data = data(&labels, &pred_probs);
        let source = HealthSource::probabilities(&data);
        for method in METHODS {
            let at = |level| class_noise_intervals(&source, &options(method).with_level(level)).unwrap();
            for (narrow, wide) in at(0.8).into_iter().zip(at(0.99)) {
                prop_assert!(wide.label_noise.low <= narrow.label_noise.low);
                prop_assert!(wide.label_noise.high >= narrow.label_noise.high);
                prop_assert!(wide.inverse_label_noise.low <= narrow.inverse_label_noise.low);
                prop_assert!(wide.inverse_label_noise.high >= narrow.inverse_label_noise.high);
            }
        }
    }
}

#[test]
fn health_intervals_equal_those_of_each_function() {
    let (labels, pred_probs) = draw(3, 400, 4);
    let data = data(&labels, &pred_probs);
    let source = HealthSource::probabilities(&data);
    for method in METHODS {
        let options = options(method);
        let summary = health_summary(&source, Symmetry::Asymmetric).unwrap();
        let all = health_intervals(&source, &summary, &options).unwrap();
        assert_eq!(
            all.num_label_issues,
            num_label_issues_interval(&data, &EstimationMethod::OffDiagonal, &options).unwrap()
        );
        let score = overall_label_health_score_interval(&source, &options).unwrap();
        assert_eq!(all.overall_label_health_score, score);
        let classes = class_noise_intervals(&source, &options).unwrap();
        for of_class in &all.classes_by_label_quality {
            assert_eq!(*of_class, classes[of_class.class]);
        }
        let pairs = &summary.overlapping_classes;
        assert_eq!(
            all.overlapping_classes,
            overlap_intervals(&source, pairs, Symmetry::Asymmetric, &options).unwrap()
        );
        // Fewer pairs, same intervals: each has a stream of its own.
        let some = overlap_intervals(&source, &pairs[2..4], Symmetry::Asymmetric, &options).unwrap();
        assert_eq!(some, all.overlapping_classes[2..4]);
    }
}

#[test]
fn health_intervals_any_number_of_threads_gives_the_same_bits() {
    let (labels, pred_probs) = draw(9, 20_000, 6);
    let data = data(&labels, &pred_probs);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let source = HealthSource::probabilities(&data);
            let summary = health_summary(&source, Symmetry::Symmetric).unwrap();
            METHODS.map(|method| health_intervals(&source, &summary, &options(method)).unwrap())
        })
    };
    let one = on(1);
    assert_ne!(one[0], one[1]);
    for threads in [2, 3, 8] {
        assert_eq!(on(threads), one, "{threads} threads");
    }
}

#[test]
fn bootstrap_and_exact_intervals_agree_on_many_examples() {
    let joint = array![[0.5, 0.03], [0.02, 0.45]];
    let source = HealthSource::joint(joint.view(), 100_000);
    let of = |method| {
        let summary = health_summary(&source, Symmetry::Symmetric).unwrap();
        health_intervals(&source, &summary, &IntervalOptions::default().with_method(method)).unwrap()
    };
    let (exact, bootstrap) = (of(IntervalMethod::Exact), of(IntervalMethod::Bootstrap));
    let near = |a: Interval, b: Interval| {
        // Limits of 1000 resamples are some 4 % of the width off.
        approx::assert_abs_diff_eq!(a.low, b.low, epsilon = 0.15 * a.width());
        approx::assert_abs_diff_eq!(a.high, b.high, epsilon = 0.15 * a.width());
    };
    near(exact.overall_label_health_score, bootstrap.overall_label_health_score);
    near(exact.overlapping_classes[0], bootstrap.overlapping_classes[0]);
    for (exact, bootstrap) in exact.classes_by_label_quality.iter().zip(bootstrap.classes_by_label_quality) {
        near(exact.label_noise, bootstrap.label_noise);
        near(exact.inverse_label_noise, bootstrap.inverse_label_noise);
    }
}

#[test]
fn class_noise_intervals_know_nothing_of_a_class_without_labels() {
    let (labels, pred_probs) = draw(5, 200, 3);
    let labels: Vec<u32> = labels.iter().map(|&label| label.min(1)).collect();
    let data = data(&labels, &pred_probs);
    for method in METHODS {
        let classes = class_noise_intervals(&HealthSource::probabilities(&data), &options(method)).unwrap();
        assert_eq!(classes[2].label_noise, Interval { low: 0.0, high: 1.0 });
        assert!(classes[0].label_noise.width() < 0.5);
    }
}

#[test]
fn overlap_intervals_nothing_seen_leaves_room() {
    // No label of 300 for each class is wrong: with 97.5 % confidence less than 1 − 0.025^(1/300) of them.
    let pred_probs =
        Array2::from_shape_fn((600, 2), |(row, class)| if row / 300 == class { 0.9 } else { 0.1 });
    let labels: Vec<u32> = (0..600).map(|row| row / 300).collect();
    let data = data(&labels, &pred_probs);
    let source = HealthSource::probabilities(&data);
    let pairs = find_overlapping_classes(&source, Symmetry::Symmetric).unwrap();
    for method in METHODS {
        let interval = overlap_intervals(&source, &pairs, Symmetry::Symmetric, &options(method)).unwrap()[0];
        assert_eq!(interval.low, 0.0);
        approx::assert_abs_diff_eq!(interval.high, 0.5 * 0.012_220, epsilon = 3e-5);
    }
}

#[test]
fn interval_options_out_of_range_are_refused() {
    let joint = array![[0.5, 0.0], [0.0, 0.5]];
    let source = HealthSource::joint(joint.view(), 10);
    let refused = |options| overall_label_health_score_interval(&source, &options).unwrap_err();
    for level in [0.0, 1.0, 95.0, f64::NAN] {
        let error = refused(IntervalOptions::default().with_level(level));
        assert!(matches!(error, DatasetError::Level { .. }), "{level}");
    }
    let error = refused(IntervalOptions::default().with_n_resamples(19));
    assert_eq!(error, DatasetError::Resamples { value: 19, least: 20 });
    let error = refused(IntervalOptions::default().with_n_resamples(usize::MAX));
    assert_eq!(error, DatasetError::TooManyResamples { value: usize::MAX, most: 100_000 });
}

#[test]
fn intervals_of_more_examples_than_can_be_counted_are_refused() {
    let joint = array![[0.5, 0.0], [0.0, 0.5]];
    let source = HealthSource::joint(joint.view(), u64::MAX);
    let error = class_noise_intervals(&source, &IntervalOptions::default()).unwrap_err();
    assert_eq!(error, DatasetError::Count(CountError::TooManyCounts { what: "joint" }));
}

#[test]
fn sources_that_are_no_distribution_are_refused() {
    let refused = |joint: Array2<f64>, n| {
        rank_classes_by_label_quality(&HealthSource::joint(joint.view(), n)).unwrap_err()
    };
    let error = refused(array![[0.5, 0.5, 0.0]], 10);
    assert!(matches!(error, DatasetError::Count(CountError::WrongShape { rows: 1, columns: 3, .. })));
    assert!(matches!(refused(Array2::zeros((0, 0)), 10), DatasetError::Count(CountError::WrongShape { .. })));
    let error = refused(array![[1.1, -0.1], [0.0, 0.0]], 10);
    assert_eq!(error, DatasetError::NotAProbability { row: 0, column: 0, value: 1.1 });
    let error = refused(array![[0.5, f64::NAN], [0.0, 0.5]], 10);
    assert!(matches!(error, DatasetError::NotAProbability { row: 0, column: 1, .. }));
    assert_eq!(refused(array![[0.5, 0.0], [0.0, 0.25]], 10), DatasetError::JointSum { sum: 0.75 });
    assert_eq!(refused(array![[0.5, 0.0], [0.0, 0.5]], 0), DatasetError::NoExamples);
    let nothing = ConfidentJoint::from_counts(Array2::zeros((2, 2))).unwrap();
    let error = overall_label_health_score(&HealthSource::confident_joint(&nothing)).unwrap_err();
    assert_eq!(error, DatasetError::NoExamples);
}

#[test]
fn overlap_intervals_pairs_of_another_data_set_are_refused() {
    let (two, three) = (array![[0.5, 0.0], [0.0, 0.5]], Array2::from_diag(&array![0.5, 0.25, 0.25]));
    let pairs =
        find_overlapping_classes(&HealthSource::joint(three.view(), 10), Symmetry::Symmetric).unwrap();
    let source = HealthSource::joint(two.view(), 10);
    let error =
        overlap_intervals(&source, &pairs, Symmetry::Symmetric, &IntervalOptions::default()).unwrap_err();
    assert_eq!(error, DatasetError::Count(CountError::NoSuchClass { class: 2, n_classes: 2 }));
    let summary = health_summary(&HealthSource::joint(three.view(), 10), Symmetry::Symmetric).unwrap();
    assert!(health_intervals(&source, &summary, &IntervalOptions::default()).is_err());
}
