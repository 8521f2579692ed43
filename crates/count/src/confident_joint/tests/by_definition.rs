//! The confident joint of random rows, held to its definition.

use cleanlab_core::{Labels, PredProbs, RandomState};

use super::super::*;

/// What each row is confidently in, by the definition.
fn by_definition(thresholds: &[f64], rule: CollisionRule, probs: &[f64]) -> Option<usize> {
    let k = thresholds.len();
    let first_largest = |best: usize, class: usize| if probs[class] > probs[best] { class } else { best };
    let reached = (0..k).filter(|&class| probs[class] >= thresholds[class] - FLOATING_POINT_COMPARISON);
    let reached: Vec<usize> = reached.collect();
    match rule {
        CollisionRule::LargestOfAll if reached.len() > 1 => (0..k).reduce(first_largest),
        _ => reached.into_iter().reduce(first_largest),
    }
}

#[test]
fn confident_joint_counts_what_its_definition_says() {
    let mut random = RandomState::new(8);
    // Few rows of many classes are counted without a matrix per thread; short rows have no notes.
    for (n, k) in [(900, 3), (900, 12), (300, 40), (40, 70)] {
        let labels: Vec<u32> = (0..n).map(|_| random.randint(0, k as i64).unwrap() as u32).collect();
        let mut probs: Vec<f64> = (0..n * k).map(|_| random.randint(0, 9).unwrap() as f64 / 8.0).collect();
        for (row, &label) in probs.chunks_exact_mut(k).zip(&labels).step_by(4) {
            row.fill(0.25);
            row[label as usize] = 1.0;
        }
        // Some classes are reached by few rows and some by most, on levels that rows lie on and between them.
        let thresholds = Array1::from_iter((0..k).map(|class| 1.0 - (class % 6) as f64 / 16.0));
        let data =
            LabeledProbs::new(Labels::new(&labels).unwrap(), PredProbs::from_slice(&probs, k).unwrap())
                .unwrap();
        for rule in [CollisionRule::LargestOfAll, CollisionRule::LargestOfConfident] {
            let mut counts = Array2::<u64>::zeros((k, k));
            let mut off_diagonal = Vec::new();
            for (row, (values, &label)) in probs.chunks_exact(k).zip(&labels).enumerate() {
                if let Some(class) = by_definition(thresholds.as_slice().unwrap(), rule, values) {
                    counts[[label as usize, class]] += 1;
                    if class != label as usize {
                        off_diagonal.push(row);
                    }
                }
            }
            let n_off_diagonal = off_diagonal.len() as u64;
            assert!(n_off_diagonal > 0 && n_off_diagonal < n as u64);
            counts.diag_mut().mapv_inplace(|count| count.max(1));
            let options = ConfidentJointOptions::default()
                .with_thresholds(thresholds.clone())
                .with_collision(rule)
                .with_calibration(Calibration::Uncalibrated);
            let joint = compute_confident_joint(&data, &options).unwrap();
            assert_eq!(joint.counts(), counts, "{rule:?} of {n} rows of {k} classes");
            assert_eq!(joint.n_off_diagonal(), n_off_diagonal);
            assert_eq!(find_off_diagonal_rows(&data, &options).unwrap(), off_diagonal);
            // In batches smaller and larger than the matrix of counts, which are merged.
            for middle in [n - 2, n / 3] {
                let [mut pass, other] = [middle..n, 0..middle].map(|part| {
                    let probs = &probs[part.start * k..part.end * k];
                    let batch = Batch::new(&labels[part.clone()], probs, k, part.start as u64).unwrap();
                    let mut pass = JointAccumulator::new(&thresholds, rule);
                    pass.update(&batch).unwrap();
                    pass
                });
                pass.merge(other).unwrap();
                assert!(pass.check().is_ok());
                assert_eq!(pass.finish().counts(), counts);
            }
            let calibrated =
                compute_confident_joint(&data, &options.with_calibration(Calibration::ToLabelCounts));
            assert_eq!(calibrated, calibrate_confident_joint(&joint, &data.label_counts()));
        }
    }
}

#[test]
fn confident_class_of_many_classes_is_the_only_one_that_reaches_its_cut() {
    // The largest is below its own threshold, wherever the two are: in a row of whole lanes and of what is left over.
    let k = 70;
    for (reached, largest) in [(0, 69), (69, 0), (3, 17), (66, 68), (64, 63), (20, 65)] {
        let mut thresholds = vec![0.9; k];
        thresholds[reached] = 0.4;
        let mut probs = vec![0.25; k];
        probs[largest] = 0.75;
        for (own, expected) in [(0.5, Some(reached)), (0.375, None)] {
            probs[reached] = own;
            for rule in [CollisionRule::LargestOfAll, CollisionRule::LargestOfConfident] {
                assert_eq!(by_definition(&thresholds, rule, &probs), expected);
                let class = ConfidentTest::<f64>::new(&thresholds, rule).class_of_row(&probs);
                assert_eq!(class as usize, expected.unwrap_or(k), "{reached} and {largest}");
            }
            let test = ConfidentTest::<f64>::new(&thresholds, CollisionRule::LargestOfAll);
            assert_eq!(test.count_confident(&probs), u32::from(expected.is_some()));
        }
        thresholds[largest] = 0.7;
        probs[reached] = 0.5;
        let test = ConfidentTest::<f64>::new(&thresholds, CollisionRule::LargestOfAll);
        assert_eq!(test.count_confident(&probs), 2);
        assert_eq!(test.class_of_row(&probs) as usize, largest);
    }
}
