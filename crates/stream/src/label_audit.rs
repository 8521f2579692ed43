//! Everything that is to be said of every label, in the passes that flagging takes.

use cleanlab_core::{Batch, Float};
use cleanlab_count::{CollisionRule, predicted_class};
use cleanlab_filter::{FindLabelIssuesOptions, LabelIssuesWarning};
use cleanlab_rank::{LabelQualityMethod, LabelQualityScorer, find_top_issues};
use ndarray::Array1;

use crate::errors::StreamError;
use crate::label_steps::{Beside, Rule, decide, n_passes};
use crate::options::StreamOptions;
use crate::pass::{Passes, Worker};
use crate::row_sink::RowSink;
use crate::source::ProbsSource;

/// What [`audit_labels`] tells of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LabelRow {
    /// The given label.
    pub given_label: u32,
    /// The class with the largest probability.
    pub predicted_label: u32,
    /// Whether the label is probably wrong.
    pub is_label_issue: bool,
    /// The quality of the label; lower for labels more likely wrong.
    pub label_quality: f64,
}

impl LabelRow {
    /// What is told of a row, for a sink that is fed from elsewhere.
    #[must_use]
    pub const fn new(
        given_label: u32,
        predicted_label: u32,
        is_label_issue: bool,
        label_quality: f64,
    ) -> Self {
        Self { given_label, predicted_label, is_label_issue, label_quality }
    }
}

/// A row with a wrong label.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct IssueRow {
    /// Which row it is.
    pub row: usize,
    /// What is told of it.
    pub label: LabelRow,
}

/// What [`audit_labels`] is to find out.
///
/// ```
/// use cleanlab_rank::LabelQualityMethod;
/// use cleanlab_stream::LabelAuditOptions;
/// let options = LabelAuditOptions::default().with_rank_by(LabelQualityMethod::NormalizedMargin).with_top(20);
/// assert_eq!(options.top, Some(20));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct LabelAuditOptions {
    /// How labels are flagged.
    pub find: FindLabelIssuesOptions,
    /// What their quality is measured by.
    pub rank_by: LabelQualityMethod,
    /// How many of the worst labels are listed. `None`: all that are flagged, for each of which memory is needed.
    pub top: Option<usize>,
}

impl LabelAuditOptions {
    /// Sets how labels are flagged.
    #[must_use]
    pub fn with_find(mut self, find: FindLabelIssuesOptions) -> Self {
        self.find = find;
        self
    }

    /// Sets what the quality of labels is measured by.
    #[must_use]
    pub fn with_rank_by(mut self, rank_by: LabelQualityMethod) -> Self {
        self.rank_by = rank_by;
        self
    }

    /// Lists this many of the worst labels only.
    #[must_use]
    pub fn with_top(mut self, top: usize) -> Self {
        self.top = Some(top);
        self
    }
}

/// What [`audit_labels`] found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelAudit {
    /// Number of flagged labels.
    pub n_issues: usize,
    /// Number of labels.
    pub n_rows: usize,
    /// The flagged labels, worst first, equal ones in the order of their rows; all, or as many as were asked for.
    pub worst: Vec<IssueRow>,
    /// [`cleanlab_dataset::overall_label_health_score`].
    pub overall_label_health_score: f64,
    /// What may have kept labels from being flagged, or was ignored.
    pub warnings: Vec<LabelIssuesWarning>,
    /// Number of probabilities that were moved into [0, 1].
    pub n_clipped: usize,
    /// Passes that were made over the data.
    pub n_passes: usize,
}

