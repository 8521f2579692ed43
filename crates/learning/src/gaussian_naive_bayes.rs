//! Naive Bayes with a normal distribution per class and feature.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, Zip};

use crate::classifier::{Classifier, FittedClassifier};
use crate::counted_rows::{CountedRows, PowerOfTwo, exponent};
use crate::decision_tree::for_each_block_of_rows;
use crate::errors::LearningError;
use crate::training_set::{TrainingSet, check_finite};

/// Naive Bayes: within a class every feature is normal and independent of the others.
///
/// ```text
/// p(k | x)  ∝  πₖ · ∏ⱼ N(xⱼ; μₖⱼ, σ²ₖⱼ + ε),    ε = var_smoothing · maxⱼ Var(xⱼ)
/// ```
///
/// μₖⱼ and σ²ₖⱼ are the weighted mean and variance of feature j among the rows of class k, πₖ is the weighted share of
/// class k unless priors are given, and Var(xⱼ) is the variance over all rows, unweighted as in scikit-learn.
///
/// Takes sample weights. The same bits come out on any number of threads.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_learning::{Classifier, GaussianNaiveBayes, TrainingSet};
/// use ndarray::array;
///
/// let features = array![[-2.0], [0.0], [1.0], [3.0]];
/// let data = TrainingSet::new(features.view(), &[0, 0, 1, 1], 2)?;
/// let model = GaussianNaiveBayes::default().fit(&data)?;
/// // Both classes have variance 1; 0.5 is half way between the means −1 and 2.
/// let pred_probs = model.predict_proba(array![[0.5], [1.5]].view())?;
/// assert_abs_diff_eq!(pred_probs[[0, 1]], 0.5, epsilon = 1e-9);
/// assert_abs_diff_eq!(pred_probs[[1, 1]], 1.0 / (1.0 + (-3.0_f64).exp()), epsilon = 1e-9);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `sklearn.naive_bayes.GaussianNB` of scikit-learn 1.9.
///
/// # Differences
///
/// Where densities overflow or vanish for every class scikit-learn answers NaN; here the answer is the limit: the class
/// whose distance in standard deviations is least. If no feature varies at all, the priors are predicted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GaussianNaiveBayes {
    /// The share of the largest variance of a feature that is added to all variances, at least 0. Default 1e-9.
    pub var_smoothing: f64,
    /// The prior probability of each of the K classes, at least 0 with sum 1, or `None` for their weighted shares.
    /// Those of classes that the training rows lack are ignored. Default `None`.
    pub priors: Option<Array1<f64>>,
}

impl Default for GaussianNaiveBayes {
    fn default() -> Self {
        Self { var_smoothing: 1e-9, priors: None }
    }
}

impl GaussianNaiveBayes {
    /// Sets the share of the largest variance of a feature that is added to all variances.
    #[must_use]
    pub fn with_var_smoothing(mut self, var_smoothing: f64) -> Self {
        self.var_smoothing = var_smoothing;
        self
    }

    /// Sets the prior probabilities of the classes.
    #[must_use]
    pub fn with_priors(mut self, priors: Option<Array1<f64>>) -> Self {
        self.priors = priors;
        self
    }

    /// Trains a model, as [`Classifier::fit`] does, and keeps its type, so that its means and variances can be read.
    ///
    /// # Errors
    ///
    /// [`LearningError::InvalidOption`], also when the priors are not K probabilities with sum 1 or leave none to the
    /// classes that occur; [`LearningError::TooManyRows`] above 2³¹ rows.
    pub fn fit_model(&self, training: &TrainingSet<'_>) -> Result<FittedGaussianNaiveBayes, LearningError> {
        let refuse = |option, value, bound| Err(LearningError::InvalidOption { option, value, bound });
        if !self.var_smoothing.is_finite() || self.var_smoothing < 0.0 {
            return refuse("var_smoothing", self.var_smoothing, "finite and at least 0");
        }
        let mut counted = CountedRows::new(training)?;
        counted.scale_weights();
        let features = training.features();
        let scale = scale_of(features);
        let everyone = Moments::new(features, scale, 1, (0..training.n_rows()).map(|row| (row, 0, 1.0)));
        let largest = everyone.variances.iter().copied().fold(0.0, f64::max);
        let rows = counted.rows.iter().zip(&counted.classes).zip(&counted.weights);
        let rows = rows.map(|((&row, &class), &weight)| (row as usize, class as usize, weight));
        let mut moments = Moments::new(features, scale, counted.n_classes(), rows);
        // A variance of 0, which takes either no smoothing or no feature that varies, would divide by 0.
        let smoothing = (self.var_smoothing * largest).max(f64::MIN_POSITIVE);
        moments.variances += smoothing;

        let shares = match &self.priors {
            None => moments.weights,
            Some(priors) => {
                if priors.len() != training.n_classes() {
                    return refuse("priors", priors.len() as f64, "as many as there are classes");
                }
                if let Some(&prior) = priors.iter().find(|prior| !(0.0..=1.0).contains(*prior)) {
                    return refuse("priors", prior, "in [0, 1]");
                }
                if (priors.sum() - 1.0).abs() > 1e-8 {
                    return refuse("priors", priors.sum(), "probabilities with sum 1");
                }
                counted.labels.iter().map(|&label| priors[label as usize]).collect()
            }
        };
        let total = shares.sum();
        if total == 0.0 {
            return refuse("priors", 0.0, "above 0 for a class that occurs");
        }
        Ok(FittedGaussianNaiveBayes {
            priors: shares / total,
            means: moments.means,
            variances: moments.variances,
            scale,
            labels: counted.labels,
            n_classes: training.n_classes(),
        })
    }
}

