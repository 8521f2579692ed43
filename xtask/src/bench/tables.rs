//! The tables of a group.

use std::fmt::Write;

use super::figures::{Measured, Row, Spread, Target};

/// A heading and a table for every data set of a group.
pub(crate) fn section(measured: &Measured) -> String {
    let tables = measured.by_data().into_iter().map(|(data, rows)| table(data, &rows));
    tables.collect::<Vec<_>>().join("\n")
}

/// A column of the table: its heading, and the cell of a row.
type Column = (String, Box<dyn Fn(&Row) -> String>);

fn table(data: &str, rows: &[&Row]) -> String {
    let columns = columns(rows);
    let mut text = format!("**{data}**{}\n\n", input_size(rows));
    let headings: Vec<&str> = columns.iter().map(|(heading, _)| heading.as_str()).collect();
    let _ = write!(text, "| {} |\n|{}\n", headings.join(" | "), "---|".repeat(columns.len()));
    for row in rows {
        let cells: Vec<String> = columns.iter().map(|(_, cell)| cell(row)).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text + &notes(rows)
}

/// The columns that say something of at least one row.
fn columns(rows: &[&Row]) -> Vec<Column> {
    let any = |says: &dyn Fn(&Row) -> bool| rows.iter().any(|row| says(row));
    let mut columns: Vec<Column> = vec![("work".to_owned(), Box::new(|row| row.work.clone()))];
    if any(&|row| row.threads != "all") {
        columns.push(("threads".to_owned(), Box::new(|row| row.threads.clone())));
    }
    columns.push(("here".to_owned(), Box::new(|row| optional(row.here().map(|here| duration(here.median))))));
    if any(&|row| !row.peers.is_empty()) {
        columns.push((
            "peer".to_owned(),
            Box::new(|row| {
                optional(row.best_peer().map(|(name, median)| format!("{} {name}", duration(median))))
            }),
        ));
        columns.push(("ratio".to_owned(), Box::new(|row| optional(row.ratio().map(spread)))));
    }
    if any(&|row| row.memory_here.is_some()) {
        columns.push((
            "memory, here / peer".to_owned(),
            Box::new(|row| {
                let share = |bytes| row.share(bytes).map_or_else(|| "–".to_owned(), percent);
                format!("{} / {}", share(row.memory_here), share(row.memory_peer))
            }),
        ));
    }
    if any(&|row| row.over_limit().is_some()) {
        columns.push((
            "to the limit".to_owned(),
            Box::new(|row| {
                optional(row.over_limit().map(|(name, times)| format!("{} × {name}", number(times))))
            }),
        ));
    }
    if any(&|row| row.target.is_some()) {
        columns.push(("target".to_owned(), Box::new(|row| optional(row.target.as_ref().map(wanted)))));
        columns.push(("holds".to_owned(), Box::new(|row| held(row.holds()))));
    }
    columns
}

fn input_size(rows: &[&Row]) -> String {
    match rows.first() {
        Some(row) if row.input > 0 => format!(", input of {}", bytes(row.input)),
        _ => String::new(),
    }
}

/// How the answers of both sides compare, where there is more to say than that they are the same.
fn notes(rows: &[&Row]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for row in rows.iter().filter(|row| !row.agreement.is_empty() && row.agreement != "same") {
        let line = format!("{}: {}", row.work, row.agreement);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let same = rows.iter().all(|row| row.agreement == "same");
    match (same, lines.is_empty()) {
        (true, _) => "\nBoth sides gave the same answers.\n".to_owned(),
        (_, true) => String::new(),
        _ => format!("\nAnswers: {}.\n", lines.join("; ")),
    }
}

fn wanted(target: &Target) -> String {
    let ratio = target.ratio.map(|ratio| format!("≥ {}×", number(ratio)));
    let limit = target.limit.map(|limit| format!("≤ {} × limit", number(limit)));
    ratio.into_iter().chain(limit).collect::<Vec<_>>().join(" or ")
}

fn held((time, memory): (Option<bool>, Option<bool>)) -> String {
    match (time, memory) {
        (None, None) => "–".to_owned(),
        (Some(false), Some(false)) => "**no**, nor memory".to_owned(),
        (Some(false), _) => "**no**".to_owned(),
        (_, Some(false)) => "yes, **memory not**".to_owned(),
        _ => "yes".to_owned(),
    }
}

fn optional(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| "–".to_owned())
}

fn spread(Spread { median, smallest, largest }: Spread) -> String {
    format!("{} ({} to {})", number(median), number(smallest), number(largest))
}

pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        _ if seconds < 1e-6 => format!("{:.0} ns", seconds * 1e9),
        _ if seconds < 1e-3 => format!("{} µs", number(seconds * 1e6)),
        _ if seconds < 1.0 => format!("{} ms", number(seconds * 1e3)),
        _ => format!("{} s", number(seconds)),
    }
}

/// Three digits, and no more than tell something.
pub(crate) fn number(value: f64) -> String {
    match value {
        _ if value >= 99.95 => thousands(value.round() as u64),
        _ if value >= 9.995 => format!("{value:.1}").trim_end_matches(".0").to_owned(),
        _ => format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn percent(share: f64) -> String {
    if share < 0.1 { format!("{:.1} %", 100.0 * share) } else { format!("{} %", number(100.0 * share)) }
}

pub(crate) fn bytes(bytes: u64) -> String {
    match bytes as f64 {
        size if size < 1e6 => format!("{} kB", number(size / 1e3)),
        size if size < 1e9 => format!("{} MB", number(size / 1e6)),
        size => format!("{} GB", number(size / 1e9)),
    }
}
