//! Calls on a set of classes per row and a probability for each of them.

use anyhow::{Context, Result, bail};
use cleanlab_core::Float;
use cleanlab_filter::FilterBy;
use cleanlab_multilabel::{
    FindMultilabelIssuesOptions, MultilabelProbs, MultilabelScoreOptions, find_label_issues,
    find_multilabel_issues_per_class, get_label_quality_scores,
};
use cleanlab_rank::LabelQualityMethod;
use ndarray::ArrayView2;

use crate::data::{Data, on_matrix};
use crate::{Answer, Clock};

pub(crate) fn measure(clock: &mut Clock<'_>, data: &Data, call: &str, argument: &str) -> Result<Answer> {
    let lists = data.lists()?;
    on_matrix!(data.pred_probs()?, matrix => of_matrix(clock, lists, matrix, call, argument))
}

fn of_matrix<F: Float>(
    clock: &mut Clock<'_>,
    lists: &[Vec<u32>],
    matrix: ArrayView2<'_, F>,
    call: &str,
    argument: &str,
) -> Result<Answer> {
    let checked = || anyhow::Ok(MultilabelProbs::from_lists(lists, matrix)?);
    let filter_by = FilterBy::ALL.into_iter().find(|method| method.name() == argument);
    let options = || {
        anyhow::Ok(
            FindMultilabelIssuesOptions::default().with_filter_by(filter_by.context("no such filter_by")?),
        )
    };
    let answer = match call {
        "find_label_issues" => {
            let options = options()?;
            Answer::mask(&clock.time(|| Ok(find_label_issues(&checked()?, &options)?))?.mask)
        }
        "find_label_issues_ranked" => {
            let options = options()?;
            let ranked = clock.time(|| {
                let data = checked()?;
                Ok(find_label_issues(&data, &options)?
                    .ranked_by(&data, LabelQualityMethod::SelfConfidence)?)
            })?;
            Answer::numbers(ranked.into_iter().map(|row| row as f64))
        }
        "find_multilabel_issues_per_class" => {
            let options = options()?;
            let issues = clock.time(|| Ok(find_multilabel_issues_per_class(&checked()?, &options)?))?;
            Answer::mask(&issues.mask)
        }
        "get_label_quality_scores" => {
            let options = MultilabelScoreOptions::default();
            Answer::numbers(clock.time(|| Ok(get_label_quality_scores(&checked()?, &options)?))?)
        }
        _ => bail!("no such call: {call}"),
    };
    Ok(answer)
}
