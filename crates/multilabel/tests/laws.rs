//! What holds for any data: every class is what two-class data is, and nothing depends on the order of rows or classes,
//! nor on the threads.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::{Float, PredProbs, RandomState};
use cleanlab_count::{Calibration, ConfidentJoint, ConfidentJointOptions};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions};
use cleanlab_multilabel::{
    Aggregator, FindMultilabelIssuesOptions, MultiLabels, MultilabelConfidentJoint,
    MultilabelConfidentJointOptions, MultilabelProbs, MultilabelScoreOptions, compute_confident_joint,
    find_label_issues, find_multilabel_issues_per_class, find_off_diagonal_rows, find_predicted_neq_given,
    get_confident_thresholds, get_label_quality_scores, get_label_quality_scores_per_class, num_label_issues,
    overall_multilabel_health_score,
};
use cleanlab_rank::LabelQualityMethod;
use ndarray::{Array2, Array3, Axis, s};
use proptest::prelude::*;

/// Where the probabilities lie.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Values {
    Anywhere,
    /// Multiples of 1/8, so that most are tied.
    Tied,
    /// Within a few ulps, or some 1e-6, of one half.
    AroundHalf,
}

/// One-hot labels of which some are wrong, with classes that few or no rows have, and probabilities.
fn draw(seed: u32, n: usize, k: usize, values: Values) -> (Array2<u8>, Array2<f64>) {
    let mut stream = RandomState::new(seed);
    let share = [0.02, 0.3, 0.6][seed as usize % 3];
    let mut onehot = Array2::zeros((n, k));
    let mut pred_probs = Array2::zeros((n, k));
    for row in 0..n {
        for class in 0..k {
            let truly = stream.random_sample() < share;
            let wrong = stream.random_sample() < 0.2;
            onehot[[row, class]] = u8::from(truly != wrong && class != 2);
            let p = 0.6 * stream.random_sample() + 0.4 * f64::from(u8::from(truly));
            pred_probs[[row, class]] = match values {
                Values::Anywhere => p,
                Values::Tied => (p * 8.0).round() / 8.0,
                Values::AroundHalf => {
                    let offsets = [-1e-6, -5e-7, -1e-16, -6e-17, 0.0, 1.2e-16, 5e-7, 5e-7 + 1e-16, 1e-6];
                    0.5 + offsets[stream.randint(0, 9).unwrap() as usize]
                }
            };
        }
    }
    (onehot, pred_probs)
}

fn data<'a, F: Float>(onehot: &Array2<u8>, pred_probs: &'a Array2<F>) -> MultilabelProbs<'a, F> {
    let labels = MultiLabels::from_onehot(onehot.view()).unwrap();
    MultilabelProbs::new(labels, PredProbs::new(pred_probs.view()).unwrap()).unwrap()
}

fn options(filter_by: FilterBy) -> FindMultilabelIssuesOptions {
    FindMultilabelIssuesOptions::default().with_filter_by(filter_by)
}

