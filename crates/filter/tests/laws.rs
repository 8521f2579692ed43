//! What holds for any data: the answer does not depend on the order of rows or classes, nor on the threads.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::{LabeledProbs, Labels, PredProbs, RandomState};
use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, find_label_issues};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

/// Continuous probabilities, so that there are no ties, and labels of which some are wrong.
fn draw(seed: u32, n: usize, k: usize) -> (Vec<u32>, Array2<f64>) {
    let mut stream = RandomState::new(seed);
    let mut labels = Vec::with_capacity(n);
    let mut pred_probs = Array2::zeros((n, k));
    for mut row in pred_probs.rows_mut() {
        let true_class = stream.randint(0, k as i64).unwrap();
        let wrong = stream.random_sample() < 0.25;
        labels.push(if wrong { stream.randint(0, k as i64).unwrap() } else { true_class } as u32);
        row.assign(&ndarray::Array1::from(stream.dirichlet(&vec![0.5; k]).unwrap()));
        row *= 0.5;
        row[true_class as usize] += 0.5;
    }
    labels[0] = 0;
    labels[1] = 1;
    (labels, pred_probs)
}

fn mask(labels: &[u32], pred_probs: &Array2<f64>, filter_by: FilterBy) -> Vec<bool> {
    let data =
        LabeledProbs::new(Labels::new(labels).unwrap(), PredProbs::new(pred_probs.view()).unwrap()).unwrap();
    let options = FindLabelIssuesOptions::default().with_filter_by(filter_by);
    find_label_issues(&data, &options).unwrap().mask.to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn find_label_issues_permuted_rows_gives_the_permuted_mask(seed: u32, n in 5_usize..400, k in 2_usize..6) {
        let (labels, pred_probs) = draw(seed, n, k);
        let order = RandomState::new(seed ^ 1).permutation(n);
        let permuted_labels: Vec<u32> = order.iter().map(|&row| labels[row]).collect();
        let permuted_probs = pred_probs.select(Axis(0), &order);
        for filter_by in FilterBy::ALL {
            let whole = mask(&labels, &pred_probs, filter_by);
            let expected: Vec<bool> = order.iter().map(|&row| whole[row]).collect();
            prop_assert_eq!(mask(&permuted_labels, &permuted_probs, filter_by), expected, "{}", filter_by);
        }
    }

    #[test]
    fn find_label_issues_renamed_classes_gives_the_same_mask(seed: u32, n in 5_usize..400, k in 2_usize..6) {
        let (labels, pred_probs) = draw(seed, n, k);
        let new_name = RandomState::new(seed ^ 2).permutation(k);
        let renamed_labels: Vec<u32> = labels.iter().map(|&label| new_name[label as usize] as u32).collect();
        let mut renamed_probs = Array2::zeros((n, k));
        for (class, &name) in new_name.iter().enumerate() {
            renamed_probs.column_mut(name).assign(&pred_probs.column(class));
        }
        // Methods that round counts break ties between classes by their order, so only those that do not are compared.
        for filter_by in [
            FilterBy::ConfidentLearning,
            FilterBy::PredictedNeqGiven,
            FilterBy::LowNormalizedMargin,
            FilterBy::LowSelfConfidence,
        ] {
            prop_assert_eq!(
                mask(&renamed_labels, &renamed_probs, filter_by),
                mask(&labels, &pred_probs, filter_by),
                "{}",
                filter_by
            );
        }
    }

    #[test]
    fn find_label_issues_more_noise_flags_more(seed: u32, n in 20_usize..400, k in 2_usize..6) {
        let (labels, pred_probs) = draw(seed, n, k);
        let labels = Labels::new(&labels).unwrap();
        let data = LabeledProbs::new(labels, PredProbs::new(pred_probs.view()).unwrap()).unwrap();
        let flagged = |frac_noise| {
            let options = FindLabelIssuesOptions::default().with_frac_noise(frac_noise);
            find_label_issues(&data, &options).unwrap().mask
        };
        let mut fewer = flagged(0.0);
        prop_assert!(!fewer.iter().any(|&issue| issue));
        for frac_noise in [0.25, 0.5, 0.75, 1.0] {
            let more = flagged(frac_noise);
            prop_assert!(fewer.iter().zip(&more).all(|(fewer, more)| !fewer || *more), "{frac_noise}");
            fewer = more;
        }
    }
}

#[test]
fn find_label_issues_any_number_of_threads_gives_the_same_bits() {
    let (labels, pred_probs) = draw(7, 60_000, 4);
    for filter_by in FilterBy::ALL {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| mask(&labels, &pred_probs, filter_by))
        };
        let one = on(1);
        assert!(one.iter().any(|&issue| issue), "{filter_by} flags nothing");
        for threads in [2, 4, 8] {
            assert_eq!(on(threads), one, "{filter_by} on {threads} threads");
        }
    }
}

#[test]
fn find_label_issues_more_to_remove_than_there_are_flags_as_many_as_there_are() {
    // Eight numbers are added up in another order than three.
    for k in [3, 8] {
        let (labels, pred_probs) = draw(11, 200, k);
        for filter_by in [FilterBy::PruneByNoiseRate, FilterBy::PruneByClass, FilterBy::Both] {
            let flagged = |to_remove: u64| {
                let pred_probs = PredProbs::new(pred_probs.view()).unwrap();
                let data = LabeledProbs::new(Labels::new(&labels).unwrap(), pred_probs).unwrap();
                let options = FindLabelIssuesOptions::default()
                    .with_filter_by(filter_by)
                    .with_num_to_remove_per_class(vec![to_remove; k]);
                find_label_issues(&data, &options).unwrap().mask
            };
            let most = flagged(1_000_000);
            assert!(most.iter().any(|&issue| issue));
            // As a whole number of 64 bits with a sign, and as one without.
            for to_remove in [u64::MAX / 4, u64::MAX / 2, u64::MAX] {
                assert_eq!(flagged(to_remove), most, "{to_remove} of {k} classes by {filter_by}");
            }
        }
    }
}
