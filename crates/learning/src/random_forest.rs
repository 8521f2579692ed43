//! A random forest: trees grown on random rows and random features, and their average.

mod ranked_features;
mod split_search;
mod tree_growth;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::classifier::{Classifier, FittedClassifier};
use crate::counted_rows::CountedRows;
use crate::decision_tree::{FlatTree, for_each_block_of_rows};
use crate::errors::LearningError;
use crate::training_set::{TrainingSet, check_finite};
use ranked_features::RankedFeatures;
use tree_growth::{Forest, Growth, Limits, Workspace};

/// Decision trees on bootstrapped rows, split by Gini impurity among random features; their probabilities are averaged.
///
/// A node is split where, among `max_features` features drawn anew for it, the impurity of the two sides is least:
///
/// ```text
/// minimise  Wₗ · (1 − Σₖ (wₗₖ / Wₗ)²)  +  Wᵣ · (1 − Σₖ (wᵣₖ / Wᵣ)²)
/// ```
///
/// where wₗₖ is the weight of class k on the left and Wₗ that of all classes; the threshold is half way between two
/// values that occur. A feature that is constant in the node counts as drawn, but the search goes on until one is not.
/// Every split of every feature drawn is considered, and trees grow until their leaves are pure, unless an option stops
/// them earlier. A leaf predicts the shares of its classes.
///
/// Needs no standardising: only the order of a feature's values matters. Takes sample weights; rows of weight 0 are as
/// though absent. Each tree draws from its own stream of the seed, so that the same bits come out on any number of
/// threads, whose number is that of the current rayon pool.
///
/// # Example
///
/// ```
/// use cleanlab_learning::{Classifier, RandomForest, TrainingSet};
/// use ndarray::array;
///
/// // No line separates the classes: class 1 is where exactly one feature is large.
/// let features = array![[0.0, 0.1], [0.1, 0.0], [1.0, 0.9], [0.9, 1.0], [0.0, 1.0], [0.1, 0.9], [1.0, 0.1], [0.9, 0.0]];
/// let data = TrainingSet::new(features.view(), &[0, 0, 0, 0, 1, 1, 1, 1], 2)?;
/// let forest = RandomForest::default().with_seed(1).fit(&data)?;
/// assert_eq!(forest.predict(array![[0.05, 0.05], [0.95, 0.05]].view())?, [0, 1]);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// Breiman: Random Forests, Machine Learning 45 (2001); defaults of `sklearn.ensemble.RandomForestClassifier` of
/// scikit-learn 1.9.
///
/// # Differences
///
/// Not the random numbers of scikit-learn, so that single trees differ. Features keep 64 bits, of which scikit-learn drops
/// 29, and however close values are, they can be told apart.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RandomForest {
    /// Number of trees, at least 1. Default 100.
    pub n_trees: usize,
    /// The most questions between the root and a leaf, at least 1, or no limit. Default `None`.
    pub max_depth: Option<usize>,
    /// The fewest rows that a node needs to be split, at least 2. Default 2.
    pub min_samples_split: usize,
    /// The fewest rows on either side of a split, at least 1. Default 1. A row drawn several times is one row.
    pub min_samples_leaf: usize,
    /// How many features each split chooses from. Default [`MaxFeatures::Sqrt`].
    pub max_features: MaxFeatures,
    /// Which rows each tree sees. Default [`RowSampling::Bootstrap`].
    pub row_sampling: RowSampling,
    /// Where the random numbers start. Default 0.
    pub seed: u32,
}

/// How many of p features each split of a tree chooses from; at least 1 and at most p.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum MaxFeatures {
    /// ⌊√p⌋.
    #[default]
    Sqrt,
    /// ⌊log₂ p⌋.
    Log2,
    /// All of them.
    All,
    /// So many, at least 1.
    Count(usize),
    /// This share of them, rounded down; above 0 and at most 1.
    Fraction(f64),
}

