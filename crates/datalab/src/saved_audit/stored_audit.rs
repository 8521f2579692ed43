//! An audit as the manifest tells of it.

use std::sync::Arc;

use cleanlab_core::{ClassNames, Labels};
use cleanlab_multilabel::MultiLabels;
use cleanlab_neighbors::Metric;
use serde::{Deserialize, Serialize};

use super::errors::SavedAuditError;
use super::state_files::{StateReader, StateWriter, StoredArray};
use super::stored_values::{StoredFloat, StoredGraph, StoredInfo, StoredLists, StoredTable, StoredTexts};
use crate::check_context::KeptGraph;
use crate::datalab::{AuditParts, CheckOutcome, CheckRecord, Datalab};
use crate::issue_manager::{IssueFindings, Scope};
use crate::report_model::AuditReport;
use crate::row_keys::{RowKeySource, RowKeys};
use crate::targets::{Targets, Task};

/// Sets of labels may take this much, however small their files are.
const ALWAYS_ALLOWED: usize = 64 << 20;

/// Beyond that sets of labels may take so many times the files.
const MOST_EXPANSION: usize = 1_000;

/// Rows of which nothing is known, as when every check failed, may be this many.
const ROWS_ALWAYS_ALLOWED: u64 = 1 << 22;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredAudit {
    task: Task,
    n_rows: usize,
    targets: StoredTargets,
    checks: Vec<StoredRecord>,
    row_numbers: Option<StoredArray>,
    row_keys: Option<StoredRowKeys>,
    kept_graph: Option<StoredKeptGraph>,
    /// The file with the report.
    report: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum StoredTargets {
    Unlabeled,
    Classes { labels: StoredArray, class_names: StoredTexts },
    Numbers(StoredArray),
    ClassSets { labels: StoredLists, class_names: StoredTexts, n_classes: usize },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRecord {
    issue_type: String,
    description: String,
    outcome: StoredOutcome,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum StoredOutcome {
    Found(Box<StoredFindings>),
    Failed { reason: String },
    NotRun { needs: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredFindings {
    scope: Scope,
    score: StoredFloat,
    is_issue: StoredArray,
    scores: StoredArray,
    details: StoredTable,
    info: StoredInfo,
    warnings: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRowKeys {
    source: RowKeySource,
    keys: StoredTexts,
    /// Keys by content beside those of a column.
    #[serde(default)]
    content: Option<StoredTexts>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKeptGraph {
    graph: StoredGraph,
    metric: Option<Metric>,
}

impl StateWriter {
    pub(super) fn audit(
        &mut self,
        lab: &Datalab,
        report: Option<&AuditReport>,
    ) -> Result<StoredAudit, SavedAuditError> {
        let targets = self.targets(lab.targets())?;
        let checks = lab.checks().iter().map(|record| self.record(record)).collect::<Result<_, _>>()?;
        let row_numbers = lab
            .row_numbers()
            .map(|numbers| self.vector("row_numbers", numbers.iter().map(|&number| number as u64)));
        let row_keys = lab.row_keys().map(|keys| {
            let stored = self.texts("row_keys", keys.as_slice().iter().map(|key| Some(key.as_str())))?;
            let content = keys.content().filter(|_| *keys.source() != RowKeySource::Content);
            let content = content
                .map(|content| self.texts("row_content", content.iter().map(|key| Some(key.as_str()))))
                .transpose()?;
            Ok::<_, SavedAuditError>(StoredRowKeys { source: keys.source().clone(), keys: stored, content })
        });
        let kept_graph = lab.kept_graph().map(|kept| {
            Ok::<_, SavedAuditError>(StoredKeptGraph {
                graph: self.graph("kept_graph", &kept.graph)?,
                metric: kept.metric,
            })
        });
        let (row_numbers, row_keys) = (row_numbers.transpose()?, row_keys.transpose()?);
        let kept_graph = kept_graph.transpose()?;
        let report = report.map(|report| {
            let json = serde_json::to_vec(report);
            let json = json.map_err(|error| SavedAuditError::CannotSave { reason: error.to_string() })?;
            self.bytes("report", "json", &json)
        });
        Ok(StoredAudit {
            task: lab.targets().task(),
            n_rows: lab.n_rows(),
            targets,
            checks,
            row_numbers,
            row_keys,
            kept_graph,
            report: report.transpose()?,
        })
    }

    fn targets(&mut self, targets: &Targets) -> Result<StoredTargets, SavedAuditError> {
        Ok(match targets {
            Targets::Unlabeled { .. } => StoredTargets::Unlabeled,
            Targets::Classes { labels, class_names } => StoredTargets::Classes {
                labels: self.vector("labels", labels.as_slice().iter().copied())?,
                class_names: self.class_names(class_names)?,
            },
            Targets::Numbers(numbers) => {
                StoredTargets::Numbers(self.vector("labels", numbers.iter().copied())?)
            }
            Targets::ClassSets { labels, class_names } => {
                let lists = labels.to_lists();
                let lists: Vec<Vec<u32>> =
                    lists.iter().map(|list| list.iter().map(|&class| class as u32).collect()).collect();
                StoredTargets::ClassSets {
                    labels: self.lists("labels", &lists)?,
                    class_names: self.class_names(class_names)?,
                    n_classes: labels.n_classes(),
                }
            }
        })
    }

    fn class_names(&mut self, names: &ClassNames) -> Result<StoredTexts, SavedAuditError> {
        self.texts("class_names", names.as_slice().iter().map(|name| Some(name.as_str())))
    }

    fn record(&mut self, record: &CheckRecord) -> Result<StoredRecord, SavedAuditError> {
        let name = &record.issue_type;
        let outcome = match &record.outcome {
            CheckOutcome::Failed { reason } => StoredOutcome::Failed { reason: reason.clone() },
            CheckOutcome::NotRun { needs } => StoredOutcome::NotRun { needs: needs.clone() },
            CheckOutcome::Found(found) => StoredOutcome::Found(Box::new(StoredFindings {
                scope: found.scope,
                score: found.score.into(),
                is_issue: self.vector(&format!("{name}.is_issue"), found.is_issue.iter().copied())?,
                scores: self.vector(&format!("{name}.scores"), found.scores.iter().copied())?,
                details: self.table(&format!("{name}.details"), &found.details)?,
                info: self.info(&format!("{name}.info"), &found.info, 0)?,
                warnings: found.warnings.clone(),
            })),
        };
        Ok(StoredRecord { issue_type: name.clone(), description: record.description.clone(), outcome })
    }
}

/// The audit and its report.
pub(super) struct LoadedAudit {
    pub(super) lab: Datalab,
    pub(super) report: Option<AuditReport>,
}

impl StateReader<'_> {
    pub(super) fn audit(&mut self, stored: &StoredAudit) -> Result<LoadedAudit, SavedAuditError> {
        let targets = self.stored_targets(stored)?;
        let records = stored
            .checks
            .iter()
            .map(|record| self.stored_record(record, stored.n_rows))
            .collect::<Result<Vec<_>, _>>()?;
        let row_numbers = match &stored.row_numbers {
            Some(array) => {
                let numbers: Vec<u64> = self.vector(array)?;
                Some(numbers.into_iter().map(|number| number as usize).collect())
            }
            None => None,
        };
        let row_keys = match &stored.row_keys {
            Some(keys) => {
                let content = keys.content.as_ref().map(|content| self.names(content)).transpose()?;
                Some(RowKeys::from_parts(keys.source.clone(), self.names(&keys.keys)?, content))
            }
            None => None,
        };
        let kept_graph = match &stored.kept_graph {
            Some(kept) => Some(KeptGraph { graph: Arc::new(self.graph(&kept.graph)?), metric: kept.metric }),
            None => None,
        };
        let report = match &stored.report {
            Some(file) => {
                let json = self.bytes(file)?;
                let report = serde_json::from_slice(&json);
                Some(report.map_err(|error| SavedAuditError::invalid(&self.path(file), error.to_string()))?)
            }
            None => None,
        };
        let parts = AuditParts { targets, row_numbers, row_keys, records, kept_graph };
        let lab = Datalab::from_parts(parts).map_err(|error| self.invalid(error.to_string()))?;
        Ok(LoadedAudit { lab, report })
    }

    fn stored_targets(&mut self, stored: &StoredAudit) -> Result<Targets, SavedAuditError> {
        let targets = match &stored.targets {
            StoredTargets::Unlabeled => {
                // Whatever is known of a row is in the files.
                if stored.n_rows as u64 > self.n_bytes().max(ROWS_ALWAYS_ALLOWED) {
                    return Err(self.invalid("it has more rows than its files have bytes"));
                }
                Targets::Unlabeled { task: stored.task, n_rows: stored.n_rows }
            }
            StoredTargets::Classes { labels, class_names } => {
                let values = self.vector(labels)?;
                let labels = Labels::from_vec(values).map_err(|error| self.invalid(error.to_string()))?;
                Targets::Classes { labels, class_names: ClassNames::from_ordered(self.names(class_names)?) }
            }
            StoredTargets::Numbers(numbers) => Targets::Numbers(self.array(numbers)?),
            StoredTargets::ClassSets { labels, class_names, n_classes } => {
                let lists = self.lists(labels)?;
                let names = self.names(class_names)?;
                let labels = self.class_sets(&lists, *n_classes, names.len())?;
                Targets::ClassSets { labels, class_names: ClassNames::from_ordered(names) }
            }
        };
        if targets.n_rows() != stored.n_rows || targets.task() != stored.task {
            return Err(self.invalid("its labels are of another task or number of rows"));
        }
        Ok(targets)
    }

    fn class_sets(
        &self,
        lists: &[Vec<u32>],
        n_classes: usize,
        n_names: usize,
    ) -> Result<MultiLabels, SavedAuditError> {
        // A set of labels takes a bit per row and class, and a class its count, which may be much more than the files:
        // they have the end of every list and of every name.
        let n_bytes = (lists.len() / 8 + 8).saturating_mul(n_classes);
        let in_files = 8 * (lists.len() + n_names);
        if n_bytes > in_files.saturating_mul(MOST_EXPANSION).max(ALWAYS_ALLOWED) {
            return Err(self.invalid("it has too many classes"));
        }
        MultiLabels::from_lists(lists, n_classes).map_err(|error| self.invalid(error.to_string()))
    }

    fn stored_record(
        &mut self,
        stored: &StoredRecord,
        n_rows: usize,
    ) -> Result<CheckRecord, SavedAuditError> {
        let outcome = match &stored.outcome {
            StoredOutcome::Failed { reason } => CheckOutcome::Failed { reason: reason.clone() },
            StoredOutcome::NotRun { needs } => CheckOutcome::NotRun { needs: needs.clone() },
            StoredOutcome::Found(found) => {
                let findings = IssueFindings {
                    scope: found.scope,
                    is_issue: self.array(&found.is_issue)?,
                    scores: self.array(&found.scores)?,
                    score: found.score.into(),
                    details: self.table(&found.details)?,
                    info: self.info(&found.info)?,
                    warnings: found.warnings.clone(),
                };
                let checked = findings.check(n_rows).map_err(|error| self.invalid(error.to_string()))?;
                CheckOutcome::Found(Box::new(checked))
            }
        };
        let (issue_type, description) = (stored.issue_type.clone(), stored.description.clone());
        Ok(CheckRecord { issue_type, description, outcome })
    }
}
