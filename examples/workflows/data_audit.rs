//! Workflow 1: several kinds of issues at once, from predictions and features.

use anyhow::Result;
use cleanlab_core::{ClassNames, Labels};
use cleanlab_datalab::{Datalab, FindIssuesOptions, Inputs, Task};
use cleanlab_examples::{MessyPoints, cleanlabs_checks, heading, rows_table, summary_table, worst_rows};
use ndarray::Array2;

pub(crate) fn run(data: &MessyPoints, pred_probs: &Array2<f64>) -> Result<()> {
    println!("{}", heading("Workflow 1: several kinds of issues at once"));
    let labels = Labels::new(&data.given_labels)?;
    let mut lab = Datalab::classification(labels, ClassNames::indices(MessyPoints::N_CLASSES))?;
    let inputs = Inputs::default().with_pred_probs(pred_probs).with_features(&data.points);
    let options = FindIssuesOptions::default().with_checks(cleanlabs_checks(Task::Classification));
    lab.find_issues(&inputs, &options)?;

    print!("{}", summary_table(&lab));
    for (name, count) in [("label", 5), ("outlier", 5), ("near_duplicate", 6), ("non_iid", 5)] {
        println!("\n{name}");
        print!("{}", rows_table(&lab, name, &worst_rows(&lab, name, count)?)?);
    }
    if let Some(p_value) = lab.get_info("non_iid")?.number("p-value") {
        println!("\np-value of the order of rows: {p_value:.6}");
    }
    Ok(())
}
