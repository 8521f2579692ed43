//! The noise between classes, from whatever is known about it.

use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_core::{Float, LabeledProbs};
use cleanlab_count::{
    ConfidentJoint, ConfidentJointOptions, CountError, LatentEstimates, LatentOptions, NoiseRates, PyMethod,
    compute_confident_joint, compute_noise_matrix_from_inverse, compute_py, compute_py_inv_noise_matrix,
    estimate_latent,
};
use cleanlab_filter::FilterError;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::{CleanLearning, CleanLearningInputs, CleanLearningNoise, CleanLearningWarning};
use crate::errors::LearningError;

/// Columns that are off by no more are rounded, not wrong.
const COLUMN_SUM_TOLERANCE: f64 = 1e-3;

impl CleanLearning {
    /// Refuses inputs that cannot be right.
    pub(super) fn check_inputs(
        &self,
        inputs: &CleanLearningInputs<'_>,
        n_classes: usize,
    ) -> Result<Vec<CleanLearningWarning>, LearningError> {
        let mut warnings = Vec::new();
        for (what, matrix) in
            [("noise_matrix", inputs.noise_matrix), ("inverse_noise_matrix", inputs.inverse_noise_matrix)]
        {
            if let Some(matrix) = matrix {
                warnings.extend(check_rates(what, matrix, n_classes)?);
            }
        }
        if let Some(class) = self.pu_learning
            && (n_classes != 2 || class >= 2)
        {
            return Err(LearningError::PuLearning { class, n_classes });
        }
        if let Some(confident_joint) = &self.find_label_issues_options.confident_joint {
            let (found, expected) = (confident_joint.n_classes(), n_classes);
            if found != expected {
                return Err(FilterError::ConfidentJointShape { found, expected }.into());
            }
        }
        Ok(warnings)
    }

    /// Source: the middle of `CleanLearning.find_label_issues`.
    pub(super) fn estimate_noise<F: Float>(
        &self,
        data: &LabeledProbs<'_, F>,
        inputs: &CleanLearningInputs<'_>,
        warnings: &mut Vec<CleanLearningWarning>,
    ) -> Result<CleanLearningNoise, LearningError> {
        let given_joint = self.find_label_issues_options.confident_joint.as_ref();
        if given_joint.is_some() {
            let reason = "a confident joint is given";
            for (is_given, input) in
                [(inputs.thresholds.is_some(), "thresholds"), (inputs.noise_matrix.is_some(), "noise_matrix")]
            {
                if is_given {
                    warnings.push(CleanLearningWarning::InputIgnored { input, reason });
                }
            }
        }
        let confident_joint = if let Some(confident_joint) = given_joint {
            confident_joint.clone()
        } else {
            let mut options =
                ConfidentJointOptions::default().with_collision(self.find_label_issues_options.collision);
            options.thresholds.clone_from(&inputs.thresholds);
            compute_confident_joint(data, &options)?
        };
        let ps: Array1<f64> =
            data.label_counts().into_iter().map(|count| count as f64 / data.len() as f64).collect();
        let inverse = inputs.inverse_noise_matrix;
        let noise = if given_joint.is_some() {
            let latent = estimate_latent(&confident_joint, data.labels(), &LatentOptions::default())?;
            with_given_inverse_or_solved(&ps, latent, inverse)?
        } else {
            match (inputs.noise_matrix, inverse) {
                (None, None) => {
                    let options = LatentOptions::default().with_convergence(self.convergence);
                    Rates::from(estimate_latent(&confident_joint, data.labels(), &options)?)
                }
                (Some(noise), Some(inverse)) => Rates {
                    py: marginal_py(&ps, noise, inverse)?,
                    noise_matrix: noise.to_owned(),
                    inverse_noise_matrix: inverse.to_owned(),
                },
                (Some(noise), None) => solved(&ps, noise).map_err(|error| match error {
                    CountError::Singular(singular) => LearningError::SingularNoiseMatrix(singular),
                    error => error.into(),
                })?,
                (None, Some(inverse)) => {
                    let noise = compute_noise_matrix_from_inverse(ps.view(), inverse, None)?;
                    Rates {
                        py: marginal_py(&ps, noise.view(), inverse)?,
                        noise_matrix: noise,
                        inverse_noise_matrix: inverse.to_owned(),
                    }
                }
            }
        };
        let Rates { py, noise_matrix, inverse_noise_matrix } = noise;
        let noise = CleanLearningNoise { py, noise_matrix, inverse_noise_matrix, confident_joint };
        match self.pu_learning {
            Some(class) => without_errors_in(class as usize, noise),
            None => Ok(noise),
        }
    }
}

