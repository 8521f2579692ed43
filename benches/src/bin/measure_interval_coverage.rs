//! Measures how often the intervals of cleanlab-dataset hold, on simulated data of which the noise is known.
//!
//! `measure_interval_coverage [REPLICATES]` draws that many data sets for each setting (1000 by default) and prints, per
//! quantity and method, how often a 95 % interval contained
//!
//! * the *mean estimate*: the mean of the estimate over all data sets of the setting. This is what an interval promises:
//!   how far chance alone moves the estimate;
//! * the *truth*: what the quantity really was in that very data set. Confident learning is biased where classes
//!   overlap or models err, and no resampling of counts can know that.

#![allow(clippy::print_stdout, reason = "a command-line program")]

use anyhow::{Context, Result};
use cleanlab_core::{LabeledProbs, Labels, PredProbs, RandomState};
use cleanlab_count::{EstimationMethod, num_label_issues};
use cleanlab_dataset::{
    HealthSource, Interval, IntervalMethod, IntervalOptions, Symmetry, class_noise_intervals,
    find_overlapping_classes, num_label_issues_interval, overlap_intervals, rank_classes_by_label_quality,
};
use cleanlab_learning::{
    CvEstimationOptions, LogisticRegression, TrainingSet, estimate_cv_predicted_probabilities,
};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// Who predicts.
#[derive(Clone, Copy, PartialEq)]
enum Model {
    /// Knows the distributions, and so the probability of every given label. The same for all data sets.
    Ideal,
    /// Logistic regression, cross-validated on each data set, so that it varies with the data.
    CrossValidated,
}

struct Setting {
    name: &'static str,
    n: usize,
    k: usize,
    /// Share of wrong labels.
    noise: f64,
    /// Distance of neighbouring classes, in standard deviations.
    distance: f64,
    model: Model,
}

const SETTINGS: [Setting; 6] = [
    Setting { name: "ideal model, apart", n: 1000, k: 3, noise: 0.1, distance: 6.0, model: Model::Ideal },
    Setting { name: "ideal model, touching", n: 1000, k: 3, noise: 0.1, distance: 3.0, model: Model::Ideal },
    Setting {
        name: "ideal model, ten classes",
        n: 5000,
        k: 10,
        noise: 0.2,
        distance: 4.0,
        model: Model::Ideal,
    },
    Setting {
        name: "ideal model, rare noise",
        n: 1000,
        k: 5,
        noise: 0.01,
        distance: 6.0,
        model: Model::Ideal,
    },
    Setting {
        name: "logistic regression, apart",
        n: 1000,
        k: 3,
        noise: 0.1,
        distance: 6.0,
        model: Model::CrossValidated,
    },
    Setting {
        name: "logistic regression, touching",
        n: 1000,
        k: 3,
        noise: 0.1,
        distance: 3.0,
        model: Model::CrossValidated,
    },
];

const METHODS: [IntervalMethod; 2] = [IntervalMethod::Exact, IntervalMethod::Bootstrap];

const QUANTITIES: [&str; 5] =
    ["num_label_issues", "… calibrated", "label noise", "inverse label noise", "overlap of a pair"];

/// Whether a quantity is a count out of a number of examples.
const HAS_EXACT: [bool; 5] = [true, false, true, false, false];

/// One quantity in one data set.
struct Measured {
    quantity: usize,
    /// Which class or pair.
    part: usize,
    estimate: f64,
    truth: f64,
    /// By method.
    intervals: [Interval; 2],
}

fn main() -> Result<()> {
    let replicates = match std::env::args().nth(1) {
        Some(number) => number.parse().context("REPLICATES is not a number")?,
        None => 1000,
    };
    println!(
        "| setting | quantity | method | holds the mean estimate | holds the truth | mean bias | mean width |"
    );
    println!("|---|---|---|---|---|---|---|");
    for setting in &SETTINGS {
        let data_sets: Vec<Vec<Measured>> =
            (0..replicates).into_par_iter().map(|seed| measure(setting, seed)).collect::<Result<_>>()?;
        report(setting, &data_sets.into_iter().flatten().collect::<Vec<_>>());
    }
    Ok(())
}

fn report(setting: &Setting, measured: &[Measured]) {
    for (quantity, name) in QUANTITIES.iter().enumerate() {
        let of_quantity: Vec<&Measured> = measured.iter().filter(|one| one.quantity == quantity).collect();
        let parts = of_quantity.iter().map(|one| one.part).max().unwrap_or_default() + 1;
        let mut sums = vec![(0.0, 0.0); parts];
        for one in &of_quantity {
            sums[one.part].0 += one.estimate;
            sums[one.part].1 += 1.0;
        }
        let mean = |part: usize| sums[part].0 / sums[part].1;
        let share = |holds: &dyn Fn(&Measured) -> f64| {
            of_quantity.iter().map(|one| holds(one)).sum::<f64>() / of_quantity.len() as f64
        };
        for (method, method_name) in [(0, "exact"), (1, "bootstrap")] {
            // Where no exact interval is known, both methods are the bootstrap.
            if method == 0 && !HAS_EXACT[quantity] {
                continue;
            }
            let of_mean = share(&|one| f64::from(one.intervals[method].contains(mean(one.part))));
            let of_truth = share(&|one| f64::from(one.intervals[method].contains(one.truth)));
            let bias = share(&|one| one.estimate - one.truth);
            let width = share(&|one| one.intervals[method].width());
            println!(
                "| {} | {name} | {method_name} | {:.1} % | {:.1} % | {bias:.4} | {width:.4} |",
                setting.name,
                100.0 * of_mean,
                100.0 * of_truth
            );
        }
    }
}

