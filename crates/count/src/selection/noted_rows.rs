//! Visiting only the rows that may matter, by what was noted about them while they were checked.
//!
//! A row that is predicted as given is seldom suspicious. Its keys are bounded by the levels of its largest and second
//! largest probability, so that it is read only where a group has too few rows that are predicted otherwise.

use cleanlab_core::{Batch, Float, RowNote, RowNotes};

use super::SelectionKey;
use super::groups::{Groups, KeyVisitor};
use crate::batch_kernels::{fetched, rows_where};
use crate::row_kernels::{margin_over, normalized_margin};

/// Some of the rows of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Those whose predicted class is not their given one: the most suspicious rows.
    PredictedOtherwise,
    /// All others.
    PredictedAsGiven,
}

impl Groups {
    /// As [`Groups::visit_keys_above`], by the notes about the rows where there are some.
    #[inline(always)]
    pub(super) fn visit_rows_above<F: Float>(
        &self,
        batch: &Batch<'_, F>,
        class_floors: &[f64],
        visitor: &mut impl KeyVisitor,
    ) {
        match batch.notes() {
            Some(notes) if class_floors.iter().any(|&floor| floor > self.key.range().0) => {
                for rows in [Rows::PredictedOtherwise, Rows::PredictedAsGiven] {
                    self.visit_noted_rows(batch, &notes, rows, class_floors, visitor);
                }
            }
            // When all keys are wanted, all rows are read.
            _ => self.visit_keys_above(batch, class_floors, visitor),
        }
    }

    /// Visits each group that each of some rows belongs to. It may leave out keys that are below the floor of the row's
    /// class or the bar of the group.
    #[inline(always)]
    pub(super) fn visit_noted_rows<F: Float>(
        &self,
        batch: &Batch<'_, F>,
        notes: &RowNotes<'_>,
        rows: Rows,
        class_floors: &[f64],
        visitor: &mut impl KeyVisitor,
    ) {
        let wants_otherwise = rows == Rows::PredictedOtherwise;
        if !wants_otherwise && !class_floors.iter().any(|&floor| self.highest_key_as_given() >= floor) {
            return;
        }
        let is_open = |label: usize, note: RowNote| {
            let is_other = usize::from(note.predicted_class) != label;
            let bound = if wants_otherwise { f64::INFINITY } else { self.key_bound_as_given(note) };
            usize::from(is_other == wants_otherwise) & usize::from(bound >= class_floors[label]) > 0
        };
        rows_where(batch, notes, is_open, |positions| {
            let own = fetched(batch, positions, |_, label| label);
            let needs_largest = wants_otherwise && self.key.compares_with_others();
            let largest = if needs_largest {
                fetched(batch, positions, |position, _| notes.predicted_class(position))
            } else {
                own
            };
            for ((&position, own), largest) in positions.iter().zip(own).zip(largest) {
                let position = position as usize;
                let ((label, probs), note) = (batch.row(position), notes.of_row(position));
                let noted = NotedRow { row: batch.row_id(position), label, probs, note, own };
                match self.key {
                    SelectionKey::MarginOfPair if largest - own >= class_floors[label] => {
                        self.visit_noted_margins(&noted, largest, class_floors[label], visitor);
                    }
                    SelectionKey::MarginOfPair => {}
                    _ => {
                        let key = match self.key {
                            SelectionKey::LowNormalizedMargin if wants_otherwise => {
                                -margin_over(own, largest)
                            }
                            SelectionKey::LowNormalizedMargin => -normalized_margin(probs, label),
                            _ => -own,
                        };
                        if let Some(slot) = self.own_group(label) {
                            visitor.visit(noted.row, slot, key);
                        }
                    }
                }
            }
        });
    }

    /// No key of a row that is predicted as given is above this.
    fn highest_key_as_given(&self) -> f64 {
        match self.key {
            SelectionKey::MarginOfPair => 0.0,
            SelectionKey::LowNormalizedMargin => -0.5 + ROUNDING,
            _ => f64::INFINITY,
        }
    }

    /// No key of a row that is predicted as given and has this note is above this.
    #[inline(always)]
    pub(super) fn key_bound_as_given(&self, note: RowNote) -> f64 {
        let own = RowNotes::lower_bound(note.largest);
        let lead = (RowNotes::upper_bound(note.second) - own).min(0.0);
        match self.key {
            SelectionKey::MarginOfPair => lead,
            SelectionKey::LowNormalizedMargin => (lead - 1.0) / 2.0 + ROUNDING,
            _ => -own,
        }
    }

