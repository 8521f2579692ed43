//! A quality score for every label.

use cleanlab_core::{Batch, Float};
use cleanlab_rank::{LabelQualityMethod, LabelQualityScorer};

use crate::errors::StreamError;
use crate::label_steps::thresholds;
use crate::options::StreamOptions;
use crate::pass::{Passes, Worker};
use crate::row_sink::RowSink;
use crate::source::ProbsSource;

/// The quality of every label, in one pass; in two for the adjusted scores, which need the thresholds first.
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_rank::LabelQualityMethod;
/// use cleanlab_stream::{MemorySource, StreamOptions, get_label_quality_scores};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]];
/// let data = LabeledProbs::new(Labels::new(&[0, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// let mut scores = Vec::new();
/// let method = LabelQualityMethod::SelfConfidence;
/// get_label_quality_scores(&MemorySource(&data), method, &StreamOptions::default(), &mut scores)?;
/// assert_eq!(scores, [0.9, 0.8, 0.3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`StreamError::Input`] for the first row that is not valid, those of
/// [`cleanlab_rank::get_label_quality_scores`], what the sink gives, and whatever keeps the source from being read. The
/// sink may have got scores of rows before then.
///
/// # Source
///
/// [`cleanlab_rank::get_label_quality_scores`], bit by bit. Labels may all be of one class, but for adjusted scores.
pub fn get_label_quality_scores(
    source: &dyn ProbsSource,
    method: LabelQualityMethod,
    options: &StreamOptions,
    sink: &mut dyn RowSink<f64>,
) -> Result<(), StreamError> {
    let needs_thresholds = method.needs_thresholds();
    let mut passes = Passes::new(source, options, 1 + usize::from(needs_thresholds))?;
    let thresholds = if needs_thresholds { Some(thresholds(&mut passes)?.thresholds) } else { None };
    let scorer = LabelQualityScorer::new(method, thresholds.as_ref())?;
    passes.run(|| Scoring(&scorer), Some(sink))?;
    Ok(())
}

struct Scoring<'a>(&'a LabelQualityScorer);

impl Worker for Scoring<'_> {
    type Row = f64;

    fn visit<F: Float>(&mut self, batch: &Batch<'_, F>, rows: &mut Vec<f64>) -> Result<(), StreamError> {
        rows.resize(batch.len(), 0.0);
        Ok(self.0.score(batch, rows)?)
    }
}
