//! Times the functions of `cleanlab-stream` on request, for a script that runs them in turns with cleanlab.
//!
//! `time_outofcore OUT arrays PRED_PROBS.npy LABELS.npy` or `time_outofcore OUT parquet DATA` opens the data and prints
//! `ready`. Then it reads the name of a call a line: `reading` merely reads all rows with the readers of the passes, on as
//! many threads; others are `filter_by` methods, scores, `joint`, `num_label_issues` and `health`. Each is answered with a
//! line of JSON: seconds, seconds of each pass, the largest anonymous memory of the process meanwhile in bytes (pages of
//! files are not counted), and a number to compare. Results of rows are written to the file OUT, as they are made.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use std::fs;
use std::io::{self, BufRead};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use cleanlab_count::{ConfidentJointOptions, EstimationMethod};
use cleanlab_dataset::Symmetry;
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions};
use cleanlab_rank::LabelQualityMethod;
use cleanlab_stream::{
    FileSource, NpySink, ParquetOptions, ProbsSource, RowBuffer, StreamOptions, compute_confident_joint,
    find_label_issues, get_label_quality_scores, health_summary, num_label_issues,
};
use serde_json::json;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (out, source) = match arguments.as_slice() {
        [out, "arrays", pred_probs, labels] => (out, FileSource::arrays(pred_probs, labels)?),
        [out, "parquet", data] => (out, FileSource::parquet(data, &ParquetOptions::default())?),
        _ => bail!("usage: time_outofcore OUT arrays PRED_PROBS.npy LABELS.npy | OUT parquet DATA"),
    };
    rayon::broadcast(|_| ());
    println!("ready");
    for line in io::stdin().lock().lines() {
        println!("{}", timed(&source, line?.trim(), out)?);
    }
    Ok(())
}

fn timed(source: &FileSource, call: &str, out: &str) -> Result<serde_json::Value> {
    let ends: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let told = Arc::clone(&ends);
    let options = StreamOptions::default().with_progress(move |progress| {
        if progress.rows == progress.n_rows {
            told.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
        }
        ControlFlow::Continue(())
    });
    let watch = Watch::begin();
    let start = Instant::now();
    let answer = called(source, call, &options, out)?;
    let seconds = start.elapsed().as_secs_f64();
    let memory = watch.end();
    let mut passes = Vec::new();
    let mut before = start;
    for &end in ends.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        passes.push((end - before).as_secs_f64());
        before = end;
    }
    Ok(json!({ "seconds": seconds, "passes": passes, "memory": memory, "answer": answer }))
}

/// Runs a call; gives a number that tells whether two sides agree.
fn called(source: &FileSource, call: &str, options: &StreamOptions, out: &str) -> Result<f64> {
    if call == "reading" {
        return Ok(read_all(source)? as f64);
    }
    if let Some(filter_by) = FilterBy::ALL.into_iter().find(|method| method.name() == call) {
        let find = FindLabelIssuesOptions::default().with_filter_by(filter_by);
        let mut sink = NpySink::create(out, source.n_rows())?;
        let found = find_label_issues(source, &find, options, &mut sink)?;
        sink.publish()?;
        return Ok(found.n_issues as f64);
    }
    let score = match call {
        "self_confidence" => LabelQualityMethod::SelfConfidence,
        "normalized_margin" => LabelQualityMethod::NormalizedMargin,
        "confidence_weighted_entropy" => LabelQualityMethod::ConfidenceWeightedEntropy,
        "adjusted_self_confidence" => LabelQualityMethod::AdjustedSelfConfidence,
        "adjusted_normalized_margin" => LabelQualityMethod::AdjustedNormalizedMargin,
        "joint" => {
            let joint = compute_confident_joint(source, &ConfidentJointOptions::default(), options)?;
            return Ok(joint.n_off_diagonal() as f64);
        }
        "num_label_issues" => {
            return Ok(num_label_issues(source, &EstimationMethod::OffDiagonal, options)? as f64);
        }
        "health" => {
            return Ok(health_summary(source, Symmetry::Symmetric, options)?.overall_label_health_score);
        }
        _ => bail!("there is no call {call:?}"),
    };
    let mut sink = NpySink::create(out, source.n_rows())?;
    get_label_quality_scores(source, score, options, &mut sink)?;
    sink.publish()?;
    Ok(source.n_rows() as f64)
}

/// Reads everything as the passes do, and does nothing with it.
fn read_all(source: &FileSource) -> Result<usize> {
    /// As many values as the passes read at a time.
    const BATCH_VALUES: usize = 1 << 16;
    let batch_rows = (BATCH_VALUES / source.n_classes()).clamp(1, 8192);
    let spans = source.spans(batch_rows);
    let (next, n_read) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failure: Mutex<Option<anyhow::Error>> = Mutex::new(None);
    let work = || -> Result<()> {
        let mut buffer = RowBuffer::default();
        while let Some(span) = spans.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut reader = source.reader(span.clone(), batch_rows)?;
            let mut left = span.len();
            while left > 0 {
                reader.read(&mut buffer)?;
                left = left.checked_sub(buffer.labels.len()).context("too many rows")?;
                n_read.fetch_add(buffer.labels.len(), Ordering::Relaxed);
            }
        }
        Ok(())
    };
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads() {
            scope.spawn(|_| {
                if let Err(error) = work() {
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
            });
        }
    });
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(n_read.into_inner()),
    }
}

/// Looks every few milliseconds how much anonymous memory the process has.
struct Watch {
    is_over: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    thread: std::thread::JoinHandle<()>,
}

impl Watch {
    fn begin() -> Self {
        let (is_over, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(anonymous_bytes())));
        let (seen_over, seen_most) = (Arc::clone(&is_over), Arc::clone(&most));
        let thread = std::thread::spawn(move || {
            while !seen_over.load(Ordering::Relaxed) {
                seen_most.fetch_max(anonymous_bytes(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(3));
            }
        });
        Self { is_over, most, thread }
    }

    fn end(self) -> u64 {
        self.most.fetch_max(anonymous_bytes(), Ordering::Relaxed);
        self.is_over.store(true, Ordering::Relaxed);
        let _ = self.thread.join();
        self.most.load(Ordering::Relaxed)
    }
}

/// Memory of the process that no file stands behind; 0 where the system does not tell.
fn anonymous_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or_default() * 1024
}
