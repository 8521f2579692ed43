//! Makes the model of a report from an audit and its data.

mod duplicate_sets;
mod facts;
mod feature_map;
mod image_files;
mod label_noise;
mod options;
mod pixel_columns;
mod row_cells;
mod row_images;
mod size_budget;
mod text;

use ndarray::Array1;

use self::facts::facts_of;
pub use self::options::{ReportOptions, RowImages};
use self::row_cells::{RowCells, detail_cell};
use self::row_images::ImageSource;
use self::size_budget::SizeBudget;
use self::text::shortened;
use crate::datalab::{CheckOutcome, CheckRecord, Datalab};
use crate::errors::DatalabError;
use crate::info::Info;
use crate::issue_manager::{IssueFindings, Scope};
use crate::report_model::{
    AuditReport, CheckReport, CheckStatus, Histogram, REPORT_FORMAT_VERSION, ReportAbout, ReportRow,
    ReportTable,
};

/// Bins of a histogram of scores.
const N_BINS: usize = 20;
/// Rows that a table has at least, if there are as many: those without the issue show where it begins.
const MIN_TABLE_ROWS: usize = 10;
/// Bytes of all cells of the tables. With map, pictures and the page around them a report stays below 2 MB.
const CELL_BYTES: usize = 700_000;
/// Bytes of all pictures.
const IMAGE_BYTES: usize = 450_000;
/// Characters of a setting or a warning.
const MAX_SENTENCE: usize = 500;
/// Bytes of all class names together.
const CLASS_NAME_BYTES: usize = 100_000;

impl Datalab {
    /// All that a report of the audit shows: for every check its facts, its histogram of scores and its worst rows; the
    /// map of the features, the joint of given and true labels, the noise of every class, and the duplicate sets.
    ///
    /// A report is small whatever the data: tables hold the worst rows and say how many there are in all, long text is
    /// cut, and of many columns the first are shown. Checks that failed come first, then those with the most issues, then
    /// those that did not run. Rows are numbered as in [`Datalab::row_number`].
    ///
    /// # Errors
    ///
    /// [`DatalabError::InputLength`] when features, columns or coordinates have another length than the labels.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, NullCheck, ReportOptions, Task, TextColumns};
    /// use ndarray::array;
    ///
    /// let mut lab = Datalab::unlabeled(3, Task::Classification)?;
    /// let features = array![[1.0, f64::NAN], [f64::NAN, f64::NAN], [1.0, 2.0]];
    /// let names = TextColumns::default().with_column("name", ["ann", "bob", "eve"]);
    /// let inputs = Inputs::default().with_features(&features).with_columns(&names);
    /// let options = FindIssuesOptions::default().with_checks(Checks::none().with(NullCheck::default()));
    /// lab.find_issues(&inputs, &options)?;
    ///
    /// let report = lab.report(&ReportOptions::default().with_title("people").with_inputs(inputs))?;
    /// let check = &report.checks[0];
    /// assert_eq!((check.issue_type.as_str(), check.num_issues), ("null", 1));
    /// assert_eq!(check.worst.columns, ["name"]);
    /// assert_eq!(check.worst.rows[0].row, 1);
    /// # Ok::<(), cleanlab_datalab::DatalabError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `Datalab.report`, which prints text alone.
    pub fn report(&self, options: &ReportOptions<'_>) -> Result<AuditReport, DatalabError> {
        self.check_inputs(&options.inputs)?;
        if let Some(coordinates) = options.map_coordinates
            && coordinates.nrows() != self.n_rows()
        {
            let (found, expected) = (coordinates.nrows(), self.n_rows());
            return Err(DatalabError::InputLength { what: "coordinates of the map", found, expected });
        }
        let mut builder = Builder::new(self, options.reborrow());
        let checks = builder.checks();
        let duplicate_sets = duplicate_sets::duplicate_sets(&mut builder);
        let map = feature_map::feature_map(&mut builder);
        let label_info = self.get_info("label").ok();
        Ok(AuditReport {
            format_version: REPORT_FORMAT_VERSION,
            health_score: self.health_score(),
            checks,
            map,
            joint: label_info.and_then(|info| label_noise::joint(self, info)),
            class_noise: label_info.map(|info| label_noise::class_noise(self, info)).unwrap_or_default(),
            duplicate_sets,
            about: builder.about(),
        })
    }
}

