//! What is noted about each row while it is checked, so that later passes read few rows again.

use std::ops::Range;

use crate::float::Float;

/// What was noted about some rows of probabilities while they were checked: which class is predicted, and coarsely how
/// large the two largest probabilities are.
///
/// Two to four bytes a row, at most a thirtieth of the row itself. They decide most questions about most rows ("does the
/// largest probability reach 0.7?") without reading the row again; where they do not, the row is read, so that no
/// answer depends on them. Short rows have no notes: see [`Batch::notes`](crate::Batch::notes).
///
/// # Example
///
/// ```
/// use cleanlab_core::{PredProbs, RowNotes};
///
/// let rows = [[0.02; 20], [0.01; 20]].map(|mut row: [f64; 20]| {
///     row[3] = 0.7;
///     row
/// });
/// let pred_probs = PredProbs::from_slice(rows.as_flattened(), 20)?;
/// let notes = pred_probs.notes(0..2).expect("rows of twenty f64 have notes");
/// let first = notes.iter().next().expect("two rows");
/// assert_eq!(first.predicted_class, 3);
/// // A level never decreases as its probability grows.
/// assert!(RowNotes::level(0.69) <= first.largest && first.largest <= RowNotes::level(0.71));
/// # Ok::<(), cleanlab_core::InputError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RowNotes<'a> {
    /// The lower bytes of the classes; with [`FEW_CLASSES`], their lower halves, and `second` in the upper ones.
    classes: &'a [u8],
    packing: Packing,
    /// The upper bytes of the classes where `high_mask` is not 0, else anything.
    high_bytes: &'a [u8],
    high_mask: u16,
    largest: &'a [u8],
    second: &'a [u8],
}

/// What was noted about one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowNote {
    /// The class with the largest probability, the first of equals.
    pub predicted_class: u16,
    /// The [level](RowNotes::level) of the largest probability.
    pub largest: u8,
    /// At least the level of the second largest probability, and at most that of the largest.
    pub second: u8,
}

/// Up to so many classes, the class and the second level of a row share a byte.
const FEW_CLASSES: usize = 16;

/// How classes and second levels lie in their bytes.
#[derive(Debug, Clone, Copy)]
struct Packing {
    class_mask: u8,
    /// How far up the second level lies, and the levels from one of its steps to the next.
    shift: u32,
    step: u8,
}

impl Packing {
    const APART: Self = Self { class_mask: u8::MAX, shift: 0, step: 1 };
    const TOGETHER: Self = Self { class_mask: 15, shift: 4, step: 17 };

    fn of(n_classes: usize) -> Self {
        if n_classes <= FEW_CLASSES { Self::TOGETHER } else { Self::APART }
    }

    /// The second level, rounded up.
    #[inline(always)]
    fn second(self, byte: u8, largest: u8) -> u8 {
        ((byte >> self.shift) * self.step).min(largest)
    }
}

/// Steps between the level of 0 and that of 1.
const STEPS: f64 = 255.0;

/// Added to a number below 2⁵¹, leaves its nearest whole number in the lowest bits.
const TO_WHOLE: f64 = (1_u64 << 52) as f64;

impl<'a> RowNotes<'a> {
    /// How many rows these are.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "there is always a row")]
    pub fn len(&self) -> usize {
        self.largest.len()
    }

    /// The notes of some of these rows.
    ///
    /// # Panics
    ///
    /// If there are no such rows.
    #[must_use]
    #[inline(always)]
    pub fn slice(&self, rows: Range<usize>) -> Self {
        Self {
            classes: &self.classes[rows.clone()],
            packing: self.packing,
            high_bytes: &self.high_bytes[rows.clone()],
            high_mask: self.high_mask,
            largest: &self.largest[rows.clone()],
            second: &self.second[rows],
        }
    }

    /// The notes, row after row.
    #[inline(always)]
    pub fn iter(&self) -> impl Iterator<Item = RowNote> + use<'a> {
        let (mask, packing) = (self.high_mask, self.packing);
        let classes = self.classes.iter().zip(self.high_bytes);
        classes.zip(self.largest.iter().zip(self.second)).map(move |((&low, &high), (&largest, &second))| {
            RowNote {
                predicted_class: u16::from(low & packing.class_mask) | (u16::from(high) << 8 & mask),
                largest,
                second: packing.second(second, largest),
            }
        })
    }

    /// What was noted about the row at `position`.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    #[inline(always)]
    pub fn of_row(&self, position: usize) -> RowNote {
        RowNote {
            predicted_class: self.predicted_class(position) as u16,
            largest: self.largest[position],
            second: self.packing.second(self.second[position], self.largest[position]),
        }
    }

    /// The class with the largest probability of the row at `position`, the first of equals.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    #[inline(always)]
    pub fn predicted_class(&self, position: usize) -> usize {
        usize::from(self.classes[position] & self.packing.class_mask)
            | usize::from(u16::from(self.high_bytes[position]) << 8 & self.high_mask)
    }

    /// Which of 256 levels a number lies on: 0 for 0 and less, 255 for 1 and more, and never fewer for a larger number.
    ///
    /// So of two numbers on different levels it is known which one is larger. The number is within `0.5 / 255` of
    /// `level / 255` where it is in [0, 1].
    #[must_use]
    #[inline(always)]
    pub fn level(p: f64) -> u8 {
        let p = if p > 0.0 { p } else { 0.0 };
        let p = if p < 1.0 { p } else { 1.0 };
        ((p * STEPS) + TO_WHOLE).to_bits() as u8
    }

    /// A number that no probability on this level is above.
    #[must_use]
    #[inline(always)]
    pub fn upper_bound(level: u8) -> f64 {
        (f64::from(level) + 0.5) / STEPS + SLACK
    }

    /// A number that no probability on this level is below.
    #[must_use]
    #[inline(always)]
    pub fn lower_bound(level: u8) -> f64 {
        (f64::from(level) - 0.5) / STEPS - SLACK
    }
}

