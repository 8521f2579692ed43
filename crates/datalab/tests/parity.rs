//! Audits as cleanlab 2.9.0 makes them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use cleanlab_core::{ClassNames, Labels};
use cleanlab_datalab::{
    Checks, ColumnValues, Datalab, FindIssuesOptions, Info, InfoValue, Inputs, IssueFindings, IssueTable,
    Task,
};
use cleanlab_multilabel::MultiLabels;
use cleanlab_neighbors::{KnnGraph, Metric};
use cleanlab_testkit::parity::{Answer, Case, Check, run};
use ndarray::{Array1, Array2};
use serde_json::Value;

/// How far scores may differ.
const CLOSE: f64 = 1e-9;

/// The checks that are compared here.
const COMPARED: [&str; 4] = ["label", "outlier", "near_duplicate", "underperforming_group"];

type AnyResult<T> = Result<T, Box<dyn std::error::Error>>;

#[test]
fn audits_equal_the_reference() {
    let functions = [
        "datalab_label",
        "datalab_outlier",
        "datalab_near_duplicate",
        "datalab_underperforming_group",
        "datalab_statistics",
    ];
    // The audits after each call, of the case that was looked at last.
    let last: RefCell<Audited> = RefCell::default();
    run("datalab", &functions, |check| {
        let mut last = last.borrow_mut();
        let case = Some((check.case.seed, check.case.number));
        if last.0 != case {
            *last = (case, vec![]);
        }
        let call = check.number("call") as usize;
        match after_calls(check, &mut last.1, call).and_then(|()| answer(check, &last.1[call])) {
            Ok(answer) => answer,
            Err(error) => Answer::Failed(error.to_string()),
        }
    });
}

/// A case by its seed and number, and its audit after each call.
type Audited = (Option<(u64, u64)>, Vec<Datalab>);

/// The arrays of a case.
struct Data {
    features: Array2<f64>,
    narrow_features: Option<Array2<f32>>,
    graphs: Vec<Option<Arc<KnnGraph>>>,
    cluster_ids: Array1<i64>,
}

fn after_calls(check: &Check<'_>, audits: &mut Vec<Datalab>, call: usize) -> AnyResult<()> {
    if audits.len() > call {
        return Ok(());
    }
    let task = match check.text("task") {
        "classification" => Task::Classification,
        "regression" => Task::Regression,
        _ => Task::Multilabel,
    };
    let case = check.case;
    let calls = check.json("calls").as_array().ok_or("calls")?;
    let data = read_data(case, calls)?;
    let mut audit = match audits.last() {
        Some(audit) => audit.clone(),
        None => new_audit(check, task)?,
    };
    for call in &calls[audits.len()..=call] {
        make_call(case, &data, task, call, &mut audit)?;
        audits.push(audit.clone());
    }
    Ok(())
}

fn read_data(case: &Case, calls: &[Value]) -> AnyResult<Data> {
    let features = case.matrix("features");
    let narrow_features = case.is_f32.then(|| features.mapv(|value| value as f32));
    let graph = |number: usize| -> AnyResult<Option<Arc<KnnGraph>>> {
        if !calls.iter().any(|call| call["graph"] == number) {
            return Ok(None);
        }
        let indices = case.matrix(&format!("graph_{number}_indices")).mapv(|index| index as u32);
        Ok(Some(Arc::new(KnnGraph::new(indices, case.matrix(&format!("graph_{number}_distances")))?)))
    };
    let cluster_ids = case.integers("cluster_ids").into();
    Ok(Data { features, narrow_features, graphs: vec![graph(0)?, graph(1)?], cluster_ids })
}

fn new_audit(check: &Check<'_>, task: Task) -> AnyResult<Datalab> {
    let names = ClassNames::indices(check.number("n_classes") as usize);
    Ok(match task {
        Task::Classification => Datalab::classification(Labels::new(&check.case.integers("labels"))?, names)?,
        Task::Regression => Datalab::regression(check.case.vector("labels"))?,
        _ => {
            let onehot = check.case.matrix("labels").mapv(|entry| entry as u8);
            Datalab::multilabel(MultiLabels::from_onehot(onehot.view())?, names)?
        }
    })
}

