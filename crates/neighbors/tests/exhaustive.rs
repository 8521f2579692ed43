//! Exact graphs against the definition: all distances, sorted, bit for bit.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::{Float, RandomState};
use cleanlab_neighbors::{ApproximateOptions, ExactIndex, FoundBy, KnnGraph, Metric, approximate_knn_graph};
use ndarray::Array2;

const METRICS: [Metric; 2] = [Metric::Cosine, Metric::Euclidean];

const KINDS: u32 = 14;

/// Rows that are hard to tell apart, or whose bounds are hard to compute, in one of [`KINDS`] ways.
fn rows_of(kind: u32, seed: u32, n_rows: usize, n_features: usize) -> Array2<f64> {
    let mut random = RandomState::new(seed);
    let mut draw = |_| random.standard_normal();
    let n_centers = 3 + seed as usize % 20;
    let centers = Array2::from_shape_fn((n_centers, n_features), &mut draw);
    let noise = Array2::from_shape_fn((n_rows, n_features), &mut draw);
    Array2::from_shape_fn((n_rows, n_features), |(row, column)| {
        let (center, noise) = (centers[[row % n_centers, column]], noise[[row, column]]);
        match kind {
            0 => noise,
            1 => 10.0 * center + noise,
            2 => 1000.0 * (1.0 + center) + 1e-6 * noise,
            // Few different values: many rows and very many distances are equal.
            3 => noise.round(),
            4 if row % 3 == 0 => 0.0,
            4 => (center + noise).round(),
            // Rows beyond the range of f32 among others.
            5 => noise * if row % 50 == 7 { 1e30 } else { 1.0 },
            6 => 1e-25 * noise,
            7 => center * (1.0 + (row / n_centers) as f64),
            // All rows are the same.
            8 => 1.0 + column as f64,
            // One feature decides the scale of the codes; the others decide what is near.
            9 if column == 0 => 100.0 * center,
            9 => 0.005 * noise,
            10 => center + 1e-3 * noise,
            // A line: distances are equal in pairs.
            11 => row as f64 * (1.0 + column as f64 % 2.0),
            // Half of a unit of the codes, where rounding is worst.
            12 if column == row % n_features => 127.0,
            12 => 0.5 + 0.02 * noise,
            _ => 1e10 + 1e3 * noise.round(),
        }
    })
}

/// A sum in eight lanes, as the crate documents its distances to be.
fn sum(x: &[f64], y: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [0.0; 8];
    let whole = x.len() / 8 * 8;
    for at in 0..whole {
        lanes[at % 8] += term(x[at], y[at]);
    }
    let rest = (whole..x.len()).fold(0.0, |rest, at| rest + term(x[at], y[at]));
    let [a, b, c, d, e, f, g, h] = lanes;
    (((a + b) + (c + d)) + ((e + f) + (g + h))) + rest
}

fn norm(x: &[f64]) -> f64 {
    let norm = sum(x, x, |x, y| x * y).sqrt();
    if norm < 1e-150 { f64::INFINITY } else { norm }
}

fn distance(metric: Metric, x: &[f64], y: &[f64], norms: (f64, f64)) -> f64 {
    if x == y {
        return 0.0;
    }
    match metric {
        Metric::Euclidean => sum(x, y, |x, y| (x - y) * (x - y)).sqrt(),
        // The larger norm first.
        _ => (1.0 - sum(x, y, |x, y| x * y) / norms.0.max(norms.1) / norms.0.min(norms.1)).clamp(0.0, 2.0),
    }
}

/// Checks every `step`-th row of a graph against all of its distances.
fn check<F: Float>(graph: &KnnGraph, rows: &Array2<F>, metric: Metric, step: usize, what: &str) {
    let wide = rows.mapv(F::to_f64);
    let wide: Vec<&[f64]> = wide.rows().into_iter().map(|row| row.to_slice().unwrap()).collect();
    let norms: Vec<f64> = wide.iter().map(|row| norm(row)).collect();
    for row in (0..wide.len()).step_by(step) {
        let mut expected: Vec<(f64, usize)> = (0..wide.len())
            .filter(|&other| other != row)
            .map(|other| (distance(metric, wide[row], wide[other], (norms[row], norms[other])), other))
            .collect();
        expected.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let found: Vec<(u64, usize)> =
            graph.neighbors(row).map(|(other, distance)| (distance.to_bits(), other)).collect();
        let expected: Vec<(u64, usize)> =
            expected[..graph.k()].iter().map(|&(distance, other)| (distance.to_bits(), other)).collect();
        assert_eq!(found, expected, "{what}, row {row}");
    }
}

fn check_kind(kind: u32, seed: u32, (n_rows, n_features, k): (usize, usize, usize), step: usize) {
    let wide = rows_of(kind, seed, n_rows, n_features);
    let single = wide.mapv(|value| value as f32);
    let shape = (n_rows, n_features, k);
    for metric in METRICS {
        let what = format!("kind {kind}, seed {seed}, {shape:?}, {metric:?}");
        check(
            &ExactIndex::new(wide.view(), metric).unwrap().knn_graph(k).unwrap(),
            &wide,
            metric,
            step,
            &what,
        );
        let what = format!("{what}, f32");
        let graph = ExactIndex::new(single.view(), metric).unwrap().knn_graph(k).unwrap();
        check(&graph, &single, metric, step, &what);
    }
}

#[test]
fn knn_graph_is_that_of_all_distances() {
    for kind in 0..KINDS {
        for seed in 0..3 {
            let mut random = RandomState::new(1000 * kind + seed);
            let mut draw =
                |least: usize, most: usize| least + (random.random_sample() * (most - least) as f64) as usize;
            let shape = (draw(1024, 2600), draw(4, 70), draw(1, 20));
            check_kind(kind, seed, shape, 7);
        }
    }
}

/// Whether `cargo xtask test --long` asks for every case; otherwise a few of them are looked at.
fn is_long() -> bool {
    std::env::var_os("CLEANLAB_LONG_TESTS").is_some()
}

#[test]
fn knn_graph_of_any_shape_is_that_of_all_distances() {
    let seeds = if is_long() { 80 } else { 1 };
    for seed in 100..100 + seeds {
        for kind in 0..KINDS {
            let mut random = RandomState::new(1000 * kind + seed);
            let mut draw =
                |least: usize, most: usize| least + (random.random_sample() * (most - least) as f64) as usize;
            let shape = (draw(20, 3000), draw(1, 100), draw(1, 19));
            check_kind(kind, seed, shape, 11);
        }
    }
}

#[test]
fn knn_graph_of_thousands_of_rows_is_that_of_all_distances() {
    let step = if is_long() { 5 } else { 499 };
    for (kind, n_features) in
        [(0, 64), (1, 128), (2, 256), (3, 512), (5, 300), (9, 512), (10, 384), (12, 512)]
    {
        check_kind(kind, 5, (5000, n_features, 10), step);
    }
}

/// Where nothing near is passed over, as the result says, it is the exact graph.
#[test]
fn approximate_knn_graph_that_says_exact_is_exact() {
    for kind in 0..KINDS {
        let rows = rows_of(kind, 3, 1500, 24);
        for metric in METRICS {
            let options = ApproximateOptions::default().with_target_recall(1.0);
            let found = approximate_knn_graph(rows.view(), metric, 5, &options).unwrap();
            if found.found_by == FoundBy::ExactSearch {
                check(&found.graph, &rows, metric, 7, &format!("kind {kind}, {metric:?}"));
            }
        }
    }
}
