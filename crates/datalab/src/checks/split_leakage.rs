//! Examples of one split that are also in another.

use cleanlab_neighbors::{KnnGraph, Metric};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

use super::graph_facts::metric_value;
use super::order_statistics::median;
use crate::check_context::CheckContext;
use crate::column_values::ColumnValues;
use crate::data_columns::DataColumns;
use crate::equal_rows::{can_compare_rows, equal_rows};
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::issue_manager::{IssueFindings, IssueManager};

/// Equal rows of other splits that are listed for a row.
const LISTED: usize = 10;

/// The least median distance from the nearest neighbour: most rows may have an exact duplicate. cleanlab's `EPSILON`.
const SMALLEST_MEDIAN: f64 = 1e-6;

/// Flags rows that equal, or nearly equal, rows of another split: what a model is tested on, it has then been trained on.
///
/// Splits are the values of [`Inputs::split_column`](crate::Inputs); rows without one are in none. Rows are near
/// duplicates if they are closer than `threshold` times the median distance from the nearest neighbour, as in the check
/// `near_duplicate`; exact duplicates are found as by [`ExactDuplicateCheck`](crate::ExactDuplicateCheck), and without
/// features or a graph they alone are. A flagged row scores 1 − exp(−d / median), where d is the distance from the
/// nearest such row, so that exact duplicates score 0; other rows score 1. The score of the whole is the mean.
///
/// Details: the row's `split`, `leaked_rows`, the rows of other splits that it equals (the first ten of exact
/// duplicates), and `leaked_splits`, theirs.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, SplitLeakageCheck, Task, TextColumns};
/// let columns = TextColumns::default()
///     .with_column("text", ["good", "bad", "fine", "bad"])
///     .with_column("split", ["train", "train", "test", "test"]);
/// let mut lab = Datalab::unlabeled(4, Task::Classification)?;
/// let options = FindIssuesOptions::default().with_checks(Checks::none().with(SplitLeakageCheck::default()));
/// lab.find_issues(&Inputs::default().with_columns(&columns).with_split_column("split"), &options)?;
///
/// let findings = lab.get_findings("split_leakage")?;
/// assert_eq!(findings.issue_rows(), [1, 3]);
/// let detail = |name| findings.details.column(name).and_then(|values| values.text_at(3));
/// assert_eq!(detail("leaked_rows").as_deref(), Some("1"));
/// assert_eq!(detail("leaked_splits").as_deref(), Some("train"));
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
///
/// # Source
///
/// Our own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SplitLeakageCheck {
    /// Number of neighbours that are looked at, or all others if there are fewer. Default 10.
    pub k: usize,
    /// The share of the median distance below which rows are near duplicates, at least 0. Default 0.13.
    pub threshold: f64,
    /// The metric of the neighbours. Default: [`Metric::default_for`] the number of features.
    pub metric: Option<Metric>,
}

impl Default for SplitLeakageCheck {
    fn default() -> Self {
        Self { k: 10, threshold: 0.13, metric: None }
    }
}

impl SplitLeakageCheck {
    /// Sets the number of neighbours that are looked at.
    #[must_use]
    pub fn with_k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// Sets the share of the median distance below which rows are near duplicates.
    #[must_use]
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// Sets the metric of the neighbours.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
        self.metric = Some(metric);
        self
    }

    fn k_of(&self, context: &CheckContext<'_>) -> usize {
        self.k.min(context.n_rows().saturating_sub(1))
    }
}

