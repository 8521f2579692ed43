//! Multinomial and binary logistic regression with an L2 penalty.

#[expect(clippy::inline_always, reason = "it must become part of the caller's vector code")]
mod exponential;
#[expect(clippy::inline_always, reason = "it must be compiled for the instruction set of its caller")]
mod objective;
#[expect(clippy::inline_always, reason = "it must be compiled for the instruction set of its caller")]
mod panels;
#[expect(clippy::inline_always, reason = "it must be compiled for the instruction set of its caller")]
mod prediction;

use ndarray::parallel::prelude::*;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use pulp::Arch;

use crate::classifier::{Classifier, FitWarning, FittedClassifier};
use crate::errors::LearningError;
use crate::lbfgs::{Ending, Stopping, minimize};
use crate::training_set::{TrainingSet, check_finite};
use objective::Objective;
use panels::{PANEL, Panels};
use prediction::Prediction;

/// Logistic regression with scikit-learn's objective, optimiser and defaults.
///
/// Minimises, over coefficients w and intercepts b,
///
/// ```text
/// Σᵢ sᵢ·(ln Σₖ exp(wₖ·xᵢ + bₖ) − (w_yᵢ·xᵢ + b_yᵢ)) / Σᵢ sᵢ  +  ‖w‖² / (2·C·Σᵢ sᵢ)
/// ```
///
/// where s are the sample weights, or 1. Two classes share a single logit: that of the second class. The optimiser takes
/// the steps of SciPy's L-BFGS-B from zero, so that also a search that stops early, as at the default tolerance, stops
/// where scikit-learn's does. Standardise the features: on raw ones of very different scales the steps follow each
/// other's rounding errors, and only a tight tolerance makes two implementations agree.
///
/// Takes sample weights. The same bits come out on any number of threads.
///
/// # Example
///
/// ```
/// use cleanlab_learning::{LogisticRegression, TrainingSet};
/// use ndarray::array;
///
/// let features = array![[-2.0], [-1.0], [-0.5], [0.5], [1.0], [2.0]];
/// let data = TrainingSet::new(features.view(), &[0, 0, 1, 0, 1, 1], 2)?;
/// let model = LogisticRegression::default().with_c(10.0).fit_model(&data)?;
///
/// // One row of coefficients, because two classes share a logit.
/// assert_eq!(model.coefficients().dim(), (1, 1));
/// assert!(model.coefficients()[[0, 0]] > 0.0);
/// assert!(model.warnings().is_empty());
///
/// use cleanlab_learning::FittedClassifier;
/// let pred_probs = model.predict_proba(array![[-3.0], [3.0]].view())?;
/// assert!(pred_probs[[0, 0]] > 0.5 && pred_probs[[1, 1]] > 0.5);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `sklearn.linear_model.LogisticRegression(solver="lbfgs")` of scikit-learn 1.9.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LogisticRegression {
    /// C, the inverse of the strength of the penalty: above 0, infinite for no penalty. Default 1.
    pub c: f64,
    /// The largest absolute component of the gradient that counts as zero, at least 0. Default 1e-4.
    pub tolerance: f64,
    /// The most iterations, at least 1. Default 100.
    pub max_iterations: usize,
    /// Whether classes have an intercept. Default [`Intercept::Fitted`].
    pub intercept: Intercept,
}

/// Whether a linear model has an intercept; if so it is not penalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Intercept {
    /// Fitted with the coefficients.
    #[default]
    Fitted,
    /// Zero, for features that are centred already.
    Zero,
}

impl Default for LogisticRegression {
    fn default() -> Self {
        Self { c: 1.0, tolerance: 1e-4, max_iterations: 100, intercept: Intercept::Fitted }
    }
}

impl LogisticRegression {
    /// Sets C, the inverse of the strength of the penalty.
    #[must_use]
    pub fn with_c(mut self, c: f64) -> Self {
        self.c = c;
        self
    }

    /// Sets the largest absolute component of the gradient that counts as zero.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Sets the most iterations.
    #[must_use]
    pub fn with_max_iterations(mut self, max_iterations: usize) -> Self {
        self.max_iterations = max_iterations;
        self
    }

    /// Sets whether classes have an intercept.
    #[must_use]
    pub fn with_intercept(mut self, intercept: Intercept) -> Self {
        self.intercept = intercept;
        self
    }

