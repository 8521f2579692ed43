//! The command line.

mod audit;
mod method_names;

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use cleanlab_dataset::{IntervalMethod, IntervalOptions};

pub(crate) use self::audit::{
    AuditArguments, DataArguments, DiffArguments, IssuesArguments, NeighborsName, ReportFormat,
    SavedReportArguments, TaskName,
};
pub(crate) use self::method_names::{FilterByName, RankByName};
use crate::Outcome;
use crate::classifiers::{self, ClassifierKind};
use crate::fail_on::{Limits, Totals};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold());

const EXIT_STATUS: &str = "Exit status: 0 when the command ran, whatever it found; 1 when a limit given with \
                           --fail-on is passed; 2 on an error, and when a check of an audit failed, or was asked for \
                           and could not run; 130 when Ctrl-C ended it (143 and 129 for the signals TERM and HUP).";
const PRED_PROBS_OR_FOLDER: &str = "Predicted probabilities of your own model, one row per row of the table and one column \
                                    per class (.npy, .npz, .csv, .parquet, or a folder of Parquet files). Columns are in \
                                    the order of the classes, or named after them";

const LABELS_OUT: &str = "Write the result of every row to this folder as CSV, Parquet and JSON";
const AUDIT_OUT: &str = "Write the result of every row, of all checks and of the labels in detail, to this folder as \
                         CSV, Parquet and JSON";
const HEALTH_OUT: &str = "Write the table of classes (CSV, Parquet, JSON), the joint (NPY, CSV) and a summary (JSON) to \
                          this folder";
const OVERLAP_OUT: &str = "Write the table of pairs (CSV, Parquet, JSON) and a summary (JSON) to this folder";
const CLASSES_OUT: &str =
    "Write the table of classes (CSV, Parquet, JSON) and a summary (JSON) to this folder";
const CLEAN_OUT: &str = "Write the kept rows, their weights, the removed rows with suggested labels (CSV, Parquet, JSON) \
                         and a summary (JSON) to this folder; or, to a file that ends as the table does, the kept rows \
                         alone";
const TOP_LABELS: &str = "Print at most this many suspected labels as text; json and csv have them all";
const TOP_ISSUES: &str =
    "Print at most this many rows of a kind of issue as text; --format csv and --out have them all";
const TOP_CLASSES: &str = "Print at most this many classes as text; json and csv have them all";
const TOP_PAIRS: &str = "Print at most this many pairs as text; json and csv have them all";

const TOP_REMOVED: &str = "Print at most this many removed rows as text; json and csv have them all";
const SHOW_REMOVED: &str = "Columns to print beside each removed row, separated by commas; by default up to three that \
                            number or name the rows";

