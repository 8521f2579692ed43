//! Which labels are wrong.

use cleanlab_core::{Batch, Float};
use cleanlab_count::{Calibration, ConfidentJoint, calibrate_confident_joint, predicted_class};
use cleanlab_filter::{ArgmaxConfusionOptions, FindLabelIssuesOptions, LabelIssuesWarning};
use ndarray::{Array2, ShapeBuilder};

use crate::errors::StreamError;
use crate::label_steps::{Beside, Decision, Rule, check_classes, decide, n_passes};
use crate::options::StreamOptions;
use crate::pass::{Passes, Worker};
use crate::row_sink::RowSink;
use crate::source::ProbsSource;

/// What there is to say of flagged labels beside the flags themselves.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FoundIssues {
    /// Number of flagged labels.
    pub n_issues: usize,
    /// Number of labels.
    pub n_rows: usize,
    /// What may have kept labels from being flagged, or was ignored.
    pub warnings: Vec<LabelIssuesWarning>,
    /// Number of probabilities that were moved into [0, 1].
    pub n_clipped: usize,
    /// Passes that were made over the data.
    pub n_passes: usize,
}

/// Flags the labels that are probably wrong: a flag per row goes to the sink.
///
/// # Example
///
/// See the [crate's page](crate).
///
/// # Errors
///
/// [`StreamError::Input`] for the first row that is not valid, those of [`cleanlab_filter::find_label_issues`], what the
/// sink gives, and whatever keeps the source from being read.
///
/// # Source
///
/// [`cleanlab_filter::find_label_issues`], bit by bit.
pub fn find_label_issues(
    source: &dyn ProbsSource,
    find: &FindLabelIssuesOptions,
    options: &StreamOptions,
    sink: &mut dyn RowSink<bool>,
) -> Result<FoundIssues, StreamError> {
    let beside = Beside::default();
    let mut passes = Passes::new(source, options, n_passes(find, source.n_classes(), beside))?;
    let decision = decide(&mut passes, find, beside)?;
    flagged(&mut passes, &decision, sink)
}

/// The last pass.
fn flagged(
    passes: &mut Passes<'_>,
    decision: &Decision,
    sink: &mut dyn RowSink<bool>,
) -> Result<FoundIssues, StreamError> {
    let k = passes.source().n_classes();
    let make = || Flagging { rule: &decision.rule, n_issues: 0, label_counts: vec![0; k] };
    let workers = passes.run(make, Some(sink))?;
    let counts = |class| workers.iter().map(|worker| worker.label_counts[class]).sum();
    check_classes(passes, &(0..k).map(counts).collect::<Vec<u64>>())?;
    Ok(FoundIssues {
        n_issues: workers.iter().map(|worker| worker.n_issues).sum(),
        n_rows: passes.source().n_rows(),
        warnings: decision.warnings(passes),
        n_clipped: passes.first_look().n_clipped,
        n_passes: passes.n_made(),
    })
}

struct Flagging<'a> {
    rule: &'a Rule,
    n_issues: usize,
    label_counts: Vec<u64>,
}

impl Worker for Flagging<'_> {
    type Row = bool;

    fn visit<F: Float>(&mut self, batch: &Batch<'_, F>, rows: &mut Vec<bool>) -> Result<(), StreamError> {
        rows.resize(batch.len(), false);
        self.rule.flag(batch, rows)?;
        self.n_issues += rows.iter().filter(|&&flag| flag).count();
        batch.labels().iter().for_each(|&label| self.label_counts[label as usize] += 1);
        Ok(())
    }
}

/// Flags every row whose predicted class is not its given label, in one pass.
///
/// # Errors
///
/// As [`find_label_issues`].
///
/// # Source
///
/// [`cleanlab_filter::find_predicted_neq_given`].
pub fn find_predicted_neq_given(
    source: &dyn ProbsSource,
    options: &StreamOptions,
    sink: &mut dyn RowSink<bool>,
) -> Result<(), StreamError> {
    let mut passes = Passes::new(source, options, 1)?;
    passes.run(|| NeqGiven, Some(sink))?;
    Ok(())
}

struct NeqGiven;

impl Worker for NeqGiven {
    type Row = bool;

    fn visit<F: Float>(&mut self, batch: &Batch<'_, F>, rows: &mut Vec<bool>) -> Result<(), StreamError> {
        rows.extend(batch.iter().map(|(_, label, probs)| predicted_class(probs) != label));
        Ok(())
    }
}

/// Flags labels as [`find_label_issues`] does, with the confusion matrix of given labels and predicted classes in the
/// place of the confident joint, which takes a pass of its own.
///
/// # Errors
///
/// As [`find_label_issues`].
///
/// # Source
///
/// [`cleanlab_filter::find_label_issues_using_argmax_confusion_matrix`], bit by bit.
pub fn find_label_issues_using_argmax_confusion_matrix(
    source: &dyn ProbsSource,
    argmax: ArgmaxConfusionOptions,
    options: &StreamOptions,
    sink: &mut dyn RowSink<bool>,
) -> Result<FoundIssues, StreamError> {
    let k = source.n_classes();
    ConfidentJoint::check_memory(k)?;
    let mut passes = Passes::new(source, options, 4)?;
    let workers = passes.run(|| Confusion { n_classes: k, counts: vec![0; k * k] }, None)?;
    // Column-major, as the reference's matrix is: see `ConfidentJoint`.
    let mut counts = Array2::<u64>::zeros((k, k).f());
    for worker in &workers {
        for (cell, &count) in worker.counts.iter().enumerate() {
            counts[[cell / k, cell % k]] += count;
        }
    }
    let label_counts: Vec<u64> = counts.rows().into_iter().map(|row| row.sum()).collect();
    let confusion = ConfidentJoint::from_counts(counts)?;
    let joint = match argmax.calibration {
        Calibration::Uncalibrated => confusion,
        _ => calibrate_confident_joint(&confusion, &label_counts)?,
    };
    let find = FindLabelIssuesOptions::default().with_filter_by(argmax.filter_by).with_confident_joint(joint);
    let decision = decide(&mut passes, &find, Beside::default())?;
    flagged(&mut passes, &decision, sink)
}

struct Confusion {
    n_classes: usize,
    /// Row-major, axis 0 the given label.
    counts: Vec<u64>,
}

impl Worker for Confusion {
    type Row = ();

    fn visit<F: Float>(&mut self, batch: &Batch<'_, F>, _: &mut Vec<()>) -> Result<(), StreamError> {
        for (_, label, probs) in batch.iter() {
            self.counts[label * self.n_classes + predicted_class(probs)] += 1;
        }
        Ok(())
    }
}
