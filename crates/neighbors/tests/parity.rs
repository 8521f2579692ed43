//! Neighbours as scikit-learn finds them for cleanlab 2.9.0, corrected for duplicates as cleanlab corrects them.

use cleanlab_core::Float;
use cleanlab_neighbors::{
    ExactIndex, KnnGraph, KnnGraphOptions, Metric, NeighborsError, correct_knn_graph, create_knn_graph,
    neighbors_within_radius, principal_components,
};
use cleanlab_testkit::parity::{Answer, Check, run};
use ndarray::{Array2, ArrayView2, s};

#[test]
fn neighbors_equal_the_reference() {
    run("neighbors-outlier", &["knn_graph", "kneighbors", "correct_knn_graph"], |check| {
        let features = check.case.matrix("features");
        let answer = if check.case.is_f32 {
            answer(check, features.mapv(|value| value as f32).view(), |value| value as f32)
        } else {
            answer(check, features.view(), |value| value)
        };
        answer.unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

#[test]
fn neighbor_sets_equal_the_reference() {
    run("neighbor-sets", &["neighbors_within_radius"], |check| {
        sets(check).unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn sets(check: &Check<'_>) -> Result<Answer, NeighborsError> {
    let indices = check.case.matrix("indices").mapv(|index| index as u32);
    let graph = KnnGraph::new(indices, check.case.matrix("distances"))?;
    let sets = neighbors_within_radius(&graph, check.number("radius"))?;
    let mut clusters = vec![-1; graph.n_rows()];
    for (number, rows) in (0..).zip(sets.components()) {
        for row in rows {
            clusters[row] = number;
        }
    }
    Ok(Answer::Parts(vec![
        ("lengths", Answer::Exact(sets.iter().map(|set| set.len() as i64).collect())),
        ("members", Answer::Exact(sets.iter().flatten().map(|&row| i64::from(row)).collect())),
        ("clusters", Answer::Exact(clusters)),
    ]))
}

#[test]
fn principal_components_equal_the_reference() {
    run("principal-components", &["principal_components"], |check| {
        let features = check.case.matrix("features");
        let n_components = check.number("n_components") as usize;
        let map = if check.case.is_f32 {
            principal_components(features.mapv(|value| value as f32), n_components)
        } else {
            principal_components(features, n_components)
        };
        let compared = check.number("compared") as usize;
        let tolerance = 1e-9;
        map.map_or_else(
            |error| Answer::Failed(error.to_string()),
            |map| {
                let size = check.number("size").max(1.0);
                let coordinates = map.coordinates.slice(s![.., ..compared]);
                let components = map.components.slice(s![..compared, ..]);
                let shares = map.explained_variance_ratio.slice(s![..compared]);
                Answer::Parts(vec![
                    ("coordinates", Answer::Near(coordinates.iter().copied().collect(), tolerance * size)),
                    ("explained_variance_ratio", Answer::Near(shares.to_vec(), tolerance)),
                    ("components", Answer::Near(components.iter().copied().collect(), tolerance)),
                    ("mean", Answer::Near(map.mean.to_vec(), tolerance)),
                ])
            },
        )
    });
}

fn answer<F: Float>(
    check: &Check<'_>,
    features: ArrayView2<'_, F>,
    narrow: impl Fn(f64) -> F,
) -> Result<Answer, NeighborsError> {
    let metric = check.has("metric").then(|| match check.text("metric") {
        "cosine" => Metric::Cosine,
        _ => Metric::Euclidean,
    });
    let k = || check.number("k") as usize;
    Ok(match check.function {
        "knn_graph" => {
            let mut options = KnnGraphOptions::default().with_k(k());
            options.metric = metric;
            let graph = create_knn_graph(features, &options)?;
            parts(check, graph.indices(), graph.distances())
        }
        "kneighbors" => {
            let metric = metric.unwrap_or_else(|| Metric::default_for(features.ncols()));
            let queries = check.matrix("queries").mapv(narrow);
            let found = ExactIndex::new(features, metric)?.query(queries.view(), k())?;
            parts(check, found.indices.view(), found.distances.view())
        }
        "correct_knn_graph" => {
            let indices = check.matrix("given_indices").mapv(|index| index as u32);
            let graph = KnnGraph::new(indices, check.matrix("given_distances"))?;
            let graph = correct_knn_graph(features, &graph)?;
            parts(check, graph.indices(), graph.distances())
        }
        other => Answer::Failed(format!("no answer for {other}")),
    })
}

/// Indices, with −1 where several neighbours are at about the same distance, and distances.
fn parts(check: &Check<'_>, indices: ArrayView2<'_, u32>, distances: ArrayView2<'_, f64>) -> Answer {
    let tied = if check.has("tied") { check.matrix("tied") } else { Array2::zeros(indices.dim()) };
    let indices =
        indices.iter().zip(&tied).map(|(&index, &tied)| if tied == 0.0 { i64::from(index) } else { -1 });
    Answer::Parts(vec![
        ("indices", Answer::Exact(indices.collect())),
        ("distances", Answer::Close(vec![("", distances.iter().copied().collect())])),
    ])
}