/// More than what probabilities may leave [0, 1] by and what is rounded.
const SLACK: f64 = 2e-6;

/// The notes of a matrix.
#[derive(Debug, Clone)]
pub(crate) struct OwnedNotes {
    classes: Vec<u8>,
    /// Empty where classes fit a byte.
    high_bytes: Vec<u8>,
    largest: Vec<u8>,
    /// Empty where the second levels lie with the classes.
    second: Vec<u8>,
    packing: Packing,
}

/// Rows of fewer bytes have no notes, which so stay below a thirtieth of the rows.
const SHORTEST_ROW: usize = 64;

impl OwnedNotes {
    /// Room for the notes of a matrix; none where its rows are too short, or too long for the numbers of the classes.
    pub(crate) fn for_matrix<F: Float>(n_rows: usize, n_classes: usize) -> Option<Self> {
        let row_bytes = n_classes * size_of::<F>();
        if row_bytes < SHORTEST_ROW || n_classes > 1 << 16 {
            return None;
        }
        let bytes_if = |wanted| if wanted { vec![0; n_rows] } else { Vec::new() };
        Some(Self {
            classes: bytes_if(true),
            high_bytes: bytes_if(n_classes > 1 << 8),
            largest: bytes_if(true),
            second: bytes_if(n_classes > FEW_CLASSES),
            packing: Packing::of(n_classes),
        })
    }

    pub(crate) fn of_rows(&self, rows: Range<usize>) -> RowNotes<'_> {
        let largest = &self.largest[rows.clone()];
        let classes = &self.classes[rows.clone()];
        RowNotes {
            classes,
            packing: self.packing,
            high_bytes: self.high_bytes.get(rows.clone()).unwrap_or(largest),
            high_mask: if self.high_bytes.is_empty() { 0 } else { u16::MAX },
            largest,
            second: self.second.get(rows).unwrap_or(classes),
        }
    }

    /// The notes of consecutive runs of rows, to be written.
    pub(crate) fn runs_mut(&mut self, run_rows: usize) -> Vec<NotesMut<'_>> {
        let mut high_bytes = self.high_bytes.chunks_mut(run_rows);
        let mut second = self.second.chunks_mut(run_rows);
        let runs = self.classes.chunks_mut(run_rows).zip(self.largest.chunks_mut(run_rows));
        runs.map(|(classes, largest)| NotesMut {
            classes,
            high_bytes: high_bytes.next().unwrap_or_default(),
            largest,
            second: second.next().unwrap_or_default(),
        })
        .collect()
    }
}

/// One of a few classes and a level, rounded up, in one byte.
#[inline(always)]
fn packed(class: u8, level: u8) -> u8 {
    let Packing { shift, step, .. } = Packing::TOGETHER;
    class | level.div_ceil(step) << shift
}

/// Notes to be written.
pub(crate) struct NotesMut<'a> {
    classes: &'a mut [u8],
    high_bytes: &'a mut [u8],
    largest: &'a mut [u8],
    second: &'a mut [u8],
}

