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
