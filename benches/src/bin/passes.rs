//! Prints the best of several single timings of each label method at one shape: `passes N K [f32]`.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use std::time::Instant;

use cleanlab_benches::bench_data;
use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_count::{ConfidentJointOptions, compute_confident_joint, get_confident_thresholds};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, find_label_issues};

fn best(name: &str, mut work: impl FnMut()) {
    let mut times: Vec<f64> = (0..7)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name:<24} best {:9.3} ms, median {:9.3} ms", times[0], times[3]);
}

fn time<F: Float>(n: usize, k: usize) {
    let bench = bench_data::<F>(n, k);
    let view = bench.pred_probs.view();
    let make = || LabeledProbs::new(Labels::new(&bench.labels)?, PredProbs::new(view)?);
    let data = make().expect("bench data is valid");
    best("validation", || drop(make()));
    best("thresholds", || drop(get_confident_thresholds(&data)));
    best("confident_joint", || drop(compute_confident_joint(&data, &ConfidentJointOptions::default())));
    for filter_by in FilterBy::ALL {
        let options = FindLabelIssuesOptions::default().with_filter_by(filter_by);
        best(filter_by.name(), || drop(find_label_issues(&data, &options)));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse().ok());
    let (n, k) = (number(1).unwrap_or(1_000_000), number(2).unwrap_or(10));
    if arguments.iter().any(|argument| argument == "f32") { time::<f32>(n, k) } else { time::<f64>(n, k) }
}
