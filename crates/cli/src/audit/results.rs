//! The results of all checks as tables and files.

use std::path::Path;

use anyhow::Result;
use cleanlab_core::ClassNames;
use cleanlab_datalab::{CheckOutcome, ColumnValues, Datalab, IssueFindings, Scope, Targets};
use cleanlab_table::{ResultColumn, ResultTable};
use serde_json::{Map, Value, json};

use super::{Audit, LABEL};
use crate::printable::json_text;
use crate::save::{save, summary_file, table_files};

/// Details that every table of issues has, whatever the check.
const LABEL_DETAILS: [&str; 2] = ["given_label", "predicted_label"];

impl Audit {
    /// Writes `issues` with the flags and scores of every row by every check, `label_issues` if labels were judged, each
    /// as `.csv`, `.parquet` and `.json`, and `summary.json`, or nothing.
    pub(super) fn write_results(&self, folder: &Path) -> Result<()> {
        let issues = self.rows_table()?;
        let labels = self.labels_table()?;
        let mut files = table_files("issues", &issues).to_vec();
        if let Some(labels) = &labels {
            files.extend(table_files("label_issues", labels));
        }
        let mut summary = self.summary();
        // An earlier audit may have left others in the folder.
        summary["files"] = files.iter().map(|file| file.name.as_str()).collect::<Vec<&str>>().into();
        let summary = json_text(&summary)?;
        files.push(summary_file(&summary));
        save(folder, &files)
    }

    /// Flags and scores of every row.
    fn rows_table(&self) -> Result<ResultTable> {
        let mut table = ResultTable::default();
        table.push("row", row_numbers(&self.lab, 0..self.lab.n_rows()))?;
        for (name, values) in self.lab.issues().columns() {
            table.push(name.as_str(), result_column(values, 0..self.lab.n_rows()))?;
        }
        Ok(table)
    }

    /// The labels of every row and what they are thought to be.
    fn labels_table(&self) -> Result<Option<ResultTable>> {
        let Ok(findings) = self.lab.get_findings(LABEL) else { return Ok(None) };
        let rows = 0..self.lab.n_rows();
        let mut table = ResultTable::default();
        table.push("row", row_numbers(&self.lab, rows.clone()))?;
        table.push("is_label_issue", ResultColumn::booleans(findings.is_issue.iter().copied()))?;
        table.push("label_quality", ResultColumn::floats(findings.scores.iter().copied()))?;
        for name in LABEL_DETAILS {
            if let Some(values) = findings.details.column(name) {
                table.push(name, detail_column(name, values, rows.clone(), &self.lab))?;
            }
        }
        Ok(Some(table))
    }

    /// Every issue in a line, the kinds in the order of the report and the worst first.
    pub(super) fn issues_table(&self) -> Result<ResultTable> {
        let mut types = Vec::new();
        let mut rows = Vec::new();
        let mut columns = Vec::new();
        let mut scores = Vec::new();
        let mut labels: [Vec<Option<String>>; 2] = [Vec::new(), Vec::new()];
        for check in &self.report.checks {
            let Ok(findings) = self.lab.get_findings(&check.issue_type) else { continue };
            for entry in findings.ranked_issues() {
                let of_rows = findings.scope == Scope::Rows;
                types.push(check.issue_type.clone());
                rows.push(of_rows.then(|| self.lab.row_number(entry) as i64));
                let name = findings.details.column("column").and_then(|names| names.text_at(entry));
                columns.push(name.filter(|_| !of_rows));
                scores.push(findings.scores[entry]);
                for (name, values) in LABEL_DETAILS.iter().zip(&mut labels) {
                    let detail = findings.details.column(name);
                    values.push(detail.and_then(|detail| detail_text(name, detail, entry, &self.lab)));
                }
            }
        }
        let [given, predicted] = labels;
        let mut table = ResultTable::default();
        table.push("issue_type", ResultColumn::texts(types))?;
        table.push("row", ResultColumn::Integer(rows))?;
        table.push("column", ResultColumn::Text(columns))?;
        table.push("score", ResultColumn::floats(scores))?;
        table.push("given_label", ResultColumn::Text(given))?;
        table.push("predicted_label", ResultColumn::Text(predicted))?;
        Ok(table)
    }

