//! Mergeable, serialisable passes over the data.

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::errors::InputError;
use crate::float::Float;
use crate::labeled_probs::LabeledProbs;
use crate::labels::Labels;
use crate::pred_probs::{PredProbs, view_of_rows};
use crate::row_notes::RowNotes;

/// Some rows of a data set: their labels, their predicted probabilities, and which rows they are.
///
/// ```
/// use cleanlab_core::Batch;
/// let batch = Batch::new(&[0, 1], &[0.9, 0.1, 0.2, 0.8], 2, 500)?;
/// let rows: Vec<_> = batch.iter().map(|(row, label, _)| (row, label)).collect();
/// assert_eq!(rows, [(500, 0), (501, 1)]);
/// # Ok::<(), cleanlab_core::InputError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a, F: Float> {
    labels: &'a [u32],
    pred_probs: &'a [F],
    n_classes: usize,
    rows: RowIds<'a>,
    notes: Option<RowNotes<'a>>,
}

#[derive(Debug, Clone, Copy)]
enum RowIds<'a> {
    From(u64),
    Listed(&'a [u64]),
}

fn check_row_numbers(first_row: u64, rows: usize) -> Result<(), InputError> {
    let end = first_row.checked_add(rows as u64);
    end.map(drop).ok_or(InputError::RowNumbersEnd { first_row, rows })
}

impl<'a, F: Float> Batch<'a, F> {
    /// Consecutive rows, the first of which is row `first_row` of the whole data set.
    ///
    /// # Shapes
    ///
    /// n labels, n × `n_classes` row-major probabilities.
    ///
    /// # Errors
    ///
    /// As [`LabeledProbs::allowing_one_class`]; rows in the message are counted within the batch.
    /// [`InputError::RowNumbersEnd`].
    pub fn new(
        labels: &'a [u32],
        pred_probs: &'a [F],
        n_classes: usize,
        first_row: u64,
    ) -> Result<Self, InputError> {
        let values = view_of_rows(pred_probs, n_classes)?;
        LabeledProbs::allowing_one_class(Labels::new(labels)?, PredProbs::without_notes(values)?)?;
        check_row_numbers(first_row, labels.len())?;
        Ok(Self::from_checked(labels, pred_probs, n_classes, first_row))
    }

    /// Rows with stable ids of their own, as a cluster that partitions the data freely needs.
    ///
    /// # Errors
    ///
    /// As [`Batch::new`], and [`InputError::LengthMismatch`] when there is not one id per label.
    pub fn with_row_ids(
        labels: &'a [u32],
        pred_probs: &'a [F],
        n_classes: usize,
        row_ids: &'a [u64],
    ) -> Result<Self, InputError> {
        if row_ids.len() != labels.len() {
            return Err(InputError::LengthMismatch { labels: labels.len(), rows: row_ids.len() });
        }
        Ok(Self { rows: RowIds::Listed(row_ids), ..Self::new(labels, pred_probs, n_classes, 0)? })
    }

    /// As [`Batch::new`] for rows whose probabilities have been checked before, such as those of a file that is read a
    /// second time: only labels and lengths are looked at.
    ///
    /// Probabilities that are not valid after all give wrong numbers, and nothing worse.
    ///
    /// # Errors
    ///
    /// As [`Batch::new`], without those of single probabilities.
    pub fn of_checked_probs(
        labels: &'a [u32],
        pred_probs: &'a [F],
        n_classes: usize,
        first_row: u64,
    ) -> Result<Self, InputError> {
        let (len, columns) = (pred_probs.len(), n_classes);
        if columns == 0 || !len.is_multiple_of(columns) {
            return Err(InputError::RaggedPredProbs { len, columns });
        }
        let rows = len / columns;
        if rows == 0 {
            return Err(InputError::EmptyPredProbs { rows, columns });
        }
        check_row_numbers(first_row, rows)?;
        if labels.len() != rows {
            return Err(InputError::LengthMismatch { labels: labels.len(), rows });
        }
        if columns < 2 {
            return Err(InputError::TooFewClasses { what: "pred_probs has one column".into() });
        }
        // The largest first: that is a loop without branches.
        if labels.iter().copied().max().is_some_and(|largest| largest as usize >= n_classes) {
            let found = labels.iter().copied().enumerate().find(|&(_, label)| label as usize >= n_classes);
            let (row, label) = found.unwrap_or_default();
            return Err(InputError::LabelOutOfRange { row, label, n_classes });
        }
        Ok(Self::from_checked(labels, pred_probs, n_classes, first_row))
    }

