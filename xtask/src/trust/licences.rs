//! Licence expressions, and whether what they ask for is allowed.

/// Whether an SPDX expression can be met with licences that are allowed; `A/B`, as older crates write it, is either.
pub(super) fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let is_met = alternatives(&mut rest, allowed);
    is_met && rest.is_empty()
}

fn alternatives(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut is_met = conjunction(words, allowed);
    while let ["OR", rest @ ..] = words {
        *words = rest;
        is_met |= conjunction(words, allowed);
    }
    is_met
}

fn conjunction(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut is_met = term(words, allowed);
    while let ["AND", rest @ ..] = words {
        *words = rest;
        is_met &= term(words, allowed);
    }
    is_met
}

fn term(words: &mut &[&str], allowed: &[String]) -> bool {
    let is_listed = |name: &str| allowed.iter().any(|licence| licence == name);
    match words {
        ["(", rest @ ..] => {
            *words = rest;
            let is_met = alternatives(words, allowed);
            let [")", rest @ ..] = words else { return false };
            *words = rest;
            is_met
        }
        [licence, "WITH", exception, rest @ ..] => {
            *words = rest;
            is_listed(&format!("{licence} WITH {exception}"))
        }
        [licence, rest @ ..] => {
            *words = rest;
            is_listed(licence)
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(expression: &str) -> bool {
        is_allowed(expression, &["MIT".to_owned(), "Zlib".to_owned(), "A WITH x".to_owned()])
    }

    #[test]
    fn is_allowed_takes_either_side_of_or_and_both_of_and() {
        for fine in [
            "MIT",
            "GPL OR MIT",
            "MIT/GPL",
            "MIT AND Zlib",
            "(GPL OR MIT) AND Zlib",
            "A WITH x",
            "GPL AND A OR MIT",
        ] {
            assert!(allowed(fine), "{fine}");
        }
        for wrong in
            ["", "GPL", "MIT AND GPL", "(MIT OR Zlib) AND GPL", "A", "A WITH y", "MIT)", "(MIT", "MIT GPL"]
        {
            assert!(!allowed(wrong), "{wrong}");
        }
    }
}
