//! Of `cleanlab-neighbors`, `cleanlab-outlier` and `cleanlab-data-valuation`.

use cleanlab_core::PredProbs;
use cleanlab_data_valuation::{DataShapleyOptions, data_shapley_knn, data_shapley_knn_from_features};
use cleanlab_neighbors::{
    ApproximateOptions, ExactIndex, KnnGraph, KnnGraphOptions, Metric, OutOfCoreOptions,
    approximate_knn_graph, correct_knn_graph, create_knn_graph, find_exact_duplicates, find_knn_graph,
    find_knn_graph_out_of_core, neighbors_within_radius, principal_components,
};
use cleanlab_outlier::{
    FeatureOutlierOptions, OodMethod, OutOfDistribution, PredictionOutlierOptions, distance_issue_threshold,
    fit_score_predictions, get_ood_predictions_scores, score_knn_graph, transform_distances_to_scores,
};
use ndarray::{Array2, array};

use super::{good, probs};
use crate::answers::Answers;

const NAN: f64 = f64::NAN;

pub(super) fn ask(of: &mut Answers) {
    features_of_every_function(of);
    searches(of);
    graphs(of);
    outliers(of);
    predictions(of);
    values(of);
}

fn features() -> Array2<f64> {
    Array2::from_shape_fn((12, 2), |(row, column)| (row * 7 + column * 3) as f64 % 5.0 + row as f64 / 10.0)
}

fn graph() -> KnnGraph {
    create_knn_graph(features(), &KnnGraphOptions::default().with_k(3)).unwrap()
}

fn features_of_every_function(of: &mut Answers) {
    let mut bad = features();
    bad[[4, 1]] = NAN;
    let mut infinite = features();
    infinite[[2, 0]] = f64::INFINITY;
    let mut huge = features();
    huge[[3, 1]] = 1e200;
    for (input, features, says) in [
        ("a feature that is NaN", bad, &["row 4, column 1 is NaN", "fill in or drop"][..]),
        ("a feature that is infinite", infinite, &["row 2, column 0 is inf", "fill in or drop"]),
        ("a feature so large that distances overflow", huge, &["row 3, column 1 is 1e200", "rescale"]),
        ("no row", Array2::zeros((0, 2)), &["(0, 2)", "at least one row"]),
    ] {
        let options = KnnGraphOptions::default().with_k(2);
        let name = |function: &str| format!("cleanlab-neighbors::{function}");
        let euclidean = Metric::Euclidean;
        of.refuses(&name("create_knn_graph"), input, create_knn_graph(features.view(), &options), says);
        of.refuses(&name("find_knn_graph"), input, find_knn_graph(features.view(), &options), says);
        of.refuses(
            &name("approximate_knn_graph"),
            input,
            approximate_knn_graph(features.view(), euclidean, 2, &ApproximateOptions::default()),
            says,
        );
        of.refuses(&name("ExactIndex::new"), input, ExactIndex::new(features.view(), euclidean), says);
        let memory = OutOfCoreOptions::default().with_k(2).with_memory(1 << 26);
        of.refuses(
            &name("find_knn_graph_out_of_core"),
            input,
            find_knn_graph_out_of_core(&features.view(), &memory),
            says,
        );
        of.refuses(
            "cleanlab-outlier::OutOfDistribution::fit",
            input,
            OutOfDistribution::fit(features.view(), &FeatureOutlierOptions::default().with_k(2)),
            says,
        );
        if !input.starts_with("a feature so large") {
            of.refuses(&name("find_exact_duplicates"), input, find_exact_duplicates(features.view()), says);
            of.refuses(&name("principal_components"), input, principal_components(features.view(), 1), says);
        }
        if features.nrows() > 0 {
            of.refuses(
                "cleanlab-data-valuation::data_shapley_knn_from_features",
                input,
                data_shapley_knn_from_features(&[0; 12], features.view(), &options),
                says,
            );
            of.refuses(&name("correct_knn_graph"), input, correct_knn_graph(features.view(), &graph()), says);
        }
    }
}

