//! Selections whose rows are too many to be listed: where each group ends, from which every row can tell for itself.

use cleanlab_core::{Accumulator, AccumulatorError, Batch, Float};
use serde::{Deserialize, Serialize};

use super::cut::{Candidate, Cutting, shrink};
use super::groups::{BUCKETS, Groups, KeyVisitor, corrupt};
use super::histogram::{Counting, GroupCut, SelectionCuts, WHOLE};
use super::{SelectionKey, SelectionPlan};
use crate::batch_kernels::largest_of_rows;
use crate::confident_thresholds::check_classes;
use crate::row_counts::{check_counts, merge_counts};

/// Margins below this are not looked at where a selection is expected among the larger ones: most rows have none above
/// it, which their largest probability tells.
const SMALLEST_MARGIN: f64 = f64::MIN_POSITIVE;

/// How the keys of all groups are distributed, counted before it is known how many rows are taken from which.
///
/// Of pairs of classes only the positive margins are counted. Merged and finished, it is asked for
/// [cuts](SelectionSurvey::cuts_for).
///
/// ```
/// use cleanlab_core::{Accumulator, Batch};
/// use cleanlab_count::{SelectionBoundary, SelectionKey, SelectionPlan, SelectionSurvey};
///
/// let batch = Batch::new(&[0, 0, 1], &[0.9, 0.1, 0.4, 0.6, 0.7, 0.3], 2, 0)?;
/// let mut survey = SelectionSurvey::new(SelectionKey::LowSelfConfidence, 2);
/// survey.update(&batch)?;
/// // The two rows whose labels are least confirmed.
/// let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 2)]);
/// let cuts = survey.finish().cuts_for(&plan).ok_or("too few rows were counted")?;
/// let mut boundary = SelectionBoundary::new(&cuts);
/// boundary.update(&batch)?;
/// let mut flags = [true; 3];
/// boundary.finish().keep_selected(&batch, &mut flags)?;
/// assert_eq!(flags, [false, true, true]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelectionSurvey {
    groups: Groups,
    /// One run of buckets per group.
    counts: Vec<u32>,
    /// Keys below the floor of their group are not counted; it is the same for all.
    floors: Vec<f64>,
    class_floors: Vec<f64>,
}

impl SelectionSurvey {
    /// A pass over data with `n_classes` classes that has seen no row yet.
    #[must_use]
    pub fn new(key: SelectionKey, n_classes: usize) -> Self {
        let is_margin = key == SelectionKey::MarginOfPair;
        Self::with_floor(key, n_classes, if is_margin { SMALLEST_MARGIN } else { f64::NEG_INFINITY })
    }

    /// A pass that leaves out what labels are seldom flagged for, margins of pairs below one eighth and normalized
    /// margins above one half: faster, and more often without [cuts](SelectionSurvey::cuts_for).
    #[must_use]
    pub fn of_large_keys(key: SelectionKey, n_classes: usize) -> Self {
        let floor = match key {
            SelectionKey::MarginOfPair => 0.125,
            // That of a row whose given label is as probable as any other.
            SelectionKey::LowNormalizedMargin => -0.5,
            SelectionKey::LowSelfConfidenceOfClass | SelectionKey::LowSelfConfidence => f64::NEG_INFINITY,
        };
        Self::with_floor(key, n_classes, floor)
    }

    fn with_floor(key: SelectionKey, n_classes: usize, floor: f64) -> Self {
        let groups = Groups::new(key, n_classes, groups_of(key, n_classes as u64).into_iter());
        let n_groups = groups.members.len().min(n_groups_of(key, n_classes));
        let floors = vec![floor; n_groups];
        let class_floors = groups.floors_of_classes(&floors);
        Self { groups, counts: vec![0; n_groups * BUCKETS], floors, class_floors }
    }

