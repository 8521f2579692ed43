//! What every check that looks at a neighbour graph tells of it.

use cleanlab_neighbors::{KnnGraph, Metric};

use crate::column_values::ColumnValues;
use crate::info::{Info, InfoValue};

/// Puts in the nearest neighbour of every row and how far it is.
pub(super) fn insert_nearest_neighbors(info: &mut Info, graph: &KnnGraph) {
    let nearest = graph.indices().column(0).mapv(i64::from);
    let distances = graph.distances().column(0).to_owned();
    info.insert("nearest_neighbor", InfoValue::Values(ColumnValues::Integers(nearest)));
    info.insert("distance_to_nearest_neighbor", InfoValue::Values(ColumnValues::Floats(distances)));
}

/// The name of a metric.
pub(super) fn metric_value(metric: Option<Metric>) -> InfoValue {
    match metric {
        Some(Metric::Cosine) => InfoValue::Text("cosine".to_owned()),
        Some(_) => InfoValue::Text("euclidean".to_owned()),
        None => InfoValue::Null,
    }
}
