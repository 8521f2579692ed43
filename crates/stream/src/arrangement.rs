//! Which columns of a source are its classes.

#![deny(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "whatever is in a file, a reader gives a value or an error"
)]

use cleanlab_core::{ClassNames, RowSums};
use cleanlab_table::RowValues;

use crate::errors::StreamError;
use crate::file_source::{FileSource, ProbsPart};
use crate::source::{ProbsSource, RowBuffer};

/// Which columns are the classes, and what they are called: see [`FileSource::arranged`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "what callers write out, and have to reconsider if it grows")]
pub struct Arrangement {
    /// For each class, the place of its column among those of the source.
    pub columns: Vec<usize>,
    /// For each name of a label, in the order of [`FileSource::label_names`], its class. Without names, or when they are
    /// the classes in this order, nothing.
    pub class_of_name: Option<Vec<u32>>,
    /// The names of the classes.
    pub class_names: ClassNames,
}

impl FileSource {
    /// Chooses anew which columns are the classes, in which order, and what they are called.
    ///
    /// # Errors
    ///
    /// [`StreamError::Columns`] for places that do not exist, and for some of the columns of an array or a list.
    pub fn arranged(mut self, arrangement: Arrangement) -> Result<Self, StreamError> {
        let Arrangement { columns, class_of_name, class_names } = arrangement;
        let is_identity = columns.iter().copied().eq(0..self.n_classes);
        if !is_identity {
            let chosen = match &self.probs {
                ProbsPart::Columns(_, known) => {
                    columns.iter().map(|&place| known.get(place).copied()).collect()
                }
                ProbsPart::Array(_) | ProbsPart::List(..) => None,
            };
            let Some(chosen) = chosen else {
                let reason = "its columns cannot be put into another order".to_owned();
                return Err(StreamError::Columns { file: self.name().to_owned(), reason });
            };
            if let ProbsPart::Columns(_, known) = &mut self.probs {
                *known = chosen;
            }
            self.n_classes = columns.len();
        }
        self.class_of_code = class_of_name;
        self.class_names = Some(class_names);
        Ok(self)
    }

    /// Whether the sums of these columns alone are 1 in nearly all rows, which takes a pass: then the others are no
    /// classes.
    ///
    /// # Errors
    ///
    /// [`StreamError::Table`] when a file cannot be read.
    pub fn sum_to_one(&self, columns: &[usize]) -> Result<bool, StreamError> {
        const NEARLY_ALL: f64 = 0.99;
        const BATCH_ROWS: usize = 8192;
        let mut buffer = RowBuffer::default();
        let (mut n_ones, n_rows) = (0_usize, self.n_rows());
        let mut values = self.values_reader(0..n_rows, BATCH_ROWS)?;
        loop {
            let rows = values.next(self, &mut buffer.pred_probs)?;
            if rows == 0 {
                break;
            }
            let is_one = |sum: f64| (sum - 1.0).abs() <= RowSums::TOLERANCE;
            let k = self.n_classes.max(1);
            n_ones += match &buffer.pred_probs {
                RowValues::F32(values) => {
                    let sum = |row: &[f32]| {
                        columns
                            .iter()
                            .filter_map(|&column| row.get(column))
                            .map(|&value| f64::from(value))
                            .sum::<f64>()
                    };
                    values.chunks_exact(k).filter(|row| is_one(sum(row))).count()
                }
                RowValues::F64(values) => {
                    let sum = |row: &[f64]| columns.iter().filter_map(|&column| row.get(column)).sum::<f64>();
                    values.chunks_exact(k).filter(|row| is_one(sum(row))).count()
                }
                _ => 0,
            };
        }
        Ok(n_ones as f64 >= NEARLY_ALL * n_rows as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet_columns::ParquetOptions;
    use crate::small_files::{floats, integers, names, narrow, npy, npy_of_probs, parquet};

    #[test]
    fn sums_are_one_in_nearly_all_rows_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let label = || integers([1; 100]);
        let ones = |n_others: usize| -> [f64; 100] {
            std::array::from_fn(|row| if row < n_others { 0.25 } else { 0.75 })
        };
        for (n_others, expected) in [(0, true), (1, true), (2, false), (100, false)] {
            let wide = [("label", label()), ("a", floats(ones(n_others))), ("b", floats([0.25; 100]))];
            let less = ones(n_others).map(|p| p as f32);
            let slim = [("label", label()), ("a", narrow(less)), ("b", narrow([0.25; 100]))];
            for columns in [wide, slim] {
                let path = parquet(folder.path(), "a.parquet", columns);
                let source = FileSource::parquet(path, &ParquetOptions::default()).unwrap();
                assert_eq!(source.sum_to_one(&[0, 1]).unwrap(), expected, "{n_others}");
                assert!(!source.sum_to_one(&[1]).unwrap());
            }
        }
    }

    #[test]
    fn columns_are_arranged_anew_but_not_those_of_an_array() {
        let folder = tempfile::tempdir().unwrap();
        let label = integers([0, 1, 1]);
        let [x, y] = [[0.75, 0.5, 0.25], [0.25, 0.5, 0.75]].map(floats);
        let path = parquet(folder.path(), "a.parquet", [("label", label), ("x", x), ("y", y)]);
        let class_names = ClassNames::from_ordered(vec!["u".into(), "v".into()]);
        let open = || FileSource::parquet(&path, &ParquetOptions::default()).unwrap();
        let arrangement = |columns: Vec<usize>| Arrangement {
            columns,
            class_of_name: Some(vec![1, 0]),
            class_names: class_names.clone(),
        };
        let source = open().arranged(arrangement(vec![1, 0])).unwrap();
        assert!(matches!(&source.probs, ProbsPart::Columns(_, columns) if columns[..] == [2, 1]));
        assert_eq!((source.n_classes(), names(source.class_names())), (2, vec!["u", "v"]));
        assert_eq!(source.class_of_code, Some(vec![1, 0]));
        assert_eq!(open().arranged(arrangement(vec![1])).unwrap().n_classes(), 1);
        assert!(open().arranged(arrangement(vec![0, 2])).is_err());
        let array = || {
            let labels = npy(folder.path(), "y.npy", "<i8", "4,", &[0; 32]);
            FileSource::arrays(npy_of_probs(folder.path()), labels).unwrap()
        };
        assert!(array().arranged(arrangement(vec![0, 1])).is_ok());
        let error = array().arranged(arrangement(vec![1, 0])).unwrap_err().to_string();
        assert!(error.contains("cannot be put into another order"), "{error}");
    }
}
