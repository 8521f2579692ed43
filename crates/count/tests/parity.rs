//! The numbers of `cleanlab.count` and `cleanlab.internal.latent_algebra`.

use cleanlab_core::{Float, LabeledProbs, Labels, PredProbs};
use cleanlab_count::{
    Calibration, CollisionRule, ConfidentJoint, ConfidentJointOptions, Convergence, CountError,
    EstimationMethod, LatentEstimates, LatentOptions, NoiseRates, PyMethod, calibrate_confident_joint,
    compute_confident_joint, compute_inv_noise_matrix, compute_noise_matrix_from_inverse,
    compute_ps_py_inv_noise_matrix, compute_py, compute_py_inv_noise_matrix, compute_pyx, estimate_joint,
    estimate_joint_from_probabilities, estimate_latent, estimate_py_and_noise_matrices_from_probabilities,
    find_off_diagonal_rows, get_confident_thresholds, num_label_issues, uncalibrated_joint,
};
use cleanlab_testkit::parity::{Answer, Check, run};
use ndarray::{Array, Array2, Dimension};

#[test]
fn count_equals_the_reference() {
    let functions = [
        "get_confident_thresholds",
        "compute_confident_joint",
        "compute_confident_joint_paper_rule",
        "off_diagonal_rows",
        "calibrate_confident_joint",
        "calibrate_raw_confident_joint",
        "estimate_joint",
        "uncalibrated_joint",
        "estimate_latent",
        "estimate_py_and_noise_matrices_from_probabilities",
        "num_label_issues",
        "compute_inv_noise_matrix",
        "compute_noise_matrix_from_inverse",
        "compute_py_inv_noise_matrix",
        "compute_ps_py_inv_noise_matrix",
        "compute_pyx",
        "compute_py",
    ];
    run("class-labels", &functions, |check| {
        let values = check.case.matrix("pred_probs");
        let answer =
            if check.case.is_f32 { answer(check, values.mapv(|p| p as f32)) } else { answer(check, values) };
        answer.unwrap_or_else(|error| Answer::Failed(error.to_string()))
    });
}

