//! The report for a terminal.

use cleanlab_datalab::{AuditReport, CheckReport, CheckStatus, DuplicateSets, ReportCell, ReportRow, Scope};

use crate::printable::{cell, escape_control, grouped, issue_title, number_text, score_text, share_text};
use crate::text_layout::{Grid, indented, wrapped};

/// Narrower than this, tables would be cut in the middle of their numbers.
const LEAST_WIDTH: usize = 40;

/// More of a check's warnings, facts, or sets of duplicates are not printed.
const MOST_LINES: usize = 10;

/// Facts, warnings and reasons are cut to this many characters.
const SENTENCE_CHARS: usize = 400;

/// How many of the data's columns are tried beside those of the check.
const MOST_DATA_COLUMNS: usize = 12;

/// Whether text has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Colour {
    /// No codes at all, for files and pipes.
    #[default]
    Plain,
    /// ANSI codes, for a terminal.
    Ansi,
}

/// How [`render_text`] works.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextOptions {
    /// The longest a line may be; at least 40. Default: 80.
    pub width: usize,
    /// Whether there are colours. Default: none.
    pub colour: Colour,
    /// How many of the worst rows are shown of each check. Default: 5.
    pub top: usize,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { width: 80, colour: Colour::Plain, top: 5 }
    }
}

impl TextOptions {
    /// Sets the longest a line may be.
    #[must_use]
    pub fn with_width(mut self, width: usize) -> Self {
        self.width = width;
        self
    }

    /// Sets whether there are colours.
    #[must_use]
    pub fn with_colour(mut self, colour: Colour) -> Self {
        self.colour = colour;
        self
    }

    /// Sets how many of the worst rows are shown of each check.
    #[must_use]
    pub fn with_top(mut self, top: usize) -> Self {
        self.top = top;
        self
    }
}

/// The report as text for a terminal: failed checks, a table of all kinds of issues, then what each check found with its
/// worst rows.
///
/// No line is wider than the options say, as a terminal counts it. Where a table is too wide, columns of the data are
/// left out from the right, and a line below says which. Control codes, ANSI sequences and marks of text direction in
/// names and cells are shown as `\u{…}`.
///
/// # Example
///
/// ```
/// # let report = cleanlab_report::read_json(include_str!("../tests/models/empty.json"))?;
/// use cleanlab_report::{TextOptions, render_text};
/// let text = render_text(&report, &TextOptions::default().with_width(60));
/// assert!(text.starts_with("empty.csv: 0 rows\n"));
/// assert!(text.lines().all(|line| line.len() <= 60));
/// # Ok::<(), cleanlab_report::ReportError>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.report.Reporter`.
///
/// # Differences
///
/// cleanlab prints data frames as wide as they are, and of checks that failed nothing.
#[must_use]
pub fn render_text(report: &AuditReport, options: &TextOptions) -> String {
    let page = TextPage { report, width: options.width.max(LEAST_WIDTH), options };
    let mut parts = vec![page.heading()];
    parts.extend(page.failures());
    parts.push(page.summary());
    for check in &report.checks {
        if matches!(check.status, CheckStatus::Found) {
            parts.extend(page.check(check));
        }
    }
    parts.extend(page.class_noise());
    parts.extend(report.duplicate_sets.as_ref().and_then(|sets| page.duplicate_sets(sets)));
    parts.join("\n\n") + "\n"
}

#[derive(Debug, Clone, Copy)]
enum Style {
    Heading,
    Alarm,
    Faint,
}

struct TextPage<'a> {
    report: &'a AuditReport,
    width: usize,
    options: &'a TextOptions,
}

