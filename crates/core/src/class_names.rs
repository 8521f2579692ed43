//! The names of classes, in the order of their indices.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::errors::InputError;
use crate::labels::Labels;

/// Class names in the order of `numpy.unique`: numbers by value, strings by code point.
///
/// Column k of a matrix of predicted probabilities belongs to the k-th name.
///
/// # Example
///
/// ```
/// use cleanlab_core::ClassNames;
///
/// let encoded = ClassNames::encode_strings(&["cat", "ant", "cat"])?;
/// assert_eq!(encoded.class_names.as_slice(), ["ant", "cat"]);
/// assert_eq!(encoded.labels.as_slice(), [1, 0, 1]);
///
/// // Numbers keep their order as numbers; as strings "10" comes before "2".
/// assert_eq!(ClassNames::encode_integers(&[10, 2, 1])?.class_names.as_slice(), ["1", "2", "10"]);
/// assert_eq!(ClassNames::encode_strings(&["10", "2", "1"])?.class_names.as_slice(), ["1", "10", "2"]);
/// # Ok::<(), cleanlab_core::InputError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.util.format_labels`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassNames(Vec<String>);

/// Labels as class indices, with the names that the indices stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedLabels {
    /// The name of every class that occurs.
    pub class_names: ClassNames,
    /// The class index of every row.
    pub labels: Labels<'static>,
}

impl ClassNames {
    /// Names 0, 1, …, `n_classes` − 1, for labels that are indices already.
    ///
    /// ```
    /// assert_eq!(cleanlab_core::ClassNames::indices(3).as_slice(), ["0", "1", "2"]);
    /// ```
    #[must_use]
    pub fn indices(n_classes: usize) -> Self {
        Self((0..n_classes).map(|class| class.to_string()).collect())
    }

    /// Names in an order of the caller's own; nothing is sorted.
    #[must_use]
    pub fn from_ordered(names: Vec<String>) -> Self {
        Self(names)
    }

    /// Encodes string labels; classes are ordered by code point.
    ///
    /// # Errors
    ///
    /// [`InputError::NoLabels`] when there is no value.
    pub fn encode_strings<S: AsRef<str>>(values: &[S]) -> Result<EncodedLabels, InputError> {
        let mut names: Vec<&str> = Vec::new();
        let mut seen: HashMap<&str, u32> = HashMap::new();
        let mut firsts = Vec::with_capacity(values.len());
        for value in values {
            let name = value.as_ref();
            let first = *seen.entry(name).or_insert_with(|| {
                names.push(name);
                names.len() as u32 - 1
            });
            firsts.push(first);
        }
        let order = sorted_order(names.len(), |a, b| names[a].cmp(names[b]));
        encoded(&order, firsts, |class| names[class].to_owned())
    }

    /// Encodes integer labels of any sign; classes are ordered by value.
    ///
    /// # Errors
    ///
    /// [`InputError::NoLabels`] when there is no value.
    pub fn encode_integers(values: &[i64]) -> Result<EncodedLabels, InputError> {
        let (distinct, firsts) = distinct_values(values.iter().copied());
        let order = sorted_order(distinct.len(), |a, b| distinct[a].cmp(&distinct[b]));
        encoded(&order, firsts, |class| distinct[class].to_string())
    }

    /// Encodes float labels; classes are ordered by value. Whole numbers keep their `.0`, as in Python.
    ///
    /// # Errors
    ///
    /// [`InputError::NoLabels`] when there is no value, [`InputError::FractionalLabel`] for the first NaN.
    pub fn encode_floats(values: &[f64]) -> Result<EncodedLabels, InputError> {
        if let Some(row) = values.iter().position(|value| value.is_nan()) {
            return Err(InputError::FractionalLabel { row, value: "NaN".into() });
        }
        // -0.0 and 0.0 are one class.
        let (bits, firsts) = distinct_values(values.iter().map(|&value| (value + 0.0).to_bits()));
        let value = |class: usize| f64::from_bits(bits[class]);
        let order = sorted_order(bits.len(), |a, b| value(a).total_cmp(&value(b)));
        encoded(&order, firsts, |class| format!("{:?}", value(class)))
    }

    /// Encodes boolean labels as `False` < `True`.
    ///
    /// # Errors
    ///
    /// [`InputError::NoLabels`] when there is no value.
    pub fn encode_bools(values: &[bool]) -> Result<EncodedLabels, InputError> {
        let (distinct, firsts) = distinct_values(values.iter().copied());
        let order = sorted_order(distinct.len(), |a, b| distinct[a].cmp(&distinct[b]));
        let name = |class: usize| {
            if distinct[class] { "True".to_owned() } else { "False".to_owned() }
        };
        encoded(&order, firsts, name)
    }

    /// All names, by class index.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// The name of a class, if there is one with this index.
    #[must_use]
    pub fn get(&self, class: usize) -> Option<&str> {
        self.0.get(class).map(String::as_str)
    }

    /// The index of the class with this name.
    #[must_use]
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|known| known == name)
    }

    /// Number of classes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no class at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The distinct values in order of first appearance, and for each value which of them it is.
fn distinct_values<T: Copy + Eq + std::hash::Hash>(values: impl Iterator<Item = T>) -> (Vec<T>, Vec<u32>) {
    let mut distinct = Vec::new();
    let mut seen: HashMap<T, u32> = HashMap::new();
    let firsts = values
        .map(|value| {
            *seen.entry(value).or_insert_with(|| {
                distinct.push(value);
                distinct.len() as u32 - 1
            })
        })
        .collect();
    (distinct, firsts)
}

fn sorted_order(len: usize, compare: impl Fn(usize, usize) -> std::cmp::Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

fn encoded(
    order: &[usize],
    firsts: Vec<u32>,
    name: impl Fn(usize) -> String,
) -> Result<EncodedLabels, InputError> {
    let mut class_of = vec![0_u32; order.len()];
    for (class, &first) in order.iter().enumerate() {
        class_of[first] = class as u32;
    }
    let labels = firsts.into_iter().map(|first| class_of[first as usize]).collect();
    Ok(EncodedLabels {
        class_names: ClassNames(order.iter().map(|&first| name(first)).collect()),
        labels: Labels::from_vec(labels)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encode_floats_orders_by_value_and_joins_zeros() {
        let encoded = ClassNames::encode_floats(&[1.5, -0.0, 10.0, 0.0]).unwrap();
        assert_eq!(encoded.class_names.as_slice(), ["0.0", "1.5", "10.0"]);
        assert_eq!(encoded.labels.as_slice(), [1, 0, 2, 0]);
    }

    #[test]
    fn encode_floats_nan_is_refused() {
        assert_eq!(
            ClassNames::encode_floats(&[0.0, f64::NAN]),
            Err(InputError::FractionalLabel { row: 1, value: "NaN".into() })
        );
    }

    #[test]
    fn encode_bools_false_comes_first() {
        let encoded = ClassNames::encode_bools(&[true, false]).unwrap();
        assert_eq!(encoded.class_names.as_slice(), ["False", "True"]);
        assert_eq!(encoded.labels.as_slice(), [1, 0]);
    }

    #[test]
    fn encode_empty_is_refused() {
        assert_eq!(ClassNames::encode_strings::<&str>(&[]), Err(InputError::NoLabels));
    }
}
