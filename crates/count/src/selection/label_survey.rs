//! Label counts and confident thresholds, and in the same pass how the keys of a later selection are distributed.

use cleanlab_core::{Accumulator, AccumulatorError, Batch, Float, LabeledProbs, accumulate};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

use super::{SelectionKey, SelectionSurvey};
use crate::confident_thresholds::ThresholdAccumulator;
use crate::errors::CountError;

/// What a survey may take besides one part of the memory of the data in so many.
const SMALL_SURVEY: usize = 1 << 18;
const SMALL_PART: usize = 200;

/// What one pass tells of labels that are to be counted and selected.
///
/// A key is not surveyed whose survey would take much memory beside the data: pairs of many classes.
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::{LabelSurvey, SelectionKey, SelectionPlan, select_mask};
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]])?;
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1])?, pred_probs)?;
/// let survey = LabelSurvey::new(&data, &[SelectionKey::LowSelfConfidence])?;
/// assert_eq!(survey.label_counts, [2, 1]);
/// assert_eq!(survey.thresholds.to_vec(), [0.65, 0.3]);
/// let plan = SelectionPlan::new(SelectionKey::LowSelfConfidence, 2, [(0, 2)]);
/// assert_eq!(select_mask(&data, &plan, &survey.keys)?, [false, true, true]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelSurvey {
    /// How many examples have each class as their given label.
    pub label_counts: Vec<u64>,
    /// What [`get_confident_thresholds`](crate::get_confident_thresholds) gives.
    pub thresholds: Array1<f64>,
    /// How keys are distributed by which rows will be selected.
    pub keys: Vec<SelectionSurvey>,
}

impl LabelSurvey {
    /// Goes through the data once, for the thresholds and for the keys that rows will be selected by.
    ///
    /// # Errors
    ///
    /// Only if the pass cannot be merged, which would be a defect of this library.
    pub fn new<F: Float>(data: &LabeledProbs<'_, F>, keys: &[SelectionKey]) -> Result<Self, CountError> {
        let k = data.n_classes();
        let room = SMALL_SURVEY.max(data.len() * k * size_of::<F>() / SMALL_PART);
        let keys = || keys.iter().filter(|&&key| SelectionSurvey::memory(key, k) <= room);
        let make = || Surveying {
            thresholds: ThresholdAccumulator::new(k),
            keys: keys().map(|&key| SelectionSurvey::of_large_keys(key, k)).collect(),
        };
        Ok(accumulate(data, make)?.finish())
    }
}

#[derive(Serialize, Deserialize)]
struct Surveying {
    thresholds: ThresholdAccumulator,
    keys: Vec<SelectionSurvey>,
}

impl Accumulator for Surveying {
    const NAME: &'static str = "label survey";
    type Output = LabelSurvey;

    fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
        self.thresholds.update(batch)?;
        self.keys.iter_mut().try_for_each(|survey| survey.update(batch))
    }

    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
        self.thresholds.merge(other.thresholds)?;
        self.keys.iter_mut().zip(other.keys).try_for_each(|(survey, other)| survey.merge(other))
    }

    fn finish(self) -> LabelSurvey {
        let label_counts = self.thresholds.label_counts().to_vec();
        LabelSurvey { label_counts, thresholds: self.thresholds.finish(), keys: self.keys }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cleanlab_core::{Labels, PredProbs};

    #[test]
    fn keys_of_little_data_are_surveyed_unless_there_are_many_groups() {
        let n_surveys = |k: usize| {
            let probs = [vec![1.0], vec![0.0; k - 1]].concat();
            let pred_probs = PredProbs::from_slice(&probs, k).unwrap();
            let data = LabeledProbs::allowing_one_class(Labels::new(&[0]).unwrap(), pred_probs).unwrap();
            let keys = [SelectionKey::MarginOfPair, SelectionKey::LowSelfConfidence];
            LabelSurvey::new(&data, &keys).unwrap().keys.len()
        };
        assert_eq!(n_surveys(3), 2);
        assert_eq!(n_surveys(13), 1);
    }
}