/// Draws a data set and takes all its intervals.
fn measure(setting: &Setting, seed: u32) -> Result<Vec<Measured>> {
    let Setting { n, k, .. } = *setting;
    let noise_matrix = noise_matrix(k, setting.noise);
    let mut random = RandomState::from_seed_words(&[seed, n as u32, k as u32])?;
    let centres = centres(k, setting.distance);
    let mut features = Array2::zeros((n, 2));
    let (mut labels, mut counts) = (Vec::with_capacity(n), Array2::<f64>::zeros((k, k)));
    for mut row in features.rows_mut() {
        let true_class = random.randint(0, k as i64)? as usize;
        for (axis, value) in row.iter_mut().enumerate() {
            *value = centres[[true_class, axis]] + random.standard_normal();
        }
        let mut left = random.random_sample();
        let given = (0..k - 1).find(|&given| {
            left -= noise_matrix[[given, true_class]];
            left < 0.0
        });
        let given = given.unwrap_or(k - 1);
        counts[[given, true_class]] += 1.0;
        labels.push(given as u32);
    }
    let pred_probs = match setting.model {
        Model::Ideal => ideal_predictions(features.view(), centres.view(), noise_matrix.view()),
        Model::CrossValidated => {
            let training = TrainingSet::new(features.view(), &labels, k)?;
            let model = LogisticRegression::default();
            let options = CvEstimationOptions::default().with_seed(seed);
            estimate_cv_predicted_probabilities(&model, &training, &options)?.pred_probs
        }
    };
    let data = LabeledProbs::new(Labels::new(&labels)?, PredProbs::new(pred_probs.view())?)?;
    intervals_of(&data, &counts, seed)
}

fn intervals_of(data: &LabeledProbs<'_, f64>, counts: &Array2<f64>, seed: u32) -> Result<Vec<Measured>> {
    let (n, k) = (data.len() as f64, data.n_classes());
    let source = HealthSource::probabilities(data);
    let options = METHODS.map(|method| IntervalOptions::default().with_method(method).with_seed(seed));
    let wrong = n - counts.diag().sum();
    let mut measured = Vec::new();
    for (quantity, method) in
        [EstimationMethod::OffDiagonal, EstimationMethod::OffDiagonalCalibrated].iter().enumerate()
    {
        let of = |options| num_label_issues_interval(data, method, options);
        let intervals = [of(&options[0])?, of(&options[1])?];
        let estimate = num_label_issues(data, method)? as f64;
        measured.push(Measured { quantity, part: 0, estimate, truth: wrong, intervals });
    }
    let of_classes =
        [class_noise_intervals(&source, &options[0])?, class_noise_intervals(&source, &options[1])?];
    for row in rank_classes_by_label_quality(&source)? {
        let class = row.class;
        let right = counts[[class, class]];
        let label_noise = [0, 1].map(|method: usize| of_classes[method][class].label_noise);
        let truth = 1.0 - right / counts.row(class).sum();
        measured.push(Measured {
            quantity: 2,
            part: class,
            estimate: row.label_noise,
            truth,
            intervals: label_noise,
        });
        let inverse = [0, 1].map(|method: usize| of_classes[method][class].inverse_label_noise);
        let truth = 1.0 - right / counts.column(class).sum();
        let estimate = row.inverse_label_noise;
        measured.push(Measured { quantity: 3, part: class, estimate, truth, intervals: inverse });
    }
    let pairs = find_overlapping_classes(&source, Symmetry::Symmetric)?;
    let of = |options| overlap_intervals(&source, &pairs, Symmetry::Symmetric, options);
    let of_pairs = [of(&options[0])?, of(&options[1])?];
    for (at, pair) in pairs.iter().enumerate() {
        let (a, b) = (pair.class_a, pair.class_b);
        measured.push(Measured {
            quantity: 4,
            part: a * k + b,
            estimate: pair.joint_probability,
            truth: (counts[[a, b]] + counts[[b, a]]) / n,
            intervals: [of_pairs[0][at], of_pairs[1][at]],
        });
    }
    Ok(measured)
}

/// Classes on a circle, so that each has two neighbours at this distance.
fn centres(k: usize, distance: f64) -> Array2<f64> {
    let turn = std::f64::consts::TAU / k as f64;
    let radius = distance / (2.0 * (turn / 2.0).sin());
    Array2::from_shape_fn((k, 2), |(class, axis)| {
        let angle = turn * class as f64;
        radius * if axis == 0 { angle.cos() } else { angle.sin() }
    })
}

/// p(given | true): wrong labels fall on the next class three times as often as on each of the others.
fn noise_matrix(k: usize, noise: f64) -> Array2<f64> {
    let parts = (k - 2) as f64 + 3.0;
    Array2::from_shape_fn((k, k), |(given, truth)| {
        if given == truth {
            1.0 - noise
        } else if given == (truth + 1) % k {
            noise * 3.0 / parts
        } else {
            noise / parts
        }
    })
}

/// p(given label | features) of who knows the distributions.
fn ideal_predictions(
    features: ArrayView2<'_, f64>,
    centres: ArrayView2<'_, f64>,
    noise_matrix: ArrayView2<'_, f64>,
) -> Array2<f64> {
    let mut pred_probs = Array2::zeros((features.nrows(), centres.nrows()));
    for (row, mut out) in features.rows().into_iter().zip(pred_probs.rows_mut()) {
        let squared = centres.rows().into_iter().map(|centre| (&row - &centre).mapv(|x| x * x).sum());
        let squared: Vec<f64> = squared.collect();
        let nearest = squared.iter().copied().fold(f64::INFINITY, f64::min);
        let density = ndarray::Array1::from_iter(squared.iter().map(|d| (-(d - nearest) / 2.0).exp()));
        let posterior = &density / density.sum();
        out.assign(&noise_matrix.dot(&posterior));
    }
    pred_probs
}
