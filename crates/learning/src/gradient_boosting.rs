//! Gradient boosting on histograms of binned features.

mod binned_features;
mod early_stopping;
mod histograms;
mod log_loss;
mod tree_growth;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::classifier::{Classifier, FittedClassifier};
use crate::counted_rows::CountedRows;
use crate::decision_tree::{FlatTree, for_each_block_of_rows};
use crate::errors::LearningError;
use crate::training_set::{TrainingSet, check_finite};
use binned_features::BinnedFeatures;
use early_stopping::{HoldOut, Validation};
use log_loss::{Logits, Probabilities, softmax};
use tree_growth::{Growth, Limits, Workspaces};

/// Gradient boosting: small trees added one after the other, each a Newton step down the log loss.
///
/// Features are cut into at most `max_bins` bins at their quantiles once. In every iteration each class gets a tree (two
/// classes share one, that of the second class) on the gradients gᵢ = pᵢ − yᵢ and second derivatives hᵢ = pᵢ(1 − pᵢ) of the
/// loss at the probabilities so far, each times the row's weight. Of all open leaves the one is split next where the gain is
/// largest,
///
/// ```text
/// gain = Gₗ² / (Hₗ + λ) + Gᵣ² / (Hᵣ + λ) − G² / (H + λ)
/// ```
///
/// with the sums G and H over the rows of a side, and λ = `l2_regularization`. A leaf adds −`learning_rate` · G / (H + λ) to
/// the logit.
///
/// Needs no standardising: only the order of a feature's values matters. Takes sample weights; rows of weight 0 are as
/// though absent, and a weight of 2 is the same as the row twice, but for `min_samples_leaf`, which counts rows, and for
/// the validation rows of early stopping. Gradients are rounded to a common grid, 2⁻⁵⁰ of the largest possible sum, on
/// which every sum is exact: so the same bits come out on any number of threads, whose number is that of the current
/// rayon pool.
///
/// # Example
///
/// ```
/// use cleanlab_learning::{Classifier, GradientBoosting, TrainingSet};
/// use ndarray::{Array2, array};
///
/// // Class 1 is where the feature lies between 30 and 70: no line separates it.
/// let features = Array2::from_shape_fn((100, 1), |(row, _)| row as f64);
/// let labels: Vec<u32> = (0..100).map(|row| u32::from((30..70).contains(&row))).collect();
/// let data = TrainingSet::new(features.view(), &labels, 2)?;
/// let model = GradientBoosting::default().fit(&data)?;
/// assert_eq!(model.predict(array![[10.2], [50.5], [90.1]].view())?, [0, 1, 0]);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// Friedman: Greedy function approximation, Annals of Statistics 29 (2001); Ke et al.: LightGBM (NIPS 2017); defaults of
/// `sklearn.ensemble.HistGradientBoostingClassifier` of scikit-learn 1.9.
///
/// # Differences
///
/// Bins are cut at quantiles of all rows, where scikit-learn draws 200,000. If early stopping is
/// [`EarlyStopping::Auto`] and the rows cannot be split so that every class has a row on either side, all are trained on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GradientBoosting {
    /// The factor of every step, above 0. Default 0.1.
    pub learning_rate: f64,
    /// The most iterations, at least 1. Default 100.
    pub max_iterations: usize,
    /// The most leaves of a tree, at least 2. Default 31.
    pub max_leaf_nodes: usize,
    /// The most questions between the root and a leaf, at least 1, or no limit. Default `None`.
    pub max_depth: Option<usize>,
    /// The fewest rows of a leaf, at least 1. Default 20.
    pub min_samples_leaf: usize,
    /// λ, at least 0. Default 0.
    pub l2_regularization: f64,
    /// The most bins of a feature, from 2 to 255. Default 255.
    pub max_bins: usize,
    /// Whether to stop before `max_iterations`. Default [`EarlyStopping::Auto`].
    pub early_stopping: EarlyStopping,
    /// The share of the rows that early stopping holds out, above 0 and below 1. Default 0.1.
    pub validation_fraction: f64,
    /// Early stopping ends the training after so many iterations without a smaller loss, at least 1. Default 10.
    pub n_iter_no_change: usize,
    /// A loss must be smaller by more than this to count as smaller; at least 0. Default 1e-7.
    pub tolerance: f64,
    /// Where the random numbers start that choose the rows to hold out; there are no others. Default 0.
    pub seed: u32,
}

