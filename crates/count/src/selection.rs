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
mod sampled_floors;

use std::collections::BTreeMap;

pub use bounds::{SelectionBoundary, SelectionBounds, SelectionSurvey};
use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_core::{Accumulator, Float, LabeledProbs, accumulate, fill_rows};
pub use cut::SelectionCut;
pub use histogram::{SelectionCuts, SelectionHistogram};
use sampled_floors::{SampledFloors, sampled_floors};
use serde::{Deserialize, Serialize};

use crate::batch_kernels::flag_unpredicted;
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
        cut.selected_rows().for_each(|(row, _)| mask[row as usize] = true);
    }
    Ok(mask)
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
/// assert_eq!(select_mask_of_unpredicted(&data, &plan)?, [false, false, true]);
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
) -> Result<Vec<bool>, CountError> {
    /// A class whose probability is larger by more than this is predicted before the given one, however rounded.
    const CERTAIN_MARGIN: f64 = 2.0 * FLOATING_POINT_COMPARISON;
    let mut mask = vec![false; data.len()];
    let Some(mut cut) = selected(data, plan)? else { return Ok(mask) };
    cut.keep_best();
    let is_certain = |key: Option<f64>| {
        plan.key == SelectionKey::MarginOfPair && key.is_some_and(|margin| margin > CERTAIN_MARGIN)
    };
    let mut n_uncertain = 0;
    for (row, key) in cut.selected_rows() {
        mask[row as usize] = true;
        n_uncertain += usize::from(!is_certain(key));
    }
    if n_uncertain > 0 {
        fill_rows(data, &mut mask, |batch, mask| {
            let mut unpredicted = vec![false; batch.len()];
            flag_unpredicted(batch, &mut unpredicted);
            mask.iter_mut().zip(unpredicted).for_each(|(selected, flag)| *selected &= flag);
        });
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
    let whole = SelectionCuts::without_histogram(plan);
    if !plan.needs_histogram() {
        return Ok(Some(accumulate(data, || SelectionCut::new(&whole))?));
    }
    let sampled = sampled_floors(data, plan);
    let mut counted = None;
    if let Some(SampledFloors { floors, few_above }) = &sampled {
        if *few_above {
            let cut = accumulate(data, || SelectionCut::with_floors(&whole, floors.clone()))?;
            if cut.is_complete(floors) {
                return Ok(Some(cut));
            }
        } else {
            let histogram = accumulate(data, || SelectionHistogram::with_floors(plan, floors))?;
            counted = histogram.is_complete(floors).then_some(histogram);
        }
    }
    let histogram = match counted {
        Some(histogram) => histogram,
        None => accumulate(data, || SelectionHistogram::new(plan))?,
    };
    let cuts = histogram.finish();
    Ok(Some(accumulate(data, || SelectionCut::new(&cuts))?))
}

/// Groups that take more rows than this are counted in buckets first.
const LARGE_GROUP: u64 = 128;

fn is_large(take: u64) -> bool {
    take > LARGE_GROUP
}
