//! Values kept as their bits.

use serde::{Deserialize, Deserializer};

/// Values kept as a hash over their bits, with the first of them in the clear.
#[derive(Debug, Clone, Deserialize)]
pub struct Recorded {
    /// Number of values.
    pub count: usize,
    /// The [`fnv1a`] hash of the bits of all values.
    #[serde(deserialize_with = "hexadecimal")]
    pub hash: u64,
    /// The bits of the first values.
    #[serde(deserialize_with = "hexadecimal_words")]
    pub first: Vec<u64>,
}

impl Recorded {
    /// Asserts that these are the values that were recorded, to the last bit.
    ///
    /// # Panics
    ///
    /// If they are not, with the place of the first difference if that is among the first values.
    pub fn assert_equal(&self, words: &[u64], what: &str) {
        assert_eq!(words.len(), self.count, "number of values: {what}");
        for (place, (word, recorded)) in words.iter().zip(&self.first).enumerate() {
            assert!(
                word == recorded,
                "value {place} has the bits {word:x} ({}), not {recorded:x} ({}): {what}",
                f64::from_bits(*word),
                f64::from_bits(*recorded)
            );
        }
        assert_eq!(fnv1a(words), self.hash, "hash of all values: {what}");
    }
}

/// The 64-bit FNV-1a hash of the little-endian bytes of the words.
///
/// ```
/// assert_eq!(cleanlab_testkit::fnv1a(&[]), 0xcbf2_9ce4_8422_2325);
/// ```
#[must_use]
pub fn fnv1a(words: &[u64]) -> u64 {
    words.iter().flat_map(|word| word.to_le_bytes()).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

pub(crate) fn hexadecimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    u64::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
}

pub(crate) fn hexadecimal_words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let word = |digits| u64::from_str_radix(digits, 16).map_err(serde::de::Error::custom);
    text.split_whitespace().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(words: &[u64]) -> Recorded {
        Recorded { count: words.len(), hash: fnv1a(words), first: words[..1].to_vec() }
    }

    #[test]
    fn assert_equal_same_values_passes() {
        recorded(&[1, 2, 3]).assert_equal(&[1, 2, 3], "");
    }

    #[test]
    #[should_panic(expected = "hash of all values")]
    fn assert_equal_late_difference_fails() {
        recorded(&[1, 2, 3]).assert_equal(&[1, 2, 4], "");
    }

    #[test]
    #[should_panic(expected = "value 0 has the bits 9")]
    fn assert_equal_early_difference_names_its_place() {
        recorded(&[1, 2, 3]).assert_equal(&[9, 2, 3], "");
    }
}
