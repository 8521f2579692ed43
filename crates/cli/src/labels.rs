//! `cleanlab labels`.

use anyhow::Result;

use crate::Outcome;
use crate::arguments::LabelsArguments;
use crate::findings::judge;
use crate::places::{Places, table_names};
use crate::progress::Reporter;
use crate::report;
use crate::subject::{set_threads, subject_of_arrays};

pub(crate) fn labels(arguments: &LabelsArguments) -> Result<Outcome> {
    Places::default()
        .input("--labels", Some(&arguments.labels))
        .input("--pred-probs", Some(&arguments.pred_probs))
        .folder("--out", arguments.output.out.as_ref(), table_names("label_issues"))
        .folder("--out", arguments.output.out.as_ref(), ["summary.json"])
        .check()?;
    set_threads(&arguments.compute)?;
    let reporter = Reporter::new(arguments.output.quiet);
    reporter.step("reading");
    let subject = subject_of_arrays(&arguments.labels, &arguments.pred_probs)?;
    reporter.step("judging labels");
    let findings = judge(&subject, &arguments.method, &arguments.compute);
    reporter.finish();
    let findings = findings?;
    if let Some(folder) = &arguments.output.out {
        findings.save(folder)?;
    }
    report::print(&findings, &arguments.output)?;
    Ok(arguments.limits.outcome(&findings.totals(), arguments.output.quiet))
}
