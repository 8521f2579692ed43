//! Of `cleanlab-learning` and `cleanlab-regression`.

use cleanlab_core::PredProbs;
use cleanlab_learning::{
    Classifier, CleanLearning, CleanLearningInputs, CrossValidationOptions, CvEstimationOptions, Folds,
    GaussianNaiveBayes, GivenLabelIssues, GradientBoosting, KFold, KNearestNeighbors, LearningError,
    LogisticRegression, RandomForest, Splitter, StratifiedKFold, TestRows, TestSize, TrainingSet,
    cross_val_predict, estimate_confident_joint_and_cv_pred_proba, estimate_cv_predicted_probabilities,
    estimate_noise_matrices, estimate_py_noise_matrices_and_cv_pred_proba, train_test_split,
};
use cleanlab_regression as regression;
use ndarray::{Array1, Array2, array};

use super::good;
use crate::answers::Answers;

const NAN: f64 = f64::NAN;
const LABELS: [u32; 12] = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1];

pub(super) fn ask(of: &mut Answers) {
    training_sets(of);
    classifiers(of);
    splits(of);
    cross_validation(of);
    clean_learning(of);
    regressions(of);
    regression_learning(of);
}

fn features() -> Array2<f64> {
    Array2::from_shape_fn((12, 2), |(row, column)| (row % 2 * 5) as f64 + ((row * 7 + column) as f64).sin())
}

fn training_sets(of: &mut Answers) {
    let new = "cleanlab-learning::TrainingSet::new";
    let features = features();
    of.refuses(
        new,
        "a label too few",
        TrainingSet::new(features.view(), &LABELS[..11], 2),
        &["11 labels", "12 rows", "one entry per example"],
    );
    of.refuses(
        new,
        "a label beyond the classes",
        TrainingSet::new(features.view(), &[5; 12], 2),
        &["row 0 is 5", "from 0 to 1"],
    );
    of.refuses(
        new,
        "no row",
        TrainingSet::new(Array2::zeros((0, 2)).view(), &[], 2),
        &["(0, 2)", "at least one row"],
    );
    of.refuses(
        new,
        "a feature that is NaN",
        TrainingSet::new(array![[1.0], [NAN]].view(), &[0, 1], 2),
        &["row 1, column 0 is NaN", "fill in or drop"],
    );
    of.refuses(
        new,
        "a feature that is infinite",
        TrainingSet::new(array![[f64::INFINITY], [1.0]].view(), &[0, 1], 2),
        &["row 0, column 0 is inf"],
    );
    let weighted = "cleanlab-learning::TrainingSet::with_sample_weight";
    let with = |weights: &Array1<f64>, says: &[&str], input: &str, of: &mut Answers| {
        let set = TrainingSet::new(features.view(), &LABELS, 2).unwrap();
        of.refuses(weighted, input, set.with_sample_weight(weights.view()).map(drop), says);
    };
    with(&array![1.0], &["1 sample weights", "12 rows"], "a weight too few", of);
    let mut weights = Array1::ones(12);
    weights[7] = NAN;
    with(&weights, &["row 7 is NaN", "finite"], "a weight that is NaN", of);
    weights[7] = -1.0;
    with(&weights, &["row 7 is -1", "at least 0"], "a negative weight", of);
    with(&Array1::zeros(12), &["all sample weights are 0"], "no weight above 0", of);
}

