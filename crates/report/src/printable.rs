//! Text, numbers and names as they may be shown.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use crate::text_layout::cut;

/// Text with every character that could steer a terminal, or hide or turn around other text, shown as `\u{…}`.
pub(crate) fn escape_control(text: &str) -> String {
    escape_where(text, is_control)
}

/// As [`escape_control`], but tabs and line feeds stay: a page shows them as blanks.
pub(crate) fn escape_for_page(text: &str) -> String {
    escape_where(text, |character| is_control(character) && !matches!(character, '\t' | '\n'))
}

fn escape_where(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_escaped(character) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Whether a character is a control code, or changes how the characters around it are shown: marks, embeddings,
/// overrides and isolates of text direction, separators of lines and paragraphs, blanks and joiners without width, the
/// byte order mark, interlinear annotations, and the tags that no font shows.
pub(crate) fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// A text from the data on one line, cut to this width.
#[must_use]
pub fn cell(text: &str, width: usize) -> String {
    // A cell of ten thousand characters need not be escaped to its end.
    let head: String = text.chars().take(4 * width + 4).collect();
    let escaped = escape_control(&head);
    if escaped.width() > width || head.len() < text.len() { cut(&(escaped + "…"), width) } else { escaped }
}

/// A number with commas between its thousands.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A score with four decimals, or the order of magnitude of what would read as 0.
#[must_use]
pub fn score_text(score: f64) -> String {
    if score > 0.0 && score < 5e-5 { format!("{score:.1e}") } else { format!("{score:.4}") }
}

/// A number of a table: no more digits than a reader needs.
pub(crate) fn number_text(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    if !number.is_finite() || number.abs() >= 1e15 || number.abs() < 1e-4 {
        return format!("{number:.4e}").replace(".0000e", "e");
    }
    let digits_before = number.abs().log10().floor().max(0.0) as usize + 1;
    let text = format!("{number:.*}", 6_usize.saturating_sub(digits_before).max(1));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A share as a percentage; none without a whole.
pub(crate) fn share_text(count: usize, total: usize) -> String {
    if total == 0 {
        return "–".to_owned();
    }
    let share = 100.0 * count as f64 / total as f64;
    match count {
        0 => "0 %".to_owned(),
        _ if share < 0.05 => "< 0.1 %".to_owned(),
        _ if count < total && share >= 99.95 => "> 99.9 %".to_owned(),
        _ => format!("{share:.1} %"),
    }
}

/// `near_duplicate` as words: `Near duplicate`.
pub(crate) fn issue_title(issue_type: &str) -> String {
    let words = issue_type.replace('_', " ");
    let mut characters = words.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_control_shows_what_steers_a_terminal() {
        assert_eq!(escape_control("cat\u{1b}[2J\n"), r"cat\u{1b}[2J\u{a}");
        assert_eq!(escape_control("\u{202e}dog\u{9b}"), r"\u{202e}dog\u{9b}");
        assert_eq!(escape_control("Grüße 猫 👩‍👩‍👧"), "Grüße 猫 👩‍👩‍👧");
        assert_eq!(escape_for_page("a\tb\n\u{0}\u{2066}"), "a\tb\n\\u{0}\\u{2066}");
    }

    #[test]
    fn cell_long_is_cut_to_its_width() {
        assert_eq!(cell("tabby cat", 5), "tabb…");
        assert_eq!(cell("tabby", 5), "tabby");
        assert_eq!(cell(&"猫".repeat(10_000), 5), "猫猫…");
    }

    #[test]
    fn numbers_have_the_digits_that_a_reader_needs() {
        let shown = [0.0, 1.0, 0.25, 1234.5678, -2.345_678_9, 1e-9, 1e20, 0.1 + 0.2].map(number_text);
        assert_eq!(shown, ["0", "1", "0.25", "1234.57", "-2.34568", "1e-9", "1e20", "0.3"]);
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.12345, 5.6e-8, 0.0].map(score_text), ["0.1235", "5.6e-8", "0.0000"]);
    }

    #[test]
    fn share_text_never_rounds_to_nothing_or_everything() {
        let shares = [(0, 10), (1, 10_000), (5, 10), (9_999, 10_000), (10, 10), (0, 0)];
        let shown = shares.map(|(count, total)| share_text(count, total));
        assert_eq!(shown, ["0 %", "< 0.1 %", "50.0 %", "> 99.9 %", "100.0 %", "–"]);
    }

    proptest! {
        #[test]
        fn cell_any_text_is_harmless_and_fits(text in "\\PC*|[\\x00-\\x1f\\u{80}-\\u{9f}\\u{202a}-\\u{2069}a]*", width in 1_usize..40) {
            let shown = cell(&text, width);
            prop_assert!(!shown.chars().any(is_control));
            prop_assert!(shown.width() <= width, "{shown:?}");
        }
    }
}
