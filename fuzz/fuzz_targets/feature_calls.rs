//! What is asked of features, neighbour graphs and numeric labels, on drawn data and options.

#![no_main]

use cleanlab_data_valuation::{DataShapleyOptions, data_shapley_knn};
use cleanlab_fuzz::draws;
use cleanlab_neighbors::{
    ApproximateOptions, ExactIndex, KnnGraph, KnnGraphOptions, Metric, NeighborSearch, correct_knn_graph,
    create_knn_graph, find_exact_duplicates,
};
use cleanlab_outlier::{FeatureOutlierOptions, OutOfDistribution, distance_issue_threshold, score_knn_graph};
use cleanlab_regression::{LabelQualityMethod, get_label_quality_scores};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use ndarray::{Array1, Array2};

const METRICS: [Metric; 2] = [Metric::Cosine, Metric::Euclidean];

fuzz_target!(init: {
    // One thread, as the fuzzer has one.
    rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global().expect("the only pool");
}, |bytes: &[u8]| {
    let mut bytes = Unstructured::new(bytes);
    let _ = calls(&mut bytes);
});

fn calls(bytes: &mut Unstructured<'_>) -> Result<()> {
    let rows = draws::length(bytes, 20)?;
    let columns = draws::length(bytes, 5)?;
    let features = draws::matrix(bytes, rows, columns)?;
    let metric = draws::one_of(bytes, &METRICS)?;
    let k = draws::length(bytes, 8)?;
    let mut options = KnnGraphOptions::default().with_metric(metric).with_k(k);
    if bytes.ratio(1, 4)? {
        options = options.with_search(NeighborSearch::Approximate(ApproximateOptions::default()));
    }
    let _ = find_exact_duplicates(features.view());
    let found = if bytes.arbitrary()? {
        create_knn_graph(features.mapv(|value| value as f32), &options)
    } else {
        create_knn_graph(features.view(), &options)
    };
    let outlier = FeatureOutlierOptions::default().with_t(draws::float(bytes)?).with_k(k);
    if let Ok(fitted) = OutOfDistribution::fit(features.view(), &outlier) {
        let queries = draws::matrix(bytes, 2, columns)?;
        let _ = fitted.score(queries.view());
    }
    if let Ok(index) = ExactIndex::new(features.view(), metric) {
        let _ = (index.query(features.view(), k), index.mean_distances(k));
    }
    let given = given_graph(bytes, rows)?;
    let labels = draws::labels(bytes, rows, 3)?;
    for graph in [found.ok(), given].into_iter().flatten() {
        let _ = data_shapley_knn(&labels, &graph, &DataShapleyOptions::default().with_k(k));
        let _ = (correct_knn_graph(features.view(), &graph), graph.truncated(k));
        if let Ok(scored) = score_knn_graph(&graph, &outlier) {
            let _ = distance_issue_threshold(scored.mean_distances.view(), draws::float(bytes)?);
        }
    }
    let targets: Array1<f64> = draws::matrix(bytes, rows, 1)?.into_iter().collect();
    let predictions: Array1<f64> = draws::matrix(bytes, rows, 1)?.into_iter().collect();
    for method in [LabelQualityMethod::Outre, LabelQualityMethod::Residual] {
        let _ = get_label_quality_scores(targets.view(), predictions.view(), method);
    }
    Ok(())
}

/// A graph of a caller's own, mostly wrong.
fn given_graph(bytes: &mut Unstructured<'_>, rows: usize) -> Result<Option<KnnGraph>> {
    let k = draws::length(bytes, 3)?;
    let mut indices = Array2::zeros((rows, k));
    for ((row, position), index) in indices.indexed_iter_mut() {
        let other = (row + 1 + position) % rows;
        *index = if bytes.ratio(1, 20)? { bytes.arbitrary()? } else { other as u32 };
    }
    if bytes.arbitrary()? {
        let mut distances = draws::matrix(bytes, rows, k)?;
        if bytes.arbitrary()? {
            for mut row in distances.rows_mut() {
                let mut sorted = row.to_vec();
                sorted.sort_by(f64::total_cmp);
                row.assign(&Array1::from(sorted));
            }
        }
        return Ok(KnnGraph::new(indices, distances).ok());
    }
    let starts: Vec<usize> = (0..=rows)
        .map(|row| if bytes.ratio(1, 30)? { bytes.arbitrary() } else { Ok(row * k) })
        .collect::<Result<_>>()?;
    let distances = draws::matrix(bytes, rows, k)?;
    let (indices, distances): (Vec<u32>, Vec<f64>) =
        (indices.into_iter().collect(), distances.into_iter().collect());
    Ok(KnnGraph::from_csr(&starts, &indices, &distances).ok())
}