fn classifiers(of: &mut Answers) {
    let features = features();
    let set = TrainingSet::new(features.view(), &LABELS, 2).unwrap();
    let name = |function: &str| format!("cleanlab-learning::{function}::fit_model");
    of.refuses(
        &name("LogisticRegression"),
        "c of 0",
        LogisticRegression::default().with_c(0.0).fit_model(&set),
        &["`c` is 0", "must be"],
    );
    of.refuses(
        &name("LogisticRegression"),
        "a tolerance of NaN",
        LogisticRegression::default().with_tolerance(NAN).fit_model(&set),
        &["`tolerance` is NaN", "must be"],
    );
    let one_class = TrainingSet::new(features.view(), &[1; 12], 2).unwrap();
    of.refuses(
        &name("LogisticRegression"),
        "labels of one class",
        LogisticRegression::default().fit_model(&one_class),
        &["class 1", "at least 2 classes"],
    );
    of.refuses(
        &name("GaussianNaiveBayes"),
        "smoothing below 0",
        GaussianNaiveBayes::default().with_var_smoothing(-1.0).fit_model(&set),
        &["`var_smoothing` is -1", "must be"],
    );
    of.refuses(
        &name("GaussianNaiveBayes"),
        "priors of another length",
        GaussianNaiveBayes::default().with_priors(Some(array![1.0])).fit_model(&set),
        &["priors"],
    );
    of.refuses(
        &name("KNearestNeighbors"),
        "no neighbour",
        KNearestNeighbors::default().with_n_neighbors(0).fit_model(&set),
        &["`n_neighbors` is 0", "between 1 and the number of training rows"],
    );
    of.refuses(
        &name("KNearestNeighbors"),
        "more neighbours than rows",
        KNearestNeighbors::default().with_n_neighbors(13).fit_model(&set),
        &["`n_neighbors` is 13", "between 1 and the number of training rows"],
    );
    of.refuses(
        &name("RandomForest"),
        "no tree",
        RandomForest::default().with_n_trees(0).fit_model(&set),
        &["`n_trees` is 0", "must be"],
    );
    of.refuses(
        &name("GradientBoosting"),
        "a learning rate of NaN",
        GradientBoosting::default().with_learning_rate(NAN).fit_model(&set),
        &["`learning_rate` is NaN", "must be"],
    );
    of.refuses(
        &name("GradientBoosting"),
        "one bin",
        GradientBoosting::default().with_max_bins(1).fit_model(&set),
        &["`max_bins` is 1", "must be"],
    );
    let fitted = KNearestNeighbors::default().fit_model(&set).unwrap();
    of.refuses(
        "cleanlab-learning::FittedKNearestNeighbors::neighbors",
        "rows of three features",
        fitted.neighbors(array![[1.0, 2.0, 3.0]].view()),
        &["3 features", "2"],
    );
    let proba = |classifier: &dyn Classifier, features: Array2<f64>| -> Result<Array2<f64>, LearningError> {
        classifier.fit(&set)?.predict_proba(features.view())
    };
    for (name, classifier) in [
        ("LogisticRegression", &LogisticRegression::default() as &dyn Classifier),
        ("GaussianNaiveBayes", &GaussianNaiveBayes::default()),
        ("KNearestNeighbors", &KNearestNeighbors::default()),
        ("RandomForest", &RandomForest::default().with_n_trees(3)),
        ("GradientBoosting", &GradientBoosting::default()),
    ] {
        let name = format!("cleanlab-learning::{name}::predict_proba");
        of.refuses(
            &name,
            "rows of three features",
            proba(classifier, Array2::zeros((1, 3))),
            &["3 features", "2"],
        );
        of.refuses(
            &name,
            "a feature that is NaN",
            proba(classifier, array![[1.0, NAN]]),
            &["row 0, column 1 is NaN", "fill in or drop"],
        );
    }
}

fn splits(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-learning::{function}");
    of.refuses(
        &name("KFold::split"),
        "one fold",
        KFold::new(1).split(10),
        &["1 folds of 10 rows", "at least 2"],
    );
    of.refuses(
        &name("KFold::split"),
        "more folds than rows",
        KFold::new(11).split(10),
        &["11 folds of 10 rows", "one row in each"],
    );
    of.refuses(
        &name("StratifiedKFold::split"),
        "more folds than members of any class",
        StratifiedKFold::new(5).split(&[0, 1, 0, 1, 0, 1]),
        &["5 folds", "only 3 members", "at most 3 folds"],
    );
    of.refuses(&name("StratifiedKFold::split"), "no label", StratifiedKFold::new(2).split(&[]), &["0 rows"]);
    of.refuses(
        &name("Folds::from_test_folds"),
        "a fold without a row",
        Folds::from_test_folds(vec![0, 2]),
        &["fold 1 of 3 has no row", "without gaps"],
    );
    of.refuses(
        &name("Folds::from_test_folds"),
        "one fold",
        Folds::from_test_folds(vec![0, 0]),
        &["1 folds of 2 rows", "at least 2"],
    );
    let split = |size, rows| train_test_split(10, size, rows);
    of.refuses(
        &name("train_test_split"),
        "a share of NaN",
        split(TestSize::Fraction(NAN), TestRows::Last),
        &["`test_size` is NaN", "above 0 and below 1"],
    );
    of.refuses(
        &name("train_test_split"),
        "every row",
        split(TestSize::Rows(10), TestRows::Last),
        &["10 test rows of 10", "at least 1"],
    );
    let labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2];
    let stratified = TestRows::Stratified { labels: &labels, seed: 0 };
    of.refuses(
        &name("train_test_split"),
        "a class of one member, stratified",
        split(TestSize::Rows(4), stratified),
        &["class 2", "only 1 member", "at least 2"],
    );
}

