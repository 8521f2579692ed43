//! Values of examples as cleanlab 2.9.0 gives them.

use cleanlab_core::Float;
use cleanlab_data_valuation::{
    DataShapleyOptions, DataValuationError, data_shapley_knn, data_shapley_knn_from_features,
};
use cleanlab_neighbors::{KnnGraph, KnnGraphOptions, Metric};
use cleanlab_testkit::parity::{Answer, Check, run};

#[test]
fn values_equal_the_reference() {
    run("data-valuation", &["data_shapley_knn_features", "data_shapley_knn_graph"], |check| {
        let answer = match check.function {
            "data_shapley_knn_graph" => from_graph(check),
            _ if check.case.is_f32 => from_features(check, |value| value as f32),
            _ => from_features(check, |value| value),
        };
        answer.unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn from_features<F: Float>(
    check: &Check<'_>,
    narrow: impl Fn(f64) -> F,
) -> Result<Answer, DataValuationError> {
    let features = check.case.matrix("features").mapv(narrow);
    let mut options = KnnGraphOptions::default();
    if check.has("k") {
        options = options.with_k(check.number("k") as usize);
    }
    if check.has("metric") {
        let metric = if check.text("metric") == "cosine" { Metric::Cosine } else { Metric::Euclidean };
        options = options.with_metric(metric);
    }
    let labels = check.vector("labels").to_vec();
    let values = data_shapley_knn_from_features(&labels, features.view(), &options)?;
    Ok(Answer::Close(vec![("", values.to_vec())]))
}

fn from_graph(check: &Check<'_>) -> Result<Answer, DataValuationError> {
    let indices = check.case.matrix("indices").mapv(|index| index as u32);
    let graph = KnnGraph::new(indices, check.case.matrix("distances"))?;
    let mut options = DataShapleyOptions::default();
    if check.has("k") {
        options = options.with_k(check.number("k") as usize);
    }
    let values = if check.flag("as_classes") {
        data_shapley_knn(&check.integers("labels"), &graph, &options)?
    } else {
        data_shapley_knn(&check.vector("labels").to_vec(), &graph, &options)?
    };
    Ok(Answer::Close(vec![("", values.to_vec())]))
}
