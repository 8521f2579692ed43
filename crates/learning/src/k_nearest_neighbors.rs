//! Classes by the classes of the nearest training rows.

use cleanlab_core::pairwise_sum;
use cleanlab_neighbors::{ExactIndex, Metric, Neighbors};
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut1, Zip};

use crate::classifier::{Classifier, FittedClassifier};
use crate::errors::LearningError;
use crate::training_set::{TrainingSet, check_finite};

/// Cosine distances up to this are what rounding leaves of 0; `correct_precision_errors` of cleanlab.
const ROUNDED_ZERO: f64 = 100.0 * f64::EPSILON / 2.0;

/// Inverses of smaller distances are taken relative to the nearest, so that their sum stays finite.
const SMALLEST_DISTANCE: f64 = 1e-290;

/// How much each of the nearest rows counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum NeighborWeights {
    /// All alike.
    #[default]
    Uniform,
    /// By the inverse of its distance. Where rows are at distance 0, they alone count, and all alike.
    Distance,
}

/// The k-nearest-neighbour classifier: the share of each class among the training rows that are closest.
///
/// ```text
/// p(c | x)  =  Σ wᵢ [yᵢ = c] / Σ wᵢ    over the k training rows i that are nearest to x,    wᵢ = 1 or 1 / d(x, xᵢ)
/// ```
///
/// Neighbours are exact; of several at the same distance the first in the training set come first, which decides who is
/// among the k. Searches run on the current rayon pool, and the same bits come out on any number of threads.
///
/// Takes no sample weights: [`Classifier::supports_sample_weight`] says so, and training rows with weights are refused.
///
/// # Example
///
/// ```
/// use cleanlab_learning::{Classifier, KNearestNeighbors, NeighborWeights, TrainingSet};
/// use ndarray::array;
///
/// let features = array![[0.0], [1.0], [2.0], [9.0], [10.0]];
/// let data = TrainingSet::new(features.view(), &[0, 0, 1, 1, 1], 2)?;
/// let model = KNearestNeighbors::default().with_n_neighbors(3).fit(&data)?;
/// assert_eq!(model.predict_proba(array![[9.9]].view())?, array![[0.0, 1.0]]);
///
/// // The three rows nearest to 0.5 are at the distances 0.5, 0.5 and 1.5.
/// let by_distance = KNearestNeighbors::default().with_n_neighbors(3).with_weights(NeighborWeights::Distance);
/// let pred_probs = by_distance.fit(&data)?.predict_proba(array![[0.5]].view())?;
/// assert!((pred_probs[[0, 1]] - (1.0 / 1.5) / (2.0 + 2.0 + 1.0 / 1.5)).abs() < 1e-15);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `sklearn.neighbors.KNeighborsClassifier` of scikit-learn 1.9, with `n_neighbors`, `weights` and `metric`.
///
/// # Differences
///
/// Which of several rows at the same distance are among the k is left open by scikit-learn, and differs by its
/// `algorithm`. Its brute force computes Euclidean distances with rounding errors of some 1e-8 of the norms. Cosine
/// distances up to 1.1e-14, which is what rounding leaves of 0, count as 0 here. More neighbours than training rows are
/// refused when the model is trained, not when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KNearestNeighbors {
    /// Number of neighbours k, between 1 and the number of training rows. Default 5.
    pub n_neighbors: usize,
    /// How much each of them counts. Default [`NeighborWeights::Uniform`].
    pub weights: NeighborWeights,
    /// How far apart rows are. Default [`Metric::Euclidean`].
    pub metric: Metric,
}

impl Default for KNearestNeighbors {
    fn default() -> Self {
        Self { n_neighbors: 5, weights: NeighborWeights::default(), metric: Metric::Euclidean }
    }
}

impl KNearestNeighbors {
    /// Sets the number of neighbours.
    #[must_use]
    pub fn with_n_neighbors(mut self, n_neighbors: usize) -> Self {
        self.n_neighbors = n_neighbors;
        self
    }

    /// Sets how much each neighbour counts.
    #[must_use]
    pub fn with_weights(mut self, weights: NeighborWeights) -> Self {
        self.weights = weights;
        self
    }

    /// Sets the metric.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
        self.metric = metric;
        self
    }

    /// Trains a model, as [`Classifier::fit`] does, and keeps its type, so that it can be asked for neighbours.
    ///
    /// # Errors
    ///
    /// [`LearningError::WeightsUnsupported`] for sample weights; [`LearningError::InvalidOption`] unless there are
    /// between 1 and N neighbours; [`LearningError::Neighbors`] for features beyond ±1e150.
    pub fn fit_model(&self, training: &TrainingSet<'_>) -> Result<FittedKNearestNeighbors, LearningError> {
        if training.sample_weight().is_some() {
            return Err(LearningError::WeightsUnsupported);
        }
        if self.n_neighbors == 0 || self.n_neighbors > training.n_rows() {
            return Err(LearningError::InvalidOption {
                option: "n_neighbors",
                value: self.n_neighbors as f64,
                bound: "between 1 and the number of training rows",
            });
        }
        Ok(FittedKNearestNeighbors {
            index: ExactIndex::new(training.features().to_owned(), self.metric)?,
            labels: training.labels().to_vec(),
            n_classes: training.n_classes(),
            n_neighbors: self.n_neighbors,
            weights: self.weights,
        })
    }
}