/// Finds wrong labels in data.
#[derive(Debug, Parser)]
#[command(name = "cleanlab", version, styles = STYLES, after_help = EXIT_STATUS, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Audit a data set for every kind of issue: wrong labels, outliers, duplicates, drift, imbalance and more.
    ///
    /// Of a table (CSV, TSV, JSON lines, Parquet or Arrow), text columns with few values become categories, and numeric
    /// columns are standardised; or features are given. Cross-validation gives every row a prediction by a model that had
    /// not seen it, and confident learning tells which labels are wrong; with --pred-probs your own model's predictions are
    /// used instead. Labels that are numbers are judged by a linear model. Where values are missing, models and distances
    /// get the mean of the column, while the check of missing values sees the table as it is. Checks that lack something
    /// are listed with what they need.
    #[command(after_help = "Examples:
  cleanlab audit data.csv --label species
  cleanlab audit data.csv --label species --report report.html --save audits/today
  cleanlab audit data.parquet --label y --pred-probs p.npy --features embeddings.npy --out results
  cleanlab audit data.csv --issue-types outlier,near_duplicate,exact_duplicate
  cleanlab audit movies.csv --label genres --label-separator '|'
  cleanlab audit houses.csv --label price --task regression --split part
  cleanlab audit --labels y.npy --pred-probs p.npy --features x.npy
  cleanlab audit data.csv --label y --fail-on 'label>2%,near_duplicate>0,health<0.9' --junit audit.xml
  cleanlab audit --config audit.toml
  zcat data.csv.gz | cleanlab audit - --label y --format json")]
    #[command(mut_arg("out", |out| out.help(AUDIT_OUT)), mut_arg("top", |top| top.help(TOP_ISSUES)))]
    #[command(mut_arg("classifier", |classifier| classifier.conflicts_with("pred_probs")))]
    Audit(Box<AuditArguments>),
    /// Print the report of an audit that was saved, or write it as a page for the browser.
    #[command(after_help = "Examples:
  cleanlab report audits/today
  cleanlab report audits/today --report report.html
  cleanlab report audits/today --format json")]
    Report(SavedReportArguments),
    /// List the rows with one kind of issue from an audit that was saved, the worst first.
    #[command(after_help = "Examples:
  cleanlab issues audits/today outlier --top 20
  cleanlab issues audits/today label --format csv > labels.csv
  cleanlab issues audits/today near_duplicate --format json")]
    Issues(IssuesArguments),
    /// Tell what became better or worse between two audits that were saved.
    ///
    /// Rows are found again by the column that --id named when they were audited, or else by what is in them, the label
    /// apart.
    #[command(after_help = "Examples:
  cleanlab diff audits/yesterday audits/today
  cleanlab diff audits/yesterday audits/today --format json
  cleanlab diff audits/yesterday audits/today --fail-on 'label>0,health<0.9'")]
    Diff(DiffArguments),
    /// Find the wrong labels where predictions are given: in arrays, in Parquet files, or in a folder of them.
    ///
    /// Labels are class indices or names, with the predicted probabilities of every class in a file of their own or in
    /// columns beside the labels. No model is trained: audit does that.
    #[command(after_help = "Examples:
  cleanlab labels --labels y.npy --pred-probs p.npy
  cleanlab labels --labels y.txt --pred-probs p.csv --filter-by both --rank-by normalized-margin
  cleanlab labels --labels data.npz --pred-probs data.npz --out results
  cleanlab labels parts/ --label species --memory 512M --out results")]
    #[command(mut_arg("out", |out| out.help(LABELS_OUT)), mut_arg("top", |top| top.help(TOP_LABELS)))]
    Labels(LabelsArguments),
    /// Tell how well a data set is labelled: one score, the noise of every class, the joint of given and true labels.
    ///
    /// Of a table, as audit reads it, or of labels and predicted probabilities. Rows are counted by how often given and
    /// predicted classes disagree with confidence; which rows these are is told by audit and labels.
    #[command(after_help = "Examples:
  cleanlab health data.csv --label species
  cleanlab health data.csv --label species --intervals
  cleanlab health --labels y.npy --pred-probs p.npy --format json
  cleanlab health data.csv --label y --fail-on 'health<0.95'")]
    #[command(mut_arg("pred_probs", |given| given.help(PRED_PROBS_OR_FOLDER)))]
    #[command(mut_arg("out", |out| out.help(HEALTH_OUT)), mut_arg("top", |top| top.help(TOP_CLASSES)))]
    #[command(mut_arg("classifier", |classifier| classifier.conflicts_with("pred_probs")))]
    Health(HealthArguments),
    /// List the classes that are mistaken for each other, the most often mistaken first.
    #[command(after_help = "Examples:
  cleanlab overlap data.csv --label species
  cleanlab overlap --labels y.npy --pred-probs p.npy --asymmetric --intervals
  cleanlab overlap data.csv --label species --format csv")]
    #[command(mut_arg("pred_probs", |given| given.help(PRED_PROBS_OR_FOLDER)))]
    #[command(mut_arg("out", |out| out.help(OVERLAP_OUT)), mut_arg("top", |top| top.help(TOP_PAIRS)))]
    #[command(mut_arg("classifier", |classifier| classifier.conflicts_with("pred_probs")))]
    Overlap(OverlapArguments),
    /// Rank the classes by how well they are labelled, the worst first.
    #[command(after_help = "Examples:
  cleanlab classes data.csv --label species
  cleanlab classes --labels y.npy --pred-probs p.npy --intervals --level 0.9
  cleanlab classes data.csv --label species --out results")]
    #[command(mut_arg("pred_probs", |given| given.help(PRED_PROBS_OR_FOLDER)))]
    #[command(mut_arg("out", |out| out.help(CLASSES_OUT)), mut_arg("top", |top| top.help(TOP_CLASSES)))]
    #[command(mut_arg("classifier", |classifier| classifier.conflicts_with("pred_probs")))]
    Classes(ClassesArguments),
    /// Take the rows with wrong labels out of a table, train a model on the others, and write what is left.
    ///
    /// Rows are judged as by audit, but in classes of more than 10 rows alone. Those whose labels look wrong are removed,
    /// and the model is trained on the kept rows, each weighted to make up for those of its class that were labelled
    /// otherwise. Kept rows are written as they stand in the table, to the last character, in its own format.
    #[command(after_help = "Examples:
  cleanlab clean data.csv --label species --out cleaned
  cleanlab clean data.csv --label species --out cleaned.csv
  cleanlab clean data.parquet --label y --classifier gradient-boosting --out cleaned.parquet
  cleanlab clean data.csv --label y --pred-probs p.npy --filter-by both --frac-noise 0.5")]
    #[command(
        mut_arg("out", |out| out.value_name("DIR|FILE").help(CLEAN_OUT)),
        mut_arg("top", |top| top.help(TOP_REMOVED)),
        mut_arg("show", |show| show.help(SHOW_REMOVED)),
        mut_arg("min_examples_per_class", |least| least.default_value("10"))
    )]
    Clean(CleanArguments),
    /// Make a random noise matrix with a given trace, and labels with that noise.
    #[command(after_help = "Examples:
  cleanlab noise --classes 4 --trace 3.2 --seed 0
  cleanlab noise --labels y.npy --trace 2.6 --out noisy")]
    Noise(NoiseArguments),
    /// Print a completion script for a shell.
    #[command(after_help = "Example:
  cleanlab completions bash > ~/.local/share/bash-completion/completions/cleanlab")]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page, or write one for every command to a folder.
    #[command(after_help = "Examples:
  cleanlab man | man -l -
  cleanlab man --out ~/.local/share/man/man1")]
    Man {
        /// Folder to write the pages to.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// How a table is read and its rows are predicted.
#[derive(Debug, Args)]
pub(crate) struct TableArguments {
    /// Predicted probabilities of your own model, one row per row of the table and one column per class (.npy, .npz,
    /// .csv, .parquet). Columns are in the order of the classes, or named after them.
    #[arg(long, value_name = "FILE")]
    pub(crate) pred_probs: Option<PathBuf>,
    /// Leave out rows without a label instead of refusing the table.
    #[arg(long)]
    pub(crate) drop_missing_labels: bool,
    /// Columns that are not features, separated by commas.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) exclude: Vec<String>,
    #[command(flatten)]
    pub(crate) model: ModelArguments,
}

/// The model that predicts the rows, where predictions are not given.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelArguments {
    /// Model that predicts every row from the other columns.
    #[arg(
        long,
        value_name = "NAME",
        value_parser = classifiers::parser(),
        default_value = classifiers::default_name()
    )]
    pub(crate) classifier: ClassifierKind,
    /// Folds of the cross-validation.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 5,
        value_parser = clap::value_parser!(u32).range(2..),
        conflicts_with = "pred_probs"
    )]
    pub(crate) folds: u32,
    /// Seed of everything that is drawn; the same seed gives the same result.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u32,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("given_labels").required(true))]
