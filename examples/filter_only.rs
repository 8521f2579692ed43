//! Flags wrong labels with `cleanlab-filter` alone, given the predicted probabilities of any model.
//!
//! `cargo run --package cleanlab-examples --bin filter_only`

#![allow(clippy::print_stdout, reason = "an example")]

use cleanlab_core::{LabeledProbs, Labels, PredProbs};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, find_label_issues};
use ndarray::array;

fn main() -> anyhow::Result<()> {
    // Out-of-sample predictions for eight pictures of cats (0), dogs (1) and emus (2).
    let pred_probs = array![
        [0.92, 0.06, 0.02],
        [0.85, 0.10, 0.05],
        [0.04, 0.93, 0.03],
        [0.10, 0.80, 0.10],
        [0.12, 0.85, 0.03],
        [0.02, 0.03, 0.95],
        [0.05, 0.05, 0.90],
        [0.96, 0.02, 0.02],
    ];
    let given_labels = [0_u32, 0, 1, 1, 0, 2, 2, 2];

    let data = LabeledProbs::new(Labels::new(&given_labels)?, PredProbs::new(pred_probs)?)?;
    for filter_by in FilterBy::ALL {
        let options = FindLabelIssuesOptions::default().with_filter_by(filter_by);
        println!("{:<24} flags rows {:?}", filter_by.name(), find_label_issues(&data, &options)?.indices());
    }
    Ok(())
}
