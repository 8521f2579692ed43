//! Of `cleanlab-noise-generation`.

use cleanlab_core::{Labels, RandomState};
use cleanlab_noise_generation::{
    BallOptions, NoiseMatrixOptions, ProbabilityOptions, generate_n_rand_probabilities_that_sum_to_m,
    generate_noise_matrix_from_trace, generate_noise_matrix_from_trace_seeded, generate_noisy_labels,
    generate_noisy_labels_seeded, noise_matrix_is_valid, randomly_distribute_n_balls_into_k_bins,
};
use ndarray::{Array2, array};

use crate::answers::Answers;

const NAN: f64 = f64::NAN;

pub(super) fn ask(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-noise-generation::{function}");
    let options = NoiseMatrixOptions::default;
    let half = array![0.5, 0.25, 0.25];
    for (input, n_classes, trace, options, says) in [
        ("one class", 1, 0.5, options(), &["1 classes", "at least 2"][..]),
        ("a trace that is NaN", 3, NAN, options(), &["trace is NaN", "at most 3"]),
        ("a trace above the classes", 3, 4.0, options(), &["trace is 4", "at most 3"]),
        ("a trace of 1, from which nothing is learned", 2, 1.0, options(), &["trace is 1", "above 1"]),
        ("no prior for three classes", 3, 2.0, options(), &["py is missing", "3 classes"]),
        ("a prior too few", 3, 2.0, options().with_py(array![0.5, 0.5]), &["length 2", "3 classes"]),
        (
            "a prior that is NaN",
            3,
            2.0,
            options().with_py(array![0.5, NAN, 0.5]),
            &["class 1 is NaN", "[0, 1]"],
        ),
        ("priors that sum to 2", 3, 2.0, options().with_py(array![0.5, 0.75, 0.75]), &["sums to 2", "off 1"]),
        (
            "a smallest rate that is NaN",
            3,
            2.0,
            options().with_py(half.clone()).with_min_noise_rate(NAN),
            &["min_noise_rate is NaN", "[0, 1]"],
        ),
        (
            "a share of zero rates above 1",
            3,
            2.0,
            options().with_py(half.clone()).with_frac_zero_noise_rates(1.5),
            &["frac_zero_noise_rates is 1.5", "[0, 1]"],
        ),
    ] {
        let mut random = RandomState::new(0);
        of.refuses(
            &name("generate_noise_matrix_from_trace"),
            input,
            generate_noise_matrix_from_trace(n_classes, trace, &options, &mut random),
            says,
        );
        of.refuses(
            &name("generate_noise_matrix_from_trace_seeded"),
            input,
            generate_noise_matrix_from_trace_seeded(n_classes, trace, &options, 0),
            says,
        );
    }
    let labels = Labels::from_vec(vec![0, 1, 2]).unwrap();
    for (input, matrix, says) in [
        ("a label beyond the matrix", array![[0.9, 0.2], [0.1, 0.8]], &["2"][..]),
        (
            "a matrix with NaN",
            array![[0.9, 0.0, 0.0], [0.1, NAN, 0.0], [0.0, 0.0, 1.0]],
            &["row 1, column 1 is NaN", "[0, 1]"],
        ),
        (
            "a column that sums to 1.5",
            array![[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            &["column 1 sums to 1.5", "off 1"],
        ),
        ("more rows than columns", Array2::zeros((3, 2)), &["(3, 2)", "one row and one column per class"]),
    ] {
        let mut random = RandomState::new(0);
        of.refuses(
            &name("generate_noisy_labels"),
            input,
            generate_noisy_labels(&labels, matrix.view(), &mut random),
            says,
        );
        of.refuses(
            &name("generate_noisy_labels_seeded"),
            input,
            generate_noisy_labels_seeded(&labels, matrix.view(), 0),
            says,
        );
    }
    let valid =
        |matrix: Array2<f64>, py| noise_matrix_is_valid(matrix.view(), ndarray::Array1::from_vec(py).view());
    of.refuses(
        &name("noise_matrix_is_valid"),
        "a prior too few",
        valid(array![[0.9, 0.2], [0.1, 0.8]], vec![1.0]),
        &["length 1", "2 classes"],
    );
    of.refuses(
        &name("noise_matrix_is_valid"),
        "a rate that is NaN",
        valid(array![[0.9, NAN], [0.1, 0.8]], vec![0.5, 0.5]),
        &["row 0, column 1 is NaN"],
    );
    let probabilities = |n, m, options: ProbabilityOptions| {
        generate_n_rand_probabilities_that_sum_to_m(n, m, &options, &mut RandomState::new(0))
    };
    let function = name("generate_n_rand_probabilities_that_sum_to_m");
    of.refuses(
        &function,
        "a sum that is NaN",
        probabilities(3, NAN, ProbabilityOptions::default()),
        &["m is NaN", "finite"],
    );
    of.refuses(
        &function,
        "a largest probability too small",
        probabilities(3, 1.0, ProbabilityOptions::default().with_max_prob(0.25)),
        &["at most 0.25", "sum to 1", "at least 0.333"],
    );
    of.refuses(
        &function,
        "a smallest probability too large",
        probabilities(3, 1.0, ProbabilityOptions::default().with_min_prob(0.5)),
        &["at least 0.5", "sum to 1", "at most 0.333"],
    );
    of.refuses(
        &function,
        "bounds in the wrong order",
        probabilities(3, 1.0, ProbabilityOptions::default().with_min_prob(0.5).with_max_prob(0.25)),
        &["0.5", "0.25"],
    );
    let balls = |n, bins, options: BallOptions| {
        randomly_distribute_n_balls_into_k_bins(n, bins, &options, &mut RandomState::new(0))
    };
    let function = name("randomly_distribute_n_balls_into_k_bins");
    of.refuses(&function, "no bin", balls(3, 0, BallOptions::default()), &["3 balls", "0 bins"]);
    let full = balls(30, 3, BallOptions::default().with_max_balls_per_bin(2)).unwrap_or_default();
    of.gives(
        &function,
        "more balls than the bins may hold: as many as they do",
        full.into_iter().map(|n| n as f64),
        &[2.0; 3],
    );
    let crossed = BallOptions::default().with_min_balls_per_bin(3).with_max_balls_per_bin(2);
    of.refuses(
        &function,
        "bounds in the wrong order",
        balls(4, 2, crossed),
        &["lower bound 3", "upper bound 2"],
    );
}
