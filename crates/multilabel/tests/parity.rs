//! What `cleanlab.multilabel_classification` and `cleanlab.count(multi_label=True)` answer.

use cleanlab_core::{Float, PredProbs};
use cleanlab_count::Calibration;
use cleanlab_filter::FilterBy;
use cleanlab_multilabel::{
    Aggregator, ClassMultilabelQuality, CommonMultilabelIssue, FindMultilabelIssuesOptions, MultiLabels,
    MultilabelConfidentJoint, MultilabelConfidentJointOptions, MultilabelError, MultilabelProbs,
    MultilabelScoreOptions, calibrate_confident_joint, common_multilabel_issues, compute_confident_joint,
    estimate_joint, estimate_joint_from_probabilities, find_label_issues, find_multilabel_issues_per_class,
    find_off_diagonal_rows, find_predicted_neq_given, get_confident_thresholds, get_label_quality_scores,
    get_label_quality_scores_per_class, int2onehot, multilabel_health_summary, multilabel_py,
    num_label_issues, onehot2int, overall_multilabel_health_score, rank_classes_by_multilabel_quality,
    stack_complement,
};
use cleanlab_rank::LabelQualityMethod;
use cleanlab_testkit::parity::{Answer, Check, run};
use ndarray::{Array2, Array3};

