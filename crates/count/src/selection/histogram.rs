//! First pass: how the keys of large groups are distributed.

use cleanlab_core::{Accumulator, AccumulatorError, Batch, Float};
use serde::{Deserialize, Serialize};

use super::groups::{BUCKETS, Groups, KeyVisitor, corrupt};
use super::{SelectionPlan, is_large};
use crate::confident_thresholds::check_classes;
use crate::row_counts::{check_counts, merge_counts};

/// First pass: counts the keys of every large group in buckets. Finishes as [`SelectionCuts`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelectionHistogram {
    plan: SelectionPlan,
    groups: Groups,
    /// One run of buckets per large group.
    counts: Vec<u32>,
    /// Rows of a class whose keys are all below this are not counted.
    class_floors: Vec<f64>,
    /// Nor are keys below the floor of their large group.
    floors: Vec<f64>,
}

impl SelectionHistogram {
    /// A pass that has seen no row yet.
    #[must_use]
    pub fn new(plan: &SelectionPlan) -> Self {
        let large = plan.take.iter().filter(|&(_, &n)| is_large(n)).map(|(&group, _)| group);
        let groups = Groups::new(plan.key, plan.n_classes, large);
        let n_large = plan.take.values().filter(|&&n| is_large(n)).count();
        let class_floors = vec![f64::NEG_INFINITY; plan.n_classes];
        let floors = vec![f64::NEG_INFINITY; n_large];
        Self { plan: plan.clone(), groups, counts: vec![0; n_large * BUCKETS], class_floors, floors }
    }

    /// A pass that may leave out keys below the floor of their group; see [`SelectionHistogram::is_complete`].
    pub(super) fn with_floors(plan: &SelectionPlan, floors: &[f64]) -> Self {
        let empty = Self::new(plan);
        let floors: Vec<f64> = large_only(plan, floors).map(|(&floor, _)| floor).collect();
        Self { class_floors: empty.groups.floors_of_classes(&floors), floors, ..empty }
    }

    /// Whether every group counted all the rows it takes although keys below the floors were left out.
    pub(super) fn is_complete(&self, floors: &[f64]) -> bool {
        let mut groups = self.counts.chunks_exact(BUCKETS).zip(large_only(&self.plan, floors));
        groups.all(|(histogram, (&floor, take))| {
            // The bucket that the floor lies in may be counted in part.
            let whole = &histogram[self.groups.bucket(floor) + 1..];
            floor == f64::NEG_INFINITY || whole.iter().map(|&count| u64::from(count)).sum::<u64>() >= take
        })
    }
}

/// Counts keys in buckets.
pub(super) struct Counting<'a> {
    pub(super) groups: &'a Groups,
    /// One run of buckets per group.
    pub(super) counts: &'a mut [u32],
    /// Keys below these are not counted.
    pub(super) floors: &'a [f64],
}

impl KeyVisitor for Counting<'_> {
    #[inline(always)]
    fn bar(&self, slot: usize) -> f64 {
        self.floors[slot]
    }

    #[inline(always)]
    fn visit(&mut self, _: u64, slot: usize, key: f64) {
        if key >= self.floors[slot] {
            self.counts[slot * BUCKETS + self.groups.bucket(key)] += 1;
        }
    }
}

/// Those of the values per group that belong to large groups, with the rows to take from each.
fn large_only<'a, T>(plan: &'a SelectionPlan, per_group: &'a [T]) -> impl Iterator<Item = (&'a T, u64)> {
    per_group.iter().zip(plan.take.values().copied()).filter(|&(_, take)| is_large(take))
}

impl Accumulator for SelectionHistogram {
    const NAME: &'static str = "selection histogram";
    type Output = SelectionCuts;

    fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
        check_classes(self.plan.n_classes, batch.n_classes())?;
        let Self { groups, counts, class_floors, floors, .. } = self;
        let mut visitor = Counting { groups, counts, floors };
        groups.visit_rows_above(batch, class_floors, &mut visitor);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
        if self.plan != other.plan || self.class_floors != other.class_floors || self.floors != other.floors {
            return Err(AccumulatorError::Incompatible { what: "selection plans" });
        }
        merge_counts(&mut self.counts, &other.counts)
    }

    fn finish(self) -> SelectionCuts {
        let mut cuts = SelectionCuts::without_histogram(&self.plan);
        let mut histograms = self.counts.chunks_exact(BUCKETS);
        for cut in cuts.cuts.iter_mut().filter(|cut| is_large(cut.take)) {
            let Some(histogram) = histograms.next() else { break };
            let mut left = cut.take;
            for (bucket, &count) in histogram.iter().enumerate().rev() {
                cut.bucket = bucket as u32;
                if u64::from(count) >= left {
                    break;
                }
                if bucket > 0 {
                    left -= u64::from(count);
                }
            }
            cut.take = left;
        }
        cuts
    }

    fn check(&self) -> Result<(), AccumulatorError> {
        self.groups.check()?;
        let n_large = self.plan.take.values().filter(|&&n| is_large(n)).count();
        // Before anything is made as large as the plan says.
        let fits = self.plan.n_classes == self.groups.n_classes
            && self.class_floors.len() == self.groups.n_classes
            && self.floors.len() == n_large
            && self.counts.len() == n_large * BUCKETS
            && self.groups == Self::new(&self.plan).groups;
        if fits { check_counts(&self.counts) } else { Err(corrupt("counts do not fit the plan")) }
    }
}

