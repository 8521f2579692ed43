//! Of `cleanlab-count`.

use cleanlab_core::Labels;
use cleanlab_core::PredProbs;
use cleanlab_count::{
    ConfidentJoint, ConfidentJointOptions, EstimationMethod, LatentOptions, MatrixDisplay, NoiseRates,
    PyMethod, ThresholdAdjustment, calibrate_confident_joint, compute_confident_joint,
    compute_inv_noise_matrix, compute_noise_matrix_from_inverse, compute_ps_py_inv_noise_matrix, compute_py,
    compute_py_inv_noise_matrix, compute_pyx, estimate_joint, estimate_joint_from_probabilities,
    estimate_latent, estimate_latent_from_counts, estimate_py_and_noise_matrices_from_probabilities,
    find_confident_issues, find_off_diagonal_rows, get_confident_thresholds, num_label_issues,
    off_diagonal_count, subtract_confident_thresholds, uncalibrated_joint,
};
use ndarray::{Array1, Array2, array};

use super::{good, paired, probs};
use crate::answers::Answers;

const NAN: f64 = f64::NAN;

pub(super) fn ask(of: &mut Answers) {
    joints(of);
    thresholds(of);
    algebra(of);
    latent(of);
}

fn joint() -> ConfidentJoint {
    ConfidentJoint::from_counts(array![[5_u64, 1], [1, 5]]).unwrap()
}

fn joints(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-count::{function}");
    of.refuses(
        &name("ConfidentJoint::from_counts"),
        "more rows than columns",
        ConfidentJoint::from_counts(Array2::zeros((2, 1))),
        &["(2, 1)", "one row and column per class"],
    );
    of.refuses(
        &name("ConfidentJoint::from_counts"),
        "no class",
        ConfidentJoint::from_counts(Array2::zeros((0, 0))),
        &["(0, 0)", "one row and column per class"],
    );
    of.refuses(
        &name("ConfidentJoint::check_memory"),
        "a million classes",
        ConfidentJoint::check_memory(1_000_000),
        &["1000000 given and 1000000 true classes", "memory", "Score the labels"],
    );
    of.refuses(
        &name("calibrate_confident_joint"),
        "counts beyond 64 bits",
        calibrate_confident_joint(&joint(), &[u64::MAX, 1]),
        &["label_counts", "2^64"],
    );
    of.refuses(
        &name("calibrate_confident_joint"),
        "counts of another number of classes",
        calibrate_confident_joint(&joint(), &[1, 2, 3]),
        &["3 entries", "2 classes", "one per class"],
    );
    let calibrated =
        calibrate_confident_joint(&joint(), &[0, 0]).map(|joint| joint.counts().mapv(|n| n as f64));
    of.gives(
        &name("calibrate_confident_joint"),
        "no example of any class",
        calibrated.unwrap_or_default(),
        &[0.0; 4],
    );
    of.refuses(
        &name("estimate_joint"),
        "counts of another number of classes",
        estimate_joint(&joint(), &[1]),
        &["1 entries", "2 classes"],
    );
    of.gives(
        &name("estimate_joint"),
        "no example of any class",
        estimate_joint(&joint(), &[0, 0]).unwrap_or_default(),
        &[0.0; 4],
    );
    let empty = ConfidentJoint::from_counts(array![[0_u64, 0], [0, 0]]).unwrap();
    of.gives(&name("uncalibrated_joint"), "no counts", uncalibrated_joint(&empty), &[0.0; 4]);
    of.gives(
        &name("off_diagonal_count"),
        "a joint of zeros",
        [off_diagonal_count(&Array2::zeros((2, 2)), 10) as f64],
        &[10.0],
    );
    let three = ConfidentJoint::from_counts(Array2::zeros((3, 3))).unwrap();
    let method = EstimationMethod::OffDiagonalCustom(three);
    of.refuses(
        &name("num_label_issues"),
        "a joint of another number of classes",
        num_label_issues(&good(), &method),
        &["(3, 3)", "(2, 2)"],
    );
}