impl Classifier for GaussianNaiveBayes {
    fn fit(&self, training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
        Ok(Box::new(self.fit_model(training)?))
    }

    fn supports_sample_weight(&self) -> bool {
        true
    }
}

/// The power of two by which features are multiplied.
///
/// Posteriors do not change when all features are multiplied by one number; squares of values beyond these bounds would
/// overflow or vanish.
fn scale_of(features: ArrayView2<'_, f64>) -> PowerOfTwo {
    let largest = features.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    let ordinary = largest == 0.0 || (1e-100..1e100).contains(&largest);
    PowerOfTwo::new(if ordinary { 0 } else { -exponent(largest) })
}

/// Weighted means and variances of the features in every class.
struct Moments {
    weights: Array1<f64>,
    means: Array2<f64>,
    variances: Array2<f64>,
}

impl Moments {
    fn new(
        features: ArrayView2<'_, f64>,
        scale: PowerOfTwo,
        n_classes: usize,
        rows: impl Iterator<Item = (usize, usize, f64)> + Clone,
    ) -> Self {
        let mut weights = Array1::zeros(n_classes);
        for (_, class, weight) in rows.clone() {
            weights[class] += weight;
        }
        let average = |mut sums: Array2<f64>| {
            for (mut sums, &weight) in sums.rows_mut().into_iter().zip(&weights) {
                sums /= weight;
            }
            sums
        };
        let mut sums = Array2::zeros((n_classes, features.ncols()));
        for (row, class, weight) in rows.clone() {
            Zip::from(sums.row_mut(class))
                .and(features.row(row))
                .for_each(|sum, &x| *sum += weight * scale.times(x));
        }
        let means = average(sums);
        let mut squares = Array2::zeros((n_classes, features.ncols()));
        for (row, class, weight) in rows {
            Zip::from(squares.row_mut(class))
                .and(features.row(row))
                .and(means.row(class))
                .for_each(|sum, &x, mean| *sum += weight * (scale.times(x) - mean).powi(2));
        }
        let variances = average(squares);
        Self { weights, means, variances }
    }
}

/// A trained [`GaussianNaiveBayes`].
///
/// ```
/// use cleanlab_learning::{FittedClassifier, GaussianNaiveBayes, TrainingSet};
/// use ndarray::array;
/// let features = array![[0.0], [2.0], [5.0], [5.0]];
/// // Class 1 of 3 does not occur, so that nothing is ever predicted to be of class 1.
/// let data = TrainingSet::new(features.view(), &[0, 0, 2, 2], 3)?;
/// let model = GaussianNaiveBayes::default().fit_model(&data)?;
/// assert_eq!(model.classes(), [0, 2]);
/// assert_eq!(model.priors(), array![0.5, 0.5]);
/// assert_eq!(model.predict_proba(features.view())?.column(1).sum(), 0.0);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FittedGaussianNaiveBayes {
    priors: Array1<f64>,
    /// Of features multiplied by `scale`.
    means: Array2<f64>,
    variances: Array2<f64>,
    scale: PowerOfTwo,
    labels: Vec<u32>,
    n_classes: usize,
}