fn searches(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-neighbors::{function}");
    let with_k = |k| KnnGraphOptions::default().with_k(k);
    of.refuses(
        &name("create_knn_graph"),
        "k of 0",
        create_knn_graph(features(), &with_k(0)),
        &["k is 0", "between 1 and 11"],
    );
    of.refuses(
        &name("find_knn_graph"),
        "k of all rows",
        find_knn_graph(features(), &with_k(12)),
        &["k is 12", "between 1 and 11"],
    );
    of.refuses(
        &name("create_knn_graph"),
        "one row",
        create_knn_graph(array![[1.0]], &with_k(1)),
        &["1 rows", "at least 2"],
    );
    let approximate = |options| approximate_knn_graph(features(), Metric::Euclidean, 3, &options);
    of.refuses(
        &name("approximate_knn_graph"),
        "a target of NaN",
        approximate(ApproximateOptions::default().with_target_recall(NAN)),
        &["target recall is NaN", "above 0 and at most 1"],
    );
    of.refuses(
        &name("approximate_knn_graph"),
        "no row to judge the recall by",
        approximate(ApproximateOptions::default().with_recall_sample(0)),
        &["0 rows", "at least 1"],
    );
    let little = OutOfCoreOptions::default().with_k(2).with_memory(1);
    of.refuses(
        &name("find_knn_graph_out_of_core"),
        "a byte of memory",
        find_knn_graph_out_of_core(&features().view(), &little),
        &["1 bytes", "allow it that many"],
    );
    let features = features();
    let index = ExactIndex::new(features.view(), Metric::Euclidean).unwrap();
    of.refuses(&name("ExactIndex::knn_graph"), "k of 0", index.knn_graph(0), &["k is 0", "between 1 and 11"]);
    of.refuses(
        &name("ExactIndex::query"),
        "rows of three features",
        index.query(array![[1.0, 2.0, 3.0]].view(), 1),
        &["3 features", "rows with 2"],
    );
    of.refuses(
        &name("ExactIndex::query"),
        "a feature that is NaN",
        index.query(array![[1.0, NAN]].view(), 1),
        &["row 0, column 1 is NaN"],
    );
    of.refuses(
        &name("ExactIndex::mean_distances"),
        "k of all rows",
        index.mean_distances(12),
        &["k is 12", "between 1 and 11"],
    );
    of.refuses(
        &name("ExactIndex::mean_distances_of"),
        "k of more than there are",
        index.mean_distances_of(array![[1.0, 2.0]].view(), 13),
        &["k is 13", "between 1 and 12"],
    );
    of.refuses(
        &name("principal_components"),
        "no component",
        principal_components(features.view(), 0),
        &["0 components", "between 1 and 2"],
    );
    of.refuses(
        &name("principal_components"),
        "more components than features",
        principal_components(features.view(), 3),
        &["3 components", "between 1 and 2"],
    );
    let same = find_exact_duplicates(array![[0.0], [-0.0]]).unwrap_or_default();
    of.gives(
        &name("find_exact_duplicates"),
        "zero and minus zero",
        same.into_iter().flatten().map(|row| row as f64),
        &[0.0, 1.0],
    );
}

