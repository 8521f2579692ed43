//! The groups of a selection plan, and the keys that order their rows.

use cleanlab_core::{AccumulatorError, Batch, Float};
use serde::{Deserialize, Serialize};

use super::SelectionKey;
use crate::batch_kernels::{given_probs, largest_of_rows, largest_others};
use crate::row_kernels::{margin_over, normalized_margin};

/// Buckets over the range of the key; the rows of one bucket of one group are what has to be ordered exactly.
pub(super) const BUCKETS: usize = 512;

/// What is done with the keys of rows.
pub(super) trait KeyVisitor {
    /// Keys of the group below this need not be visited.
    fn bar(&self, slot: usize) -> f64;

    /// Takes the key of a row in one of its groups.
    fn visit(&mut self, row: u64, slot: usize, key: f64);
}

/// Groups of a plan, found by given class in constant time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Groups {
    pub(super) key: SelectionKey,
    pub(super) n_classes: usize,
    /// `members[starts[i]..starts[i + 1]]` are the groups that a row of given class i belongs to.
    starts: Vec<u32>,
    pub(super) members: Vec<Member>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Member {
    /// The other class of a pair; unused by other keys.
    pub(super) other: u32,
    /// Which of the listed groups it is.
    pub(super) slot: u32,
}

impl Groups {
    /// Groups in ascending order; slots count them.
    pub(super) fn new(key: SelectionKey, n_classes: usize, groups: impl Iterator<Item = u64>) -> Self {
        let groups: Vec<u64> = groups.collect();
        let k = n_classes as u64;
        let mut starts = vec![0];
        let mut members = Vec::new();
        for class in 0..k {
            match key {
                SelectionKey::MarginOfPair | SelectionKey::LowSelfConfidenceOfClass => {
                    let (low, high) = match key {
                        SelectionKey::MarginOfPair => (class * k, (class + 1) * k),
                        _ => (class, class + 1),
                    };
                    let first = groups.partition_point(|&group| group < low);
                    let last = groups.partition_point(|&group| group < high);
                    members.extend(
                        (first..last)
                            .map(|slot| Member { other: (groups[slot] - low) as u32, slot: slot as u32 }),
                    );
                }
                SelectionKey::LowSelfConfidence | SelectionKey::LowNormalizedMargin => {
                    members.extend((0..groups.len().min(1)).map(|_| Member { other: 0, slot: 0 }));
                }
            }
            starts.push(members.len() as u32);
        }
        Self { key, n_classes, starts, members }
    }

    #[inline(always)]
    pub(super) fn members_of(&self, label: usize) -> &[Member] {
        &self.members[self.starts[label] as usize..self.starts[label + 1] as usize]
    }

    /// The smallest floor of the groups of each class: rows of the class with lower keys interest nobody. Infinite for
    /// a class in no group.
    pub(super) fn floors_of_classes(&self, floors: &[f64]) -> Vec<f64> {
        let lowest = |class| {
            let members = self.members_of(class).iter();
            members.map(|member| floors[member.slot as usize]).fold(f64::INFINITY, f64::min)
        };
        (0..self.n_classes).map(lowest).collect()
    }

    /// Visits each group that each row of a batch belongs to. It may leave out keys that are below the floor of the
    /// row's class.
    #[inline(always)]
    pub(super) fn visit_keys_above<F: Float>(
        &self,
        batch: &Batch<'_, F>,
        class_floors: &[f64],
        visitor: &mut impl KeyVisitor,
    ) {
        match self.key {
            SelectionKey::MarginOfPair if class_floors.iter().any(|&floor| floor > 0.0) => {
                for ((row, label, probs), largest) in batch.iter().zip(largest_of_rows(batch)) {
                    // No margin is larger than that of the largest probability.
                    if largest.to_f64() - probs[label].to_f64() >= class_floors[label] {
                        self.visit_margins(row, label, probs, visitor);
                    }
                }
            }
            SelectionKey::MarginOfPair => {
                for (row, label, probs) in batch.iter() {
                    self.visit_margins(row, label, probs, visitor);
                }
            }
            SelectionKey::LowNormalizedMargin => {
                for ((row, label, probs), other) in batch.iter().zip(largest_others(batch)) {
                    if let Some(slot) = self.own_group(label) {
                        visitor.visit(row, slot, -margin_over(probs[label].to_f64(), other));
                    }
                }
            }
            SelectionKey::LowSelfConfidenceOfClass | SelectionKey::LowSelfConfidence => {
                for ((row, label, _), own) in batch.iter().zip(given_probs(batch)) {
                    if let Some(slot) = self.own_group(label) {
                        visitor.visit(row, slot, -own);
                    }
                }
            }
        }
    }

