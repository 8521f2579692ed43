//! Workflow 6: one score for a data set, held against the truth.

use anyhow::Result;
use cleanlab_count::ConfidentJoint;
use cleanlab_dataset::{HealthSource, overall_label_health_score};
use cleanlab_examples::{MessyPoints, heading, share};

pub(crate) fn run(data: &MessyPoints, confident_joint: &ConfidentJoint) -> Result<()> {
    println!("{}", heading("Workflow 6: one score for a data set"));
    let health = overall_label_health_score(&HealthSource::confident_joint(confident_joint))?;
    let is_wrong = data.is_wrong();
    let n = is_wrong.len();
    let wrong = is_wrong.iter().filter(|&&wrong| wrong).count() as f64 / n as f64;
    let issues = 1.0 - health;
    println!("label health: {health:.2}");
    println!(
        "labels with potential issues: {:.0}% ({:.0} of {n})",
        100.0 * issues,
        (issues * n as f64).round_ties_even()
    );
    println!("labels that are wrong:        {}", share(is_wrong));
    // Points between two classes can hardly be labelled at all, and count as issues.
    println!("difference:                   {:.0}%", 100.0 * ((1.0 - wrong) - health));
    Ok(())
}
