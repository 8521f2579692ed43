//! Columns as features.

use cleanlab_table::{
    ColumnAction, FeatureOptions, FeatureScaling, Features, IdentifierColumns, ReadOptions, SkipReason,
    Source, Table, TableError,
};
use proptest::prelude::*;
use std::fmt::Write as _;

fn table(content: &str) -> Table {
    Table::read(Source::from_bytes(content, "t.csv"), &ReadOptions::default()).unwrap()
}

fn features(content: &str) -> Result<Features, TableError> {
    table(content).features(&FeatureOptions::default())
}

fn column(features: &Features, name: &str) -> Vec<f64> {
    let index = features.names.iter().position(|known| known == name).unwrap();
    features.values.column(index).to_vec()
}

#[test]
fn features_numbers_are_standardised_with_the_population_deviation() {
    let features =
        features("x,flag\n2,true\n4,false\n4,true\n4,false\n5,true\n5,false\n7,true\n9,false\n").unwrap();
    // The mean is 5 and the population's standard deviation 2.
    assert_eq!(column(&features, "x"), [-1.5, -0.5, -0.5, -0.5, 0.0, 0.0, 1.0, 2.0]);
    assert_eq!(column(&features, "flag")[..2], [1.0, -1.0]);
    let expected = ColumnAction::Standardised { mean: 5.0, std: 2.0, n_missing: 0 };
    assert_eq!(features.columns[0].action, expected);
}

#[test]
fn features_missing_number_becomes_the_mean() {
    let features = features("x\n1\nNA\n3\n\n2\n").unwrap();
    assert_eq!(column(&features, "x")[1], 0.0);
    assert_eq!(column(&features, "x")[4], 0.0);
    assert!(matches!(features.columns[0].action, ColumnAction::Standardised { mean: 2.0, n_missing: 2, .. }));
    assert_eq!(features.columns[0].to_string(), "\"x\" is standardised (2 missing, filled with the mean)");
    let sum_of_squares: f64 = column(&features, "x").iter().map(|x| x * x).sum();
    assert!((sum_of_squares - 5.0).abs() < 1e-12);
}

#[test]
fn features_as_they_are_keep_numbers_and_fill_with_the_mean() {
    let options = FeatureOptions::default().with_scaling(FeatureScaling::AsTheyAre);
    let features = table("x,flag,coat\n1,true,a\nNA,false,b\n4,true,a\n1e300,false,b\n-1e300,true,a\n")
        .features(&options)
        .unwrap();
    assert_eq!(column(&features, "x"), [1.0, 0.0, 4.0, 1e300, -1e300]);
    assert_eq!(column(&features, "flag"), [1.0, 0.0, 1.0, 0.0, 1.0]);
    assert_eq!(column(&features, "coat=b"), [0.0, 1.0, 0.0, 1.0, 0.0]);
    assert_eq!(features.columns[0].to_string(), "\"x\" stays as it is (1 missing, filled with the mean)");
}

#[test]
fn features_constant_column_is_zero_and_noted() {
    let features = features("x,c\n1,0.1\n3,0.1\n1,\n").unwrap();
    assert_eq!(column(&features, "c"), [0.0, 0.0, 0.0]);
    assert_eq!(features.columns[1].action, ColumnAction::Constant { n_missing: 1 });
}

#[test]
fn features_huge_and_tiny_numbers_neither_overflow_nor_vanish() {
    for scale in ["e300", "e-310", "e0"] {
        let features = features(&format!("x\n-1{scale}\n1{scale}\n-1{scale}\n1{scale}\n")).unwrap();
        for (value, expected) in column(&features, "x").into_iter().zip([-1.0, 1.0, -1.0, 1.0]) {
            assert!((value - expected).abs() < 1e-12, "{scale}: {value}");
        }
    }
    let features = features("x\n-1.7e308\n1.7e308\n0\n").unwrap();
    assert!(features.values.iter().all(|value| value.is_finite()));
}

#[test]
fn features_infinite_number_names_its_place() {
    let error = features("a,b\n1,2\n3,-inf\n").unwrap_err();
    assert!(
        matches!(&error, TableError::InfiniteValue { column, row: 1, value } if column == "b" && *value < 0.0)
    );
    assert_eq!(
        error.to_string(),
        "column \"b\", row 1 is -inf; replace infinite values, or exclude the column"
    );
}

