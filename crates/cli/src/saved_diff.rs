//! `cleanlab diff`: what became better or worse between two audits that were saved.

use anyhow::{Result, bail};
use cleanlab_datalab::{
    AuditDiff, CheckChange, CheckDiff, CheckSide, Datalab, DiffEntries, DiffOptions, MatchedBy, Scope,
    Targets, Trend, diff,
};
use cleanlab_report::Colour;
use cleanlab_table::{ResultColumn, ResultTable};

use crate::Outcome;
use crate::arguments::{DiffArguments, OutputFormat};
use crate::fail_on::{Counted, Totals};
use crate::printable::{counted, grouped, json_text, list, one_line, path, score_text};
use crate::report::{Page, print_bytes, print_csv, print_text};
use crate::saved::{failures, load};
use crate::wording::tell;
use cleanlab_report::text_layout::{Grid, wrapped};

pub(crate) fn compare(arguments: &DiffArguments) -> Result<Outcome> {
    let (old, new) = (load(&arguments.old)?, load(&arguments.new)?);
    check_tasks(arguments, &old.lab, &new.lab)?;
    let found = diff(&old.lab, &new.lab, &DiffOptions::default().with_max_entries(usize::MAX));
    if found.matched_by == MatchedBy::RowNumber {
        tell(
            "warning: rows were matched by their numbers, for want of anything else: what came or went in between is \
             told wrongly; save both audits of tables, with the same --id",
        );
    }
    match arguments.format {
        OutputFormat::Text => print_text(|page| Ok(text(&found, arguments, page)))?,
        OutputFormat::Json => print_bytes(json_text(&serde_json::to_value(&found)?)?.as_bytes())?,
        OutputFormat::Csv => print_csv(&table(&found)?)?,
    }
    let outcome = failures(&new);
    Ok(match &arguments.fail_on {
        Some(limits) => outcome.or(limits.outcome(&totals(&found), false)),
        None => outcome,
    })
}

/// Refuses audits of labels of different kinds; an audit without labels goes with any.
fn check_tasks(arguments: &DiffArguments, old: &Datalab, new: &Datalab) -> Result<()> {
    let task = |lab: &Datalab| match lab.targets() {
        Targets::Unlabeled { .. } => None,
        targets => Some(targets.task()),
    };
    if let (Some(before), Some(after)) = (task(old), task(new))
        && before != after
    {
        bail!(
            "{} is an audit of {}, {} one of {}; give two of the same task",
            path(&arguments.old),
            format!("{before:?}").to_lowercase(),
            path(&arguments.new),
            format!("{after:?}").to_lowercase()
        );
    }
    Ok(())
}

/// What limits are held against: the issues that are new, and the scores of the later audit.
fn totals(found: &AuditDiff) -> Totals {
    let counted = |check: &CheckDiff| match (&check.new, &check.change) {
        (Some(new), CheckChange::Compared) => Ok(Counted {
            n_issues: check.appeared.n_total,
            n_checked: found.new.n_rows,
            score: Some(new.score),
        }),
        // What was not checked before is new altogether.
        (Some(new), _) => {
            Ok(Counted { n_issues: new.num_issues, n_checked: found.new.n_rows, score: Some(new.score) })
        }
        (None, CheckChange::FailsNow { reason } | CheckChange::StillFails { reason }) => Err(reason.clone()),
        (None, _) => Err("the later audit has not made the check".to_owned()),
    };
    Totals {
        health_name: "health score",
        health_score: found.new.health_score,
        kinds: found.checks.iter().map(|check| (check.issue_type.clone(), counted(check))).collect(),
    }
}

fn text(found: &AuditDiff, arguments: &DiffArguments, page: Page) -> String {
    let coloured = |text: &str, code: &str| match page.colour {
        Colour::Plain => text.to_owned(),
        _ => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
    };
    let by = match &found.matched_by {
        MatchedBy::Column(name) => format!("by column {}", list(&[name])),
        MatchedBy::Content => "by what is in them".to_owned(),
        _ => "by their numbers".to_owned(),
    };
    let first = format!(
        "{} → {}: {} → {}",
        path(&arguments.old),
        path(&arguments.new),
        grouped(found.old.n_rows),
        counted(found.new.n_rows, "row", "rows")
    );
    let rows = format!(
        "{} in both, matched {by}: {} of them with another label. {} came, {} went.",
        counted(found.n_matched, "row is", "rows are"),
        grouped(found.labels_changed),
        counted(found.rows_added.n_total, "row", "rows"),
        grouped(found.rows_removed.n_total)
    );
    let mut heading = vec![coloured(&wrapped(&first, page.width), "1"), wrapped(&rows, page.width)];
    if let (Some(old), Some(new)) = (found.old.health_score, found.new.health_score) {
        heading.push(wrapped(&format!("Health score {old:.3} → {new:.3}."), page.width));
    }
    let mut parts = vec![heading.join("\n"), summary(found, page, &coloured)];
    for check in &found.checks {
        match &check.change {
            CheckChange::FailsNow { reason } | CheckChange::StillFails { reason } => {
                let line = one_line(&format!("{} FAILED: {reason}", check.issue_type));
                parts.push(coloured(&wrapped(&line, page.width), "1;31"));
            }
            _ => {}
        }
        for (what, entries) in [("New", &check.appeared), ("Gone", &check.gone)] {
            parts.extend(entries_text(what, check, entries, arguments.top, page));
        }
    }
    parts.join("\n\n") + "\n"
}

