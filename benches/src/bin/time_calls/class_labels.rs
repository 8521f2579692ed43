//! Calls on one label per row and predicted probabilities.

use anyhow::{Context, Result, bail};
use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_count::{
    ConfidentJointOptions, EstimationMethod, compute_confident_joint, get_confident_thresholds,
    num_label_issues,
};
use cleanlab_dataset::{HealthSource, Symmetry, health_summary};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, find_label_issues};
use cleanlab_rank::{
    EnsembleOptions, LabelQualityMethod, get_label_quality_ensemble_scores, get_label_quality_scores,
};
use ndarray::ArrayView2;

use crate::data::{Data, f64_matrix, on_matrix};
use crate::{Answer, Clock};

pub(crate) fn measure(clock: &mut Clock<'_>, data: &Data, call: &str, argument: &str) -> Result<Answer> {
    if call == "get_label_quality_ensemble_scores" {
        return ensemble(clock, data);
    }
    let labels = data.labels()?;
    on_matrix!(data.pred_probs()?, matrix => of_matrix(clock, labels, matrix, call, argument))
}

fn of_matrix<F: Float>(
    clock: &mut Clock<'_>,
    labels: &[u32],
    matrix: ArrayView2<'_, F>,
    call: &str,
    argument: &str,
) -> Result<Answer> {
    let checked = || anyhow::Ok(LabeledProbs::new(Labels::new(labels)?, PredProbs::new(matrix)?)?);
    let answer = match call {
        "find_label_issues" => {
            let filter_by = FilterBy::ALL.into_iter().find(|method| method.name() == argument);
            let options =
                FindLabelIssuesOptions::default().with_filter_by(filter_by.context("no such filter_by")?);
            Answer::mask(&clock.time(|| Ok(find_label_issues(&checked()?, &options)?))?.mask)
        }
        "get_confident_thresholds" => {
            Answer::numbers(clock.time(|| Ok(get_confident_thresholds(&checked()?)?))?)
        }
        "compute_confident_joint" => {
            let options = ConfidentJointOptions::default();
            let joint = clock.time(|| Ok(compute_confident_joint(&checked()?, &options)?))?;
            Answer::numbers(joint.counts().iter().map(|&count| count as f64))
        }
        "num_label_issues" => {
            let method = EstimationMethod::OffDiagonal;
            Answer::numbers([clock.time(|| Ok(num_label_issues(&checked()?, &method)?))? as f64])
        }
        "health_summary" => {
            let summary = clock.time(|| {
                Ok(health_summary(&HealthSource::probabilities(&checked()?), Symmetry::Symmetric)?)
            })?;
            let figures = [summary.overall_label_health_score];
            Answer::numbers(figures.into_iter().chain(summary.joint))
        }
        "get_label_quality_scores" => {
            let method = match argument {
                "self_confidence" => LabelQualityMethod::SelfConfidence,
                "normalized_margin" => LabelQualityMethod::NormalizedMargin,
                "confidence_weighted_entropy" => LabelQualityMethod::ConfidenceWeightedEntropy,
                "self_confidence adjusted" => LabelQualityMethod::AdjustedSelfConfidence,
                "normalized_margin adjusted" => LabelQualityMethod::AdjustedNormalizedMargin,
                _ => bail!("no such score: {argument}"),
            };
            Answer::numbers(clock.time(|| Ok(get_label_quality_scores(&checked()?, method)?))?)
        }
        _ => bail!("no such call: {call}"),
    };
    Ok(answer)
}

fn ensemble(clock: &mut Clock<'_>, data: &Data) -> Result<Answer> {
    let matrices = data.members().iter().map(f64_matrix).collect::<Result<Vec<_>>>()?;
    anyhow::ensure!(!matrices.is_empty(), "the call needs member_0.npy and following");
    let labels = data.labels()?;
    let options = EnsembleOptions::default();
    let ensemble = clock.time(|| {
        let members = matrices.iter().map(|matrix| PredProbs::new(matrix.view()));
        let members = members.collect::<Result<Vec<_>, _>>()?;
        Ok(get_label_quality_ensemble_scores(&Labels::new(labels)?, &members, &options)?)
    })?;
    Ok(Answer::numbers(ensemble.scores))
}
