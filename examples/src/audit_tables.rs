//! Results of an audit as tables of text.

use std::fmt::Write;

use anyhow::{Context, Result};
use cleanlab_datalab::{Checks, ColumnValues, Datalab, Task};
use cleanlab_rank::find_top_issues;

/// Default checks that cleanlab does not make.
const OUR_OWN: [&str; 5] =
    ["exact_duplicate", "split_leakage", "identifier_column", "constant_column", "mixed_type_column"];

/// The default checks that cleanlab makes too, so that every line of an example compares with its.
#[must_use]
pub fn cleanlabs_checks(task: Task) -> Checks {
    OUR_OWN.into_iter().fold(Checks::default_for(task), Checks::without)
}

/// One line per check: its name, the rows with the issue, and the score of the whole.
#[must_use]
pub fn summary_table(lab: &Datalab) -> String {
    let mut text = format!("{:<22}{:>6}{:>10}\n", "issue type", "rows", "score");
    for line in lab.issue_summary() {
        let _ = writeln!(text, "{:<22}{:>6}{:>10.6}", line.issue_type, line.num_issues, line.score);
    }
    text
}

/// The rows of lowest score, with the issue or not.
///
/// # Errors
///
/// When the check has no result.
pub fn worst_rows(lab: &Datalab, issue_type: &str, count: usize) -> Result<Vec<usize>> {
    Ok(find_top_issues(lab.get_findings(issue_type)?.scores.view(), count))
}

/// Some rows of a check with what it says of their labels and duplicates.
///
/// # Errors
///
/// When the check has no result, or there is no such row.
pub fn rows_table(lab: &Datalab, issue_type: &str, rows: &[usize]) -> Result<String> {
    let findings = lab.get_findings(issue_type)?;
    let detail = |name: &str| findings.details.column(name);
    let labels = [("given", detail("given_label")), ("predicted", detail("predicted_label"))];
    let distances =
        detail("distance_to_nearest_neighbor").filter(|_| detail("near_duplicate_sets").is_some());

    let mut lines = vec!["row  issue       score".to_owned()];
    for (head, _) in labels.iter().filter(|(_, column)| column.is_some()) {
        let _ = write!(lines[0], "  {head:<9}");
    }
    if distances.is_some() {
        let _ = write!(lines[0], "{:>14}  duplicates", "distance");
    }
    for &row in rows {
        let score = digits(*findings.scores.get(row).context("no such row")?);
        let mut line = format!("{row:>3}  {:<5}{score:>12}", findings.is_issue[row]);
        for column in labels.iter().filter_map(|(_, column)| *column) {
            let _ = write!(line, "  {:<9}", column.text_at(row).unwrap_or_default());
        }
        if let Some(ColumnValues::Floats(distances)) = distances {
            let others = detail("near_duplicate_sets").and_then(|sets| sets.text_at(row)).unwrap_or_default();
            let _ = write!(line, "{:>14}  {others}", digits(distances[row]));
        }
        lines.push(line);
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    Ok(lines.join("\n") + "\n")
}

/// Six decimals, or with an exponent what would lose its digits so.
fn digits(value: f64) -> String {
    if value == 0.0 || value >= 1e-4 { format!("{value:.6}") } else { format!("{value:.6e}") }
}
