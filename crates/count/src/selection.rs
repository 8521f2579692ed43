//! Which rows have the most suspicious labels: exact selection of the n best of each group, in two mergeable passes.
//!
//! Pruning needs, for each pair of a given and another class, the n rows with the largest margin; equal margins go to
//! the earlier row. Keeping the n best of every group in memory costs as much as there are issues, so a first pass
//! ([`SelectionHistogram`]) counts the keys of each large group in buckets. The second ([`SelectionCut`]) takes every
//! row above the bucket in which the n-th key lies, and orders only the rows inside that bucket.

use std::collections::BTreeMap;

use cleanlab_core::{Accumulator, AccumulatorError, Batch, Float, LabeledProbs, accumulate};
use serde::{Deserialize, Serialize};

use crate::confident_thresholds::check_classes;
use crate::errors::CountError;
use crate::row_kernels::normalized_margin;

/// What rows are grouped and ordered by; the largest key is selected first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SelectionKey {
    /// Group: pair of given class i and other class j (`i * K + j`). Key: p(j) − p(i).
    MarginOfPair,
    /// Group: given class. Key: −p(given).
    LowSelfConfidenceOfClass,
    /// One group (0). Key: −p(given).
    LowSelfConfidence,
    /// One group (0). Key: −normalized margin.
    LowNormalizedMargin,
}

impl SelectionKey {
    /// The interval that the keys of valid probabilities lie in, up to the tolerance of 1e-6.
    fn range(self) -> (f64, f64) {
        match self {
            Self::MarginOfPair => (-1.0, 1.0),
            Self::LowSelfConfidenceOfClass | Self::LowSelfConfidence | Self::LowNormalizedMargin => {
                (-1.0, 0.0)
            }
        }
    }
}

/// How many rows to take from which group.
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::{SelectionKey, SelectionPlan, select_rows};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.7, 0.3]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 0, 1])?, PredProbs::new(pred_probs)?)?;
/// // Of the rows labelled 0, the one whose label is least confirmed.
/// let plan = SelectionPlan::new(SelectionKey::LowSelfConfidenceOfClass, 2, [(0, 1)]);
/// assert_eq!(select_rows(&data, &plan)?, [2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectionPlan {
    key: SelectionKey,
    n_classes: usize,
    /// Group → rows to take, only groups from which any are taken.
    take: BTreeMap<u64, u64>,
}

impl SelectionPlan {
    /// Takes the given number of rows from each listed group; groups with 0 are left out.
    #[must_use]
    pub fn new(key: SelectionKey, n_classes: usize, take: impl IntoIterator<Item = (u64, u64)>) -> Self {
        Self { key, n_classes, take: take.into_iter().filter(|&(_, n)| n > 0).collect() }
    }

    /// Whether any group is large enough for the counting pass to pay.
    #[must_use]
    pub fn needs_histogram(&self) -> bool {
        self.take.values().any(|&n| is_large(n))
    }
}

/// The rows that `plan` selects, in ascending order, each once.
///
/// # Errors
///
/// Only if the passes cannot be merged, which would be a defect of this library.
pub fn select_rows<F: Float>(
    data: &LabeledProbs<'_, F>,
    plan: &SelectionPlan,
) -> Result<Vec<u64>, CountError> {
    Ok(selected(data, plan)?.map(Accumulator::finish).unwrap_or_default())
}

/// For each row of `data`, whether `plan` selects it: [`select_rows`] without the cost of an ordered list.
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::{SelectionKey, SelectionPlan, select_mask};
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]])?;
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1])?, pred_probs)?;
/// let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 2)]);
/// assert_eq!(select_mask(&data, &plan)?, [false, true, true]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`select_rows`].
pub fn select_mask<F: Float>(
    data: &LabeledProbs<'_, F>,
    plan: &SelectionPlan,
) -> Result<Vec<bool>, CountError> {
    let mut mask = vec![false; data.len()];
    if let Some(mut cut) = selected(data, plan)? {
        cut.keep_best();
        cut.selected_rows().for_each(|row| mask[row as usize] = true);
    }
    Ok(mask)
}

