//! Draws of this crate against those of cleanlab, to the last bit.

use cleanlab_core::{Labels, RandomState};
use cleanlab_noise_generation::{
    BallOptions, MatrixValidity, NoiseError, NoiseMatrixOptions, ProbabilityOptions,
    generate_n_rand_probabilities_that_sum_to_m, generate_noise_matrix_from_trace, generate_noisy_labels,
    noise_matrix_is_valid, randomly_distribute_n_balls_into_k_bins,
};
use cleanlab_testkit::{NoiseMatrixCase, NoiseMatrixFailure, noise_generation};
use ndarray::{Array1, Array2};

fn float_bits<'a>(values: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    values.into_iter().map(|value| value.to_bits()).collect()
}

fn options(case: &NoiseMatrixCase) -> NoiseMatrixOptions {
    let mut options = NoiseMatrixOptions::default();
    let given = &case.options;
    if given.valid_noise_matrix == Some(false) {
        options = options.with_validity(MatrixValidity::Any);
    } else if let Some(py) = &case.py {
        options = options.with_py(Array1::from_vec(py.clone()));
    }
    if let Some(bound) = given.max_trace_prob {
        options = options.with_max_trace_prob(bound);
    }
    if let Some(bound) = given.min_trace_prob {
        options = options.with_min_trace_prob(bound);
    }
    if let Some(bound) = given.max_noise_rate {
        options = options.with_max_noise_rate(bound);
    }
    if let Some(bound) = given.min_noise_rate {
        options = options.with_min_noise_rate(bound);
    }
    if let Some(fraction) = given.frac_zero_noise_rates {
        options = options.with_frac_zero_noise_rates(fraction);
    }
    match given.max_iter {
        Some(max_iter) => options.with_max_iter(max_iter),
        None => options,
    }
}

#[test]
fn generate_noise_matrix_recorded_seeds_give_cleanlabs_matrix_labels_and_stream() {
    let mut compared = 0;
    for case in noise_generation().matrices {
        let (Some(matrix), Some(labels)) = (&case.matrix, &case.labels) else {
            continue;
        };
        let what = format!(
            "{} classes, trace {}, seed {}, {:?}",
            case.n_classes, case.trace, case.seed, case.options
        );
        let mut random = RandomState::new(case.seed);
        let drawn =
            generate_noise_matrix_from_trace(case.n_classes, case.trace, &options(&case), &mut random)
                .expect("cleanlab found a matrix");
        matrix.assert_equal(&float_bits(&drawn), &format!("matrix, {what}"));
        let true_labels = Labels::from_vec(case.true_labels()).expect("there are labels");
        let noisy =
            generate_noisy_labels(&true_labels, drawn.view(), &mut random).expect("the matrix is valid");
        let noisy: Vec<u64> = noisy.as_slice().iter().copied().map(u64::from).collect();
        labels.assert_equal(&noisy, &format!("labels, {what}"));
        assert_eq!(vec![random.random_sample().to_bits()], case.next, "stream, {what}");
        compared += 1;
    }
    assert!(compared > 400, "only {compared} matrices were compared");
}

#[test]
fn generate_noise_matrix_where_cleanlab_fails_gives_a_matrix_or_a_typed_error() {
    let mut found = 0;
    for case in noise_generation().matrices {
        let Some(failure) = case.failure else {
            continue;
        };
        let mut random = RandomState::new(case.seed);
        let outcome =
            generate_noise_matrix_from_trace(case.n_classes, case.trace, &options(&case), &mut random);
        match (failure, outcome) {
            (NoiseMatrixFailure::NoRoom, Ok(matrix)) => {
                let rates = options(&case);
                let off_diagonal = matrix.indexed_iter().filter(|((i, j), _)| i != j);
                for (_, &rate) in off_diagonal {
                    assert!(rate >= rates.min_noise_rate - 1e-6 && rate <= rates.max_noise_rate + 1e-6);
                }
                found += 1;
            }
            (_, Err(NoiseError::TriesExhausted { max_iter, not_learnable, no_room })) => {
                assert_eq!((Some(max_iter), not_learnable + no_room), (case.options.max_iter, max_iter));
            }
            (_, outcome) => panic!("{failure:?} became {outcome:?}"),
        }
    }
    assert!(found > 10, "only {found} matrices were found");
}

#[test]
fn generate_noisy_labels_short_decimals_give_cleanlabs_labels() {
    for case in noise_generation().noisy_labels {
        let k = case.noise_matrix.len();
        let matrix = Array2::from_shape_fn((k, k), |(i, j)| case.noise_matrix[i][j]);
        let true_labels = Labels::from_vec(case.true_labels()).expect("there are labels");
        let mut random = RandomState::new(case.seed);
        let noisy =
            generate_noisy_labels(&true_labels, matrix.view(), &mut random).expect("the matrix is valid");
        let noisy: Vec<u64> = noisy.as_slice().iter().copied().map(u64::from).collect();
        case.labels.assert_equal(&noisy, &format!("{case:?}"));
        assert_eq!(vec![random.random_sample().to_bits()], case.next, "stream, {case:?}");
    }
}

#[test]
fn generate_probabilities_recorded_seeds_give_cleanlabs_values() {
    for case in noise_generation().probabilities {
        let options = ProbabilityOptions::default().with_min_prob(case.min_prob).with_max_prob(case.max_prob);
        let drawn = generate_n_rand_probabilities_that_sum_to_m(
            case.n,
            case.m,
            &options,
            &mut RandomState::new(case.seed),
        )
        .expect("cleanlab found probabilities");
        case.drawn.assert_equal(&float_bits(&drawn), &format!("{case:?}"));
    }
}

#[test]
fn distribute_balls_recorded_seeds_give_cleanlabs_counts() {
    for case in noise_generation().balls {
        let mut options = BallOptions::default().with_min_balls_per_bin(case.min);
        if let Some(max) = case.max {
            options = options.with_max_balls_per_bin(max);
        }
        let random = &mut RandomState::new(case.seed);
        let drawn = randomly_distribute_n_balls_into_k_bins(case.n_balls, case.n_bins, &options, random)
            .expect("cleanlab distributed the balls");
        let drawn: Vec<u64> = drawn.into_iter().map(|balls| balls as u64).collect();
        case.drawn.assert_equal(&drawn, &format!("{case:?}"));
    }
}

#[test]
fn noise_matrix_is_valid_recorded_matrices_are_judged_as_by_cleanlab() {
    for case in noise_generation().validity {
        let k = case.py.len();
        let matrix = Array2::from_shape_fn((k, k), |(i, j)| case.noise_matrix[i][j]);
        let valid = noise_matrix_is_valid(matrix.view(), Array1::from_vec(case.py.clone()).view());
        assert_eq!(valid, Ok(case.is_valid), "{case:?}");
    }
}
