//! Saved audits: what their manifest tells, their arrays and their report.

#![no_main]

use cleanlab_datalab::{DiffOptions, SavedAudit, diff};
use cleanlab_report::{TextOptions, render_html, render_json, render_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = cleanlab_fuzz::audit_folder::write(bytes);
    let Ok(saved) = SavedAudit::load(folder) else { return };
    let _ = (saved.lab.issues(), saved.lab.issue_summary(), saved.lab.statistics(), saved.lab.health_score());
    for check in saved.lab.checks() {
        let _ = check.findings().map(|findings| findings.ranked_issues());
        let _ = saved.lab.get_issues(&check.issue_type);
    }
    let _ = diff(&saved.lab, &saved.lab, &DiffOptions::default());
    if let Some(report) = &saved.report {
        let _ = (render_json(report), render_text(report, &TextOptions::default()), render_html(report));
    }
});