/// Above this total the weights are scaled, lest sums of gradients overflow. Below it they are not: the second derivatives
/// of a leaf must add up to 1e-3, and λ counts beside them.
const LARGEST_TOTAL: f64 = 1e100;

/// Whether gradient boosting holds rows out, and stops when their loss no longer falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum EarlyStopping {
    /// Above 10,000 rows.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never: all rows are trained on for all iterations.
    Never,
}

impl EarlyStopping {
    /// The most rows with which [`EarlyStopping::Auto`] does not stop early.
    const AUTO_ROWS: usize = 10_000;
}

impl Default for GradientBoosting {
    fn default() -> Self {
        Self {
            learning_rate: 0.1,
            max_iterations: 100,
            max_leaf_nodes: 31,
            max_depth: None,
            min_samples_leaf: 20,
            l2_regularization: 0.0,
            max_bins: 255,
            early_stopping: EarlyStopping::Auto,
            validation_fraction: 0.1,
            n_iter_no_change: 10,
            tolerance: 1e-7,
            seed: 0,
        }
    }
}

impl GradientBoosting {
    /// Sets the factor of every step.
    #[must_use]
    pub fn with_learning_rate(mut self, learning_rate: f64) -> Self {
        self.learning_rate = learning_rate;
        self
    }

    /// Sets the most iterations.
    #[must_use]
    pub fn with_max_iterations(mut self, max_iterations: usize) -> Self {
        self.max_iterations = max_iterations;
        self
    }

    /// Sets the most leaves of a tree.
    #[must_use]
    pub fn with_max_leaf_nodes(mut self, max_leaf_nodes: usize) -> Self {
        self.max_leaf_nodes = max_leaf_nodes;
        self
    }

    /// Sets the most questions between the root and a leaf.
    #[must_use]
    pub fn with_max_depth(mut self, max_depth: Option<usize>) -> Self {
        self.max_depth = max_depth;
        self
    }

    /// Sets the fewest rows of a leaf.
    #[must_use]
    pub fn with_min_samples_leaf(mut self, min_samples_leaf: usize) -> Self {
        self.min_samples_leaf = min_samples_leaf;
        self
    }

    /// Sets λ.
    #[must_use]
    pub fn with_l2_regularization(mut self, l2_regularization: f64) -> Self {
        self.l2_regularization = l2_regularization;
        self
    }

    /// Sets the most bins of a feature.
    #[must_use]
    pub fn with_max_bins(mut self, max_bins: usize) -> Self {
        self.max_bins = max_bins;
        self
    }

    /// Sets whether to stop before `max_iterations`.
    #[must_use]
    pub fn with_early_stopping(mut self, early_stopping: EarlyStopping) -> Self {
        self.early_stopping = early_stopping;
        self
    }

    /// Sets the share of the rows that early stopping holds out.
    #[must_use]
    pub fn with_validation_fraction(mut self, validation_fraction: f64) -> Self {
        self.validation_fraction = validation_fraction;
        self
    }

    /// Sets after how many iterations without a smaller loss early stopping ends the training.
    #[must_use]
    pub fn with_n_iter_no_change(mut self, n_iter_no_change: usize) -> Self {
        self.n_iter_no_change = n_iter_no_change;
        self
    }

    /// Sets by how much a loss must be smaller to count as smaller.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Sets where the random numbers start.
    #[must_use]
    pub fn with_seed(mut self, seed: u32) -> Self {
        self.seed = seed;
        self
    }

