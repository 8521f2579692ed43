//! `cleanlab audit`.

mod data;
mod feature_file;
mod neighbors;
mod overview;
mod predictions;
mod results;
mod roles;
mod targets;

use anyhow::{Context, Result};
use cleanlab_datalab::{
    AuditReport, CheckOutcome, Checks, Datalab, FindIssuesOptions, ReportOptions, RowImages, RowKeys,
    SaveOptions,
};
use cleanlab_report::render_json;

use self::data::AuditData;
use self::overview::Overview;
pub(crate) use self::results::{detail_text, findings_table};
use crate::Outcome;
use crate::arguments::{AuditArguments, OutputFormat};
use crate::check_choice::{Choice, choose};
use crate::fail_on::{Counted, Totals};
use crate::findings::KeyColumn;
use crate::interrupt;
use crate::junit::write_junit;
use crate::places::{Places, table_names};
use crate::progress::Reporter;
use crate::report::{print_csv, print_text, write_report};
use crate::subject::set_threads;
use crate::wording::tell;

/// The check of missing values, which looks at the table before values are filled in.
const NULL: &str = "null";
/// The check of labels.
pub(crate) const LABEL: &str = "label";

/// An audit that was made.
struct Audit {
    lab: Datalab,
    report: AuditReport,
    /// The checks that were asked for by name.
    asked_for: Vec<String>,
    keys: Vec<KeyColumn>,
    warnings: Vec<String>,
    /// Whether predictions, and so the first line of a text, come from anywhere.
    settings: Vec<(String, String)>,
}

pub(crate) fn audit(arguments: &AuditArguments) -> Result<Outcome> {
    check_places(arguments)?;
    set_threads(&arguments.compute)?;
    let reporter = Reporter::new(arguments.output.quiet);
    let audit = make(arguments, &reporter);
    reporter.finish();
    let audit = audit?;
    if let Some(folder) = &arguments.output.out {
        audit.write_results(folder)?;
    }
    if let Some(folder) = &arguments.reports.save {
        let options = SaveOptions::default().with_report(&audit.report);
        interrupt::write_whole(|| audit.lab.save(folder, &options)).context("the audit was not saved")?;
    }
    if let Some(file) = &arguments.reports.report {
        write_report(&audit.report, file)?;
    }
    let totals = totals(&audit.lab);
    let limits = arguments.limits.fail_on.as_ref();
    if let Some(file) = &arguments.limits.junit {
        write_junit(file, &audit.lab, limits, &totals)?;
    }
    audit.print(arguments)?;
    let mut outcome = Outcome::Ran;
    for (name, reason) in audit.lab.failed_checks() {
        // The text has it at its top, but it belongs where errors are looked for, too.
        let way_out = if reason.starts_with("k is ") {
            format!("; another k is set under [checks.{name}] in the file of --config")
        } else {
            String::new()
        };
        tell(&format!("error: the check {name} failed: {reason}{way_out}"));
        outcome = Outcome::Failed;
    }
    Ok(match limits {
        Some(limits) => outcome.or(limits.outcome(&totals, arguments.output.quiet)),
        None => outcome,
    })
}

/// Refuses outputs in each other's place before anything is read.
fn check_places(arguments: &AuditArguments) -> Result<()> {
    let AuditArguments { data, checks, output, reports, limits, .. } = arguments;
    let results = [table_names("issues"), table_names("label_issues")].concat();
    Places::default()
        .input("the table", data.file.as_ref())
        .input("--labels", data.labels.as_ref())
        .input("--pred-probs", data.pred_probs.as_ref())
        .input("--predictions", data.predictions.as_ref())
        .input("--features", data.features.as_ref())
        .input("--knn-graph", data.knn_graph.as_ref())
        .input("--config", checks.config.as_ref())
        .file("--report", reports.report.as_ref())
        .file("--junit", limits.junit.as_ref())
        .folder("--out", output.out.as_ref(), results.into_iter().chain(["summary.json".to_owned()]))
        .audit("--save", reports.save.as_ref())
        .check()
}

