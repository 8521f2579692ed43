//! What a command found, as text, JSON or CSV on standard output.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use cleanlab_datalab::AuditReport;
use cleanlab_report::{Colour, TextOptions, render_html, render_json, render_text};
use cleanlab_table::{Content, ResultColumn, ResultTable, escape_control, write_file, write_to};
use serde_json::{Map, Value, json};

use crate::about::About;
use crate::arguments::{OutputArguments, OutputFormat, ReportFormat};
use crate::interrupt;
use crate::output_width::output_width;
use crate::printable::json_text;
use crate::wording::tell;
use cleanlab_report::text_layout::wrapped;

/// The width of text in a file.
const FILE_WIDTH: usize = 120;
/// Rows of each check in a text file.
const FILE_TOP: usize = 20;

/// What a command found.
pub(crate) trait Report {
    /// What was looked at.
    fn about(&self) -> &About;

    /// Paragraphs and tables that fit this width, without the heading.
    fn body(&self, output: &OutputArguments, width: usize) -> Result<Vec<String>>;

    /// Everything as one object.
    fn json(&self) -> Result<Value>;

    /// Prints that object.
    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        Ok(out.write_all(json_text(&self.json()?)?.as_bytes())?)
    }

    /// The table that matters most.
    fn csv(&self) -> Result<ResultTable>;

    /// Prints that table.
    fn write_csv(&self, out: &mut dyn Write) -> Result<()> {
        Ok(out.write_all(&csv_bytes(&self.csv()?)?)?)
    }
}

/// Prints a report; warnings go to standard error, but into the object where the format is JSON.
pub(crate) fn print(report: &impl Report, output: &OutputArguments) -> Result<()> {
    if output.format != OutputFormat::Json && !output.quiet {
        for warning in &report.about().warnings {
            tell(&format!("warning: {warning}"));
        }
    }
    match output.format {
        OutputFormat::Text => {
            let width = output_width();
            let mut parts = vec![wrapped(report.about().heading().trim_end(), width)];
            parts.extend(report.body(output, width)?);
            print_bytes((parts.join("\n\n") + "\n").as_bytes())
        }
        OutputFormat::Json => print_through(|out| report.write_json(out)),
        OutputFormat::Csv => print_through(|out| report.write_csv(out)),
    }
}

/// Prints what is written bit by bit.
fn print_through(write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    interrupt::print_whole(|| {
        let mut stdout = BufWriter::new(io::stdout().lock());
        write(&mut stdout)?;
        Ok(stdout.flush()?)
    })
}

/// What text is printed on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) width: usize,
    pub(crate) colour: Colour,
}

impl Page {
    /// Standard output: as wide as its terminal, and in colour if it is one that wants it.
    fn of_stdout() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        let wanted = io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb;
        let forced =
            std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0" && !value.is_empty());
        let colour = if wanted || forced { Colour::Ansi } else { Colour::Plain };
        Self { width: output_width(), colour }
    }
}

/// Prints text that fits the terminal.
pub(crate) fn print_text(text: impl FnOnce(Page) -> Result<String>) -> Result<()> {
    print_bytes(text(Page::of_stdout())?.as_bytes())
}

/// Prints a table as CSV.
pub(crate) fn print_csv(table: &ResultTable) -> Result<()> {
    print_bytes(&csv_bytes(table)?)
}

/// A table as CSV for standard output, with a line of names. A file or a pipe gets the text of cells as it is, a terminal
/// without what it would obey.
pub(crate) fn csv_bytes(table: &ResultTable) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write_to(&mut bytes, "standard output", &Content::Csv(table))?;
    if io::stdout().is_terminal() {
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<_> = text.split('\n').map(escape_control).collect();
        bytes = lines.join("\n").into_bytes();
    }
    Ok(bytes)
}

/// Prints bytes as they are.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<()> {
    interrupt::print_whole(|| {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    })
}

/// The whole report of an audit as text.
pub(crate) fn report_text(report: &AuditReport, page: Page, top: usize) -> String {
    let options = TextOptions::default().with_width(page.width).with_colour(page.colour).with_top(top);
    render_text(report, &options)
}

/// Writes the report of an audit to a file, as what its name says.
pub(crate) fn write_report(report: &AuditReport, file: &Path) -> Result<()> {
    let text = match ReportFormat::of(&file.to_string_lossy()) {
        Some(ReportFormat::Html) => render_html(report),
        Some(ReportFormat::Json) => render_json(report),
        Some(ReportFormat::Text) => {
            render_text(report, &TextOptions::default().with_width(FILE_WIDTH).with_top(FILE_TOP))
        }
        None => bail!("the name of a report must end in .html, .txt or .json"),
    };
    interrupt::write_whole(|| write_file(file, &Content::Bytes(text.as_bytes())))
        .context("the report was not written")
}

/// The rows of a table as JSON objects, by the names of the columns.
pub(crate) fn objects(table: &ResultTable) -> Value {
    let value = |column: &ResultColumn, row: usize| match column {
        ResultColumn::Integer(values) => json!(values[row]),
        ResultColumn::Float(values) => json!(values[row]),
        ResultColumn::Boolean(values) => json!(values[row]),
        ResultColumn::Text(values) => json!(values[row]),
        _ => Value::Null,
    };
    let object = |row: usize| {
        let entries = table.columns().iter().map(|(name, column)| (name.clone(), value(column, row)));
        Value::Object(entries.collect::<Map<String, Value>>())
    };
    (0..table.n_rows()).map(object).collect()
}
