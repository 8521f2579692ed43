//! `cleanlab labels`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use cleanlab_core::ClassNames;
use cleanlab_stream::{LabelAudit, LabelAuditOptions, LabelRow, StreamError, TableSink, audit_labels};
use cleanlab_table::{Content, WrittenFile, publish_all};

use crate::Outcome;
use crate::about::About;
use crate::arguments::{LabelsArguments, OutputFormat};
use crate::findings::{EveryRow, Findings, IssueRow, find_options, judge};
use crate::in_parts::{GivenFiles, Parts};
use crate::interrupt::{self, SelfStopping};
use crate::places::{Places, table_names};
use crate::progress::Reporter;
use crate::report;
use crate::subject::{set_threads, subject_of_arrays};

pub(crate) fn labels(arguments: &LabelsArguments) -> Result<Outcome> {
    let output = &arguments.output;
    Places::default()
        .input("the data", arguments.data.as_ref())
        .input("--labels", arguments.labels.as_ref())
        .input("--pred-probs", arguments.pred_probs.as_ref())
        .folder("--out", output.out.as_ref(), table_names("label_issues"))
        .folder("--out", output.out.as_ref(), ["summary.json"])
        .check()?;
    set_threads(&arguments.compute)?;
    let reporter = Reporter::new(output.quiet);
    reporter.step("reading");
    let given = files(arguments)?;
    let findings = match given.in_parts(&arguments.memory, &arguments.compute, output.quiet)? {
        Some(parts) => audit_parts(&parts, arguments, &reporter)?,
        None => {
            let subject = subject_of_arrays(given.labels, given.label, given.pred_probs)?;
            reporter.step("judging labels");
            let judged = judge(&subject, &arguments.method, &arguments.compute);
            reporter.finish();
            let (findings, every) = judged?;
            match &output.out {
                None => findings,
                Some(folder) => save_judged(findings, &every, folder)?,
            }
        }
    };
    report::print(&findings, output)?;
    Ok(arguments.limits.outcome(&findings.totals(), output.quiet))
}

fn files(arguments: &LabelsArguments) -> Result<GivenFiles<'_>> {
    let label = arguments.label.as_deref();
    match (&arguments.data, &arguments.labels, &arguments.pred_probs) {
        (Some(data), _, pred_probs) => {
            Ok(GivenFiles { labels: data, label, pred_probs: pred_probs.as_ref().unwrap_or(data) })
        }
        (None, Some(labels), Some(pred_probs)) => Ok(GivenFiles { labels, label, pred_probs }),
        _ => bail!("give data with --label, or --labels with --pred-probs"),
    }
}

/// Judges labels that are read in parts, and writes the result of every row as it is made.
fn audit_parts(parts: &Parts, arguments: &LabelsArguments, reporter: &Reporter) -> Result<Findings> {
    let stopping = SelfStopping::begin();
    let findings = match &arguments.output.out {
        None => run(parts, arguments, reporter, &mut |_: usize, _: &[LabelRow]| Ok(())),
        Some(folder) => {
            save_rows(folder, &parts.about.class_names, |sink| run(parts, arguments, reporter, sink))
        }
    };
    reporter.finish();
    stopping.finish();
    findings
}

/// Writes what was found out in memory.
fn save_judged(findings: Findings, every: &EveryRow, folder: &Path) -> Result<Findings> {
    let class_names = findings.about.class_names.clone();
    let stopping = SelfStopping::begin();
    let saved = save_rows(folder, &class_names, |sink| {
        every.write(sink)?;
        Ok(findings)
    });
    stopping.finish();
    saved
}

/// Writes `label_issues.csv`, `.parquet` and `.json` with every row, and `summary.json`: under temporary names, and
/// under their own when all of them are whole.
fn save_rows(
    folder: &Path,
    class_names: &ClassNames,
    find: impl FnOnce(&mut TableSink<LabelRow>) -> Result<Findings>,
) -> Result<Findings> {
    let made = !folder.exists();
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create {}", crate::printable::path(folder)))
        .context("no result was written")?;
    let written = || -> Result<(Findings, Vec<WrittenFile>)> {
        let paths = table_names("label_issues").map(|name| folder.join(name));
        let mut sink = TableSink::labels(&paths, class_names.clone())?;
        let findings = find(&mut sink)?;
        let mut files = sink.finish()?;
        let summary = findings.summary_text()?;
        files.push(WrittenFile::write(folder.join("summary.json"), &Content::Bytes(summary.as_bytes()))?);
        Ok((findings, files))
    };
    let published = written().and_then(|(findings, files)| {
        let _writing = interrupt::hold();
        publish_all(files).context("no result was written")?;
        Ok(findings)
    });
    if published.is_err() && made {
        // Succeeds only where nothing was written, which is when the folder should not stay.
        let _ = std::fs::remove_dir(folder);
    }
    published
}

fn run(
    parts: &Parts,
    arguments: &LabelsArguments,
    reporter: &Reporter,
    sink: &mut dyn cleanlab_stream::RowSink<LabelRow>,
) -> Result<Findings> {
    let mut audit = LabelAuditOptions::default()
        .with_find(find_options(&arguments.method))
        .with_rank_by(arguments.method.rank_by.into());
    if arguments.output.format == OutputFormat::Text {
        audit = audit.with_top(arguments.output.top);
    }
    let options = parts.options.clone().with_progress(reporter.passes());
    let found = audit_labels(&parts.source, &audit, &options, sink);
    Ok(findings(found.map_err(|error: StreamError| parts.error(error))?, parts))
}

fn findings(found: LabelAudit, parts: &Parts) -> Findings {
    let issue = |issue: &cleanlab_stream::IssueRow| IssueRow {
        row: issue.row,
        given: issue.label.given_label,
        predicted: issue.label.predicted_label,
        score: issue.label.label_quality,
    };
    Findings {
        about: About { warnings: parts.warnings(found.n_clipped, &found.warnings), ..parts.about.clone() },
        n_rows: found.n_rows,
        n_issues: found.n_issues,
        worst: found.worst.iter().map(issue).collect(),
        health_score: found.overall_label_health_score,
    }
}
