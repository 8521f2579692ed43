//! Which rows have the most suspicious labels: exact selection of the n best of each group, in two mergeable passes.
//!
//! Pruning needs, for each pair of a given and another class, the n rows with the largest margin; equal margins go to
//! the earlier row. Keeping the n best of every group in memory costs as much as there are issues, so a first pass
//! ([`SelectionHistogram`]) counts the keys of each large group in buckets. The second ([`SelectionCut`]) takes every
//! row above the bucket in which the n-th key lies, and orders only the rows inside that bucket. Where the whole matrix
//! is in memory, a sample of its rows tells below which key a group's rows need not be looked at, and one pass suffices.

mod bounds;
mod cut;
mod groups;
mod histogram;
mod label_survey;
mod noted_rows;
mod sampled_floors;

use std::collections::BTreeMap;

pub use bounds::{SelectionBoundary, SelectionBounds, SelectionSurvey};
use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_core::{Accumulator, Batch, Float, LabeledProbs, accumulate, fill_rows, fold_rows};
pub use cut::SelectionCut;
pub use histogram::{SelectionCuts, SelectionHistogram};
pub use label_survey::LabelSurvey;
use noted_rows::Rows;
use sampled_floors::sampled_floors;
use serde::{Deserialize, Serialize};

use crate::batch_kernels::keep_unpredicted;
use crate::errors::CountError;

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
    /// Whether no row is taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.take.is_empty()
    }

    /// What rows are grouped and ordered by.
    #[must_use]
    pub fn key(&self) -> SelectionKey {
        self.key
    }

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
    let mask = selected(data, plan, &[], Spared::None)?;
    Ok((0..).zip(mask).filter_map(|(row, selected)| selected.then_some(row)).collect())
}

/// For each row of `data`, whether `plan` selects it: [`select_rows`] without the cost of an ordered list.
///
/// Where there is a survey of the plan's key, made by a [`LabelSurvey`] of the same data, the keys are not counted again.
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::{SelectionKey, SelectionPlan, select_mask};
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]])?;
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1])?, pred_probs)?;
/// let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 2)]);
/// assert_eq!(select_mask(&data, &plan, &[])?, [false, true, true]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`select_rows`].
pub fn select_mask<F: Float>(
    data: &LabeledProbs<'_, F>,
    plan: &SelectionPlan,
    surveys: &[SelectionSurvey],
) -> Result<Vec<bool>, CountError> {
    selected(data, plan, surveys, Spared::None)
}

/// As [`select_mask`], without the rows whose given label is the predicted class.
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::{SelectionKey, SelectionPlan, select_mask_of_unpredicted};
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]])?;
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1])?, pred_probs)?;
/// let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 2)]);
/// assert_eq!(select_mask_of_unpredicted(&data, &plan, &[])?, [false, false, true]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`select_rows`].
///
/// # Source
///
/// `cleanlab.count._reduce_issues`.
pub fn select_mask_of_unpredicted<F: Float>(
    data: &LabeledProbs<'_, F>,
    plan: &SelectionPlan,
    surveys: &[SelectionSurvey],
) -> Result<Vec<bool>, CountError> {
    selected(data, plan, surveys, Spared::Predicted)
}

/// Which rows a selection leaves alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spared {
    None,
    /// Those whose given label is the predicted class.
    Predicted,
}

fn selected<F: Float>(
    data: &LabeledProbs<'_, F>,
    plan: &SelectionPlan,
    surveys: &[SelectionSurvey],
    spared: Spared,
) -> Result<Vec<bool>, CountError> {
    /// Rows that are predicted otherwise come first: they are mostly enough, and then no other one is read.
    const NOTED: [Option<Rows>; 2] = [Some(Rows::PredictedOtherwise), Some(Rows::PredictedAsGiven)];
    /// A class whose probability is larger by more than this is predicted before the given one, however rounded.
    const CERTAIN_MARGIN: f64 = 2.0 * FLOATING_POINT_COMPARISON;
    let mut mask = vec![false; data.len()];
    if plan.take.is_empty() {
        return Ok(mask);
    }
    // A large margin tells by itself that the label is not predicted.
    let spares_at_once = spared == Spared::Predicted && plan.key != SelectionKey::MarginOfPair;
    let surveyed = surveys.iter().find_map(|survey| survey.cuts_for(plan));
    let cuts = surveyed.map_or_else(|| selection_cuts(data, plan), Ok)?;
    let mut cut = SelectionCut::new(&cuts);
    let phases = if data.pred_probs().notes(0..0).is_some() { &NOTED[..] } else { &[None] };
    for &rows in phases {
        let take = |part: &mut SelectionCut, batch: &Batch<'_, F>, mask: &mut [bool]| {
            let first = batch.row_id(0);
            part.update_noted(batch, rows, |row| mask[(row - first) as usize] = true);
            if spares_at_once {
                keep_unpredicted(batch, mask);
            }
        };
        let found = fold_rows(data, &mut mask, || cut.continued(), take, SelectionCut::absorb);
        cut.absorb(found);
        cut.keep_best();
    }
    let mut scratch = Vec::new();
    for row in cut.ordered_rows().map(|row| row as usize) {
        let row_alone = data.batch(row..row + 1, &mut scratch);
        let mut kept = [true];
        if spares_at_once {
            keep_unpredicted(&row_alone, &mut kept);
        }
        mask[row] |= kept[0];
    }
    if spared == Spared::Predicted && !spares_at_once && cut.lowest_key() <= CERTAIN_MARGIN {
        fill_rows(data, &mut mask, keep_unpredicted);
    }
    Ok(mask)
}

