//! Every label method gives the same bits on 1, 2, 4 and 8 threads, for short rows, rows with notes and long rows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Debug;

use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_count as count;
use cleanlab_dataset as dataset;
use cleanlab_filter as filter;
use cleanlab_filter::FilterBy;
use cleanlab_multilabel as multilabel;
use cleanlab_multilabel::{FindMultilabelIssuesOptions, MultiLabels, MultilabelProbs};
use cleanlab_rank as rank;
use cleanlab_rank::{EnsembleOptions, EnsembleWeighting, LabelQualityMethod};
use ndarray::{Array1, Array2};

/// Labels and probabilities; a label in five is another than the class with the largest probability.
fn draw<F: Float>(n: usize, k: usize) -> (Vec<u32>, Array2<F>) {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut labels = Vec::new();
    let mut pred_probs = Array2::from_elem((n, k), F::from_f64(0.0));
    for mut row in pred_probs.rows_mut() {
        let class = (next() * k as f64) as usize;
        labels.push(if next() < 0.2 { (next() * k as f64) as u32 } else { class as u32 });
        let mut values: Vec<f64> = (0..k).map(|_| next()).collect();
        values[class] += k as f64 * next();
        let total: f64 = values.iter().sum();
        row.iter_mut().zip(values).for_each(|(p, value)| *p = F::from_f64(value / total));
    }
    (labels, pred_probs)
}

/// What something prints, which for floats tells every bit.
fn bits(name: impl Debug, value: impl Debug) -> String {
    format!("{name:?}: {value:?}")
}

fn count_answers<F: Float>(data: &LabeledProbs<'_, F>) -> Vec<String> {
    let options = count::ConfidentJointOptions::default();
    let joint = count::compute_confident_joint(data, &options).unwrap();
    let estimates = count::estimate_py_and_noise_matrices_from_probabilities(
        data,
        &options,
        &count::LatentOptions::default(),
    )
    .unwrap();
    let flat = |matrix: Array2<f64>| matrix.into_iter().collect::<Vec<_>>();
    vec![
        bits("thresholds", count::get_confident_thresholds(data).unwrap().to_vec()),
        bits("joint", joint.counts().iter().collect::<Vec<_>>()),
        bits("off diagonal", count::find_off_diagonal_rows(data, &options).unwrap()),
        bits("issues", count::find_confident_issues(data, &options).unwrap()),
        bits("count", count::num_label_issues(data, &count::EstimationMethod::OffDiagonal).unwrap()),
        bits(
            "calibrated",
            count::num_label_issues(data, &count::EstimationMethod::OffDiagonalCalibrated).unwrap(),
        ),
        bits("joint of", flat(count::estimate_joint_from_probabilities(data, &options).unwrap())),
        bits("py", estimates.latent.py.to_vec()),
        bits("noise", flat(estimates.latent.noise_matrix)),
    ]
}

fn filter_and_rank_answers<F: Float>(data: &LabeledProbs<'_, F>) -> Vec<String> {
    let mut answers = Vec::new();
    for filter_by in FilterBy::ALL {
        let options = filter::FindLabelIssuesOptions::default().with_filter_by(filter_by);
        let issues = filter::find_label_issues(data, &options).unwrap();
        assert!(issues.n_issues() > 0, "{filter_by} flags nothing");
        answers.push(bits(filter_by, issues.indices()));
        answers.push(bits("warnings", &issues.warnings));
        answers.push(bits("ranked", issues.ranked_by(data, LabelQualityMethod::NormalizedMargin).unwrap()));
    }
    answers.push(bits("predicted", filter::find_predicted_neq_given(data).to_vec()));
    let confusion = filter::ArgmaxConfusionOptions::default();
    let issues = filter::find_label_issues_using_argmax_confusion_matrix(data, confusion).unwrap();
    answers.push(bits("confusion", issues.indices()));
    for method in LabelQualityMethod::ALL {
        let scores = rank::get_label_quality_scores(data, method).unwrap();
        answers.push(bits(method, scores.to_vec()));
        answers.push(bits("top", rank::find_top_issues(scores.view(), 100)));
    }
    let members = [data.pred_probs().borrowed(), data.pred_probs().borrowed()];
    for weighting in [
        EnsembleWeighting::Accuracy,
        EnsembleWeighting::Uniform,
        EnsembleWeighting::log_loss_search(),
        EnsembleWeighting::Custom(vec![0.25, 0.5]),
    ] {
        let options = EnsembleOptions::default().with_weighting(weighting);
        let scores = rank::get_label_quality_ensemble_scores(data.labels(), &members, &options).unwrap();
        answers.push(bits("ensemble", (scores.scores.to_vec(), scores.weights)));
    }
    answers
}