impl NotesMut<'_> {
    #[inline(always)]
    pub(crate) fn set(&mut self, row: usize, class: usize, largest: f64, second: f64) {
        let second = RowNotes::level(second);
        self.classes[row] = if self.second.is_empty() { packed(class as u8, second) } else { class as u8 };
        self.largest[row] = RowNotes::level(largest);
        if let Some(high) = self.high_bytes.get_mut(row) {
            *high = (class >> 8) as u8;
        }
        if let Some(note) = self.second.get_mut(row) {
            *note = second;
        }
    }

    /// Notes rows of less than 256 classes; the arrays may go on after the last one.
    #[inline(always)]
    pub(crate) fn set_short_rows<const N: usize>(
        &mut self,
        rows: Range<usize>,
        classes: &[f64; N],
        largest: &[f64; N],
        second: &[f64; N],
    ) {
        let class_of = |class: &f64| (class + TO_WHOLE).to_bits() as u8;
        for (note, p) in self.largest[rows.clone()].iter_mut().zip(largest) {
            *note = RowNotes::level(*p);
        }
        if self.second.is_empty() {
            for (note, (class, p)) in self.classes[rows].iter_mut().zip(classes.iter().zip(second)) {
                *note = packed(class_of(class), RowNotes::level(*p));
            }
            return;
        }
        for (note, class) in self.classes[rows.clone()].iter_mut().zip(classes) {
            *note = class_of(class);
        }
        for (note, p) in self.second[rows].iter_mut().zip(second) {
            *note = RowNotes::level(*p);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_grow_with_probabilities_and_bound_them() {
        assert_eq!([-1.0, 0.0, f64::NAN, 1.0, 1.5].map(RowNotes::level), [0, 0, 0, 255, 255]);
        assert_eq!([0.5, 0.1, 1.0 / 255.0, 254.4 / 255.0].map(RowNotes::level), [128, 26, 1, 254]);
        let mut last = 0;
        for step in 0..=100_000 {
            let p = f64::from(step) / 100_000.0;
            let level = RowNotes::level(p);
            assert!(level >= last && p <= RowNotes::upper_bound(level) && p >= RowNotes::lower_bound(level));
            last = level;
        }
        for level in 0..=255 {
            let width = RowNotes::upper_bound(level) - RowNotes::lower_bound(level);
            assert!((width - 1.0 / 255.0 - 4e-6).abs() < 1e-9);
            let middle = f64::midpoint(RowNotes::upper_bound(level), RowNotes::lower_bound(level));
            assert!((middle - f64::from(level) / 255.0).abs() < 1e-12);
        }
    }

    #[test]
    fn rows_of_less_than_64_bytes_have_no_notes() {
        let has = [
            OwnedNotes::for_matrix::<f64>(1, 7).is_some(),
            OwnedNotes::for_matrix::<f64>(1, 8).is_some(),
            OwnedNotes::for_matrix::<f32>(1, 15).is_some(),
            OwnedNotes::for_matrix::<f32>(1, 16).is_some(),
            OwnedNotes::for_matrix::<f32>(1, 1 << 16).is_some(),
            OwnedNotes::for_matrix::<f32>(1, (1 << 16) + 1).is_some(),
        ];
        assert_eq!(has, [false, true, false, true, true, false]);
    }

    #[test]
    fn notes_are_read_as_they_were_written() {
        for n_classes in [16, 17, 256, 257, 1 << 16] {
            let n_rows = 10;
            let mut notes = OwnedNotes::for_matrix::<f64>(n_rows, n_classes).unwrap();
            // Room is taken for what is needed alone.
            assert_eq!(notes.high_bytes.len(), if n_classes > 256 { n_rows } else { 0 });
            assert_eq!(notes.second.len(), if n_classes > 16 { n_rows } else { 0 });
            let class_of = |row: usize| (row * 6563 + n_classes - 1) % n_classes;
            let largest_of = |row: usize| 0.55 + 0.04 * row as f64;
            let second_of = |row: usize| 0.04 * row as f64;
            let mut first = 0;
            for mut run in notes.runs_mut(4) {
                let len = run.largest.len();
                for row in 0..len {
                    let at = first + row;
                    run.set(row, class_of(at), largest_of(at), second_of(at));
                }
                first += len;
            }
            assert_eq!(first, n_rows);
            let all = notes.of_rows(0..n_rows);
            assert_eq!((all.len(), all.iter().count()), (n_rows, n_rows));
            for (row, note) in all.iter().enumerate() {
                assert_eq!(note, all.of_row(row));
                assert_eq!(all.predicted_class(row), class_of(row), "{n_classes} classes");
                assert_eq!(usize::from(note.predicted_class), class_of(row));
                assert_eq!(note.largest, RowNotes::level(largest_of(row)));
                let second = RowNotes::level(second_of(row));
                let expected = if n_classes <= 16 { second.div_ceil(17) * 17 } else { second };
                assert_eq!(note.second, expected.min(note.largest));
            }
            for rows in [0..10, 3..7, 9..10] {
                let part: Vec<RowNote> = all.slice(rows.clone()).iter().collect();
                let of_rows: Vec<RowNote> = notes.of_rows(rows.clone()).iter().collect();
                let expected: Vec<RowNote> = rows.map(|row| all.of_row(row)).collect();
                assert_eq!((&part, &of_rows), (&expected, &expected));
            }
        }
    }

    #[test]
    fn short_rows_are_noted_together_as_one_by_one() {
        for n_classes in [16, 30, 255] {
            let mut together = OwnedNotes::for_matrix::<f64>(8, n_classes).unwrap();
            let mut single = together.clone();
            let classes: [f64; 4] = [0.0, 15.0, 7.0, (n_classes - 1) as f64];
            let (largest, second) = ([0.9, 0.5, 0.6, 1.0], [0.1, 0.5, 0.25, 0.0]);
            for run in &mut together.runs_mut(8) {
                run.set_short_rows(3..6, &classes, &largest, &second);
            }
            for run in &mut single.runs_mut(8) {
                for at in 0..3 {
                    run.set(3 + at, classes[at] as usize, largest[at], second[at]);
                }
            }
            let (together, single) = (together.of_rows(0..8), single.of_rows(0..8));
            assert!(together.iter().eq(single.iter()), "{n_classes} classes");
        }
    }
}
