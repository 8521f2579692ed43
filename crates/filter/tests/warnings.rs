//! What a caller should know beside the result.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::{LabeledProbs, Labels, PredProbs};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, LabelIssuesWarning, find_label_issues};
use ndarray::array;

#[test]
fn find_label_issues_small_classes_are_named_as_left_alone() {
    let pred_probs = array![
        [0.9, 0.05, 0.05],
        [0.8, 0.1, 0.1],
        [0.7, 0.2, 0.1],
        [0.1, 0.8, 0.1],
        [0.2, 0.1, 0.7],
        [0.1, 0.1, 0.8],
        [0.6, 0.2, 0.2],
    ];
    let labels = Labels::new(&[0, 0, 0, 1, 2, 2, 2]).unwrap();
    let data = LabeledProbs::new(labels, PredProbs::new(pred_probs).unwrap()).unwrap();
    let pruned = |least: u64| {
        let options = FindLabelIssuesOptions::default()
            .with_filter_by(FilterBy::PruneByNoiseRate)
            .with_min_examples_per_class(least);
        find_label_issues(&data, &options).unwrap().warnings
    };
    let too_few = |warnings: &[LabelIssuesWarning]| {
        warnings.iter().find_map(|warning| match warning {
            LabelIssuesWarning::TooFewExamples { classes, min_examples_per_class } => {
                Some((classes.clone(), *min_examples_per_class))
            }
            _ => None,
        })
    };
    assert_eq!(too_few(&pruned(2)), Some((vec![1], 2)));
    assert_eq!(too_few(&pruned(0)), None);
}
