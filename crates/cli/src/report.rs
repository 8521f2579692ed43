//! What a command found, as text, JSON or CSV on standard output.

use std::io::{self, Write};

use anyhow::Result;
use cleanlab_table::{Content, ResultColumn, ResultTable, write_to};
use serde_json::{Map, Value, json};

use crate::about::About;
use crate::arguments::{OutputArguments, OutputFormat};
use crate::layout::{output_width, wrapped};
use crate::printable::json_text;
use crate::wording::tell;

/// What a command found.
pub(crate) trait Report {
    /// What was looked at.
    fn about(&self) -> &About;

    /// Paragraphs and tables that fit this width, without the heading.
    fn body(&self, output: &OutputArguments, width: usize) -> Result<Vec<String>>;

    /// Everything as one object.
    fn json(&self) -> Result<Value>;

    /// The table that matters most.
    fn csv(&self) -> Result<ResultTable>;
}

/// Prints a report; warnings go to standard error, but into the object where the format is JSON.
pub(crate) fn print(report: &impl Report, output: &OutputArguments) -> Result<()> {
    let mut stdout = io::stdout().lock();
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
            writeln!(stdout, "{}", parts.join("\n\n"))?;
        }
        OutputFormat::Json => stdout.write_all(json_text(&report.json()?)?.as_bytes())?,
        OutputFormat::Csv => {
            let mut bytes = Vec::new();
            write_to(&mut bytes, "standard output", &Content::Csv(&report.csv()?))?;
            stdout.write_all(&bytes)?;
        }
    }
    stdout.flush()?;
    Ok(())
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
