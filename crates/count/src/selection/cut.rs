//! Second pass: the selected rows themselves.

use cleanlab_core::{Accumulator, AccumulatorError, Batch, Float};
use serde::{Deserialize, Serialize};

use super::groups::corrupt;
use super::histogram::{GroupCut, SelectionCuts, WHOLE};
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

    /// A pass that leaves out keys below the floor of their group; see [`SelectionCut::is_complete`].
    pub(super) fn with_floors(cuts: &SelectionCuts, floors: Vec<f64>) -> Self {
        Self {
            class_floors: cuts.groups.floors_of_classes(&floors),
            cuts: cuts.clone(),
            lowest: floors,
            taken: Vec::new(),
            candidates: vec![Vec::new(); cuts.cuts.len()],
        }
    }

    /// Whether every group found all the rows it takes although keys below the floors were left out. Only for cuts
    /// without a histogram.
    pub(super) fn is_complete(&self, floors: &[f64]) -> bool {
        let mut groups = self.candidates.iter().zip(&self.cuts.cuts).zip(floors);
        groups.all(|((found, cut), &floor)| floor == f64::NEG_INFINITY || found.len() as u64 >= cut.take)
    }

    /// Keeps the best candidates of every group.
    pub(super) fn keep_best(&mut self) {
        (0..self.candidates.len()).for_each(|slot| self.shrink(slot));
    }

    /// The selected rows once only the best are kept, in no order, with their keys where these are known; a row of
    /// several groups comes several times.
    pub(super) fn selected_rows(&self) -> impl Iterator<Item = (u64, Option<f64>)> {
        let candidates =
            self.candidates.iter().flatten().map(|candidate| (candidate.row, Some(candidate.key)));
        self.taken.iter().map(|&row| (row, None)).chain(candidates)
    }

    fn shrink(&mut self, slot: usize) {
        let take = self.cuts.cuts[slot].take as usize;
        shrink(&mut self.candidates[slot], take, &mut self.lowest[slot]);
    }
}

/// Keeps the `take` best candidates of a group and raises its bar to the worst of them.
pub(super) fn shrink(candidates: &mut Vec<Candidate>, take: usize, lowest: &mut f64) {
    if take > 0 && candidates.len() > take {
        candidates.select_nth_unstable_by(take - 1, Candidate::order);
        candidates.truncate(take);
        *lowest = lowest.max(candidates[take - 1].key);
    }
}

impl Accumulator for SelectionCut {
    const NAME: &'static str = "selection cut";
    type Output = Vec<u64>;

    fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
        /// Candidates beyond twice the number to take that are let in before the best are kept.
        const SPARE: usize = 64;
        let Self { cuts: SelectionCuts { groups, cuts }, lowest, taken, candidates, class_floors } = self;
        check_classes(groups.n_classes, batch.n_classes())?;
        groups.visit_keys_above(
            batch,
            class_floors,
            #[inline(always)]
            |row, slot: usize, key| {
                if key < lowest[slot] {
                    return;
                }
                let GroupCut { bucket: cut, take } = cuts[slot];
                if cut != WHOLE {
                    let bucket = groups.bucket(key) as u32;
                    if bucket > cut && taken.last() != Some(&row) {
                        taken.push(row);
                    }
                    if bucket != cut {
                        return;
                    }
                }
                let (candidates, take) = (&mut candidates[slot], take as usize);
                if take > 0 {
                    if candidates.len() == candidates.capacity() {
                        // Groups are many, and the space kept in reserve counts.
                        candidates.reserve_exact(candidates.len() / 4 + 8);
                    }
                    candidates.push(Candidate { key, row });
                    if candidates.len() >= 2 * take + SPARE {
                        shrink(candidates, take, &mut lowest[slot]);
                    }
                }
            },
        );
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
        if self.cuts != other.cuts {
            return Err(AccumulatorError::Incompatible { what: "selection cuts" });
        }
        self.taken.extend(other.taken);
        for (slot, theirs) in other.candidates.into_iter().enumerate() {
            self.lowest[slot] = self.lowest[slot].max(other.lowest[slot]);
            self.candidates[slot].reserve_exact(theirs.len());
            self.candidates[slot].extend(theirs);
            self.shrink(slot);
        }
        Ok(())
    }

    fn finish(mut self) -> Vec<u64> {
        self.keep_best();
        let mut rows: Vec<u64> = self.selected_rows().map(|(row, _)| row).collect();
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
