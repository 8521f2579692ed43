//! Laws of noise matrices and noisy labels.

use cleanlab_core::{Labels, RandomState};
use cleanlab_noise_generation::{
    MatrixValidity, NoiseError, NoiseMatrixOptions, generate_noise_matrix_from_trace,
    generate_noise_matrix_from_trace_seeded, generate_noisy_labels, noise_matrix_is_valid,
};
use ndarray::{Array1, Array2};
use proptest::prelude::*;

fn any_matrix(n_classes: usize, share: f64, zeros: f64, seed: u32) -> Array2<f64> {
    let options =
        NoiseMatrixOptions::default().with_validity(MatrixValidity::Any).with_frac_zero_noise_rates(zeros);
    let lowest = if n_classes == 2 { 1.0 } else { 0.01 };
    let trace = lowest + share * (n_classes as f64 - lowest);
    generate_noise_matrix_from_trace_seeded(n_classes, trace, &options, seed)
        .expect("every trace has a matrix")
}

proptest! {
    #[test]
    fn noise_matrix_any_trace_has_it_and_columns_that_sum_to_one(
        n_classes in 2_usize..12,
        share in 0.0..=1.0_f64,
        zeros in 0.0..=1.0_f64,
        seed: u32,
    ) {
        let drawn = any_matrix(n_classes, share, zeros, seed);
        let lowest = if n_classes == 2 { 1.0 } else { 0.01 };
        let trace = lowest + share * (n_classes as f64 - lowest);
        prop_assert!((drawn.diag().sum() - trace).abs() < 1e-9);
        for column in drawn.columns() {
            prop_assert!((column.sum() - 1.0).abs() < 1e-9);
        }
        prop_assert!(drawn.iter().all(|entry| (-1.1e-6..=1.0 + 1.1e-6).contains(entry)));
    }

    #[test]
    fn noise_matrix_same_seed_gives_same_bits(n_classes in 2_usize..12, share in 0.0..=1.0_f64, seed: u32) {
        let bits = |matrix: Array2<f64>| matrix.iter().map(|entry| entry.to_bits()).collect::<Vec<_>>();
        let first = bits(any_matrix(n_classes, share, 0.3, seed));
        prop_assert_eq!(first, bits(any_matrix(n_classes, share, 0.3, seed)));
    }

    #[test]
    fn noise_matrix_learnable_asked_is_learnable(
        n_classes in 3_usize..8,
        share in 0.2..0.9_f64,
        weights in prop::collection::vec(0.1..1.0_f64, 8),
        seed: u32,
    ) {
        let total: f64 = weights[..n_classes].iter().sum();
        let py: Array1<f64> = weights[..n_classes].iter().map(|weight| weight / total).collect();
        let trace = 1.0 + share * (n_classes as f64 - 1.0);
        let options = NoiseMatrixOptions::default().with_py(py.clone()).with_max_iter(200);
        match generate_noise_matrix_from_trace_seeded(n_classes, trace, &options, seed) {
            Ok(drawn) => prop_assert_eq!(noise_matrix_is_valid(drawn.view(), py.view()), Ok(true)),
            Err(error) => {
                let exhausted = matches!(error, NoiseError::TriesExhausted { not_learnable: 200, .. });
                prop_assert!(exhausted, "{}", error);
            }
        }
    }

    #[test]
    fn noisy_labels_any_matrix_flip_as_many_as_it_says(
        n_classes in 2_usize..6,
        share in 0.0..=1.0_f64,
        raw in prop::collection::vec(0_u32..60, 1..300),
        seed: u32,
    ) {
        let true_labels: Vec<u32> = raw.iter().map(|label| label % n_classes as u32).collect();
        let labels = Labels::new(&true_labels).expect("there are labels");
        let matrix = any_matrix(n_classes, share, 0.2, seed);
        let drawn = generate_noisy_labels(&labels, matrix.view(), &mut RandomState::new(seed)).expect("valid input");
        let mut counts = Array2::<f64>::zeros((n_classes, n_classes));
        for (&given, &label) in drawn.as_slice().iter().zip(&true_labels) {
            counts[[given as usize, label as usize]] += 1.0;
        }
        let sizes = labels.counts(n_classes);
        for ((given, label), &count) in counts.indexed_iter().filter(|((given, label), _)| given != label) {
            let asked = matrix[[given, label]] * sizes[label] as f64;
            prop_assert!(count <= asked + 1e-3 && count > asked - 1.0 - 1e-3, "{} for {}", count, asked);
        }
    }

    #[test]
    fn noise_matrix_continued_stream_differs_from_its_start(seed: u32) {
        let options = NoiseMatrixOptions::default();
        let mut random = RandomState::new(seed);
        let first = generate_noise_matrix_from_trace(2, 1.4, &options, &mut random).expect("a trace above 1");
        let second = generate_noise_matrix_from_trace(2, 1.4, &options, &mut random).expect("a trace above 1");
        prop_assert_ne!(first, second);
    }
}