fn thresholds(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-count::{function}");
    let probs = PredProbs::new(probs()).unwrap();
    let subtract = |thresholds: Array1<f64>| subtract_confident_thresholds(&probs, &thresholds);
    of.refuses(
        &name("subtract_confident_thresholds"),
        "a threshold too few",
        subtract(array![0.5]),
        &["1 entries", "2 classes"],
    );
    of.refuses(
        &name("subtract_confident_thresholds"),
        "a threshold that is NaN",
        subtract(array![0.5, NAN]),
        &["NaN at index 1", "finite"],
    );
    of.refuses(
        &name("subtract_confident_thresholds"),
        "thresholds that leave nothing",
        subtract_confident_thresholds(
            &PredProbs::new(array![[0.5, 0.5], [0.0, 0.0]]).unwrap(),
            &array![0.0, 0.0],
        ),
        &["row 1", "sum to 0", "without adjustment"],
    );
    of.refuses(
        &name("ThresholdAdjustment::new"),
        "a threshold that is infinite",
        ThresholdAdjustment::new(array![f64::INFINITY]),
        &["inf at index 0", "finite"],
    );
    let mut row = [0.0; 2];
    let adjustment = ThresholdAdjustment::new(array![0.0, 0.0]).unwrap();
    of.refuses(
        &name("ThresholdAdjustment::adjust_row"),
        "a row of zeros",
        adjustment.adjust_row(&[0.0, 0.0], &mut row),
        &["sum to 0", "cannot be rescaled"],
    );
    let with = |thresholds| ConfidentJointOptions::default().with_thresholds(thresholds);
    let one = with(array![0.5]);
    let nan = with(array![0.5, NAN]);
    let data = good();
    of.refuses(
        &name("compute_confident_joint"),
        "a threshold too few",
        compute_confident_joint(&data, &one),
        &["1 entries", "2 classes"],
    );
    of.refuses(
        &name("compute_confident_joint"),
        "a threshold that is NaN",
        compute_confident_joint(&data, &nan),
        &["NaN at index 1", "finite"],
    );
    of.refuses(
        &name("find_off_diagonal_rows"),
        "a threshold that is NaN",
        find_off_diagonal_rows(&data, &nan),
        &["NaN at index 1", "finite"],
    );
    of.refuses(
        &name("find_confident_issues"),
        "a threshold too few",
        find_confident_issues(&data, &one),
        &["1 entries", "2 classes"],
    );
    of.refuses(
        &name("estimate_joint_from_probabilities"),
        "a threshold that is NaN",
        estimate_joint_from_probabilities(&data, &nan),
        &["NaN at index 1", "finite"],
    );
    of.refuses(
        &name("estimate_py_and_noise_matrices_from_probabilities"),
        "a threshold too few",
        estimate_py_and_noise_matrices_from_probabilities(&data, &one, &LatentOptions::default()),
        &["1 entries", "2 classes"],
    );
    let absent = paired(&[0, 0], array![[0.75, 0.25], [0.25, 0.75]]);
    let found = get_confident_thresholds(&absent).unwrap_or_default();
    of.gives(&name("get_confident_thresholds"), "a class without labels", found, &[0.5, 2.0]);
    for (display, result) in [
        ("joint", MatrixDisplay::joint(Array2::zeros((2, 1)).view()).map(|_| ())),
        ("noise_matrix", MatrixDisplay::noise_matrix(Array2::zeros((2, 1)).view()).map(|_| ())),
        (
            "inverse_noise_matrix",
            MatrixDisplay::inverse_noise_matrix(Array2::zeros((2, 1)).view()).map(|_| ()),
        ),
        ("counts", MatrixDisplay::counts(Array2::zeros((2, 1)).view()).map(|_| ())),
    ] {
        of.refuses(
            &name(&format!("MatrixDisplay::{display}")),
            "more rows than columns",
            result,
            &["(2, 1)", "one row and column per class"],
        );
    }
}