/// Where the groups of a plan are cut.
fn selection_cuts<F: Float>(
    data: &LabeledProbs<'_, F>,
    plan: &SelectionPlan,
) -> Result<SelectionCuts, CountError> {
    if !plan.needs_histogram() {
        return Ok(SelectionCuts::without_histogram(plan));
    }
    if let Some(floors) = sampled_floors(data, plan) {
        let histogram = accumulate(data, || SelectionHistogram::with_floors(plan, &floors))?;
        if histogram.is_complete(&floors) {
            return Ok(histogram.finish());
        }
    }
    Ok(accumulate(data, || SelectionHistogram::new(plan))?.finish())
}

/// Groups that take more rows than this are counted in buckets first.
const LARGE_GROUP: u64 = 128;

fn is_large(take: u64) -> bool {
    take > LARGE_GROUP
}

#[cfg(test)]
mod tests {
    use super::*;
    use cleanlab_core::{Labels, PredProbs, RandomState};

    pub(super) const KEYS: [SelectionKey; 4] = [
        SelectionKey::MarginOfPair,
        SelectionKey::LowSelfConfidenceOfClass,
        SelectionKey::LowSelfConfidence,
        SelectionKey::LowNormalizedMargin,
    ];

    /// What was visited, row, slot and key, where each group has a bar.
    pub(super) struct Recorded {
        pub(super) bars: Vec<f64>,
        pub(super) visits: Vec<(u64, usize, f64)>,
    }

    impl Recorded {
        pub(super) fn above(bars: &[f64]) -> Self {
            Self { bars: bars.to_vec(), visits: Vec::new() }
        }
    }

    impl groups::KeyVisitor for Recorded {
        fn bar(&self, slot: usize) -> f64 {
            self.bars[slot]
        }

        fn visit(&mut self, row: u64, slot: usize, key: f64) {
            self.visits.push((row, slot, key));
        }
    }

    /// Labels, and rows of which most lean to their label; `steps` different values make ties.
    fn draw(n: usize, k: usize, steps: f64) -> (Vec<u32>, Vec<f64>) {
        let mut random = RandomState::new((n + k) as u32);
        let labels: Vec<u32> = (0..n).map(|_| random.randint(0, k as i64).unwrap() as u32).collect();
        let mut value = || (random.random_sample() * steps).floor() / steps;
        let mut probs: Vec<f64> = (0..n * k).map(|_| 0.75 * value()).collect();
        for (row, &label) in probs.chunks_exact_mut(k).zip(&labels) {
            row[label as usize] += 0.25 * value();
        }
        (labels, probs)
    }

    /// A key of every row in every group that it belongs to.
    #[allow(clippy::manual_midpoint, reason = "the order of operations decides the last bit")]
    fn key_of(key: SelectionKey, row: &[f64], label: usize) -> Vec<(u64, f64)> {
        let (k, own) = (row.len(), row[label]);
        let others = (0..k).filter(|&other| other != label);
        let largest_other = others.clone().map(|other| row[other]).fold(0.0, f64::max);
        match key {
            SelectionKey::MarginOfPair => {
                others.map(|other| ((label * k + other) as u64, row[other] - own)).collect()
            }
            SelectionKey::LowSelfConfidenceOfClass => vec![(label as u64, -own)],
            SelectionKey::LowSelfConfidence => vec![(0, -own)],
            SelectionKey::LowNormalizedMargin => vec![(0, -((own - largest_other + 1.0) / 2.0))],
        }
    }

