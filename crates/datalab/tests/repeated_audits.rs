//! A process that audits a table again and again takes no more memory for the later audits than for the first ones.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(unsafe_code, reason = "an allocator that counts what is held hands everything on to the system's")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicIsize, Ordering};

use cleanlab_core::RandomState;
use cleanlab_datalab::{Datalab, FindIssuesOptions, Inputs, ReportOptions, SaveOptions, SavedAudit};
use cleanlab_learning::{
    CvEstimationOptions, LogisticRegression, TrainingSet, estimate_cv_predicted_probabilities,
};
use cleanlab_table::{FeatureOptions, LabelOptions, ReadOptions, Source, Table};

const AUDITS: usize = 20;
/// Until so many are done, memory that is kept for reuse may still grow.
const SETTLED: usize = 3;
/// What else may grow: the share of the most that was taken that an allocator may leave scattered.
const ALLOWED: f64 = 0.02;
/// And what a small table may cost beyond that, in kilobytes.
const ALLOWED_KB: f64 = 4096.0;

/// Bytes that the program itself may hold more: what the standard library and the pool of threads keep for reuse.
const ALLOWED_LIVE: isize = 65_536;

static LIVE: AtomicIsize = AtomicIsize::new(0);

struct Counting;

// SAFETY: every call is handed on unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size().cast_signed(), Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size().cast_signed(), Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size().cast_signed(), Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_add(size.cast_signed() - layout.size().cast_signed(), Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A table of three classes that its columns tell apart, with some wrong labels, some empty cells and some equal rows.
fn write_table(path: &Path, n_rows: usize) {
    let mut random = RandomState::new(5);
    let mut text = "a,b,c,place,y\n".to_owned();
    for row in 0..n_rows {
        let class = random.randint(0, 3).unwrap() as usize;
        let label = if row % 20 == 0 { (class + 1) % 3 } else { class };
        let mut value = |at: usize| random.random_sample() + if at == class { 1.0 } else { 0.0 };
        let (a, b, c) = (value(0), value(1), value(2));
        if row % 100 == 7 {
            writeln!(text, "{a},,{c},place {},{label}", row % 5).unwrap();
        } else {
            writeln!(text, "{a},{b},{c},place {},{label}", row % 5).unwrap();
        }
    }
    fs::write(path, text).unwrap();
}

/// All that the command does: read, predict, check, report, save, and read what was saved.
fn audit(table: &Path, folder: &Path) -> usize {
    let table = Table::read(Source::from(table), &ReadOptions::default()).unwrap();
    let labels = table.labels("y", &LabelOptions::default()).unwrap();
    let features = table.features(&FeatureOptions::default().with_label_column("y")).unwrap();
    let training =
        TrainingSet::new(features.values.view(), labels.labels.as_slice(), labels.class_names.len()).unwrap();
    let predicted = estimate_cv_predicted_probabilities(
        &LogisticRegression::default(),
        &training,
        &CvEstimationOptions::default().with_n_splits(3),
    )
    .unwrap();
    let mut lab = Datalab::classification(labels.labels.clone(), labels.class_names.clone()).unwrap();
    let inputs = Inputs::default()
        .with_features(&features.values)
        .with_pred_probs(&predicted.pred_probs)
        .with_columns(&table)
        .with_label_column("y");
    lab.find_issues(&inputs, &FindIssuesOptions::default()).unwrap();
    let report = lab.report(&ReportOptions::default()).unwrap();
    lab.save(folder, &SaveOptions::default().with_report(&report)).unwrap();
    let saved = SavedAudit::load(folder).unwrap();
    assert_eq!(saved.report, Some(report));
    assert!(saved.lab.failed_checks().next().is_none());
    saved.lab.get_findings("label").unwrap().num_issues()
}

/// A line of what the system tells of this process, in kilobytes.
fn status(name: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
#[allow(clippy::print_stdout, reason = "the figure is quoted by `cargo xtask trust`")]
fn audits_one_after_the_other_take_no_more_memory() {
    let n_rows = env::var("CLEANLAB_TRUST_ROWS").map_or(300, |text| text.parse().unwrap());
    let parent = tempfile::tempdir().unwrap();
    let (table, folder) = (parent.path().join("table.csv"), parent.path().join("audit"));
    write_table(&table, n_rows);
    let mut n_issues = Vec::new();
    let mut after = Vec::new();
    let mut peaks = Vec::new();
    // As long as all audits, so that no vector grows amid them.
    let mut live = Vec::with_capacity(AUDITS);
    for _ in 0..AUDITS {
        // From here on the system notes the most that is taken anew; where it may not, the most of all audits is noted.
        let _ = fs::write("/proc/self/clear_refs", "5");
        n_issues.push(audit(&table, &folder));
        live.push(LIVE.load(Ordering::Relaxed));
        after.push(status("VmRSS"));
        peaks.push(status("VmHWM"));
    }
    assert!(n_issues[0] > 0 && n_issues.iter().all(|&n| n == n_issues[0]), "{n_issues:?}");
    let grown = live[AUDITS - 1] - live[0];
    assert!(
        grown <= ALLOWED_LIVE,
        "{grown} bytes are held after the last audit that were not after the first: {live:?}"
    );
    let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let peak = most(&peaks);
    let allowed = (ALLOWED * peak).max(ALLOWED_KB);
    for (what, values) in [("after audits", &after), ("at most during audits", &peaks)] {
        let growth = most(&values[SETTLED..]) - most(&values[..SETTLED]);
        assert!(growth <= allowed, "memory {what} grew by {growth} kB: {values:?}");
    }
    let growth = |values: &[f64]| 100.0 * (most(&values[SETTLED..]) / most(&values[..SETTLED]) - 1.0);
    println!(
        "trust: {AUDITS} audits of {n_rows} rows in one process: {:.0} MB at most, {:+.1} % from the first {SETTLED} to the \
         later ones; {:.0} MB after an audit, {:+.1} %, and {grown} bytes in use after the last one that were not after the \
         first",
        peak / 1024.0,
        growth(&peaks),
        most(&after) / 1024.0,
        growth(&after)
    );
}
