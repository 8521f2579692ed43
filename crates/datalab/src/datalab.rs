//! The audit: labels, the checks made so far, and what they found.

use std::sync::Arc;

use cleanlab_core::{ClassNames, Labels};
use cleanlab_multilabel::MultiLabels;
use ndarray::Array1;
use serde::{Deserialize, Serialize};

use crate::check_context::{CheckContext, KeptGraph, NeighborsFound};
use crate::checks::{Checks, is_our_own};
use crate::column_values::{ColumnValues, IssueTable};
use crate::data_columns::DataColumns;
use crate::errors::{CheckError, DatalabError};
use crate::find_issues_options::{CheckProgress, FindIssuesOptions};
use crate::info::{Info, InfoValue};
use crate::inputs::Inputs;
use crate::issue_manager::{IssueFindings, Scope};
use crate::row_keys::RowKeys;
use crate::targets::{Targets, Task};

/// How a check ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CheckOutcome {
    /// It has a result.
    Found(Box<IssueFindings>),
    /// It was asked for, or had what it needs, and has no result.
    Failed {
        /// Why.
        reason: String,
    },
    /// It is made by default, but what it needs was not given.
    NotRun {
        /// What is missing.
        needs: String,
    },
}

/// A check that was made, or tried.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CheckRecord {
    /// The name of the kind of issue.
    pub issue_type: String,
    /// What the issue is.
    pub description: String,
    /// How it ended.
    pub outcome: CheckOutcome,
}

impl CheckRecord {
    /// The result, if there is one.
    #[must_use]
    pub fn findings(&self) -> Option<&IssueFindings> {
        match &self.outcome {
            CheckOutcome::Found(findings) => Some(findings),
            CheckOutcome::Failed { .. } | CheckOutcome::NotRun { .. } => None,
        }
    }
}

/// One kind of issue in a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IssueSummary {
    /// The name of the kind of issue.
    pub issue_type: String,
    /// The quality of the whole in this regard, in [0, 1].
    pub score: f64,
    /// How many rows, or columns, have the issue.
    pub num_issues: usize,
}

/// An audit of a data set.
///
/// # Example
///
/// ```
/// use cleanlab_core::ClassNames;
/// use cleanlab_datalab::{Datalab, FindIssuesOptions, Inputs};
/// use ndarray::array;
///
/// let encoded = ClassNames::encode_strings(&["cat", "dog", "cat"])?;
/// let mut lab = Datalab::classification(encoded.labels, encoded.class_names)?;
/// let features = array![[1.0, 2.0], [f64::NAN, f64::NAN], [1.5, 2.5]];
/// lab.find_issues(&Inputs::default().with_features(&features), &FindIssuesOptions::default())?;
///
/// assert_eq!(lab.get_findings("null")?.issue_rows(), [1]);
/// // What could not be checked is part of the result.
/// assert!(lab.failed_checks().count() > 0 || lab.checks().len() > 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.Datalab`.
#[derive(Debug, Clone)]
pub struct Datalab {
    targets: Targets,
    /// For each example, its row in the file that it comes from.
    row_numbers: Option<Vec<usize>>,
    row_keys: Option<RowKeys>,
    records: Vec<CheckRecord>,
    kept_graph: Option<KeptGraph>,
    neighbors_found: Option<NeighborsFound>,
}

/// What an audit consists of, as it is saved and loaded.
pub(crate) struct AuditParts {
    pub(crate) targets: Targets,
    pub(crate) row_numbers: Option<Vec<usize>>,
    pub(crate) row_keys: Option<RowKeys>,
    pub(crate) records: Vec<CheckRecord>,
    pub(crate) kept_graph: Option<KeptGraph>,
}

impl Datalab {
    /// An audit of rows with one class each.
    ///
    /// # Errors
    ///
    /// [`DatalabError::NoRows`]; [`DatalabError::ClassWithoutName`] with the first row at fault.
    pub fn classification(labels: Labels<'_>, class_names: ClassNames) -> Result<Self, DatalabError> {
        let n_names = class_names.len();
        if let Some(row) = labels.as_slice().iter().position(|&class| class as usize >= n_names) {
            let class = labels.as_slice()[row] as usize;
            return Err(DatalabError::ClassWithoutName { row, class, n_names });
        }
        Self::of(Targets::Classes { labels: labels.into_owned(), class_names })
    }