    /// What is selected, by putting all rows of every group in order.
    fn all_in_order(plan: &SelectionPlan, labels: &[u32], probs: &[f64]) -> Vec<bool> {
        let mut groups: BTreeMap<u64, Vec<(f64, usize)>> = BTreeMap::new();
        for (row, (values, &label)) in probs.chunks_exact(plan.n_classes).zip(labels).enumerate() {
            for (group, key) in key_of(plan.key, values, label as usize) {
                groups.entry(group).or_default().push((key, row));
            }
        }
        let mut mask = vec![false; labels.len()];
        for (group, &take) in &plan.take {
            let rows = groups.entry(*group).or_default();
            rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            rows.iter().take(take as usize).for_each(|&(_, row)| mask[row] = true);
        }
        mask
    }

    fn check(n: usize, k: usize, steps: f64, take: &[u64]) {
        let (labels, probs) = draw(n, k, steps);
        let pred_probs = PredProbs::from_slice(&probs, k).unwrap();
        let data = LabeledProbs::new(Labels::new(&labels).unwrap(), pred_probs).unwrap();
        let is_unpredicted = |row: usize| {
            let values = &probs[row * k..(row + 1) * k];
            !crate::given_label_is_predicted(values, labels[row] as usize)
        };
        for key in KEYS {
            let groups = match key {
                SelectionKey::MarginOfPair => {
                    (0..(k * k) as u64).filter(|g| g / k as u64 != g % k as u64).collect()
                }
                SelectionKey::LowSelfConfidenceOfClass => (0..k as u64).collect(),
                _ => vec![0],
            };
            let plan = SelectionPlan::new(key, k, groups.into_iter().zip(take.iter().copied().cycle()));
            let expected = all_in_order(&plan, &labels, &probs);
            let unpredicted: Vec<bool> =
                expected.iter().enumerate().map(|(row, &selected)| selected && is_unpredicted(row)).collect();
            let what = format!("{key:?} of {n} rows of {k} classes, {take:?}");
            let survey = LabelSurvey::new(&data, &KEYS).unwrap();
            for surveys in [&[][..], &survey.keys] {
                assert_eq!(select_mask(&data, &plan, surveys).unwrap(), expected, "{what}");
                let found = select_mask_of_unpredicted(&data, &plan, surveys).unwrap();
                assert_eq!(found, unpredicted, "{what}");
            }
            let rows: Vec<u64> = (0..).zip(&expected).filter_map(|(row, &is)| is.then_some(row)).collect();
            assert_eq!(select_rows(&data, &plan).unwrap(), rows, "{what}");
            // In two parts, the later one first.
            let middle = n / 3;
            let [later, earlier] = [middle..n, 0..middle].map(|part| {
                Batch::new(&labels[part.clone()], &probs[part.start * k..part.end * k], k, part.start as u64)
                    .unwrap()
            });
            let mut cuts = SelectionCuts::without_histogram(&plan);
            if plan.needs_histogram() {
                let mut counts = SelectionHistogram::new(&plan);
                counts.update(&later).unwrap();
                let mut others = SelectionHistogram::new(&plan);
                others.update(&earlier).unwrap();
                counts.merge(others).unwrap();
                cuts = counts.finish();
            }
            let mut cut = SelectionCut::new(&cuts);
            cut.update(&later).unwrap();
            let mut other = SelectionCut::new(&cuts);
            other.update(&earlier).unwrap();
            cut.merge(other).unwrap();
            assert_eq!(cut.finish(), rows, "{what}");
        }
    }

    #[test]
    fn rows_selected_are_the_first_when_all_are_put_in_order() {
        check(60, 2, 8.0, &[0, 1, 5]);
        check(700, 10, 16.0, &[3, 0, 1, 20]);
        check(700, 20, 1e6, &[1, 0, 2]);
        // Of rows with equal keys some are predicted as given and some are not.
        check(700, 10, 8.0, &[400, 40, 35]);
        check(3000, 3, 40.0, &[150, 400, 2]);
        // Sampled first, where there is one group.
        check(6000, 20, 1e6, &[300, 1]);
        check(6000, 9, 64.0, &[200]);
    }

    #[test]
    fn plans_tell_whether_they_take_any_rows_and_many_of_a_group() {
        let plan = |take: u64| SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, take), (1, 0)]);
        assert_eq!([0, 1, 1000].map(|take| plan(take).is_empty()), [true, false, false]);
        assert_eq!([0, 1, 1000].map(|take| plan(take).needs_histogram()), [false, false, true]);
    }
}
