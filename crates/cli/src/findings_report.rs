//! The findings of an audit as text, JSON and tables.

use std::path::Path;

use anyhow::Result;
use cleanlab_table::{ResultColumn, ResultTable};
use serde_json::{Value, json};

use crate::about::About;
use crate::arguments::OutputArguments;
use crate::fail_on::Totals;
use crate::findings::Findings;
use crate::printable::{grouped, json_text, path, score_text};
use crate::report::Report;
use crate::save::{save, summary_file, table_files};
use cleanlab_report::text_layout::{Grid, wrapped};

impl Findings {
    /// What limits are held against.
    pub(crate) fn totals(&self) -> Totals {
        Totals::of_labels(self.ranked.len(), self.n_rows(), self.health_score)
    }

    /// Writes `label_issues.csv`, `.parquet` and `.json` with every audited row, and `summary.json`, or nothing.
    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let table = self.table(&(0..self.n_rows()).collect::<Vec<_>>())?;
        let summary = json_text(&self.summary())?;
        let [csv, parquet, json] = table_files("label_issues", &table);
        save(folder, &[csv, parquet, json, summary_file(&summary)])
    }

    /// The audited rows at these positions.
    fn table(&self, positions: &[usize]) -> Result<ResultTable> {
        let at = || positions.iter().copied();
        let name = |classes: &[u32]| {
            ResultColumn::texts(
                at().map(|at| self.about.class_name(classes[at] as usize)).collect::<Vec<_>>(),
            )
        };
        let mut table = ResultTable::default();
        table.push("row", ResultColumn::integers(at().map(|at| self.rows[at] as i64)))?;
        table.push("is_label_issue", ResultColumn::booleans(at().map(|at| self.is_issue[at])))?;
        table.push("label_quality", ResultColumn::floats(at().map(|at| self.scores[at])))?;
        table.push("given_label", name(&self.given))?;
        table.push("predicted_label", name(&self.predicted))?;
        Ok(table)
    }

    /// The whole as one JSON object, without the rows.
    fn summary(&self) -> Value {
        let mut object = self.about.json("cleanlab-label-audit/1");
        object["label_issues"] = json!(self.ranked.len());
        object["label_health_score"] = json!(self.health_score);
        object
    }

    fn issue(&self, position: usize) -> Value {
        json!({
            "row": self.rows[position],
            "given_label": self.about.class_name(self.given[position] as usize),
            "predicted_label": self.about.class_name(self.predicted[position] as usize),
            "label_quality": self.scores[position],
            "key_columns": {},
        })
    }

    fn grid(&self, shown: &[usize]) -> Grid {
        let at = || shown.iter().copied();
        let name = |classes: &[u32], at: usize| self.about.class_name(classes[at] as usize);
        let mut grid = Grid::default();
        grid.number("row", at().map(|at| self.rows[at].to_string()));
        grid.text("given", at().map(|at| name(&self.given, at)));
        grid.text("suggested", at().map(|at| name(&self.predicted, at)));
        grid.number("score", at().map(|at| score_text(self.scores[at])));
        grid
    }
}

impl Report for Findings {
    fn about(&self) -> &About {
        &self.about
    }

    fn body(&self, output: &OutputArguments, width: usize) -> Result<Vec<String>> {
        let (n_rows, n_issues) = (self.n_rows(), self.ranked.len());
        let shown = n_issues.min(output.top);
        let mut parts = Vec::new();
        if shown > 0 {
            let which = if shown < n_issues {
                format!("The {shown} most suspicious of {} labels that look wrong:", grouped(n_issues))
            } else {
                "Labels that look wrong, most suspicious first:".to_owned()
            };
            parts.push(wrapped(&which, width));
            parts.push(self.grid(&self.ranked[..shown]).into_text(width));
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
        object["issues"] = self.ranked.iter().map(|&position| self.issue(position)).collect();
        Ok(object)
    }

    /// The rows with an issue, worst first.
    fn csv(&self) -> Result<ResultTable> {
        self.table(&self.ranked)
    }
}
