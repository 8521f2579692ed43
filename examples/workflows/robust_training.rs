//! Workflows 2 and 3: training in spite of wrong labels, and finding those labels in one call.

use anyhow::{Context, Result};
use cleanlab_count::ConfidentJoint;
use cleanlab_examples::{MessyPoints, accuracy, heading, listed};
use cleanlab_learning::{
    Classifier, CleanLearning, CleanLearningInputs, GivenLabelIssues, LabelIssuesTable, LogisticRegression,
};
use cleanlab_rank::find_top_issues;

use crate::write_plot;

pub(crate) fn run(data: &MessyPoints) -> Result<ConfidentJoint> {
    let training = data.training_set()?;
    let inputs = CleanLearningInputs::default();
    let clean = CleanLearning::new(LogisticRegression::default()).with_seed(0);

    println!("{}", heading("Workflow 2: training in spite of wrong labels"));
    let model = clean.fit(&training, &inputs)?;
    print_issues(model.get_label_issues())?;
    let plain = LogisticRegression::default().fit(&training)?.predict(data.test_points.view())?;
    let cleaned = model.predict(data.test_points.view())?;
    println!("\ntest accuracy of logistic regression:            {}", accuracy(&plain, &data.true_labels));
    println!("test accuracy, trained by CleanLearning:         {}", accuracy(&cleaned, &data.true_labels));

    println!("{}", heading("Workflow 3: finding wrong labels in one call"));
    let issues = clean.find_label_issues(&training, &inputs)?;
    print_issues(&issues.table)?;
    let quality = issues.table.label_quality.as_ref().context("cross-validation scores the labels")?;
    let worst = find_top_issues(quality.view(), 20);
    println!("\nthe 20 rows of lowest label quality:\n{}", listed(&worst));
    write_plot(
        data,
        "The 20 labels of lowest quality",
        "worst labels",
        &worst,
        "workflows_worst_labels.svg",
    )?;

    // Nothing is cross-validated when the issues are given.
    let model = clean.fit_with_label_issues(&training, GivenLabelIssues::Found(&issues), &inputs)?;
    let again = model.predict(data.test_points.view())?;
    println!("\ntest accuracy, trained with these issues:        {}", accuracy(&again, &data.true_labels));

    let confident_joint = issues.noise.context("predictions give noise estimates")?.confident_joint;
    println!("\nconfident joint, given × true label:");
    for counts in confident_joint.counts().rows() {
        let entries: Vec<String> = counts.iter().map(|count| format!("{count:>4}")).collect();
        println!("{}", entries.concat());
    }
    Ok(confident_joint)
}

/// The first five rows.
fn print_issues(table: &LabelIssuesTable) -> Result<()> {
    let quality = table.label_quality.as_ref().context("labels are scored")?;
    let predicted = table.predicted_label.as_ref().context("labels are predicted")?;
    let weight_heading = if table.sample_weight.is_some() { "  sample weight" } else { "" };
    println!("row  issue  label quality  given  predicted{weight_heading}");
    for row in 0..5 {
        let weight = table.sample_weight.as_ref().map(|weights| format!("{:>15.6}", weights[row]));
        println!(
            "{row:>3}  {:<5}{:>15.6}{:>7}{:>11}{}",
            table.is_label_issue[row],
            quality[row],
            table.given_label[row],
            predicted[row],
            weight.unwrap_or_default()
        );
    }
    Ok(())
}
