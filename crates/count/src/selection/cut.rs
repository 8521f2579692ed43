//! Second pass: the selected rows themselves.

use cleanlab_core::{Accumulator, AccumulatorError, Batch, Float};
use serde::{Deserialize, Serialize};

use super::groups::{Groups, KeyVisitor, corrupt};
use super::histogram::{GroupCut, SelectionCuts, WHOLE};
use super::noted_rows::Rows;
use crate::confident_thresholds::check_classes;

/// Second pass: collects the selected rows. Finishes as their ids in ascending order, each once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelectionCut {
    cuts: SelectionCuts,
    /// Keys below this cannot be selected, per group; raised as better rows are seen.
    lowest: Vec<f64>,
    /// Rows above their group's bucket.
    taken: Vec<u64>,
    /// Best rows seen inside the bucket, per group.
    candidates: Vec<Vec<Candidate>>,
    /// The smallest starting value of `lowest` of the groups of each class.
    class_floors: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Candidate {
    pub(super) key: f64,
    pub(super) row: u64,
}

impl Candidate {
    /// Larger keys first, then earlier rows. −0 and 0 are the same key.
    pub(super) fn order(&self, other: &Self) -> std::cmp::Ordering {
        (other.key + 0.0).total_cmp(&(self.key + 0.0)).then(self.row.cmp(&other.row))
    }
}

impl SelectionCut {
    /// A pass that has seen no row yet.
    #[must_use]
    pub fn new(cuts: &SelectionCuts) -> Self {
        let lowest = |cut: &GroupCut| match cut.bucket {
            WHOLE => f64::NEG_INFINITY,
            bucket => cuts.groups.lower_edge(bucket as usize),
        };
        Self::with_floors(cuts, cuts.cuts.iter().map(lowest).collect())
    }

    /// A pass that leaves out keys below the floor of their group.
    fn with_floors(cuts: &SelectionCuts, floors: Vec<f64>) -> Self {
        Self {
            class_floors: cuts.groups.floors_of_classes(&floors),
            cuts: cuts.clone(),
            lowest: floors,
            taken: Vec::new(),
            candidates: vec![Vec::new(); cuts.cuts.len()],
        }
    }

    /// A pass over other rows of the same data, which leaves out keys that the rows of this one have beaten.
    pub(super) fn continued(&self) -> Self {
        Self::with_floors(&self.cuts, self.lowest.clone())
    }

    /// As `update`, for some of the rows; every row above its group's bucket goes to `take`.
    pub(super) fn update_noted<F: Float>(
        &mut self,
        batch: &Batch<'_, F>,
        rows: Option<Rows>,
        take: impl FnMut(u64),
    ) {
        let Self { cuts: SelectionCuts { groups, cuts }, lowest, candidates, class_floors, .. } = self;
        let mut visitor = Cutting { groups, cuts, lowest, candidates, take };
        match (batch.notes(), rows) {
            (Some(notes), Some(rows)) => {
                groups.visit_noted_rows(batch, &notes, rows, class_floors, &mut visitor);
            }
            _ => groups.visit_keys_above(batch, class_floors, &mut visitor),
        }
    }

    /// Merges another pass with the same cuts.
    pub(super) fn absorb(&mut self, other: Self) {
        self.taken.extend(other.taken);
        for (slot, theirs) in other.candidates.into_iter().enumerate() {
            self.lowest[slot] = self.lowest[slot].max(other.lowest[slot]);
            self.candidates[slot].reserve_exact(theirs.len());
            self.candidates[slot].extend(theirs);
            self.shrink(slot);
        }
    }

    /// Keeps the best candidates of every group.
    pub(super) fn keep_best(&mut self) {
        (0..self.candidates.len()).for_each(|slot| self.shrink(slot));
    }

    /// The rows selected among those that were ordered, in no order; a row of several groups comes several times. Only
    /// once the best are kept.
    pub(super) fn ordered_rows(&self) -> impl Iterator<Item = u64> {
        self.candidates.iter().flatten().map(|candidate| candidate.row)
    }