    /// The bytes that a survey of so many classes takes; with many classes their pairs are better counted once it is
    /// known which of them matter.
    #[must_use]
    pub fn memory(key: SelectionKey, n_classes: usize) -> usize {
        n_groups_of(key, n_classes).saturating_mul(BUCKETS * size_of::<u32>())
    }

    /// Where the groups of a plan are cut; nothing when a group takes rows that were not counted, so that a
    /// [`SelectionHistogram`](super::SelectionHistogram) of the plan is needed. The plan has this survey's key.
    #[must_use]
    pub fn cuts_for(&self, plan: &SelectionPlan) -> Option<SelectionCuts> {
        if plan.key != self.groups.key || plan.n_classes != self.groups.n_classes {
            return None;
        }
        let floor = self.floors.first().filter(|floor| floor.is_finite());
        let in_part = floor.map(|&floor| self.groups.bucket(floor));
        let mut cuts = SelectionCuts::without_histogram(plan);
        let slots = self.slots_of(plan);
        for ((cut, &take), slot) in cuts.cuts.iter_mut().zip(plan.take.values()).zip(slots) {
            let histogram = self.counts.chunks_exact(BUCKETS).nth(slot?)?;
            let mut left = take;
            for (bucket, &count) in histogram.iter().enumerate().rev() {
                if in_part.is_some_and(|in_part| bucket <= in_part) {
                    return None;
                }
                *cut = GroupCut { bucket: bucket as u32, take: left };
                if bucket == 0 || u64::from(count) >= left {
                    break;
                }
                left -= u64::from(count);
            }
        }
        Some(cuts)
    }

    /// For each group of the plan, which of ours it is.
    fn slots_of(&self, plan: &SelectionPlan) -> Vec<Option<usize>> {
        let all = groups_of(self.groups.key, self.groups.n_classes as u64);
        plan.take.keys().map(|group| all.binary_search(group).ok()).collect()
    }
}

/// All groups of a key, in ascending order.
fn groups_of(key: SelectionKey, n_classes: u64) -> Vec<u64> {
    match key {
        SelectionKey::MarginOfPair => (0..n_classes)
            .flat_map(|given| {
                (0..n_classes)
                    .filter(move |&other| other != given)
                    .map(move |other| given * n_classes + other)
            })
            .collect(),
        SelectionKey::LowSelfConfidenceOfClass => (0..n_classes).collect(),
        SelectionKey::LowSelfConfidence | SelectionKey::LowNormalizedMargin => vec![0],
    }
}

fn n_groups_of(key: SelectionKey, n_classes: usize) -> usize {
    match key {
        SelectionKey::MarginOfPair => n_classes.saturating_mul(n_classes.saturating_sub(1)),
        SelectionKey::LowSelfConfidenceOfClass => n_classes,
        SelectionKey::LowSelfConfidence | SelectionKey::LowNormalizedMargin => 1,
    }
}

impl Accumulator for SelectionSurvey {
    const NAME: &'static str = "selection survey";
    type Output = Self;

    fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
        check_classes(self.groups.n_classes, batch.n_classes())?;
        let Self { groups, counts, floors, class_floors, .. } = self;
        groups.visit_rows_above(batch, class_floors, &mut Counting { groups, counts, floors });
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
        if (&self.groups, &self.floors) != (&other.groups, &other.floors) {
            return Err(AccumulatorError::Incompatible { what: "groups" });
        }
        merge_counts(&mut self.counts, &other.counts)
    }

    fn finish(self) -> Self {
        self
    }

    fn check(&self) -> Result<(), AccumulatorError> {
        self.groups.check()?;
        let (key, n_classes) = (self.groups.key, self.groups.n_classes);
        let is_fresh = || {
            let floor = self.floors.first().copied().unwrap_or(f64::NEG_INFINITY);
            let fresh = Self::with_floor(key, n_classes, floor);
            (&self.groups, &self.floors, &self.class_floors)
                == (&fresh.groups, &fresh.floors, &fresh.class_floors)
        };
        let n_groups = if n_classes == 0 { 0 } else { n_groups_of(key, n_classes) };
        // Before anything is made as large as the classes are many.
        let fits = n_groups.checked_mul(BUCKETS) == Some(self.counts.len()) && is_fresh();
        if fits { check_counts(&self.counts) } else { Err(corrupt("counts do not fit the groups")) }
    }
}