    /// Trains a model, as [`Classifier::fit`] does, and keeps its type, so that its coefficients can be read.
    ///
    /// # Errors
    ///
    /// [`LearningError::InvalidOption`], or [`LearningError::OneClass`] when all labels are the same.
    pub fn fit_model(&self, training: &TrainingSet<'_>) -> Result<FittedLogisticRegression, LearningError> {
        self.check_options()?;
        let classes = training.present_classes();
        if let [class] = classes[..] {
            return Err(LearningError::OneClass { class });
        }
        let mut position = vec![0; training.n_classes()];
        for (index, &class) in classes.iter().enumerate() {
            position[class as usize] = index as u32;
        }
        let targets = training.labels().iter().map(|&label| position[label as usize]).collect();
        let mut objective = Objective::new(
            Panels::new(training.features(), self.intercept == Intercept::Fitted),
            training.n_features(),
            targets,
            classes.len(),
            training.sample_weight(),
            self.c,
        );
        let stopping = Stopping { gradient_tolerance: self.tolerance, max_iterations: self.max_iterations };
        let minimum = minimize(vec![0.0; objective.len()], stopping, |point, gradient| {
            objective.evaluate(point, gradient)
        });
        let (iterations, gradient) = (minimum.iterations, minimum.gradient);
        let warning = match minimum.ending {
            Ending::Converged => None,
            Ending::IterationLimit => Some(FitWarning::IterationLimit { iterations, gradient }),
            Ending::LineSearchFailed => Some(FitWarning::LineSearchFailed { iterations, gradient }),
        };
        let n_outputs = if classes.len() == 2 { 1 } else { classes.len() };
        let n_features = training.n_features();
        Ok(FittedLogisticRegression {
            coefficients: Array2::from_shape_fn((n_outputs, n_features), |(output, feature)| {
                minimum.point[feature * n_outputs + output]
            }),
            intercepts: Array1::from_shape_fn(n_outputs, |output| {
                minimum.point.get(n_features * n_outputs + output).copied().unwrap_or(0.0)
            }),
            classes,
            n_classes: training.n_classes(),
            iterations,
            warnings: warning.into_iter().collect(),
        })
    }

    fn check_options(&self) -> Result<(), LearningError> {
        let refuse = |option, value, bound| Err(LearningError::InvalidOption { option, value, bound });
        if self.c.is_nan() || self.c <= 0.0 {
            return refuse("c", self.c, "above 0");
        }
        if !self.tolerance.is_finite() || self.tolerance < 0.0 {
            return refuse("tolerance", self.tolerance, "finite and at least 0");
        }
        if self.max_iterations == 0 {
            return refuse("max_iterations", 0.0, "at least 1");
        }
        Ok(())
    }
}

impl Classifier for LogisticRegression {
    fn fit(&self, training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
        Ok(Box::new(self.fit_model(training)?))
    }

    fn supports_sample_weight(&self) -> bool {
        true
    }
}

/// A trained [`LogisticRegression`].
///
/// ```
/// use cleanlab_learning::{FittedClassifier, LogisticRegression, TrainingSet};
/// use ndarray::array;
/// let features = array![[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]];
/// // Class 1 of 4 does not occur, so that nothing is ever predicted to be of class 1.
/// let data = TrainingSet::new(features.view(), &[0, 2, 3, 0], 4)?;
/// let model = LogisticRegression::default().fit_model(&data)?;
/// assert_eq!(model.classes(), [0, 2, 3]);
/// assert_eq!(model.predict_proba(features.view())?[[0, 1]], 0.0);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FittedLogisticRegression {
    coefficients: Array2<f64>,
    intercepts: Array1<f64>,
    classes: Vec<u32>,
    n_classes: usize,
    iterations: usize,
    warnings: Vec<FitWarning>,
}

impl FittedLogisticRegression {
    /// The coefficients: one row per class that occurs, one column per feature; a single row, for the second class, when
    /// two classes occur. `coef_` in scikit-learn.
    #[must_use]
    pub fn coefficients(&self) -> ArrayView2<'_, f64> {
        self.coefficients.view()
    }

    /// The intercept of each row of coefficients; `intercept_` in scikit-learn.
    #[must_use]
    pub fn intercepts(&self) -> &Array1<f64> {
        &self.intercepts
    }

    /// The classes that occur among the training labels, in ascending order; `classes_` in scikit-learn.
    #[must_use]
    pub fn classes(&self) -> &[u32] {
        &self.classes
    }

    /// Iterations of the optimiser; `n_iter_` in scikit-learn.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// What the training has to report: nothing when it converged.
    #[must_use]
    pub fn warnings(&self) -> &[FitWarning] {
        &self.warnings
    }

    /// A model that was trained elsewhere: a row of coefficients per class, or one row when there are two.
    #[cfg(feature = "smartcore")]
    pub(crate) fn from_coefficients(
        coefficients: Array2<f64>,
        intercepts: Array1<f64>,
        classes: Vec<u32>,
        n_classes: usize,
    ) -> Self {
        Self { coefficients, intercepts, classes, n_classes, iterations: 0, warnings: Vec::new() }
    }

    /// Coefficients and intercepts as the products read them: feature by feature, the intercepts last.
    fn interleaved(&self) -> Vec<f64> {
        self.coefficients.t().iter().chain(&self.intercepts).copied().collect()
    }
}

impl FittedClassifier for FittedLogisticRegression {
    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
        if features.ncols() != self.coefficients.ncols() {
            return Err(LearningError::FeatureCount {
                expected: self.coefficients.ncols(),
                found: features.ncols(),
            });
        }
        check_finite(features)?;
        let coefficients = self.interleaved();
        let arch = Arch::new();
        let mut pred_probs = Array2::zeros((features.nrows(), self.n_classes));
        // Rows are independent, so that the chunks, and who takes them, do not matter to the result.
        pred_probs
            .axis_chunks_iter_mut(Axis(0), 16 * PANEL)
            .into_par_iter()
            .zip(features.axis_chunks_iter(Axis(0), 16 * PANEL))
            .for_each(|(pred_probs, features)| {
                arch.dispatch(Prediction {
                    panels: Panels::new(features, true),
                    coefficients: &coefficients,
                    classes: &self.classes,
                    pred_probs,
                });
            });
        Ok(pred_probs)
    }

    fn warnings(&self) -> &[FitWarning] {
        &self.warnings
    }
}