/// What all parts of a report are made from.
struct Builder<'a> {
    lab: &'a Datalab,
    options: ReportOptions<'a>,
    cells: RowCells<'a>,
    images: ImageSource<'a>,
    cell_budget: SizeBudget,
    image_budget: SizeBudget,
    warnings: Vec<String>,
}

impl<'a> Builder<'a> {
    fn new(lab: &'a Datalab, options: ReportOptions<'a>) -> Self {
        let mut warnings = options.warnings.clone();
        let cells = RowCells::new(lab.targets(), &options, &mut warnings);
        let images = ImageSource::new(&options, &mut warnings);
        // One share for each check, and one for the duplicate sets.
        let shares = lab.checks().iter().filter(|record| record.findings().is_some()).count() + 1;
        Self {
            lab,
            options,
            cells,
            images,
            cell_budget: SizeBudget::new(CELL_BYTES, shares),
            image_budget: SizeBudget::new(IMAGE_BYTES, shares),
            warnings,
        }
    }

    fn checks(&mut self) -> Vec<CheckReport> {
        let mut records: Vec<&CheckRecord> = self.lab.checks().iter().collect();
        records.sort_by_key(|record| match &record.outcome {
            CheckOutcome::Failed { .. } => (0, 0),
            CheckOutcome::Found(findings) => (1, usize::MAX - findings.num_issues()),
            CheckOutcome::NotRun { .. } => (2, 0),
        });
        records.into_iter().map(|record| self.check(record)).collect()
    }

    fn check(&mut self, record: &CheckRecord) -> CheckReport {
        let status = match &record.outcome {
            CheckOutcome::Found(_) => CheckStatus::Found,
            CheckOutcome::Failed { reason } => {
                CheckStatus::Failed { reason: shortened(reason, MAX_SENTENCE) }
            }
            CheckOutcome::NotRun { needs } => CheckStatus::NotRun { needs: shortened(needs, MAX_SENTENCE) },
        };
        let found = record.findings();
        CheckReport {
            issue_type: record.issue_type.clone(),
            description: shortened(&record.description, MAX_SENTENCE),
            status,
            scope: found.map_or(Scope::Rows, |findings| findings.scope),
            score: found.map(|findings| findings.score),
            num_issues: found.map_or(0, IssueFindings::num_issues),
            n_checked: found.map_or(0, |findings| findings.is_issue.len()),
            facts: found.map(|findings| facts_of(&findings.info)).unwrap_or_default(),
            warnings: found
                .map(|findings| findings.warnings.iter().map(|text| shortened(text, MAX_SENTENCE)).collect())
                .unwrap_or_default(),
            histogram: found.and_then(histogram),
            worst: found.map(|findings| self.worst_rows(findings)).unwrap_or_default(),
        }
    }

    fn worst_rows(&mut self, findings: &IssueFindings) -> ReportTable {
        let of_rows = findings.scope == Scope::Rows;
        let details = findings.details.columns();
        let mut columns: Vec<String> =
            details.iter().map(|(name, _)| shortened(name, text::MAX_NAME)).collect();
        let n_details = columns.len();
        if of_rows {
            columns.extend_from_slice(self.cells.names());
        }
        let mut cell_share = self.cell_budget.share();
        let mut image_share = self.image_budget.share();
        let mut rows = Vec::new();
        for entry in worst_entries(findings, self.options.n_worst_rows) {
            let mut cells: Vec<_> = details
                .iter()
                .map(|(_, values)| detail_cell(values, entry, |row| self.lab.row_number(row)))
                .collect();
            if of_rows {
                cells.extend(self.cells.cells(entry));
            }
            if !cell_share.take(size_budget::cells_bytes(&cells)) {
                break;
            }
            let image = if of_rows { self.images.image(entry, &mut image_share) } else { None };
            rows.push(ReportRow {
                row: if of_rows { self.lab.row_number(entry) } else { entry },
                is_issue: findings.is_issue[entry],
                score: findings.scores[entry],
                label: if of_rows { self.cells.label(entry) } else { None },
                cells,
                image,
            });
        }
        self.cell_budget.give_back(cell_share);
        self.image_budget.give_back(image_share);
        ReportTable { columns, n_details, rows, n_total: findings.num_issues() }
    }