    /// Visits the pair with the predicted class, if that is another, which the row is most suspicious for; the others
    /// only where the second largest probability may matter.
    #[inline(always)]
    fn visit_noted_margins<F: Float>(
        &self,
        noted: &NotedRow<'_, F>,
        largest: f64,
        class_floor: f64,
        visitor: &mut impl KeyVisitor,
    ) {
        let &NotedRow { row, label, probs, note, own } = noted;
        let predicted = usize::from(note.predicted_class);
        if predicted != label
            && let Some(slot) = self.slot_of_pair(label, predicted)
        {
            visitor.visit(row, slot, largest - own);
        }
        let bound_of_others = RowNotes::upper_bound(note.second) - own;
        if bound_of_others < class_floor {
            return;
        }
        for member in self.members_of(label) {
            let (other, slot) = (member.other as usize, member.slot as usize);
            if other != predicted && bound_of_others >= visitor.bar(slot) {
                visitor.visit(row, slot, probs[other].to_f64() - own);
            }
        }
    }
}

/// A row that may matter.
struct NotedRow<'a, F> {
    row: u64,
    label: usize,
    probs: &'a [F],
    note: RowNote,
    /// The probability of its label.
    own: f64,
}

impl SelectionKey {
    /// Whether the key depends on more than the probability of the given label.
    fn compares_with_others(self) -> bool {
        matches!(self, Self::MarginOfPair | Self::LowNormalizedMargin)
    }
}

