//! The masks and rankings of `cleanlab.filter`.

use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_count::{Calibration, ConfidentJoint};
use cleanlab_filter::{
    ArgmaxConfusionOptions, FilterBy, FilterError, FindLabelIssuesOptions, find_label_issues,
    find_label_issues_using_argmax_confusion_matrix, find_predicted_neq_given,
};
use cleanlab_rank::{LabelQualityMethod, get_label_quality_scores};
use cleanlab_testkit::parity::{Answer, Check, run};
use ndarray::{Array1, Array2};

#[test]
fn filter_equals_the_reference() {
    let functions = [
        "find_label_issues",
        "find_label_issues_ranked",
        "find_label_issues_using_argmax_confusion_matrix",
        "find_predicted_neq_given",
    ];
    run("class-labels", &functions, |check| {
        let values = check.case.matrix("pred_probs");
        let answer =
            if check.case.is_f32 { answer(check, values.mapv(|p| p as f32)) } else { answer(check, values) };
        answer.unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn answer<F: Float>(check: &Check<'_>, values: Array2<F>) -> Result<Answer, FilterError> {
    let indices = check.case.integers("labels");
    let labels = Labels::new(&indices).map_err(cleanlab_count::CountError::from)?;
    let data = PredProbs::new(values)
        .and_then(|pred_probs| LabeledProbs::allowing_one_class(labels, pred_probs))
        .map_err(cleanlab_count::CountError::from)?;
    Ok(match check.function {
        "find_label_issues" => mask(&find_label_issues(&data, &options(check)?)?.mask),
        "find_label_issues_ranked" => {
            let issues = find_label_issues(&data, &options(check)?)?;
            let rows = issues.ranked_by(&data, method(check))?;
            match method(check) {
                LabelQualityMethod::SelfConfidence | LabelQualityMethod::NormalizedMargin => {
                    Answer::Exact(rows.into_iter().map(|row| row as i64).collect())
                }
                method => Answer::Ranking { rows, scores: get_label_quality_scores(&data, method)?.to_vec() },
            }
        }
        "find_label_issues_using_argmax_confusion_matrix" => {
            let calibration =
                if check.flag("calibrate") { Calibration::ToLabelCounts } else { Calibration::Uncalibrated };
            let options = ArgmaxConfusionOptions::default()
                .with_filter_by(filter_by(check))
                .with_calibration(calibration);
            mask(&find_label_issues_using_argmax_confusion_matrix(&data, options)?.mask)
        }
        "find_predicted_neq_given" => mask(&find_predicted_neq_given(&data)),
        other => Answer::Failed(format!("no answer for {other}")),
    })
}

fn options(check: &Check<'_>) -> Result<FindLabelIssuesOptions, FilterError> {
    let mut options = FindLabelIssuesOptions::default().with_filter_by(filter_by(check));
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
        let counts = check.matrix("confident_joint").mapv(|count| count as u64);
        options = options.with_confident_joint(ConfidentJoint::from_counts(counts)?);
    }
    Ok(options)
}

fn filter_by(check: &Check<'_>) -> FilterBy {
    let name = check.text("filter_by");
    FilterBy::ALL.into_iter().find(|method| method.name() == name).expect("a known method")
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

fn mask(mask: &Array1<bool>) -> Answer {
    Answer::Exact(mask.iter().map(|&flag| i64::from(flag)).collect())
}