pub(crate) struct LabelsArguments {
    /// A Parquet file, or a folder of Parquet files, with the labels in the column --label and, unless --pred-probs is
    /// given, the predicted probabilities beside them.
    #[arg(value_name = "DATA", group = "given_labels", requires = "label")]
    pub(crate) data: Option<PathBuf>,
    /// Column with the given labels.
    #[arg(long, value_name = "COLUMN", requires = "data", conflicts_with = "labels")]
    pub(crate) label: Option<String>,
    /// The given labels (.npy, .npz, .parquet or .csv with one column, .txt with one label per line).
    #[arg(long, value_name = "FILE", group = "given_labels", requires = "pred_probs")]
    pub(crate) labels: Option<PathBuf>,
    /// Predicted probabilities, one row per label and one column per class (.npy, .npz, .csv, .parquet, or a folder of
    /// Parquet files).
    #[arg(long, value_name = "FILE")]
    pub(crate) pred_probs: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) memory: MemoryArguments,
    #[command(flatten)]
    pub(crate) method: MethodArguments,
    #[command(flatten)]
    pub(crate) compute: ComputeArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
    #[command(flatten)]
    pub(crate) limits: LimitArguments,
}

#[derive(Debug, Args)]
pub(crate) struct CleanArguments {
    /// The table; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Column with the given labels.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) label: String,
    /// Columns to print beside each removed row.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) show: Vec<String>,
    #[command(flatten)]
    pub(crate) table: TableArguments,
    #[command(flatten)]
    pub(crate) method: MethodArguments,
    #[command(flatten)]
    pub(crate) compute: ComputeArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// A table, or labels and predicted probabilities.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("input").required(true))]
pub(crate) struct InputArguments {
    /// The table; `-` for standard input; or a folder of Parquet files that hold labels and predicted probabilities.
    #[arg(value_name = "FILE", group = "input", requires = "label")]
    pub(crate) file: Option<PathBuf>,
    /// Column with the given labels.
    #[arg(long, value_name = "COLUMN", conflicts_with = "labels")]
    pub(crate) label: Option<String>,
    /// The given labels, where there is no table (.npy, .npz, .parquet or .csv with one column, .txt with one
    /// label per line).
    #[arg(
        long,
        value_name = "FILE",
        group = "input",
        requires = "pred_probs",
        conflicts_with_all = ["drop_missing_labels", "exclude", "classifier", "folds"]
    )]
    pub(crate) labels: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) table: TableArguments,
}