/// The pass that finds the last row that each group takes. Unlike [`SelectionCut`](super::SelectionCut) it lists no rows
/// but those of the bucket in which that one lies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelectionBoundary {
    cuts: SelectionCuts,
    /// Keys below this cannot be the last one, per group; raised as better rows are seen.
    lowest: Vec<f64>,
    /// Whether groups that are ordered whole were searched from [`SMALLEST_MARGIN`] on.
    is_floored: bool,
    /// Best rows seen inside the bucket, per group.
    candidates: Vec<Vec<Candidate>>,
    class_floors: Vec<f64>,
}

impl SelectionBoundary {
    /// A pass that has seen no row yet.
    #[must_use]
    pub fn new(cuts: &SelectionCuts) -> Self {
        Self::with_floor(cuts, f64::NEG_INFINITY)
    }

    /// A pass that looks at positive margins alone, which most rows have none of; see
    /// [`SelectionBoundary::is_complete`].
    #[must_use]
    pub fn of_positive_margins(cuts: &SelectionCuts) -> Self {
        let is_margin = cuts.groups.key == SelectionKey::MarginOfPair;
        Self::with_floor(cuts, if is_margin { SMALLEST_MARGIN } else { f64::NEG_INFINITY })
    }

    fn with_floor(cuts: &SelectionCuts, floor: f64) -> Self {
        let lowest = |cut: &GroupCut| match cut.bucket {
            WHOLE => floor,
            bucket => cuts.groups.lower_edge(bucket as usize),
        };
        let lowest: Vec<f64> = cuts.cuts.iter().map(lowest).collect();
        Self {
            class_floors: cuts.groups.floors_of_classes(&lowest),
            cuts: cuts.clone(),
            lowest,
            is_floored: floor.is_finite(),
            candidates: vec![Vec::new(); cuts.cuts.len()],
        }
    }

    /// Whether every group found the rows it takes; otherwise a pass without a floor is needed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let lacks = |(found, cut): (&Vec<Candidate>, &GroupCut)| {
            cut.bucket == WHOLE && (found.len() as u64) < cut.take
        };
        !self.is_floored || !self.candidates.iter().zip(&self.cuts.cuts).any(lacks)
    }

    fn shrink(&mut self, slot: usize) {
        let take = self.cuts.cuts[slot].take as usize;
        shrink(&mut self.candidates[slot], take, &mut self.lowest[slot]);
    }
}

impl Accumulator for SelectionBoundary {
    const NAME: &'static str = "selection boundary";
    type Output = SelectionBounds;

    fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
        let Self { cuts: SelectionCuts { groups, cuts }, lowest, candidates, class_floors, .. } = self;
        check_classes(groups.n_classes, batch.n_classes())?;
        let mut visitor = Cutting { groups, cuts, lowest, candidates, take: |_| () };
        groups.visit_keys_above(batch, class_floors, &mut visitor);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
        if self.cuts != other.cuts || self.is_floored != other.is_floored {
            return Err(AccumulatorError::Incompatible { what: "selection cuts" });
        }
        for (slot, theirs) in other.candidates.into_iter().enumerate() {
            self.lowest[slot] = self.lowest[slot].max(other.lowest[slot]);
            self.candidates[slot].reserve_exact(theirs.len());
            self.candidates[slot].extend(theirs);
            self.shrink(slot);
        }
        Ok(())
    }

    fn finish(mut self) -> SelectionBounds {
        (0..self.candidates.len()).for_each(|slot| self.shrink(slot));
        let everything = Candidate { key: f64::NEG_INFINITY, row: u64::MAX };
        let last = |(found, cut): (&Vec<Candidate>, &GroupCut)| {
            if (found.len() as u64) < cut.take {
                return everything;
            }
            found.iter().copied().max_by(Candidate::order).unwrap_or(everything)
        };
        let bounds: Vec<Candidate> = self.candidates.iter().zip(&self.cuts.cuts).map(last).collect();
        let keys: Vec<f64> = bounds.iter().map(|bound| bound.key).collect();
        let class_floors = self.cuts.groups.floors_of_classes(&keys);
        SelectionBounds { groups: self.cuts.groups, bounds, class_floors }
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

/// Which rows a plan selects, told from the last one of each group.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectionBounds {
    groups: Groups,
    /// The last row selected, per group.
    bounds: Vec<Candidate>,
    /// The smallest key selected of the groups of each class.
    class_floors: Vec<f64>,
}

