//! Text from files made safe to show and to open.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text with every character that could steer a terminal, or hide other text, shown as `\u{…}`.
///
/// Escaped are the control characters (C0 with tab and line feed, delete, C1), the marks and overrides of text
/// direction, the line and paragraph separators, and the byte order mark. Anything else is left as it is; text without
/// such characters is borrowed.
///
/// # Example
///
/// ```
/// use cleanlab_table::escape_control;
/// assert_eq!(escape_control("cat"), "cat");
/// assert_eq!(escape_control("cat\u{1b}[2J\n"), r"cat\u{1b}[2J\u{a}");
/// assert_eq!(escape_control("\u{202e}dog"), r"\u{202e}dog");
/// ```
#[must_use]
pub fn escape_control(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        push_escaped(&mut escaped, character);
    }
    Cow::Owned(escaped)
}

/// As [`escape_control`], cut after `max_chars` characters of the text, with `…` where something was cut.
///
/// ```
/// use cleanlab_table::escape_control_to;
/// assert_eq!(escape_control_to("tabby cat", 5), "tabby…");
/// assert_eq!(escape_control_to("cat", 5), "cat");
/// ```
#[must_use]
pub fn escape_control_to(text: &str, max_chars: usize) -> Cow<'_, str> {
    let Some((end, _)) = text.char_indices().nth(max_chars) else {
        return escape_control(text);
    };
    let mut escaped = escape_control(text.get(..end).unwrap_or(text)).into_owned();
    escaped.push('…');
    Cow::Owned(escaped)
}

fn push_escaped(escaped: &mut String, character: char) {
    if is_control(character) {
        // Writing to a string cannot fail.
        let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
    } else {
        escaped.push(character);
    }
}

fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

/// A text cell that a spreadsheet would run as a formula, with the apostrophe in front that stops it.
///
/// Source: OWASP, CSV injection.
pub(crate) fn guard_formula(cell: &str) -> Cow<'_, str> {
    // Line breaks and the wide forms of East Asian scripts are taken for the start of a formula too.
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_control_every_kind_is_shown() {
        for character in
            ['\0', '\t', '\u{7f}', '\u{9b}', '\u{61c}', '\u{2028}', '\u{202a}', '\u{2069}', '\u{feff}']
        {
            let escaped = escape_control(&character.to_string()).into_owned();
            assert_eq!(escaped, format!("\\u{{{:x}}}", u32::from(character)));
        }
        assert!(matches!(escape_control("naïve 猫 🐈"), Cow::Borrowed(_)));
    }

    #[test]
    fn guard_formula_only_dangerous_starts_are_guarded() {
        for cell in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n=1", "＝1+1", "＋1", "－1", "＠x"] {
            assert_eq!(guard_formula(cell), format!("'{cell}"));
        }
        assert_eq!(guard_formula("a=1"), "a=1");
        assert_eq!(guard_formula(""), "");
    }
}