#[derive(Debug, Args)]
pub(crate) struct HealthArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) memory: MemoryArguments,
    #[command(flatten)]
    pub(crate) intervals: IntervalArguments,
    #[command(flatten)]
    pub(crate) compute: ComputeArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
    #[command(flatten)]
    pub(crate) limits: LimitArguments,
}

#[derive(Debug, Args)]
pub(crate) struct OverlapArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) memory: MemoryArguments,
    /// List a pair of classes for each direction: rows labelled a that are of class b.
    #[arg(long)]
    pub(crate) asymmetric: bool,
    #[command(flatten)]
    pub(crate) intervals: IntervalArguments,
    #[command(flatten)]
    pub(crate) compute: ComputeArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ClassesArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) memory: MemoryArguments,
    #[command(flatten)]
    pub(crate) intervals: IntervalArguments,
    #[command(flatten)]
    pub(crate) compute: ComputeArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// How sure the numbers are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Confidence")]
pub(crate) struct IntervalArguments {
    /// Give intervals that the numbers lie in, as far as the number of rows tells.
    #[arg(long)]
    pub(crate) intervals: bool,
    /// How often the intervals should hold.
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, requires = "intervals", value_parser = parse_level)]
    pub(crate) level: f64,
    /// How intervals are computed.
    #[arg(long, value_name = "METHOD", value_enum, default_value_t, requires = "intervals")]
    pub(crate) interval_method: IntervalMethodName,
    /// Resamples of the bootstrap.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1000,
        requires = "intervals",
        value_parser = clap::value_parser!(u32).range(20..=1_000_000)
    )]
    pub(crate) resamples: u32,
}

impl IntervalArguments {
    /// The intervals asked for.
    pub(crate) fn options(&self, seed: u32) -> Option<IntervalOptions> {
        self.intervals.then(|| {
            IntervalOptions::default()
                .with_level(self.level)
                .with_method(self.interval_method.into())
                .with_n_resamples(self.resamples as usize)
                .with_seed(seed)
        })
    }
}

/// How much memory data may take, and what is read where they take more.
#[derive(Debug, Args)]
#[command(next_help_heading = "Method")]
pub(crate) struct MemoryArguments {
    /// Read labels and predicted probabilities (.npy, .parquet) in parts when they would need more memory than this,
    /// such as 512M or 2GiB; half of what is free when left out. The results are the same.
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(crate) memory: Option<u64>,
    /// Columns of a Parquet file that hold the predicted probabilities, separated by commas and in the order of the
    /// classes, or the one with a list per row; by default the column of lists, or all of numbers with fractions.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) pred_probs_columns: Vec<String>,
}

/// How labels are judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Method")]
pub(crate) struct MethodArguments {
    /// Rule that flags labels.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) filter_by: FilterByName,
    /// Score that ranks them.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) rank_by: RankByName,
    /// Share of the estimated wrong labels to flag, from 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 1.0, value_parser = parse_share)]
    pub(crate) frac_noise: f64,
    /// Leave classes with this many examples or fewer alone.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) min_examples_per_class: u64,
}

/// How the work is done.
#[derive(Debug, Args)]
#[command(next_help_heading = "Method")]
pub(crate) struct ComputeArguments {
    /// Move probabilities outside [0, 1] to the nearer bound instead of refusing them.
    #[arg(long)]
    pub(crate) clip: bool,
    /// Threads to work with; all cores when left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

/// What is printed and written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArguments {
    /// Write the results to this folder.
    #[arg(long, value_name = "DIR", value_parser = parse_folder)]
    pub(crate) out: Option<PathBuf>,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
    /// Print at most this many rows of a table as text.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) top: usize,
    /// Print no progress, warnings or hints.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// When the command fails.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct LimitArguments {
    /// Exit with status 1 when a limit is passed, such as 'label>2%', 'label>10' or 'health<0.95'; several are
    /// separated by commas.
    #[arg(long, value_name = "LIMITS", value_parser = Limits::parse_of_labels)]
    pub(crate) fail_on: Option<Limits>,
}