/// Where each group is cut: every row above the bucket is taken, and some of the rows inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectionCuts {
    pub(super) groups: Groups,
    pub(super) cuts: Vec<GroupCut>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GroupCut {
    /// Rows in buckets above this are all taken. `None` as `WHOLE`: all rows are ordered.
    pub(super) bucket: u32,
    /// How many rows to take from those that are ordered.
    pub(super) take: u64,
}

/// Stands for "no bucket": all rows of the group are ordered.
pub(super) const WHOLE: u32 = u32::MAX;

impl SelectionCuts {
    /// Cuts for a plan whose groups are all small enough to be ordered whole.
    #[must_use]
    pub fn without_histogram(plan: &SelectionPlan) -> Self {
        let groups = Groups::new(plan.key, plan.n_classes, plan.take.keys().copied());
        let cuts = plan.take.values().map(|&take| GroupCut { bucket: WHOLE, take }).collect();
        Self { groups, cuts }
    }
}

#[cfg(test)]
mod tests {
    use super::super::SelectionKey;
    use super::*;

    #[test]
    fn from_bytes_a_plan_of_more_classes_than_there_are_takes_no_memory() {
        let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 500)]);
        let mut state = SelectionHistogram::new(&plan);
        state.plan.n_classes = 1 << 40;
        let found = SelectionHistogram::from_bytes(&state.to_bytes());
        assert!(matches!(found, Err(AccumulatorError::Corrupt { .. })));
    }

    /// A pass with a floor for its one large group, over rows of a class with these probabilities.
    fn counted(floor: f64, own: &[f64]) -> SelectionHistogram {
        let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 129)]);
        let mut pass = SelectionHistogram::with_floors(&plan, &[floor]);
        let probs: Vec<f64> = own.iter().flat_map(|&p| [p, 1.0 - p]).collect();
        pass.update(&Batch::new(&vec![0; own.len()], &probs, 2, 0).unwrap()).unwrap();
        pass
    }

    #[test]
    fn a_pass_with_floors_is_complete_where_enough_rows_are_in_buckets_above_them() {
        // Keys are what the probabilities leave to 0, and the floor lies in the first half of its bucket.
        let floor = -0.5 + 1e-5;
        let is_complete = |n_above: usize, n_in_bucket: usize| {
            let own = [vec![0.25; n_above], vec![0.499_98; n_in_bucket]].concat();
            counted(floor, &own).is_complete(&[floor])
        };
        assert!(is_complete(129, 0) && is_complete(130, 0) && is_complete(129, 5));
        assert!(!is_complete(128, 0) && !is_complete(128, 300));
        assert!(counted(f64::NEG_INFINITY, &[0.25]).is_complete(&[f64::NEG_INFINITY]));
        // Rows below the floor are not counted.
        assert!(!counted(floor, &[0.75; 300]).is_complete(&[floor]));
        let counts = counted(floor, &[0.75; 300]).counts;
        assert!(counts.iter().all(|&count| count == 0));
    }

    #[test]
    fn floors_are_kept_by_class_and_by_large_group() {
        let plan = SelectionPlan::new(SelectionKey::LowSelfConfidenceOfClass, 2, [(0, 129), (1, 5)]);
        let mut pass = SelectionHistogram::with_floors(&plan, &[-0.5, -0.25]);
        assert_eq!(pass.floors, [-0.5]);
        assert_eq!(pass.class_floors, [-0.5, f64::INFINITY]);
        let SelectionHistogram { groups, counts, floors, .. } = &mut pass;
        assert_eq!(Counting { groups, counts, floors }.bar(0), -0.5);
    }

    #[test]
    fn all_rows_of_a_group_are_taken_where_it_has_fewer_than_it_takes() {
        let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 200)]);
        let mut pass = SelectionHistogram::new(&plan);
        let probs = [[1.0, 0.0]; 150];
        pass.update(&Batch::new(&[0; 150], probs.as_flattened(), 2, 0).unwrap()).unwrap();
        assert_eq!(pass.finish().cuts, [GroupCut { bucket: 0, take: 200 }]);
    }

    #[test]
    fn passes_of_other_plans_or_floors_are_not_merged() {
        let pass = || counted(-0.5, &[0.25; 3]);
        let mut merged = pass();
        merged.merge(pass()).unwrap();
        assert_eq!(merged.counts.iter().sum::<u32>(), 6);
        let others: [fn(&mut SelectionHistogram); 3] = [
            |pass| _ = pass.plan.take.insert(1, 200),
            |pass| pass.class_floors[0] = -0.75,
            |pass| pass.floors[0] = -0.75,
        ];
        for change in others {
            let mut other = pass();
            change(&mut other);
            let refused = Err(AccumulatorError::Incompatible { what: "selection plans" });
            assert_eq!(pass().merge(other), refused);
        }
    }
}
