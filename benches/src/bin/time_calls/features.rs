//! Calls on features: graphs of nearest neighbours, and values of examples that follow from them.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use cleanlab_data_valuation::{DataShapleyOptions, data_shapley_knn, data_shapley_knn_from_features};
use cleanlab_neighbors::{
    ApproximateOptions, KnnGraph, KnnGraphOptions, Metric, NeighborSearch, find_knn_graph,
};

use crate::data::{Data, on_matrix};
use crate::{Answer, Clock};

/// The last exact graph by metric, which approximate ones are held to.
pub(crate) type Graphs = HashMap<Metric, KnnGraph>;

pub(crate) fn measure(
    clock: &mut Clock<'_>,
    data: &Data,
    graphs: &mut Graphs,
    call: &str,
    argument: &str,
) -> Result<Answer> {
    match call {
        "exact" => knn_graph(clock, data, graphs, NeighborSearch::Exact, argument),
        "approximate" => {
            let search = NeighborSearch::Approximate(ApproximateOptions::default());
            knn_graph(clock, data, graphs, search, argument)
        }
        "shapley_of_graph" => {
            let (labels, graph) = (data.labels()?, data.graph()?);
            let options = DataShapleyOptions::default().with_k(graph.k());
            Ok(Answer::numbers(clock.time(|| Ok(data_shapley_knn(labels, graph, &options)?))?))
        }
        "shapley_of_features" => {
            let labels = data.labels()?;
            let options = KnnGraphOptions::default().with_k(argument.parse()?);
            on_matrix!(data.features()?, matrix => {
                let values = clock.time(|| Ok(data_shapley_knn_from_features(labels, matrix, &options)?))?;
                Ok(Answer::numbers(values))
            })
        }
        _ => bail!("no such call: {call}"),
    }
}

/// `argument` is a metric and a number of neighbours.
fn knn_graph(
    clock: &mut Clock<'_>,
    data: &Data,
    graphs: &mut Graphs,
    search: NeighborSearch,
    argument: &str,
) -> Result<Answer> {
    let (metric, k) = argument.split_once(' ').context("a metric and a number")?;
    let metric = if metric == "cosine" { Metric::Cosine } else { Metric::Euclidean };
    let options = KnnGraphOptions::default().with_metric(metric).with_k(k.parse()?).with_search(search);
    let found = on_matrix!(data.features()?, matrix => clock.time(|| Ok(find_knn_graph(matrix, &options)?)))?;
    if search == NeighborSearch::Exact {
        graphs.insert(metric, found.graph.clone());
    }
    let mut answer = Answer::numbers(found.graph.indices().iter().map(|&index| f64::from(index)));
    // Indices of four bytes and distances of eight.
    answer.bytes = found.graph.indices().len() as u64 * 12;
    if let Some(exact) = graphs.get(&metric) {
        answer = answer.with_note("recall", recall(&found.graph, exact));
    }
    let told = found.estimated_recall;
    Ok(answer.with_note("estimated_recall", told).with_note("found_by", format!("{:?}", found.found_by)))
}

/// The share of places in the graph whose row is as near as the exact graph's.
pub(crate) fn recall(found: &KnnGraph, exact: &KnnGraph) -> f64 {
    let k = found.k().min(exact.k());
    let mut n_near = 0;
    for (found, exact) in found.distances().rows().into_iter().zip(exact.distances().rows()) {
        // The same distance, found in another order of additions, may end in other digits.
        let farthest = exact[k - 1] * (1.0 + 1e-9);
        n_near += found.iter().take(k).filter(|&&distance| distance <= farthest).count();
    }
    n_near as f64 / (k * exact.n_rows()) as f64
}