impl LimitArguments {
    /// How the command ends by these limits.
    pub(crate) fn outcome(&self, totals: &Totals, quiet: bool) -> Outcome {
        self.fail_on.as_ref().map_or(Outcome::Ran, |limits| limits.outcome(totals, quiet))
    }
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("given").required(true))]
pub(crate) struct NoiseArguments {
    /// True labels to make noisy (.npy, .npz, .csv with one column, .txt with one label per line).
    #[arg(long, value_name = "FILE", group = "given")]
    pub(crate) labels: Option<PathBuf>,
    /// Number of classes, when there are no labels.
    #[arg(long, value_name = "K", group = "given")]
    pub(crate) classes: Option<usize>,
    /// Trace of the noise matrix: the sum over classes of the share of labels that stay right.
    #[arg(long)]
    pub(crate) trace: f64,
    /// Share of the noise rates that are zero, from 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = parse_share)]
    pub(crate) frac_zero_noise_rates: f64,
    /// Smallest noise rate that is not zero.
    #[arg(long, value_name = "RATE", default_value_t = 0.0)]
    pub(crate) min_noise_rate: f64,
    /// Largest noise rate.
    #[arg(long, value_name = "RATE", default_value_t = 1.0 - 1e-5)]
    pub(crate) max_noise_rate: f64,
    /// Accept matrices from which the true labels could not be learned.
    #[arg(long)]
    pub(crate) any_matrix: bool,
    /// Seed; the same seed gives the same matrix and labels, and the same as cleanlab in Python.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u32,
    /// Write `noise_matrix.npy`, `noise_matrix.csv` and, with --labels, `noisy_labels.npy` or `noisy_labels.csv` to
    /// this folder.
    #[arg(long, value_name = "DIR", value_parser = parse_folder)]
    pub(crate) out: Option<PathBuf>,
    /// Print in this format.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
}

/// A folder, which standard output is not.
fn parse_folder(text: &str) -> Result<PathBuf, String> {
    match text {
        "" | "-" => Err("name a folder; --format csv or json prints to standard output".to_owned()),
        _ => Ok(text.into()),
    }
}

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("it must lie between 0 and 1".into()) }
}

/// A number of bytes, with K, M, G or T (of 1024, as KiB and so on) or KB and so on (of 1000).
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 14] = [
        ("", 1),
        ("B", 1),
        ("K", 1 << 10),
        ("KIB", 1 << 10),
        ("KB", 1_000),
        ("M", 1 << 20),
        ("MIB", 1 << 20),
        ("MB", 1_000_000),
        ("G", 1 << 30),
        ("GIB", 1 << 30),
        ("GB", 1_000_000_000),
        ("T", 1 << 40),
        ("TIB", 1 << 40),
        ("TB", 1_000_000_000_000),
    ];
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let unit = text[end..].trim().to_ascii_uppercase();
    let unit = UNITS.iter().find(|(name, _)| *name == unit).map(|&(_, unit)| unit as f64);
    match (text[..end].parse::<f64>(), unit) {
        (Ok(number), Some(unit)) if number * unit >= 1.0 => Ok((number * unit) as u64),
        _ => Err("give a size such as 512M, 2GiB or 1500000".to_owned()),
    }
}

fn parse_level(text: &str) -> Result<f64, String> {
    let level = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if level > 0.0 && level < 1.0 {
        Ok(level)
    } else {
        Err("it must lie between 0 and 1, such as 0.95".into())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum IntervalMethodName {
    /// Clopper and Pearson's where a number is a count out of many, else the bootstrap.
    #[default]
    Exact,
    /// The bootstrap for every number.
    Bootstrap,
}

impl From<IntervalMethodName> for IntervalMethod {
    fn from(name: IntervalMethodName) -> Self {
        match name {
            IntervalMethodName::Exact => Self::Exact,
            IntervalMethodName::Bootstrap => Self::Bootstrap,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum OutputFormat {
    /// A table to read.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// Comma-separated values.
    Csv,
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn parse_size_units_are_understood() {
        let sizes = ["512M", "1.5 KiB", "2kb", "7", "1G", "3TiB"].map(|text| parse_size(text).unwrap());
        assert_eq!(sizes, [512 << 20, 1536, 2000, 7, 1 << 30, 3 << 40]);
        for text in ["", "M", "-1M", "12X", "0", "1e3"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