    /// An audit of rows with a number each.
    ///
    /// # Errors
    ///
    /// [`DatalabError::NoRows`]; [`DatalabError::NonFiniteLabel`] with the first row at fault.
    pub fn regression(labels: Array1<f64>) -> Result<Self, DatalabError> {
        if let Some(row) = labels.iter().position(|value| !value.is_finite()) {
            return Err(DatalabError::NonFiniteLabel { row, value: labels[row] });
        }
        Self::of(Targets::Numbers(labels))
    }

    /// An audit of rows with any number of classes each.
    ///
    /// # Errors
    ///
    /// [`DatalabError::NoRows`]; [`DatalabError::ClassWithoutName`] if there are fewer names than classes.
    pub fn multilabel(labels: MultiLabels, class_names: ClassNames) -> Result<Self, DatalabError> {
        let n_names = class_names.len();
        let unnamed = |row: &usize| labels.classes_of(*row).any(|class| class >= n_names);
        if let Some(row) = (0..labels.len()).find(unnamed) {
            let class = labels.classes_of(row).max().unwrap_or(0);
            return Err(DatalabError::ClassWithoutName { row, class, n_names });
        }
        Self::of(Targets::ClassSets { labels, class_names })
    }

    /// An audit of rows without labels.
    ///
    /// # Errors
    ///
    /// [`DatalabError::NoRows`].
    pub fn unlabeled(n_rows: usize, task: Task) -> Result<Self, DatalabError> {
        Self::of(Targets::Unlabeled { task, n_rows })
    }

    fn of(targets: Targets) -> Result<Self, DatalabError> {
        if targets.n_rows() == 0 {
            return Err(DatalabError::NoRows);
        }
        Ok(Self {
            targets,
            row_numbers: None,
            row_keys: None,
            records: Vec::new(),
            kept_graph: None,
            neighbors_found: None,
        })
    }

    /// Tells which row of a file each example is, where rows have been left out. Reports number rows by it.
    ///
    /// # Errors
    ///
    /// [`DatalabError::InputLength`] unless there is one number per example.
    pub fn with_row_numbers(mut self, row_numbers: Vec<usize>) -> Result<Self, DatalabError> {
        check_length("row numbers", Some(row_numbers.len()), self.n_rows())?;
        self.row_numbers = Some(row_numbers);
        Ok(self)
    }

    /// Gives the keys by which [`diff`](crate::diff) finds the rows of another version of the data set.
    ///
    /// # Errors
    ///
    /// [`DatalabError::InputLength`] unless there is one key per example.
    pub fn with_row_keys(mut self, row_keys: RowKeys) -> Result<Self, DatalabError> {
        check_length("row keys", Some(row_keys.as_slice().len()), self.n_rows())?;
        check_length("row keys by content", row_keys.content().map(<[String]>::len), self.n_rows())?;
        self.row_keys = Some(row_keys);
        Ok(self)
    }

    /// Puts an audit together from parts that were saved.
    pub(crate) fn from_parts(parts: AuditParts) -> Result<Self, DatalabError> {
        let mut lab = match parts.targets {
            Targets::Classes { labels, class_names } => Self::classification(labels, class_names)?,
            Targets::Numbers(numbers) => Self::regression(numbers)?,
            Targets::ClassSets { labels, class_names } => Self::multilabel(labels, class_names)?,
            targets @ Targets::Unlabeled { .. } => Self::of(targets)?,
        };
        if let Some(row_numbers) = parts.row_numbers {
            lab = lab.with_row_numbers(row_numbers)?;
        }
        if let Some(row_keys) = parts.row_keys {
            lab = lab.with_row_keys(row_keys)?;
        }
        let graph_rows = parts.kept_graph.as_ref().map(|kept| kept.graph.n_rows());
        check_length("the neighbours of knn_graph", graph_rows, lab.n_rows())?;
        Ok(Self { records: parts.records, kept_graph: parts.kept_graph, ..lab })
    }

