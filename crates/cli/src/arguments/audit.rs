//! The options of `cleanlab audit`, and of the commands that look at audits that were saved.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use cleanlab_neighbors::{ApproximateOptions, NeighborSearch};

use super::{
    ComputeArguments, MethodArguments, ModelArguments, OutputArguments, OutputFormat, parse_folder,
    parse_size,
};
use crate::fail_on::Limits;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("subject").required(true).multiple(true))]
pub(crate) struct AuditArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) model: ModelArguments,
    #[command(flatten)]
    pub(crate) checks: CheckArguments,
    #[command(flatten)]
    pub(crate) method: MethodArguments,
    #[command(flatten)]
    pub(crate) compute: ComputeArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
    #[command(flatten)]
    pub(crate) reports: ReportArguments,
    #[command(flatten)]
    pub(crate) limits: AuditLimitArguments,
}

/// What is audited.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub(crate) struct DataArguments {
    /// The table; `-` for standard input.
    #[arg(value_name = "FILE", group = "subject")]
    pub(crate) file: Option<PathBuf>,
    /// Column with the given labels; without it, everything is checked that needs no labels.
    #[arg(long, value_name = "COLUMN", requires = "file")]
    pub(crate) label: Option<String>,
    /// What the labels are.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) task: TaskName,
    /// What stands between the classes of a row that has several, such as `|` in `cat|dog`; the task is then multilabel.
    /// Lists in JSON (`["cat", "dog"]`) need none.
    #[arg(long, value_name = "TEXT", value_parser = parse_separator)]
    pub(crate) label_separator: Option<String>,
    /// The given labels, where there is no table (.npy, .npz, .csv with one column, .txt with one label per line).
    #[arg(
        long,
        value_name = "FILE",
        group = "subject",
        conflicts_with_all = ["file", "label", "drop_missing_labels", "exclude", "show", "split", "id", "image_column"]
    )]
    pub(crate) labels: Option<PathBuf>,
    /// Predicted probabilities of your own model, one row per row of the data and one column per class (.npy, .npz,
    /// .csv, .parquet). Columns are in the order of the classes, or named after them.
    #[arg(long, value_name = "FILE", group = "subject")]
    pub(crate) pred_probs: Option<PathBuf>,
    /// Predictions of your own model for labels that are numbers, one per row (.npy, .npz, .csv, .txt).
    #[arg(long, value_name = "FILE", conflicts_with = "pred_probs")]
    pub(crate) predictions: Option<PathBuf>,
    /// Features or embeddings, one row per row of the data (.npy, .npz); otherwise the columns of the table,
    /// standardised.
    #[arg(long, value_name = "FILE", group = "subject")]
    pub(crate) features: Option<PathBuf>,
    /// Nearest neighbours of every row, a sparse matrix as `scipy.sparse.save_npz` writes it (.npz, CSR).
    #[arg(long, value_name = "FILE", group = "subject")]
    pub(crate) knn_graph: Option<PathBuf>,
    /// Leave out rows without a label instead of refusing the table.
    #[arg(long)]
    pub(crate) drop_missing_labels: bool,
    /// Columns that are not features, separated by commas.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) exclude: Vec<String>,
    /// Column that tells splits such as `train` and `test` apart, to find rows that are in both.
    #[arg(long, value_name = "COLUMN", requires = "file")]
    pub(crate) split: Option<String>,
    /// Column that names the rows, by which `cleanlab diff` finds them again; otherwise by what is in them.
    #[arg(long, value_name = "COLUMN", requires = "file")]
    pub(crate) id: Option<String>,
    /// Column with names of image files, which reports show; relative to the folder of the table.
    #[arg(long, value_name = "COLUMN", requires = "file")]
    pub(crate) image_column: Option<String>,
    /// Columns to print beside each row, separated by commas; by default up to three that number or name the rows.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) show: Vec<String>,
}

