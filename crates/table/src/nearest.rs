//! Which known name a mistyped one was probably meant to be.

/// Longer names are not compared: the distance takes time proportional to the product of the lengths.
const MAX_LEN: usize = 256;

/// The name closest to `wanted`, if one is so close that it may have been meant.
pub(crate) fn nearest_name<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if wanted.len() > MAX_LEN {
        return None;
    }
    let simplified = |name: &str| {
        let letters = name.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect::<String>()
    };
    let simple_wanted = simplified(wanted);
    // A third of the letters may differ, as in compilers' suggestions.
    let limit = simple_wanted.chars().count().max(3) / 3;
    names
        .filter(|name| name.len() <= MAX_LEN)
        .map(|name| (strsim::damerau_levenshtein(&simple_wanted, &simplified(name)), name))
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_name_typo_case_and_underscore_are_forgiven() {
        let names = ["id", "given_label", "text"];
        for wanted in ["givenlabel", "Given Label", "given_labl", "gievn_label"] {
            assert_eq!(nearest_name(wanted, names.into_iter()), Some("given_label"), "{wanted}");
        }
        assert_eq!(nearest_name("price", names.into_iter()), None);
        assert_eq!(nearest_name("", names.into_iter()), None);
    }
}
