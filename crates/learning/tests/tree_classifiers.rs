//! Laws of the random forest and of gradient boosting.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use approx::assert_abs_diff_eq;
use cleanlab_learning::{
    Classifier, EarlyStopping, GradientBoosting, LearningError, MaxFeatures, RandomForest, RowSampling,
    TrainingSet,
};
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

fn forest() -> RandomForest {
    RandomForest::default().with_n_trees(12).with_seed(3)
}

fn boosting() -> GradientBoosting {
    GradientBoosting::default().with_max_iterations(8).with_min_samples_leaf(1).with_learning_rate(0.3)
}

fn both() -> [Box<dyn Classifier>; 2] {
    [Box::new(forest()), Box::new(boosting())]
}

fn pred_probs(
    classifier: &dyn Classifier,
    features: &Array2<f64>,
    labels: &[u32],
    weights: Option<&Array1<f64>>,
) -> Array2<f64> {
    let n_classes = 5;
    let mut training = TrainingSet::new(features.view(), labels, n_classes).unwrap();
    if let Some(weights) = weights {
        training = training.with_sample_weight(weights.view()).unwrap();
    }
    let pred_probs = classifier.fit(&training).unwrap().predict_proba(features.view()).unwrap();
    assert_eq!(pred_probs.dim(), (features.nrows(), n_classes));
    assert!(pred_probs.iter().all(|p| (0.0..=1.0).contains(p)), "{pred_probs}");
    for row in pred_probs.rows() {
        assert_abs_diff_eq!(row.sum(), 1.0, epsilon = 1e-12);
    }
    let occurs = |class: u32| {
        let mut rows = labels.iter().enumerate().filter(|&(_, &label)| label == class);
        rows.any(|(row, _)| weights.is_none_or(|weights| weights[row] > 0.0))
    };
    for class in (0..5).filter(|&class| !occurs(class)) {
        assert!(pred_probs.column(class as usize).iter().all(|&p| p == 0.0));
    }
    pred_probs
}

/// Rows around a centre of their class, the same at every call.
fn blobs(n: usize, p: usize, n_classes: u32) -> (Array2<f64>, Vec<u32>) {
    let noise =
        |row: usize, column: usize| ((row * 7919 + column * 104_729) as f64 * 0.618_034).fract() * 3.0;
    let labels: Vec<u32> = (0..n).map(|row| (row % n_classes as usize) as u32).collect();
    let features = Array2::from_shape_fn((n, p), |(row, column)| {
        noise(row, column) + if column % n_classes as usize == labels[row] as usize { 1.5 } else { 0.0 }
    });
    (features, labels)
}

#[test]
fn fit_any_number_of_threads_gives_the_same_bits() {
    let (features, labels) = blobs(900, 40, 2);
    let (other_features, other_labels) = blobs(300, 7, 4);
    for (features, labels) in [(features, labels), (other_features, other_labels)] {
        for classifier in both() {
            let on = |threads| {
                let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| pred_probs(&classifier, &features, &labels, None))
            };
            let single = on(1);
            assert_eq!(on(2), single);
            assert_eq!(on(5), single);
        }
    }
}

#[test]
fn fit_separable_classes_are_learned() {
    let (features, labels) = blobs(400, 6, 3);
    for classifier in both() {
        let training = TrainingSet::new(features.view(), &labels, 3).unwrap();
        assert!(classifier.supports_sample_weight());
        let model = classifier.fit(&training).unwrap();
        assert_eq!(model.n_classes(), 3);
        let right =
            model.predict(features.view()).unwrap().iter().zip(&labels).filter(|(a, b)| a == b).count();
        assert!(right >= 380, "{right}");
    }
}

#[test]
fn fit_a_row_per_class_works() {
    let features = array![[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]];
    let data = TrainingSet::new(features.view(), &[4, 0, 2], 5).unwrap();
    let every_row = forest().with_row_sampling(RowSampling::EveryRow);
    assert_eq!(every_row.fit(&data).unwrap().predict(features.view()).unwrap(), [4, 0, 2]);
    assert_eq!(boosting().fit(&data).unwrap().predict(features.view()).unwrap(), [4, 0, 2]);
    // With at least 20 rows per leaf no row can be told from another.
    let shares = pred_probs(&GradientBoosting::default(), &features, &[4, 0, 2], None);
    assert_abs_diff_eq!(shares.row(0), array![1.0, 0.0, 1.0, 0.0, 1.0] / 3.0, epsilon = 1e-12);
}

