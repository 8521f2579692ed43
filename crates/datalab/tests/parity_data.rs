//! The checks of the data as a whole against cleanlab's, on recorded data sets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use cleanlab_core::{ClassNames, Labels};
use cleanlab_datalab::{
    Checks, ClassImbalanceCheck, ColumnValues, DataValuationCheck, Datalab, FindIssuesOptions, Info,
    InfoValue, Inputs, IssueFindings, IssueManager, NonIidCheck, NullCheck, Task,
};
use cleanlab_neighbors::{KnnGraph, Metric};
use cleanlab_testkit::parity::{Answer, Check, run};
use ndarray::Array2;

/// P-values are sums of tails of narrow bells: the last bit of a statistic counts for more in them.
const P_VALUE_TOLERANCE: f64 = 1e-9;

#[test]
fn checks_of_the_data_equal_cleanlabs() {
    run("datalab-data", &["non_iid", "data_valuation", "class_imbalance", "null"], |check| {
        let found = match check.function {
            "non_iid" => non_iid(check),
            "data_valuation" => data_valuation(check),
            "class_imbalance" => class_imbalance(check),
            _ => null(check),
        };
        found.map_or_else(Answer::Failed, Answer::Parts)
    });
}

type Parts = Vec<(&'static str, Answer)>;

/// The result of one check alone, or why there is none.
fn audit(
    mut lab: Datalab,
    inputs: &Inputs<'_>,
    check: impl IssueManager + 'static,
) -> Result<IssueFindings, String> {
    let name = check.issue_name().to_owned();
    let options = FindIssuesOptions::default().with_checks(Checks::none().with(check));
    lab.find_issues(inputs, &options).map_err(|error| error.to_string())?;
    lab.get_findings(&name).cloned().map_err(|error| error.to_string())
}

fn close(values: impl IntoIterator<Item = f64>) -> Answer {
    Answer::Close(vec![("", values.into_iter().collect())])
}

fn flags_and_scores(findings: &IssueFindings) -> Parts {
    vec![
        ("is_issue", Answer::Exact(findings.is_issue.iter().map(|&flag| i64::from(flag)).collect())),
        ("scores", close(findings.scores.to_vec())),
        ("score", Answer::Near(vec![findings.score], P_VALUE_TOLERANCE)),
    ]
}

struct Given {
    features: Array2<f64>,
    pred_probs: Array2<f64>,
    graph: Arc<KnnGraph>,
}

impl Given {
    fn of(check: &Check<'_>) -> Self {
        let indices = check.case.matrix("graph_indices").mapv(|index| index as u32);
        let graph = KnnGraph::new(indices, check.case.matrix("graph_distances")).unwrap();
        let (features, pred_probs) = (check.case.matrix("features"), check.case.matrix("pred_probs"));
        Self { features, pred_probs, graph: Arc::new(graph) }
    }

    fn inputs(&self, check: &Check<'_>) -> Inputs<'_> {
        match check.text("inputs") {
            "features" => Inputs::default().with_features(&self.features),
            "pred_probs" => Inputs::default().with_pred_probs(&self.pred_probs),
            _ => Inputs::default().with_knn_graph(&self.graph),
        }
    }
}

fn non_iid(check: &Check<'_>) -> Result<Parts, String> {
    let given = Given::of(check);
    let mut options = NonIidCheck::default();
    if check.has("k") {
        options = options.with_k(check.number("k") as usize);
    }
    if check.has("seed") {
        options = options
            .with_seed(Some(check.number("seed") as u32))
            .with_num_permutations(check.number("num_permutations") as usize)
            .with_significance_threshold(check.number("significance_threshold"));
    }
    if check.has("metric") {
        let cosine = check.text("metric") == "cosine";
        options = options.with_metric(if cosine { Metric::Cosine } else { Metric::Euclidean });
    }
    let lab = Datalab::unlabeled(given.features.nrows(), Task::Classification).unwrap();
    let findings = audit(lab, &given.inputs(check), options)?;
    let mut parts = flags_and_scores(&findings);
    parts.push(("p-value", Answer::Near(vec![number(&findings.info, "p-value")], P_VALUE_TOLERANCE)));
    Ok(parts)
}

fn data_valuation(check: &Check<'_>) -> Result<Parts, String> {
    let given = Given::of(check);
    let mut options = DataValuationCheck::default();
    if check.has("k") {
        options = options.with_k(check.number("k") as usize).with_threshold(check.number("threshold"));
    }
    let labels = check.case.integers("labels");
    let lab = if check.text("task") == "regression" {
        Datalab::regression(check.case.vector("numbers"))
    } else {
        Datalab::classification(Labels::new(&labels).unwrap(), ClassNames::indices(2))
    };
    Ok(flags_and_scores(&audit(lab.unwrap(), &given.inputs(check), options)?))
}

fn class_imbalance(check: &Check<'_>) -> Result<Parts, String> {
    let labels = check.integers("classes");
    let names = ClassNames::indices(check.number("n_names") as usize);
    let lab = Datalab::classification(Labels::new(&labels).unwrap(), names).unwrap();
    let mut options = ClassImbalanceCheck::default();
    if check.has("threshold") {
        options = options.with_threshold(check.number("threshold"));
    }
    let findings = audit(lab, &Inputs::default(), options)?;
    let rarest = match findings.info.get("Rarest Class") {
        Some(InfoValue::Text(name)) if name != "NA" => name.parse().unwrap(),
        _ => -1,
    };
    let mut parts = flags_and_scores(&findings);
    parts.push(("rarest", Answer::Exact(vec![rarest])));
    Ok(parts)
}

fn null(check: &Check<'_>) -> Result<Parts, String> {
    let missing = check.matrix("missing");
    let features = missing.mapv(|missing| if missing == 1.0 { f64::NAN } else { 1.0 });
    let lab = Datalab::unlabeled(features.nrows(), Task::Classification).unwrap();
    let findings = audit(lab, &Inputs::default().with_features(&features), NullCheck::default())?;
    let Some(InfoValue::Map(common)) = findings.info.get("most_common_issue") else {
        return Err("no most_common_issue".into());
    };
    let pattern = match common.get("pattern") {
        Some(InfoValue::Text(text)) if text == "no_null" => vec![],
        Some(InfoValue::Text(text)) => text.chars().map(|digit| i64::from(digit == '1')).collect(),
        _ => return Err("no pattern".into()),
    };
    let Some(InfoValue::Values(ColumnValues::Integers(rows))) = common.get("rows_affected") else {
        return Err("no rows_affected".into());
    };
    let Some(InfoValue::Values(ColumnValues::Floats(impact))) = findings.info.get("column_impact") else {
        return Err("no column_impact".into());
    };
    let mut parts = flags_and_scores(&findings);
    parts.extend([
        ("pattern", Answer::Exact(pattern)),
        ("rows", Answer::Exact(rows.to_vec())),
        ("count", Answer::Exact(vec![number(common, "count") as i64])),
        ("column_impact", close(impact.to_vec())),
        ("average", close([number(&findings.info, "average_null_score")])),
    ]);
    Ok(parts)
}

fn number(info: &Info, name: &str) -> f64 {
    info.number(name).unwrap()
}