fn graphs(of: &mut Answers) {
    let new = "cleanlab-neighbors::KnnGraph::new";
    let mut ask = |input: &str, indices: Array2<u32>, distances: Array2<f64>, says: &[&str]| {
        of.refuses(new, input, KnnGraph::new(indices, distances), says);
    };
    ask(
        "a distance that is NaN",
        array![[1], [0]],
        array![[1.0], [NAN]],
        &["distance 0 of row 1 is NaN", "finite"],
    );
    ask(
        "a distance that is negative",
        array![[1], [0]],
        array![[-1.0], [1.0]],
        &["distance 0 of row 0 is -1", "at least 0"],
    );
    ask(
        "a neighbour beyond the rows",
        array![[1], [2]],
        array![[1.0], [1.0]],
        &["neighbour 0 of row 1 is row 2", "2 rows"],
    );
    ask(
        "a row that is its own neighbour",
        array![[0], [0]],
        array![[1.0], [1.0]],
        &["row 0", "its own neighbour", "leave rows out"],
    );
    ask(
        "a neighbour listed twice",
        array![[1, 1], [0, 2], [0, 1]],
        array![[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]],
        &["row 0", "row 1 more than once"],
    );
    ask(
        "distances that descend",
        array![[1, 2], [0, 2], [0, 1]],
        array![[2.0, 1.0], [1.0, 1.0], [1.0, 1.0]],
        &["distance 1 of row 0 is 1", "sort each row"],
    );
    ask("fewer distances than neighbours", array![[1], [0]], array![[1.0]], &["1", "expected"]);
    let csr = "cleanlab-neighbors::KnnGraph::from_csr";
    of.refuses(
        csr,
        "starts that descend",
        KnnGraph::from_csr(&[0, 2, 1], &[1, 0], &[1.0, 1.0]),
        &["row", "row_starts"],
    );
    of.refuses(
        csr,
        "rows of different lengths",
        KnnGraph::from_csr(&[0, 1, 3, 4], &[1, 0, 2, 0], &[1.0; 4]),
        &["row 1", "2 neighbours", "same number"],
    );
    of.refuses(csr, "no row", KnnGraph::from_csr(&[], &[], &[]), &["row"]);
    let graph = graph();
    of.refuses(
        "cleanlab-neighbors::KnnGraph::check_n_rows",
        "other rows than the graph has",
        graph.check_n_rows(7),
        &["12 rows", "7 rows", "one entry per example"],
    );
    of.refuses(
        "cleanlab-neighbors::KnnGraph::truncated",
        "more neighbours than there are",
        graph.truncated(4),
        &["k is 4", "between 1 and 3"],
    );
    of.refuses(
        "cleanlab-neighbors::correct_knn_graph",
        "other features than the graph's",
        correct_knn_graph(array![[1.0], [2.0]].view(), &graph),
        &["12 rows", "2 rows", "one entry per example"],
    );
    of.refuses(
        "cleanlab-neighbors::neighbors_within_radius",
        "a radius of NaN",
        neighbors_within_radius(&graph, NAN),
        &["radius is NaN", "at least 0"],
    );
    of.refuses(
        "cleanlab-neighbors::neighbors_within_radius",
        "a negative radius",
        neighbors_within_radius(&graph, -1.0),
        &["radius is -1", "at least 0"],
    );
}

fn outliers(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-outlier::{function}");
    let distances = array![0.5, NAN];
    of.refuses(
        &name("transform_distances_to_scores"),
        "a distance that is NaN",
        transform_distances_to_scores(distances.view(), Metric::Euclidean, 1.0),
        &["NaN"],
    );
    of.refuses(
        &name("transform_distances_to_scores"),
        "t of NaN",
        transform_distances_to_scores(array![0.5].view(), Metric::Euclidean, NAN),
        &["`t` is NaN", "must be"],
    );
    of.refuses(
        &name("transform_distances_to_scores"),
        "t below 0",
        transform_distances_to_scores(array![0.5].view(), Metric::Euclidean, -1.0),
        &["`t` is -1", "must be"],
    );
    let options = FeatureOutlierOptions::default;
    of.refuses(
        &name("score_knn_graph"),
        "k beyond the graph",
        score_knn_graph(&graph(), &options().with_k(9)),
        &["k is 9", "between 1 and 3"],
    );
    of.refuses(
        &name("score_knn_graph"),
        "a scaling factor of NaN",
        score_knn_graph(&graph(), &options().with_scaling_factor(NAN)),
        &["`scaling_factor` is NaN", "must be"],
    );
    of.refuses(
        &name("distance_issue_threshold"),
        "a threshold above 1",
        distance_issue_threshold(array![0.5].view(), 1.5),
        &["`threshold` is 1.5", "must be"],
    );
    of.refuses(
        &name("distance_issue_threshold"),
        "a distance that is NaN",
        distance_issue_threshold(distances.view(), 0.5),
        &["NaN"],
    );
    let features = features();
    let index = ExactIndex::new(features.view(), Metric::Euclidean).unwrap();
    of.refuses(
        &name("OutOfDistribution::fit_index"),
        "another metric than the index's",
        OutOfDistribution::fit_index(index, &options().with_metric(Metric::Cosine)),
        &["Cosine", "Euclidean", "leave the metric out"],
    );
    let fitted = OutOfDistribution::fit(features.view(), &options().with_k(3)).unwrap();
    of.refuses(
        &name("OutOfDistribution::score"),
        "rows of three features",
        fitted.score(array![[1.0, 2.0, 3.0]].view()),
        &["3 features", "rows with 2"],
    );
    of.refuses(
        &name("OutOfDistribution::score"),
        "a feature that is NaN",
        fitted.score(array![[1.0, NAN]].view()),
        &["row 0, column 1 is NaN"],
    );
}