/// A line per kind of issue.
fn summary(found: &AuditDiff, page: Page, coloured: &dyn Fn(&str, &str) -> String) -> String {
    let checks = &found.checks;
    let count = |side: &Option<CheckSide>| {
        side.as_ref().map_or_else(|| "–".to_owned(), |side| grouped(side.num_issues))
    };
    let score = |side: &Option<CheckSide>| {
        side.as_ref().map_or_else(|| "–".to_owned(), |side| score_text(side.score))
    };
    let word = |check: &CheckDiff| match (&check.change, check.trend) {
        (CheckChange::Compared, Trend::Better) => "better",
        (CheckChange::Compared, Trend::Worse) => "worse",
        (CheckChange::Compared, _) => "same",
        (CheckChange::Appeared, _) => "only later",
        (CheckChange::Vanished, _) => "only earlier",
        (CheckChange::FailsNow { .. }, _) => "FAILS NOW",
        (CheckChange::StillFails { .. }, _) => "STILL FAILS",
        (CheckChange::Recovered { .. }, _) => "failed earlier",
        _ => "",
    };
    let mut grid = Grid::default();
    grid.text("issue", checks.iter().map(|check| check.issue_type.clone()));
    grid.number("old", checks.iter().map(|check| count(&check.old)));
    grid.number("new", checks.iter().map(|check| count(&check.new)));
    grid.number("came", checks.iter().map(|check| grouped(check.appeared.n_total)));
    grid.number("went", checks.iter().map(|check| grouped(check.gone.n_total)));
    grid.number("old score", checks.iter().map(|check| score(&check.old)));
    grid.number("new score", checks.iter().map(|check| score(&check.new)));
    grid.text("", checks.iter().map(|check| word(check).to_owned()));
    let lines = grid.into_text(page.width);
    let mut lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    lines[0] = coloured(&lines[0], "2");
    for (line, check) in lines[1..].iter_mut().zip(checks) {
        match (&check.change, check.trend) {
            (CheckChange::FailsNow { .. } | CheckChange::StillFails { .. }, _) => {
                *line = coloured(line, "1;31");
            }
            (_, Trend::Worse) => *line = coloured(line, "33"),
            (_, Trend::Better) => *line = coloured(line, "32"),
            _ => {}
        }
    }
    lines.join("\n")
}

fn entries_text(
    what: &str,
    check: &CheckDiff,
    entries: &DiffEntries,
    top: usize,
    page: Page,
) -> Option<String> {
    let shown = &entries.entries[..entries.entries.len().min(top)];
    if shown.is_empty() {
        return None;
    }
    let title = if shown.len() < entries.n_total {
        format!(
            "{what} {} issues, the {} worst of {}:",
            check.issue_type,
            shown.len(),
            grouped(entries.n_total)
        )
    } else {
        format!("{what} {} issues:", check.issue_type)
    };
    let number = |row: Option<usize>| row.map_or_else(|| "–".to_owned(), |row| row.to_string());
    let score = |score: Option<f64>| score.map_or_else(|| "–".to_owned(), score_text);
    let mut grid = Grid::default();
    if shown.iter().any(|entry| entry.key.is_some()) {
        let head = if check.scope == Scope::Columns { "column" } else { "key" };
        grid.text(head, shown.iter().map(|entry| entry.key.clone().unwrap_or_default()));
    }
    if check.scope == Scope::Rows {
        grid.number("old row", shown.iter().map(|entry| number(entry.old)));
        grid.number("new row", shown.iter().map(|entry| number(entry.new)));
    }
    grid.number("old score", shown.iter().map(|entry| score(entry.old_score)));
    grid.number("new score", shown.iter().map(|entry| score(entry.new_score)));
    Some(format!("{}\n\n{}", wrapped(&title, page.width), grid.into_text(page.width)))
}

/// Every issue that is new or gone in a line.
fn table(found: &AuditDiff) -> Result<ResultTable> {
    let lines = || {
        found.checks.iter().flat_map(|check| {
            let came = check.appeared.entries.iter().map(move |entry| (check, "new", entry));
            let went = check.gone.entries.iter().map(move |entry| (check, "gone", entry));
            came.chain(went)
        })
    };
    let number = |row: Option<usize>| row.map(|row| row as i64);
    let mut table = ResultTable::default();
    table.push("issue_type", ResultColumn::texts(lines().map(|(check, ..)| check.issue_type.clone())))?;
    table.push("change", ResultColumn::texts(lines().map(|(_, change, _)| change)))?;
    table.push("key", ResultColumn::Text(lines().map(|(.., entry)| entry.key.clone()).collect()))?;
    table.push("old_row", ResultColumn::Integer(lines().map(|(.., entry)| number(entry.old)).collect()))?;
    table.push("new_row", ResultColumn::Integer(lines().map(|(.., entry)| number(entry.new)).collect()))?;
    table.push("old_score", ResultColumn::Float(lines().map(|(.., entry)| entry.old_score).collect()))?;
    table.push("new_score", ResultColumn::Float(lines().map(|(.., entry)| entry.new_score).collect()))?;
    Ok(table)
}