fn selected<F: Float>(
    data: &LabeledProbs<'_, F>,
    plan: &SelectionPlan,
) -> Result<Option<SelectionCut>, CountError> {
    if plan.take.is_empty() {
        return Ok(None);
    }
    let cuts = if plan.needs_histogram() {
        let sampled = sample_floors(data, plan);
        let counted = accumulate(data, || sampled.clone())?;
        if counted.is_complete() {
            counted.finish()
        } else {
            accumulate(data, || SelectionHistogram::new(plan))?.finish()
        }
    } else {
        SelectionCuts::without_histogram(plan)
    };
    Ok(Some(accumulate(data, || SelectionCut::new(&cuts))?))
}

/// An empty histogram that will skip keys which, going by a sample of the rows, are far from being selected.
fn sample_floors<F: Float>(data: &LabeledProbs<'_, F>, plan: &SelectionPlan) -> SelectionHistogram {
    const SAMPLE_ROWS: usize = 1 << 15;
    const RUN: usize = 16;
    let mut sample = SelectionHistogram::new(plan);
    let step = data.len() / SAMPLE_ROWS * RUN;
    if step <= RUN {
        return sample;
    }
    let (k, labels) = (data.n_classes(), data.labels().as_slice());
    let mut scratch = Vec::new();
    let mut n_sampled = 0;
    for start in (0..data.len()).step_by(step) {
        let rows = start..(start + RUN).min(data.len());
        n_sampled += rows.len();
        let probs = data.pred_probs().rows(rows.clone(), &mut scratch);
        let labelled = labels[rows].iter().zip(probs.chunks_exact(k));
        sample.count(labelled.map(|(&label, probs)| (0, label as usize, probs)));
    }
    sample.into_floors(n_sampled as f64 / data.len() as f64)
}

/// Groups that take more rows than this are counted in buckets first.
const LARGE_GROUP: u64 = 128;

/// Buckets over the range of the key; the rows of one bucket of one group are what has to be ordered exactly.
const BUCKETS: usize = 512;

fn is_large(take: u64) -> bool {
    take > LARGE_GROUP
}

/// Groups of a plan, found by given class in constant time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Groups {
    key: SelectionKey,
    n_classes: usize,
    /// `members[starts[i]..starts[i + 1]]` are the groups that a row of given class i belongs to.
    starts: Vec<u32>,
    members: Vec<Member>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Member {
    /// The other class of a pair; unused by other keys.
    other: u32,
    /// Which of the listed groups it is.
    slot: u32,
}

impl Groups {
    /// Groups in ascending order; slots count them.
    fn new(key: SelectionKey, n_classes: usize, groups: impl Iterator<Item = u64>) -> Self {
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
    fn members_of(&self, label: usize) -> &[Member] {
        &self.members[self.starts[label] as usize..self.starts[label + 1] as usize]
    }

    /// Calls `visit(row, slot, key)` for each group that each row belongs to.
    #[inline(always)]
    fn visit_keys<'b, F: Float>(
        &self,
        rows: impl Iterator<Item = (u64, usize, &'b [F])>,
        mut visit: impl FnMut(u64, usize, f64),
    ) {
        let own_group = |label| self.members_of(label).first().map(|member| member.slot as usize);
        match self.key {
            SelectionKey::MarginOfPair => rows.for_each(|(row, label, probs)| {
                let own = probs[label].to_f64();
                for member in self.members_of(label) {
                    visit(row, member.slot as usize, probs[member.other as usize].to_f64() - own);
                }
            }),
            SelectionKey::LowSelfConfidenceOfClass | SelectionKey::LowSelfConfidence => {
                rows.for_each(|(row, label, probs)| {
                    if let Some(slot) = own_group(label) {
                        visit(row, slot, -probs[label].to_f64());
                    }
                });
            }
            SelectionKey::LowNormalizedMargin => rows.for_each(|(row, label, probs)| {
                if let Some(slot) = own_group(label) {
                    visit(row, slot, -normalized_margin(probs, label));
                }
            }),
        }
    }

    /// Which bucket a key lies in; never decreases as the key grows.
    #[inline(always)]
    fn bucket(&self, key: f64) -> usize {
        let (low, high) = self.key.range();
        // A negative product becomes 0.
        (((key - low) / (high - low) * BUCKETS as f64) as usize).min(BUCKETS - 1)
    }

    /// A key that every key of `bucket` or above reaches; a cheap first test.
    fn lower_edge(&self, bucket: usize) -> f64 {
        let (low, high) = self.key.range();
        if bucket == 0 {
            return f64::NEG_INFINITY;
        }
        let slack = 1e-9;
        low + (bucket as f64 / BUCKETS as f64) * (high - low) - slack
    }

    fn check(&self) -> Result<(), AccumulatorError> {
        let ends = self.starts.len() == self.n_classes + 1
            && self.starts.first() == Some(&0)
            && self.starts.last() == Some(&(self.members.len() as u32))
            && self.starts.is_sorted();
        let members = self.members.iter().all(|member| (member.other as usize) < self.n_classes.max(1));
        if ends && members { Ok(()) } else { Err(corrupt("groups do not fit the classes")) }
    }
}

fn corrupt(reason: &str) -> AccumulatorError {
    AccumulatorError::Corrupt { reason: reason.into() }
}

/// First pass: counts the keys of every large group in buckets. Finishes as [`SelectionCuts`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelectionHistogram {
    plan: SelectionPlan,
    groups: Groups,
    /// One run of buckets per large group.
    counts: Vec<u32>,
    /// Keys below this are not counted, per large group.
    floors: Vec<f64>,
}