fn dataset_answers<F: Float>(data: &LabeledProbs<'_, F>) -> Vec<String> {
    let source = dataset::HealthSource::probabilities(data);
    let symmetry = dataset::Symmetry::Symmetric;
    let summary = dataset::health_summary(&source, symmetry).unwrap();
    vec![
        bits("score", dataset::overall_label_health_score(&source).unwrap()),
        bits("classes", dataset::rank_classes_by_label_quality(&source).unwrap()),
        bits("overlaps", dataset::find_overlapping_classes(&source, symmetry).unwrap()),
        bits("summary", (&summary.classes_by_label_quality, summary.num_label_issues)),
        bits("joint", summary.joint.iter().collect::<Vec<_>>()),
    ]
}

fn multilabel_answers<F: Float>(data: &MultilabelProbs<'_, F>) -> Vec<String> {
    let mut answers = Vec::new();
    for filter_by in FilterBy::ALL {
        let options = FindMultilabelIssuesOptions::default().with_filter_by(filter_by);
        let issues = multilabel::find_label_issues(data, &options).unwrap();
        let ranked = issues.ranked_by(data, LabelQualityMethod::SelfConfidence).unwrap();
        answers.push(bits(filter_by, (issues.indices(), ranked)));
        let per_class = multilabel::find_multilabel_issues_per_class(data, &options).unwrap();
        answers.push(bits("per class", per_class.indices()));
    }
    for method in LabelQualityMethod::ALL {
        let scores = multilabel::get_label_quality_scores_per_class(data, method).unwrap();
        answers.push(bits(method, scores.into_iter().collect::<Vec<_>>()));
    }
    let scores: Array1<f64> =
        multilabel::get_label_quality_scores(data, &multilabel::MultilabelScoreOptions::default()).unwrap();
    answers.push(bits("scores", scores.to_vec()));
    answers.push(bits("count", multilabel::num_label_issues(data).unwrap()));
    answers.push(bits("predicted", multilabel::find_predicted_neq_given(data).to_vec()));
    answers.push(bits(
        "common",
        multilabel::common_multilabel_issues(data, &FindMultilabelIssuesOptions::default()).unwrap(),
    ));
    answers
}

fn on_threads(answers: impl Fn() -> Vec<String> + Sync) {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(&answers)
    };
    let one = on(1);
    for threads in [2, 4, 8] {
        for (found, expected) in on(threads).iter().zip(&one) {
            assert!(found == expected, "{threads} threads differ: {}", &expected[..expected.len().min(60)]);
        }
    }
}

fn check<F: Float>(n: usize, k: usize) {
    let (labels, pred_probs) = draw::<F>(n, k);
    on_threads(|| {
        let pred_probs = PredProbs::new(pred_probs.view()).unwrap();
        let data = LabeledProbs::new(Labels::new(&labels).unwrap(), pred_probs).unwrap();
        let mut answers = vec![bits("sums", data.pred_probs().row_sums())];
        answers.extend(count_answers(&data));
        answers.extend(filter_and_rank_answers(&data));
        answers.extend(dataset_answers(&data));
        answers
    });
}

#[test]
fn label_methods_of_short_rows_any_number_of_threads_give_the_same_bits() {
    check::<f64>(40_000, 3);
    check::<f32>(20_000, 10);
}

#[test]
fn label_methods_of_noted_rows_any_number_of_threads_give_the_same_bits() {
    check::<f64>(20_000, 10);
    check::<f32>(8_000, 24);
}

#[test]
fn label_methods_of_long_rows_any_number_of_threads_give_the_same_bits() {
    check::<f64>(3_000, 70);
    check::<f32>(2_000, 300);
}

#[test]
fn multilabel_methods_any_number_of_threads_give_the_same_bits() {
    let (n, k) = (9_000, 11);
    let (_, pred_probs) = draw::<f64>(n, k);
    let given =
        |row: usize| (0..k as u32).filter(move |&class| (row * 7 + class as usize * 5) % 11 < 3).collect();
    let lists: Vec<Vec<u32>> = (0..n).map(given).collect();
    on_threads(|| {
        let labels = MultiLabels::from_lists(&lists, k).unwrap();
        let data = MultilabelProbs::new(labels, PredProbs::new(pred_probs.view()).unwrap()).unwrap();
        multilabel_answers(&data)
    });
}