impl MaxFeatures {
    /// The number of features for p of them.
    ///
    /// ```
    /// use cleanlab_learning::MaxFeatures;
    /// assert_eq!(MaxFeatures::Sqrt.of(30), 5);
    /// assert_eq!(MaxFeatures::Fraction(0.01).of(30), 1);
    /// ```
    #[must_use]
    pub fn of(self, n_features: usize) -> usize {
        let wanted = match self {
            Self::Sqrt => n_features.isqrt(),
            Self::Log2 => n_features.max(1).ilog2() as usize,
            Self::All => n_features,
            Self::Count(count) => count,
            Self::Fraction(fraction) => (fraction * n_features as f64) as usize,
        };
        wanted.min(n_features).max(1)
    }
}

/// Which rows each tree of a forest is grown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RowSampling {
    /// As many as there are, drawn with replacement.
    #[default]
    Bootstrap,
    /// All of them, once; trees differ by the features that they draw.
    EveryRow,
}

impl Default for RandomForest {
    fn default() -> Self {
        Self {
            n_trees: 100,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            max_features: MaxFeatures::Sqrt,
            row_sampling: RowSampling::Bootstrap,
            seed: 0,
        }
    }
}

/// More than memory holds for all but the smallest tables.
const MOST_TREES: usize = 100_000;

impl RandomForest {
    /// Sets the number of trees.
    #[must_use]
    pub fn with_n_trees(mut self, n_trees: usize) -> Self {
        self.n_trees = n_trees;
        self
    }

    /// Sets the most questions between the root and a leaf.
    #[must_use]
    pub fn with_max_depth(mut self, max_depth: Option<usize>) -> Self {
        self.max_depth = max_depth;
        self
    }

    /// Sets the fewest rows that a node needs to be split.
    #[must_use]
    pub fn with_min_samples_split(mut self, min_samples_split: usize) -> Self {
        self.min_samples_split = min_samples_split;
        self
    }

    /// Sets the fewest rows on either side of a split.
    #[must_use]
    pub fn with_min_samples_leaf(mut self, min_samples_leaf: usize) -> Self {
        self.min_samples_leaf = min_samples_leaf;
        self
    }

    /// Sets how many features each split chooses from.
    #[must_use]
    pub fn with_max_features(mut self, max_features: MaxFeatures) -> Self {
        self.max_features = max_features;
        self
    }

    /// Sets which rows each tree sees.
    #[must_use]
    pub fn with_row_sampling(mut self, row_sampling: RowSampling) -> Self {
        self.row_sampling = row_sampling;
        self
    }

    /// Sets where the random numbers start.
    #[must_use]
    pub fn with_seed(mut self, seed: u32) -> Self {
        self.seed = seed;
        self
    }

    /// Trains a forest, as [`Classifier::fit`] does, and keeps its type.
    ///
    /// # Errors
    ///
    /// [`LearningError::InvalidOption`], or [`LearningError::TooManyRows`] above 2³¹ rows.
    pub fn fit_model(&self, training: &TrainingSet<'_>) -> Result<FittedRandomForest, LearningError> {
        self.check_options()?;
        let mut counted = CountedRows::new(training)?;
        counted.scale_weights();
        let forest = Forest {
            features: training.features(),
            ranks: &RankedFeatures::new(training.features(), &counted.rows),
            counted: &counted,
            limits: Limits {
                max_depth: self.max_depth.unwrap_or(usize::MAX),
                min_samples_split: self.min_samples_split.max(self.min_samples_leaf.saturating_mul(2)),
                min_samples_leaf: self.min_samples_leaf,
                max_features: self.max_features.of(training.n_features()),
            },
            row_sampling: self.row_sampling,
            seed: self.seed,
        };
        let trees = (0..self.n_trees)
            .into_par_iter()
            .map_init(Workspace::default, |workspace, tree| Growth::new(&forest, tree, workspace).grow())
            .collect();
        Ok(FittedRandomForest {
            trees,
            labels: counted.labels,
            n_classes: training.n_classes(),
            n_features: training.n_features(),
        })
    }

