//! The matrices and labels of `cleanlab.benchmarking.noise_generation`, for the same seeds.

use cleanlab_core::{Labels, RandomState};
use cleanlab_noise_generation::{
    BallOptions, MatrixValidity, NoiseError, NoiseMatrixOptions, ProbabilityOptions,
    generate_n_rand_probabilities_that_sum_to_m, generate_noise_matrix_from_trace_seeded,
    generate_noisy_labels_seeded, noise_matrix_is_valid, randomly_distribute_n_balls_into_k_bins,
};
use cleanlab_testkit::parity::{Answer, Check, run};

#[test]
fn noise_generation_equals_the_reference() {
    let functions = [
        "generate_noise_matrix_from_trace",
        "generate_noisy_labels",
        "noise_matrix_is_valid",
        "generate_n_rand_probabilities_that_sum_to_m",
        "randomly_distribute_N_balls_into_K_bins",
    ];
    run("class-labels", &functions, |check| {
        answer(check).unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

fn answer(check: &Check<'_>) -> Result<Answer, NoiseError> {
    let whole = |name| check.number(name) as usize;
    let seed = || check.number("seed") as u32;
    Ok(match check.function {
        "generate_noise_matrix_from_trace" => {
            let mut options = NoiseMatrixOptions::default();
            options.validity = if check.flag("valid") {
                MatrixValidity::Learnable { py: Some(check.vector("py")) }
            } else {
                MatrixValidity::Any
            };
            options.max_iter = whole("max_iter");
            options.frac_zero_noise_rates = check.number("frac_zero_noise_rates");
            if check.has("min_noise_rate") {
                options.min_noise_rate = check.number("min_noise_rate");
            }
            let matrix =
                generate_noise_matrix_from_trace_seeded(whole("k"), check.number("trace"), &options, seed())?;
            Answer::Close(vec![("", matrix.iter().copied().collect())])
        }
        "generate_noisy_labels" => {
            let true_labels = Labels::from_vec(
                check.integers("true_labels").into_iter().map(|label| label as u32).collect(),
            )?;
            let noisy =
                generate_noisy_labels_seeded(&true_labels, check.matrix("noise_matrix").view(), seed())?;
            Answer::Exact(noisy.as_slice().iter().map(|&label| i64::from(label)).collect())
        }
        "noise_matrix_is_valid" => {
            let valid =
                noise_matrix_is_valid(check.matrix("noise_matrix").view(), check.vector("py").view())?;
            Answer::Exact(vec![i64::from(valid)])
        }
        "generate_n_rand_probabilities_that_sum_to_m" => {
            let mut stream = RandomState::new(seed());
            let options = ProbabilityOptions::default();
            let drawn = generate_n_rand_probabilities_that_sum_to_m(
                whole("n"),
                check.number("m"),
                &options,
                &mut stream,
            )?;
            Answer::Close(vec![("", drawn)])
        }
        "randomly_distribute_N_balls_into_K_bins" => {
            let mut stream = RandomState::new(seed());
            let options = BallOptions::default();
            let bins = randomly_distribute_n_balls_into_k_bins(
                whole("balls"),
                whole("bins"),
                &options,
                &mut stream,
            )?;
            Answer::Exact(bins.into_iter().map(|balls| balls as i64).collect())
        }
        other => Answer::Failed(format!("no answer for {other}")),
    })
}
