//! Learning in spite of wrong numeric labels: what it finds, what it refuses, and what never changes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use approx::assert_abs_diff_eq;
use cleanlab_core::RandomState;
use cleanlab_regression::{
    AleatoricUncertainty, CleanLearning, CleanLearningWarning, FindLabelIssuesOptions, FittedRegressor,
    GivenLabelIssues, LabelIssuesTable, LinearRegression, RegressionError, RegressionSet, Regressor,
    Uncertainty,
};
use ndarray::{Array1, Array2, ArrayView2, Axis, array};
use proptest::prelude::*;

/// Rows on a plane with a little noise; each label whose row leaves remainder 7 of 20 is far off, up or down in turns.
fn plane(n: usize, p: usize, seed: u32) -> (Array2<f64>, Array1<f64>) {
    let mut random = RandomState::new(seed);
    let features = Array2::from_shape_simple_fn((n, p), || random.standard_normal());
    let slopes = Array1::from_shape_fn(p, |column| column as f64 + 1.0);
    let mut labels = features.dot(&slopes);
    for (row, label) in labels.iter_mut().enumerate() {
        let wrong = [25.0, -25.0][row / 20 % 2];
        *label += 0.1 * random.standard_normal() + if row % 20 == 7 { wrong } else { 0.0 };
    }
    (features, labels)
}

fn wrong_rows(n: usize) -> Vec<usize> {
    (0..n).filter(|row| row % 20 == 7).collect()
}

fn recipe() -> CleanLearning {
    CleanLearning::new(LinearRegression::default())
}

/// As many issues as there are wrong labels; left to itself the search also tries fewer and more.
fn one_in_twenty() -> FindLabelIssuesOptions {
    defaults().with_coarse_search_range(vec![0.05])
}

fn defaults() -> FindLabelIssuesOptions {
    FindLabelIssuesOptions::default()
}