fn values() -> impl Strategy<Value = Values> {
    prop_oneof![Just(Values::Anywhere), Just(Values::Tied), Just(Values::AroundHalf)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn find_multilabel_issues_per_class_equals_the_filter_on_two_classes(
        seed: u32, n in 1_usize..300, k in 1_usize..5, values in values(), frac_noise in 0.0..1.0_f64,
        min_examples in 0_u64..8,
    ) {
        let (onehot, pred_probs) = draw(seed, n, k, values);
        let data = data(&onehot, &pred_probs);
        let own = Array3::from_shape_fn((k, 2, 2), |(class, i, j)| (seed as usize % 7 + 3 * class + 5 * i + j) as u64);
        let own = MultilabelConfidentJoint::from_counts(own).unwrap();
        let remove: Vec<u64> = data.labels().counts().iter().map(|count| count / 2).collect();
        for filter_by in FilterBy::ALL {
            let mut all = vec![options(filter_by)];
            if filter_by.prunes_by_counts() {
                all.push(options(filter_by).with_frac_noise(frac_noise).with_min_examples_per_class(min_examples));
                all.push(options(filter_by).with_confident_joint(own.clone()).with_min_examples_per_class(0));
                all.push(options(filter_by).with_num_to_remove_per_class(remove.clone()));
            }
            for options in all {
                let issues = find_multilabel_issues_per_class(&data, &options).unwrap();
                let ranked = issues.ranked_by(&data, LabelQualityMethod::SelfConfidence).unwrap();
                for class in 0..k {
                    let mut binary = FindLabelIssuesOptions::default()
                        .with_filter_by(filter_by)
                        .with_frac_noise(options.frac_noise)
                        .with_min_examples_per_class(options.min_examples_per_class);
                    if options.confident_joint.is_some() {
                        let counts = own.counts().slice(s![class, .., ..]).to_owned();
                        binary = binary.with_confident_joint(ConfidentJoint::from_counts(counts).unwrap());
                    }
                    if options.num_to_remove_per_class.is_some() {
                        binary = binary.with_num_to_remove_per_class(vec![remove[class], 0]);
                    }
                    let one_vs_rest = data.one_vs_rest(class).unwrap();
                    let expected = cleanlab_filter::find_label_issues(&one_vs_rest, &binary).unwrap();
                    prop_assert_eq!(&issues.mask.column(class), &expected.mask, "{:?}, class {}", options, class);
                    prop_assert_eq!(
                        &ranked[class],
                        &expected.ranked_by(&one_vs_rest, LabelQualityMethod::SelfConfidence).unwrap()
                    );
                }
                if !matches!(filter_by, FilterBy::LowNormalizedMargin | FilterBy::LowSelfConfidence) {
                    let any = issues.mask.map_axis(Axis(1), |row| row.iter().any(|&issue| issue));
                    prop_assert_eq!(find_label_issues(&data, &options).unwrap().mask, any);
                }
            }
        }
    }

    #[test]
    fn estimates_and_scores_equal_those_on_two_classes(
        seed: u32, n in 1_usize..200, k in 1_usize..5, values in values()
    ) {
        let (onehot, pred_probs) = draw(seed, n, k, values);
        let data = data(&onehot, &pred_probs);
        let thresholds = get_confident_thresholds(&data);
        for calibration in [Calibration::Uncalibrated, Calibration::ToLabelCounts] {
            let options = MultilabelConfidentJointOptions::default().with_calibration(calibration);
            let binary = ConfidentJointOptions::default().with_calibration(calibration);
            let joint = compute_confident_joint(&data, &options).unwrap();
            let rows = find_off_diagonal_rows(&data, &options).unwrap();
            for (class, rows) in rows.iter().enumerate() {
                let one_vs_rest = data.one_vs_rest(class).unwrap();
                let expected = cleanlab_count::get_confident_thresholds(&one_vs_rest).unwrap();
                prop_assert_eq!(&thresholds.row(class), &expected);
                let expected = cleanlab_count::compute_confident_joint(&one_vs_rest, &binary).unwrap();
                prop_assert_eq!(joint.counts().index_axis_move(Axis(0), class), expected.counts());
                prop_assert_eq!(rows, &cleanlab_count::find_off_diagonal_rows(&one_vs_rest, &binary).unwrap());
            }
        }
        for method in LabelQualityMethod::ALL {
            let scores = get_label_quality_scores_per_class(&data, method).unwrap();
            for class in 0..k {
                let one_vs_rest = data.one_vs_rest(class).unwrap();
                let expected = cleanlab_rank::get_label_quality_scores(&one_vs_rest, method).unwrap();
                prop_assert_eq!(&scores.column(class), &expected, "{:?}", method);
            }
            let options = MultilabelScoreOptions::default().with_method(method);
            let aggregated = Aggregator::default().aggregate(scores.view()).unwrap();
            prop_assert_eq!(get_label_quality_scores(&data, &options).unwrap(), aggregated);
        }
    }

    #[test]
    fn find_label_issues_permuted_rows_and_classes_gives_the_permuted_mask(
        seed: u32, n in 2_usize..200, k in 1_usize..5
    ) {
        let (onehot, pred_probs) = draw(seed, n, k, Values::Anywhere);
        let mut stream = RandomState::new(seed ^ 1);
        let (rows, classes) = (stream.permutation(n), stream.permutation(k));
        let moved_labels = onehot.select(Axis(0), &rows).select(Axis(1), &classes);
        let moved_probs = pred_probs.select(Axis(0), &rows).select(Axis(1), &classes);
        for filter_by in FilterBy::ALL {
            let whole = find_label_issues(&data(&onehot, &pred_probs), &options(filter_by)).unwrap().mask;
            let moved = find_label_issues(&data(&moved_labels, &moved_probs), &options(filter_by)).unwrap().mask;
            prop_assert_eq!(moved, whole.select(Axis(0), &rows), "{}", filter_by);
        }
    }

    #[test]
    fn find_label_issues_f32_equals_the_widened_matrix(seed: u32, n in 1_usize..200, k in 1_usize..5) {
        let (onehot, pred_probs) = draw(seed, n, k, Values::Anywhere);
        let narrow = pred_probs.mapv(|p| p as f32);
        let widened = narrow.mapv(f64::from);
        for filter_by in FilterBy::ALL {
            prop_assert_eq!(
                find_multilabel_issues_per_class(&data(&onehot, &narrow), &options(filter_by)).unwrap(),
                find_multilabel_issues_per_class(&data(&onehot, &widened), &options(filter_by)).unwrap()
            );
        }
        let scored = MultilabelScoreOptions::default();
        prop_assert_eq!(
            get_label_quality_scores(&data(&onehot, &narrow), &scored).unwrap(),
            get_label_quality_scores(&data(&onehot, &widened), &scored).unwrap()
        );
    }
}

#[test]
fn every_method_any_number_of_threads_gives_the_same_bits() {
    let (onehot, pred_probs) = draw(7, 60_000, 5, Values::Anywhere);
    let data = data(&onehot, &pred_probs);
    for filter_by in FilterBy::ALL {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let issues = find_label_issues(&data, &options(filter_by)).unwrap();
                let ranked = issues.ranked_by(&data, LabelQualityMethod::AdjustedNormalizedMargin).unwrap();
                let per_class = find_multilabel_issues_per_class(&data, &options(filter_by)).unwrap();
                (issues, ranked, per_class, get_confident_thresholds(&data))
            })
        };
        let one = on(1);
        assert!(one.0.n_issues() > 0, "{filter_by} flags nothing");
        for threads in [2, 4, 8] {
            assert!(on(threads) == one, "{filter_by} on {threads} threads");
        }
    }
}

