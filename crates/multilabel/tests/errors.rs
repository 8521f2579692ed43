//! Every reason to refuse, beside those that stand by the code that gives them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::{InputError, PredProbs};
use cleanlab_filter::{FilterBy, FilterError, LabelIssuesWarning};
use cleanlab_multilabel::{
    Aggregator, FindMultilabelIssuesOptions, MultiLabels, MultilabelConfidentJoint,
    MultilabelConfidentJointOptions, MultilabelError, MultilabelProbs, MultilabelScoreOptions,
    calibrate_confident_joint, compute_confident_joint, estimate_joint, find_label_issues,
    find_multilabel_issues_per_class, get_label_quality_scores,
};
use cleanlab_rank::LabelQualityMethod;
use ndarray::{Array3, array};

fn data() -> MultilabelProbs<'static, f64> {
    MultilabelProbs::from_lists(&[vec![0], vec![0, 1], vec![]], array![[0.9, 0.1], [0.8, 0.7], [0.2, 0.9]])
        .unwrap()
}

fn refused(options: &FindMultilabelIssuesOptions) -> MultilabelError {
    let error = find_label_issues(&data(), options).unwrap_err();
    assert_eq!(find_multilabel_issues_per_class(&data(), options).unwrap_err(), error);
    error
}

#[test]
fn new_wrong_number_of_rows_or_columns_is_refused() {
    let labels = MultiLabels::from_lists(&[vec![0], vec![1]], 2).unwrap();
    let of =
        |pred_probs| MultilabelProbs::new(labels.clone(), PredProbs::new(pred_probs).unwrap()).unwrap_err();
    assert_eq!(
        of(array![[0.5, 0.5]]),
        MultilabelError::Input(InputError::LengthMismatch { labels: 2, rows: 1 })
    );
    assert_eq!(of(array![[0.5], [0.5]]), MultilabelError::ClassCount { labels: 2, columns: 1 });
}

#[test]
fn from_lists_bad_probability_names_its_place() {
    let with =
        |p: f64| MultilabelProbs::from_lists(&[vec![0], vec![]], array![[0.5, 0.5], [0.1, p]]).unwrap_err();
    assert_eq!(with(f64::NAN), InputError::NanProbability { row: 1, column: 1 }.into());
    let out_of_range = InputError::ProbabilityOutOfRange { row: 1, column: 1, value: 1.5, tolerance: 1e-6 };
    assert_eq!(with(1.5), out_of_range.into());
}

#[test]
fn from_lists_class_without_a_column_is_refused() {
    let error = MultilabelProbs::from_lists(&[vec![0], vec![2]], array![[0.5, 0.5], [0.1, 0.2]]).unwrap_err();
    assert_eq!(error, MultilabelError::ClassOutOfRange { row: 1, value: "2".into(), n_classes: 2 });
    assert!(error.to_string().starts_with("row 1 lists class 2, but there are 2 classes"));
}

#[test]
fn one_vs_rest_no_such_class_is_refused() {
    assert_eq!(data().one_vs_rest(2).unwrap_err(), MultilabelError::NoSuchClass { class: 2, n_classes: 2 });
}

#[test]
fn find_label_issues_option_out_of_bounds_is_refused() {
    let options = FindMultilabelIssuesOptions::default;
    assert_eq!(refused(&options().with_frac_noise(1.5)), FilterError::FracNoise { value: 1.5 }.into());
    assert_eq!(
        refused(&options().with_num_to_remove_per_class(vec![1])),
        FilterError::NumToRemoveLength { found: 1, expected: 2 }.into()
    );
    for filter_by in [FilterBy::ConfidentLearning, FilterBy::LowSelfConfidence] {
        let options = options().with_filter_by(filter_by).with_num_to_remove_per_class(vec![1, 1]);
        assert_eq!(refused(&options), FilterError::NotAPruningMethod { filter_by }.into());
    }
    let joint = MultilabelConfidentJoint::from_counts(Array3::ones((3, 2, 2))).unwrap();
    let wrong_shape = MultilabelError::WrongShape {
        what: "confident_joint",
        found: vec![3, 2, 2],
        expected: vec![2, 2, 2],
    };
    assert_eq!(refused(&options().with_confident_joint(joint.clone())), wrong_shape);
    assert_eq!(calibrate_confident_joint(&joint, data().labels()), Err(wrong_shape.clone()));
    assert_eq!(estimate_joint(&joint, data().labels()), Err(wrong_shape));
}

#[test]
fn find_label_issues_option_without_effect_is_a_warning() {
    let filter_by = FilterBy::LowNormalizedMargin;
    let options = FindMultilabelIssuesOptions::default().with_filter_by(filter_by).with_frac_noise(0.5);
    let ignored = LabelIssuesWarning::OptionIgnored { option: "frac_noise", filter_by };
    let per_class = find_multilabel_issues_per_class(&data(), &options).unwrap();
    assert_eq!(per_class.warnings, [ignored]);
    assert_eq!(find_label_issues(&data(), &options).unwrap().warnings, per_class.warnings);
    let few = LabelIssuesWarning::TooFewExamples { classes: vec![0, 1], min_examples_per_class: 1 };
    assert_eq!(find_label_issues(&data(), &FindMultilabelIssuesOptions::default()).unwrap().warnings, [few]);
}

#[test]
fn from_counts_other_shape_is_refused() {
    let of = |shape: [usize; 3]| MultilabelConfidentJoint::from_counts(Array3::zeros(shape)).unwrap_err();
    for shape in [[2, 2, 3], [0, 2, 2], [2, 1, 2]] {
        assert!(
            matches!(of(shape), MultilabelError::WrongShape { what: "confident_joint", .. }),
            "{shape:?}"
        );
    }
}

#[test]
fn compute_confident_joint_bad_thresholds_are_refused() {
    let with = |thresholds| {
        let options = MultilabelConfidentJointOptions::default().with_thresholds(thresholds);
        compute_confident_joint(&data(), &options).unwrap_err()
    };
    assert_eq!(
        with(array![[0.5, 0.5]]),
        MultilabelError::WrongShape { what: "thresholds", found: vec![1, 2], expected: vec![2, 2] }
    );
    assert!(matches!(
        with(array![[0.5, 0.5], [0.5, f64::NAN]]),
        MultilabelError::BadThreshold { class: 1, entry: 1, .. }
    ));
}

#[test]
fn get_label_quality_scores_bad_aggregate_names_the_first_row() {
    let options = MultilabelScoreOptions::default()
        .with_aggregator(Aggregator::custom(|scores| if scores[1] < 0.8 { f64::INFINITY } else { 0.5 }));
    let error = get_label_quality_scores(&data(), &options).unwrap_err();
    assert_eq!(error, MultilabelError::BadAggregate { row: 1, value: f64::INFINITY });
}

#[test]
fn ranked_by_other_data_is_refused() {
    let other = MultilabelProbs::from_lists(&[vec![0]], array![[0.5, 0.5]]).unwrap();
    let (options, method) = (FindMultilabelIssuesOptions::default(), LabelQualityMethod::default());
    let error = find_label_issues(&data(), &options).unwrap().ranked_by(&other, method).unwrap_err();
    assert_eq!(error, MultilabelError::MaskShape { found: vec![3], expected: vec![1] });
    let per_class = find_multilabel_issues_per_class(&data(), &options).unwrap();
    let error = per_class.ranked_by(&other, method).unwrap_err();
    assert_eq!(error, MultilabelError::MaskShape { found: vec![3, 2], expected: vec![1, 2] });
}