impl SelectionBounds {
    /// Takes the flag from every row of a batch that is not selected.
    ///
    /// # Errors
    ///
    /// [`AccumulatorError::Classes`] when the batch has another number of classes.
    pub fn keep_selected<F: Float>(
        &self,
        batch: &Batch<'_, F>,
        flags: &mut [bool],
    ) -> Result<(), AccumulatorError> {
        check_classes(self.groups.n_classes, batch.n_classes())?;
        let largest = match self.groups.key {
            SelectionKey::MarginOfPair => Some(largest_of_rows(batch)),
            _ => None,
        };
        for (position, ((row, label, probs), flag)) in batch.iter().zip(flags).enumerate() {
            if !*flag {
                continue;
            }
            // No margin is larger than that of the largest probability.
            let highest = largest.as_ref().map(|largest| largest[position].to_f64() - probs[label].to_f64());
            if highest.is_some_and(|highest| highest < self.class_floors[label]) {
                *flag = false;
                continue;
            }
            let mut found = WithinBounds { bounds: &self.bounds, selected: false };
            self.groups.visit_row(row, label, probs, &mut found);
            *flag = found.selected;
        }
        Ok(())
    }
}

/// Whether a row comes before the last one that any of its groups takes.
struct WithinBounds<'a> {
    bounds: &'a [Candidate],
    selected: bool,
}

