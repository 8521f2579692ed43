//! An audit on one screen: all kinds of issues in a table, and below it the rows that matter most.

use anyhow::Result;
use cleanlab_datalab::{CheckReport, CheckStatus, ColumnValues, IssueFindings, Scope, Targets};
use cleanlab_report::Colour;

use super::results::detail_text;
use super::{Audit, LABEL};
use crate::arguments::AuditArguments;
use crate::printable::{counted, grouped, one_line, path, score_text};
use crate::report::Page;
use cleanlab_report::text_layout::{Grid, wrapped};

/// How many of the worst rows stand in the table of all kinds of issues.
const ROWS_IN_A_LINE: usize = 5;
/// Details of a check beside its rows.
const MOST_DETAILS: usize = 3;

/// What is printed of an audit.
pub(super) struct Overview<'a> {
    pub(super) audit: &'a Audit,
    pub(super) arguments: &'a AuditArguments,
    pub(super) page: Page,
}

#[derive(Debug, Clone, Copy)]
enum Style {
    Heading,
    Alarm,
    Notice,
    Faint,
}

impl Overview<'_> {
    pub(super) fn text(&self) -> Result<String> {
        let mut parts = vec![self.heading()];
        parts.extend(self.failures());
        parts.push(self.summary());
        parts.extend(self.not_run());
        for name in self.shown_checks() {
            parts.extend(self.worst(name)?);
        }
        parts.push(self.total());
        if !self.arguments.output.quiet {
            parts.push(self.hint());
        }
        Ok(parts.join("\n\n") + "\n")
    }

    fn styled(&self, text: &str, style: Style) -> String {
        if self.page.colour == Colour::Plain {
            return text.to_owned();
        }
        let code = match style {
            Style::Heading => "1",
            Style::Alarm => "1;31",
            Style::Notice => "33",
            Style::Faint => "2",
        };
        let styled = |line: &str| format!("\u{1b}[{code}m{line}\u{1b}[0m");
        text.lines().map(styled).collect::<Vec<_>>().join("\n")
    }

    fn wrapped(&self, text: &str) -> String {
        wrapped(text, self.page.width)
    }

    fn heading(&self) -> String {
        let about = &self.audit.report.about;
        let rows = counted(about.n_rows, "row", "rows");
        let mut first = format!("{}: {rows}", one_line(&about.title));
        if !about.class_names.is_empty() {
            let classes = counted(about.class_names.len(), "class", "classes");
            first.extend([", ", &classes]);
        }
        let mut lines = vec![self.styled(&self.wrapped(&first), Style::Heading)];
        for (name, how) in &self.audit.settings {
            if name == "predictions" {
                let how =
                    how.strip_prefix("by ").unwrap_or(how).replacen("those in", "the predictions in", 1);
                lines.push(self.wrapped(&format!("Judged by {}.", one_line(&how))));
            } else if name == "neighbours" && how.starts_with("approximate") {
                lines.push(self.wrapped(&format!("Neighbours: {}.", one_line(how))));
            }
        }
        lines.join("\n")
    }

    /// What has no result, before anything that has one.
    fn failures(&self) -> Option<String> {
        let failed = || {
            self.audit.report.checks.iter().filter_map(|check| match &check.status {
                CheckStatus::Failed { reason } => Some((check, reason)),
                _ => None,
            })
        };
        let first = match failed().count() {
            0 => return None,
            1 => "1 check FAILED and has no result: this audit is not complete.".to_owned(),
            n => format!("{n} checks FAILED and have no result: this audit is not complete."),
        };
        let mut lines = vec![self.styled(&self.wrapped(&first), Style::Alarm)];
        for (check, reason) in failed() {
            lines.push(self.wrapped(&one_line(&format!("{}: {reason}", check.issue_type))));
        }
        Some(lines.join("\n"))
    }

    /// A line per kind of issue.
    fn summary(&self) -> String {
        let shown: Vec<&CheckReport> = self
            .audit
            .report
            .checks
            .iter()
            .filter(|check| !matches!(check.status, CheckStatus::NotRun { .. }))
            .collect();
        if shown.is_empty() {
            return self.wrapped("No check could be made.");
        }
        let found = |check: &CheckReport| self.audit.lab.get_findings(&check.issue_type).ok();
        let of_found = |check: &CheckReport, text: &dyn Fn(&IssueFindings) -> String| {
            found(check).map_or_else(|| "FAILED".to_owned(), text)
        };
        let mut grid = Grid::default();
        grid.text("issue", shown.iter().map(|check| check.issue_type.clone()));
        grid.number(
            "found",
            shown.iter().map(|check| of_found(check, &|findings| grouped(findings.num_issues()))),
        );
        grid.number("share", shown.iter().map(|check| found(check).map_or_else(|| "–".into(), share_text)));
        let score = |check: &CheckReport| found(check).map_or_else(|| "–".into(), |it| score_text(it.score));
        grid.number("score", shown.iter().map(|check| score(check)));
        grid.text(
            "worst",
            shown.iter().map(|check| found(check).map_or_else(String::new, |it| self.worst_of(it))),
        );
        let text = grid.into_text(self.page.width);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[0] = self.styled(&lines[0], Style::Faint);
        for (line, check) in lines[1..].iter_mut().zip(&shown) {
            let style = match found(check) {
                None => Style::Alarm,
                Some(findings) if findings.num_issues() > 0 => Style::Notice,
                Some(_) => continue,
            };
            *line = self.styled(line, style);
        }
        let health = self.audit.lab.health_score().map(|score| {
            self.wrapped(&format!(
                "Health score {score:.3} of 1: the mean over the kinds of issue that cleanlab has."
            ))
        });
        lines.extend(health.map(|health| format!("\n{health}")));
        lines.join("\n")
    }

    /// The worst rows, or the names of columns, in a line.
    fn worst_of(&self, findings: &IssueFindings) -> String {
        let ranked = findings.ranked_issues();
        let name = |&entry: &usize| match findings.scope {
            Scope::Columns => {
                findings.details.column("column").and_then(|names| names.text_at(entry)).unwrap_or_default()
            }
            _ => self.audit.lab.row_number(entry).to_string(),
        };
        let names: Vec<String> = ranked.iter().take(ROWS_IN_A_LINE).map(name).collect();
        let more = if ranked.len() > names.len() { " …" } else { "" };
        match (findings.scope, names.len()) {
            (_, 0) => String::new(),
            (Scope::Columns, _) => format!("{}{more}", names.join(", ")),
            (_, _) => format!("{}{more}", names.join(" ")),
        }
    }

    fn not_run(&self) -> Option<String> {
        let needs = self.audit.report.checks.iter().filter_map(|check| match &check.status {
            CheckStatus::NotRun { needs } => {
                Some(format!("{} (needs {})", check.issue_type, one_line(needs)))
            }
            _ => None,
        });
        let needs: Vec<String> = needs.collect();
        let text = format!("Not run: {}.", needs.join(", "));
        (!needs.is_empty()).then(|| self.styled(&self.wrapped(&text), Style::Faint))
    }

    /// The checks whose rows are printed, those of labels last: they are what most readers have come for.
    fn shown_checks(&self) -> Vec<&str> {
        let has_issues =
            |name: &str| self.audit.lab.get_findings(name).is_ok_and(|findings| findings.num_issues() > 0);
        let mut names: Vec<&str> =
            self.audit.asked_for.iter().map(String::as_str).filter(|name| has_issues(name)).collect();
        if names.is_empty() && has_issues(LABEL) {
            return vec![LABEL];
        }
        if names.is_empty() && matches!(self.audit.lab.targets(), Targets::Unlabeled { .. }) {
            // Without labels, the most frequent issue of rows.
            let rows = self.audit.report.checks.iter().filter(|check| check.scope == Scope::Rows);
            names.extend(rows.map(|check| check.issue_type.as_str()).find(|name| has_issues(name)));
        }
        names.sort_by_key(|&name| name == LABEL);
        names
    }

    /// The worst rows of a check.
    fn worst(&self, name: &str) -> Result<Option<String>> {
        let findings = self.audit.lab.get_findings(name)?;
        let ranked = findings.ranked_issues();
        let shown = &ranked[..ranked.len().min(self.arguments.output.top)];
        if shown.is_empty() {
            return Ok(None);
        }
        let (n_shown, n) = (shown.len(), grouped(ranked.len()));
        let title = match (name == LABEL, n_shown < ranked.len()) {
            (true, true) => format!("The {n_shown} most suspicious of {n} labels that look wrong:"),
            (true, false) => "Labels that look wrong, most suspicious first:".to_owned(),
            (false, true) => format!("The {n_shown} worst of {n} issues of {name}:"),
            (false, false) => format!("Issues of {name}, worst first:"),
        };
        let grid = self.grid(findings, shown, name == LABEL).into_text(self.page.width);
        let (head, rows) = grid.split_once('\n').unwrap_or((&grid, ""));
        let title = self.styled(&self.wrapped(&title), Style::Heading);
        Ok(Some(format!("{title}\n\n{}\n{rows}", self.styled(head, Style::Faint))))
    }

    fn grid(&self, findings: &IssueFindings, shown: &[usize], are_labels: bool) -> Grid {
        let of_rows = findings.scope == Scope::Rows;
        let mut grid = Grid::default();
        if of_rows {
            grid.number("row", shown.iter().map(|&row| self.audit.lab.row_number(row).to_string()));
        }
        for (at, (name, values)) in findings.details.columns().iter().take(MOST_DETAILS).enumerate() {
            let head = match name.as_str() {
                "given_label" => "given",
                "predicted_label" => "suggested",
                name => name,
            };
            let text = |&entry: &usize| {
                let text = detail_text(name, values, entry, &self.audit.lab).unwrap_or_default();
                match values {
                    ColumnValues::Floats(values) => number_text(values[entry]),
                    _ => text,
                }
            };
            grid.text(head, shown.iter().map(text));
            if at > 0 && !are_labels {
                grid.spare();
            }
        }
        grid.number("score", shown.iter().map(|&entry| score_text(findings.scores[entry])));
        if of_rows {
            for column in &self.audit.keys {
                grid.text(
                    &column.name,
                    shown.iter().map(|&row| column.values[row].clone().unwrap_or_default()),
                );
                grid.spare();
            }
        }
        grid
    }

    /// The line that is read last.
    fn total(&self) -> String {
        if let Ok(findings) = self.audit.lab.get_findings(LABEL) {
            let (n, of) = (findings.num_issues(), findings.is_issue.len());
            let verb = if n == 1 { "looks" } else { "look" };
            return self.wrapped(&format!(
                "{} of {} labels {verb} wrong ({:.1} %). Label health score: {:.3}.",
                grouped(n),
                grouped(of),
                100.0 * n as f64 / of as f64,
                findings.score
            ));
        }
        let kinds = self.audit.report.checks.iter().filter(|check| check.num_issues > 0).count();
        self.wrapped(&format!("{} found.", counted(kinds, "kind of issue", "kinds of issues")))
    }

    fn hint(&self) -> String {
        let (output, reports) = (&self.arguments.output, &self.arguments.reports);
        let mut sentences = Vec::new();
        match &reports.report {
            Some(file) => sentences.push(format!("The report is in {}.", path(file))),
            None => sentences.push("A report to look at is written with --report report.html.".to_owned()),
        }
        match &output.out {
            None => sentences.push("Every row's result is written with --out DIR.".to_owned()),
            Some(folder) => sentences.push(format!("Every row's result is in {}.", path(folder))),
        }
        if let Some(folder) = &reports.save {
            sentences.push(format!("The audit is kept in {}.", path(folder)));
        }
        self.wrapped(&sentences.join(" "))
    }
}

fn share_text(findings: &IssueFindings) -> String {
    let share = 100.0 * findings.num_issues() as f64 / findings.is_issue.len().max(1) as f64;
    format!("{share:.1} %")
}

/// A number with as many digits as a reader needs.
fn number_text(value: f64) -> String {
    let rounded = format!("{value:.4}");
    if value != 0.0 && rounded.parse() == Ok(0.0) {
        return format!("{value:.2e}");
    }
    rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
}