    /// Trains a model, as [`Classifier::fit`] does, and keeps its type.
    ///
    /// # Errors
    ///
    /// [`LearningError::InvalidOption`]; [`LearningError::TooManyRows`] above 2³¹ rows; with [`EarlyStopping::Always`]
    /// also [`LearningError::TestSize`] or [`LearningError::LonelyClass`] when the rows cannot be split.
    pub fn fit_model(&self, training: &TrainingSet<'_>) -> Result<FittedGradientBoosting, LearningError> {
        self.check_options()?;
        let mut counted = CountedRows::new(training)?;
        if counted.total_weight() > LARGEST_TOTAL {
            counted.scale_weights();
        }
        let mut validation_rows = None;
        if let Some(split) = HoldOut::new(self, &counted)? {
            validation_rows = Some(counted.select(&split.validation));
            counted = counted.select(&split.training);
        }
        let bins = BinnedFeatures::new(training.features(), &counted, self.max_bins);
        let mut logits = Logits::new(&counted);
        let baseline = logits.baseline();
        let mut validation = validation_rows.map(|rows| Validation::new(self, training, rows, &baseline));
        let mut limits = Limits {
            learning_rate: self.learning_rate,
            max_leaf_nodes: self.max_leaf_nodes,
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            min_samples_leaf: self.min_samples_leaf,
            l2_regularization: self.l2_regularization,
            features_in_parallel: false,
        };
        // Several trees at once keep all threads busy, if there is memory for that; a tree that has threads for itself
        // shares out its features.
        let n_threads = rayon::current_num_threads();
        let affordable = limits.affordable_trees(bins.n_bins, counted.len());
        let at_once = if affordable < n_threads { affordable } else { baseline.len().max(1) };
        limits.features_in_parallel = at_once.min(baseline.len()) < n_threads;
        let workspaces = Workspaces::default();
        let mut probabilities = Probabilities::new(&counted);
        let mut trees = Vec::new();
        let mut iterations = 0;
        // A single class has no logit, and needs no tree.
        while iterations < self.max_iterations && !baseline.is_empty() {
            probabilities.update(&logits);
            let new: Vec<FlatTree> = logits
                .columns_mut()
                .chunks_mut(at_once)
                .enumerate()
                .flat_map(|(chunk, columns)| {
                    let grow = |(number, logits): (usize, &mut Vec<f64>)| {
                        workspaces.with(|workspace| {
                            let output = chunk * at_once + number;
                            probabilities.gradients(output, &counted, workspace.gradients_mut());
                            Growth::new(&bins, &limits, workspace).grow(logits)
                        })
                    };
                    columns.par_iter_mut().enumerate().map(grow).collect::<Vec<_>>()
                })
                .collect();
            iterations += 1;
            let stop = validation.as_mut().is_some_and(|validation| validation.add(&new));
            trees.extend(new);
            if stop {
                break;
            }
        }
        Ok(FittedGradientBoosting {
            trees,
            baseline,
            iterations,
            labels: counted.labels,
            n_classes: training.n_classes(),
            n_features: training.n_features(),
        })
    }

    fn check_options(&self) -> Result<(), LearningError> {
        let refuse = |option, value, bound| Err(LearningError::InvalidOption { option, value, bound });
        if !self.learning_rate.is_finite() || self.learning_rate <= 0.0 {
            return refuse("learning_rate", self.learning_rate, "finite and above 0");
        }
        if self.max_iterations == 0 {
            return refuse("max_iterations", 0.0, "at least 1");
        }
        if self.max_leaf_nodes < 2 {
            return refuse("max_leaf_nodes", self.max_leaf_nodes as f64, "at least 2");
        }
        if self.max_depth == Some(0) {
            return refuse("max_depth", 0.0, "at least 1, or no limit");
        }
        if self.min_samples_leaf == 0 {
            return refuse("min_samples_leaf", 0.0, "at least 1");
        }
        if !self.l2_regularization.is_finite() || self.l2_regularization < 0.0 {
            return refuse("l2_regularization", self.l2_regularization, "finite and at least 0");
        }
        if !(2..=255).contains(&self.max_bins) {
            return refuse("max_bins", self.max_bins as f64, "from 2 to 255");
        }
        if !(self.validation_fraction > 0.0 && self.validation_fraction < 1.0) {
            return refuse("validation_fraction", self.validation_fraction, "above 0 and below 1");
        }
        if self.n_iter_no_change == 0 {
            return refuse("n_iter_no_change", 0.0, "at least 1");
        }
        if !self.tolerance.is_finite() || self.tolerance < 0.0 {
            return refuse("tolerance", self.tolerance, "finite and at least 0");
        }
        Ok(())
    }
}