#[test]
fn fit_single_class_is_certain() {
    let (features, _) = blobs(30, 2, 2);
    for classifier in both() {
        let certain = pred_probs(&classifier, &features, &[3; 30], None);
        assert!(certain.column(3).iter().all(|&p| p == 1.0));
        let one = pred_probs(&classifier, &array![[0.5]], &[1], None);
        assert_eq!(one[[0, 1]], 1.0);
    }
}

#[test]
fn fit_constant_features_gives_the_shares() {
    let features = Array2::from_elem((40, 3), -2.5);
    let labels: Vec<u32> = (0..40).map(|row| u32::from(row % 4 == 0)).collect();
    let expected = array![0.75, 0.25, 0.0, 0.0, 0.0];
    let every_row = forest().with_row_sampling(RowSampling::EveryRow);
    assert_abs_diff_eq!(pred_probs(&every_row, &features, &labels, None).row(7), expected, epsilon = 1e-12);
    assert_abs_diff_eq!(pred_probs(&boosting(), &features, &labels, None).row(7), expected, epsilon = 1e-12);
}

#[test]
fn fit_more_features_than_rows_works() {
    let (features, labels) = blobs(12, 90, 3);
    for classifier in both() {
        let pred_probs = pred_probs(&classifier, &features, &labels, None);
        let right =
            pred_probs.rows().into_iter().zip(&labels).filter(|(row, label)| row[**label as usize] > 0.5);
        assert!(right.count() >= 11);
    }
}

#[test]
fn fit_huge_and_tiny_values_are_told_apart() {
    let smallest = f64::from_bits(1);
    let column = array![-f64::MAX, -1e300, -smallest, 0.0, smallest, 2.0 * smallest, 1e300, f64::MAX];
    let features = column.insert_axis(Axis(1));
    let labels = [0, 1, 0, 1, 0, 1, 0, 1];
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let tree = forest().with_row_sampling(RowSampling::EveryRow).with_n_trees(1).fit(&data).unwrap();
    assert_eq!(tree.predict(features.view()).unwrap(), labels);
    let boosted = boosting().with_max_iterations(50).with_max_leaf_nodes(8).fit(&data).unwrap();
    assert_eq!(boosted.predict(features.view()).unwrap(), labels);
}

#[test]
fn fit_huge_and_tiny_weights_stay_finite() {
    let (features, labels) = blobs(60, 3, 3);
    let plain = pred_probs(&forest(), &features, &labels, Some(&Array1::ones(60)));
    for factor in [1e300, 1e-300, f64::from_bits(1)] {
        let weights = Array1::from_elem(60, factor);
        // A power of two would give equal bits; these round.
        let scaled = pred_probs(&forest(), &features, &labels, Some(&weights));
        assert_abs_diff_eq!(scaled, plain, epsilon = 1e-9);
        pred_probs(&boosting(), &features, &labels, Some(&weights));
    }
    // pred_probs checks that these are probabilities.
    let weights: Array1<f64> = (0..60).map(|row| 10.0_f64.powi(row * 10 - 300)).collect();
    for classifier in both() {
        pred_probs(&classifier, &features, &labels, Some(&weights));
    }
    pred_probs(&boosting().with_learning_rate(1e300), &features, &labels, None);
}