    /// Makes checks, and adds their results to those that are there; a check made again replaces its earlier result.
    ///
    /// A default check whose input is not given keeps the result of an earlier call. Without chosen checks the defaults
    /// of the task are made.
    ///
    /// # Errors
    ///
    /// [`DatalabError::InputLength`] when a part of the input has another length than the labels, before any check;
    /// [`DatalabError::Cancelled`] when the progress callback breaks off, with the results so far kept. A check that
    /// fails is not an error here: see [`Datalab::failed_checks`].
    ///
    /// # Source
    ///
    /// `Datalab.find_issues`.
    pub fn find_issues(
        &mut self,
        inputs: &Inputs<'_>,
        options: &FindIssuesOptions,
    ) -> Result<(), DatalabError> {
        self.check_inputs(inputs)?;
        let checks = options.checks.clone().unwrap_or_else(|| Checks::default_for(self.targets.task()));
        let total = checks.iter().len();
        let targets = self.targets.clone();
        let context =
            CheckContext::new(&targets, inputs.reborrow(), self.kept_graph.clone(), options.neighbors);
        let can_run =
            checks.iter().filter(|check| check.asked_for || check.manager.missing_input(&context).is_none());
        if let Some(k) = can_run.filter_map(|check| check.manager.neighbors_needed(&context)).max() {
            context.graphs().expect(k);
        }
        let mut cancelled = None;
        let tell = |done: usize, next: Option<&str>| {
            options
                .progress
                .as_ref()
                .is_none_or(|tell| tell(CheckProgress { done, total, next }).is_continue())
        };
        for (done, check) in checks.iter().enumerate() {
            let manager = &check.manager;
            if !tell(done, Some(manager.issue_name())) {
                cancelled = Some(done);
                break;
            }
            let outcome = match manager.missing_input(&context) {
                Some(needs) if !check.asked_for => CheckOutcome::NotRun { needs },
                // What was asked for may make do with the graph that is kept, and says itself what it lacks.
                _ => match manager.find_issues(&context).and_then(|found| found.check(context.n_rows())) {
                    Ok(findings) => CheckOutcome::Found(Box::new(findings)),
                    // Small data sets have no groups, which is nothing wrong with them.
                    Err(CheckError::NoGroups { least }) if !check.asked_for => {
                        CheckOutcome::NotRun { needs: format!("a group of at least {least} similar rows") }
                    }
                    Err(error) => match error.rows_needed(context.n_rows()) {
                        // Nor have they neighbours enough.
                        Some(k) if !check.asked_for => {
                            CheckOutcome::NotRun { needs: format!("more than {k} rows") }
                        }
                        _ => CheckOutcome::Failed { reason: error.to_string() },
                    },
                },
            };
            context.graphs().settle(matches!(outcome, CheckOutcome::Found(_)));
            self.record(CheckRecord {
                issue_type: manager.issue_name().to_owned(),
                description: manager.description().to_owned(),
                outcome,
            });
        }
        self.neighbors_found = context.graphs().found().or(self.neighbors_found);
        self.kept_graph = context.into_kept_graph();
        match cancelled {
            Some(done) => Err(DatalabError::Cancelled { done, total }),
            None => {
                // Everything is done, so that there is nothing left to break off.
                tell(total, None);
                Ok(())
            }
        }
    }

    fn record(&mut self, record: CheckRecord) {
        match self.records.iter_mut().find(|existing| existing.issue_type == record.issue_type) {
            // An earlier call had what this one was not given.
            Some(existing)
                if existing.findings().is_some() && matches!(record.outcome, CheckOutcome::NotRun { .. }) => {
            }
            Some(existing) => *existing = record,
            None => self.records.push(record),
        }
    }

