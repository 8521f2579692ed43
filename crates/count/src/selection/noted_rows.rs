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
                    SelectionKey::MarginOfPair if !wants_otherwise => {
                        self.visit_margins_as_given(&noted, visitor);
                    }
                    SelectionKey::MarginOfPair if largest - own >= class_floors[label] => {
                        self.visit_margins_otherwise(&noted, largest, class_floors[label], visitor);
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

    /// Visits the pair with the predicted class, which the row is most suspicious for; the others only where the second
    /// largest probability may matter.
    #[inline(always)]
    fn visit_margins_otherwise<F: Float>(
        &self,
        noted: &NotedRow<'_, F>,
        largest: f64,
        class_floor: f64,
        visitor: &mut impl KeyVisitor,
    ) {
        let &NotedRow { row, label, probs, note, own } = noted;
        let predicted = usize::from(note.predicted_class);
        if let Some(slot) = self.slot_of_pair(label, predicted) {
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

    #[inline(always)]
    fn visit_margins_as_given<F: Float>(&self, noted: &NotedRow<'_, F>, visitor: &mut impl KeyVisitor) {
        let &NotedRow { row, label, probs, note, own } = noted;
        let bound = self.key_bound_as_given(note);
        for member in self.members_of(label) {
            let (other, slot) = (member.other as usize, member.slot as usize);
            if bound >= visitor.bar(slot) {
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