impl FittedGaussianNaiveBayes {
    /// The classes that occur among the training rows with a weight, in ascending order; `classes_` in scikit-learn.
    #[must_use]
    pub fn classes(&self) -> &[u32] {
        &self.labels
    }

    /// The prior probability of each of [`FittedGaussianNaiveBayes::classes`]; `class_prior_` in scikit-learn.
    #[must_use]
    pub fn priors(&self) -> ArrayView1<'_, f64> {
        self.priors.view()
    }

    /// The mean of every feature in each of the classes, a row per class; `theta_` in scikit-learn.
    #[must_use]
    pub fn means(&self) -> Array2<f64> {
        self.means.mapv(|mean| self.scale.divide(mean))
    }

    /// The smoothed variance of every feature in each of the classes, a row per class; `var_` in scikit-learn. Infinite
    /// or 0 where it exceeds the range of `f64`.
    #[must_use]
    pub fn variances(&self) -> Array2<f64> {
        self.variances.mapv(|variance| self.scale.divide(self.scale.divide(variance)))
    }

    /// ln πₖ − ½ Σⱼ ln(2π σ²ₖⱼ) of every class.
    fn log_constants(&self) -> Array1<f64> {
        let log_scales =
            self.variances.mapv(|variance| (std::f64::consts::TAU * variance).ln()).sum_axis(Axis(1));
        self.priors.mapv(f64::ln) - 0.5 * log_scales
    }

    /// Writes the probabilities of a row; `joint` holds a number per class that occurs.
    fn predict_row(
        &self,
        row: &[f64],
        log_constants: &Array1<f64>,
        joint: &mut [f64],
        pred_probs: &mut [f64],
    ) {
        for (class, joint) in joint.iter_mut().enumerate() {
            let mut distance = 0.0;
            for ((&x, mean), variance) in row.iter().zip(self.means.row(class)).zip(self.variances.row(class))
            {
                distance += (self.scale.times(x) - mean).powi(2) / variance;
            }
            *joint = log_constants[class] - 0.5 * distance;
        }
        if joint.iter().all(|joint| !joint.is_finite()) {
            self.nearest_class(row, log_constants, joint);
        }
        let highest = joint.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        for joint in joint.iter_mut() {
            *joint = (*joint - highest).exp();
            sum += *joint;
        }
        for (&label, joint) in self.labels.iter().zip(joint) {
            pred_probs[label as usize] = *joint / sum;
        }
    }

    /// Where all densities vanish: the class at the least distance in standard deviations takes all, since the
    /// differences of its logarithm from the others' have no bound; classes at the same distance share by their
    /// constants.
    fn nearest_class(&self, row: &[f64], log_constants: &Array1<f64>, joint: &mut [f64]) {
        // Divided by 16 and by 2^512 nothing overflows: the least σ is 2^-511.
        let deviations = |class: usize| {
            let moments = self.means.row(class).into_iter().zip(self.variances.row(class));
            row.iter().zip(moments).map(|(&x, (mean, variance))| {
                let difference = self.scale.times(x / 16.0).clamp(-f64::MAX, f64::MAX) - mean / 16.0;
                (difference / 2.0_f64.powi(512)).abs() / variance.sqrt()
            })
        };
        let possible = |class: &usize| log_constants[*class] > f64::NEG_INFINITY;
        let classes = 0..joint.len();
        let largest = classes.clone().flat_map(deviations).fold(0.0, f64::max);
        let distance = |class: usize| deviations(class).map(|z| (z / largest).powi(2)).sum::<f64>();
        let least = classes.clone().filter(possible).map(distance).fold(f64::INFINITY, f64::min);
        for class in classes {
            let nearest = possible(&class) && distance(class) <= least;
            joint[class] = if nearest { log_constants[class] } else { f64::NEG_INFINITY };
        }
    }
}

impl FittedClassifier for FittedGaussianNaiveBayes {
    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
        if features.ncols() != self.means.ncols() {
            return Err(LearningError::FeatureCount {
                expected: self.means.ncols(),
                found: features.ncols(),
            });
        }
        check_finite(features)?;
        let log_constants = self.log_constants();
        Ok(for_each_block_of_rows(features, self.n_classes, |features, pred_probs| {
            let mut joint = vec![0.0; self.labels.len()];
            let rows = features.chunks_exact(self.means.ncols());
            for (row, pred_probs) in rows.zip(pred_probs.chunks_exact_mut(self.n_classes)) {
                self.predict_row(row, &log_constants, &mut joint, pred_probs);
            }
        }))
    }
}