#[test]
fn fit_forest_limits_are_kept() {
    let (features, labels) = blobs(200, 5, 3);
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    let leaves = |forest: RandomForest| forest.fit_model(&data).unwrap().n_leaves();
    let one = || forest().with_n_trees(1).with_row_sampling(RowSampling::EveryRow);
    let unlimited = leaves(one());
    assert_eq!(leaves(one().with_max_depth(Some(1))), 2);
    assert!(leaves(one().with_max_depth(Some(3))) <= 8);
    assert!(leaves(one().with_min_samples_leaf(20)) <= 10);
    assert!(leaves(one().with_min_samples_split(50)) < unlimited);
    assert_eq!(leaves(one().with_min_samples_leaf(101)), 1);
    assert_eq!(leaves(one().with_min_samples_split(usize::MAX)), 1);
    assert_eq!(leaves(one().with_min_samples_leaf(usize::MAX)), 1);
    assert_eq!(MaxFeatures::Log2.of(9), 3);
    assert_eq!(MaxFeatures::All.of(9), 9);
    assert_eq!(MaxFeatures::Count(20).of(9), 9);
    assert_eq!(MaxFeatures::Fraction(0.5).of(9), 4);
}

#[test]
fn fit_boosting_limits_are_kept() {
    // Labels that have nothing to do with the features need many leaves.
    let (features, _) = blobs(200, 5, 2);
    let labels: Vec<u32> = (0..200).map(|row| row * 7 % 11 % 2).collect();
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let leaves =
        |boosting: GradientBoosting| boosting.with_max_iterations(1).fit_model(&data).unwrap().n_leaves();
    assert_eq!(leaves(boosting().with_max_leaf_nodes(2)), 2);
    assert_eq!(leaves(boosting().with_max_leaf_nodes(7)), 7);
    assert_eq!(leaves(boosting().with_max_depth(Some(1))), 2);
    assert!(leaves(boosting().with_max_depth(Some(3))) <= 8);
    assert!(leaves(boosting().with_min_samples_leaf(50)) <= 4);
    assert_eq!(leaves(boosting().with_min_samples_leaf(usize::MAX)), 1);
    assert!(leaves(boosting().with_max_bins(2).with_max_leaf_nodes(usize::MAX)) <= 32);
    assert!(leaves(boosting().with_max_leaf_nodes(usize::MAX)) > 31);
}

#[test]
fn fit_boosting_stops_early_when_asked_to() {
    let (features, mut labels) = blobs(400, 4, 2);
    for label in labels.iter_mut().step_by(3) {
        *label = 1 - *label;
    }
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let iterations = |model: GradientBoosting| model.fit_model(&data).unwrap().iterations();
    let model = || GradientBoosting::default().with_learning_rate(0.5);
    assert_eq!(iterations(model().with_early_stopping(EarlyStopping::Never)), 100);
    assert_eq!(iterations(model()), 100);
    let stopped = iterations(model().with_early_stopping(EarlyStopping::Always));
    assert!((10..100).contains(&stopped), "{stopped}");
    let impatient = model().with_early_stopping(EarlyStopping::Always).with_n_iter_no_change(2);
    assert!(iterations(impatient.clone()) < stopped);
    assert_eq!(iterations(impatient.with_tolerance(1e9)), 2);
    // Above 10,000 rows it is the default, but a class of one row cannot be split.
    let many = Array2::from_shape_fn((10_002, 1), |(row, _)| (row % 10) as f64);
    let mut many_labels: Vec<u32> = (0..10_002).map(|row| row * 7 % 11 % 2).collect();
    let fit = |labels: &[u32]| {
        let data = TrainingSet::new(many.view(), labels, 3).unwrap();
        model().with_n_iter_no_change(3).fit_model(&data).unwrap().iterations()
    };
    assert!(fit(&many_labels) < 100);
    many_labels[0] = 2;
    assert_eq!(fit(&many_labels), 100);
    let lonely = TrainingSet::new(many.view(), &many_labels, 3).unwrap();
    let always = model().with_early_stopping(EarlyStopping::Always);
    assert!(matches!(always.fit_model(&lonely), Err(LearningError::LonelyClass { class: 2 })));
}

