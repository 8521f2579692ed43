//! Whole audits of a classification data set, and single checks of them.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use cleanlab_core::{ClassNames, Labels};
use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, Task};
use cleanlab_neighbors::{
    ApproximateOptions, KnnGraph, KnnGraphOptions, NeighborSearch, default_k, find_knn_graph,
};
use serde_json::{Map, Value, json};

use crate::data::{Data, f64_matrix};
use crate::features::recall;
use crate::{Answer, Clock};

/// The graph of the last exact audit, which single checks are given and approximate audits held to.
#[derive(Default)]
pub(crate) struct Audits {
    exact: Option<Arc<KnnGraph>>,
}

pub(crate) fn measure(
    clock: &mut Clock<'_>,
    data: &Data,
    state: &mut Audits,
    call: &str,
    check: &str,
) -> Result<Answer> {
    let (features, pred_probs) = (data.features_f64()?, f64_matrix(data.pred_probs()?)?);
    let labels = data.labels()?;
    let lab = || {
        let names = ClassNames::indices(pred_probs.ncols());
        anyhow::Ok(Datalab::classification(Labels::new(labels)?, names)?)
    };
    let options = FindIssuesOptions::default();
    match call {
        "exact" => {
            let lab = clock.time(|| {
                let mut lab = lab()?;
                let inputs = Inputs::default().with_pred_probs(pred_probs).with_features(features);
                lab.find_issues(&inputs, &options)?;
                Ok(lab)
            })?;
            state.exact = lab.kept_graph().map(|kept| Arc::clone(&kept.graph));
            Ok(told(&lab))
        }
        "approximate" => {
            let (lab, graph) = clock.time(|| {
                let mut lab = lab()?;
                let search = NeighborSearch::Approximate(ApproximateOptions::default());
                let wanted = KnnGraphOptions::default().with_k(default_k(features.nrows()));
                let graph = Arc::new(find_knn_graph(features.view(), &wanted.with_search(search))?.graph);
                let inputs = Inputs::default().with_pred_probs(pred_probs).with_features(features);
                lab.find_issues(&inputs.with_knn_graph(&graph), &options)?;
                Ok((lab, graph))
            })?;
            let answer = told(&lab);
            Ok(match &state.exact {
                Some(exact) => answer.with_note("recall", recall(&graph, exact)),
                None => answer,
            })
        }
        "check" => {
            let graph = state.exact.as_ref();
            let graph = graph.context("an exact audit comes first, whose neighbours are taken")?;
            let checks = Checks::none().with_name(Task::Classification, check)?;
            let options = options.with_checks(checks);
            let lab = clock.time(|| {
                let mut lab = lab()?;
                lab.find_issues(&Inputs::default().with_knn_graph(graph), &options)?;
                Ok(lab)
            })?;
            Ok(told(&lab))
        }
        _ => bail!("no such call: {call}"),
    }
}

/// The rows with each issue, and the checks that failed.
fn told(lab: &Datalab) -> Answer {
    let summary = lab.issue_summary();
    let issues: Map<String, Value> =
        summary.into_iter().map(|line| (line.issue_type, json!(line.num_issues))).collect();
    let failed: Vec<String> = lab.failed_checks().map(|(name, reason)| format!("{name}: {reason}")).collect();
    Answer::numbers([]).with_note("issues", issues).with_note("failed", failed)
}
