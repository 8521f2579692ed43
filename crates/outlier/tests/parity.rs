//! Outlier scores as cleanlab 2.9.0 gives them.

use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_outlier::{
    FeatureOutlierOptions, OodMethod, OutOfDistribution, OutlierError, PredictionOutlierOptions,
    fit_score_predictions, get_ood_predictions_scores,
};
use cleanlab_testkit::parity::{Answer, Check, run};
use ndarray::{Array1, Array2};

#[test]
fn outlier_scores_equal_the_reference() {
    run("neighbors-outlier", &["ood_features_fit_score", "ood_features_score", "ood_predictions"], |check| {
        let answer = match check.function {
            "ood_predictions" => from_predictions(check),
            _ if check.case.is_f32 => from_features(check, |value| value as f32),
            _ => from_features(check, |value| value),
        };
        answer.unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn from_features<F: Float>(check: &Check<'_>, narrow: impl Fn(f64) -> F) -> Result<Answer, OutlierError> {
    let features: Array2<F> = check.case.matrix("features").mapv(&narrow);
    let mut options = FeatureOutlierOptions::default();
    if check.has("k") {
        options = options.with_k(check.number("k") as usize);
    }
    if check.has("t") {
        options = options.with_t(check.number("t"));
    }
    let ood = OutOfDistribution::fit(features, &options)?;
    let scores = match check.function {
        "ood_features_score" => ood.score(check.matrix("queries").mapv(&narrow).view())?,
        _ => ood.fitted_scores().to_owned(),
    };
    Ok(Answer::Near(scores.to_vec(), check.number("tolerance")))
}

fn from_predictions(check: &Check<'_>) -> Result<Answer, OutlierError> {
    let method = match check.text("method") {
        "entropy" => OodMethod::Entropy,
        "least_confidence" => OodMethod::LeastConfidence,
        _ if check.has("M") => {
            OodMethod::Gen { top_classes: check.number("M") as usize, gamma: check.number("gamma") }
        }
        _ => OodMethod::gen_score(),
    };
    let pred_probs = PredProbs::new(check.case.matrix("pred_probs"))?;
    let close = |name, values: &Array1<f64>| (name, Answer::Close(vec![("", values.to_vec())]));
    if check.flag("adjust") {
        let labels = check.case.integers("labels");
        let data = LabeledProbs::allowing_one_class(Labels::new(&labels)?, pred_probs)?;
        let fitted = fit_score_predictions(&data, method)?;
        let thresholds = close("confident_thresholds", &fitted.confident_thresholds);
        return Ok(Answer::Parts(vec![close("scores", &fitted.scores), thresholds]));
    }
    let mut options = PredictionOutlierOptions::default().with_method(method);
    if check.has("confident_thresholds") {
        options = options.with_confident_thresholds(check.vector("confident_thresholds"));
    }
    Ok(Answer::Parts(vec![close("scores", &get_ood_predictions_scores(&pred_probs, &options)?)]))
}