impl KeyVisitor for WithinBounds<'_> {
    fn bar(&self, slot: usize) -> f64 {
        self.bounds[slot].key
    }

    fn visit(&mut self, row: u64, slot: usize, key: f64) {
        self.selected |= Candidate { key, row }.order(&self.bounds[slot]).is_le();
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::KEYS;
    use super::super::{SelectionHistogram, select_mask};
    use super::*;
    use cleanlab_core::{LabeledProbs, Labels, PredProbs};
    use ndarray::Array2;
    use proptest::prelude::*;

    fn passed<A: Accumulator>(data: &LabeledProbs<'_, f64>, batch_rows: usize, make: impl Fn() -> A) -> A {
        let mut all = make();
        let (labels, k) = (data.labels().as_slice(), data.n_classes());
        for start in (0..data.len()).step_by(batch_rows) {
            let rows = start..(start + batch_rows).min(data.len());
            let mut scratch = Vec::new();
            let probs = data.pred_probs().rows(rows.clone(), &mut scratch);
            let mut part = make();
            part.update(&Batch::new(&labels[rows], probs, k, start as u64).unwrap()).unwrap();
            part.merge(std::mem::replace(&mut all, make())).unwrap();
            all = A::from_bytes(&part.to_bytes()).unwrap();
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn keep_selected_flags_what_select_mask_selects(
            (k, n) in (2_usize..6, 1_usize..600),
            steps in 1_u32..2000,
            shares in prop::collection::vec(0_u64..300, 36),
            batch_rows in 1_usize..200,
            seed in any::<u64>(),
        ) {
            // Of more batches the law would take seconds.
            let batch_rows = batch_rows.max(n / 16);
            let mut state = seed | 1;
            let mut next = move || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as u32
            };
            let labels: Vec<u32> = (0..n).map(|_| next() % k as u32).collect();
            let probs = Array2::from_shape_fn((n, k), |_| f64::from(next() % (steps + 1)) / f64::from(steps));
            let data = LabeledProbs::allowing_one_class(
                Labels::new(&labels).unwrap(),
                PredProbs::new(probs.view()).unwrap(),
            )
            .unwrap();
            for key in KEYS {
                let takes = groups_of(key, k as u64).into_iter().zip(shares.iter().copied());
                let plan = SelectionPlan::new(key, k, takes);
                let expected = select_mask(&data, &plan, &[]).unwrap();
                let survey = passed(&data, batch_rows, || SelectionSurvey::new(key, k));
                let whole = SelectionCuts::without_histogram(&plan);
                let counted = passed(&data, batch_rows, || SelectionHistogram::new(&plan)).finish();
                let floored = passed(&data, batch_rows, || SelectionBoundary::of_positive_margins(&counted));
                let mut found = vec![
                    passed(&data, batch_rows, || SelectionBoundary::new(&whole)).finish(),
                    passed(&data, batch_rows, || SelectionBoundary::new(&counted)).finish(),
                ];
                if let Some(cuts) = survey.cuts_for(&plan) {
                    found.push(passed(&data, batch_rows, || SelectionBoundary::new(&cuts)).finish());
                } else {
                    prop_assert_eq!(key, SelectionKey::MarginOfPair);
                }
                let survey = passed(&data, batch_rows, || SelectionSurvey::of_large_keys(key, k));
                if let Some(cuts) = survey.cuts_for(&plan) {
                    found.push(passed(&data, batch_rows, || SelectionBoundary::new(&cuts)).finish());
                }
                if floored.is_complete() {
                    found.push(floored.finish());
                }
                for bounds in found {
                    let mut flags = vec![true; n];
                    let batch = Batch::new(&labels, probs.as_slice().unwrap(), k, 0).unwrap();
                    if plan.take.is_empty() {
                        continue;
                    }
                    bounds.keep_selected(&batch, &mut flags).unwrap();
                    prop_assert_eq!(&flags, &expected, "{:?}", key);
                }
            }
        }
    }

    #[test]
    fn from_bytes_a_survey_without_counts_takes_no_memory() {
        // 9,000 classes have 81 million pairs, whose counts would take 155 GiB.
        let no_pairs = Groups::new(SelectionKey::MarginOfPair, 9000, std::iter::empty());
        for n_counts in [0, BUCKETS] {
            let bytes = SelectionSurvey {
                groups: no_pairs.clone(),
                counts: vec![0; n_counts],
                floors: vec![0.0; n_counts / BUCKETS],
                class_floors: vec![f64::INFINITY; 9000],
            }
            .to_bytes();
            assert!(matches!(SelectionSurvey::from_bytes(&bytes), Err(AccumulatorError::Corrupt { .. })));
        }
    }

    /// A pass over rows of two classes labelled 0, whose other class leads by these margins.
    fn boundary_of_margins(mut pass: SelectionBoundary, margins: &[f64]) -> SelectionBoundary {
        let probs: Vec<f64> =
            margins.iter().flat_map(|margin| [(1.0 - margin) / 2.0, (1.0 + margin) / 2.0]).collect();
        pass.update(&Batch::new(&vec![0; margins.len()], &probs, 2, 0).unwrap()).unwrap();
        pass
    }

    #[test]
    fn a_boundary_of_positive_margins_is_complete_when_there_are_enough() {
        let plan = SelectionPlan::new(SelectionKey::MarginOfPair, 2, [(1, 2)]);
        let cuts = SelectionCuts::without_histogram(&plan);
        for (margins, is_complete) in [
            (&[0.5, 0.25, -0.5][..], true),
            (&[0.5, 0.25, 0.75], true),
            (&[0.5, -0.25, -0.5], false),
            (&[-0.5], false),
        ] {
            let floored = boundary_of_margins(SelectionBoundary::of_positive_margins(&cuts), margins);
            assert_eq!(floored.is_complete(), is_complete, "{margins:?}");
            let whole = boundary_of_margins(SelectionBoundary::new(&cuts), margins);
            assert!(whole.is_complete());
            // Those of a bucket were counted.
            let mut counted = floored;
            counted.cuts.cuts[0].bucket = 3;
            assert!(counted.is_complete());
            assert!(matches!(counted.merge(whole), Err(AccumulatorError::Incompatible { .. })));
        }
        let floored = SelectionBoundary::of_positive_margins(&cuts);
        let whole = SelectionBoundary::new(&cuts);
        assert!(matches!(whole.clone().merge(floored), Err(AccumulatorError::Incompatible { .. })));
        // Only margins have a floor.
        let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 2)]);
        let cuts = SelectionCuts::without_histogram(&plan);
        assert!(SelectionBoundary::of_positive_margins(&cuts).is_complete());
    }

    #[test]
    fn a_survey_of_large_keys_has_cuts_for_as_many_rows_as_it_counted() {
        let probs: Vec<f64> =
            (0..100).flat_map(|row| [f64::from(row) / 100.0, 1.0 - f64::from(row) / 100.0]).collect();
        let batch = Batch::new(&[0; 100], &probs, 2, 0).unwrap();
        for (key, group, counted) in [
            // Labels less probable than the other class.
            (SelectionKey::LowNormalizedMargin, 0, 50),
            (SelectionKey::MarginOfPair, 1, 43),
            (SelectionKey::LowSelfConfidence, 0, 100),
        ] {
            let mut survey = SelectionSurvey::of_large_keys(key, 2);
            survey.update(&batch).unwrap();
            let n_counted: u32 = survey.counts.iter().sum();
            assert!((counted..=counted + 1).contains(&n_counted), "{key:?}: {n_counted}");
            let cuts_for = |take| survey.cuts_for(&SelectionPlan::new(key, 2, [(group, take)]));
            let cuts = cuts_for(30).unwrap();
            assert!(cuts.cuts[0].bucket < BUCKETS as u32 && cuts.cuts[0].take < 30, "{cuts:?}");
            assert_eq!(cuts_for(80).is_some(), key == SelectionKey::LowSelfConfidence, "{key:?}");
        }
    }

    #[test]
    fn groups_are_in_ascending_order() {
        assert_eq!(groups_of(SelectionKey::MarginOfPair, 3), [1, 2, 3, 5, 6, 7]);
        assert_eq!(groups_of(SelectionKey::LowSelfConfidenceOfClass, 3), [0, 1, 2]);
        assert_eq!(groups_of(SelectionKey::LowNormalizedMargin, 3), [0]);
    }

    #[test]
    fn a_boundary_that_does_not_fit_its_groups_is_refused() {
        let plan = SelectionPlan::new(SelectionKey::LowSelfConfidenceOfClass, 3, [(0, 1), (2, 4)]);
        let good = SelectionBoundary::new(&SelectionCuts::without_histogram(&plan));
        assert!(good.check().is_ok());
        let spoilt: [fn(&mut SelectionBoundary); 4] = [
            |state| state.cuts.groups.members[1].slot = 2,
            |state| state.lowest.push(0.0),
            |state| state.candidates.truncate(1),
            |state| state.class_floors.truncate(2),
        ];
        for spoil in spoilt {
            let mut state = good.clone();
            spoil(&mut state);
            assert!(matches!(state.check(), Err(AccumulatorError::Corrupt { .. })), "{state:?}");
        }
    }

    #[test]
    fn memory_of_a_survey_grows_with_its_groups() {
        assert_eq!(SelectionSurvey::memory(SelectionKey::LowSelfConfidence, 1000), BUCKETS * 4);
        assert!(SelectionSurvey::memory(SelectionKey::MarginOfPair, 1000) > 1 << 30);
    }
}
