//! Thresholds, confident joint, every filter and every score, in f64 and f32, at three shapes.

use std::hint::black_box;
use std::time::Duration;

use cleanlab_benches::bench_data;
use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_count::{ConfidentJointOptions, compute_confident_joint, get_confident_thresholds};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, find_label_issues};
use cleanlab_rank::{LabelQualityMethod, get_label_quality_scores};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SHAPES: [(usize, usize); 3] = [(50_000, 10), (1_000_000, 10), (100_000, 1000)];

fn label_methods<F: Float>(criterion: &mut Criterion, type_name: &str) {
    for (n, k) in SHAPES {
        let bench = bench_data::<F>(n, k);
        let view = bench.pred_probs.view();
        let data = Labels::new(&bench.labels)
            .and_then(|labels| LabeledProbs::new(labels, PredProbs::new(view)?))
            .expect("bench data is valid");
        let mut group = criterion.benchmark_group(format!("{n}x{k}/{type_name}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(200));
        group.measurement_time(Duration::from_secs(1));
        group.throughput(Throughput::Bytes((n * k * size_of::<F>()) as u64));
        group.bench_function("validation", |b| b.iter(|| black_box(PredProbs::new(view))));
        group.bench_function("get_confident_thresholds", |b| {
            b.iter(|| get_confident_thresholds(black_box(&data)));
        });
        let joint_options = ConfidentJointOptions::default();
        group.bench_function("compute_confident_joint", |b| {
            b.iter(|| compute_confident_joint(black_box(&data), &joint_options));
        });
        for filter_by in FilterBy::ALL {
            let options = FindLabelIssuesOptions::default().with_filter_by(filter_by);
            group.bench_function(format!("find_label_issues/{filter_by}"), |b| {
                b.iter(|| find_label_issues(black_box(&data), &options));
            });
        }
        for method in LabelQualityMethod::ALL {
            group.bench_function(format!("get_label_quality_scores/{method:?}"), |b| {
                b.iter(|| get_label_quality_scores(black_box(&data), method));
            });
        }
    }
}

fn both_types(criterion: &mut Criterion) {
    label_methods::<f64>(criterion, "f64");
    label_methods::<f32>(criterion, "f32");
}

criterion_group!(benches, both_types);
criterion_main!(benches);