/// Priors and rates, before what is known for certain is put in.
struct Rates {
    py: Array1<f64>,
    noise_matrix: Array2<f64>,
    inverse_noise_matrix: Array2<f64>,
}

impl From<LatentEstimates> for Rates {
    fn from(latent: LatentEstimates) -> Self {
        let LatentEstimates { py, noise_matrix, inverse_noise_matrix, .. } = latent;
        Self { py, noise_matrix, inverse_noise_matrix }
    }
}

/// As cleanlab does with a confident joint of the caller's: of the estimates it keeps the noise matrix, and solves for
/// the inverse anew unless that is given. Where there is no solution, the estimates are kept.
fn with_given_inverse_or_solved(
    ps: &Array1<f64>,
    latent: LatentEstimates,
    inverse: Option<ArrayView2<'_, f64>>,
) -> Result<Rates, LearningError> {
    if let Some(inverse) = inverse {
        return Ok(Rates { inverse_noise_matrix: inverse.to_owned(), ..Rates::from(latent) });
    }
    match solved(ps, latent.noise_matrix.view()) {
        Err(CountError::Singular(_)) => Ok(latent.into()),
        solved => Ok(solved?),
    }
}

fn solved(ps: &Array1<f64>, noise_matrix: ArrayView2<'_, f64>) -> Result<Rates, CountError> {
    let solved = compute_py_inv_noise_matrix(ps.view(), noise_matrix)?;
    Ok(Rates {
        py: solved.py,
        noise_matrix: noise_matrix.to_owned(),
        inverse_noise_matrix: solved.inverse_noise_matrix,
    })
}

/// The priors that the inverse matrix and the given labels imply. cleanlab has none here.
fn marginal_py(
    ps: &Array1<f64>,
    noise_matrix: ArrayView2<'_, f64>,
    inverse_noise_matrix: ArrayView2<'_, f64>,
) -> Result<Array1<f64>, CountError> {
    let rates =
        NoiseRates { ps: ps.view(), noise_matrix, inverse_noise_matrix, true_label_counts: ps.view() };
    compute_py(rates, PyMethod::MarginalPs)
}

/// Puts in that one class of two has no wrong labels.
///
/// The last count is cleanlab's: a row of the noise matrix taken over to the joint, where it should say "all of them".
fn without_errors_in(class: usize, noise: CleanLearningNoise) -> Result<CleanLearningNoise, LearningError> {
    let other = 1 - class;
    let CleanLearningNoise { py, mut noise_matrix, mut inverse_noise_matrix, confident_joint } = noise;
    noise_matrix[[class, other]] = 0.0;
    noise_matrix[[other, other]] = 1.0;
    inverse_noise_matrix[[other, class]] = 0.0;
    inverse_noise_matrix[[class, class]] = 1.0;
    let mut counts = confident_joint.counts().to_owned();
    counts[[class, other]] = 0;
    counts[[other, other]] = 1;
    let confident_joint = ConfidentJoint::from_counts(counts)?;
    Ok(CleanLearningNoise { py, noise_matrix, inverse_noise_matrix, confident_joint })
}

/// Whether a matrix has a row and a column for each class.
pub(super) fn check_square(
    what: &'static str,
    matrix: ArrayView2<'_, f64>,
    expected: usize,
) -> Result<(), LearningError> {
    let (rows, columns) = matrix.dim();
    if (rows, columns) == (expected, expected) {
        Ok(())
    } else {
        Err(CountError::WrongShape { what, rows, columns, expected }.into())
    }
}

fn check_rates(
    what: &'static str,
    matrix: ArrayView2<'_, f64>,
    expected: usize,
) -> Result<Option<CleanLearningWarning>, LearningError> {
    check_square(what, matrix, expected)?;
    let range = -FLOATING_POINT_COMPARISON..=1.0 + FLOATING_POINT_COMPARISON;
    if let Some(((row, column), &value)) = matrix.indexed_iter().find(|(_, rate)| !range.contains(*rate)) {
        return Err(LearningError::NotARate { what, row, column, value });
    }
    let trace = matrix.diag().sum();
    if trace <= 1.0 {
        return Err(LearningError::TraceTooSmall { what, trace });
    }
    let off = |(_, column): &(usize, ArrayView1<'_, f64>)| (column.sum() - 1.0).abs() > COLUMN_SUM_TOLERANCE;
    let first_off = matrix.axis_iter(Axis(1)).enumerate().find(off);
    Ok(first_off.map(|(column, rates)| CleanLearningWarning::ColumnDoesNotSumToOne {
        what,
        column,
        sum: rates.sum(),
    }))
}