impl IssueManager for SplitLeakageCheck {
    fn issue_name(&self) -> &'static str {
        "split_leakage"
    }

    fn description(&self) -> &'static str {
        "Examples that equal, or nearly equal, examples of another split."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        if context.columns().is_none() || context.inputs().split_column.is_none() {
            return Some("columns and the name of a split column".to_owned());
        }
        let can_compare = can_compare_rows(context) || context.has_knn_graph(self.k_of(context));
        (!can_compare).then(|| "features or further columns".to_owned())
    }

    fn neighbors_needed(&self, context: &CheckContext<'_>) -> Option<usize> {
        let k = self.k_of(context);
        (self.missing_input(context).is_none() && k > 0 && context.has_knn_graph(k)).then_some(k)
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        if self.threshold.is_nan() || self.threshold < 0.0 {
            let (option, value) = ("threshold", self.threshold);
            return Err(CheckError::OptionOutOfRange { option, value, bound: "at least 0" });
        }
        if let Some(needs) = self.missing_input(context) {
            return Err(CheckError::needs(needs));
        }
        let columns = context.columns().ok_or_else(|| CheckError::needs("columns"))?;
        let splits = splits_of(columns, context.inputs().split_column.unwrap_or_default())?;
        let mut leaks = Leaks::new(&splits);
        let k = self.k_of(context);
        let (mut metric, mut median_distance) = (None, None);
        if k > 0 && context.has_knn_graph(k) {
            let kept = context.knn_graph(k, self.metric)?;
            let typical = median(&kept.graph.distances().column(0).to_vec()).max(SMALLEST_MEDIAN);
            leaks.add_near(&kept.graph, self.threshold * typical, typical);
            (metric, median_distance) = (kept.metric, Some(typical));
        }
        if can_compare_rows(context) {
            for set in equal_rows(context).unwrap_or_default() {
                leaks.add_equal(&set);
            }
        }
        let Leaks { scores, rows, .. } = leaks;
        let is_issue: Array1<bool> = rows.iter().map(|rows| !rows.is_empty()).collect();
        let leaked_splits = rows.iter().map(|rows| names_of(rows, &splits)).collect();
        let info = Info::default()
            .with(
                "median_distance_to_nearest_neighbor",
                median_distance.map_or(InfoValue::Null, InfoValue::Float),
            )
            .with("metric", metric_value(metric))
            .with("k", InfoValue::Integer(k as i64))
            .with("threshold", InfoValue::Float(self.threshold));
        let mut findings = IssueFindings::of_rows(is_issue, scores)
            .with_detail("leaked_rows", ColumnValues::IntegerLists(rows))?
            .with_detail("leaked_splits", ColumnValues::Texts(leaked_splits))?;
        let mut present = splits.iter().flatten();
        let first = present.next();
        if !present.any(|split| Some(split) != first) {
            findings = findings.with_warning("there is only one split, so that none can leak into another");
        }
        Ok(findings.with_detail("split", ColumnValues::Texts(splits))?.with_info(info))
    }
}

/// The split of every row.
fn splits_of(columns: &dyn DataColumns, name: &str) -> Result<Vec<Option<String>>, CheckError> {
    let names = columns.column_names();
    let column = names.iter().position(|other| other == name);
    let column = column.ok_or_else(|| {
        CheckError::needs(format!("a split column {name:?}; the columns are {}", names.join(", ")))
    })?;
    Ok((0..columns.n_rows()).map(|row| columns.cell(row, column).to_text()).collect())
}

/// The distinct splits of some rows, in the order of the rows.
fn names_of(rows: &[u32], splits: &[Option<String>]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in rows.iter().filter_map(|&row| splits[row as usize].as_deref()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| names.join("; "))
}

struct Leaks<'s> {
    splits: &'s [Option<String>],
    scores: Array1<f64>,
    /// For each row the rows of other splits that it equals, ascending.
    rows: Vec<Vec<u32>>,
}

impl<'s> Leaks<'s> {
    fn new(splits: &'s [Option<String>]) -> Self {
        Self { splits, scores: Array1::from_elem(splits.len(), 1.0), rows: vec![Vec::new(); splits.len()] }
    }

    fn leak(&self, a: usize, b: usize) -> bool {
        self.splits[a].is_some() && self.splits[b].is_some() && self.splits[a] != self.splits[b]
    }

    /// Rows that are near each other, as far as the graph lists either for the other.
    fn add_near(&mut self, graph: &KnnGraph, radius: f64, median: f64) {
        for row in 0..graph.n_rows() {
            for (other, distance) in graph.neighbors(row).take_while(|&(_, distance)| distance < radius) {
                if self.leak(row, other) {
                    let score = 1.0 - (-distance / median).exp();
                    self.add(row, other, score);
                    self.add(other, row, score);
                }
            }
        }
    }

    fn add(&mut self, row: usize, other: usize, score: f64) {
        self.scores[row] = self.scores[row].min(score);
        let rows = &mut self.rows[row];
        if let Err(position) = rows.binary_search(&(other as u32)) {
            rows.insert(position, other as u32);
        }
    }

    /// Rows that are equal, of which there may be so many that not all pairs can be looked at.
    fn add_equal(&mut self, set: &[usize]) {
        let splits = self.splits;
        // The first rows of each split are all that is ever listed.
        let mut firsts: Vec<(&Option<String>, Vec<usize>)> = Vec::new();
        for &row in set.iter().filter(|&&row| splits[row].is_some()) {
            let split = &splits[row];
            match firsts.iter_mut().find(|(known, _)| *known == split) {
                Some((_, rows)) if rows.len() < LISTED => rows.push(row),
                Some(_) => {}
                None => firsts.push((split, vec![row])),
            }
        }
        if firsts.len() < 2 {
            return;
        }
        for &row in set.iter().filter(|&&row| splits[row].is_some()) {
            let of_others = firsts.iter().filter(|(split, _)| **split != splits[row]);
            let mut others: Vec<usize> = of_others.flat_map(|(_, rows)| rows).copied().collect();
            others.sort_unstable();
            for other in others.into_iter().take(LISTED) {
                self.add(row, other, 0.0);
            }
        }
    }
}