fn predictions(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-outlier::{function}");
    let probs = PredProbs::new(probs()).unwrap();
    let options = PredictionOutlierOptions::default;
    let score = |options: &PredictionOutlierOptions| get_ood_predictions_scores(&probs, options);
    of.refuses(
        &name("get_ood_predictions_scores"),
        "a threshold too few",
        score(&options().with_confident_thresholds(array![0.5])),
        &["1 entries", "2 classes"],
    );
    of.refuses(
        &name("get_ood_predictions_scores"),
        "a threshold that is NaN",
        score(&options().with_confident_thresholds(array![0.5, NAN])),
        &["NaN at index 1", "finite"],
    );
    let gen_of = |gamma, top_classes| options().with_method(OodMethod::Gen { top_classes, gamma });
    of.refuses(
        &name("get_ood_predictions_scores"),
        "gamma of NaN",
        score(&gen_of(NAN, 2)),
        &["`gamma` is NaN", "must be"],
    );
    of.refuses(
        &name("get_ood_predictions_scores"),
        "no top class",
        score(&gen_of(0.1, 0)),
        &["`top_classes` is 0", "must be"],
    );
    let certain = PredProbs::new(array![[1.0, 0.0], [0.0, 0.0]]).unwrap();
    of.gives(
        &name("get_ood_predictions_scores"),
        "a certain row, and one of zeros",
        get_ood_predictions_scores(&certain, &options()).unwrap_or_default(),
        &[1.0, 1.0],
    );
    let method = OodMethod::Gen { top_classes: 2, gamma: NAN };
    of.refuses(
        &name("fit_score_predictions"),
        "gamma of NaN",
        fit_score_predictions(&good(), method),
        &["`gamma` is NaN", "must be"],
    );
}

fn values(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-data-valuation::{function}");
    let graph = graph();
    let with_k = |k| DataShapleyOptions::default().with_k(k);
    of.refuses(
        &name("data_shapley_knn"),
        "a label too few",
        data_shapley_knn(&[0; 11], &graph, &with_k(3)),
        &["11 labels", "12 rows", "one label per row"],
    );
    of.refuses(
        &name("data_shapley_knn"),
        "k beyond the graph",
        data_shapley_knn(&[0; 12], &graph, &with_k(4)),
        &["k is 4", "3 neighbours", "lower k"],
    );
    of.refuses(
        &name("data_shapley_knn"),
        "k of 0",
        data_shapley_knn(&[0; 12], &graph, &with_k(0)),
        &["k is 0", "at least 1"],
    );
    of.refuses(
        &name("data_shapley_knn_from_features"),
        "a label too few",
        data_shapley_knn_from_features(&[0; 11], features().view(), &KnnGraphOptions::default().with_k(2)),
        &["11 labels", "12 rows"],
    );
    let labels = [NAN; 12];
    let found = data_shapley_knn(&labels, &graph, &with_k(3)).unwrap_or_default();
    of.gives(&name("data_shapley_knn"), "labels that are NaN, which equals nothing", found, &[0.5; 12]);
}
