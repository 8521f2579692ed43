//! What a value is, whatever its column says: text that reads as a number is one.

use crate::data_columns::Cell;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueKind {
    Number,
    Date,
    Boolean,
    Text,
}

impl ValueKind {
    pub(super) const ALL: [Self; 4] = [Self::Number, Self::Date, Self::Boolean, Self::Text];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Date => "date",
            Self::Boolean => "boolean",
            Self::Text => "text",
        }
    }
}

/// What a value is; `None` for none, and for blank text.
pub(super) fn kind_of(cell: &Cell<'_>) -> Option<ValueKind> {
    Some(match cell {
        Cell::Missing => return None,
        Cell::Float(value) if value.is_nan() => return None,
        Cell::Boolean(_) => ValueKind::Boolean,
        Cell::Integer(_) | Cell::Float(_) => ValueKind::Number,
        Cell::Text(text) => match text.trim() {
            "" => return None,
            text if is_number(text) => ValueKind::Number,
            text if is_boolean(text) => ValueKind::Boolean,
            text if is_date(text) => ValueKind::Date,
            _ => ValueKind::Text,
        },
    })
}

/// Rust reads `inf` and `nan` as numbers too, which in a file stand for none.
fn is_number(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

fn is_boolean(text: &str) -> bool {
    ["true", "false", "yes", "no", "t", "f", "y", "n"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Year, month and day in either direction, between `-`, `/` or `.`, perhaps with a time of day: `2024-02-29T12:30:00Z`.
fn is_date(text: &str) -> bool {
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let is_time = time.contains(':')
        && time.chars().all(|character| character.is_ascii_digit() || ":.+-Z APMapm".contains(character));
    let parts = |separator: char| -> Option<[&str; 3]> {
        let parts: Vec<&str> = day.splitn(4, separator).collect();
        parts.try_into().ok()
    };
    let is_day = |[first, second, third]: [&str; 3]| {
        let number =
            |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u32>().ok())?;
        let (year, other) = if first.len() == 4 { (first, third) } else { (third, first) };
        let (Some(_), Some(a), Some(b)) = (number(year), number(second), number(other)) else {
            return false;
        };
        // Either of the two may be the month.
        let in_month = |day: u32, month: u32| (1..=31).contains(&day) && (1..=12).contains(&month);
        year.len() == 4 && second.len() <= 2 && other.len() <= 2 && (in_month(a, b) || in_month(b, a))
    };
    is_time && ['-', '/', '.'].into_iter().filter_map(parts).any(is_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<ValueKind> {
        kind_of(&Cell::Text(text.into()))
    }

    #[test]
    fn kind_of_text_is_what_it_says() {
        for text in ["12", " -3.5e7 ", ".5", "007"] {
            assert_eq!(kind(text), Some(ValueKind::Number), "{text}");
        }
        for text in ["2024-02-29", "29.2.2024", "2/29/2024", "2024-02-29T12:30:00Z", "2024-02-29 12:30:00.5"]
        {
            assert_eq!(kind(text), Some(ValueKind::Date), "{text}");
        }
        for text in ["TRUE", "no", "Y"] {
            assert_eq!(kind(text), Some(ValueKind::Boolean), "{text}");
        }
        let others =
            ["nan", "inf", "N/A", "1,5", "5%", "1.2.3", "2024-13-32", "2024-02-29 noon", "12-34", "--", "ß"];
        for text in others {
            assert_eq!(kind(text), Some(ValueKind::Text), "{text}");
        }
    }

    #[test]
    fn kind_of_nothing_is_none() {
        assert_eq!(kind("  "), None);
        assert_eq!(kind_of(&Cell::Missing), None);
        assert_eq!(kind_of(&Cell::Float(f64::NAN)), None);
    }
}
