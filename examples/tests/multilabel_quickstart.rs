//! The quickstart draws the recorded data set, prints what cleanlab 2.9.0 gives, and plots the issues.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::Command;

use cleanlab_examples::multilabel_points;

const RECORDED: &str = include_str!("../data/multilabel_quickstart.csv");
const EXPECTED: &str = include_str!("expected/multilabel_quickstart.txt");

#[test]
fn multilabel_points_equal_those_that_the_forest_was_trained_on() {
    let listed = |list: &[u32]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let dataset = multilabel_points().unwrap();
    let drawn: Vec<String> = dataset
        .true_labels
        .iter()
        .zip(&dataset.given_labels)
        .map(|(truly, given)| format!("{},{}", listed(truly), listed(given)))
        .collect();
    let recorded: Vec<String> = RECORDED
        .lines()
        .skip(1)
        .map(|line| line.splitn(3, ',').take(2).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(drawn, recorded);
}

#[test]
fn multilabel_quickstart_prints_and_plots_the_issues() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    let output = Command::new(env!("CARGO_BIN_EXE_multilabel_quickstart"))
        .env("CARGO_TARGET_DIR", folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), EXPECTED);
    // One more circle is in the legend.
    for (file, n_circled) in [("wrong_labels", 24), ("label_issues", 30)] {
        let svg = fs::read_to_string(format!("{folder}/examples/multilabel_quickstart_{file}.svg")).unwrap();
        assert_eq!(svg.matches("stroke=\"#DC1414\"").count(), n_circled + 1, "{file}");
    }
}