fn cross_validation(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-learning::{function}");
    let features = features();
    let set = TrainingSet::new(features.view(), &LABELS, 2).unwrap();
    let model = GaussianNaiveBayes::default();
    let folds = Folds::from_test_folds(vec![0, 1, 0]).unwrap();
    let options = CrossValidationOptions::default().with_splitter(Splitter::Folds(folds));
    of.refuses(
        &name("cross_val_predict"),
        "folds of other rows",
        cross_val_predict(&model, &set, &options),
        &["folds are for 3 rows", "there are 12"],
    );
    let bad = GaussianNaiveBayes::default().with_var_smoothing(NAN);
    of.refuses(
        &name("cross_val_predict"),
        "a model that cannot be trained",
        cross_val_predict(&bad, &set, &CrossValidationOptions::default()),
        &["fold 0", "`var_smoothing` is NaN"],
    );
    for (input, options, says) in [
        ("one fold", CvEstimationOptions::default().with_n_splits(1), &["1 folds", "at least 2"][..]),
        (
            "more folds than members of any class",
            CvEstimationOptions::default().with_n_splits(7),
            &["7", "6"],
        ),
    ] {
        of.refuses(
            &name("estimate_cv_predicted_probabilities"),
            input,
            estimate_cv_predicted_probabilities(&model, &set, &options),
            says,
        );
        of.refuses(
            &name("estimate_confident_joint_and_cv_pred_proba"),
            input,
            estimate_confident_joint_and_cv_pred_proba(&model, &set, &options),
            says,
        );
        of.refuses(
            &name("estimate_py_noise_matrices_and_cv_pred_proba"),
            input,
            estimate_py_noise_matrices_and_cv_pred_proba(&model, &set, &options),
            says,
        );
        of.refuses(
            &name("estimate_noise_matrices"),
            input,
            estimate_noise_matrices(&model, &set, &options),
            says,
        );
    }
}