    pub(crate) fn from_checked(
        labels: &'a [u32],
        pred_probs: &'a [F],
        n_classes: usize,
        first_row: u64,
    ) -> Self {
        Self { labels, pred_probs, n_classes, rows: RowIds::From(first_row), notes: None }
    }

    pub(crate) fn with_notes(self, notes: Option<RowNotes<'a>>) -> Self {
        Self { notes, ..self }
    }

    /// What was noted about the rows while they were checked. Nothing in batches of the caller's own, whose rows are
    /// read soon after they were checked, and nothing for short rows.
    #[must_use]
    pub fn notes(&self) -> Option<RowNotes<'a>> {
        self.notes
    }

    /// Number of rows.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a batch has at least one row")]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Number of classes K.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// The given labels.
    #[must_use]
    pub fn labels(&self) -> &'a [u32] {
        self.labels
    }

    /// The predicted probabilities, row-major.
    #[must_use]
    pub fn pred_probs(&self) -> &'a [F] {
        self.pred_probs
    }

    /// The id of the row at `position` of this batch.
    ///
    /// # Panics
    ///
    /// If `position` is not below [`Batch::len`].
    #[must_use]
    pub fn row_id(&self, position: usize) -> u64 {
        assert!(position < self.len());
        match self.rows {
            RowIds::From(first) => first + position as u64,
            RowIds::Listed(ids) => ids[position],
        }
    }

    /// The given label and the probabilities of the row at `position` of this batch.
    ///
    /// # Panics
    ///
    /// If `position` is not below [`Batch::len`].
    #[must_use]
    #[inline(always)]
    pub fn row(&self, position: usize) -> (usize, &'a [F]) {
        let start = position * self.n_classes;
        (self.labels[position] as usize, &self.pred_probs[start..start + self.n_classes])
    }

    /// Row id, given label and probabilities of each row.
    pub fn iter(&self) -> impl Iterator<Item = (u64, usize, &'a [F])> + use<'a, F> {
        let rows = self.rows;
        // A range, as the count of `enumerate` is checked for overflow row by row.
        self.labels.iter().zip(self.pred_probs.chunks_exact(self.n_classes)).zip(0..self.labels.len()).map(
            move |((&label, probs), position)| {
                let row = match rows {
                    RowIds::From(first) => first + position as u64,
                    RowIds::Listed(ids) => ids[position],
                };
                (row, label as usize, probs)
            },
        )
    }
}

