//! The findings of an audit as text, JSON and tables.

use std::path::Path;

use anyhow::Result;
use cleanlab_table::{ResultColumn, ResultTable};
use serde_json::{Value, json};

use crate::about::About;
use crate::arguments::OutputArguments;
use crate::fail_on::Totals;
use crate::findings::{EveryRow, Findings, IssueRow};
use crate::printable::{grouped, json_text, path, score_text};
use crate::report::Report;
use crate::save::{save, summary_file, table_files};
use cleanlab_report::text_layout::{Grid, wrapped};

impl EveryRow {
    /// Writes `label_issues.csv`, `.parquet` and `.json` with every audited row, and `summary.json`, or nothing.
    pub(crate) fn save(&self, findings: &Findings, folder: &Path) -> Result<()> {
        let name = |classes: &[u32]| {
            let names = classes.iter().map(|&class| findings.about.class_name(class as usize));
            ResultColumn::texts(names.collect::<Vec<_>>())
        };
        let mut table = ResultTable::default();
        table.push("row", ResultColumn::integers(self.rows.iter().map(|&row| row as i64)))?;
        table.push("is_label_issue", ResultColumn::booleans(self.is_issue.iter().copied()))?;
        table.push("label_quality", ResultColumn::floats(self.scores.iter().copied()))?;
        table.push("given_label", name(&self.given))?;
        table.push("predicted_label", name(&self.predicted))?;
        let summary = findings.summary_text()?;
        let [csv, parquet, json] = table_files("label_issues", &table);
        save(folder, &[csv, parquet, json, summary_file(&summary)])
    }
}

impl Findings {
    /// What limits are held against.
    pub(crate) fn totals(&self) -> Totals {
        Totals::of_labels(self.n_issues, self.n_rows, self.health_score)
    }

    /// `summary.json`.
    pub(crate) fn summary_text(&self) -> Result<String> {
        json_text(&self.summary())
    }

    /// The whole as one JSON object, without the rows.
    fn summary(&self) -> Value {
        let mut object = self.about.json("cleanlab-label-audit/1");
        object["label_issues"] = json!(self.n_issues);
        object["label_health_score"] = json!(self.health_score);
        object
    }

    fn issue(&self, issue: &IssueRow) -> Value {
        json!({
            "row": issue.row,
            "given_label": self.about.class_name(issue.given as usize),
            "predicted_label": self.about.class_name(issue.predicted as usize),
            "label_quality": issue.score,
            "key_columns": {},
        })
    }

    fn grid(&self, shown: &[IssueRow]) -> Grid {
        let name = |class: u32| self.about.class_name(class as usize);
        let mut grid = Grid::default();
        grid.number("row", shown.iter().map(|issue| issue.row.to_string()));
        grid.text("given", shown.iter().map(|issue| name(issue.given)));
        grid.text("suggested", shown.iter().map(|issue| name(issue.predicted)));
        grid.number("score", shown.iter().map(|issue| score_text(issue.score)));
        grid
    }
}

impl Report for Findings {
    fn about(&self) -> &About {
        &self.about
    }

    fn body(&self, output: &OutputArguments, width: usize) -> Result<Vec<String>> {
        let (n_rows, n_issues) = (self.n_rows, self.n_issues);
        let shown = n_issues.min(output.top);
        let mut parts = Vec::new();
        if shown > 0 {
            let which = if shown < n_issues {
                format!("The {shown} most suspicious of {} labels that look wrong:", grouped(n_issues))
            } else {
                "Labels that look wrong, most suspicious first:".to_owned()
            };
            parts.push(wrapped(&which, width));
            parts.push(self.grid(&self.worst[..shown]).into_text(width));
        }
        let share = 100.0 * n_issues as f64 / n_rows as f64;
        let verb = if n_issues == 1 { "looks" } else { "look" };
        let total = format!(
            "{} of {} labels {verb} wrong ({share:.1} %). Label health score: {:.3}.",
            grouped(n_issues),
            grouped(n_rows),
            self.health_score
        );
        parts.push(wrapped(&total, width));
        if !output.quiet {
            let hint = match &output.out {
                None => "Every row's result is written with --out DIR.".to_owned(),
                Some(folder) => format!("Every row's result is in {}.", path(folder)),
            };
            parts.push(wrapped(&hint, width));
        }
        Ok(parts)
    }

    fn json(&self) -> Result<Value> {
        let mut object = self.summary();
        object["issues"] = self.worst.iter().map(|issue| self.issue(issue)).collect();
        Ok(object)
    }

    /// The rows with an issue, worst first.
    fn csv(&self) -> Result<ResultTable> {
        let worst = || self.worst.iter();
        let name = |class: fn(&IssueRow) -> u32| {
            let names = worst().map(|issue| self.about.class_name(class(issue) as usize));
            ResultColumn::texts(names.collect::<Vec<_>>())
        };
        let mut table = ResultTable::default();
        table.push("row", ResultColumn::integers(worst().map(|issue| issue.row as i64)))?;
        table.push("is_label_issue", ResultColumn::booleans(worst().map(|_| true)))?;
        table.push("label_quality", ResultColumn::floats(worst().map(|issue| issue.score)))?;
        table.push("given_label", name(|issue| issue.given))?;
        table.push("predicted_label", name(|issue| issue.predicted))?;
        Ok(table)
    }
}