    /// Visits each group that a row belongs to.
    pub(super) fn visit_row<F: Float>(
        &self,
        row: u64,
        label: usize,
        probs: &[F],
        visitor: &mut impl KeyVisitor,
    ) {
        let key = match self.key {
            SelectionKey::MarginOfPair => return self.visit_margins(row, label, probs, visitor),
            SelectionKey::LowSelfConfidenceOfClass | SelectionKey::LowSelfConfidence => {
                -probs[label].to_f64()
            }
            SelectionKey::LowNormalizedMargin => -normalized_margin(probs, label),
        };
        if let Some(slot) = self.own_group(label) {
            visitor.visit(row, slot, key);
        }
    }

    #[inline(always)]
    pub(super) fn own_group(&self, label: usize) -> Option<usize> {
        self.members_of(label).first().map(|member| member.slot as usize)
    }

    /// The group of a pair of classes. Mostly every other class is there, and its place known.
    #[inline(always)]
    pub(super) fn slot_of_pair(&self, label: usize, other: usize) -> Option<usize> {
        let members = self.members_of(label);
        let expected = members.get(other - usize::from(other > label));
        let member = match expected {
            Some(member) if member.other as usize == other => member,
            _ => &members[members.binary_search_by_key(&(other as u32), |member| member.other).ok()?],
        };
        Some(member.slot as usize)
    }

    #[inline(always)]
    pub(super) fn visit_margins<F: Float>(
        &self,
        row: u64,
        label: usize,
        probs: &[F],
        visitor: &mut impl KeyVisitor,
    ) {
        let own = probs[label].to_f64();
        for member in self.members_of(label) {
            visitor.visit(row, member.slot as usize, probs[member.other as usize].to_f64() - own);
        }
    }

    /// Which bucket a key lies in; never decreases as the key grows.
    #[inline(always)]
    pub(super) fn bucket(&self, key: f64) -> usize {
        let (low, high) = self.key.range();
        // The range is 1 or 2, so this is one multiplication and exact. A negative product becomes 0.
        let scale = if high - low > 1.0 { BUCKETS as f64 / 2.0 } else { BUCKETS as f64 };
        (((key - low) * scale) as usize).min(BUCKETS - 1)
    }

    /// A key that every key of `bucket` or above reaches; a cheap first test.
    pub(super) fn lower_edge(&self, bucket: usize) -> f64 {
        let (low, high) = self.key.range();
        if bucket == 0 {
            return f64::NEG_INFINITY;
        }
        let slack = 1e-9;
        low + (bucket as f64 / BUCKETS as f64) * (high - low) - slack
    }

    pub(super) fn check(&self) -> Result<(), AccumulatorError> {
        let ends = self.starts.len().checked_sub(1) == Some(self.n_classes)
            && self.starts.first() == Some(&0)
            && self.starts.last() == Some(&(self.members.len() as u32))
            && self.starts.is_sorted();
        let members = self.members.iter().all(|member| (member.other as usize) < self.n_classes.max(1));
        if ends && members { Ok(()) } else { Err(corrupt("groups do not fit the classes")) }
    }
}

