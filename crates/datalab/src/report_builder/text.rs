//! Text that is cut where it would make a report large.

/// Characters of the text of a cell.
pub(super) const MAX_CELL: usize = 200;
/// Characters of the name of a column or class.
pub(super) const MAX_NAME: usize = 100;

/// The text, or its beginning and an ellipsis.
pub(super) fn shortened(text: &str, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        None => text.to_owned(),
        // The last character that fits makes room for the ellipsis.
        Some(_) => {
            let end = text.char_indices().nth(max_chars.saturating_sub(1)).map_or(0, |(end, _)| end);
            format!("{}…", &text[..end])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn shortened_long_text_ends_with_an_ellipsis_at_the_limit() {
        assert_eq!(shortened("four", 4), "four");
        assert_eq!(shortened("fünfe", 4), "fün…");
        assert_eq!(shortened("", 4), "");
    }
}
