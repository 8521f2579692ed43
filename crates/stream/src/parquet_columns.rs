//! Which columns of Parquet files hold what.

#![deny(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "whatever is in a file, a reader gives a value or an error"
)]

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use cleanlab_core::ClassNames;
use cleanlab_table::{ParquetColumnKind, ParquetRows, ParquetSelection};

use crate::errors::StreamError;

/// Which columns of Parquet files hold what.
///
/// ```
/// use cleanlab_stream::ParquetOptions;
/// let options = ParquetOptions::default().with_label("species").with_pred_probs(["p_cat", "p_dog"]);
/// assert_eq!(options.label.as_deref(), Some("species"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ParquetOptions {
    /// The column with the labels. `None`: `label`, or of a file of labels its only column.
    pub label: Option<String>,
    /// The columns with the probabilities, in the order of the classes, or the one with a list per row. `None`: the only
    /// column of lists, or else all columns of numbers with fractions.
    pub pred_probs: Option<Vec<String>>,
}

impl ParquetOptions {
    /// Sets the column with the labels.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Sets the columns with the probabilities.
    #[must_use]
    pub fn with_pred_probs<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.pred_probs = Some(columns.into_iter().map(Into::into).collect());
        self
    }
}

/// Whether a file begins as a Parquet file does.
pub(crate) fn is_parquet(path: &Path) -> bool {
    use std::io::Read;
    let mut start = [0; 4];
    std::fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok() && &start == b"PAR1")
}

/// The columns with the probabilities, and whether it is a single one with lists.
pub(crate) fn probs_columns(
    rows: &ParquetRows,
    options: &ParquetOptions,
    label: Option<usize>,
) -> Result<(Vec<usize>, bool), StreamError> {
    let refused = |reason: String| StreamError::Columns { file: rows.name().to_owned(), reason };
    let kind =
        |column: usize| rows.columns().get(column).map_or(ParquetColumnKind::Other, |found| found.kind);
    let name = |column: usize| rows.columns().get(column).map_or("", |found| found.name.as_str());
    if let Some(names) = &options.pred_probs {
        let chosen: Vec<usize> =
            names.iter().map(|name| rows.column_index(name)).collect::<Result<_, _>>()?;
        let is_list = matches!(chosen[..], [only] if kind(only) == ParquetColumnKind::FloatList);
        let number = |&column: &usize| {
            matches!(
                kind(column),
                ParquetColumnKind::Integer | ParquetColumnKind::Float | ParquetColumnKind::Float32
            )
        };
        if let Some(column) = chosen.iter().find(|&column| !is_list && !number(column)) {
            let name = name(*column);
            return Err(refused(format!(
                "column {name:?} holds no numbers; choose others for the probabilities"
            )));
        }
        return Ok((chosen, is_list));
    }
    let of_kind = |wanted: &[ParquetColumnKind]| -> Vec<usize> {
        (0..rows.columns().len()).filter(|&at| Some(at) != label && wanted.contains(&kind(at))).collect()
    };
    let lists = of_kind(&[ParquetColumnKind::FloatList]);
    let mut floats = of_kind(&[ParquetColumnKind::Float, ParquetColumnKind::Float32]);
    if label.is_none() && lists.is_empty() && floats.len() < 2 {
        // A file of probabilities alone: certain ones may all be whole numbers. pandas' index is called so.
        let is_index = |&column: &usize| name(column) == "Unnamed: 0";
        let integers = of_kind(&[ParquetColumnKind::Integer]);
        floats.extend(integers.into_iter().filter(|column| !is_index(column)));
        floats.sort_unstable();
    }
    match (&lists[..], floats.len()) {
        ([_], 0) => Ok((lists, true)),
        ([], 2..) => Ok((floats, false)),
        ([], _) => Err(refused(
            "it has neither a column of lists nor two of numbers with fractions, which would be the \
                                 probabilities; name their columns"
                .into(),
        )),
        _ => {
            let names = |columns: &[usize]| {
                let names = columns.iter().map(|&column| name(column));
                names.collect::<Vec<_>>().join(", ")
            };
            let numbers = if floats.is_empty() {
                String::new()
            } else {
                format!(", or the numbers of {}", names(&floats))
            };
            Err(refused(format!(
                "the probabilities could be the lists of {}{numbers}; name their columns",
                names(&lists)
            )))
        }
    }
}

/// The code of every name of a label, which takes a pass over that column; nothing where labels are numbers.
pub(crate) fn label_codes(
    selection: &ParquetSelection,
    column: usize,
) -> Result<(HashMap<String, u32>, Option<ClassNames>), StreamError> {
    const BATCH_ROWS: usize = 8192;
    let kind = selection.rows().columns().get(column).map(|found| found.kind);
    if !matches!(kind, Some(ParquetColumnKind::Text | ParquetColumnKind::Boolean)) {
        return Ok((HashMap::new(), None));
    }
    let mut names = BTreeSet::new();
    let mut reader = selection.reader(0..selection.rows().n_rows(), BATCH_ROWS)?;
    while reader.next_batch()? > 0 {
        reader.add_label_names(column, &mut names)?;
    }
    let codes = names.iter().zip(0..).map(|(name, code)| (name.clone(), code)).collect();
    Ok((codes, Some(ClassNames::from_ordered(names.into_iter().collect()))))
}

#[cfg(test)]
mod tests {
    use arrow_array::ArrayRef;

    use super::*;
    use crate::small_files::{booleans, floats, integers, lists, narrow, parquet, texts, write_groups};