/// A pass over the data that can be cut anywhere: updated batch by batch, merged in any order, sent between machines.
///
/// The result is the same to the last bit however the rows are divided into batches and whatever the order of updates
/// and merges, as long as each row is seen once.
///
/// # Example
///
/// Any accumulator of `cleanlab-count` is used like this one:
///
/// ```
/// use cleanlab_core::{Accumulator, AccumulatorError, Batch, Float};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Rows(u64);
///
/// impl Accumulator for Rows {
///     const NAME: &'static str = "rows";
///     type Output = u64;
///     fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
///         self.0 += batch.len() as u64;
///         Ok(())
///     }
///     fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
///         self.0 += other.0;
///         Ok(())
///     }
///     fn finish(self) -> u64 {
///         self.0
///     }
/// }
///
/// let mut here = Rows(0);
/// here.update(&Batch::new(&[0, 1], &[0.9, 0.1, 0.2, 0.8], 2, 0)?)?;
/// let mut there = Rows(0);
/// there.update(&Batch::new(&[1], &[0.3, 0.7], 2, 2)?)?;
/// here.merge(Rows::from_bytes(&there.to_bytes())?)?;
/// assert_eq!(here.finish(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Accumulator: Serialize + DeserializeOwned + Send {
    /// What the bytes of this accumulator are marked with, so that one is never read as another.
    const NAME: &'static str;

    /// What the pass computes.
    type Output;

    /// Takes in a batch of rows.
    ///
    /// # Errors
    ///
    /// [`AccumulatorError::Classes`] when the batch has another number of classes.
    fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError>;

    /// Takes in what another accumulator of the same pass has seen.
    ///
    /// # Errors
    ///
    /// [`AccumulatorError::Classes`] or [`AccumulatorError::Incompatible`] when the other one was set up differently.
    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError>;

    /// The result.
    fn finish(self) -> Self::Output;

    /// Whether a state that was read from bytes is one that this type could have written.
    ///
    /// # Errors
    ///
    /// [`AccumulatorError::Corrupt`] with the reason.
    fn check(&self) -> Result<(), AccumulatorError> {
        Ok(())
    }

    /// The state as bytes: the format's version, the accumulator's name, then the fields.
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = FORMAT_VERSION.to_le_bytes().to_vec();
        // Serialising plain numbers and vectors into memory has no way to fail.
        bytes.extend(postcard::to_allocvec(&(Self::NAME, self)).unwrap_or_default());
        bytes
    }

    /// The state that [`Accumulator::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// [`AccumulatorError::Version`] or [`AccumulatorError::Corrupt`].
    fn from_bytes(bytes: &[u8]) -> Result<Self, AccumulatorError> {
        let corrupt = |reason: String| AccumulatorError::Corrupt { reason };
        let (version, body) =
            bytes.split_first_chunk::<2>().ok_or_else(|| corrupt("fewer than 2 bytes".into()))?;
        let version = u16::from_le_bytes(*version);
        if version != FORMAT_VERSION {
            return Err(AccumulatorError::Version { found: version, expected: FORMAT_VERSION });
        }
        let (name, body) =
            postcard::take_from_bytes::<&str>(body).map_err(|error| corrupt(error.to_string()))?;
        if name != Self::NAME {
            return Err(corrupt(format!("these are the bytes of `{name}`, not of `{}`", Self::NAME)));
        }
        let (state, rest) =
            postcard::take_from_bytes::<Self>(body).map_err(|error| corrupt(error.to_string()))?;
        if !rest.is_empty() {
            return Err(corrupt(format!("{} bytes follow the state", rest.len())));
        }
        state.check()?;
        Ok(state)
    }
}

/// Version of the bytes that accumulators write.
const FORMAT_VERSION: u16 = 1;

