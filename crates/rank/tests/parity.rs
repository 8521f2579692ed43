//! The numbers of `cleanlab.rank`.

use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_rank::{
    EnsembleOptions, EnsembleWeighting, LabelQualityMethod, RankError, find_top_issues,
    get_label_quality_ensemble_scores, get_label_quality_scores, order_label_issues,
};
use cleanlab_testkit::parity::{Answer, Check, run};
use ndarray::Array2;

#[test]
fn rank_equals_the_reference() {
    let functions = [
        "get_label_quality_scores",
        "find_top_issues",
        "order_label_issues",
        "get_label_quality_ensemble_scores",
    ];
    run("class-labels", &functions, |check| {
        let values = check.case.matrix("pred_probs");
        let answer =
            if check.case.is_f32 { answer(check, values.mapv(|p| p as f32)) } else { answer(check, values) };
        answer.unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn answer<F: Float>(check: &Check<'_>, values: Array2<F>) -> Result<Answer, RankError> {
    let indices = check.case.integers("labels");
    let labels = Labels::new(&indices)?;
    let data = LabeledProbs::allowing_one_class(labels.borrowed(), PredProbs::new(values.view())?)?;
    Ok(match check.function {
        "get_label_quality_scores" => {
            Answer::Close(vec![("", get_label_quality_scores(&data, method(check))?.to_vec())])
        }
        "find_top_issues" => {
            exact_rows(find_top_issues(check.vector("scores").view(), check.number("top") as usize))
        }
        "order_label_issues" => {
            let mask = check.vector("mask").mapv(|flag| flag != 0.0);
            let rows = order_label_issues(mask.view(), &data, method(check))?;
            match method(check) {
                LabelQualityMethod::SelfConfidence | LabelQualityMethod::NormalizedMargin => exact_rows(rows),
                method => Answer::Ranking { rows, scores: get_label_quality_scores(&data, method)?.to_vec() },
            }
        }
        "get_label_quality_ensemble_scores" => {
            // Members are mixtures with f64 noise, so the ensemble is f64 whatever the data set's own type.
            let widened = values.mapv(F::to_f64);
            let mut members = vec![PredProbs::new(widened)?];
            for member in check.matrices("members") {
                members.push(PredProbs::new(member)?);
            }
            let weighting = match check.text("weighting") {
                "accuracy" => EnsembleWeighting::Accuracy,
                "uniform" => EnsembleWeighting::Uniform,
                "log_loss_search" => EnsembleWeighting::log_loss_search(),
                _ => EnsembleWeighting::Custom(check.vector("custom_weights").to_vec()),
            };
            let options = EnsembleOptions::default().with_method(method(check)).with_weighting(weighting);
            let ensemble = get_label_quality_ensemble_scores(&labels, &members, &options)?;
            Answer::Close(vec![("", ensemble.scores.to_vec())])
        }
        other => Answer::Failed(format!("no answer for {other}")),
    })
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

fn exact_rows(rows: Vec<usize>) -> Answer {
    Answer::Exact(rows.into_iter().map(|row| row as i64).collect())
}