#[test]
fn fit_bad_options_are_refused() {
    let features = array![[0.0], [1.0]];
    let data = TrainingSet::new(features.view(), &[0, 1], 2).unwrap();
    let refused = |classifier: &dyn Classifier| match classifier.fit(&data) {
        Err(LearningError::InvalidOption { option, .. }) => option,
        _ => panic!("not refused"),
    };
    assert_eq!(refused(&forest().with_n_trees(0)), "n_trees");
    assert_eq!(refused(&forest().with_n_trees(usize::MAX)), "n_trees");
    assert_eq!(refused(&forest().with_max_depth(Some(0))), "max_depth");
    assert_eq!(refused(&forest().with_min_samples_split(1)), "min_samples_split");
    assert_eq!(refused(&forest().with_min_samples_leaf(0)), "min_samples_leaf");
    assert_eq!(refused(&forest().with_max_features(MaxFeatures::Count(0))), "max_features");
    assert_eq!(refused(&forest().with_max_features(MaxFeatures::Fraction(0.0))), "max_features");
    assert_eq!(refused(&forest().with_max_features(MaxFeatures::Fraction(f64::NAN))), "max_features");
    assert_eq!(refused(&boosting().with_learning_rate(0.0)), "learning_rate");
    assert_eq!(refused(&boosting().with_learning_rate(f64::INFINITY)), "learning_rate");
    assert_eq!(refused(&boosting().with_max_iterations(0)), "max_iterations");
    assert_eq!(refused(&boosting().with_max_leaf_nodes(1)), "max_leaf_nodes");
    assert_eq!(refused(&boosting().with_max_depth(Some(0))), "max_depth");
    assert_eq!(refused(&boosting().with_min_samples_leaf(0)), "min_samples_leaf");
    assert_eq!(refused(&boosting().with_l2_regularization(-1.0)), "l2_regularization");
    assert_eq!(refused(&boosting().with_max_bins(1)), "max_bins");
    assert_eq!(refused(&boosting().with_max_bins(256)), "max_bins");
    assert_eq!(refused(&boosting().with_validation_fraction(1.0)), "validation_fraction");
    assert_eq!(refused(&boosting().with_n_iter_no_change(0)), "n_iter_no_change");
    assert_eq!(refused(&boosting().with_tolerance(f64::NAN)), "tolerance");
}

#[test]
fn predict_proba_bad_features_are_refused() {
    let features = array![[0.0], [1.0]];
    let data = TrainingSet::new(features.view(), &[0, 1], 2).unwrap();
    for classifier in both() {
        let model = classifier.fit(&data).unwrap();
        assert!(matches!(
            model.predict_proba(array![[0.0, 1.0]].view()),
            Err(LearningError::FeatureCount { expected: 1, found: 2 })
        ));
        assert!(matches!(
            model.predict_proba(array![[0.0], [f64::NAN]].view()),
            Err(LearningError::NonFiniteFeature { row: 1, column: 0, .. })
        ));
        assert_eq!(model.predict_proba(Array2::zeros((0, 1)).view()).unwrap().dim(), (0, 2));
    }
}

prop_compose! {
    /// Features with ties, labels of up to four of five classes, and weights that are whole numbers.
    fn data()(
        n in 2_usize..70, p in 1_usize..6, steps in 2_u32..200,
    )(
        features in prop::collection::vec(0..steps, n * p),
        labels in prop::collection::vec(0..4_u32, n),
        weights in prop::collection::vec(0_u32..4, n),
        p in Just(p),
    ) -> (Array2<f64>, Vec<u32>, Vec<u32>) {
        let (n, mut weights) = (labels.len(), weights);
        weights[0] = 1;
        let features = features.into_iter().map(|x| f64::from(x) / 8.0 - 3.0).collect();
        (Array2::from_shape_vec((n, p), features).expect("n rows of p"), labels, weights)
    }
}

fn as_floats(weights: &[u32]) -> Array1<f64> {
    weights.iter().map(|&weight| f64::from(weight)).collect()
}