fn make_call(case: &Case, data: &Data, task: Task, call: &Value, audit: &mut Datalab) -> AnyResult<()> {
    let (predictions, pred_probs);
    let mut inputs = Inputs::default();
    if call["features"] == true {
        inputs = match &data.narrow_features {
            Some(features) => inputs.with_features(features),
            None => inputs.with_features(&data.features),
        };
    }
    if let Some(number) = call["predictions"].as_u64() {
        if task == Task::Regression {
            predictions = case.vector(&format!("predictions_{number}"));
            inputs = inputs.with_predictions(predictions.view());
        } else {
            pred_probs = case.matrix(&format!("pred_probs_{number}"));
            inputs = inputs.with_pred_probs(&pred_probs);
        }
    }
    if let Some(graph) = call["graph"].as_u64().and_then(|number| data.graphs[number as usize].as_ref()) {
        inputs = inputs.with_knn_graph(graph);
    }
    if call["clusters"] == true {
        inputs = inputs.with_cluster_ids(data.cluster_ids.view());
    }
    let checks = match call["checks"].as_array() {
        Some(checks) => checks.iter().try_fold(Checks::none(), |checks, check| {
            checks.with_json(task, check[0].as_str().unwrap_or_default(), &check[1])
        })?,
        None => {
            let defaults = Checks::default_for(task);
            let others: Vec<String> = defaults.names().iter().map(|&name| name.to_owned()).collect();
            let others = others.iter().filter(|name| !COMPARED.contains(&name.as_str()));
            others.fold(defaults, |checks, name| checks.without(name))
        }
    };
    audit.find_issues(&inputs, &FindIssuesOptions::default().with_checks(checks))?;
    Ok(())
}

fn answer(check: &Check<'_>, audit: &Datalab) -> AnyResult<Answer> {
    let name = check.function.trim_start_matches("datalab_");
    if name == "statistics" {
        return Ok(statistics(audit));
    }
    let findings = audit.get_findings(name)?;
    let mut parts = vec![
        ("flags", Answer::Exact(findings.is_issue.iter().map(|&flag| i64::from(flag)).collect())),
        ("scores", near(findings.scores.to_vec())),
        ("summary", near(vec![audit.get_issue_summary(name)?.score])),
        ("count", Answer::Exact(vec![findings.num_issues() as i64])),
    ];
    let info = &findings.info;
    match name {
        "label" => label_parts(check.text("task"), findings, &mut parts)?,
        "outlier" => {
            parts.push(("numbers", numbers(info, &["average_ood_score", "threshold", "issue_threshold"])?));
            if info.get("nearest_neighbor").is_some() {
                parts.push(("nearest_neighbor", Answer::Exact(integers(info, "nearest_neighbor")?)));
                parts.push(("distances", near(floats(info, "distance_to_nearest_neighbor")?)));
                parts.push(("scale", numbers(info, &["scaling_factor", "t"])?));
            }
        }
        "near_duplicate" => {
            let (lengths, members) = lists(findings, "near_duplicate_sets")?;
            parts.push(("set_lengths", Answer::Exact(lengths)));
            parts.push(("sets", Answer::Exact(members)));
            parts.push(("nearest_neighbor", Answer::Exact(integers(info, "nearest_neighbor")?)));
            parts.push(("distances", near(floats(info, "distance_to_nearest_neighbor")?)));
            parts.push(("numbers", numbers(info, &["median_distance_to_nearest_neighbor", "threshold"])?));
        }
        _ => {
            let stats = map(map(info, "clustering")?, "stats")?;
            parts.push(("clusters", Answer::Exact(integers(stats, "cluster_ids")?)));
            let number = |name| stats.number(name).map(|value| value as i64).ok_or(name);
            let stats = vec![number("n_clusters")?, number("underperforming_cluster_id")?];
            parts.push(("stats", Answer::Exact(stats)));
        }
    }
    Ok(Answer::Parts(parts))
}

fn statistics(audit: &Datalab) -> Answer {
    match audit.kept_graph() {
        Some(kept) => {
            let metric = match kept.metric {
                None => 0,
                Some(Metric::Cosine) => 1,
                Some(_) => 2,
            };
            let distances = kept.graph.distances().iter().copied().collect();
            Answer::Parts(vec![
                ("graph", Answer::Exact(vec![kept.graph.k() as i64, metric])),
                ("distances", near(distances)),
            ])
        }
        None => Answer::Parts(vec![("graph", Answer::Exact(vec![0, 0]))]),
    }
}