    /// The whole without the rows.
    fn summary(&self) -> Value {
        let about = &self.report.about;
        let settings: Map<String, Value> =
            self.settings.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let check = |check: &cleanlab_datalab::CheckRecord| {
            let mut object = json!({ "issue_type": check.issue_type });
            match &check.outcome {
                CheckOutcome::Found(findings) => {
                    object["status"] = json!("found");
                    object["score"] = json!(findings.score);
                    object["num_issues"] = json!(findings.num_issues());
                    object["warnings"] = json!(findings.warnings);
                }
                CheckOutcome::Failed { reason } => {
                    object["status"] = json!("failed");
                    object["reason"] = json!(reason);
                }
                CheckOutcome::NotRun { needs } => {
                    object["status"] = json!("not_run");
                    object["needs"] = json!(needs);
                }
                _ => object["status"] = json!("unknown"),
            }
            object
        };
        let label = self.lab.get_findings(LABEL).ok();
        json!({
            "schema": "cleanlab-audit/1",
            "source": about.title,
            "task": about.task,
            "rows": self.lab.n_rows(),
            "classes": self.lab.targets().class_names().map(ClassNames::as_slice),
            "settings": settings,
            "warnings": self.warnings,
            "health_score": self.lab.health_score(),
            "label_issues": label.map(IssueFindings::num_issues),
            "label_health_score": label.map(|findings| findings.score),
            "checks": self.lab.checks().iter().map(check).collect::<Vec<_>>(),
        })
    }
}

/// The rows of the file that these rows are.
fn row_numbers(lab: &Datalab, rows: impl IntoIterator<Item = usize>) -> ResultColumn {
    ResultColumn::integers(rows.into_iter().map(|row| lab.row_number(row) as i64))
}

/// One kind of issue as a table: rows or columns with score and details.
pub(crate) fn findings_table(
    lab: &Datalab,
    findings: &IssueFindings,
    entries: &[usize],
) -> Result<ResultTable> {
    let at = || entries.iter().copied();
    let mut table = ResultTable::default();
    if findings.scope == Scope::Rows {
        table.push("row", row_numbers(lab, at()))?;
    }
    table.push("is_issue", ResultColumn::booleans(at().map(|entry| findings.is_issue[entry])))?;
    table.push("score", ResultColumn::floats(at().map(|entry| findings.scores[entry])))?;
    for (name, values) in findings.details.columns() {
        let column = detail_column(name, values, at(), lab);
        // A check of the user's own may call a detail as a column is called already.
        let taken = table.columns().iter().any(|(known, _)| known == name);
        table.push(if taken { format!("{name}_detail") } else { name.clone() }, column)?;
    }
    Ok(table)
}

fn detail_column(
    name: &str,
    values: &ColumnValues,
    entries: impl IntoIterator<Item = usize>,
    lab: &Datalab,
) -> ResultColumn {
    match values {
        ColumnValues::IntegerLists(_) => ResultColumn::Text(
            entries.into_iter().map(|entry| detail_text(name, values, entry, lab)).collect(),
        ),
        values => result_column(values, entries),
    }
}

fn result_column(values: &ColumnValues, entries: impl IntoIterator<Item = usize>) -> ResultColumn {
    let entries = entries.into_iter();
    match values {
        ColumnValues::Booleans(values) => ResultColumn::booleans(entries.map(|entry| values[entry])),
        ColumnValues::Integers(values) => ResultColumn::integers(entries.map(|entry| values[entry])),
        ColumnValues::Floats(values) => ResultColumn::Float(
            entries.map(|entry| Some(values[entry]).filter(|value| !value.is_nan())).collect(),
        ),
        values => ResultColumn::Text(entries.map(|entry| values.text_at(entry)).collect()),
    }
}

/// A detail as text: sets of classes by name, rows by their numbers in the file.
pub(crate) fn detail_text(name: &str, values: &ColumnValues, entry: usize, lab: &Datalab) -> Option<String> {
    let ColumnValues::IntegerLists(lists) = values else { return values.text_at(entry) };
    let list = lists.get(entry)?;
    let texts = list.iter().map(|&number| match lab.targets() {
        Targets::ClassSets { class_names, .. } if LABEL_DETAILS.contains(&name) => {
            class_names.get(number as usize).map_or_else(|| number.to_string(), str::to_owned)
        }
        _ => lab.row_number(number as usize).to_string(),
    });
    let separator = if LABEL_DETAILS.contains(&name) { ", " } else { " " };
    Some(texts.collect::<Vec<_>>().join(separator))
}
