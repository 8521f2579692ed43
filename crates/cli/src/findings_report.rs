//! The findings of an audit as text, JSON and tables.

use std::io::Write;

use anyhow::Result;
use cleanlab_table::{ResultColumn, ResultTable};
use serde_json::{Value, json};

use crate::about::About;
use crate::arguments::OutputArguments;
use crate::fail_on::Totals;
use crate::findings::{Findings, IssueRow};
use crate::printable::{grouped, json_text, path, score_text, write_with_array};
use crate::report::{Report, csv_bytes};
use cleanlab_report::text_layout::{Grid, wrapped};

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

    /// Some of the rows with an issue.
    fn issues_table(&self, issues: &[IssueRow]) -> Result<ResultTable> {
        let name = |class: fn(&IssueRow) -> u32| {
            let names = issues.iter().map(|issue| self.about.class_name(class(issue) as usize));
            ResultColumn::texts(names.collect::<Vec<_>>())
        };
        let mut table = ResultTable::default();
        table.push("row", ResultColumn::integers(issues.iter().map(|issue| issue.row as i64)))?;
        table.push("is_label_issue", ResultColumn::booleans(issues.iter().map(|_| true)))?;
        table.push("label_quality", ResultColumn::floats(issues.iter().map(|issue| issue.score)))?;
        table.push("given_label", name(|issue| issue.given))?;
        table.push("predicted_label", name(|issue| issue.predicted))?;
        Ok(table)
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
        Ok(self.summary())
    }

    /// The rows with an issue follow the rest, each made when its turn comes: there may be millions.
    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        write_with_array(out, self.json()?, "issues", self.worst.iter().map(|issue| self.issue(issue)))
    }

    /// The rows with an issue, worst first.
    fn csv(&self) -> Result<ResultTable> {
        self.issues_table(&self.worst)
    }

    fn write_csv(&self, out: &mut dyn Write) -> Result<()> {
        const PART_ROWS: usize = 8192;
        let (first, rest) = self.worst.split_at(self.worst.len().min(PART_ROWS));
        out.write_all(&csv_bytes(&self.issues_table(first)?)?)?;
        for part in rest.chunks(PART_ROWS) {
            let lines = csv_bytes(&self.issues_table(part)?)?;
            let header = lines.iter().position(|&byte| byte == b'\n').map_or(0, |end| end + 1);
            out.write_all(&lines[header..])?;
        }
        Ok(())
    }
}