fn make(arguments: &AuditArguments, reporter: &Reporter) -> Result<Audit> {
    let options = crate::config::options_of_checks(arguments.checks.config.as_deref())?;
    reporter.step("reading");
    let mut data = AuditData::read(arguments, reporter)?;
    let Choice { checks, asked_for } = choose(arguments, &options, data.task())?;
    reporter.step("searching neighbours");
    data.search_file(arguments.checks.neighbors, &options)?;
    let lab = find_issues(arguments, &data, checks, reporter)?;
    data.note_neighbors(lab.neighbors_found());
    reporter.step("making the report");
    let report = lab.report(&report_options(arguments, &data))?;
    let AuditData { keys, mut warnings, settings, .. } = data;
    for check in lab.checks() {
        for warning in check.findings().into_iter().flat_map(|findings| &findings.warnings) {
            warnings.push(format!("{}: {warning}", check.issue_type));
        }
    }
    Ok(Audit { lab, report, asked_for, keys, warnings, settings })
}

fn find_issues(
    arguments: &AuditArguments,
    data: &AuditData,
    mut checks: Checks,
    reporter: &Reporter,
) -> Result<Datalab> {
    let mut lab = data.datalab()?;
    if let Some(columns) = &data.columns {
        let label = arguments.data.label.as_deref();
        let keys = match &arguments.data.id {
            // An audit without the column can then still be compared.
            Some(id) => RowKeys::from_column(columns, id)?.with_content(columns, label),
            None => RowKeys::from_content(columns, label),
        };
        lab = lab.with_row_keys(keys)?;
    }
    if let Some(missing) = data.missing_inputs()
        && checks.names().contains(&NULL)
    {
        checks = checks.without(NULL);
        let alone = Checks::none().with_name(data.task(), NULL)?;
        lab.find_issues(&missing, &FindIssuesOptions::default().with_checks(alone))?;
    }
    let options = FindIssuesOptions::default()
        .with_checks(checks)
        .with_progress(reporter.checks())
        .with_neighbors(arguments.checks.neighbors.into());
    lab.find_issues(&data.inputs(arguments.data.split.as_deref()), &options)?;
    Ok(lab)
}

fn report_options<'a>(arguments: &'a AuditArguments, data: &'a AuditData) -> ReportOptions<'a> {
    let mut options = ReportOptions::default()
        .with_title(data.source.as_str())
        .with_inputs(data.inputs(arguments.data.split.as_deref()))
        .with_seed(arguments.model.seed);
    if let Some(label) = &arguments.data.label {
        options = options.with_label_column(label.as_str());
    }
    for (name, value) in &data.settings {
        options = options.with_setting(name.as_str(), value.as_str());
    }
    for warning in &data.warnings {
        options = options.with_warning(warning.as_str());
    }
    if let Some(column) = &arguments.data.image_column {
        options = options.with_row_images(RowImages::Files { column: column.clone() });
        if let Some(folder) = &data.folder {
            options = options.with_image_folder(folder);
        }
    }
    options
}

/// What limits are held against.
fn totals(lab: &Datalab) -> Totals {
    let kinds = lab.checks().iter().map(|check| {
        let counted = match &check.outcome {
            CheckOutcome::Found(findings) => Ok(Counted {
                n_issues: findings.num_issues(),
                n_checked: findings.is_issue.len(),
                score: Some(findings.score),
            }),
            CheckOutcome::Failed { reason } => Err(reason.clone()),
            CheckOutcome::NotRun { needs } => Err(format!("it needs {needs}")),
            _ => Err("it ended in a way that is not known here".to_owned()),
        };
        (check.issue_type.clone(), counted)
    });
    Totals { health_name: "health score", health_score: lab.health_score(), kinds: kinds.collect() }
}

impl Audit {
    fn print(&self, arguments: &AuditArguments) -> Result<()> {
        let output = &arguments.output;
        if output.format != OutputFormat::Json && !output.quiet {
            for warning in &self.warnings {
                tell(&format!("warning: {warning}"));
            }
        }
        match output.format {
            OutputFormat::Text => print_text(|page| Overview { audit: self, arguments, page }.text()),
            OutputFormat::Json => crate::report::print_bytes(render_json(&self.report).as_bytes()),
            OutputFormat::Csv => print_csv(&self.issues_table()?),
        }
    }
}
