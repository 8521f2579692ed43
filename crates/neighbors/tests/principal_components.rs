//! Principal components: their laws, and every reason to refuse them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use approx::assert_abs_diff_eq;
use cleanlab_core::RandomState;
use cleanlab_neighbors::{NeighborsError, principal_components};
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;

/// Rows with the standard deviations 1, 1/2, 1/3, … along directions that are no axes.
fn rows_of(seed: u32, n_rows: usize, n_features: usize) -> Array2<f64> {
    let mut random = RandomState::new(seed);
    let n_directions = n_features.min(20);
    let mixed = Array2::from_shape_simple_fn((n_directions, n_features), || random.standard_normal());
    let weights =
        Array2::from_shape_fn((n_rows, n_directions), |(_, at)| random.standard_normal() / (at + 1) as f64);
    weights.dot(&mixed) + 3.0
}

fn assert_lawful(rows: &Array2<f64>, n_components: usize) {
    let map = principal_components(rows.view(), n_components).unwrap();
    let unit = Array2::<f64>::eye(n_components);
    assert_abs_diff_eq!(map.components.dot(&map.components.t()), unit, epsilon = 1e-9);
    let mean = rows.mean_axis(Axis(0)).unwrap();
    let size = rows.iter().fold(1.0, |size: f64, value| size.max(value.abs()));
    assert_abs_diff_eq!(map.mean, mean, epsilon = 1e-12 * size);
    let along = (rows - &mean).dot(&map.components.t());
    assert_abs_diff_eq!(map.coordinates, along, epsilon = 1e-10 * size);
    // Along different components coordinates do not vary together.
    let products = map.coordinates.t().dot(&map.coordinates);
    let total = (rows - &mean).mapv(|value| value * value).sum();
    for ((row, column), product) in products.indexed_iter() {
        let expected = if row == column { map.explained_variance_ratio[row] * total } else { 0.0 };
        assert_abs_diff_eq!(*product, expected, epsilon = 1e-8 * total.max(1e-300));
    }
    let shares = map.explained_variance_ratio.to_vec();
    assert!(shares.windows(2).all(|pair| pair[0] >= pair[1] - 1e-12), "{shares:?}");
    assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
    for component in map.components.rows() {
        let largest = component.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let first = component.iter().find(|value| value.abs() >= largest * (1.0 - 1e-9)).unwrap();
        assert!(*first > 0.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn principal_components_are_orthonormal_and_uncorrelated(
        seed in 0_u32..1000, n_rows in 1_usize..60, n_features in 1_usize..60, n_components in 1_usize..6,
        rounded in any::<bool>(),
    ) {
        let mut rows = rows_of(seed, n_rows, n_features);
        if rounded {
            // Equal rows and equal variances among them.
            rows.mapv_inplace(f64::round);
        }
        assert_lawful(&rows, n_components.min(n_rows).min(n_features));
    }
}

#[test]
fn principal_components_many_rows_and_features_are_lawful() {
    assert_lawful(&rows_of(1, 2000, 300), 3);
    assert_lawful(&rows_of(2, 300, 2000), 3);
}

/// Above 512 rows and features directions are iterated; below, of the same rows, everything is decomposed.
#[test]
fn principal_components_of_large_data_are_those_of_the_decomposition() {
    let rows = rows_of(3, 520, 600);
    assert_lawful(&rows, 2);
    let large = principal_components(rows.view(), 2).unwrap();
    // The same rows twice have the same components, and are too many to be decomposed.
    let fewer = rows.slice(ndarray::s![..512, ..]);
    let decomposed = principal_components(fewer.view(), 2).unwrap();
    let stacked = ndarray::concatenate![Axis(0), fewer, fewer];
    let iterated = principal_components(stacked.view(), 2).unwrap();
    assert_abs_diff_eq!(iterated.components, decomposed.components, epsilon = 1e-6);
    assert_abs_diff_eq!(
        iterated.explained_variance_ratio,
        decomposed.explained_variance_ratio,
        epsilon = 1e-9
    );
    assert!(large.explained_variance_ratio[0] > large.explained_variance_ratio[1]);
}

#[test]
fn principal_components_of_f32_are_those_of_f64() {
    let single = rows_of(4, 50, 7).mapv(|value| value as f32);
    let wide = single.mapv(f64::from);
    assert_eq!(principal_components(single.view(), 2), principal_components(wide.view(), 2));
}

#[test]
fn principal_components_on_any_number_of_threads_are_the_same() {
    for rows in [rows_of(5, 9000, 70), rows_of(6, 100, 700), rows_of(7, 600, 530)] {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| principal_components(rows.view(), 2).unwrap())
        };
        let alone = on(1);
        assert!([2, 5].into_iter().all(|threads| on(threads) == alone));
    }
}

#[test]
fn principal_components_rows_that_do_not_differ_have_no_variance() {
    for rows in [Array2::from_elem((4, 3), 2.5), Array2::from_elem((3, 4), -1.0), array![[1.0, 2.0]]] {
        let map = principal_components(rows.view(), 1).unwrap();
        assert_eq!(map.explained_variance_ratio, array![0.0]);
        assert_eq!(map.coordinates, Array2::<f64>::zeros((rows.nrows(), 1)));
        assert_eq!(map.components.row(0).iter().map(|value| value * value).sum::<f64>(), 1.0);
    }
}

#[test]
fn principal_components_of_extreme_features_neither_overflow_nor_vanish() {
    for unit in [1e-160, 1e-30, 1e30, 1e149] {
        let rows = array![[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]] * unit;
        let map = principal_components(rows.view(), 1).unwrap();
        assert_abs_diff_eq!(map.components, array![[0.6, 0.8]], epsilon = 1e-12);
        assert_abs_diff_eq!(map.coordinates / unit, array![[-5.0], [0.0], [5.0]], epsilon = 1e-12);
        assert_abs_diff_eq!(map.explained_variance_ratio, array![1.0], epsilon = 1e-12);
    }
}

#[test]
fn principal_components_bad_input_is_refused() {
    let rows = array![[0.0, 1.0, 5.0], [2.0, 0.5, 1.0]];
    for n_components in [0, 3] {
        let error = NeighborsError::ComponentCount { n_components, largest: 2 };
        assert_eq!(principal_components(rows.view(), n_components).unwrap_err(), error);
    }
    let error = principal_components(array![[0.0], [f64::NAN]], 1).unwrap_err();
    assert!(matches!(error, NeighborsError::NonFiniteFeature { row: 1, column: 0, .. }));
    let error = principal_components(Array2::<f32>::zeros((0, 3)), 1).unwrap_err();
    assert_eq!(error, NeighborsError::EmptyFeatures { rows: 0, columns: 3 });
}

#[test]
fn principal_components_of_any_layout_are_the_same() {
    let rows = rows_of(8, 40, 5);
    let columns = rows.t().as_standard_layout().into_owned();
    assert_eq!(principal_components(columns.t(), 2), principal_components(rows.view(), 2));
    let signs: Array1<f64> = principal_components(-&rows, 2).unwrap().components.sum_axis(Axis(1));
    assert_eq!(signs, principal_components(rows.view(), 2).unwrap().components.sum_axis(Axis(1)));
}