impl Classifier for GradientBoosting {
    fn fit(&self, training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
        Ok(Box::new(self.fit_model(training)?))
    }

    fn supports_sample_weight(&self) -> bool {
        true
    }
}

/// A trained [`GradientBoosting`].
///
/// ```
/// use cleanlab_learning::{FittedClassifier, GradientBoosting, TrainingSet};
/// use ndarray::array;
/// let features = array![[0.0], [0.2], [0.9], [1.0]];
/// // Class 1 of 3 does not occur, so that nothing is ever predicted to be of class 1.
/// let data = TrainingSet::new(features.view(), &[0, 0, 2, 2], 3)?;
/// let model = GradientBoosting::default().with_min_samples_leaf(1).fit_model(&data)?;
/// assert_eq!(model.iterations(), 100);
/// assert_eq!(model.predict_proba(features.view())?.column(1).sum(), 0.0);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FittedGradientBoosting {
    /// Iteration by iteration, a tree per logit.
    trees: Vec<FlatTree>,
    /// The logits before the first tree: one per class, one for the second of two, none for a single class.
    baseline: Vec<f64>,
    iterations: usize,
    labels: Vec<u32>,
    n_classes: usize,
    n_features: usize,
}

impl FittedGradientBoosting {
    /// Iterations done: less than `max_iterations` if the training stopped early, 0 if there was a single class.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// Number of leaves of all trees together, which tells how large the model is.
    #[must_use]
    pub fn n_leaves(&self) -> usize {
        self.trees.iter().map(FlatTree::n_leaves).sum()
    }
}

impl FittedClassifier for FittedGradientBoosting {
    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
        if features.ncols() != self.n_features {
            return Err(LearningError::FeatureCount { expected: self.n_features, found: features.ncols() });
        }
        check_finite(features)?;
        let n_outputs = self.baseline.len();
        Ok(for_each_block_of_rows(features, self.n_classes, |features, pred_probs| {
            let rows = features.chunks_exact(self.n_features);
            let mut logits = self.baseline.repeat(rows.len());
            if n_outputs > 0 {
                add_trees(&self.trees, features, &mut logits, n_outputs);
            }
            let mut shares = vec![0.0; self.labels.len()];
            for (row, pred_probs) in pred_probs.chunks_exact_mut(self.n_classes).enumerate() {
                softmax(&logits[row * n_outputs..][..n_outputs], &mut shares);
                for (&label, &share) in self.labels.iter().zip(&shares) {
                    pred_probs[label as usize] = share;
                }
            }
        }))
    }
}

/// Adds trees to the logits of some rows, both row by row; the trees take turns in adding to the `n_outputs` logits.
fn add_trees(trees: &[FlatTree], features: &[f64], logits: &mut [f64], n_outputs: usize) {
    let n_features = features.len() / (logits.len() / n_outputs).max(1);
    for (number, tree) in trees.iter().enumerate() {
        let logits = logits.iter_mut().skip(number % n_outputs).step_by(n_outputs);
        for (logit, row) in logits.zip(features.chunks_exact(n_features)) {
            *logit += tree.leaf_of(row).value;
        }
    }
}
