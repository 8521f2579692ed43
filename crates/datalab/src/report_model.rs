//! What a report shows, whatever it is rendered as: terminal text, JSON or HTML.
//!
//! The model holds no text that is made for one of these alone: numbers are numbers, names are as they stand in the data
//! and are escaped by whoever renders them.

use serde::{Deserialize, Serialize};

use crate::issue_manager::Scope;
use crate::targets::Task;

/// The version of [`AuditReport`] as JSON. It grows when a field changes its meaning or goes.
pub const REPORT_FORMAT_VERSION: u32 = 1;

/// All that a report of an audit shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditReport {
    /// [`REPORT_FORMAT_VERSION`].
    pub format_version: u32,
    /// What was audited, and how.
    pub about: ReportAbout,
    /// The mean of the scores of the checks that cleanlab has too, and of the caller's own, in [0, 1].
    pub health_score: Option<f64>,
    /// The checks: failed ones first, then by number of issues, then those that did not run.
    pub checks: Vec<CheckReport>,
    /// The examples in two dimensions.
    pub map: Option<FeatureMap>,
    /// The joint distribution of given and true labels.
    pub joint: Option<HeatMap>,
    /// The label noise of every class, worst first.
    pub class_noise: Vec<ClassNoise>,
    /// Rows that are near duplicates of each other.
    pub duplicate_sets: Option<DuplicateSets>,
}

/// What was audited, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReportAbout {
    /// The name of the data set.
    pub title: String,
    /// The kind of labels.
    pub task: Task,
    /// The column with the labels.
    pub label_column: Option<String>,
    /// Number of examples.
    pub n_rows: usize,
    /// The names of the classes.
    pub class_names: Vec<String>,
    /// What made the audit: `cleanlab 0.1.0`.
    pub made_by: String,
    /// How it was made, in words, such as where predictions come from.
    pub settings: Vec<(String, String)>,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
#[non_exhaustive]
pub enum CheckStatus {
    /// It has a result.
    Found,
    /// It has none.
    Failed {
        /// Why.
        reason: String,
    },
    /// It was not made.
    NotRun {
        /// What it needs.
        needs: String,
    },
}

/// A check and its worst rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckReport {
    /// The name of the kind of issue.
    pub issue_type: String,
    /// What the issue is.
    pub description: String,
    /// How the check ended.
    #[serde(flatten)]
    pub status: CheckStatus,
    /// Whether entries are rows or columns of the data.
    pub scope: Scope,
    /// The quality of the whole in this regard; `None` without a result.
    pub score: Option<f64>,
    /// How many rows or columns have the issue.
    pub num_issues: usize,
    /// How many rows or columns were checked.
    #[serde(default)]
    pub n_checked: usize,
    /// Facts about the whole, in words: `Rarest Class`, `p-value`.
    pub facts: Vec<(String, String)>,
    /// What a reader should know.
    pub warnings: Vec<String>,
    /// The scores.
    pub histogram: Option<Histogram>,
    /// The worst rows or columns.
    pub worst: ReportTable,
}

/// How often scores occur.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Histogram {
    /// Where the bins begin and end, one more than there are bins.
    pub edges: Vec<f64>,
    /// Rows without the issue in each bin.
    pub fine: Vec<usize>,
    /// Rows with the issue in each bin.
    pub issues: Vec<usize>,
    /// The score below which rows have the issue, where there is such a score.
    pub threshold: Option<f64>,
}

/// A value in a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ReportCell {
    /// There is none.
    Missing,
    /// Whether or not.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(String),
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReportRow {
    /// The row of the data, counted from 0 in its file; of a table of columns, the number of the column.
    pub row: usize,
    /// Whether it has the issue.
    pub is_issue: bool,
    /// Its score.
    pub score: f64,
    /// The given label as text; of a row with a set of classes, their names with commas between them.
    #[serde(default)]
    pub label: Option<String>,
    /// The values, one per column of the table.
    pub cells: Vec<ReportCell>,
    /// The row as a picture.
    pub image: Option<RowImage>,
}

/// The worst rows of a check, those with the issue first, with their data.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReportTable {
    /// The names of the columns: details of the check first, then the data's own.
    pub columns: Vec<String>,
    /// How many of `columns` are details of the check.
    pub n_details: usize,
    /// The rows, worst first.
    pub rows: Vec<ReportRow>,
    /// How many rows have the issue in all.
    pub n_total: usize,
}

/// A row that is a small picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum RowImage {
    /// Shades of grey, row by row from the top, 0 black and 255 white.
    Gray {
        /// Pixels per row.
        width: usize,
        /// The shades.
        pixels: Vec<u8>,
    },
    /// A file in the data, read when the report was made.
    File {
        /// Its media type, such as `image/png`.
        media_type: String,
        /// Its content as base64.
        base64: String,
    },
}

/// An example on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MapPoint {
    /// First coordinate.
    pub x: f64,
    /// Second coordinate.
    pub y: f64,
    /// The row of the data, counted from 0 in its file.
    pub row: usize,
    /// The given label: an index into [`ReportAbout::class_names`], or the number itself.
    pub label: Option<f64>,
    /// Indices into [`FeatureMap::issue_types`] of the issues that the row has.
    pub issues: Vec<usize>,
    /// What is shown of the row: label and a few values.
    pub text: String,
}

/// The examples in two dimensions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FeatureMap {
    /// The points, all with an issue first in the sample.
    pub points: Vec<MapPoint>,
    /// The issues that points are marked with.
    pub issue_types: Vec<String>,
    /// How many examples there are in all; more than `points` when these are a sample.
    pub n_total: usize,
    /// The shares of the variance that the two coordinates stand for.
    pub explained_variance: [f64; 2],
}

/// A matrix with named rows and columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HeatMap {
    /// The names of rows and columns: given labels down, true labels across.
    pub names: Vec<String>,
    /// The values, row by row.
    pub values: Vec<Vec<f64>>,
    /// How many classes there are in all; more than `names` when only the noisiest are shown.
    pub n_total: usize,
}

/// The label noise of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClassNoise {
    /// The class.
    pub class_name: String,
    /// Rows given this label that belong to another class, by estimate.
    pub label_issues: u64,
    /// Rows of this class that were given another label, by estimate.
    pub inverse_label_issues: u64,
    /// The share of rows given this label that belong to another class.
    pub label_noise: f64,
    /// The share of rows of this class that were given another label.
    pub inverse_label_noise: f64,
    /// 1 − `label_noise`.
    pub label_quality: f64,
}

/// Rows that are near duplicates of each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DuplicateSet {
    /// The rows, with score and data as in the table of the check.
    pub rows: Vec<ReportRow>,
    /// How many rows are in the set; more than `rows` when it is shown in part.
    pub n_total: usize,
    /// Whether all rows are equal.
    pub exact: bool,
    /// Whether rows of the set have different labels.
    pub conflicting_labels: bool,
}

/// The sets of near duplicates, the largest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DuplicateSets {
    /// The names of the columns of the rows' cells.
    pub columns: Vec<String>,
    /// The sets that are shown.
    pub sets: Vec<DuplicateSet>,
    /// How many sets there are in all.
    pub n_total: usize,
}
