//! Workflow 5: wrong labels in the test set make every model look worse than it is.

use anyhow::Result;
use cleanlab_core::{LabeledProbs, Labels, PredProbs};
use cleanlab_examples::{MessyPoints, accuracy, heading};
use cleanlab_learning::{Classifier, CleanLearning, CleanLearningInputs, LogisticRegression};

pub(crate) fn run(data: &MessyPoints) -> Result<()> {
    println!("{}", heading("Workflow 5: the test set has wrong labels too"));
    let training = data.training_set()?;
    let model = LogisticRegression::default().fit(&training)?;

    // No row of the test set was trained on, so that the predictions are out of sample.
    let pred_probs = model.predict_proba(data.test_points.view())?;
    let test = LabeledProbs::new(Labels::new(&data.given_test_labels)?, PredProbs::new(pred_probs)?)?;
    let clean = CleanLearning::new(LogisticRegression::default());
    let inputs = CleanLearningInputs::default();
    let flagged = clean.find_label_issues_from_probabilities(&test, &inputs)?.table.n_issues();
    let pairs = data.given_test_labels.iter().zip(&data.true_labels);
    let n_wrong = pairs.filter(|(given, truly)| given != truly).count();
    println!("test labels flagged: {flagged}; wrong: {n_wrong}\n");

    // Here all wrong labels of the test set are put right; in earnest, by looking at those that were flagged.
    let plain = model.predict(data.test_points.view())?;
    let cleaned = clean.fit(&training, &inputs)?.predict(data.test_points.view())?;
    for (words, predicted, labels) in [
        ("given test labels:                  ", &plain, &data.given_test_labels),
        ("given test labels, by CleanLearning:", &cleaned, &data.given_test_labels),
        ("true test labels:                   ", &plain, &data.true_labels),
        ("true test labels, by CleanLearning: ", &cleaned, &data.true_labels),
    ] {
        println!("accuracy on {words} {}", accuracy(predicted, labels));
    }
    Ok(())
}