type Predict = fn(ArrayView2<'_, f64>) -> Result<Array1<f64>, RegressionError>;

/// A regressor without use for weights that predicts what it is told to.
#[derive(Clone, Copy)]
struct Scripted(Predict);

impl Regressor for Scripted {
    fn fit(&self, _: &RegressionSet<'_>) -> Result<Box<dyn FittedRegressor>, RegressionError> {
        Ok(Box::new(*self))
    }
}

impl FittedRegressor for Scripted {
    fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Array1<f64>, RegressionError> {
        (self.0)(features)
    }
}

const FIRST_FEATURE: Scripted = Scripted(|features| Ok(features.column(0).to_owned()));
const NAN: Scripted = Scripted(|features| Ok(Array1::from_elem(features.nrows(), f64::NAN)));
const OUT_OF_ORDER: Scripted = Scripted(|_| Err(RegressionError::regressor("out of order")));
const ONE_PREDICTION: Scripted = Scripted(|_| Ok(array![1.0]));

#[test]
fn fit_wrong_labels_are_found_and_left_out() {
    let (features, labels) = plane(200, 3, 1);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let model = recipe().fit(&data, &one_in_twenty()).unwrap();
    let issues = model.issues();
    assert_eq!(issues.indices(), wrong_rows(200));
    assert_eq!(issues.issue_fraction, Some(0.05));
    assert!(issues.warnings.is_empty());
    let quality = issues.table.label_quality.as_ref().unwrap();
    assert!(quality.iter().all(|score| (0.0..=1.0).contains(score)));
    assert!(wrong_rows(200).iter().all(|&row| quality[row] < 1e-10));
    assert_abs_diff_eq!(model.predict(array![[1.0, 1.0, 1.0]].view()).unwrap()[0], 6.0, epsilon = 0.1);
    let (clean_features, clean_labels) = plane(100, 3, 2);
    let clean: Vec<usize> = (0..100).filter(|row| row % 20 != 7).collect();
    let (clean_features, clean_labels) =
        (clean_features.select(Axis(0), &clean), clean_labels.select(Axis(0), &clean));
    let test = RegressionSet::new(clean_features.view(), clean_labels.view()).unwrap();
    assert!(model.score(&test).unwrap() > 0.999);
}

#[test]
fn find_label_issues_right_labels_are_left_alone() {
    let features = Array2::from_shape_fn((60, 1), |(row, _)| row as f64);
    let labels = Array1::from_shape_fn(60, |row| 3.0 - 0.5 * row as f64);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let options = defaults().with_coarse_search_range(vec![0.0]);
    let issues = recipe().find_label_issues(&data, &options).unwrap();
    assert_eq!((issues.indices(), issues.issue_fraction), (vec![], Some(0.0)));
}

#[test]
fn fit_given_issues_in_any_form_give_the_same_model() {
    let (features, labels) = plane(100, 2, 3);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let found = recipe().find_label_issues(&data, &defaults()).unwrap();
    let fitted = recipe().fit(&data, &defaults()).unwrap();
    assert_eq!(fitted.issues(), &found);
    let predictions = fitted.predict(features.view()).unwrap();
    let (mask, indices) = (&found.table.is_label_issue, found.indices());
    let mut unordered = indices.clone();
    unordered.reverse();
    for given in [
        GivenLabelIssues::Found(&found),
        GivenLabelIssues::Table(&found.table),
        GivenLabelIssues::Mask(mask.view()),
        GivenLabelIssues::Indices(&unordered),
    ] {
        let model = recipe().fit_with_label_issues(&data, given).unwrap();
        assert_eq!(model.predict(features.view()).unwrap(), predictions);
        assert_eq!(model.get_label_issues().indices(), indices);
        let is_found = matches!(given, GivenLabelIssues::Found(_));
        assert_eq!(model.issues().issue_fraction, if is_found { found.issue_fraction } else { None });
        let keeps_columns = is_found || matches!(given, GivenLabelIssues::Table(_));
        assert_eq!(model.get_label_issues().label_quality.is_some(), keeps_columns);
        assert_eq!(model.save_space().predict(features.view()).unwrap(), predictions);
    }
}

#[test]
fn fit_weights_count_for_the_final_model_alone() {
    let (features, labels) = plane(100, 1, 4);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let weights = Array1::from_shape_fn(100, |row| if row < 50 { 1.0 } else { 0.0 });
    let weighted = data.with_sample_weight(weights.view()).unwrap();
    let (plain, model) =
        (recipe().fit(&data, &defaults()).unwrap(), recipe().fit(&weighted, &defaults()).unwrap());
    assert_eq!(plain.issues(), model.issues());
    // Rows without weight are as good as left out.
    let is_issue = &plain.get_label_issues().is_label_issue;
    let light: Vec<usize> = (0..100).filter(|&row| is_issue[row] || row >= 50).collect();
    let without = recipe().fit_with_label_issues(&data, GivenLabelIssues::Indices(&light)).unwrap();
    let predict = |model: &cleanlab_regression::FittedCleanLearning| model.predict(features.view()).unwrap();
    assert_abs_diff_eq!(predict(&model), predict(&without), epsilon = 1e-12);
    assert!((predict(&model) - predict(&plain)).iter().any(|difference| difference.abs() > 1e-6));
}

#[test]
fn fit_weights_without_use_are_refused() {
    let (features, labels) = plane(40, 1, 4);
    let weights = Array1::ones(40);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let data = data.with_sample_weight(weights.view()).unwrap();
    let learning = CleanLearning::new(FIRST_FEATURE);
    assert!(matches!(learning.fit(&data, &defaults()), Err(RegressionError::WeightsUnsupported)));
    let none = GivenLabelIssues::Indices(&[]);
    assert!(matches!(learning.fit_with_label_issues(&data, none), Err(RegressionError::WeightsUnsupported)));
    // The folds never see weights, so that only the final regressor has to take them.
    let learning = learning.with_final_regressor(LinearRegression::default());
    assert!(learning.fit(&data, &defaults()).is_ok());
}

#[test]
fn find_label_issues_bad_regressor_names_the_fold() {
    let (features, labels) = plane(30, 2, 5);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let refused = |regressor: Scripted| {
        CleanLearning::new(regressor).find_label_issues(&data, &defaults()).unwrap_err()
    };
    assert_eq!(refused(OUT_OF_ORDER).to_string(), "fold 0: the regressor failed: out of order");
    let error = refused(NAN);
    let RegressionError::Fold { fold: 0, source } = error else { panic!("{error}") };
    assert!(matches!(*source, RegressionError::InvalidValue { what: "prediction", .. }));
    let error = refused(ONE_PREDICTION);
    let RegressionError::Fold { fold: 0, source } = error else { panic!("{error}") };
    assert!(matches!(*source, RegressionError::PredictionCount { found: 1, expected: 6 }));
}

#[test]
fn fit_and_predict_bad_final_regressor_says_so() {
    let (features, labels) = plane(30, 2, 5);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let with_final = |regressor: Scripted| {
        recipe().with_final_regressor(regressor).fit(&data, &defaults()).unwrap().predict(features.view())
    };
    assert!(matches!(with_final(OUT_OF_ORDER), Err(RegressionError::Regressor(_))));
    let outcome = with_final(NAN);
    assert!(matches!(outcome, Err(RegressionError::InvalidValue { what: "prediction", row: 0, .. })));
    let outcome = with_final(ONE_PREDICTION);
    assert!(matches!(outcome, Err(RegressionError::PredictionCount { found: 1, expected: 30 })));
    let bad_option = LinearRegression::default().with_tolerance(-1.0);
    let error = recipe().with_final_regressor(bad_option).fit(&data, &defaults()).unwrap_err();
    assert!(error.to_string().starts_with("final model: option `tolerance`"), "{error}");
    // Every row that is left has weight 0.
    let weights = Array1::from_shape_fn(30, |row| f64::from(row == 3));
    let weighted = data.with_sample_weight(weights.view()).unwrap();
    let error = recipe().fit_with_label_issues(&weighted, GivenLabelIssues::Indices(&[3])).unwrap_err();
    let RegressionError::FinalFit { source } = error else { panic!("{error}") };
    assert!(matches!(*source, RegressionError::ZeroWeights));
}

#[test]
fn find_label_issues_bad_options_are_refused() {
    let (features, labels) = plane(30, 2, 5);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let refused = |options: &FindLabelIssuesOptions| recipe().find_label_issues(&data, options).unwrap_err();
    let shares = |shares: &[f64]| refused(&defaults().with_coarse_search_range(shares.to_vec()));
    assert!(matches!(shares(&[]), RegressionError::NoFractions));
    for bad in [-0.1, 1.1, f64::NAN] {
        let error = shares(&[0.1, bad]);
        assert!(matches!(error, RegressionError::InvalidOption { option: "coarse_search_range", .. }));
    }
    assert!(matches!(shares(&[0.95]), RegressionError::TooFewRows { rows: 1, folds: 5 }));
    for bad in [-1.0, f64::INFINITY, f64::NAN] {
        let error = refused(&defaults().with_uncertainty(Uncertainty::Same(bad)));
        assert!(matches!(error, RegressionError::InvalidOption { option: "uncertainty", .. }));
    }
    let given = |given| refused(&defaults().with_uncertainty(Uncertainty::Given(given)));
    assert!(matches!(
        given(Array1::ones(29)),
        RegressionError::WrongLength { what: "uncertainty", found: 29, expected: 30 }
    ));
    let mut uncertainty = Array1::ones(30);
    uncertainty[8] = -0.5;
    let error = given(uncertainty.clone());
    assert!(matches!(error, RegressionError::NegativeValue { what: "uncertainty", row: 8, .. }));
    uncertainty[8] = f64::NAN;
    let error = given(uncertainty);
    assert!(matches!(error, RegressionError::InvalidValue { what: "uncertainty", row: 8, .. }));

    let folds =
        |n_splits| recipe().with_n_splits(n_splits).find_label_issues(&data, &defaults()).unwrap_err();
    assert!(matches!(folds(1), RegressionError::InvalidOption { option: "n_splits", .. }));

    let error = refused(&defaults().with_fine_search_size(usize::MAX));
    assert!(matches!(error, RegressionError::InvalidOption { option: "fine_search_size", .. }));
    let error = recipe().with_n_boot(usize::MAX).find_label_issues(&data, &defaults()).unwrap_err();
    assert!(matches!(error, RegressionError::InvalidOption { option: "n_boot", .. }));
    assert!(matches!(folds(31), RegressionError::TooFewRows { rows: 30, folds: 31 }));
}

#[test]
fn uncertainties_bad_input_is_refused() {
    let (features, labels) = plane(30, 2, 5);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let epistemic = |predictions: Array1<f64>| {
        recipe().get_epistemic_uncertainty(&data, Some(predictions.view())).unwrap_err()
    };
    assert!(matches!(epistemic(array![1.0]), RegressionError::WrongLength { what: "predictions", .. }));
    let error = epistemic(Array1::from_elem(30, f64::NAN));
    assert!(matches!(error, RegressionError::InvalidValue { what: "predictions", row: 0, .. }));
    let (one_row, one_label) = (array![[1.0]], array![1.0]);
    let lonely = RegressionSet::new(one_row.view(), one_label.view()).unwrap();
    assert!(matches!(
        recipe().get_epistemic_uncertainty(&lonely, None),
        Err(RegressionError::TooFewRows { rows: 1, folds: 2 })
    ));
    let aleatoric =
        |residuals: Array1<f64>| recipe().get_aleatoric_uncertainty(features.view(), residuals.view());
    assert!(matches!(aleatoric(array![1.0]), Err(RegressionError::WrongLength { .. })));
    let few = recipe().with_n_splits(40).get_aleatoric_uncertainty(features.view(), labels.view());
    assert!(matches!(few, Err(RegressionError::TooFewRows { rows: 30, folds: 40 })));
}

#[test]
fn fit_with_label_issues_that_do_not_fit_are_refused() {
    let (features, labels) = plane(20, 1, 1);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let refused = |issues: GivenLabelIssues<'_>| recipe().fit_with_label_issues(&data, issues).unwrap_err();
    let short = Array1::from_elem(19, false);
    let error = refused(GivenLabelIssues::Mask(short.view()));
    assert!(matches!(
        error,
        RegressionError::WrongLength { what: "is_label_issue", found: 19, expected: 20 }
    ));
    let error = refused(GivenLabelIssues::Indices(&[3, 20]));
    assert!(matches!(error, RegressionError::LabelIssueOutOfRange { index: 20, rows: 20 }));
    let error = refused(GivenLabelIssues::Indices(&[3, 5, 3]));
    assert!(matches!(error, RegressionError::RepeatedLabelIssue { index: 3 }));
    let mut others = labels.clone();
    others[6] += 1.0;
    let none = Array1::from_elem(20, false);
    let error = refused(GivenLabelIssues::Table(&LabelIssuesTable::new(none.clone(), others)));
    assert!(matches!(error, RegressionError::GivenLabelDiffers { row: 6, .. }));
    let column = LabelIssuesTable::new(none, labels.clone()).with_predicted_label(array![1.0]);
    let error = refused(GivenLabelIssues::Table(&column));
    assert!(matches!(error, RegressionError::WrongLength { what: "predicted_label", found: 1, .. }));
    let all = Array1::from_elem(20, true);
    let error = refused(GivenLabelIssues::Mask(all.view()));
    assert!(matches!(error, RegressionError::NoCleanRows { rows: 20 }));
}

#[test]
fn fit_odd_data_work() {
    let (features, _) = plane(20, 30, 6);
    let labels = features.column(0).to_owned();
    // More features than rows, and features that never vary.
    for features in [features.view(), Array2::from_elem((20, 3), 2.5).view()] {
        let data = RegressionSet::new(features, labels.view()).unwrap();
        let model = recipe().fit(&data, &defaults()).unwrap();
        assert!(model.predict(features).unwrap().iter().all(|label| label.is_finite()));
    }
    // Equal labels: none of them can be wrong.
    let equal = Array1::from_elem(20, 4.25);
    let data = RegressionSet::new(features.view(), equal.view()).unwrap();
    let model = recipe().fit(&data, &defaults()).unwrap();
    assert_eq!(model.issues().warnings, [CleanLearningWarning::ConstantLabels { value: 4.25 }]);
    assert_eq!(model.issues().table.n_issues(), 0);
    assert_eq!(model.predict(features.view()).unwrap(), equal);
    // Five rows for five folds: no share of them can be left out.
    let data = RegressionSet::new(features.slice(ndarray::s![..5, ..1]), labels.slice(ndarray::s![..5]));
    let issues = recipe().find_label_issues(&data.unwrap(), &defaults()).unwrap();
    assert_eq!(issues.issue_fraction, Some(0.0));
}

#[test]
fn find_label_issues_uncertainties_are_those_of_their_functions() {
    let (features, labels) = plane(80, 2, 8);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let quality = |learning: &CleanLearning, options: &FindLabelIssuesOptions| {
        learning.find_label_issues(&data, options).unwrap().table.label_quality.unwrap()
    };
    // Neither uncertainty: as if predictions were trusted alike.
    let certain = recipe().with_n_boot(0).with_aleatoric_uncertainty(AleatoricUncertainty::LeftOut);
    let same = defaults().with_uncertainty(Uncertainty::Same(0.0));
    assert_eq!(quality(&certain, &defaults()), quality(&certain, &same));
    let given = defaults().with_uncertainty(Uncertainty::Given(Array1::zeros(80)));
    assert_eq!(quality(&certain, &given), quality(&certain, &same));
    // Aleatoric uncertainty alone is one number, by which no score changes.
    let aleatoric = recipe().with_n_boot(0);
    assert_abs_diff_eq!(quality(&aleatoric, &defaults()), quality(&certain, &defaults()), epsilon = 1e-12);
    let epistemic = recipe().with_aleatoric_uncertainty(AleatoricUncertainty::LeftOut);
    let differs = quality(&epistemic, &defaults()) - quality(&certain, &defaults());
    assert!(differs.iter().any(|difference| difference.abs() > 1e-3));
}

#[test]
fn every_method_any_number_of_threads_gives_the_same_bits() {
    let (features, labels) = plane(150, 6, 9);
    let data = RegressionSet::new(features.view(), labels.view()).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let model = recipe().fit(&data, &defaults()).unwrap();
            let epistemic = recipe().get_epistemic_uncertainty(&data, None).unwrap();
            let aleatoric = recipe().get_aleatoric_uncertainty(features.view(), labels.view()).unwrap();
            (model.predict(features.view()).unwrap(), model.issues().clone(), epistemic, aleatoric)
        })
    };
    let one = on(1);
    for threads in [2, 5] {
        assert!(on(threads) == one, "{threads} threads");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Powers of two change no digit.
    #[test]
    fn find_label_issues_labels_in_another_unit_give_the_same(seed: u32, n in 20_usize..120, shift in -20_i32..20) {
        let (features, labels) = plane(n, 2, seed);
        let scaled = &labels * 2.0_f64.powi(shift);
        let found = |labels: &Array1<f64>| {
            let data = RegressionSet::new(features.view(), labels.view()).unwrap();
            recipe().with_seed(seed).find_label_issues(&data, &defaults()).unwrap()
        };
        let (a, b) = (found(&labels), found(&scaled));
        prop_assert_eq!(a.issue_fraction, b.issue_fraction);
        prop_assert_eq!(a.table.label_quality, b.table.label_quality);
        prop_assert_eq!(a.table.is_label_issue, b.table.is_label_issue);
    }

    #[test]
    fn find_label_issues_flags_the_lowest_scores(seed: u32, n in 20_usize..120, p in 1_usize..5) {
        let (features, labels) = plane(n, p, seed);
        let data = RegressionSet::new(features.view(), labels.view()).unwrap();
        let issues = recipe().find_label_issues(&data, &defaults()).unwrap();
        let (table, fraction) = (issues.table, issues.issue_fraction.unwrap());
        prop_assert_eq!(table.n_issues(), (fraction * n as f64).ceil() as usize);
        let quality = table.label_quality.as_ref().unwrap();
        let worst_kept = table.clean_rows().iter().map(|&row| quality[row]).fold(f64::INFINITY, f64::min);
        prop_assert!(table.indices().iter().all(|&row| quality[row] <= worst_kept));
    }
}
