//! Facts of a check in words.

use super::text::{MAX_CELL, MAX_NAME, shortened};
use crate::info::{Info, InfoValue};

/// Facts of one check, at most.
const MAX_FACTS: usize = 40;

/// The single values among what a check found out; those of a named part have its name in front.
pub(super) fn facts_of(info: &Info) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    for (name, value) in info.iter() {
        match value {
            InfoValue::Map(part) => {
                for (inner, value) in part.iter() {
                    facts.extend(fact(&format!("{name}: {inner}"), value));
                }
            }
            value => facts.extend(fact(name, value)),
        }
    }
    facts.truncate(MAX_FACTS);
    facts
}

fn fact(name: &str, value: &InfoValue) -> Option<(String, String)> {
    let text = match value {
        InfoValue::Boolean(true) => "yes".to_owned(),
        InfoValue::Boolean(false) => "no".to_owned(),
        InfoValue::Integer(value) => value.to_string(),
        InfoValue::Float(value) => number_text(*value),
        InfoValue::Text(text) => shortened(text, MAX_CELL),
        _ => return None,
    };
    Some((shortened(&name.replace('_', " "), MAX_NAME), text))
}

/// A number with six significant digits.
fn number_text(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let exponent = value.abs().log10().floor();
    if !(-5.0..15.0).contains(&exponent) {
        return format!("{value:.5e}");
    }
    let decimals = (5.0 - exponent).max(0.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{facts_of, number_text};
    use crate::info::{Info, InfoValue};

    #[test]
    fn number_text_any_size_has_six_digits() {
        let texts = [0.0, 0.5, 1.0 / 3.0, 123_456.789, -2.5e-9, 1e20, 100.0].map(number_text);
        assert_eq!(texts, ["0", "0.5", "0.333333", "123457", "-2.50000e-9", "1.00000e20", "100"]);
    }

    #[test]
    fn facts_of_parts_and_arrays_gives_single_values() {
        let part = Info::default().with("count", InfoValue::Integer(3));
        let info = Info::default()
            .with("p-value", InfoValue::Float(0.25))
            .with("py", InfoValue::Null)
            .with("most_common_issue", InfoValue::Map(part));
        let expected = [("p-value", "0.25"), ("most common issue: count", "3")];
        assert_eq!(facts_of(&info), expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }
}
