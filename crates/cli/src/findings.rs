//! What an audit of labels found.

use std::cmp::Reverse;
use std::collections::HashSet;

use anyhow::{Result, bail};
use cleanlab_core::Float;
use cleanlab_count::predicted_class;
use cleanlab_dataset::{HealthSource, overall_label_health_score};
use cleanlab_filter::{FindLabelIssuesOptions, find_label_issues};
use cleanlab_rank::{LabelQualityMethod, get_label_quality_scores};
use cleanlab_stream::{LabelRow, RowSink};
use cleanlab_table::{Column, ColumnType, ProbsMatrix, Table};
use ndarray::ArrayView2;

use crate::about::About;
use crate::arguments::{ComputeArguments, MethodArguments};
use crate::interrupt::SelfStopping;
use crate::subject::{CheckedSubject, Subject};

/// What there is to tell of all labels.
#[derive(Debug, Clone)]
pub(crate) struct Findings {
    pub(crate) about: About,
    /// Number of audited rows.
    pub(crate) n_rows: usize,
    /// Number of those with an issue.
    pub(crate) n_issues: usize,
    /// Rows with an issue, worst first: all, or as many as will be told of.
    pub(crate) worst: Vec<IssueRow>,
    pub(crate) health_score: f64,
}

/// A row with an issue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IssueRow {
    /// Its number in the file, counted from 0.
    pub(crate) row: usize,
    pub(crate) given: u32,
    pub(crate) predicted: u32,
    pub(crate) score: f64,
}

/// The result of every row.
#[derive(Debug, Clone)]
pub(crate) struct EveryRow {
    given: Vec<u32>,
    predicted: Vec<u32>,
    scores: Vec<f64>,
    is_issue: Vec<bool>,
}

impl EveryRow {
    /// Writes all rows, unless the program is told to stop.
    pub(crate) fn write(&self, sink: &mut impl RowSink<LabelRow>) -> Result<()> {
        const BATCH_ROWS: usize = 8192;
        let row =
            |at: usize| LabelRow::new(self.given[at], self.predicted[at], self.is_issue[at], self.scores[at]);
        for first in (0..self.given.len()).step_by(BATCH_ROWS) {
            if SelfStopping::is_asked() {
                bail!("interrupted");
            }
            let rows: Vec<LabelRow> = (first..self.given.len().min(first + BATCH_ROWS)).map(row).collect();
            sink.write(first, &rows)?;
        }
        Ok(())
    }
}

/// A column of the table, as text.
#[derive(Debug, Clone)]
pub(crate) struct KeyColumn {
    pub(crate) name: String,
    pub(crate) values: Vec<Option<String>>,
}

/// Judges every label.
pub(crate) fn judge(
    subject: &Subject,
    method: &MethodArguments,
    compute: &ComputeArguments,
) -> Result<(Findings, EveryRow)> {
    match &subject.pred_probs {
        ProbsMatrix::F32(matrix) => judge_as(subject, matrix.view(), method, compute),
        ProbsMatrix::F64(matrix) => judge_as(subject, matrix.view(), method, compute),
    }
}

fn judge_as<F: Float>(
    subject: &Subject,
    matrix: ArrayView2<'_, F>,
    method: &MethodArguments,
    compute: &ComputeArguments,
) -> Result<(Findings, EveryRow)> {
    let CheckedSubject { data, mut warnings } = subject.checked(matrix, compute)?;
    let issues = find_label_issues(&data, &find_options(method))?;
    let rank_by = LabelQualityMethod::from(method.rank_by);
    let wording = subject.wording();
    warnings.extend(issues.warnings.iter().map(|warning| wording.label_warning(warning)));
    let mut predicted = vec![0_u32; data.len()];
    cleanlab_core::fill_rows(&data, &mut predicted, |batch, out| {
        for ((_, _, probs), out) in batch.iter().zip(out) {
            *out = predicted_class(probs) as u32;
        }
    });
    let every = EveryRow {
        given: subject.labels.as_slice().to_vec(),
        predicted,
        scores: get_label_quality_scores(&data, rank_by)?.to_vec(),
        is_issue: issues.mask.to_vec(),
    };
    let issue = |at: usize| IssueRow {
        row: subject.rows[at],
        given: every.given[at],
        predicted: every.predicted[at],
        score: every.scores[at],
    };
    let worst: Vec<IssueRow> = issues.ranked_by(&data, rank_by)?.into_iter().map(issue).collect();
    let findings = Findings {
        about: About { warnings, ..subject.about.clone() },
        n_rows: subject.rows.len(),
        n_issues: worst.len(),
        worst,
        health_score: overall_label_health_score(&HealthSource::probabilities(&data))?,
    };
    Ok((findings, every))
}

/// The options of finding label issues.
pub(crate) fn find_options(method: &MethodArguments) -> FindLabelIssuesOptions {
    FindLabelIssuesOptions::default()
        .with_filter_by(method.filter_by.into())
        .with_frac_noise(method.frac_noise)
        .with_min_examples_per_class(method.min_examples_per_class)
}

/// The columns that tell a reader which row is meant: those asked for, or else up to three that number or name rows.
pub(crate) fn key_columns(
    table: &Table,
    label: Option<&str>,
    wanted: &[String],
    rows: &[usize],
) -> Result<Vec<KeyColumn>> {
    const MOST: usize = 3;
    let columns: Vec<&Column> = if wanted.is_empty() {
        let others = || table.columns().iter().filter(|column| Some(column.name()) != label);
        let numbering = others().filter(|column| is_numbering(column));
        // Of text columns, the one that tells the most rows apart first.
        let mut naming: Vec<&Column> =
            others().filter(|column| column.column_type() == ColumnType::Text).collect();
        naming.sort_by_cached_key(|column| Reverse(n_distinct(column, rows)));
        numbering.chain(naming).take(MOST).collect()
    } else {
        wanted.iter().map(|name| table.column(name)).collect::<Result<_, _>>()?
    };
    let key = |column: &Column| KeyColumn {
        name: column.name().to_owned(),
        values: rows.iter().map(|&row| column.value_text(row)).collect(),
    };
    Ok(columns.into_iter().map(key).collect())
}

/// Whether a column's name says that it numbers the rows.
fn is_numbering(column: &Column) -> bool {
    let name = column.name();
    let by_suffix = ["_id", "_ID", "Id", "ID"].iter().any(|suffix| name.ends_with(suffix));
    let named = by_suffix || ["id", "index"].contains(&name.to_lowercase().as_str());
    column.column_type() == ColumnType::Integer && named
}

fn n_distinct(column: &Column, rows: &[usize]) -> usize {
    rows.iter().filter_map(|&row| column.value_text(row)).collect::<HashSet<String>>().len()
}
