//! Values and names as they may be printed.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use anyhow::Result;
use cleanlab_report::text_layout;
pub(crate) use cleanlab_report::text_layout::{grouped, score_text};
use cleanlab_table::escape_control;
use serde_json::Value;

/// Names in lists and cells are cut to this width.
const CELL_WIDTH: usize = 28;

/// A JSON value as indented text that is safe to print: what JSON allows raw but a terminal might obey is escaped too.
pub(crate) fn json_text(value: &Value) -> Result<String> {
    Ok(safe_json(&serde_json::to_string_pretty(value)?) + "\n")
}

fn safe_json(pretty: &str) -> String {
    let mut text = String::with_capacity(pretty.len() + 1);
    for character in pretty.chars() {
        // Outside strings JSON is plain ASCII, so every such character is part of a string and may be escaped.
        match character {
            '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            character => text.push(character),
        }
    }
    text
}

/// Writes an object as [`json_text`] would with one more entry, an array, whose values are made one after the other.
pub(crate) fn write_with_array(
    out: &mut dyn io::Write,
    mut object: Value,
    name: &str,
    values: impl Iterator<Item = Value>,
) -> Result<()> {
    object[name] = Value::Array(Vec::new());
    let text = json_text(&object)?;
    // The entry is the last one: preserve_order keeps entries as they were added.
    let (before, after) = text.rsplit_once("[]").unwrap_or((&text, ""));
    let mut is_empty = true;
    out.write_all(before.as_bytes())?;
    for value in values {
        out.write_all(if is_empty { b"[\n" } else { b",\n" })?;
        is_empty = false;
        let lines = safe_json(&serde_json::to_string_pretty(&value)?);
        let indented: Vec<String> = lines.lines().map(|line| format!("    {line}")).collect();
        out.write_all(indented.join("\n").as_bytes())?;
    }
    out.write_all(if is_empty { b"[]" } else { b"\n  ]" })?;
    Ok(out.write_all(after.as_bytes())?)
}

/// Text from a file as it stands in a cell: without control codes, and not too long.
pub(crate) fn cell(text: &str) -> String {
    text_layout::cell(text, CELL_WIDTH)
}

/// Text without control codes, on one line.
pub(crate) fn one_line(text: &str) -> String {
    escape_control(text).into_owned()
}

/// A path as it is printed.
pub(crate) fn path(path: &Path) -> String {
    if path.as_os_str() == "-" { "standard input".into() } else { one_line(&path.to_string_lossy()) }
}

/// A list of names, cut when it is long.
pub(crate) fn list<S: AsRef<str>>(names: &[S]) -> String {
    const MOST: usize = 10;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| cell(name.as_ref())).collect();
    let rest = if names.len() > MOST { format!(" and {} more", names.len() - MOST) } else { String::new() };
    shown.join(", ") + &rest
}

/// A number of things, in the singular or the plural.
pub(crate) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counted_knows_the_singular() {
        assert_eq!([0, 1, 2000].map(|n| counted(n, "row", "rows")), ["0 rows", "1 row", "2,000 rows"]);
    }

    #[test]
    fn json_text_escapes_what_a_terminal_might_obey() {
        let name = "a\u{9b}31m\u{202e}\u{1b}\u{7f}é";
        let text = json_text(&json!({ "name": name })).unwrap();
        assert!(text.contains(r#""a\u009b31m\u202e\u001b\u007fé""#), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["name"], name);
    }

    #[test]
    fn write_with_array_is_what_json_text_gives() {
        for n_values in [0, 1, 3] {
            let values =
                || (0..n_values).map(|row| json!({ "row": row, "class": "a\u{202e}\nb", "keys": {} }));
            let mut whole = json!({ "schema": "[]", "warnings": [] });
            let mut written = Vec::new();
            write_with_array(&mut written, whole.clone(), "issues", values()).unwrap();
            whole["issues"] = values().collect();
            assert_eq!(String::from_utf8(written).unwrap(), json_text(&whole).unwrap());
        }
    }

    #[test]
    fn list_long_is_cut() {
        let names: Vec<String> = (0..12).map(|name| name.to_string()).collect();
        assert_eq!(list(&names), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more");
    }
}