    fn about(mut self) -> ReportAbout {
        self.warnings.extend(self.images.into_warning());
        let names = self.lab.targets().class_names().map_or(&[][..], |names| names.as_slice());
        let longest = (CLASS_NAME_BYTES / names.len().max(1)).clamp(12, text::MAX_NAME);
        let settings = self.options.settings.iter();
        ReportAbout {
            title: shortened(&self.options.title, text::MAX_CELL),
            task: self.lab.targets().task(),
            label_column: self.options.label_column.clone(),
            n_rows: self.lab.n_rows(),
            class_names: names.iter().map(|name| shortened(name, longest)).collect(),
            made_by: concat!("cleanlab ", env!("CARGO_PKG_VERSION")).to_owned(),
            settings: settings
                .map(|(name, value)| (shortened(name, text::MAX_NAME), shortened(value, MAX_SENTENCE)))
                .collect(),
            warnings: self.warnings.iter().map(|text| shortened(text, MAX_SENTENCE)).collect(),
        }
    }
}

/// The entries with the issue, worst first, and a few of the next ones if they are few.
fn worst_entries(findings: &IssueFindings, n_worst: usize) -> Vec<usize> {
    let mut entries = findings.ranked_issues();
    let at_least = MIN_TABLE_ROWS.min(n_worst);
    if entries.len() < at_least {
        let mut others: Vec<usize> =
            (0..findings.is_issue.len()).filter(|&entry| !findings.is_issue[entry]).collect();
        others.sort_by(|&a, &b| findings.scores[a].total_cmp(&findings.scores[b]));
        let n_more = at_least - entries.len();
        entries.extend(others.into_iter().take(n_more));
    }
    entries.truncate(n_worst);
    entries
}

fn histogram(findings: &IssueFindings) -> Option<Histogram> {
    if findings.scores.is_empty() {
        return None;
    }
    let mut fine = vec![0; N_BINS];
    let mut issues = vec![0; N_BINS];
    for (&score, &is_issue) in findings.scores.iter().zip(&findings.is_issue) {
        let bin = ((score * N_BINS as f64) as usize).min(N_BINS - 1);
        let counts = if is_issue { &mut issues } else { &mut fine };
        counts[bin] += 1;
    }
    let edges = (0..=N_BINS).map(|edge| edge as f64 / N_BINS as f64).collect();
    Some(Histogram { edges, fine, issues, threshold: score_threshold(findings) })
}

/// The threshold that the check tells of, if it is one of scores: no flagged score is above it, no other one below.
fn score_threshold(findings: &IssueFindings) -> Option<f64> {
    let in_force = |threshold: &f64| {
        (0.0..=1.0).contains(threshold)
            && findings
                .scores
                .iter()
                .zip(&findings.is_issue)
                .all(|(score, &is_issue)| if is_issue { score <= threshold } else { score >= threshold })
    };
    ["issue_threshold", "score_threshold", "threshold"]
        .iter()
        .filter_map(|name| findings.info.number(name))
        .find(in_force)
}

/// The flags of the checks of rows, with their names.
fn row_flags(lab: &Datalab) -> impl Iterator<Item = (&str, &Array1<bool>)> {
    let found = lab.checks().iter().filter_map(|record| Some((record, record.findings()?)));
    found
        .filter(|(_, findings)| findings.scope == Scope::Rows)
        .map(|(record, findings)| (record.issue_type.as_str(), &findings.is_issue))
}

/// A number of a table by the name of its column, however the name is written.
fn info_table<'a>(info: &'a Info, name: &str) -> Option<&'a crate::column_values::IssueTable> {
    match info.get(name)? {
        crate::info::InfoValue::Table(table) => Some(table),
        _ => None,
    }
}