    fn check_options(&self) -> Result<(), LearningError> {
        let refuse = |option, value, bound| Err(LearningError::InvalidOption { option, value, bound });
        if !(1..=MOST_TREES).contains(&self.n_trees) {
            return refuse("n_trees", self.n_trees as f64, "from 1 to 100000");
        }
        if self.max_depth == Some(0) {
            return refuse("max_depth", 0.0, "at least 1, or no limit");
        }
        if self.min_samples_split < 2 {
            return refuse("min_samples_split", self.min_samples_split as f64, "at least 2");
        }
        if self.min_samples_leaf == 0 {
            return refuse("min_samples_leaf", 0.0, "at least 1");
        }
        match self.max_features {
            MaxFeatures::Count(0) => refuse("max_features", 0.0, "at least 1"),
            MaxFeatures::Fraction(share) if !(share > 0.0 && share <= 1.0) => {
                refuse("max_features", share, "above 0 and at most 1 as a fraction")
            }
            _ => Ok(()),
        }
    }
}

impl Classifier for RandomForest {
    fn fit(&self, training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
        Ok(Box::new(self.fit_model(training)?))
    }

    fn supports_sample_weight(&self) -> bool {
        true
    }
}

/// A trained [`RandomForest`].
///
/// ```
/// use cleanlab_learning::{FittedClassifier, RandomForest, TrainingSet};
/// use ndarray::array;
/// let features = array![[0.0], [0.2], [0.9], [1.0]];
/// // Class 1 of 3 does not occur, so that nothing is ever predicted to be of class 1.
/// let data = TrainingSet::new(features.view(), &[0, 0, 2, 2], 3)?;
/// let forest = RandomForest::default().with_n_trees(20).fit_model(&data)?;
/// assert_eq!(forest.n_trees(), 20);
/// assert_eq!(forest.predict_proba(features.view())?.column(1).sum(), 0.0);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FittedRandomForest {
    trees: Vec<GrownTree>,
    labels: Vec<u32>,
    n_classes: usize,
    n_features: usize,
}

/// A tree, and what its leaves predict.
///
/// The number in a leaf is a class, if all its rows are of that class, or the number of classes plus the number of its
/// row in `shares`. Most leaves are pure, so that this needs little memory however many classes there are.
#[derive(Debug, Clone, PartialEq)]
struct GrownTree {
    tree: FlatTree,
    shares: Vec<f64>,
}

impl FittedRandomForest {
    /// Number of trees.
    #[must_use]
    pub fn n_trees(&self) -> usize {
        self.trees.len()
    }

    /// Number of leaves of all trees together, which tells how large the forest is.
    #[must_use]
    pub fn n_leaves(&self) -> usize {
        self.trees.iter().map(|grown| grown.tree.n_leaves()).sum()
    }
}

impl FittedClassifier for FittedRandomForest {
    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
        if features.ncols() != self.n_features {
            return Err(LearningError::FeatureCount { expected: self.n_features, found: features.ncols() });
        }
        check_finite(features)?;
        Ok(for_each_block_of_rows(features, self.n_classes, |features, pred_probs| {
            let rows = features.chunks_exact(self.n_features);
            let n_labels = self.labels.len();
            for grown in &self.trees {
                for (row, pred_probs) in rows.clone().zip(pred_probs.chunks_exact_mut(self.n_classes)) {
                    let leaf = grown.tree.leaf_of(row).next as usize;
                    let Some(mixed) = leaf.checked_sub(n_labels) else {
                        pred_probs[self.labels[leaf] as usize] += 1.0;
                        continue;
                    };
                    for (&label, share) in self.labels.iter().zip(&grown.shares[mixed * n_labels..]) {
                        pred_probs[label as usize] += share;
                    }
                }
            }
            let n_trees = self.trees.len() as f64;
            for probability in pred_probs {
                *probability = (*probability / n_trees).min(1.0);
            }
        }))
    }
}
