//! `cleanlab audit` and `cleanlab labels`.

use anyhow::Result;

use crate::Outcome;
use crate::arguments::{AuditArguments, LabelsArguments, LimitArguments, OutputArguments};
use crate::findings::{Findings, judge, key_columns};
use crate::progress::Reporter;
use crate::report;
use crate::subject::{LabeledTable, set_threads, subject_of_arrays};

pub(crate) fn audit_table(arguments: &AuditArguments) -> Result<Outcome> {
    set_threads(&arguments.compute)?;
    let reporter = Reporter::new(arguments.output.quiet);
    reporter.step("reading");
    let table = LabeledTable::read(&arguments.file, &arguments.label, &arguments.table)?;
    let keys = key_columns(&table.table, &arguments.label, &arguments.show, &table.labels.kept_rows)?;
    let subject = table.subject(&arguments.table, &reporter)?;
    reporter.step("judging labels");
    let findings = judge(&subject, keys, &arguments.method, &arguments.compute);
    reporter.finish();
    conclude(&findings?, &arguments.output, &arguments.limits)
}

pub(crate) fn audit_arrays(arguments: &LabelsArguments) -> Result<Outcome> {
    set_threads(&arguments.compute)?;
    let reporter = Reporter::new(arguments.output.quiet);
    reporter.step("reading");
    let subject = subject_of_arrays(&arguments.labels, &arguments.pred_probs)?;
    reporter.step("judging labels");
    let findings = judge(&subject, Vec::new(), &arguments.method, &arguments.compute);
    reporter.finish();
    conclude(&findings?, &arguments.output, &arguments.limits)
}

fn conclude(findings: &Findings, output: &OutputArguments, limits: &LimitArguments) -> Result<Outcome> {
    if let Some(folder) = &output.out {
        findings.save(folder)?;
    }
    report::print(findings, output)?;
    Ok(limits.outcome(&findings.totals(), output.quiet))
}
