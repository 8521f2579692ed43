//! `cleanlab health`, `cleanlab overlap` and `cleanlab classes`.

use anyhow::Result;
use cleanlab_core::Float;
use cleanlab_dataset::{
    HealthIntervals, HealthSource, HealthSummary, IntervalOptions, Symmetry, health_intervals, health_summary,
};
use cleanlab_filter::LabelIssuesWarning;
use cleanlab_stream::count_health;
use cleanlab_table::ProbsMatrix;
use ndarray::ArrayView2;

use crate::Outcome;
use crate::about::About;
use crate::arguments::{
    ClassesArguments, ComputeArguments, HealthArguments, InputArguments, IntervalArguments, MemoryArguments,
    OutputArguments, OutputFormat, OverlapArguments,
};
use crate::health_report::{ClassesReport, HealthReport, OverlapReport};
use crate::in_parts::{GivenFiles, Parts};
use crate::interrupt::SelfStopping;
use crate::places::{Places, table_names};
use crate::progress::Reporter;
use crate::report;
use crate::subject::{CheckedSubject, Subject, set_threads, subject_of_input};

pub(crate) fn health(arguments: &HealthArguments) -> Result<Outcome> {
    let HealthArguments { input, memory, intervals, compute, output, limits } = arguments;
    let question = Question { input, memory, intervals, symmetry: Symmetry::Symmetric, most_pairs: 0 };
    let report = HealthReport(question.ask(compute, output)?);
    if let Some(folder) = &output.out {
        report.save(folder)?;
    }
    report::print(&report, output)?;
    Ok(limits.outcome(&report.totals(), output.quiet))
}

pub(crate) fn overlap(arguments: &OverlapArguments) -> Result<Outcome> {
    let OverlapArguments { input, memory, asymmetric, intervals, compute, output } = arguments;
    // With a thousand classes there are half a million pairs; intervals are computed for those that someone will see.
    let all_are_told = output.format != OutputFormat::Text || output.out.is_some();
    let question = Question {
        input,
        memory,
        intervals,
        symmetry: if *asymmetric { Symmetry::Asymmetric } else { Symmetry::Symmetric },
        most_pairs: if all_are_told { usize::MAX } else { output.top },
    };
    let report = OverlapReport(question.ask(compute, output)?);
    if let Some(folder) = &output.out {
        report.save(folder)?;
    }
    report::print(&report, output)?;
    Ok(Outcome::Ran)
}

pub(crate) fn classes(arguments: &ClassesArguments) -> Result<Outcome> {
    let ClassesArguments { input, memory, intervals, compute, output } = arguments;
    let question = Question { input, memory, intervals, symmetry: Symmetry::Symmetric, most_pairs: 0 };
    let report = ClassesReport(question.ask(compute, output)?);
    if let Some(folder) = &output.out {
        report.save(folder)?;
    }
    report::print(&report, output)?;
    Ok(Outcome::Ran)
}

/// How well labels are given.
pub(crate) struct Assessment {
    pub(crate) about: About,
    pub(crate) summary: HealthSummary,
    pub(crate) intervals: Option<Intervals>,
}

/// How sure that is.
pub(crate) struct Intervals {
    pub(crate) options: IntervalOptions,
    /// Of the pairs of classes, those of the first ones.
    pub(crate) found: HealthIntervals,
}

/// What is wanted to know, and of which data.
struct Question<'a> {
    input: &'a InputArguments,
    memory: &'a MemoryArguments,
    intervals: &'a IntervalArguments,
    symmetry: Symmetry,
    /// Of how many pairs of classes intervals are wanted.
    most_pairs: usize,
}

impl Question<'_> {
    fn ask(&self, compute: &ComputeArguments, output: &OutputArguments) -> Result<Assessment> {
        let results = [table_names("class_label_quality"), table_names("overlapping_classes")].concat();
        let others = ["joint.npy", "joint.csv", "summary.json"].map(str::to_owned);
        Places::default()
            .input("the table", self.input.file.as_ref())
            .input("--labels", self.input.labels.as_ref())
            .input("--pred-probs", self.input.table.pred_probs.as_ref())
            .folder("--out", output.out.as_ref(), results.into_iter().chain(others))
            .check()?;
        set_threads(compute)?;
        let reporter = Reporter::new(output.quiet);
        reporter.step("reading");
        if let Some(parts) = self.in_parts(compute, output)? {
            let stopping = SelfStopping::begin();
            let assessment = self.assess_parts(&parts, &reporter);
            reporter.finish();
            stopping.finish();
            return assessment;
        }
        let subject = subject_of_input(self.input, &reporter)?;
        reporter.step("judging labels");
        let assessment = match &subject.pred_probs {
            ProbsMatrix::F32(matrix) => self.assess(&subject, matrix.view(), compute),
            ProbsMatrix::F64(matrix) => self.assess(&subject, matrix.view(), compute),
        };
        reporter.finish();
        assessment
    }

    fn assess<F: Float>(
        &self,
        subject: &Subject,
        matrix: ArrayView2<'_, F>,
        compute: &ComputeArguments,
    ) -> Result<Assessment> {
        let CheckedSubject { data, mut warnings } = subject.checked(matrix, compute)?;
        let sums_warning = LabelIssuesWarning::of_row_sums(data.pred_probs().row_sums());
        warnings.extend(sums_warning.map(|warning| subject.wording().label_warning(&warning)));
        let about = About { warnings, ..subject.about.clone() };
        self.assess_source(&HealthSource::probabilities(&data), about)
    }

    /// The data, if they are to be read in parts.
    fn in_parts(&self, compute: &ComputeArguments, output: &OutputArguments) -> Result<Option<Parts>> {
        let input = self.input;
        let given = match (&input.labels, &input.table.pred_probs, &input.file) {
            (Some(labels), Some(pred_probs), _) => GivenFiles { labels, label: None, pred_probs },
            // A folder has no features to train a model on, and where columns are chosen none is to be trained.
            (None, pred_probs, Some(file))
                if file.is_dir()
                    || pred_probs.as_ref() == Some(file)
                    || !self.memory.pred_probs_columns.is_empty() =>
            {
                let label = input.label.as_deref();
                GivenFiles { labels: file, label, pred_probs: pred_probs.as_ref().unwrap_or(file) }
            }
            _ => return Ok(None),
        };
        given.in_parts(self.memory, compute, output.quiet)
    }

    fn assess_parts(&self, parts: &Parts, reporter: &Reporter) -> Result<Assessment> {
        let options = parts.options.clone().with_progress(reporter.passes());
        let counted = count_health(&parts.source, &options).map_err(|error| parts.error(error))?;
        let warnings = parts.warnings(counted.n_clipped, &counted.warnings);
        let about = About { warnings, ..parts.about.clone() };
        self.assess_source(&HealthSource::counted(&counted.counts), about)
    }

    fn assess_source<F: Float>(&self, source: &HealthSource<'_, F>, about: About) -> Result<Assessment> {
        let summary = health_summary(source, self.symmetry)?;
        let intervals = match self.intervals.options(self.input.table.model.seed) {
            None => None,
            Some(options) => {
                let mut wanted = summary.clone();
                wanted.overlapping_classes.truncate(self.most_pairs);
                Some(Intervals { options, found: health_intervals(source, &wanted, &options)? })
            }
        };
        Ok(Assessment { about, summary, intervals })
    }
}
