//! One audit of a data set for every kind of issue: wrong labels, outliers, near duplicates, drift, imbalance and more.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_core::ClassNames;
//! use cleanlab_datalab::{Datalab, FindIssuesOptions, Inputs};
//! use ndarray::array;
//!
//! let encoded = ClassNames::encode_strings(&["cat", "dog", "cat", "dog"])?;
//! let mut lab = Datalab::classification(encoded.labels, encoded.class_names)?;
//! let features = array![[0.1, 0.2], [0.9, 0.8], [f64::NAN, f64::NAN], [1.0, 0.7]];
//! lab.find_issues(&Inputs::default().with_features(&features), &FindIssuesOptions::default())?;
//!
//! for line in lab.issue_summary() {
//!     assert!(line.score <= 1.0);
//! }
//! assert_eq!(lab.get_findings("null")?.issue_rows(), [2]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When not to use it
//!
//! For one question alone the crate that answers it is lighter: `cleanlab-filter` for wrong labels,
//! `cleanlab-outlier` for outliers, `cleanlab-neighbors` for duplicates.

#![forbid(unsafe_code)]

mod audit_diff;
mod check_context;
mod checked_columns;
mod checks;
mod column_values;
mod data_columns;
mod datalab;
mod equal_rows;
mod errors;
mod find_issues_options;
mod info;
mod inputs;
mod issue_manager;
mod report_builder;
mod report_model;
mod row_keys;
mod saved_audit;
mod shared_graph;
#[cfg(feature = "table")]
mod table_columns;
mod targets;

pub use audit_diff::{
    AUDIT_DIFF_FORMAT_VERSION, AuditDiff, AuditSide, CheckChange, CheckDiff, CheckSide, DiffEntries,
    DiffEntry, DiffOptions, MatchRows, MatchedBy, Trend, diff,
};
pub use check_context::{CheckContext, KeptGraph, NeighborsFound};
pub use checks::{
    Checks, ClassAggregation, ClassImbalanceCheck, ClusteringOptions, ConstantColumnCheck,
    DataValuationCheck, ExactDuplicateCheck, IdentifierColumnCheck, LabelCheck, MixedTypeColumnCheck,
    MultilabelLabelCheck, NearDuplicateCheck, NonIidCheck, NullCheck, OutlierCheck, ProbabilityAdjustment,
    RegressionLabelCheck, SplitLeakageCheck, UnderperformingGroupCheck, list_default_issue_types,
    list_possible_issue_types,
};
pub use column_values::{ColumnValues, IssueTable};
pub use data_columns::{Cell, DataColumns, TextColumns};
pub use datalab::{CheckOutcome, CheckRecord, Datalab, IssueSummary};
pub use errors::{CheckError, DatalabError};
pub use find_issues_options::{CheckCallback, CheckProgress, FindIssuesOptions};
pub use info::{Info, InfoValue};
pub use inputs::{Inputs, Matrix};
pub use issue_manager::{IssueFindings, IssueManager, Scope};
pub use report_builder::{ReportOptions, RowImages};
pub use report_model::{
    AuditReport, CheckReport, CheckStatus, ClassNoise, DuplicateSet, DuplicateSets, FeatureMap, HeatMap,
    Histogram, MapPoint, REPORT_FORMAT_VERSION, ReportAbout, ReportCell, ReportRow, ReportTable, RowImage,
};
pub use row_keys::{RowKeySource, RowKeys};
pub use saved_audit::{SAVED_AUDIT_FORMAT_VERSION, SaveOptions, SavedAudit, SavedAuditError};
pub use targets::{Targets, Task};

/// The examples of docs/DATALAB.md, compiled and run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/DATALAB.md")]
struct GuideExamples;