fn clean_learning(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-learning::CleanLearning::{function}");
    let features = features();
    let set = TrainingSet::new(features.view(), &LABELS, 2).unwrap();
    let learning = CleanLearning::new(GaussianNaiveBayes::default());
    let inputs = CleanLearningInputs::default;
    let (bad, weak, singular) =
        (array![[0.9, NAN], [0.1, 0.8]], array![[0.5, 0.5], [0.5, 0.5]], array![[1.5, 0.0], [-0.5, 1.0]]);
    let three = Array2::from_elem((12, 3), 1.0 / 3.0);
    for (input, inputs, says) in [
        (
            "a noise matrix with NaN",
            inputs().with_noise_matrix(bad.view()),
            &["NaN at row 0, column 1", "[0, 1]"][..],
        ),
        (
            "a noise matrix no better than guesses",
            inputs().with_noise_matrix(weak.view()),
            &["trace", "is 1", "must exceed 1"],
        ),
        (
            "a noise matrix with a rate above 1",
            inputs().with_noise_matrix(singular.view()),
            &["1.5 at row 0, column 0", "[0, 1]"],
        ),
        (
            "an inverse noise matrix with NaN",
            inputs().with_inverse_noise_matrix(bad.view()),
            &["NaN at row 0, column 1"],
        ),
        (
            "probabilities of another number of classes",
            inputs().with_pred_probs(PredProbs::new(three.view()).unwrap()),
            &["3 columns", "2 classes", "one column per class"],
        ),
        ("thresholds of another length", inputs().with_thresholds(array![0.5]), &["1 entries", "2 classes"]),
    ] {
        of.refuses(&name("find_label_issues"), input, learning.find_label_issues(&set, &inputs), says);
        of.refuses(&name("fit"), input, learning.fit(&set, &inputs), says);
    }
    let nan = inputs().with_noise_matrix(bad.view());
    of.refuses(
        &name("find_label_issues_from_probabilities"),
        "a noise matrix with NaN",
        learning.find_label_issues_from_probabilities(&good(), &nan),
        &["NaN at row 0, column 1"],
    );
    let all = Array1::from_elem(12, true);
    let given = |issues: GivenLabelIssues<'_>| learning.fit_with_label_issues(&set, issues, &inputs());
    of.refuses(
        &name("fit_with_label_issues"),
        "every row flagged",
        given(GivenLabelIssues::Mask(all.view())),
        &["all 12 labels", "no row is left"],
    );
    of.refuses(
        &name("fit_with_label_issues"),
        "a mask of another length",
        given(GivenLabelIssues::Mask(array![true].view())),
        &["1 entries", "12 rows", "one per example"],
    );
    of.refuses(
        &name("fit_with_label_issues"),
        "a row that there is not",
        given(GivenLabelIssues::Indices(&[12])),
        &["row 12 of 12 rows"],
    );
    of.refuses(
        &name("fit_with_label_issues"),
        "a row named twice",
        given(GivenLabelIssues::Indices(&[1, 1])),
        &["row 1 more than once"],
    );
    let fitted = learning.fit(&set, &inputs()).unwrap();
    let wide = Array2::zeros((1, 3));
    of.refuses(
        "cleanlab-learning::FittedCleanLearning::predict",
        "rows of three features",
        fitted.predict(wide.view()),
        &["3 features", "2"],
    );
    of.refuses(
        "cleanlab-learning::FittedCleanLearning::predict_proba",
        "a feature that is NaN",
        fitted.predict_proba(array![[NAN, 0.0]].view()),
        &["row 0, column 0 is NaN"],
    );
    let wide = TrainingSet::new(wide.view(), &[0], 2).unwrap();
    of.refuses(
        "cleanlab-learning::FittedCleanLearning::score",
        "rows of three features",
        fitted.score(&wide),
        &["3 features", "2"],
    );
}

fn regressions(of: &mut Answers) {
    use regression::{
        LabelQualityMethod, LinearRegression, RegressionSet, get_label_quality_scores, r2_score,
    };
    let name = |function: &str| format!("cleanlab-regression::{function}");
    let (two, nan, huge) = (array![1.0, 2.0], array![1.0, NAN], array![1e300, -1e300]);
    let mut scores = |input: &str, labels: &Array1<f64>, predictions: &Array1<f64>, says: &[&str]| {
        for method in [LabelQualityMethod::Outre, LabelQualityMethod::Residual] {
            of.refuses(
                &name("get_label_quality_scores"),
                &format!("{input}, {method:?}"),
                get_label_quality_scores(labels.view(), predictions.view(), method),
                says,
            );
        }
    };
    scores("a label that is NaN", &nan, &two, &["row 1 is NaN", "finite"]);
    scores("a prediction that is NaN", &two, &nan, &["row 1 is NaN", "finite"]);
    scores(
        "labels so large that differences overflow",
        &huge,
        &two,
        &["row 0 is 1", "drop the row or rescale"],
    );
    scores("a prediction too few", &two, &array![1.0], &["1 entries", "2 rows", "one per example"]);
    scores("no label", &array![], &array![], &["labels are empty", "at least one row"]);
    let one = array![3.0];
    let found = get_label_quality_scores(one.view(), one.view(), LabelQualityMethod::Outre);
    of.refuses(&name("get_label_quality_scores"), "a single row, Outre", found, &["1 rows", "at least 2"]);
    of.refuses(
        &name("r2_score"),
        "a label that is NaN",
        r2_score(nan.view(), two.view(), None),
        &["row 1 is NaN"],
    );
    of.refuses(
        &name("r2_score"),
        "a negative weight",
        r2_score(two.view(), two.view(), Some(array![1.0, -1.0].view())),
        &["row 1 is -1", "at least 0"],
    );
    of.refuses(
        &name("r2_score"),
        "a prediction too few",
        r2_score(two.view(), array![1.0].view(), None),
        &["1 entries", "2 rows"],
    );
    of.gives(
        &name("r2_score"),
        "labels that are all the same",
        r2_score(array![1.0, 1.0].view(), two.view(), None),
        &[0.0],
    );
    let x = array![[1.0], [2.0]];
    of.refuses(
        &name("RegressionSet::new"),
        "a label that is NaN",
        RegressionSet::new(x.view(), nan.view()),
        &["row 1 is NaN"],
    );
    of.refuses(
        &name("RegressionSet::new"),
        "a feature that is NaN",
        RegressionSet::new(array![[1.0], [NAN]].view(), two.view()),
        &["row 1, column 0 is NaN", "fill in or drop"],
    );
    of.refuses(
        &name("RegressionSet::new"),
        "a label too few",
        RegressionSet::new(x.view(), array![1.0].view()),
        &["1 entries", "2 rows"],
    );
    let weights = array![0.0, 0.0];
    of.refuses(
        &name("RegressionSet::with_sample_weight"),
        "no weight above 0",
        RegressionSet::new(x.view(), two.view()).unwrap().with_sample_weight(weights.view()),
        &["all sample weights are 0"],
    );
    let set = RegressionSet::new(x.view(), two.view()).unwrap();
    of.refuses(
        &name("LinearRegression::fit_linear"),
        "a tolerance of NaN",
        LinearRegression::default().with_tolerance(NAN).fit_linear(&set),
        &["`tolerance` is NaN", "must be"],
    );
}

