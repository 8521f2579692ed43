//! A whole audit of drawn data: every check that its inputs allow, the report, and the report as text, JSON and a page.

#![no_main]

use cleanlab_core::{ClassNames, Labels};
use cleanlab_datalab::{Datalab, FindIssuesOptions, Inputs, Task};
use cleanlab_fuzz::draws;
use cleanlab_multilabel::MultiLabels;
use cleanlab_report::{TextOptions, read_json, render_html, render_json, render_text};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use ndarray::Array1;

fuzz_target!(init: {
    rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global().expect("the only pool");
}, |bytes: &[u8]| {
    let shares = Shares::of(bytes);
    let mut bytes = Unstructured::new(bytes);
    let _ = audited(&mut bytes, shares);
});

fn audited(bytes: &mut Unstructured<'_>, shares: Shares) -> Result<()> {
    let rows = draws::length(bytes, 14)?;
    let classes = draws::length(bytes, 4)?;
    let names = || ClassNames::from_ordered((0..classes).map(|class| format!("class {class}")).collect());
    let lab = match bytes.int_in_range(0..=3)? {
        0 => {
            let labels = draws::labels(bytes, rows, classes)?;
            let Ok(labels) = Labels::new(&labels).map(Labels::into_owned) else { return Ok(()) };
            Datalab::classification(labels, names())
        }
        1 => Datalab::regression(draws::matrix(bytes, rows, 1)?.into_iter().collect()),
        2 => {
            let lists: Vec<Vec<i64>> =
                (0..rows).map(|_| draws::labels(bytes, 2, classes)).collect::<Result<_>>()?;
            let Ok(labels) = MultiLabels::from_lists(&lists, classes) else { return Ok(()) };
            Datalab::multilabel(labels, names())
        }
        _ => Datalab::unlabeled(rows, Task::Classification),
    };
    let Ok(mut lab) = lab else { return Ok(()) };
    let pred_probs = draws::pred_probs(bytes, rows, classes)?;
    let n_features = draws::length(bytes, 4)?;
    let features = draws::matrix(bytes, rows, n_features)?;
    let predictions: Array1<f64> = draws::matrix(bytes, rows, 1)?.into_iter().collect();
    let clusters: Array1<i64> = draws::labels(bytes, rows, 3)?.into_iter().collect();
    let mut inputs = Inputs::default();
    if bytes.arbitrary()? {
        inputs = inputs.with_pred_probs(&pred_probs);
    }
    if bytes.arbitrary()? && (shares.trains || lab.targets().task() != Task::Regression) {
        inputs = inputs.with_features(&features);
    }
    if bytes.arbitrary()? {
        inputs = inputs.with_predictions(predictions.view());
    }
    if bytes.ratio(1, 4)? {
        inputs = inputs.with_cluster_ids(clusters.view());
    }
    if lab.find_issues(&inputs, &FindIssuesOptions::default()).is_err() {
        return Ok(());
    }
    let _ = (lab.issues(), lab.issue_summary(), lab.statistics(), lab.health_score());
    if !shares.reports {
        return Ok(());
    }
    if let Ok(report) = lab.report(&Default::default()) {
        let json = render_json(&report);
        if let Err(error) = read_json(&json) {
            panic!("a report that was written cannot be read: {error}");
        }
        let _ = render_text(&report, &TextOptions::default());
        if shares.pages {
            let _ = render_html(&report);
        }
    }
    Ok(())
}

/// Which of the parts an input is for that take many times as long as all else.
///
/// The fuzzer would go on from inputs that reach them more often than from others, if it could choose.
#[derive(Clone, Copy)]
struct Shares {
    trains: bool,
    reports: bool,
    pages: bool,
}

impl Shares {
    fn of(bytes: &[u8]) -> Self {
        let sum = bytes.iter().fold(0_u32, |sum, &byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        Self {
            trains: sum.is_multiple_of(16),
            reports: sum.is_multiple_of(17),
            pages: sum.is_multiple_of(17 * 16),
        }
    }
}