    /// The columns that are found in a file, and whether they are lists, or what is wrong.
    fn found<const N: usize>(
        columns: [(&str, ArrayRef); N],
        options: &ParquetOptions,
        label: Option<usize>,
    ) -> Result<(Vec<usize>, bool), String> {
        let folder = tempfile::tempdir().unwrap();
        let rows = ParquetRows::open(parquet(folder.path(), "a.parquet", columns)).unwrap();
        probs_columns(&rows, options, label).map_err(|error| error.to_string())
    }

    #[test]
    fn options_keep_what_was_set_before() {
        let expected = ParquetOptions { label: Some("y".into()), pred_probs: Some(vec!["p".into()]) };
        assert_eq!(ParquetOptions::default().with_label("y").with_pred_probs(["p"]), expected);
        assert_eq!(ParquetOptions::default().with_pred_probs(["p"]).with_label("y"), expected);
    }

    #[test]
    fn is_parquet_reads_the_first_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for (bytes, expected) in [("PAR1 and more", true), ("PAR1", true), ("PAR", false), ("PAX1", false)] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(is_parquet(&path), expected, "{bytes}");
        }
        assert!(!is_parquet(&folder.path().join("b")));
    }

    #[test]
    fn probs_columns_are_numbers_with_fractions_or_one_of_lists() {
        let (one, two) = (|| floats([0.5, 0.25]), || narrow([0.5, 0.75]));
        let (whole, pairs) = (|| integers([0, 1]), || lists([[0.5, 0.5], [0.25, 0.75]]));
        let default = ParquetOptions::default();
        // Beside labels whole numbers are none.
        let beside = [("id", whole()), ("label", whole()), ("a", one()), ("b", two())];
        assert_eq!(found(beside, &default, Some(1)), Ok((vec![2, 3], false)));
        let label_of_floats = [("label", one()), ("a", one()), ("b", two())];
        assert_eq!(found(label_of_floats, &default, Some(0)), Ok((vec![1, 2], false)));
        let error = found([("label", whole()), ("a", one()), ("n", whole())], &default, Some(0)).unwrap_err();
        assert!(error.contains("neither a column of lists nor two of numbers"), "{error}");
        // In a file of their own they are, where there are not enough others.
        let alone = [("Unnamed: 0", whole()), ("n", whole()), ("a", one()), ("m", whole())];
        assert_eq!(found(alone, &default, None), Ok((vec![1, 2, 3], false)));
        let enough = [("n", whole()), ("a", one()), ("b", two())];
        assert_eq!(found(enough, &default, None), Ok((vec![1, 2], false)));
        let of_lists = [("n", whole()), ("p", pairs()), ("m", whole())];
        assert_eq!(found(of_lists, &default, None), Ok((vec![1], true)));
        assert_eq!(found([("label", whole()), ("p", pairs())], &default, Some(0)), Ok((vec![1], true)));
        assert!(found([("a", one())], &default, None).is_err());
        let error = found([("p", pairs()), ("a", one()), ("b", two())], &default, None).unwrap_err();
        assert!(error.contains("could be the lists of p, or the numbers of a, b; name"), "{error}");
        let error = found([("p", pairs()), ("q", pairs())], &default, None).unwrap_err();
        assert!(error.contains("could be the lists of p, q; name"), "{error}");
    }

    #[test]
    fn probs_columns_that_are_named_are_taken_in_that_order() {
        let columns = || {
            let floats = floats([0.5, 0.25]);
            let lists = lists([[0.5, 0.5], [0.25, 0.75]]);
            [("n", integers([0, 1])), ("a", floats), ("p", lists), ("s", texts(["x", "y"]))]
        };
        let named = |names: &[&str]| {
            found(columns(), &ParquetOptions::default().with_pred_probs(names.iter().copied()), None)
        };
        assert_eq!(named(&["a", "n"]), Ok((vec![1, 0], false)));
        assert_eq!(named(&["a"]), Ok((vec![1], false)));
        assert_eq!(named(&["p"]), Ok((vec![2], true)));
        for (names, wrong) in [(&["a", "p"][..], "p"), (&["s"], "s"), (&["a", "s"], "s"), (&["p", "p"], "p")]
        {
            let error = named(names).unwrap_err();
            assert!(error.contains(&format!("column \"{wrong}\" holds no numbers")), "{error}");
        }
        assert!(named(&["z"]).unwrap_err().contains("no column \"z\""));
    }

    #[test]
    fn label_codes_are_in_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("y.parquet");
        let columns = [
            ("s", texts(["dog", "cat", "dog", "emu"])),
            ("b", booleans([true, false, true, true])),
            ("n", integers([3, 0, 1, 2])),
        ];
        write_groups(&path, columns, 3);
        let codes = |column: usize| {
            let selection = ParquetRows::open(&path).unwrap().select(&[column]).unwrap();
            let (codes, names) = label_codes(&selection, column).unwrap();
            let codes: BTreeSet<(u32, String)> = codes.into_iter().map(|(name, code)| (code, name)).collect();
            let names = names.map(|names| names.as_slice().to_vec());
            let same: Vec<String> = codes.iter().map(|(_, name)| name.clone()).collect();
            assert_eq!(names.clone().unwrap_or_default(), same);
            (codes.iter().map(|&(code, _)| code).collect::<Vec<_>>(), names)
        };
        let owned = |names: &[&str]| Some(names.iter().copied().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(codes(0), (vec![0, 1, 2], owned(&["cat", "dog", "emu"])));
        assert_eq!(codes(1), (vec![0, 1], owned(&["False", "True"])));
        assert_eq!(codes(2), (vec![], None));
    }
}
