//! The names of classes, in the order of their indices.

use std::collections::{HashMap, HashSet};

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
#[non_exhaustive]
pub struct EncodedLabels {
    /// The name of every class that occurs.
    pub class_names: ClassNames,
    /// The class index of every row.
    pub labels: Labels<'static>,
}

/// What columns are called, held against the names of classes: see [`ClassNames::columns_of`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NamedColumns {
    /// The place of the column of every class.
    Every(Vec<usize>),
    /// Some classes have a column; these have none.
    LackingFor(Vec<usize>),
    /// No column is called after a class.
    NoneOf,
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

    /// Finds the column of every class by its name.
    ///
    /// A column is called as its class, but for spaces around; or else all are but for upper and lower case (`true`
    /// for `True`); or else all have the same words before or behind the name, set off by something that is no letter
    /// and no digit (`p_cat`, `cat (prob)`).
    ///
    /// ```
    /// use cleanlab_core::{ClassNames, NamedColumns};
    /// let class_names = ClassNames::from_ordered(vec!["cat".into(), "dog".into()]);
    /// assert_eq!(class_names.columns_of(&["id", "p_dog", "p_cat"]), NamedColumns::Every(vec![2, 1]));
    /// assert_eq!(class_names.columns_of(&["cat", "emu"]), NamedColumns::LackingFor(vec![1]));
    /// assert_eq!(class_names.columns_of(&["a", "b"]), NamedColumns::NoneOf);
    /// ```
    #[must_use]
    pub fn columns_of<S: AsRef<str>>(&self, columns: &[S]) -> NamedColumns {
        let columns: Vec<&str> = columns.iter().map(|column| column.as_ref().trim()).collect();
        let names: Vec<&str> = self.0.iter().map(|name| name.trim()).collect();
        let exact = places(&columns, &names);
        let folded = |texts: &[&str]| texts.iter().map(|text| text.to_lowercase()).collect::<Vec<_>>();
        let every = all_of(exact.clone())
            .or_else(|| {
                let (columns, names) = (folded(&columns), folded(&names));
                (are_distinct(&columns) && are_distinct(&names)).then(|| all_of(places(&columns, &names)))?
            })
            .or_else(|| places_with_affix(&columns, &names));
        match every {
            Some(found) => NamedColumns::Every(found),
            None if exact.iter().all(Option::is_none) => NamedColumns::NoneOf,
            None => {
                NamedColumns::LackingFor((0..names.len()).filter(|&class| exact[class].is_none()).collect())
            }
        }
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

fn places<S: AsRef<str>>(columns: &[S], names: &[S]) -> Vec<Option<usize>> {
    let place: HashMap<&str, usize> =
        columns.iter().enumerate().rev().map(|(place, column)| (column.as_ref(), place)).collect();
    names.iter().map(|name| place.get(name.as_ref()).copied()).collect()
}

fn all_of(found: Vec<Option<usize>>) -> Option<Vec<usize>> {
    found.into_iter().collect()
}

fn are_distinct(texts: &[String]) -> bool {
    texts.iter().collect::<HashSet<_>>().len() == texts.len()
}

/// The columns that are called after the classes with the same words before or behind every name; nothing where two
/// such words would do.
fn places_with_affix(columns: &[&str], names: &[&str]) -> Option<Vec<usize>> {
    let sets_off = |character: Option<char>| character.is_some_and(|character| !character.is_alphanumeric());
    let (&first, _) = names.split_first().filter(|_| names.iter().all(|name| !name.is_empty()))?;
    let before = columns.iter().filter_map(|column| Some((column.strip_suffix(first)?, "")));
    let behind = columns.iter().filter_map(|column| Some(("", column.strip_prefix(first)?)));
    let affixes = before
        .filter(|(before, _)| sets_off(before.chars().next_back()))
        .chain(behind.filter(|(_, behind)| sets_off(behind.chars().next())));
    let mut found = affixes.filter_map(|(before, behind)| {
        let wanted: Vec<String> = names.iter().map(|name| format!("{before}{name}{behind}")).collect();
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        all_of(places(columns, &wanted))
    });
    let only = found.next()?;
    found.all(|other| other == only).then_some(only)
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

    fn columns_of(names: &[&str], columns: &[&str]) -> NamedColumns {
        ClassNames::from_ordered(names.iter().map(ToString::to_string).collect()).columns_of(columns)
    }

    #[test]
    fn columns_of_other_case_and_affixes_are_found() {
        assert_eq!(columns_of(&["False", "True"], &["true", "false"]), NamedColumns::Every(vec![1, 0]));
        assert_eq!(columns_of(&["a", "b"], &["b (prob)", "a (prob)"]), NamedColumns::Every(vec![1, 0]));
        assert_eq!(columns_of(&["1", "11"], &["p.11", "p.1"]), NamedColumns::Every(vec![1, 0]));
        assert_eq!(columns_of(&["cat", "dog"], &["cat", "p_dog", "p_cat"]), NamedColumns::Every(vec![2, 1]));
    }

    #[test]
    fn columns_of_ambiguous_names_are_not_guessed() {
        // Two columns would be the first class.
        assert_eq!(columns_of(&["a", "b"], &["p_a", "p_b", "q_a", "q_b"]), NamedColumns::NoneOf);
        // The same letters, but nothing that sets them off.
        assert_eq!(columns_of(&["a", "b"], &["data", "dab"]), NamedColumns::NoneOf);
        assert_eq!(columns_of(&["Cat", "cat"], &["CAT", "cat"]), NamedColumns::LackingFor(vec![0]));
        assert_eq!(columns_of(&["", "b"], &["p_", "p_b"]), NamedColumns::NoneOf);
    }

    #[test]
    fn class_names_are_found_by_index_and_by_name() {
        let class_names = ClassNames::indices(3);
        assert_eq!(class_names.as_slice(), ["0", "1", "2"]);
        assert_eq!((class_names.len(), class_names.is_empty()), (3, false));
        assert_eq!((class_names.get(2), class_names.get(3)), (Some("2"), None));
        assert_eq!((class_names.index_of("2"), class_names.index_of("3")), (Some(2), None));
        let none = ClassNames::from_ordered(Vec::new());
        assert_eq!((none.len(), none.is_empty()), (0, true));
    }

    #[test]
    fn encode_strings_and_integers_are_in_order_by_text_and_by_value() {
        let strings = ClassNames::encode_strings(&["2", "10", "2", "1"]).unwrap();
        assert_eq!(strings.class_names.as_slice(), ["1", "10", "2"]);
        assert_eq!(strings.labels.as_slice(), [2, 1, 2, 0]);
        let integers = ClassNames::encode_integers(&[2, 10, 2, -1]).unwrap();
        assert_eq!(integers.class_names.as_slice(), ["-1", "2", "10"]);
        assert_eq!(integers.labels.as_slice(), [1, 2, 1, 0]);
    }

    #[test]
    fn columns_of_names_that_differ_by_case_alone_are_held_to_it() {
        // Neither the columns' case nor the names' may be all that tells two apart.
        assert_eq!(columns_of(&["a", "b"], &["A", "B", "b "]), NamedColumns::LackingFor(vec![0]));
        assert_eq!(columns_of(&["a", "A"], &["a", "b"]), NamedColumns::LackingFor(vec![1]));
        assert_eq!(columns_of(&["a", "B"], &["A", "b"]), NamedColumns::Every(vec![0, 1]));
    }

    #[test]
    fn columns_of_two_places_for_one_name_take_the_first() {
        assert_eq!(columns_of(&["a", "b"], &["x", "a", "b", " a"]), NamedColumns::Every(vec![1, 2]));
        assert_eq!(columns_of(&["a", "b"], &["p_a", "p_b", "p_a"]), NamedColumns::Every(vec![0, 1]));
    }

    #[test]
    fn encode_empty_is_refused() {
        assert_eq!(ClassNames::encode_strings::<&str>(&[]), Err(InputError::NoLabels));
    }
}
