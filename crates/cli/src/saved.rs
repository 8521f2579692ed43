//! `cleanlab report` and `cleanlab issues`: audits that were saved.

#![deny(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "whatever is in a file, a reader gives a value or an error"
)]

use std::path::Path;

use anyhow::{Context, Result, bail};
use cleanlab_datalab::{AuditReport, CheckOutcome, IssueFindings, SavedAudit, Scope};
use cleanlab_report::render_json;
use serde_json::json;

use crate::Outcome;
use crate::arguments::{IssuesArguments, OutputFormat, SavedReportArguments};
use crate::audit::{detail_text, findings_table};
use crate::nearest::nearest;
use crate::places::Places;
use crate::printable::{counted, grouped, json_text, path, score_text};
use crate::report::{Page, objects, print_bytes, print_csv, print_text, report_text, write_report};
use crate::wording::tell;
use cleanlab_report::text_layout::{Grid, wrapped};

/// Rows of one kind of issue as text, unless told otherwise.
const TOP: usize = 20;

pub(crate) fn report(arguments: &SavedReportArguments) -> Result<Outcome> {
    Places::default().file("--report", arguments.report.as_ref()).check()?;
    let saved = load(&arguments.folder)?;
    let report = report_of(&saved, &arguments.folder)?;
    match (&arguments.report, arguments.format) {
        (Some(file), _) => write_report(report, file)?,
        (None, OutputFormat::Text) => {
            print_text(|page| Ok(report_text(report, page, arguments.top)))?;
        }
        (None, OutputFormat::Json) => print_bytes(render_json(report).as_bytes())?,
        (None, OutputFormat::Csv) => bail!(
            "a report has many tables; cleanlab issues {} ISSUE --format csv prints one of them",
            path(&arguments.folder)
        ),
    }
    Ok(failures(&saved))
}

pub(crate) fn issues(arguments: &IssuesArguments) -> Result<Outcome> {
    let saved = load(&arguments.folder)?;
    let name = arguments.issue_type.replace('-', "_");
    let checks = saved.lab.checks();
    let Some(check) = checks.iter().find(|check| check.issue_type == name) else {
        let names: Vec<&str> = checks.iter().map(|check| check.issue_type.as_str()).collect();
        let hint = match nearest(&name, names.iter().copied()) {
            Some(nearest) => format!("did you mean {nearest:?}?"),
            None => format!("there are {}", names.join(", ")),
        };
        bail!("{} has no check {:?}; {hint}", path(&arguments.folder), arguments.issue_type);
    };
    let findings = match &check.outcome {
        CheckOutcome::Found(findings) => findings,
        CheckOutcome::Failed { reason } => bail!("{name} has no result: {reason}"),
        CheckOutcome::NotRun { needs } => bail!("{name} was not run: it needs {needs}"),
        _ => bail!("{name} has no result"),
    };
    let ranked = findings.ranked_issues();
    let text_top = if arguments.format == OutputFormat::Text { TOP } else { usize::MAX };
    let shown = ranked.get(..arguments.top.unwrap_or(text_top)).unwrap_or(&ranked);
    match arguments.format {
        OutputFormat::Text => {
            print_text(|page| Ok(issues_text(&saved, &name, findings, shown, ranked.len(), page)))?;
        }
        OutputFormat::Json => {
            let table = findings_table(&saved.lab, findings, shown)?;
            let object = json!({
                "schema": "cleanlab-issues/1",
                "issue_type": name,
                "description": check.description,
                "score": findings.score,
                "num_issues": ranked.len(),
                "warnings": findings.warnings,
                "issues": objects(&table),
            });
            print_bytes(json_text(&object)?.as_bytes())?;
        }
        OutputFormat::Csv => print_csv(&findings_table(&saved.lab, findings, shown)?)?,
    }
    Ok(Outcome::Ran)
}

fn issues_text(
    saved: &SavedAudit,
    name: &str,
    findings: &IssueFindings,
    shown: &[usize],
    n_issues: usize,
    page: Page,
) -> String {
    let of_rows = findings.scope == Scope::Rows;
    let (one, many) = if of_rows { ("row", "rows") } else { ("column", "columns") };
    let first = format!(
        "{name}: {} of {}, score {}",
        grouped(n_issues),
        counted(findings.is_issue.len(), one, many),
        score_text(findings.score)
    );
    let mut parts = vec![wrapped(&first, page.width)];
    if !shown.is_empty() {
        let mut grid = Grid::default();
        if of_rows {
            grid.number("row", shown.iter().map(|&row| saved.lab.row_number(row).to_string()));
        }
        grid.number(
            "score",
            shown.iter().filter_map(|&entry| findings.scores.get(entry)).map(|&score| score_text(score)),
        );
        for (name, values) in findings.details.columns() {
            let text = |&entry: &usize| detail_text(name, values, entry, &saved.lab).unwrap_or_default();
            grid.text(name, shown.iter().map(text));
            grid.spare();
        }
        parts.push(grid.into_text(page.width));
    }
    if shown.len() < n_issues {
        let more = n_issues - shown.len();
        parts.push(wrapped(
            &format!("{} more with --top {n_issues}, or --format csv.", grouped(more)),
            page.width,
        ));
    }
    parts.join("\n\n") + "\n"
}

pub(crate) fn load(folder: &Path) -> Result<SavedAudit> {
    SavedAudit::load(folder).with_context(|| format!("cannot read the audit in {}", path(folder)))
}

fn report_of<'a>(saved: &'a SavedAudit, folder: &Path) -> Result<&'a AuditReport> {
    saved.report.as_ref().with_context(|| format!("{} was saved without a report", path(folder)))
}

/// Says what failed when the audit was made; that is so for as long as it is looked at.
pub(crate) fn failures(saved: &SavedAudit) -> Outcome {
    let mut outcome = Outcome::Ran;
    for (name, reason) in saved.lab.failed_checks() {
        tell(&format!("error: the check {name} failed: {reason}"));
        outcome = Outcome::Failed;
    }
    outcome
}