fn algebra(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-count::{function}");
    let (half, noise) = (array![0.5, 0.5], array![[0.9, 0.2], [0.1, 0.8]]);
    let (singular, bad) = (array![[0.5, 0.5], [0.5, 0.5]], array![[0.9, NAN], [0.1, 0.8]]);
    let inverse = compute_inv_noise_matrix;
    of.refuses(
        &name("compute_inv_noise_matrix"),
        "a prior too few",
        inverse(array![1.0].view(), noise.view(), None),
        &["expected (1, 1)"],
    );
    of.refuses(
        &name("compute_inv_noise_matrix"),
        "a rate that is NaN",
        inverse(half.view(), bad.view(), None),
        &["NaN at index 1", "finite"],
    );
    of.refuses(
        &name("compute_inv_noise_matrix"),
        "a prior that is NaN",
        inverse(array![NAN, 0.5].view(), noise.view(), None),
        &["NaN at index 0", "finite"],
    );
    of.gives(
        &name("compute_inv_noise_matrix"),
        "priors of zero",
        inverse(array![0.0, 0.0].view(), noise.view(), None).unwrap_or_default(),
        &[0.0; 4],
    );
    let forward = compute_noise_matrix_from_inverse;
    of.refuses(
        &name("compute_noise_matrix_from_inverse"),
        "a prior too many",
        forward(array![0.5, 0.25, 0.25].view(), noise.view(), None),
        &["expected (3, 3)"],
    );
    of.refuses(
        &name("compute_noise_matrix_from_inverse"),
        "a rate that is NaN",
        forward(half.view(), bad.view(), None),
        &["NaN at index 1", "finite"],
    );
    of.refuses(
        &name("compute_py_inv_noise_matrix"),
        "a singular noise matrix",
        compute_py_inv_noise_matrix(half.view(), singular.view()),
        &["no inverse", "choose another py_method"],
    );
    of.refuses(
        &name("compute_py_inv_noise_matrix"),
        "a rate that is NaN",
        compute_py_inv_noise_matrix(half.view(), bad.view()),
        &["NaN at index 1", "finite"],
    );
    let labels = Labels::from_vec(vec![0, 1, 2]).unwrap();
    of.refuses(
        &name("compute_ps_py_inv_noise_matrix"),
        "a label beyond the matrix",
        compute_ps_py_inv_noise_matrix(&labels, noise.view()),
        &["class 2", "from 0 to 1", "correct the labels"],
    );
    let rates = |noise: &Array2<f64>, method| {
        let rates = NoiseRates {
            ps: half.view(),
            noise_matrix: noise.view(),
            inverse_noise_matrix: noise.view(),
            true_label_counts: half.view(),
        };
        compute_py(rates, method)
    };
    of.refuses(
        &name("compute_py"),
        "a rate that is NaN",
        rates(&bad, PyMethod::Counts),
        &["NaN at index 1", "finite"],
    );
    of.refuses(
        &name("compute_py"),
        "a singular noise matrix, by the equation",
        rates(&singular, PyMethod::Equation),
        &["no inverse", "choose another py_method"],
    );
    let zeros = rates(&Array2::zeros((2, 2)), PyMethod::Counts);
    of.gives(
        &name("compute_py"),
        "noise rates of zero, by the counts",
        zeros.unwrap_or_default(),
        &[0.5, 0.5],
    );
    let pyx = |probs: Array2<f64>, noise: &Array2<f64>| compute_pyx(probs.view(), noise.view(), noise.view());
    of.refuses(
        &name("compute_pyx"),
        "a column of probabilities too few",
        pyx(array![[1.0]], &noise),
        &["(2, 2)"],
    );
    of.refuses(
        &name("compute_pyx"),
        "a probability that is NaN",
        pyx(array![[NAN, 0.5]], &noise),
        &["NaN at index 0", "finite"],
    );
    of.gives(
        &name("compute_pyx"),
        "a diagonal of zero",
        pyx(array![[0.5, 0.5]], &array![[0.0, 1.0], [1.0, 0.0]]).unwrap_or_default(),
        &[0.0, 0.0],
    );
}

fn latent(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-count::{function}");
    let options = LatentOptions::default();
    let labels = Labels::from_vec(vec![0, 1, 2]).unwrap();
    of.refuses(
        &name("estimate_latent"),
        "a label beyond the joint",
        estimate_latent(&joint(), &labels, &options),
        &["class 2", "from 0 to 1"],
    );
    of.refuses(
        &name("estimate_latent_from_counts"),
        "counts of another number of classes",
        estimate_latent_from_counts(&joint(), &[1, 2, 3], &options),
        &["3 entries", "2 classes"],
    );
    of.refuses(
        &name("estimate_latent_from_counts"),
        "no example of any class",
        estimate_latent_from_counts(&joint(), &[0, 0], &options),
        &["labels are empty", "at least one row"],
    );
}
