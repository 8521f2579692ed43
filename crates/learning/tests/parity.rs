//! Folds of scikit-learn and cross-validated predictions of cleanlab, for the same seeds.

use cleanlab_learning::{
    CvEstimationOptions, KFold, LearningError, LogisticRegression, RowOrder, StratifiedKFold, TestRows,
    TestSize, TrainingSet, estimate_confident_joint_and_cv_pred_proba, train_test_split,
};
use cleanlab_testkit::parity::{Answer, Check, run};

#[test]
fn learning_equals_the_reference() {
    let functions =
        ["k_fold", "stratified_k_fold", "train_test_split", "estimate_confident_joint_and_cv_pred_proba"];
    run("class-labels", &functions, |check| {
        answer(check).unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn answer(check: &Check<'_>) -> Result<Answer, LearningError> {
    let whole = |name| check.number(name) as usize;
    let labels: Vec<u32> = check.case.integers("labels").into_iter().map(|label| label as u32).collect();
    let row_order = if check.has("seed") {
        RowOrder::Shuffled { seed: check.number("seed") as u32 }
    } else {
        RowOrder::Kept
    };
    let folds =
        |fold_of_row: &[u32]| Answer::Exact(fold_of_row.iter().map(|&fold| i64::from(fold)).collect());
    let rows = |rows: Vec<usize>| Answer::Exact(rows.into_iter().map(|row| row as i64).collect());
    Ok(match check.function {
        "k_fold" => {
            folds(KFold::new(whole("n_splits")).with_row_order(row_order).split(labels.len())?.fold_of_row())
        }
        "stratified_k_fold" => folds(
            StratifiedKFold::new(whole("n_splits")).with_row_order(row_order).split(&labels)?.fold_of_row(),
        ),
        "train_test_split" => {
            let seed = check.number("seed") as u32;
            let test_rows = if check.flag("stratified") {
                TestRows::Stratified { labels: &labels, seed }
            } else {
                TestRows::Random { seed }
            };
            let split = train_test_split(labels.len(), TestSize::Rows(whole("test_rows")), test_rows)?;
            Answer::Parts(vec![("train", rows(split.train)), ("test", rows(split.test))])
        }
        "estimate_confident_joint_and_cv_pred_proba" => {
            let features = check.matrix("features");
            let n_classes = labels.iter().max().map_or(0, |&label| label as usize + 1);
            let training = TrainingSet::new(features.view(), &labels, n_classes)?;
            let options = CvEstimationOptions::default()
                .with_n_splits(whole("n_splits"))
                .with_seed(check.number("seed") as u32);
            let estimate = estimate_confident_joint_and_cv_pred_proba(
                &LogisticRegression::default(),
                &training,
                &options,
            )?;
            let counts = estimate.confident_joint.counts().iter().map(|&count| count as i64).collect();
            Answer::Parts(vec![
                ("confident_joint", Answer::Exact(counts)),
                (
                    "pred_probs",
                    Answer::Near(estimate.out_of_sample.pred_probs.iter().copied().collect(), 1e-6),
                ),
            ])
        }
        other => Answer::Failed(format!("no answer for {other}")),
    })
}
