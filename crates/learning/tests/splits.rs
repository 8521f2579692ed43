//! Splits are scikit-learn's, row by row, and obey their laws.

#[allow(dead_code, reason = "each test file reads some of the recordings")]
mod recorded;

use cleanlab_learning::{
    KFold, RowOrder, SplitWarning, StratifiedKFold, TestRows, TestSize, train_test_split,
};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Recorded {
    k_fold: Vec<KFoldCase>,
    stratified_k_fold: Vec<StratifiedCase>,
    train_test_split: Vec<PartsCase>,
}

#[derive(Deserialize)]
struct KFoldCase {
    n: usize,
    n_splits: usize,
    seed: Option<u32>,
    fold_of_row: Vec<u32>,
}

#[derive(Deserialize)]
struct StratifiedCase {
    labels: Vec<u32>,
    n_splits: usize,
    seed: Option<u32>,
    fold_of_row: Vec<u32>,
    warns: bool,
}

#[derive(Deserialize)]
struct PartsCase {
    n: usize,
    test_size: serde_json::Number,
    seed: u32,
    labels: Option<Vec<u32>>,
    train: Vec<usize>,
    test: Vec<usize>,
}

fn recorded_splits() -> Recorded {
    recorded::from(cleanlab_testkit::learning("splits"))
}

fn order(seed: Option<u32>) -> RowOrder {
    seed.map_or(RowOrder::Kept, |seed| RowOrder::Shuffled { seed })
}

#[test]
fn k_fold_recorded_cases_are_equal() {
    for case in recorded_splits().k_fold {
        let folds = KFold::new(case.n_splits).with_row_order(order(case.seed)).split(case.n).unwrap();
        assert_eq!(folds.fold_of_row(), case.fold_of_row, "n = {}, seed {:?}", case.n, case.seed);
    }
}

#[test]
fn stratified_k_fold_recorded_cases_are_equal() {
    for case in recorded_splits().stratified_k_fold {
        let folds =
            StratifiedKFold::new(case.n_splits).with_row_order(order(case.seed)).split(&case.labels).unwrap();
        assert_eq!(folds.fold_of_row(), case.fold_of_row, "seed {:?}", case.seed);
        assert_eq!(!folds.warnings().is_empty(), case.warns);
    }
}

#[test]
fn stratified_k_fold_smallest_class_is_named() {
    let folds = StratifiedKFold::new(4).split(&[9, 9, 9, 9, 2, 2, 5, 5]).unwrap();
    let smallest = SplitWarning::SmallClass { class: 2, members: 2, n_splits: 4 };
    assert_eq!(folds.warnings(), [smallest]);
}

#[test]
fn train_test_split_recorded_cases_are_equal() {
    for case in recorded_splits().train_test_split {
        let size = match case.test_size.as_u64() {
            Some(rows) => TestSize::Rows(rows as usize),
            None => TestSize::Fraction(case.test_size.as_f64().unwrap()),
        };
        let seed = case.seed;
        let rows = match &case.labels {
            None => TestRows::Random { seed },
            Some(labels) => TestRows::Stratified { labels, seed },
        };
        let split = train_test_split(case.n, size, rows).unwrap();
        assert_eq!((split.train, split.test), (case.train, case.test), "n = {}, seed {seed}", case.n);
    }
}

prop_compose! {
    fn labels_and_folds()(
        labels in prop::collection::vec(0_u32..5, 10..80),
        n_splits in 2_usize..6,
        seed in prop::option::of(any::<u32>()),
    ) -> (Vec<u32>, usize, Option<u32>) {
        (labels, n_splits, seed)
    }
}

proptest! {
    #[test]
    fn k_fold_sizes_differ_by_one_and_each_row_is_held_out_once(
        n in 6_usize..200, n_splits in 2_usize..7, seed in prop::option::of(any::<u32>()),
    ) {
        let folds = KFold::new(n_splits).with_row_order(order(seed)).split(n).unwrap();
        let mut held_out = vec![0; n];
        for split in folds.iter() {
            prop_assert!((n / n_splits..=n.div_ceil(n_splits)).contains(&split.test.len()));
            prop_assert_eq!(split.train.len() + split.test.len(), n);
            prop_assert!(split.train.iter().all(|row| split.test.binary_search(row).is_err()));
            split.test.iter().for_each(|&row| held_out[row] += 1);
        }
        prop_assert!(held_out.iter().all(|&times| times == 1));
    }

    #[test]
    fn stratified_k_fold_shares_every_class_evenly((labels, n_splits, seed) in labels_and_folds()) {
        let Ok(folds) = StratifiedKFold::new(n_splits).with_row_order(order(seed)).split(&labels) else {
            return Ok(());
        };
        for class in 0..5 {
            let members = labels.iter().filter(|&&label| label == class).count();
            for split in folds.iter() {
                let held_out = split.test.iter().filter(|&&row| labels[row] == class).count();
                prop_assert!((members / n_splits..=members.div_ceil(n_splits)).contains(&held_out));
            }
        }
        let sizes: Vec<usize> = folds.iter().map(|split| split.test.len()).collect();
        prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
    }

    #[test]
    fn stratified_k_fold_renamed_classes_give_the_same_folds((labels, n_splits, seed) in labels_and_folds()) {
        let renamed: Vec<u32> = labels.iter().map(|&label| 1000 - 7 * label).collect();
        let splitter = StratifiedKFold::new(n_splits).with_row_order(order(seed));
        match (splitter.split(&labels), splitter.split(&renamed)) {
            (Ok(folds), Ok(others)) => prop_assert_eq!(folds.fold_of_row(), others.fold_of_row()),
            (Err(_), Err(_)) => {}
            _ => prop_assert!(false, "only one of them was refused"),
        }
    }

    #[test]
    fn train_test_split_stratified_covers_all_rows_in_proportion(
        labels in prop::collection::vec(0_u32..4, 30..90), seed in any::<u32>(), fraction in 0.2..0.8_f64,
    ) {
        let rows = TestRows::Stratified { labels: &labels, seed };
        let Ok(split) = train_test_split(labels.len(), TestSize::Fraction(fraction), rows) else {
            return Ok(());
        };
        let mut all = [split.train.clone(), split.test.clone()].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..labels.len()).collect::<Vec<_>>());
        for class in 0..4 {
            let members = labels.iter().filter(|&&label| label == class).count() as f64;
            let held_out = split.test.iter().filter(|&&row| labels[row] == class).count() as f64;
            let share = split.test.len() as f64 / labels.len() as f64;
            prop_assert!((held_out - members * share).abs() <= 1.0 + 1e-9);
        }
    }
}