/// Why accumulators could not be updated, merged or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AccumulatorError {
    /// The batch or the other accumulator has another number of classes.
    #[error("expected {expected} classes, found {found}; all parts of a pass need the same classes")]
    Classes {
        /// Number of classes of this accumulator.
        expected: usize,
        /// Number of classes found.
        found: usize,
    },
    /// The accumulators were set up differently, so their states do not add up.
    #[error("cannot merge accumulators with different {what}; set all parts of a pass up alike")]
    Incompatible {
        /// What differs.
        what: &'static str,
    },
    /// States that count more rows together than a pass has room for.
    #[error("the states count more than {most} rows of a kind together; finish the pass over fewer parts")]
    TooManyRows {
        /// The most that there is room for.
        most: u64,
    },
    /// The bytes were written by another version of this library.
    #[error("state has format version {found}, this library reads version {expected}")]
    Version {
        /// Version found.
        found: u16,
        /// Version understood.
        expected: u16,
    },
    /// The bytes are not a state of this accumulator.
    #[error("state cannot be read: {reason}")]
    Corrupt {
        /// What is wrong.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Labelled(Vec<u64>);

    impl Accumulator for Labelled {
        const NAME: &'static str = "labelled";
        type Output = Vec<u64>;
        fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
            self.0.extend(batch.iter().map(|(row, ..)| row));
            Ok(())
        }
        fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
            self.0.extend(other.0);
            Ok(())
        }
        fn finish(self) -> Vec<u64> {
            self.0
        }
    }

    #[test]
    fn new_rows_beyond_the_last_number_are_refused() {
        let (labels, probs) = ([0, 1], [0.9, 0.1, 0.2, 0.8]);
        assert!(Batch::new(&labels, &probs, 2, u64::MAX - 2).is_ok());
        let refused = Some(InputError::RowNumbersEnd { first_row: u64::MAX - 1, rows: 2 });
        assert_eq!(Batch::new(&labels, &probs, 2, u64::MAX - 1).err(), refused);
        assert_eq!(Batch::of_checked_probs(&labels, &probs, 2, u64::MAX - 1).err(), refused);
    }

    #[test]
    fn from_bytes_damaged_state_is_an_error() {
        let bytes = Labelled(vec![1, 2, 3]).to_bytes();
        assert_eq!(Labelled::from_bytes(&bytes).unwrap(), Labelled(vec![1, 2, 3]));
        for end in 0..bytes.len() {
            assert!(Labelled::from_bytes(&bytes[..end]).is_err(), "{end} bytes");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(matches!(Labelled::from_bytes(&longer), Err(AccumulatorError::Corrupt { .. })));
        let mut newer = bytes.clone();
        newer[0] = 9;
        assert_eq!(
            Labelled::from_bytes(&newer),
            Err(AccumulatorError::Version { found: 9, expected: FORMAT_VERSION })
        );
        let mut other = bytes;
        other[3] = b'L';
        assert!(matches!(Labelled::from_bytes(&other), Err(AccumulatorError::Corrupt { .. })));
    }

    #[test]
    fn of_checked_probs_looks_at_labels_and_lengths() {
        let of = |labels: &[u32], probs: &[f64], k| {
            Batch::of_checked_probs(labels, probs, k, 7)
                .map(|batch| batch.row_id(0))
                .map_err(|error| error.to_string())
        };
        assert_eq!(of(&[1], &[0.2, 9.0], 2), Ok(7));
        let refused: [(&[u32], &[f64], usize, &str); 5] = [
            (&[2], &[0.2, 0.8], 2, "label of row 0 is 2"),
            (&[0, 1], &[0.2, 0.8], 2, "2 labels but 1 rows"),
            (&[0], &[0.2, 0.8, 0.1], 2, "not a whole number of rows"),
            (&[], &[], 2, "at least one row"),
            (&[0], &[1.0], 1, "one column"),
        ];
        for (labels, probs, k, message) in refused {
            assert!(of(labels, probs, k).is_err_and(|error| error.contains(message)), "{message}");
        }
    }

    #[test]
    fn batch_gives_its_rows_in_order() {
        let (labels, probs) = ([1, 2, 0], [0.5, 0.3, 0.2, 0.1, 0.2, 0.7, 0.6, 0.25, 0.15]);
        let batch = Batch::new(&labels, &probs, 3, 40).unwrap();
        assert_eq!((batch.len(), batch.n_classes()), (3, 3));
        assert_eq!((batch.labels(), batch.pred_probs()), (&labels[..], &probs[..]));
        let rows: Vec<_> = (0..3).map(|at| (batch.row_id(at), batch.row(at).0, batch.row(at).1)).collect();
        assert_eq!(rows, [(40, 1, &probs[..3]), (41, 2, &probs[3..6]), (42, 0, &probs[6..])]);
        assert_eq!(batch.iter().collect::<Vec<_>>(), rows);
        assert!(batch.notes().is_none());
    }

    #[test]
    fn batch_of_a_matrix_has_the_notes_of_its_rows() {
        let mut probs = vec![0.0; 40];
        (probs[3], probs[21]) = (1.0, 1.0);
        let pred_probs = PredProbs::from_slice(&probs, 20).unwrap();
        let data = LabeledProbs::allowing_one_class(Labels::new(&[3, 0]).unwrap(), pred_probs).unwrap();
        let mut scratch = Vec::new();
        let batch = data.batch(1..2, &mut scratch);
        let note = batch.notes().unwrap().of_row(0);
        assert_eq!((batch.row_id(0), note.predicted_class), (1, 1));
    }

    #[test]
    fn with_row_ids_gives_listed_ids() {
        let ids = [90, 7];
        let batch = Batch::with_row_ids(&[0, 1], &[0.9, 0.1, 0.2, 0.8], 2, &ids).unwrap();
        assert_eq!(batch.iter().map(|(row, ..)| row).collect::<Vec<_>>(), ids);
        assert_eq!(batch.row_id(1), 7);
        assert!(Batch::with_row_ids(&[0, 1], &[0.9, 0.1, 0.2, 0.8], 2, &ids[..1]).is_err());
    }
}