pub(super) fn corrupt(reason: &str) -> AccumulatorError {
    AccumulatorError::Corrupt { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which rows were visited.
    struct Visited(Vec<u64>);

    impl KeyVisitor for Visited {
        fn bar(&self, _: usize) -> f64 {
            f64::NEG_INFINITY
        }

        fn visit(&mut self, row: u64, _: usize, _: f64) {
            self.0.push(row);
        }
    }

    #[test]
    fn rows_whose_margins_are_all_below_the_floor_of_their_class_are_not_visited() {
        let groups = Groups::new(SelectionKey::MarginOfPair, 2, [1, 2].into_iter());
        let probs = [0.9, 0.1, 0.4, 0.6, 0.2, 0.8, 0.3, 0.7, 0.5, 0.5];
        let batch = Batch::new(&[0, 0, 0, 1, 1], &probs, 2, 0).unwrap();
        let visited = |floors: [f64; 2]| {
            let mut visited = Visited(Vec::new());
            groups.visit_keys_above(&batch, &groups.floors_of_classes(&floors), &mut visited);
            visited.0
        };
        assert_eq!(visited([f64::NEG_INFINITY; 2]), [0, 1, 2, 3, 4]);
        // Without a positive floor it is not asked for the largest probability of each row.
        assert_eq!(visited([0.0, -0.5]), [0, 1, 2, 3, 4]);
        assert_eq!(visited([0.25, 0.25]), [2]);
        assert_eq!(visited([0.125, 0.0]), [1, 2, 3, 4]);
    }

    #[test]
    fn the_floor_of_a_class_is_the_lowest_of_its_groups() {
        // Pairs of class 0 with 1 and 2, and of class 2 with 1.
        let groups = Groups::new(SelectionKey::MarginOfPair, 3, [1, 2, 7].into_iter());
        assert_eq!(groups.floors_of_classes(&[0.5, 0.25, -1.0]), [0.25, f64::INFINITY, -1.0]);
        assert_eq!(groups.slot_of_pair(0, 2), Some(1));
        assert_eq!(groups.slot_of_pair(2, 1), Some(2));
        assert_eq!((groups.slot_of_pair(2, 0), groups.slot_of_pair(1, 0)), (None, None));
        let of_class = Groups::new(SelectionKey::LowSelfConfidenceOfClass, 3, [0, 2].into_iter());
        assert_eq!([0, 1, 2].map(|label| of_class.own_group(label)), [Some(0), None, Some(1)]);
    }

    #[test]
    fn buckets_share_the_range_of_the_key_and_reach_down_to_their_edges() {
        for (key, low, high) in
            [(SelectionKey::MarginOfPair, -1.0, 1.0), (SelectionKey::LowSelfConfidence, -1.0, 0.0)]
        {
            let groups = Groups::new(key, 2, [1].into_iter());
            assert_eq!((groups.bucket(low - 1e-6), groups.bucket(low)), (0, 0));
            assert_eq!((groups.bucket(high), groups.bucket(high + 1e-6)), (BUCKETS - 1, BUCKETS - 1));
            assert_eq!(groups.lower_edge(0), f64::NEG_INFINITY);
            for bucket in 1..BUCKETS {
                let edge = groups.lower_edge(bucket);
                let first = low + (high - low) * bucket as f64 / BUCKETS as f64;
                assert!(edge < first && first - edge < 1e-8);
                assert_eq!((groups.bucket(first), groups.bucket(edge)), (bucket, bucket - 1));
            }
        }
    }

    #[test]
    fn groups_that_do_not_fit_their_classes_are_refused() {
        let good = Groups::new(SelectionKey::MarginOfPair, 3, [1, 2, 7].into_iter());
        assert!(good.check().is_ok());
        let spoilt: [fn(&mut Groups); 5] = [
            |groups| groups.n_classes = 4,
            |groups| groups.starts[0] = 1,
            |groups| groups.starts[3] = 2,
            |groups| groups.starts[1] = 3,
            |groups| groups.members[0].other = 3,
        ];
        for spoil in spoilt {
            let mut groups = good.clone();
            spoil(&mut groups);
            assert!(matches!(groups.check(), Err(AccumulatorError::Corrupt { .. })), "{groups:?}");
        }
    }
}