impl Classifier for KNearestNeighbors {
    fn fit(&self, training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
        Ok(Box::new(self.fit_model(training)?))
    }
}

/// A trained [`KNearestNeighbors`]: a copy of the training rows, to search in.
///
/// ```
/// use cleanlab_learning::{KNearestNeighbors, TrainingSet};
/// use ndarray::array;
/// let features = array![[0.0], [1.0], [5.0]];
/// let data = TrainingSet::new(features.view(), &[0, 0, 1], 2)?;
/// let model = KNearestNeighbors::default().with_n_neighbors(2).fit_model(&data)?;
/// // Which training rows a prediction rests on.
/// assert_eq!(model.neighbors(array![[4.0]].view())?.indices, array![[2, 1]]);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
#[derive(Debug)]
pub struct FittedKNearestNeighbors {
    index: ExactIndex<'static, f64>,
    labels: Vec<u32>,
    n_classes: usize,
    n_neighbors: usize,
    weights: NeighborWeights,
}

impl FittedKNearestNeighbors {
    /// The training rows nearest to each row, and how far they are.
    ///
    /// # Shapes
    ///
    /// M × p features give M × k neighbours.
    ///
    /// # Errors
    ///
    /// [`LearningError::FeatureCount`] and [`LearningError::NonFiniteFeature`]; [`LearningError::Neighbors`] for features
    /// beyond ±1e150.
    ///
    /// # Source
    ///
    /// `sklearn.neighbors.KNeighborsClassifier.kneighbors`.
    #[doc(alias = "kneighbors")]
    pub fn neighbors(&self, features: ArrayView2<'_, f64>) -> Result<Neighbors, LearningError> {
        let (expected, found) = (self.index.n_features(), features.ncols());
        if found != expected {
            return Err(LearningError::FeatureCount { expected, found });
        }
        check_finite(features)?;
        Ok(self.index.query(features, self.n_neighbors)?)
    }

    /// Adds up the weights of the neighbours of one row by class, and divides by their sum.
    fn predict_row(
        &self,
        indices: ArrayView1<'_, u32>,
        distances: ArrayView1<'_, f64>,
        mut pred_probs: ArrayViewMut1<'_, f64>,
    ) {
        let votes = Votes::new(self.weights, self.index.metric(), distances);
        for (&index, &distance) in indices.iter().zip(distances) {
            pred_probs[self.labels[index as usize] as usize] += votes.of(distance);
        }
        let total = pairwise_sum(&pred_probs.to_vec());
        pred_probs.map_inplace(|p| *p /= total);
    }
}

/// How distances turn into weights among the neighbours of one row.
#[derive(Clone, Copy)]
enum Votes {
    Alike,
    /// 1 for distances up to the bound, 0 for others.
    AtDistanceZero {
        bound: f64,
    },
    /// The unit over the distance.
    Inverse {
        unit: f64,
    },
}

impl Votes {
    /// `distances` ascend.
    fn new(weights: NeighborWeights, metric: Metric, distances: ArrayView1<'_, f64>) -> Self {
        if weights == NeighborWeights::Uniform {
            return Self::Alike;
        }
        let bound = if metric == Metric::Cosine { ROUNDED_ZERO } else { 0.0 };
        let nearest = distances[0];
        if nearest <= bound {
            return Self::AtDistanceZero { bound };
        }
        Self::Inverse { unit: if nearest < SMALLEST_DISTANCE { nearest } else { 1.0 } }
    }

    fn of(self, distance: f64) -> f64 {
        match self {
            Self::Alike => 1.0,
            Self::AtDistanceZero { bound } => f64::from(distance <= bound),
            Self::Inverse { unit } => unit / distance,
        }
    }
}

impl FittedClassifier for FittedKNearestNeighbors {
    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
        let neighbors = self.neighbors(features)?;
        let mut pred_probs = Array2::zeros((features.nrows(), self.n_classes));
        Zip::from(pred_probs.rows_mut())
            .and(neighbors.indices.rows())
            .and(neighbors.distances.rows())
            .par_for_each(|pred_probs, indices, distances| self.predict_row(indices, distances, pred_probs));
        Ok(pred_probs)
    }
}
