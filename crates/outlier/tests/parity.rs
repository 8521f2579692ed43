//! Outlier scores as cleanlab 2.9.0 gives them.

use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_neighbors::{ExactIndex, KnnGraph, Metric};
use cleanlab_outlier::{
    FeatureOutlierOptions, OodMethod, OutOfDistribution, OutlierError, PredictionOutlierOptions,
    distance_issue_threshold, fit_score_predictions, get_ood_predictions_scores, score_knn_graph,
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

#[test]
fn outlier_scores_of_given_neighbors_equal_the_reference() {
    run("outlier-given-neighbors", &["ood_given_index", "ood_given_graph"], |check| {
        let answer = match check.function {
            "ood_given_graph" => from_graph(check),
            _ if check.case.is_f32 => from_index(check, |value| value as f32),
            _ => from_index(check, |value| value),
        };
        answer.unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn given_options(check: &Check<'_>) -> FeatureOutlierOptions {
    let mut options = FeatureOutlierOptions::default().with_t(check.number("t"));
    if check.has("metric") {
        let metric = if check.text("metric") == "cosine" { Metric::Cosine } else { Metric::Euclidean };
        options = options.with_metric(metric);
    }
    if check.has("scaling_factor") {
        options = options.with_scaling_factor(check.number("scaling_factor"));
    }
    options
}

fn from_index<F: Float>(check: &Check<'_>, narrow: impl Fn(f64) -> F) -> Result<Answer, OutlierError> {
    let options = given_options(check).with_k(check.number("k") as usize);
    let metric = options.metric.unwrap_or(Metric::Euclidean);
    let index = ExactIndex::new(check.case.matrix("features").mapv(&narrow), metric)?;
    let ood = OutOfDistribution::fit_index(index, &options)?;
    let scores = ood.score(check.matrix("queries").mapv(&narrow).view())?;
    Ok(Answer::Near(scores.to_vec(), check.number("tolerance")))
}

fn from_graph(check: &Check<'_>) -> Result<Answer, OutlierError> {
    let indices = check.case.matrix("indices").mapv(|index| index as u32);
    let graph = KnnGraph::new(indices, check.case.matrix("distances"))?;
    let outliers = score_knn_graph(&graph, &given_options(check))?;
    let threshold = distance_issue_threshold(outliers.mean_distances.view(), check.number("threshold"))?;
    let flagged = outliers.mean_distances.iter().map(|&distance| i64::from(distance > threshold)).collect();
    let close = |values: Vec<f64>| Answer::Close(vec![("", values)]);
    Ok(Answer::Parts(vec![
        ("scores", close(outliers.scores.to_vec())),
        ("flagged", Answer::Exact(flagged)),
        ("issue_threshold", close(vec![threshold])),
        ("scaling_factor", close(vec![outliers.scaling_factor])),
    ]))
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
