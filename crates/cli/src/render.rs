//! Findings as text, JSON or CSV on standard output.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::Result;
use cleanlab_table::{Content, escape_control, escape_control_to, write_to};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::{Map, Value, json};

use crate::arguments::{OutputArguments, OutputFormat};
use crate::findings::Findings;
use crate::save::issue_table;
use crate::wording::tell;

/// Cells are cut to this many characters on a terminal.
const CELL_CHARS: usize = 28;

pub(crate) fn render(findings: &Findings, output: &OutputArguments) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match output.format {
        OutputFormat::Text => {
            if !output.quiet {
                warn(findings);
            }
            stdout.write_all(text(findings, output).as_bytes())?;
        }
        OutputFormat::Json => {
            stdout.write_all(json_text(&summary(findings, IssueList::All))?.as_bytes())?;
        }
        OutputFormat::Csv => {
            if !output.quiet {
                warn(findings);
            }
            let mut bytes = Vec::new();
            write_to(&mut bytes, "standard output", &Content::Csv(&issue_table(findings)?))?;
            stdout.write_all(&bytes)?;
        }
    }
    stdout.flush()?;
    Ok(())
}

fn warn(findings: &Findings) {
    for warning in &findings.warnings {
        tell(&format!("warning: {warning}"));
    }
}

fn text(findings: &Findings, output: &OutputArguments) -> String {
    let (n_rows, n_issues) = (findings.n_rows(), findings.ranked.len());
    let heading = format!(
        "{}: {} rows, {} classes\n",
        one_line(&findings.source),
        grouped(n_rows),
        findings.class_names.len()
    );
    let shown = n_issues.min(output.top);
    let mut parts = vec![heading];
    if shown > 0 {
        let which = if shown < n_issues {
            format!("The {shown} most suspicious of {} labels that look wrong:", grouped(n_issues))
        } else {
            "Labels that look wrong, most suspicious first:".to_owned()
        };
        parts.push(format!("{which}\n\n{}\n", issue_lines(findings, shown)));
    }
    let share = 100.0 * n_issues as f64 / n_rows as f64;
    let verb = if n_issues == 1 { "looks" } else { "look" };
    parts.push(format!(
        "{} of {} labels {verb} wrong ({share:.1} %). Label health score: {:.3}.\n",
        grouped(n_issues),
        grouped(n_rows),
        findings.health_score
    ));
    if !output.quiet && output.out.is_none() {
        parts.push("Every row's result is written with --out DIR.\n".into());
    }
    if let (false, Some(folder)) = (output.quiet, &output.out) {
        parts.push(format!("Every row's result is in {}.\n", path(folder)));
    }
    parts.join("\n").replace("\n\n\n", "\n\n")
}

fn issue_lines(findings: &Findings, shown: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    // As wide as the terminal; 80 columns where there is none.
    if !io::stdout().is_terminal() {
        table.set_width(80);
    }
    let heads = ["row", "given", "suggested", "score"].into_iter().map(str::to_owned);
    let keys = findings.key_columns.iter().map(|column| cell(&column.name));
    table.set_header(heads.chain(keys));
    for &position in &findings.ranked[..shown] {
        let fixed = [
            findings.rows[position].to_string(),
            cell(&findings.class_name(findings.given[position])),
            cell(&findings.class_name(findings.predicted[position])),
            score_text(findings.scores[position]),
        ];
        let keys =
            findings.key_columns.iter().map(|column| cell(column.values[position].as_deref().unwrap_or("")));
        table.add_row(fixed.into_iter().chain(keys));
    }
    for number in [0, 3] {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// Four decimals, or the order of magnitude of what would read as 0.
fn score_text(score: f64) -> String {
    if score > 0.0 && score < 5e-5 { format!("{score:.1e}") } else { format!("{score:.4}") }
}

/// Which rows a summary lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IssueList {
    /// Every row with an issue.
    All,
    /// None: they are in a file beside it.
    None,
}

/// The whole as one JSON object.
pub(crate) fn summary(findings: &Findings, list: IssueList) -> Value {
    let mut object = json!({
        "schema": "cleanlab-label-audit/1",
        "source": findings.source,
        "rows": findings.n_rows(),
        "classes": findings.class_names.as_slice(),
        "label_issues": findings.ranked.len(),
        "label_health_score": findings.health_score,
        "warnings": findings.warnings,
    });
    if list == IssueList::All {
        let issues: Vec<Value> = findings.ranked.iter().map(|&position| issue(findings, position)).collect();
        object["issues"] = Value::Array(issues);
    }
    object
}

fn issue(findings: &Findings, position: usize) -> Value {
    let key = |column: &crate::findings::KeyColumn| (column.name.clone(), json!(column.values[position]));
    let keys: Map<String, Value> = findings.key_columns.iter().map(key).collect();
    json!({
        "row": findings.rows[position],
        "given_label": findings.class_name(findings.given[position]),
        "predicted_label": findings.class_name(findings.predicted[position]),
        "label_quality": findings.scores[position],
        "key_columns": keys,
    })
}

/// A JSON value as indented text that is safe to print: what JSON allows raw but a terminal might obey is escaped too.
pub(crate) fn json_text(value: &Value) -> Result<String> {
    let pretty = serde_json::to_string_pretty(value)?;
    let mut text = String::with_capacity(pretty.len() + 1);
    for character in pretty.chars() {
        // Outside strings JSON is plain ASCII, so every such character is part of a string and may be escaped.
        match character {
            '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                write!(text, "\\u{:04x}", u32::from(character))?;
            }
            character => text.push(character),
        }
    }
    text.push('\n');
    Ok(text)
}

/// Text without control codes, on one line.
pub(crate) fn one_line(text: &str) -> String {
    escape_control(text).into_owned()
}

fn cell(text: &str) -> String {
    escape_control_to(text, CELL_CHARS).into_owned()
}

/// A path as it is printed.
pub(crate) fn path(path: &Path) -> String {
    if path.as_os_str() == "-" { "standard input".into() } else { one_line(&path.to_string_lossy()) }
}

/// A list of names, cut when it is long.
pub(crate) fn list<S: AsRef<str>>(names: &[S]) -> String {
    const MOST: usize = 10;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| cell(name.as_ref())).collect();
    let rest = if names.len() > MOST { format!(" and {} more", names.len() - MOST) } else { String::new() };
    shown.join(", ") + &rest
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouped_separates_thousands() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn json_text_escapes_what_a_terminal_might_obey() {
        let name = "a\u{9b}31m\u{202e}\u{1b}\u{7f}é";
        let text = json_text(&json!({ "name": name })).unwrap();
        assert!(text.contains(r#""a\u009b31m\u202e\u001b\u007fé""#), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["name"], name);
    }

    #[test]
    fn score_text_tiny_keeps_its_magnitude() {
        assert_eq!([0.12345, 5.6e-8, 0.0].map(score_text), ["0.1235", "5.6e-8", "0.0000"]);
    }

    #[test]
    fn list_long_is_cut() {
        let names: Vec<String> = (0..12).map(|name| name.to_string()).collect();
        assert_eq!(list(&names), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more");
    }
}