impl SelectionHistogram {
    /// A pass that has seen no row yet.
    #[must_use]
    pub fn new(plan: &SelectionPlan) -> Self {
        let large = plan.take.iter().filter(|&(_, &n)| is_large(n)).map(|(&group, _)| group);
        let groups = Groups::new(plan.key, plan.n_classes, large);
        let n_large = plan.take.values().filter(|&&n| is_large(n)).count();
        let floors = vec![f64::NEG_INFINITY; n_large];
        Self { plan: plan.clone(), groups, counts: vec![0; n_large * BUCKETS], floors }
    }

    fn count<'b, F: Float>(&mut self, rows: impl Iterator<Item = (u64, usize, &'b [F])>) {
        let Self { groups, counts, floors, .. } = self;
        groups.visit_keys(rows, |_, slot, key| {
            if key >= floors[slot] {
                counts[slot * BUCKETS + groups.bucket(key)] += 1;
            }
        });
    }

    /// Rows to take from each large group, in order of slot.
    fn large_takes(&self) -> impl Iterator<Item = u64> {
        self.plan.take.values().copied().filter(|&take| is_large(take))
    }

    /// Turns counts of a sample, `share` of all rows, into floors for a count of all rows: low enough that, sampling
    /// error allowed for, the rows to take lie above.
    fn into_floors(mut self, share: f64) -> Self {
        let takes: Vec<u64> = self.large_takes().collect();
        for ((histogram, floor), take) in
            self.counts.chunks_exact_mut(BUCKETS).zip(&mut self.floors).zip(takes)
        {
            let expected = take as f64 * share;
            let enough = expected + 4.0 * expected.sqrt() + 8.0;
            let mut above = 0.0;
            let bucket = (0..BUCKETS).rev().find(|&bucket| {
                above += f64::from(histogram[bucket]);
                above >= enough
            });
            *floor = bucket.map_or(f64::NEG_INFINITY, |bucket| self.groups.lower_edge(bucket));
            histogram.fill(0);
        }
        self
    }

    /// Whether enough keys were counted to know where each group is cut, whatever was skipped.
    fn is_complete(&self) -> bool {
        let mut groups = self.counts.chunks_exact(BUCKETS).zip(&self.floors).zip(self.large_takes());
        groups.all(|((histogram, &floor), take)| {
            if floor == f64::NEG_INFINITY {
                return true;
            }
            // The bucket that the floor lies in may be counted in part.
            let whole = self.groups.bucket(floor) + 1;
            histogram[whole..].iter().map(|&count| u64::from(count)).sum::<u64>() >= take
        })
    }
}

impl Accumulator for SelectionHistogram {
    const NAME: &'static str = "selection histogram";
    type Output = SelectionCuts;

    fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
        check_classes(self.plan.n_classes, batch.n_classes())?;
        self.count(batch.iter());
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
        if self.plan != other.plan || self.floors != other.floors {
            return Err(AccumulatorError::Incompatible { what: "selection plans" });
        }
        self.counts.iter_mut().zip(other.counts).for_each(|(count, theirs)| *count += theirs);
        Ok(())
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
        let fresh = Self::new(&self.plan);
        if self.groups == fresh.groups
            && self.counts.len() == fresh.counts.len()
            && self.floors == fresh.floors
        {
            Ok(())
        } else {
            Err(corrupt("counts do not fit the plan"))
        }
    }
}

/// Where each group is cut: every row above the bucket is taken, and some of the rows inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectionCuts {
    groups: Groups,
    cuts: Vec<GroupCut>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct GroupCut {
    /// Rows in buckets above this are all taken. `None` as `WHOLE`: all rows are ordered.
    bucket: u32,
    /// How many rows to take from those that are ordered.
    take: u64,
}

/// Stands for "no bucket": all rows of the group are ordered.
const WHOLE: u32 = u32::MAX;

impl SelectionCuts {
    /// Cuts for a plan whose groups are all small enough to be ordered whole.
    #[must_use]
    pub fn without_histogram(plan: &SelectionPlan) -> Self {
        let groups = Groups::new(plan.key, plan.n_classes, plan.take.keys().copied());
        let cuts = plan.take.values().map(|&take| GroupCut { bucket: WHOLE, take }).collect();
        Self { groups, cuts }
    }
}

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
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Candidate {
    key: f64,
    row: u64,
}

impl Candidate {
    /// Larger keys first, then earlier rows. −0 and 0 are the same key.
    fn order(&self, other: &Self) -> std::cmp::Ordering {
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
        Self {
            cuts: cuts.clone(),
            lowest: cuts.cuts.iter().map(lowest).collect(),
            taken: Vec::new(),
            candidates: vec![Vec::new(); cuts.cuts.len()],
        }
    }

    /// Keeps the best candidates of every group.
    fn keep_best(&mut self) {
        (0..self.candidates.len()).for_each(|slot| self.shrink(slot));
    }

    /// The selected rows once only the best are kept, in no order; a row of several groups comes several times.
    fn selected_rows(&self) -> impl Iterator<Item = u64> {
        let candidates = self.candidates.iter().flatten().map(|candidate| candidate.row);
        self.taken.iter().copied().chain(candidates)
    }

    fn shrink(&mut self, slot: usize) {
        let take = self.cuts.cuts[slot].take as usize;
        shrink(&mut self.candidates[slot], take, &mut self.lowest[slot]);
    }
}

/// Keeps the `take` best candidates of a group and raises its bar to the worst of them.
fn shrink(candidates: &mut Vec<Candidate>, take: usize, lowest: &mut f64) {
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
        let Self { cuts: SelectionCuts { groups, cuts }, lowest, taken, candidates } = self;
        check_classes(groups.n_classes, batch.n_classes())?;
        groups.visit_keys(batch.iter(), |row, slot, key| {
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
                candidates.push(Candidate { key, row });
                if candidates.len() >= 2 * take + SPARE {
                    shrink(candidates, take, &mut lowest[slot]);
                }
            }
        });
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
        if self.cuts != other.cuts {
            return Err(AccumulatorError::Incompatible { what: "selection cuts" });
        }
        self.taken.extend(other.taken);
        for (slot, theirs) in other.candidates.into_iter().enumerate() {
            self.lowest[slot] = self.lowest[slot].max(other.lowest[slot]);
            self.candidates[slot].extend(theirs);
            self.shrink(slot);
        }
        Ok(())
    }

    fn finish(mut self) -> Vec<u64> {
        self.keep_best();
        let mut rows: Vec<u64> = self.selected_rows().collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    fn check(&self) -> Result<(), AccumulatorError> {
        let SelectionCuts { groups, cuts } = &self.cuts;
        groups.check()?;
        let fits = groups.members.iter().all(|member| (member.slot as usize) < cuts.len())
            && self.lowest.len() == cuts.len()
            && self.candidates.len() == cuts.len();
        if fits { Ok(()) } else { Err(corrupt("candidates do not fit the groups")) }
    }
}