#[test]
fn features_text_becomes_one_feature_per_category() {
    let features = features("coat\nshort\nlong\n\nshort\nlong\n").unwrap();
    assert_eq!(features.names, ["coat=long", "coat=short"]);
    assert_eq!(column(&features, "coat=short"), [1.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(features.values.row(2).sum(), 0.0);
    let expected = ColumnAction::OneHot { categories: vec!["long".into(), "short".into()], n_missing: 1 };
    assert_eq!(features.columns[0].action, expected);
}

#[test]
fn features_text_with_too_many_values_is_left_out_with_the_reason() {
    let content = "x,t\n1,a\n2,b\n2,a\n1,b\n";
    let features = features(content).unwrap();
    assert_eq!(features.names, ["x"]);
    assert_eq!(
        features.columns[1].to_string(),
        "\"t\" is left out: it is text with more than 1 different values"
    );

    let rows: String = (0..100).map(|row| format!("{},v{}\n", row % 7, row % 12)).collect();
    let table = table(&format!("x,t\n{rows}"));
    assert_eq!(table.features(&FeatureOptions::default()).unwrap().names.len(), 13);
    let options = FeatureOptions::default().with_max_categories(11);
    assert_eq!(table.features(&options).unwrap().names, ["x"]);
}

#[test]
fn features_identifiers_are_left_out_unless_kept() {
    let table = table("id,x\n12,1\n10,1\n11,2\n");
    let features = table.features(&FeatureOptions::default()).unwrap();
    assert_eq!(features.names, ["x"]);
    assert_eq!(features.columns[0].action, ColumnAction::Skipped { reason: SkipReason::Identifier });
    let options = FeatureOptions::default().with_identifiers(IdentifierColumns::Keep);
    assert_eq!(table.features(&options).unwrap().names, ["id", "x"]);
}

#[test]
fn features_integers_with_gaps_or_repeats_are_no_identifiers() {
    assert_eq!(features("a,b\n1,1\n2,2\n4,2\n").unwrap().names, ["a", "b"]);
    assert_eq!(features("a\n-9223372036854775808\n9223372036854775807\n").unwrap().names, ["a"]);
}

#[test]
fn features_label_and_excluded_columns_are_left_out() {
    let table = table("x,y,z\n1,2,5\n3,2,7\n1,1,5\n");
    let options = FeatureOptions::default().with_label_column("y").with_exclude(["z"]);
    let features = table.features(&options).unwrap();
    assert_eq!(features.names, ["x"]);
    let actions: Vec<ColumnAction> = features.columns.into_iter().map(|column| column.action).collect();
    assert_eq!(actions[1..], [ColumnAction::Label, ColumnAction::Excluded]);
    let error = table.features(&FeatureOptions::default().with_exclude(["zz"])).unwrap_err();
    assert!(matches!(error, TableError::NoSuchColumn { nearest: Some(nearest), .. } if nearest == "z"));
}

#[test]
fn features_none_usable_gives_every_reason() {
    let error = features("id,t,c,e\n1,a,5,\n2,b,5,\n").unwrap_err();
    assert!(matches!(&error, TableError::NoFeatures { reasons } if reasons.len() == 4));
    assert_eq!(
        error.to_string(),
        "no column can be used as a feature: \"id\" is left out: it only numbers the rows; \"t\" is left out: it is \
         text with more than 0 different values; \"c\" is constant, so it is all zeros; \"e\" is left out: it has no \
         values; train a model of your own and give its predicted probabilities"
    );
}

proptest! {
    #[test]
    fn features_any_numbers_give_finite_values_and_unit_deviation(
        numbers in prop::collection::vec(prop::option::of(-1e6_f64..1e6), 3..60)
    ) {
        let mut content = String::from("x,other\n");
        for (row, number) in numbers.iter().enumerate() {
            let _ = writeln!(content, "{},{}", number.map_or(String::new(), |number| format!("{number:?}")), row % 2);
        }
        let features = features(&content).unwrap();
        prop_assert!(features.values.iter().all(|value| value.is_finite()));
        if let ColumnAction::Standardised { .. } = features.columns[0].action {
            let x = column(&features, "x");
            let n = x.len() as f64;
            prop_assert!((x.iter().sum::<f64>() / n).abs() < 1e-9);
            prop_assert!((x.iter().map(|x| x * x).sum::<f64>() / n - 1.0).abs() < 1e-9);
        }
    }
}
