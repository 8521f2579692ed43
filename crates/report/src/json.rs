//! The report for programs.

use std::fmt::Write as _;

use cleanlab_datalab::{AuditReport, REPORT_FORMAT_VERSION};
use serde::Deserialize;
use thiserror::Error;

use crate::printable::is_control;

/// Why text is not a report.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// It is not JSON, or lacks a field.
    #[error("this is no report of an audit: {source}")]
    Malformed {
        /// What is wrong, and where.
        #[from]
        source: serde_json::Error,
    },
    /// It was written by a later version of this crate.
    #[error(
        "the report has format version {found}, and this version reads {supported}; update cleanlab to read it"
    )]
    NewerFormat {
        /// The version of the report.
        found: u32,
        /// The latest that can be read.
        supported: u32,
    },
}

/// The report as JSON, indented, with a line feed at its end.
///
/// The fields are those of [`AuditReport`]; `docs/REPORT_FORMAT.md` and `docs/report.schema.json` of the repository
/// describe them. Characters that a terminal might obey are written as `\u` escapes, so the text can be printed as it is.
/// Numbers that are not finite become `null`.
///
/// # Example
///
/// ```
/// # let text = include_str!("../tests/models/empty.json");
/// use cleanlab_report::{read_json, render_json};
/// let report = read_json(text)?;
/// let json = render_json(&report);
/// assert!(json.starts_with("{\n  \"format_version\": 1,"));
/// assert_eq!(read_json(&json)?, report);
/// # Ok::<(), cleanlab_report::ReportError>(())
/// ```
#[must_use]
pub fn render_json(report: &AuditReport) -> String {
    let pretty = to_json(report);
    let mut text = String::with_capacity(pretty.len() + 1);
    for character in pretty.chars() {
        // Outside of strings JSON is plain ASCII and blanks, so every other such character is part of a string.
        if character != '\n' && is_control(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(character);
        }
    }
    text.push('\n');
    text
}

fn to_json(report: &AuditReport) -> String {
    // Plain data with names as keys: there is nothing that serialisation could refuse.
    serde_json::to_string_pretty(report).expect("a report is plain data")
}

/// Reads what [`render_json`] wrote, in this version or an earlier one. Fields that are not known are passed over.
///
/// # Errors
///
/// [`ReportError::NewerFormat`] for a report of a later format, [`ReportError::Malformed`] for anything else that is
/// none.
///
/// # Example
///
/// ```
/// use cleanlab_report::{ReportError, read_json};
/// let newer = read_json(r#"{ "format_version": 99 }"#);
/// assert!(matches!(newer, Err(ReportError::NewerFormat { found: 99, .. })));
/// ```
pub fn read_json(text: &str) -> Result<AuditReport, ReportError> {
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }
    // A later format may lack fields, so its version is looked at first.
    let Version { format_version } = serde_json::from_str(text)?;
    if format_version > REPORT_FORMAT_VERSION {
        return Err(ReportError::NewerFormat { found: format_version, supported: REPORT_FORMAT_VERSION });
    }
    Ok(serde_json::from_str(text)?)
}
