//! Workflow 4: which classes overlap, and what becomes of the accuracy when two of them are merged.

use anyhow::Result;
use cleanlab_count::ConfidentJoint;
use cleanlab_dataset::{HealthSource, Symmetry, find_overlapping_classes};
use cleanlab_examples::{MessyPoints, accuracy, heading};
use cleanlab_learning::{Classifier, CleanLearning, CleanLearningInputs, LogisticRegression, TrainingSet};

pub(crate) fn run(data: &MessyPoints, confident_joint: &ConfidentJoint) -> Result<()> {
    println!("{}", heading("Workflow 4: classes that overlap"));
    let overlap =
        find_overlapping_classes(&HealthSource::confident_joint(confident_joint), Symmetry::Symmetric)?;
    println!("class A        class B        rows  joint probability");
    for pair in overlap {
        let [a, b] = [pair.class_a, pair.class_b].map(|class| MessyPoints::NAMES[class]);
        println!("{a:<15}{b:<13}{:>6}{:>19.3}", pair.num_overlapping_examples, pair.joint_probability);
    }

    // The two that overlap most become one.
    let merge = |labels: &[u32]| labels.iter().map(|&label| label.min(2)).collect::<Vec<_>>();
    let (merged, merged_test) = (merge(&data.given_labels), merge(&data.true_labels));
    let merged = TrainingSet::new(data.points.view(), &merged, 3)?;
    let test = data.test_points.view();
    let plain = LogisticRegression::default();
    let four = plain.fit(&data.training_set()?)?.predict(test)?;
    let three = plain.fit(&merged)?.predict(test)?;
    let cleaned = CleanLearning::new(plain).fit(&merged, &CleanLearningInputs::default())?.predict(test)?;
    println!("\ntest accuracy with 4 classes:                    {}", accuracy(&four, &data.true_labels));
    println!("test accuracy with 3 classes:                    {}", accuracy(&three, &merged_test));
    println!("test accuracy with 3 classes, by CleanLearning:  {}", accuracy(&cleaned, &merged_test));
    Ok(())
}