type Part = (&'static str, Answer);

fn label_parts(task: &str, findings: &IssueFindings, parts: &mut Vec<Part>) -> AnyResult<()> {
    let info = &findings.info;
    let detail = |name: &str| findings.details.column(name).ok_or(format!("no {name}"));
    if task == "multilabel" {
        let (lengths, members) = lists(findings, "given_label")?;
        parts.push(("given_label_lengths", Answer::Exact(lengths)));
        parts.push(("given_label", Answer::Exact(members)));
        let (lengths, members) = lists(findings, "predicted_label")?;
        parts.push(("predicted_label_lengths", Answer::Exact(lengths)));
        parts.push(("predicted_label", Answer::Exact(members)));
        return Ok(());
    }
    for name in ["given_label", "predicted_label"] {
        parts.push((name, column(detail(name)?)?));
    }
    parts.push(("average", numbers(info, &["average_label_quality"])?));
    if task == "regression" {
        return Ok(());
    }
    let matrix = |name: &str| match info.get(name) {
        Some(InfoValue::Matrix(matrix)) => Ok(near(matrix.iter().copied().collect())),
        other => Err(format!("{name} is {other:?}")),
    };
    parts.push(("confident_joint", matrix("confident_joint")?));
    parts.push(("noise_matrix", matrix("noise_matrix")?));
    parts.push(("inverse_noise_matrix", matrix("inverse_noise_matrix")?));
    parts.push(("py", near(floats(info, "py")?)));
    parts.push(("confident_thresholds", near(floats(info, "confident_thresholds")?)));
    let classes = table(info, "classes_by_label_quality")?;
    let issues = by_keys(classes, &["Class Index"], &["Label Issues", "Inverse Label Issues"])?;
    parts.push(("class_issues", Answer::Exact(issues.iter().map(|&count| count as i64).collect())));
    let noise = ["Label Noise", "Inverse Label Noise", "Label Quality Score"];
    parts.push(("class_noise", near(by_keys(classes, &["Class Index"], &noise)?)));
    let overlap = table(info, "overlapping_classes")?;
    let keys = ["Class Index A", "Class Index B"];
    let counts = by_keys(overlap, &keys, &["Num Overlapping Examples"])?;
    parts.push(("overlap_counts", Answer::Exact(counts.iter().map(|&count| count as i64).collect())));
    parts.push(("overlap", near(by_keys(overlap, &keys, &["Joint Probability"])?)));
    Ok(())
}

fn near(values: Vec<f64>) -> Answer {
    Answer::Near(values, CLOSE)
}

fn numbers(info: &Info, names: &[&str]) -> AnyResult<Answer> {
    let number = |name: &&str| info.number(name).ok_or(format!("no number {name}"));
    Ok(near(names.iter().map(number).collect::<Result<_, _>>()?))
}

fn map<'i>(info: &'i Info, name: &str) -> AnyResult<&'i Info> {
    match info.get(name) {
        Some(InfoValue::Map(map)) => Ok(map),
        other => Err(format!("{name} is {other:?}").into()),
    }
}

fn table<'i>(info: &'i Info, name: &str) -> AnyResult<&'i IssueTable> {
    match info.get(name) {
        Some(InfoValue::Table(table)) => Ok(table),
        other => Err(format!("{name} is {other:?}").into()),
    }
}

fn integers(info: &Info, name: &str) -> AnyResult<Vec<i64>> {
    match info.get(name) {
        Some(InfoValue::Values(ColumnValues::Integers(values))) => Ok(values.to_vec()),
        _ => Err(format!("no integers {name}").into()),
    }
}

fn floats(info: &Info, name: &str) -> AnyResult<Vec<f64>> {
    match info.get(name) {
        Some(InfoValue::Values(ColumnValues::Floats(values))) => Ok(values.to_vec()),
        _ => Err(format!("no floats {name}").into()),
    }
}

fn column(values: &ColumnValues) -> AnyResult<Answer> {
    match values {
        ColumnValues::Categories { codes, .. } => {
            Ok(Answer::Exact(codes.iter().map(|&code| i64::from(code)).collect()))
        }
        ColumnValues::Floats(values) => Ok(near(values.to_vec())),
        other => Err(format!("{other:?}").into()),
    }
}

/// The lengths of the lists, and their members one after the other.
fn lists(findings: &IssueFindings, name: &str) -> AnyResult<(Vec<i64>, Vec<i64>)> {
    match findings.details.column(name) {
        Some(ColumnValues::IntegerLists(lists)) => Ok((
            lists.iter().map(|list| list.len() as i64).collect(),
            lists.iter().flatten().map(|&member| i64::from(member)).collect(),
        )),
        other => Err(format!("{name} is {other:?}").into()),
    }
}

/// The values of columns, row by row in the order of the keys.
fn by_keys(table: &IssueTable, keys: &[&str], columns: &[&str]) -> AnyResult<Vec<f64>> {
    let value = |name: &str, row: usize| -> AnyResult<f64> {
        match table.column(name) {
            Some(ColumnValues::Integers(values)) => Ok(values[row] as f64),
            Some(ColumnValues::Floats(values)) => Ok(values[row]),
            other => Err(format!("{name} is {other:?}").into()),
        }
    };
    let mut rows = BTreeMap::new();
    for row in 0..table.n_rows() {
        let key: Vec<i64> = keys.iter().map(|key| Ok(value(key, row)? as i64)).collect::<AnyResult<_>>()?;
        let values: Vec<f64> = columns.iter().map(|name| value(name, row)).collect::<AnyResult<_>>()?;
        rows.insert(key, values);
    }
    Ok(rows.into_values().flatten().collect())
}