#[test]
fn multilabel_equals_the_reference() {
    let functions = [
        "multilabel.aggregate",
        "multilabel.calibrate_confident_joint",
        "multilabel.common_multilabel_issues",
        "multilabel.compute_confident_joint",
        "multilabel.estimate_joint",
        "multilabel.find_label_issues",
        "multilabel.find_label_issues_ranked",
        "multilabel.find_multilabel_issues_per_class",
        "multilabel.find_multilabel_issues_per_class_ranked",
        "multilabel.find_predicted_neq_given",
        "multilabel.get_confident_thresholds",
        "multilabel.get_label_quality_scores",
        "multilabel.get_label_quality_scores_per_class",
        "multilabel.int2onehot",
        "multilabel.multilabel_health_summary",
        "multilabel.multilabel_py",
        "multilabel.num_label_issues",
        "multilabel.off_diagonal_rows",
        "multilabel.onehot2int",
        "multilabel.overall_multilabel_health_score",
        "multilabel.rank_classes_by_multilabel_quality",
        "multilabel.stack_complement",
    ];
    run("multilabel", &functions, |check| {
        let values = check.case.matrix("pred_probs");
        let answer =
            if check.case.is_f32 { answer(check, values.mapv(|p| p as f32)) } else { answer(check, values) };
        answer.unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn answer<F: Float>(check: &Check<'_>, values: Array2<F>) -> Result<Answer, MultilabelError> {
    let onehot = check.case.matrix("onehot");
    let data = MultilabelProbs::new(MultiLabels::from_onehot(onehot.view())?, PredProbs::new(values)?)?;
    let name = check.function.strip_prefix("multilabel.").unwrap_or_default();
    Ok(match name {
        "get_confident_thresholds" => close(get_confident_thresholds(&data)),
        "compute_confident_joint" => counts(&compute_confident_joint(&data, &joint_options(check, &data))?),
        "off_diagonal_rows" => {
            ragged(&find_off_diagonal_rows(&data, &MultilabelConfidentJointOptions::default())?)
        }
        "calibrate_confident_joint" => counts(&calibrate_confident_joint(&joint(check)?, data.labels())?),
        "estimate_joint" if check.has("confident_joint") => {
            close(estimate_joint(&joint(check)?, data.labels())?)
        }
        "estimate_joint" => close(estimate_joint_from_probabilities(&data)?),
        "num_label_issues" => Answer::Exact(vec![num_label_issues(&data)? as i64]),
        "multilabel_py" => close(multilabel_py(data.labels())),
        "stack_complement" => close(stack_complement(data.pred_probs().view().column(0))),
        "onehot2int" => ragged(&onehot2int(onehot.view())?),
        "int2onehot" => exact(int2onehot(data.labels())),
        "aggregate" => close(aggregator(check).aggregate(check.matrix("scores").view())?),
        "get_label_quality_scores" => {
            let options = MultilabelScoreOptions::default().with_method(method(check));
            close(get_label_quality_scores(&data, &options.with_aggregator(aggregator(check)))?)
        }
        "get_label_quality_scores_per_class" => {
            close(get_label_quality_scores_per_class(&data, method(check))?)
        }
        "find_predicted_neq_given" => exact(find_predicted_neq_given(&data)),
        _ => return filter_answer(check, name, &data),
    })
}

fn filter_answer<F: Float>(
    check: &Check<'_>,
    name: &str,
    data: &MultilabelProbs<'_, F>,
) -> Result<Answer, MultilabelError> {
    let options = options(check)?;
    Ok(match name {
        "find_label_issues" => exact(find_label_issues(data, &options)?.mask),
        "find_multilabel_issues_per_class" => exact(find_multilabel_issues_per_class(data, &options)?.mask),
        "find_label_issues_ranked" => {
            let rows = find_label_issues(data, &options)?.ranked_by(data, method(check))?;
            match method(check) {
                LabelQualityMethod::SelfConfidence | LabelQualityMethod::NormalizedMargin => exact(rows),
                method => {
                    let options = MultilabelScoreOptions::default().with_method(method);
                    Answer::Ranking { rows, scores: get_label_quality_scores(data, &options)?.to_vec() }
                }
            }
        }
        "find_multilabel_issues_per_class_ranked" => {
            ragged(&find_multilabel_issues_per_class(data, &options)?.ranked_by(data, method(check))?)
        }
        "common_multilabel_issues" => Answer::Parts(common("", &common_multilabel_issues(data, &options)?)),
        "rank_classes_by_multilabel_quality" => {
            Answer::Parts(classes("", &rank_classes_by_multilabel_quality(data, &options)?))
        }
        "overall_multilabel_health_score" => close([overall_multilabel_health_score(data, &options)?]),
        "multilabel_health_summary" => {
            let summary = multilabel_health_summary(data, &options)?;
            let mut parts = classes("class_", &summary.classes_by_multilabel_quality);
            parts.extend(common("common_", &summary.common_multilabel_issues));
            parts.push(("overall", close([summary.overall_multilabel_health_score])));
            Answer::Parts(parts)
        }
        other => Answer::Failed(format!("no answer for {other}")),
    })
}

fn options(check: &Check<'_>) -> Result<FindMultilabelIssuesOptions, MultilabelError> {
    let mut options = FindMultilabelIssuesOptions::default();
    if check.has("filter_by") {
        let name = check.text("filter_by");
        let filter_by = FilterBy::ALL.into_iter().find(|method| method.name() == name);
        options = options.with_filter_by(filter_by.expect("a known method"));
    }
    if check.has("frac_noise") {
        options = options.with_frac_noise(check.number("frac_noise"));
    }
    if check.has("min_examples_per_class") {
        options = options.with_min_examples_per_class(check.number("min_examples_per_class") as u64);
    }
    if check.has("num_to_remove_per_class") {
        let counts = check.integers("num_to_remove_per_class");
        options =
            options.with_num_to_remove_per_class(counts.into_iter().map(|count| count as u64).collect());
    }
    if check.has("confident_joint") {
        options = options.with_confident_joint(joint(check)?);
    }
    Ok(options)
}

fn joint(check: &Check<'_>) -> Result<MultilabelConfidentJoint, MultilabelError> {
    let counts: Vec<u64> = check.integers("confident_joint").into_iter().map(|count| count as u64).collect();
    let joint = Array3::from_shape_vec((counts.len() / 4, 2, 2), counts).expect("K x 2 x 2 counts");
    MultilabelConfidentJoint::from_counts(joint)
}

fn joint_options<F: Float>(
    check: &Check<'_>,
    data: &MultilabelProbs<'_, F>,
) -> MultilabelConfidentJointOptions {
    let calibration =
        if check.flag("calibrate") { Calibration::ToLabelCounts } else { Calibration::Uncalibrated };
    let options = MultilabelConfidentJointOptions::default().with_calibration(calibration);
    if !check.has("thresholds") {
        return options;
    }
    // cleanlab takes the same two for all classes.
    let both = check.vector("thresholds");
    options.with_thresholds(Array2::from_shape_fn((data.n_classes(), 2), |(_, given)| both[given]))
}

fn aggregator(check: &Check<'_>) -> Aggregator {
    match check.text("aggregator") {
        "ema" => {
            Aggregator::ExponentialMovingAverage { alpha: check.has("alpha").then(|| check.number("alpha")) }
        }
        "softmin" => Aggregator::Softmin { temperature: check.number("temperature") },
        "min" => Aggregator::custom(|scores| scores.iter().copied().fold(f64::INFINITY, f64::min)),
        "mean" => Aggregator::custom(|scores| scores.iter().sum::<f64>() / scores.len() as f64),
        _ => Aggregator::default(),
    }
}

fn method(check: &Check<'_>) -> LabelQualityMethod {
    match (check.text("method"), check.flag("adjust")) {
        ("self_confidence", false) => LabelQualityMethod::SelfConfidence,
        ("self_confidence", true) => LabelQualityMethod::AdjustedSelfConfidence,
        ("normalized_margin", false) => LabelQualityMethod::NormalizedMargin,
        ("normalized_margin", true) => LabelQualityMethod::AdjustedNormalizedMargin,
        _ => LabelQualityMethod::ConfidenceWeightedEntropy,
    }
}

fn common(prefix: &str, issues: &[CommonMultilabelIssue]) -> Vec<(&'static str, Answer)> {
    let names: [&'static str; 5] = if prefix.is_empty() {
        ["class_index", "in_given_label", "in_suggested_label", "num_examples", "issue_probability"]
    } else {
        [
            "common_class_index",
            "common_in_given_label",
            "common_in_suggested_label",
            "common_num_examples",
            "common_issue_probability",
        ]
    };
    vec![
        (names[0], exact(issues.iter().map(|issue| issue.class_index))),
        (names[1], exact(issues.iter().map(|issue| issue.in_given_label))),
        (names[2], exact(issues.iter().map(|issue| issue.in_suggested_label))),
        (names[3], exact(issues.iter().map(|issue| issue.num_examples))),
        (names[4], close(issues.iter().map(|issue| issue.issue_probability))),
    ]
}

fn classes(prefix: &str, classes: &[ClassMultilabelQuality]) -> Vec<(&'static str, Answer)> {
    let names: [&'static str; 6] = if prefix.is_empty() {
        [
            "class_index",
            "label_issues",
            "inverse_label_issues",
            "label_noise",
            "inverse_label_noise",
            "label_quality_score",
        ]
    } else {
        [
            "class_class_index",
            "class_label_issues",
            "class_inverse_label_issues",
            "class_label_noise",
            "class_inverse_label_noise",
            "class_label_quality_score",
        ]
    };
    vec![
        (names[0], exact(classes.iter().map(|class| class.class_index))),
        (names[1], exact(classes.iter().map(|class| class.label_issues))),
        (names[2], exact(classes.iter().map(|class| class.inverse_label_issues))),
        (names[3], close(classes.iter().map(|class| class.label_noise))),
        (names[4], close(classes.iter().map(|class| class.inverse_label_noise))),
        (names[5], close(classes.iter().map(|class| class.label_quality_score))),
    ]
}

fn counts(joint: &MultilabelConfidentJoint) -> Answer {
    Answer::Exact(joint.counts().iter().map(|&count| count as i64).collect())
}

fn ragged(lists: &[Vec<usize>]) -> Answer {
    let lengths = exact(lists.iter().map(Vec::len));
    Answer::Parts(vec![("lengths", lengths), ("values", exact(lists.iter().flatten().copied()))])
}

fn exact<T: Whole>(values: impl IntoIterator<Item = T>) -> Answer {
    Answer::Exact(values.into_iter().map(T::to_integer).collect())
}

fn close(values: impl IntoIterator<Item = f64>) -> Answer {
    Answer::Close(vec![("", values.into_iter().collect())])
}

trait Whole {
    fn to_integer(self) -> i64;
}

impl Whole for usize {
    fn to_integer(self) -> i64 {
        self as i64
    }
}

impl Whole for u8 {
    fn to_integer(self) -> i64 {
        i64::from(self)
    }
}

impl Whole for bool {
    fn to_integer(self) -> i64 {
        i64::from(self)
    }
}
