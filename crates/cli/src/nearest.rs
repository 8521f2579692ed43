//! Which known name a mistyped one was probably meant to be.

/// The name closest to `wanted`, if one is so close that it may have been meant.
pub(crate) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Longer names take time in proportion to the product of the lengths.
    const MOST: usize = 256;
    // A third of the letters may differ, as in compilers' suggestions.
    let limit = wanted.chars().count().max(3) / 3;
    if wanted.len() > MOST {
        return None;
    }
    let wanted = wanted.replace('_', "-");
    names
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.replace('_', "-")), name))
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_is_close_or_none() {
        let names = ["outlier", "near_duplicate", "null"];
        assert_eq!(nearest("outliers", names.into_iter()), Some("outlier"));
        assert_eq!(nearest("near-duplicates", names.into_iter()), Some("near_duplicate"));
        assert_eq!(nearest("price", names.into_iter()), None);
    }
}