#[allow(clippy::too_many_lines, reason = "one arm per function of the reference")]
fn answer<F: Float>(check: &Check<'_>, values: Array2<F>) -> Result<Answer, CountError> {
    let indices = check.case.integers("labels");
    let labels = Labels::new(&indices)?;
    let data = LabeledProbs::allowing_one_class(labels, PredProbs::new(values)?)?;
    let vector = |name| check.vector(name);
    let matrix = |name| check.matrix(name);
    Ok(match check.function {
        "get_confident_thresholds" => close(&get_confident_thresholds(&data)?),
        "compute_confident_joint" => counts(&compute_confident_joint(&data, &joint_options(check))?),
        "compute_confident_joint_paper_rule" => {
            let options = ConfidentJointOptions::default()
                .with_collision(CollisionRule::LargestOfConfident)
                .with_calibration(Calibration::Uncalibrated);
            counts(&compute_confident_joint(&data, &options)?)
        }
        "off_diagonal_rows" => {
            let rows = find_off_diagonal_rows(&data, &ConfidentJointOptions::default())?;
            Answer::Exact(rows.into_iter().map(|row| row as i64).collect())
        }
        "calibrate_confident_joint" => {
            counts(&calibrate_confident_joint(&given_joint(check)?, &data.label_counts())?)
        }
        "calibrate_raw_confident_joint" => {
            let options = ConfidentJointOptions::default().with_calibration(Calibration::Uncalibrated);
            let raw = compute_confident_joint(&data, &options)?;
            counts(&calibrate_confident_joint(&raw, &data.label_counts())?)
        }
        "estimate_joint" if check.has("confident_joint") => {
            close(&estimate_joint(&given_joint(check)?, &data.label_counts())?)
        }
        "estimate_joint" => {
            close(&estimate_joint_from_probabilities(&data, &ConfidentJointOptions::default())?)
        }
        "uncalibrated_joint" => close(&uncalibrated_joint(&given_joint(check)?)),
        "estimate_latent" => {
            let convergence = if check.flag("converge") { Convergence::Iterate } else { Convergence::None };
            let options =
                LatentOptions::default().with_py_method(py_method(check)).with_convergence(convergence);
            latent(estimate_latent(&given_joint(check)?, data.labels(), &options)?)
        }
        "estimate_py_and_noise_matrices_from_probabilities" => {
            let estimates = estimate_py_and_noise_matrices_from_probabilities(
                &data,
                &ConfidentJointOptions::default(),
                &LatentOptions::default().with_convergence(Convergence::Iterate),
            )?;
            Answer::Parts(vec![
                ("confident_joint", counts(&estimates.confident_joint)),
                ("py", close(&estimates.latent.py)),
                ("noise_matrix", close(&estimates.latent.noise_matrix)),
                ("inverse_noise_matrix", close(&estimates.latent.inverse_noise_matrix)),
            ])
        }
        "num_label_issues" => {
            let method = match check.text("method") {
                "off_diagonal" => EstimationMethod::OffDiagonal,
                "off_diagonal_calibrated" => EstimationMethod::OffDiagonalCalibrated,
                _ => EstimationMethod::OffDiagonalCustom(given_joint(check)?),
            };
            Answer::Exact(vec![num_label_issues(&data, &method)? as i64])
        }
        "compute_inv_noise_matrix" => {
            let ps = check.has("ps").then(|| vector("ps"));
            let ps = ps.as_ref().map(|ps| ps.view());
            close(&compute_inv_noise_matrix(vector("py").view(), matrix("noise_matrix").view(), ps)?)
        }
        "compute_noise_matrix_from_inverse" => {
            let py = check.has("py").then(|| vector("py"));
            let py = py.as_ref().map(|py| py.view());
            let (ps, inverse) = (vector("ps"), matrix("inverse_noise_matrix"));
            close(&compute_noise_matrix_from_inverse(ps.view(), inverse.view(), py)?)
        }
        "compute_py_inv_noise_matrix" => {
            let solved = compute_py_inv_noise_matrix(vector("ps").view(), matrix("noise_matrix").view())?;
            Answer::Parts(vec![
                ("py", close(&solved.py)),
                ("inverse_noise_matrix", close(&solved.inverse_noise_matrix)),
            ])
        }
        "compute_ps_py_inv_noise_matrix" => {
            let solved = compute_ps_py_inv_noise_matrix(data.labels(), matrix("noise_matrix").view())?;
            Answer::Parts(vec![
                ("ps", close(&solved.ps)),
                ("py", close(&solved.py)),
                ("inverse_noise_matrix", close(&solved.inverse_noise_matrix)),
            ])
        }
        "compute_pyx" => close(&compute_pyx(
            data.pred_probs().view().mapv(F::to_f64).view(),
            matrix("noise_matrix").view(),
            matrix("inverse_noise_matrix").view(),
        )?),
        "compute_py" => {
            let (ps, counts) = (vector("ps"), vector("true_label_counts"));
            let (noise_matrix, inverse) = (matrix("noise_matrix"), matrix("inverse_noise_matrix"));
            let rates = NoiseRates {
                ps: ps.view(),
                noise_matrix: noise_matrix.view(),
                inverse_noise_matrix: inverse.view(),
                true_label_counts: counts.view(),
            };
            close(&compute_py(rates, py_method(check))?)
        }
        other => Answer::Failed(format!("no answer for {other}")),
    })
}

fn joint_options(check: &Check<'_>) -> ConfidentJointOptions {
    let calibration =
        if check.flag("calibrate") { Calibration::ToLabelCounts } else { Calibration::Uncalibrated };
    let options = ConfidentJointOptions::default().with_calibration(calibration);
    if check.has("thresholds") { options.with_thresholds(check.vector("thresholds")) } else { options }
}

fn given_joint(check: &Check<'_>) -> Result<ConfidentJoint, CountError> {
    ConfidentJoint::from_counts(check.matrix("confident_joint").mapv(|count| count as u64))
}

fn py_method(check: &Check<'_>) -> PyMethod {
    match check.text("py_method") {
        "cnt" => PyMethod::Counts,
        "eqn" => PyMethod::Equation,
        "marginal" => PyMethod::Marginal,
        _ => PyMethod::MarginalPs,
    }
}

fn latent(estimates: LatentEstimates) -> Answer {
    Answer::Parts(vec![
        ("py", close(&estimates.py)),
        ("noise_matrix", close(&estimates.noise_matrix)),
        ("inverse_noise_matrix", close(&estimates.inverse_noise_matrix)),
    ])
}

fn counts(confident_joint: &ConfidentJoint) -> Answer {
    Answer::Exact(confident_joint.counts().iter().map(|&count| count as i64).collect())
}

fn close<D: Dimension>(values: &Array<f64, D>) -> Answer {
    Answer::Close(vec![("", values.iter().copied().collect())])
}
