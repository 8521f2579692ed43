//! The examples print what cleanlab 2.9.0 gives, word by word, and plot what they say they do.
//!
//! `expected/` is written by `record_*.py` in `crates/testkit/golden`, which run cleanlab; only
//! `expected/tabular_digits_trees.txt`, of this workspace's own trees, and `expected/custom_issue_manager.txt`, of a
//! check that cleanlab does not have, are what the examples printed when they were last looked at.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::Command;

use cleanlab_examples::{MessyPoints, QuickstartPoints};

const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

fn printed(example: &str) -> String {
    let output = Command::new(example).env("CARGO_TARGET_DIR", FOLDER).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Circles in a plot, without the one in its legend.
fn n_circled(plot: &str) -> usize {
    let svg = fs::read_to_string(format!("{FOLDER}/examples/{plot}.svg")).unwrap();
    svg.matches("stroke=\"#DC1414\"").count() - 1
}

/// Crosses in a plot, without the two in its legend; each is two lines of a black or cyan of its own.
fn n_crossed(plot: &str) -> usize {
    let svg = fs::read_to_string(format!("{FOLDER}/examples/{plot}.svg")).unwrap();
    let n_lines: usize = ["#000000", "#00BED2"]
        .iter()
        .map(|colour| svg.matches(&format!("stroke=\"{colour}\"")).count())
        .sum();
    n_lines / 2 - 2
}

#[test]
fn messy_points_equal_those_that_the_forest_was_trained_on() {
    let data = MessyPoints::draw().unwrap();
    let pairs = data.true_labels.iter().zip(&data.given_labels);
    let drawn: Vec<String> = pairs.map(|(truly, given)| format!("{truly},{given}")).collect();
    let recorded: Vec<String> = include_str!("../data/workflows.csv")
        .lines()
        .skip(1)
        .map(|line| line.splitn(3, ',').take(2).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(drawn, recorded);
}

#[test]
fn workflows_print_cleanlabs_numbers_and_plot_the_issues() {
    let expected = include_str!("expected/workflows.txt");
    assert_eq!(printed(env!("CARGO_BIN_EXE_workflows")), expected);
    for (plot, circled) in [("wrong", 50), ("worst", 20), ("flagged", 20), ("ranked", 20)] {
        assert_eq!(n_circled(&format!("workflows_{plot}_labels")), circled, "{plot}");
    }
}

#[test]
fn datalab_quickstart_prints_cleanlabs_numbers_and_plots_the_issues() {
    assert_eq!(
        printed(env!("CARGO_BIN_EXE_datalab_quickstart")),
        include_str!("expected/datalab_quickstart.txt")
    );
    let [n_wrong, n_outside, n_flagged] = [QuickstartPoints::draw().unwrap().wrong_rows().len(), 6, 17];
    for (plot, circled, crossed) in [("truth", n_wrong, n_outside + 2), ("found", n_flagged, n_outside + 4)] {
        let plot = format!("datalab_quickstart_{plot}");
        assert_eq!(n_circled(&plot), circled, "{plot}");
        assert_eq!(n_crossed(&plot), crossed, "{plot}");
    }
}

#[test]
fn tabular_digits_prints_cleanlabs_numbers_and_plots_flagged_digits() {
    let trees = include_str!("expected/tabular_digits_trees.txt");
    let expected = format!("{}{trees}", include_str!("expected/tabular_digits.txt"));
    assert_eq!(printed(env!("CARGO_BIN_EXE_tabular_digits")), expected);
    assert_eq!(n_circled("tabular_digits_flagged"), 23);
}

#[test]
fn count_and_rank_prints_cleanlabs_numbers() {
    assert_eq!(printed(env!("CARGO_BIN_EXE_count_and_rank")), include_str!("expected/count_and_rank.txt"));
}

#[test]
fn filter_only_prints_cleanlabs_rows() {
    assert_eq!(printed(env!("CARGO_BIN_EXE_filter_only")), include_str!("expected/filter_only.txt"));
}

#[test]
fn custom_issue_manager_prints_its_findings_beside_the_others() {
    let expected = include_str!("expected/custom_issue_manager.txt");
    assert_eq!(printed(env!("CARGO_BIN_EXE_custom_issue_manager")), expected);
}