/// Flags the labels that are probably wrong, scores all of them, and ranks those that are flagged; what is told of each
/// row goes to the sink.
///
/// Takes the passes of [`find_label_issues`](crate::find_label_issues), and never fewer than three, since the health
/// score needs two before the last one.
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_stream::{LabelAuditOptions, LabelRow, MemorySource, StreamOptions, audit_labels};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// let mut rows: Vec<LabelRow> = Vec::new();
/// let audit = LabelAuditOptions::default();
/// let found = audit_labels(&MemorySource(&data), &audit, &StreamOptions::default(), &mut rows)?;
/// assert_eq!((found.n_issues, found.worst[0].row, rows[4].predicted_label), (1, 4, 0));
/// assert_eq!(found.overall_label_health_score, 0.8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`find_label_issues`](crate::find_label_issues) and
/// [`get_label_quality_scores`](crate::get_label_quality_scores).
pub fn audit_labels(
    source: &dyn ProbsSource,
    audit: &LabelAuditOptions,
    options: &StreamOptions,
    sink: &mut dyn RowSink<LabelRow>,
) -> Result<LabelAudit, StreamError> {
    let beside = Beside { thresholds: audit.rank_by.needs_thresholds(), n_issues: true };
    let mut passes = Passes::new(source, options, n_passes(&audit.find, source.n_classes(), beside))?;
    let decision = decide(&mut passes, &audit.find, beside)?;
    let thresholds = decision.thresholds.as_ref().map(|found| &found.thresholds);
    let scorer = LabelQualityScorer::new(audit.rank_by, thresholds)?;
    let make = || Auditing {
        rule: &decision.rule,
        scorer: &scorer,
        n_issues: 0,
        top: audit.top,
        worst: Vec::new(),
        flags: Vec::new(),
        scores: Vec::new(),
    };
    let workers = passes.run(make, Some(sink))?;
    let n_issues = workers.iter().map(|worker| worker.n_issues).sum();
    let mut worst: Vec<IssueRow> = Vec::new();
    for worker in workers {
        worst.extend(worker.worst);
    }
    let n_rows = source.n_rows();
    let n_counted = decision.counted.n_issues(CollisionRule::default()).unwrap_or_default();
    Ok(LabelAudit {
        n_issues,
        n_rows,
        worst: ranked(worst, audit.top),
        overall_label_health_score: 1.0 - n_counted as f64 / n_rows as f64,
        warnings: decision.warnings(&passes),
        n_clipped: passes.first_look().n_clipped,
        n_passes: passes.n_made(),
    })
}

/// Puts the worst first.
fn ranked(mut rows: Vec<IssueRow>, top: Option<usize>) -> Vec<IssueRow> {
    rows.sort_unstable_by_key(|issue| issue.row);
    let scores: Array1<f64> = rows.iter().map(|issue| issue.label.label_quality).collect();
    let order = find_top_issues(scores.view(), top.unwrap_or(rows.len()));
    order.into_iter().map(|position| rows[position]).collect()
}

struct Auditing<'a> {
    rule: &'a Rule,
    scorer: &'a LabelQualityScorer,
    n_issues: usize,
    top: Option<usize>,
    worst: Vec<IssueRow>,
    flags: Vec<bool>,
    scores: Vec<f64>,
}

impl Worker for Auditing<'_> {
    type Row = LabelRow;

    fn visit<F: Float>(&mut self, batch: &Batch<'_, F>, rows: &mut Vec<LabelRow>) -> Result<(), StreamError> {
        /// Rows beyond twice those that are listed that are let in before the worst are kept.
        const SPARE: usize = 4096;
        self.flags.resize(batch.len(), false);
        self.scores.resize(batch.len(), 0.0);
        self.rule.flag(batch, &mut self.flags)?;
        self.scorer.score(batch, &mut self.scores)?;
        for (((row, given, probs), &is_label_issue), &label_quality) in
            batch.iter().zip(&self.flags).zip(&self.scores)
        {
            let predicted_label = predicted_class(probs) as u32;
            let label =
                LabelRow { given_label: given as u32, predicted_label, is_label_issue, label_quality };
            rows.push(label);
            if is_label_issue {
                self.n_issues += 1;
                self.worst.push(IssueRow { row: row as usize, label });
            }
        }
        if let Some(top) = self.top
            && self.worst.len() > top.saturating_mul(2).saturating_add(SPARE)
        {
            self.worst = ranked(std::mem::take(&mut self.worst), self.top);
        }
        Ok(())
    }
}