impl TextPage<'_> {
    fn styled(&self, text: &str, style: Style) -> String {
        if self.options.colour == Colour::Plain {
            return text.to_owned();
        }
        let code = match style {
            Style::Heading => "1",
            Style::Alarm => "1;31",
            Style::Faint => "2",
        };
        let styled = |line: &str| format!("\u{1b}[{code}m{line}\u{1b}[0m");
        text.lines().map(styled).collect::<Vec<_>>().join("\n")
    }

    fn sentence(&self, text: &str) -> String {
        wrapped(&sentence(text), self.width)
    }

    fn heading(&self) -> String {
        let about = &self.report.about;
        let mut of = vec![counted(about.n_rows, "row")];
        if !about.class_names.is_empty() {
            of.push(counted(about.class_names.len(), "class"));
        }
        if let Some(column) = &about.label_column {
            of.push(format!("labels in {}", cell(column, 40)));
        }
        let first = wrapped(&format!("{}: {}", cell(&about.title, 200), of.join(", ")), self.width);
        let mut lines = vec![self.styled(&first, Style::Heading)];
        for (name, value) in about.settings.iter().take(MOST_LINES) {
            lines.push(self.sentence(&format!("{name}: {value}")));
        }
        for warning in about.warnings.iter().take(MOST_LINES) {
            lines.push(self.sentence(&format!("Warning: {warning}")));
        }
        lines.extend(self.unlisted(about.warnings.len(), "warnings"));
        lines.join("\n")
    }

    fn unlisted(&self, total: usize, of: &str) -> Option<String> {
        let more = total.checked_sub(MOST_LINES).filter(|&more| more > 0)?;
        Some(self.sentence(&format!("({} more {of} are in the JSON and HTML reports.)", grouped(more))))
    }

    /// What has no result, before anything that has one.
    fn failures(&self) -> Option<String> {
        let checks = &self.report.checks;
        let failed = || {
            checks.iter().filter_map(|check| match &check.status {
                CheckStatus::Failed { reason } => Some((check, reason)),
                _ => None,
            })
        };
        let verb = match failed().count() {
            0 => return None,
            1 => "1 check FAILED and has no result".to_owned(),
            n => format!("{n} checks FAILED and have no result"),
        };
        let first = wrapped(&format!("{verb}: this audit is not complete."), self.width);
        let mut lines = vec![self.styled(&first, Style::Alarm)];
        for (check, reason) in failed() {
            lines.push(indented(&sentence(&format!("{}: {reason}", check.issue_type)), 2, self.width));
        }
        Some(lines.join("\n"))
    }

    fn summary(&self) -> String {
        let checks = &self.report.checks;
        if checks.is_empty() {
            return self.sentence("No checks were made.");
        }
        let mut parts = Vec::new();
        if let Some(score) = self.report.health_score {
            let text =
                format!("Health score: {score:.3} of 1, the mean over the kinds of issue that cleanlab has");
            parts.push(self.sentence(&text));
        }
        let of_found = |check: &CheckReport, text: String| match check.status {
            CheckStatus::Found => text,
            _ => "–".to_owned(),
        };
        let mut grid = Grid::default();
        grid.text("issue", checks.iter().map(|check| check.issue_type.clone()));
        grid.number("count", checks.iter().map(|check| of_found(check, count_text(check))));
        let share = |check: &CheckReport| share_text(check.num_issues, self.n_checked(check));
        grid.number("share", checks.iter().map(|check| of_found(check, share(check))));
        grid.number(
            "score",
            checks.iter().map(|check| match check.status {
                CheckStatus::Failed { .. } => "FAILED".to_owned(),
                CheckStatus::NotRun { .. } => "not run".to_owned(),
                _ => check.score.map_or_else(|| "–".to_owned(), score_text),
            }),
        );
        let mut lines = grid.lines(self.width).lines;
        lines[0] = self.styled(&lines[0], Style::Faint);
        for (line, check) in lines[1..].iter_mut().zip(checks) {
            match check.status {
                CheckStatus::Failed { .. } => *line = self.styled(line, Style::Alarm),
                CheckStatus::NotRun { .. } => *line = self.styled(line, Style::Faint),
                _ => {}
            }
        }
        parts.push(lines.join("\n"));
        let not_run = checks.iter().filter_map(|check| match &check.status {
            CheckStatus::NotRun { needs } => {
                Some(self.sentence(&format!("{} was not run: it needs {needs}.", check.issue_type)))
            }
            _ => None,
        });
        let not_run: Vec<String> = not_run.collect();
        if !not_run.is_empty() {
            parts.push(not_run.join("\n"));
        }
        parts.join("\n\n")
    }

    fn n_checked(&self, check: &CheckReport) -> usize {
        match check.scope {
            Scope::Rows if check.n_checked == 0 => self.report.about.n_rows,
            _ => check.n_checked,
        }
    }

    fn check(&self, check: &CheckReport) -> Vec<String> {
        let of = counted(self.n_checked(check), unit(check.scope));
        let mut first = format!("{}: {} of {of}", issue_title(&check.issue_type), count_text(check));
        if let Some(score) = check.score {
            first = format!("{first}, score {}", score_text(score));
        }
        let mut lines = vec![self.styled(&self.sentence(&first), Style::Heading)];
        lines.push(self.sentence(&check.description));
        for (name, value) in check.facts.iter().take(MOST_LINES) {
            lines.push(indented(&sentence(&format!("{name}: {value}")), 2, self.width));
        }
        lines.extend(self.unlisted(check.facts.len(), "facts"));
        for warning in check.warnings.iter().take(MOST_LINES) {
            lines.push(self.sentence(&format!("Warning: {warning}")));
        }
        lines.extend(self.unlisted(check.warnings.len(), "warnings"));
        let mut parts = vec![lines.join("\n")];
        parts.extend(self.worst(check));
        parts
    }

    /// The worst rows with the issue.
    fn worst(&self, check: &CheckReport) -> Option<String> {
        let table = &check.worst;
        let rows: Vec<&ReportRow> =
            table.rows.iter().filter(|row| row.is_issue).take(self.options.top).collect();
        if rows.is_empty() {
            return None;
        }
        let title = if rows.len() < check.num_issues {
            format!("The {} worst of {}:", grouped(rows.len()), count_text(check))
        } else {
            "Worst first:".to_owned()
        };
        let mut grid = Grid::default();
        if check.scope == Scope::Rows {
            grid.number("row", rows.iter().map(|row| row.row.to_string()));
        }
        let n_details = table.n_details.min(table.columns.len());
        let column = |grid: &mut Grid, at: usize| {
            let cells: Vec<&ReportCell> =
                rows.iter().map(|row| row.cells.get(at).unwrap_or(&ReportCell::Missing)).collect();
            let is_number = |cell: &&ReportCell| {
                matches!(cell, ReportCell::Missing | ReportCell::Integer(_) | ReportCell::Float(_))
            };
            let texts = cells.iter().map(|cell| cell_text(cell));
            if cells.iter().all(is_number) {
                grid.number(&table.columns[at], texts);
            } else {
                grid.text(&table.columns[at], texts);
            }
        };
        for at in 0..n_details {
            column(&mut grid, at);
            if at > 0 {
                grid.spare();
            }
        }
        grid.number("score", rows.iter().map(|row| score_text(row.score)));
        let has_label = table
            .columns
            .iter()
            .any(|name| name == "given_label" || Some(name) == self.report.about.label_column.as_ref());
        if !has_label && rows.iter().any(|row| row.label.is_some()) {
            grid.text("label", rows.iter().map(|row| row.label.clone().unwrap_or_default()));
            grid.spare();
        }
        let n_data = (table.columns.len() - n_details).min(MOST_DATA_COLUMNS);
        for at in n_details..n_details + n_data {
            column(&mut grid, at);
            grid.spare();
        }
        let grid = grid.lines(self.width);
        let note = grid.note(table.columns.len() - n_details - n_data, self.width);
        let mut lines = grid.lines;
        lines[0] = self.styled(&lines[0], Style::Faint);
        let parts = [Some(title), Some(lines.join("\n")), note];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
    }

    fn class_noise(&self) -> Option<String> {
        let classes = &self.report.class_noise;
        let shown = &classes[..classes.len().min(self.options.top)];
        if shown.is_empty() {
            return None;
        }
        let total = classes.len().max(self.report.about.class_names.len());
        let title = if shown.len() < total {
            format!("The {} worst labelled of {} classes", shown.len(), grouped(total))
        } else {
            "Classes by label quality".to_owned()
        };
        let mut grid = Grid::default();
        grid.text("class", shown.iter().map(|class| class.class_name.clone()));
        grid.number("issues", shown.iter().map(|class| grouped(class.label_issues as usize)));
        grid.number("inverse", shown.iter().map(|class| grouped(class.inverse_label_issues as usize)));
        grid.spare();
        grid.number("noise", shown.iter().map(|class| score_text(class.label_noise)));
        grid.number("inverse noise", shown.iter().map(|class| score_text(class.inverse_label_noise)));
        grid.spare();
        grid.number("quality", shown.iter().map(|class| score_text(class.label_quality)));
        grid.spare();
        let grid = grid.lines(self.width);
        let note = grid.note(0, self.width);
        let mut lines = vec![self.styled(&self.sentence(&title), Style::Heading)];
        lines.push(self.styled(&grid.lines[0], Style::Faint));
        lines.extend_from_slice(&grid.lines[1..]);
        lines.extend(note);
        Some(lines.join("\n"))
    }

    fn duplicate_sets(&self, sets: &DuplicateSets) -> Option<String> {
        let shown = &sets.sets[..sets.sets.len().min(self.options.top)];
        if shown.is_empty() {
            return None;
        }
        let title = if shown.len() < sets.n_total {
            format!("The {} largest of {} sets of near duplicates", shown.len(), grouped(sets.n_total))
        } else {
            "Sets of near duplicates".to_owned()
        };
        let mut lines = vec![self.styled(&self.sentence(&title), Style::Heading)];
        for set in shown {
            let rows: Vec<String> = set.rows.iter().take(MOST_LINES).map(|row| row.row.to_string()).collect();
            let mut line = format!("rows {}", rows.join(", "));
            if rows.len() < set.n_total {
                line = format!("{line} and {} more", grouped(set.n_total - rows.len()));
            }
            if set.exact {
                line += "; equal";
            }
            if set.conflicting_labels {
                line += "; labels differ";
            }
            lines.push(indented(&line, 1, self.width));
        }
        Some(lines.join("\n"))
    }
}

/// Text of several lines as one, without control codes, and not too long.
fn sentence(text: &str) -> String {
    let words: Vec<&str> = text.split(['\n', '\r', '\t']).filter(|part| !part.is_empty()).collect();
    let text = words.join(" ");
    match text.char_indices().nth(SENTENCE_CHARS) {
        Some((end, _)) => escape_control(&text[..end]) + "…",
        None => escape_control(&text),
    }
}

fn count_text(check: &CheckReport) -> String {
    grouped(check.num_issues)
}

fn unit(scope: Scope) -> &'static str {
    if scope == Scope::Columns { "column" } else { "row" }
}

/// `1 row`, `1,234 rows`.
fn counted(number: usize, unit: &str) -> String {
    let ending = match (number, unit) {
        (1, _) => "",
        (_, "class") => "es",
        _ => "s",
    };
    format!("{} {unit}{ending}", grouped(number))
}

fn cell_text(cell: &ReportCell) -> String {
    match cell {
        ReportCell::Boolean(value) => if *value { "yes" } else { "no" }.to_owned(),
        ReportCell::Integer(value) => value.to_string(),
        ReportCell::Float(value) => number_text(*value),
        ReportCell::Text(text) => text.clone(),
        _ => String::new(),
    }
}
