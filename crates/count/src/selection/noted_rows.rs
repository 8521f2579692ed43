//! Visiting only the rows that may matter, by what was noted about them while they were checked.
//!
//! A row that is predicted as given is seldom suspicious. Its keys are bounded by the levels of its largest and second
//! largest probability, so that it is read only where a group has too few rows that are predicted otherwise.

use cleanlab_core::{Batch, Float, RowNote, RowNotes};

use super::SelectionKey;
use super::groups::{Groups, KeyVisitor};
use crate::batch_kernels::positions_where;
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
        let is_wanted =
            |label: usize, note: RowNote| (usize::from(note.predicted_class) != label) == wants_otherwise;
        for position in positions_where(batch.labels(), notes, is_wanted) {
            let position = position as usize;
            let (label, note) = (batch.labels()[position] as usize, notes.of_row(position));
            if self.key_bound(label, note) < class_floors[label] {
                continue;
            }
            let ((_, probs), row) = (batch.row(position), batch.row_id(position));
            if self.key == SelectionKey::MarginOfPair {
                if wants_otherwise {
                    self.visit_margins_otherwise(row, label, probs, note, class_floors[label], visitor);
                } else {
                    self.visit_margins_as_given(row, label, probs, note, visitor);
                }
            } else if let Some(slot) = self.own_group(label) {
                let key = match self.key {
                    SelectionKey::LowNormalizedMargin if wants_otherwise => {
                        let largest = probs[usize::from(note.predicted_class)];
                        -margin_over(probs[label].to_f64(), largest.to_f64())
                    }
                    SelectionKey::LowNormalizedMargin => -normalized_margin(probs, label),
                    _ => -probs[label].to_f64(),
                };
                visitor.visit(row, slot, key);
            }
        }
    }

    /// No key of a row that is predicted as given is above this.
    fn highest_key_as_given(&self) -> f64 {
        match self.key {
            SelectionKey::MarginOfPair => 0.0,
            SelectionKey::LowNormalizedMargin => -0.5 + ROUNDING,
            _ => f64::INFINITY,
        }
    }

    /// No key of a row is above this.
    #[inline(always)]
    pub(super) fn key_bound(&self, label: usize, note: RowNote) -> f64 {
        let (largest, second) = (RowNotes::upper_bound(note.largest), RowNotes::upper_bound(note.second));
        let own = RowNotes::lower_bound(note.largest);
        let otherwise = usize::from(note.predicted_class) != label;
        match self.key {
            SelectionKey::MarginOfPair => {
                if otherwise {
                    largest
                } else {
                    (second - own).min(0.0)
                }
            }
            _ if otherwise => f64::INFINITY,
            SelectionKey::LowNormalizedMargin => ((second - own).min(0.0) - 1.0) / 2.0 + ROUNDING,
            _ => -own,
        }
    }

    #[inline(always)]
    fn visit_margins_otherwise<F: Float>(
        &self,
        row: u64,
        label: usize,
        probs: &[F],
        note: RowNote,
        floor: f64,
        visitor: &mut impl KeyVisitor,
    ) {
        let (own, predicted) = (probs[label].to_f64(), usize::from(note.predicted_class));
        if probs[predicted].to_f64() - own < floor {
            return;
        }
        let bound_of_others = RowNotes::upper_bound(note.second) - own;
        for member in self.members_of(label) {
            let (other, slot) = (member.other as usize, member.slot as usize);
            if other == predicted || bound_of_others >= visitor.bar(slot) {
                visitor.visit(row, slot, probs[other].to_f64() - own);
            }
        }
    }

    #[inline(always)]
    fn visit_margins_as_given<F: Float>(
        &self,
        row: u64,
        label: usize,
        probs: &[F],
        note: RowNote,
        visitor: &mut impl KeyVisitor,
    ) {
        let bound = self.key_bound(label, note);
        for member in self.members_of(label) {
            let (other, slot) = (member.other as usize, member.slot as usize);
            if bound >= visitor.bar(slot) {
                visitor.visit(row, slot, probs[other].to_f64() - probs[label].to_f64());
            }
        }
    }
}

/// More than what a margin is rounded by.
const ROUNDING: f64 = 1e-9;