#[test]
fn every_function_rows_without_classes_or_with_all_are_answered() {
    let pred_probs =
        Array2::from_shape_fn((40, 3), |(row, class)| (row * 7 + class * 3) as f64 % 11.0 / 10.0);
    for given in [0_u8, 1] {
        let onehot = Array2::from_elem((40, 3), given);
        let data = data(&onehot, &pred_probs);
        // Nothing is confidently in a class, or outside of it, that has no examples there.
        assert_eq!(get_confident_thresholds(&data).column(1 - usize::from(given)).to_vec(), [2.0; 3]);
        assert_eq!(num_label_issues(&data).unwrap(), 0);
        for filter_by in FilterBy::ALL {
            let issues = find_label_issues(&data, &options(filter_by)).unwrap();
            let flagged = find_predicted_neq_given(&data).iter().filter(|&&issue| issue).count();
            let expected = if filter_by == FilterBy::PredictedNeqGiven { flagged } else { 0 };
            assert_eq!(issues.n_issues(), expected, "{filter_by}");
            for method in LabelQualityMethod::ALL {
                assert_eq!(issues.ranked_by(&data, method).unwrap().len(), issues.n_issues());
            }
        }
        assert_eq!(overall_multilabel_health_score(&data, &options(FilterBy::Both)).unwrap(), 1.0);
    }
}