fn regression_learning(of: &mut Answers) {
    use regression::{
        CleanLearning, FindLabelIssuesOptions, GivenLabelIssues, LinearRegression, RegressionSet, Uncertainty,
    };
    let name = |function: &str| format!("cleanlab-regression::CleanLearning::{function}");
    let (x, y) = (features(), Array1::from_shape_fn(12, |row| row as f64));
    let set = RegressionSet::new(x.view(), y.view()).unwrap();
    let learning = || CleanLearning::new(LinearRegression::default());
    let options = FindLabelIssuesOptions::default;
    for (input, learning, options, says) in [
        (
            "more folds than rows",
            learning().with_n_splits(13),
            options(),
            &["12 rows", "13 folds", "fewer folds"][..],
        ),
        (
            "no share of rows to try",
            learning(),
            options().with_coarse_search_range(vec![]),
            &["`coarse_search_range` is empty"],
        ),
        (
            "a share of rows of NaN",
            learning(),
            options().with_coarse_search_range(vec![NAN]),
            &["coarse_search_range", "NaN"],
        ),
        (
            "an uncertainty that is negative",
            learning(),
            options().with_uncertainty(Uncertainty::Same(-1.0)),
            &["-1", "at least 0"],
        ),
        (
            "uncertainties of another length",
            learning(),
            options().with_uncertainty(Uncertainty::Given(array![1.0])),
            &["1 entries", "12 rows"],
        ),
    ] {
        of.refuses(&name("find_label_issues"), input, learning.find_label_issues(&set, &options), says);
        of.refuses(&name("fit"), input, learning.fit(&set, &options), says);
    }
    let all = Array1::from_elem(12, true);
    let given = |issues: GivenLabelIssues<'_>| learning().fit_with_label_issues(&set, issues);
    of.refuses(
        &name("fit_with_label_issues"),
        "every row flagged",
        given(GivenLabelIssues::Mask(all.view())),
        &["all 12 rows", "at least one"],
    );
    of.refuses(
        &name("fit_with_label_issues"),
        "a row that there is not",
        given(GivenLabelIssues::Indices(&[12])),
        &["row 12 of 12 rows"],
    );
    let short = array![1.0];
    of.refuses(
        &name("get_epistemic_uncertainty"),
        "predictions of another length",
        learning().get_epistemic_uncertainty(&set, Some(short.view())),
        &["1 entries", "12 rows"],
    );
    of.refuses(
        &name("get_aleatoric_uncertainty"),
        "residuals of another length",
        learning().get_aleatoric_uncertainty(x.view(), short.view()),
        &["1 entries", "12 rows"],
    );
    let fitted = learning().fit(&set, &options()).unwrap();
    let wide = Array2::zeros((1, 3));
    of.refuses(
        "cleanlab-regression::FittedCleanLearning::predict",
        "rows of three features",
        fitted.predict(wide.view()),
        &["3 features", "2"],
    );
    let wide = RegressionSet::new(wide.view(), short.view()).unwrap();
    of.refuses(
        "cleanlab-regression::FittedCleanLearning::score",
        "rows of three features",
        fitted.score(&wide),
        &["3 features", "2"],
    );
}