    pub(crate) fn check_inputs(&self, inputs: &Inputs<'_>) -> Result<(), DatalabError> {
        let n_rows = self.n_rows();
        check_length("pred_probs", inputs.pred_probs.map(|matrix| matrix.dim().0), n_rows)?;
        check_length("predictions", inputs.predictions.map(|values| values.len()), n_rows)?;
        check_length("features", inputs.features.map(|matrix| matrix.dim().0), n_rows)?;
        check_length("the neighbours of knn_graph", inputs.knn_graph.map(|graph| graph.n_rows()), n_rows)?;
        check_length("cluster_ids", inputs.cluster_ids.map(|ids| ids.len()), n_rows)?;
        check_length("columns", inputs.columns.map(DataColumns::n_rows), n_rows)
    }

    /// Number of examples.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.targets.n_rows()
    }

    /// The given labels.
    #[must_use]
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// The row of the file that an example comes from, counted from 0.
    #[must_use]
    pub fn row_number(&self, row: usize) -> usize {
        self.row_numbers.as_ref().and_then(|numbers| numbers.get(row)).copied().unwrap_or(row)
    }

    pub(crate) fn row_numbers(&self) -> Option<&[usize]> {
        self.row_numbers.as_deref()
    }

    /// The keys by which rows are found in another version of the data set.
    #[must_use]
    pub fn row_keys(&self) -> Option<&RowKeys> {
        self.row_keys.as_ref()
    }

    /// The neighbour graph that is kept for later checks.
    #[must_use]
    pub fn kept_graph(&self) -> Option<&KeptGraph> {
        self.kept_graph.as_ref()
    }

    /// How the neighbours that the checks looked at were found; `None` while no check has searched for any, or of a loaded
    /// audit.
    #[must_use]
    pub fn neighbors_found(&self) -> Option<NeighborsFound> {
        self.neighbors_found
    }

    /// Every check that was made or tried, in the order of first calls.
    #[must_use]
    pub fn checks(&self) -> &[CheckRecord] {
        &self.records
    }

    /// The checks that failed, with their reasons.
    pub fn failed_checks(&self) -> impl Iterator<Item = (&str, &str)> {
        self.records.iter().filter_map(|record| match &record.outcome {
            CheckOutcome::Failed { reason } => Some((record.issue_type.as_str(), reason.as_str())),
            CheckOutcome::Found(_) | CheckOutcome::NotRun { .. } => None,
        })
    }

    /// The result of a check.
    ///
    /// # Errors
    ///
    /// [`DatalabError::NotChecked`]; [`DatalabError::NoResult`] with the reason why the check has none.
    pub fn get_findings(&self, issue_type: &str) -> Result<&IssueFindings, DatalabError> {
        let record = self.records.iter().find(|record| record.issue_type == issue_type).ok_or_else(|| {
            let checked = self.records.iter().map(|record| record.issue_type.clone()).collect();
            DatalabError::NotChecked { name: issue_type.to_owned(), checked }
        })?;
        let no_result = |reason: String| DatalabError::NoResult { name: issue_type.to_owned(), reason };
        match &record.outcome {
            CheckOutcome::Found(findings) => Ok(findings),
            CheckOutcome::Failed { reason } => Err(no_result(reason.clone())),
            CheckOutcome::NotRun { needs } => Err(no_result(format!("it needs {needs}"))),
        }
    }

    /// The result of a check as a table: a flag, a score and the details of every row or column.
    ///
    /// # Errors
    ///
    /// As [`Datalab::get_findings`].
    ///
    /// # Source
    ///
    /// `Datalab.get_issues(issue_name)`.
    ///
    /// # Differences
    ///
    /// cleanlab picks columns whose names contain `issue_name`, those of other checks too.
    pub fn get_issues(&self, issue_type: &str) -> Result<IssueTable, DatalabError> {
        Ok(self.get_findings(issue_type)?.to_table(issue_type))
    }

    /// The flags and scores of all checks of rows, as one table.
    ///
    /// # Source
    ///
    /// `Datalab.issues`.
    #[must_use]
    pub fn issues(&self) -> IssueTable {
        let mut table = IssueTable::new(self.n_rows());
        for record in &self.records {
            let Some(findings) = record.findings().filter(|findings| findings.scope == Scope::Rows) else {
                continue;
            };
            let name = &record.issue_type;
            let columns = [
                (format!("is_{name}_issue"), ColumnValues::Booleans(findings.is_issue.clone())),
                (format!("{name}_score"), ColumnValues::Floats(findings.scores.clone())),
            ];
            for (name, values) in columns {
                // `find_issues` has checked the lengths.
                let inserted = table.insert(name, values);
                debug_assert!(inserted.is_ok());
            }
        }
        table
    }

    /// One line per check that has a result.
    ///
    /// # Source
    ///
    /// `Datalab.get_issue_summary`.
    #[must_use]
    pub fn issue_summary(&self) -> Vec<IssueSummary> {
        let found = self.records.iter().filter_map(|record| Some((record, record.findings()?)));
        found
            .map(|(record, findings)| IssueSummary {
                issue_type: record.issue_type.clone(),
                score: findings.score,
                num_issues: findings.num_issues(),
            })
            .collect()
    }

    /// The line of one check.
    ///
    /// # Errors
    ///
    /// As [`Datalab::get_findings`].
    pub fn get_issue_summary(&self, issue_type: &str) -> Result<IssueSummary, DatalabError> {
        let findings = self.get_findings(issue_type)?;
        let (score, num_issues) = (findings.score, findings.num_issues());
        Ok(IssueSummary { issue_type: issue_type.to_owned(), score, num_issues })
    }

    /// What a check found out besides flags and scores.
    ///
    /// # Errors
    ///
    /// As [`Datalab::get_findings`].
    ///
    /// # Source
    ///
    /// `Datalab.get_info(issue_name)`.
    pub fn get_info(&self, issue_type: &str) -> Result<&Info, DatalabError> {
        Ok(&self.get_findings(issue_type)?.info)
    }

    /// What is known of the data set as a whole: numbers of examples and classes, class names, health score, metric.
    ///
    /// # Source
    ///
    /// `Datalab.get_info("statistics")`.
    #[must_use]
    pub fn statistics(&self) -> Info {
        let multi_label = matches!(self.targets.task(), Task::Multilabel);
        let health = self.health_score().map_or(InfoValue::Null, InfoValue::Float);
        let mut info = Info::default()
            .with("num_examples", InfoValue::Integer(self.n_rows() as i64))
            .with("multi_label", InfoValue::Boolean(multi_label))
            .with("health_score", health);
        if let Some(names) = self.targets.class_names() {
            let texts = names.as_slice().iter().cloned().map(Some).collect();
            info.insert("class_names", InfoValue::Values(ColumnValues::Texts(texts)));
            info.insert("num_classes", InfoValue::Integer(names.len() as i64));
        }
        if let Some(kept) = &self.kept_graph {
            info.insert("weighted_knn_graph", InfoValue::Graph(Arc::clone(&kept.graph)));
            if let Some(metric) = kept.metric {
                info.insert("knn_metric", InfoValue::Text(format!("{metric:?}").to_lowercase()));
            }
        }
        info
    }

    /// The mean of the scores of all checks that have a result, the checks that cleanlab does not have left out; `None`
    /// if there is none.
    ///
    /// So the score is cleanlab's, whether or not [`Checks::default_for`] adds checks to
    /// [`Checks::cleanlab_defaults`]. Checks of the caller's own count, as they do there.
    #[must_use]
    pub fn health_score(&self) -> Option<f64> {
        let counted = self.records.iter().filter(|record| !is_our_own(&record.issue_type));
        let scores: Vec<f64> = counted.filter_map(|record| Some(record.findings()?.score)).collect();
        (!scores.is_empty()).then(|| cleanlab_core::pairwise_sum(&scores) / scores.len() as f64)
    }
}

fn check_length(what: &'static str, found: Option<usize>, expected: usize) -> Result<(), DatalabError> {
    match found {
        Some(found) if found != expected => Err(DatalabError::InputLength { what, found, expected }),
        _ => Ok(()),
    }
}