    /// A key that every selected row reaches. Only once the best are kept.
    pub(super) fn lowest_key(&self) -> f64 {
        let lowest = self.candidates.iter().flatten().map(|candidate| candidate.key);
        let floors = self.cuts.cuts.iter().filter(|cut| cut.bucket != WHOLE);
        let edges = floors.map(|cut| self.cuts.groups.lower_edge(cut.bucket as usize));
        lowest.chain(edges).fold(f64::INFINITY, f64::min)
    }

    fn shrink(&mut self, slot: usize) {
        let take = self.cuts.cuts[slot].take as usize;
        shrink(&mut self.candidates[slot], take, &mut self.lowest[slot]);
    }
}

/// Keeps the `take` best candidates of a group and raises its bar to the worst of them.
pub(super) fn shrink(candidates: &mut Vec<Candidate>, take: usize, lowest: &mut f64) {
    if take > 0 && candidates.len() >= take {
        candidates.select_nth_unstable_by(take - 1, Candidate::order);
        candidates.truncate(take);
        *lowest = lowest.max(candidates[take - 1].key);
    }
}

/// Takes rows above the cuts, and keeps candidates for what is left.
pub(super) struct Cutting<'a, T> {
    pub(super) groups: &'a Groups,
    pub(super) cuts: &'a [GroupCut],
    pub(super) lowest: &'a mut [f64],
    pub(super) candidates: &'a mut [Vec<Candidate>],
    pub(super) take: T,
}

impl<T: FnMut(u64)> KeyVisitor for Cutting<'_, T> {
    #[inline(always)]
    fn bar(&self, slot: usize) -> f64 {
        self.lowest[slot]
    }

    #[inline(always)]
    fn visit(&mut self, row: u64, slot: usize, key: f64) {
        /// Candidates beyond twice the number to take that are let in before the best are kept.
        const SPARE: usize = 4;
        if key < self.lowest[slot] {
            return;
        }
        let GroupCut { bucket: cut, take } = self.cuts[slot];
        if cut != WHOLE {
            let bucket = self.groups.bucket(key) as u32;
            if bucket > cut {
                (self.take)(row);
            }
            if bucket != cut {
                return;
            }
        }
        let (candidates, take) = (&mut self.candidates[slot], take as usize);
        if take > 0 {
            if candidates.len() == candidates.capacity() {
                // Groups are many, and the space kept in reserve counts.
                candidates.reserve_exact(candidates.len() / 4 + 4);
            }
            candidates.push(Candidate { key, row });
            // Twice as many as are taken may be more than a number holds.
            if candidates.len().saturating_sub(SPARE) / 2 >= take {
                shrink(candidates, take, &mut self.lowest[slot]);
            }
        }
    }
}

impl Accumulator for SelectionCut {
    const NAME: &'static str = "selection cut";
    type Output = Vec<u64>;

    fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
        check_classes(self.cuts.groups.n_classes, batch.n_classes())?;
        let mut taken = std::mem::take(&mut self.taken);
        self.update_noted(batch, None, |row| {
            if taken.last() != Some(&row) {
                taken.push(row);
            }
        });
        self.taken = taken;
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
        if self.cuts != other.cuts {
            return Err(AccumulatorError::Incompatible { what: "selection cuts" });
        }
        self.absorb(other);
        Ok(())
    }

    fn finish(mut self) -> Vec<u64> {
        self.keep_best();
        let mut rows = std::mem::take(&mut self.taken);
        rows.extend(self.ordered_rows());
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    fn check(&self) -> Result<(), AccumulatorError> {
        let SelectionCuts { groups, cuts } = &self.cuts;
        groups.check()?;
        let fits = groups.members.iter().all(|member| (member.slot as usize) < cuts.len())
            && self.lowest.len() == cuts.len()
            && self.candidates.len() == cuts.len()
            && self.class_floors.len() == groups.n_classes;
        if fits { Ok(()) } else { Err(corrupt("candidates do not fit the groups")) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SelectionKey, SelectionPlan};
    use super::*;

    /// A pass that takes ten rows of a thousand, whose labels have these probabilities.
    fn ten_of_a_thousand(own: impl Fn(usize) -> f64) -> SelectionCut {
        let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 10)]);
        let mut pass = SelectionCut::new(&SelectionCuts::without_histogram(&plan));
        let probs: Vec<f64> = (0..1000).flat_map(|row| [own(row), 1.0 - own(row)]).collect();
        pass.update(&Batch::new(&[0; 1000], &probs, 2, 0).unwrap()).unwrap();
        pass
    }

    #[test]
    fn candidates_are_never_many_more_than_are_taken() {
        // Each row is more suspicious than those before it.
        let pass = ten_of_a_thousand(|row| 1.0 - row as f64 / 1000.0);
        assert!(pass.candidates[0].len() <= 24 && pass.candidates[0].capacity() <= 32, "{pass:?}");
        assert!(pass.lowest[0] > -0.04);
        assert_eq!(pass.finish(), (990..1000).collect::<Vec<_>>());
        // Each is less suspicious, so that no more are let in once the first are ordered.
        let mut pass = ten_of_a_thousand(|row| row as f64 / 1000.0);
        assert_eq!((pass.candidates[0].len(), pass.lowest[0]), (10, -0.009));
        pass.keep_best();
        assert_eq!(pass.lowest_key(), -0.009);
        assert_eq!(pass.finish(), (0..10).collect::<Vec<_>>());
        // All are as suspicious as each other.
        assert_eq!(ten_of_a_thousand(|_| 0.5).finish(), (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn the_lowest_key_is_that_of_the_bucket_where_there_is_one() {
        let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 10)]);
        let mut cuts = SelectionCuts::without_histogram(&plan);
        assert_eq!(SelectionCut::new(&cuts).lowest_key(), f64::INFINITY);
        cuts.cuts[0].bucket = 128;
        let lowest = SelectionCut::new(&cuts).lowest_key();
        assert!((lowest + 0.75).abs() < 1e-6, "{lowest}");
    }

    #[test]
    fn candidates_of_equal_keys_are_in_the_order_of_their_rows_whatever_the_sign_of_zero() {
        for (first, second) in [(0.0, -0.0), (-0.0, 0.0), (0.0, 0.0), (0.25, 0.25)] {
            let (first, second) = (Candidate { key: first, row: 1 }, Candidate { key: second, row: 2 });
            assert!(first.order(&second).is_lt() && second.order(&first).is_gt());
        }
        assert!(Candidate { key: 0.5, row: 2 }.order(&Candidate { key: 0.25, row: 1 }).is_lt());
    }

    #[test]
    fn a_group_that_takes_no_row_keeps_no_candidate() {
        let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 10)]);
        let mut cuts = SelectionCuts::without_histogram(&plan);
        // No plan has such a group, but what was stored may say so.
        cuts.cuts[0].take = 0;
        let mut pass = SelectionCut::new(&cuts);
        pass.update(&Batch::new(&[0; 2], &[0.5, 0.5, 0.25, 0.75], 2, 0).unwrap()).unwrap();
        pass.keep_best();
        assert!(pass.candidates[0].is_empty() && pass.finish().is_empty());
    }

    #[test]
    fn a_state_that_does_not_fit_its_groups_is_refused() {
        let plan = SelectionPlan::new(SelectionKey::LowSelfConfidenceOfClass, 3, [(0, 1), (2, 4)]);
        let good = SelectionCut::new(&SelectionCuts::without_histogram(&plan));
        assert!(good.check().is_ok());
        let spoilt: [fn(&mut SelectionCut); 5] = [
            |state| state.cuts.groups.members[1].slot = 2,
            |state| state.lowest.push(0.0),
            |state| state.candidates.truncate(1),
            |state| state.class_floors.truncate(2),
            |state| state.cuts.groups.n_classes = 2,
        ];
        for spoil in spoilt {
            let mut state = good.clone();
            spoil(&mut state);
            assert!(matches!(state.check(), Err(AccumulatorError::Corrupt { .. })), "{state:?}");
        }
    }
}