/// Features, labels and weights of some rows.
fn select(features: &Array2<f64>, labels: &[u32], rows: &[usize]) -> (Array2<f64>, Vec<u32>) {
    (features.select(Axis(0), rows), rows.iter().map(|&row| labels[row]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn fit_renamed_classes_are_renamed_in_the_predictions((features, labels, weights) in data()) {
        let renamed: Vec<u32> = labels.iter().map(|&label| [4, 0, 3, 1][label as usize]).collect();
        let weights = as_floats(&weights);
        for classifier in both() {
            let mut expected = Array2::zeros((labels.len(), 5));
            let theirs = pred_probs(&classifier, &features, &renamed, Some(&weights));
            for (class, new) in [4, 0, 3, 1].into_iter().enumerate() {
                expected.column_mut(class).assign(&theirs.column(new));
            }
            prop_assert_eq!(pred_probs(&classifier, &features, &labels, Some(&weights)), expected);
        }
    }

    /// Only the order of a feature's values matters to the rows trained on; where between two of them others are divided
    /// depends on the values.
    #[test]
    fn fit_increasing_function_of_the_features_gives_the_same_bits((features, labels, _) in data()) {
        let changed = features.mapv(|x| (3.0 * x).exp() - 1e3);
        let every_row = forest().with_row_sampling(RowSampling::EveryRow);
        for classifier in [&every_row as &dyn Classifier, &boosting()] {
            let expected = pred_probs(classifier, &features, &labels, None);
            prop_assert_eq!(pred_probs(classifier, &changed, &labels, None), expected);
        }
    }

    #[test]
    fn fit_rows_of_weight_zero_are_as_though_absent((features, labels, weights) in data()) {
        let rows: Vec<usize> = (0..labels.len()).filter(|&row| weights[row] > 0).collect();
        let (few, few_labels) = select(&features, &labels, &rows);
        let few_weights = as_floats(&weights).select(Axis(0), &rows);
        for classifier in both() {
            let all = pred_probs(&classifier, &features, &labels, Some(&as_floats(&weights)));
            let expected = pred_probs(&classifier, &few, &few_labels, Some(&few_weights));
            prop_assert_eq!(all.select(Axis(0), &rows), expected);
        }
    }

    #[test]
    fn fit_boosting_whole_weights_equal_repeated_rows((features, labels, weights) in data()) {
        let rows: Vec<usize> =
            weights.iter().enumerate().flat_map(|(row, &weight)| vec![row; weight as usize]).collect();
        let (repeated, repeated_labels) = select(&features, &labels, &rows);
        for max_bins in [4, 255] {
            let model = boosting().with_max_bins(max_bins);
            let weighted = pred_probs(&model, &features, &labels, Some(&as_floats(&weights)));
            let expected = pred_probs(&model, &repeated, &repeated_labels, None);
            prop_assert_eq!(weighted.select(Axis(0), &rows), expected);
        }
    }

    /// Sums are exact, and bins are quantiles.
    #[test]
    fn fit_boosting_permuted_rows_give_the_same_bits((features, labels, weights) in data()) {
        let backwards: Vec<usize> = (0..labels.len()).rev().collect();
        let (permuted, permuted_labels) = select(&features, &labels, &backwards);
        let weights = as_floats(&weights);
        let permuted_weights = weights.select(Axis(0), &backwards);
        let expected = pred_probs(&boosting(), &permuted, &permuted_labels, Some(&permuted_weights));
        let found = pred_probs(&boosting(), &features, &labels, Some(&weights));
        prop_assert_eq!(found.select(Axis(0), &backwards), expected);
    }

    /// A forest without random rows and features is a tree, which knows its training rows by heart.
    #[test]
    fn fit_forest_unlimited_tree_predicts_its_own_rows((features, labels, _) in data()) {
        let tree = forest().with_row_sampling(RowSampling::EveryRow).with_max_features(MaxFeatures::All);
        let found = pred_probs(&tree, &features, &labels, None);
        for (row, values) in features.rows().into_iter().enumerate() {
            let twins: Vec<u32> = features
                .rows()
                .into_iter()
                .zip(&labels)
                .filter(|(other, _)| *other == values)
                .map(|(_, &label)| label)
                .collect();
            let share = twins.iter().filter(|&&label| label == labels[row]).count() as f64 / twins.len() as f64;
            assert_abs_diff_eq!(found[[row, labels[row] as usize]], share, epsilon = 1e-12);
        }
    }
}