/// Which checks are made, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Checks")]
pub(crate) struct CheckArguments {
    /// Kinds of issues to look for, separated by commas; `default`, `all`, or `cleanlab` for those of cleanlab in
    /// Python. A check that is asked for by name and cannot run is an error.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) issue_types: Vec<String>,
    /// File with options, those of single checks included (TOML); options given here win over it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How nearest neighbours are searched for.
    #[arg(long, value_enum, default_value_t, conflicts_with = "knn_graph")]
    pub(crate) neighbors: NeighborsName,
    /// Search the neighbours of --features (.npy) in parts, about, when they would need more memory than this, such as
    /// 512M or 2GiB; half of what is free when left out. Checks that look at the features themselves are then not made.
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(crate) memory: Option<u64>,
}

/// Reports and audits for later.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ReportArguments {
    /// Write a report to this file: a page for the browser (.html), text (.txt), or JSON (.json).
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    pub(crate) report: Option<PathBuf>,
    /// Keep the audit in this folder, for `cleanlab report`, `issues` and `diff`.
    #[arg(long, value_name = "DIR", value_parser = parse_folder)]
    pub(crate) save: Option<PathBuf>,
}

/// When the command fails.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct AuditLimitArguments {
    /// Exit with status 1 when a limit is passed: 'label>2%' for a share of rows, 'outlier>5' for a number,
    /// 'health<0.9' for the health score or 'label<0.9' for that of a check; several are separated by commas.
    #[arg(long, value_name = "LIMITS", value_parser = Limits::parse)]
    pub(crate) fail_on: Option<Limits>,
    /// Write checks and limits as test cases to this file (JUnit XML).
    #[arg(long, value_name = "FILE", value_parser = parse_file)]
    pub(crate) junit: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SavedReportArguments {
    /// The folder that `cleanlab audit --save` wrote.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Write the report to this file instead of printing it: .html, .txt or .json.
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    pub(crate) report: Option<PathBuf>,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t, conflicts_with = "report")]
    pub(crate) format: OutputFormat,
    /// Print at most this many of the worst rows of each check as text.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) top: usize,
}

#[derive(Debug, Args)]
pub(crate) struct IssuesArguments {
    /// The folder that `cleanlab audit --save` wrote.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The kind of issue, such as `outlier`.
    #[arg(value_name = "ISSUE")]
    pub(crate) issue_type: String,
    /// Print at most this many rows, the worst first; all of them when left out, but 20 as text.
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The folder of the earlier audit.
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The folder of the later audit.
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
    /// Print at most this many rows of each kind of issue as text.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,
    /// Exit with status 1 when a limit is passed by issues that are new: 'label>0', 'outlier>1%', or by the health score
    /// of the later audit: 'health<0.9'; several are separated by commas.
    #[arg(long, value_name = "LIMITS", value_parser = Limits::parse)]
    pub(crate) fail_on: Option<Limits>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TaskName {
    /// Told by the labels: numbers of many different values are regression, all else classes.
    #[default]
    Auto,
    /// One class per row.
    Classification,
    /// A number per row.
    Regression,
    /// Any number of classes per row.
    Multilabel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum NeighborsName {
    /// Exactly up to 100,000 rows, about above.
    #[default]
    Auto,
    /// Exactly, whatever it takes.
    Exact,
    /// About, which is faster; how many are found is estimated and said.
    Approximate,
}

impl From<NeighborsName> for NeighborSearch {
    fn from(name: NeighborsName) -> Self {
        match name {
            NeighborsName::Auto => Self::Auto,
            NeighborsName::Exact => Self::Exact,
            NeighborsName::Approximate => Self::Approximate(ApproximateOptions::default()),
        }
    }
}

/// What stands between classes, which nothing cannot: it would stand between all letters.
fn parse_separator(text: &str) -> Result<String, String> {
    match text {
        "" => Err("it is empty; give what stands between the classes, such as '|'".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// A file to write a report to.
fn parse_report(text: &str) -> Result<PathBuf, String> {
    match ReportFormat::of(text) {
        Some(_) => Ok(text.into()),
        None => Err("the name must end in .html, .txt or .json".to_owned()),
    }
}

/// A file to write to, which standard output is not.
fn parse_file(text: &str) -> Result<PathBuf, String> {
    match text {
        "" | "-" => Err("name a file".to_owned()),
        _ => Ok(text.into()),
    }
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    Html,
    Text,
    Json,
}

impl ReportFormat {
    /// By the ending of a file's name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let (stem, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            _ if stem.is_empty() => None,
            "html" | "htm" => Some(Self::Html),
            "txt" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}