/// More than what a margin is rounded by.
const ROUNDING: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::super::tests::Recorded;
    use super::*;
    use cleanlab_core::{LabeledProbs, Labels, PredProbs};

    const K: usize = 20;

    /// Rows of class 0, by the probabilities of the first three classes: the first and the last are predicted as given.
    const ROWS: [[f64; 3]; 4] =
        [[0.75, 0.125, 0.0625], [0.25, 0.5, 0.125], [0.125, 0.0625, 0.75], [0.5, 0.25, 0.25]];

    /// What a batch of the rows, with notes, has visited of the groups of a key, in which there are pairs with classes
    /// 1 and 2.
    fn visits(
        key: SelectionKey,
        floor: impl Fn(&RowNotes<'_>) -> f64,
        bars: [f64; 2],
    ) -> Vec<(u64, usize, f64)> {
        let probs: Vec<f64> = ROWS.iter().flat_map(|row| [row, &[0.0; K - 3][..]].concat()).collect();
        let pred_probs = PredProbs::from_slice(&probs, K).unwrap();
        let data = LabeledProbs::allowing_one_class(Labels::new(&[0; 4]).unwrap(), pred_probs).unwrap();
        let mut scratch = Vec::new();
        let batch = data.batch(0..4, &mut scratch);
        let groups = match key {
            SelectionKey::MarginOfPair => Groups::new(key, K, [1, 2].into_iter()),
            _ => Groups::new(key, K, [0].into_iter()),
        };
        let mut visitor = Recorded::above(&bars);
        let floor = floor(&batch.notes().unwrap());
        groups.visit_rows_above(&batch, &[floor; K], &mut visitor);
        visitor.visits
    }

    const NO_BARS: [f64; 2] = [f64::NEG_INFINITY; 2];

    #[test]
    fn rows_predicted_otherwise_come_first_unless_all_keys_are_wanted() {
        let margins = |floor: f64| visits(SelectionKey::MarginOfPair, |_| floor, NO_BARS);
        let [first, second, third, fourth] = [
            [(0, 0, -0.625), (0, 1, -0.6875)],
            [(1, 0, 0.25), (1, 1, -0.125)],
            [(2, 0, -0.0625), (2, 1, 0.625)],
            [(3, 0, -0.25), (3, 1, -0.25)],
        ];
        let in_order = [first, second, third, fourth].concat();
        assert_eq!(margins(f64::NEG_INFINITY), in_order);
        // No key is lower.
        assert_eq!(margins(-1.0), in_order);
        let predicted_first = [third[1], third[0]];
        assert_eq!(margins(-0.9), [second, predicted_first, first, fourth].concat());
        // Bounds tell that no margin of the first row comes up to it.
        assert_eq!(margins(-0.375), [second, predicted_first, fourth].concat());
    }

    #[test]
    fn margins_below_the_floor_or_the_bar_are_left_out_as_far_as_notes_tell() {
        let margins = |floor: f64, bars| visits(SelectionKey::MarginOfPair, |_| floor, bars);
        let predicted = [(1, 0, 0.25), (2, 1, 0.625)];
        assert_eq!(margins(0.25, NO_BARS), predicted);
        assert_eq!(margins(0.375, NO_BARS), predicted[1..]);
        // The second largest probabilities of both are their own.
        assert_eq!(margins(-0.125, [0.125, 0.0]), [predicted[0], (1, 1, -0.125), predicted[1]]);
        assert_eq!(margins(-0.125, [0.125, 0.125]), predicted);
        assert_eq!(margins(-0.375, [-0.125, -0.25]).last(), Some(&(3, 1, -0.25)));
        // What a note bounds may be as large as the bound.
        let bound = |notes: &RowNotes<'_>| RowNotes::upper_bound(notes.of_row(1).second) - 0.25;
        let found = visits(SelectionKey::MarginOfPair, bound, NO_BARS);
        assert_eq!(found, [predicted[0], (1, 1, -0.125), predicted[1]]);
    }

    #[test]
    fn rows_predicted_as_given_are_left_out_below_the_floor_of_their_class() {
        let rows = |key, floor: f64| {
            let visits = visits(key, |_| floor, NO_BARS);
            visits.into_iter().map(|(row, _, key)| (row, key)).collect::<Vec<_>>()
        };
        let margins = |floor| rows(SelectionKey::LowNormalizedMargin, floor);
        let expected = [(1, -0.375), (2, -0.1875), (0, -0.8125), (3, -0.625)];
        assert_eq!(margins(-0.9), expected);
        assert_eq!(margins(-0.7), [expected[0], expected[1], expected[3]]);
        assert_eq!(margins(-0.55), expected[..2]);
        assert_eq!(margins(-0.25), expected[..2]);
        for key in [SelectionKey::LowSelfConfidence, SelectionKey::LowSelfConfidenceOfClass] {
            let expected = [(1, -0.25), (2, -0.125), (0, -0.75), (3, -0.5)];
            assert_eq!(rows(key, -0.9), expected);
            assert_eq!(rows(key, -0.6), [expected[0], expected[1], expected[3]]);
            assert_eq!(rows(key, -0.3), expected[..2]);
        }
    }

    #[test]
    fn bounds_of_rows_predicted_as_given_are_just_above_their_keys() {
        let one_level = 1.0 / 255.0 + 4e-6;
        let groups = |key| Groups::new(key, K, [1].into_iter());
        for (largest, second) in [(1.0, 0.0), (0.75, 0.125), (0.6, 0.3), (0.5, 0.49)] {
            let mut probs = [0.0; K];
            (probs[7], probs[3]) = (largest, second);
            let pred_probs = PredProbs::from_slice(&probs, K).unwrap();
            let note = pred_probs.notes(0..1).unwrap().of_row(0);
            for (key, value, levels) in [
                (SelectionKey::MarginOfPair, second - largest, 2.0),
                (SelectionKey::LowNormalizedMargin, -normalized_margin(&probs, 7), 1.0),
                (SelectionKey::LowSelfConfidence, -largest, 1.0),
                (SelectionKey::LowSelfConfidenceOfClass, -largest, 1.0),
            ] {
                let bound = groups(key).key_bound_as_given(note);
                assert!(value <= bound && bound <= value + levels * one_level, "{key:?}: {value}, {bound}");
                assert!(bound <= groups(key).highest_key_as_given(), "{key:?}: {bound}");
            }
        }
        // The key of two equal probabilities, which may be rounded up.
        let mut ties = [0.0; K];
        ties[..2].fill(0.5);
        let pred_probs = PredProbs::from_slice(&ties, K).unwrap();
        let tied = pred_probs.notes(0..1).unwrap().of_row(0);
        assert!(groups(SelectionKey::LowNormalizedMargin).key_bound_as_given(tied) > -0.5);
        assert_eq!(groups(SelectionKey::MarginOfPair).highest_key_as_given().to_bits(), 0);
        let highest = groups(SelectionKey::LowNormalizedMargin).highest_key_as_given();
        assert!(-0.5 < highest && highest < -0.499_999, "{highest}");
    }
}
