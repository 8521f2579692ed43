//! Classifiers of the smartcore crate.

use ndarray::{Array1, Array2, ArrayView2};
use smartcore::linalg::basic::arrays::Array;
use smartcore::linear::logistic_regression::{
    LogisticRegression as SmartcoreRegression, LogisticRegressionParameters,
};
use smartcore::metrics::distance::euclidian::Euclidian;
use smartcore::neighbors::knn_classifier::{KNNClassifier, KNNClassifierParameters};
use smartcore::tree::decision_tree_classifier::{DecisionTreeClassifier, DecisionTreeClassifierParameters};

use crate::classifier::{Classifier, FittedClassifier};
use crate::errors::LearningError;
use crate::logistic_regression::FittedLogisticRegression;
use crate::training_set::{TrainingSet, check_finite};

/// A classifier of the [smartcore](https://docs.rs/smartcore) crate, behind the feature `smartcore`.
///
/// None of them takes sample weights, and other classifiers of that crate give no probabilities. For logistic regression
/// prefer [`LogisticRegression`](crate::LogisticRegression), which is some fifty times as fast.
///
/// # Example
///
/// ```
/// use cleanlab_learning::{CrossValidationOptions, SmartcoreClassifier, TrainingSet, cross_val_predict};
/// use ndarray::array;
///
/// let features = array![[-2.0], [-1.5], [-1.0], [1.0], [1.5], [2.0]];
/// let data = TrainingSet::new(features.view(), &[0, 0, 0, 1, 1, 1], 2)?;
/// let options = CrossValidationOptions::default().with_n_splits(3);
/// let neighbors = SmartcoreClassifier::NearestNeighbors { k: 3 };
/// let out_of_sample = cross_val_predict(&neighbors, &data, &options)?;
/// assert!(out_of_sample.pred_probs[[0, 0]] > 0.5);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum SmartcoreClassifier {
    /// The shares of the classes among the nearest neighbours, by Euclidean distance.
    NearestNeighbors {
        /// Number of neighbours, at least 1 and at most the number of training rows.
        k: usize,
    },
    /// A decision tree grown by Gini impurity. Its probabilities are 0 or 1: those of the leaf's most frequent class.
    DecisionTree {
        /// The most splits between the root and a leaf; no limit when `None`.
        max_depth: Option<u16>,
        /// The fewest rows in a leaf, at least 1.
        min_samples_leaf: usize,
    },
    /// Logistic regression with an L2 penalty, to the optimum of its own optimiser.
    LogisticRegression {
        /// C, the inverse of the strength of the penalty: above 0.
        c: f64,
    },
}

type Neighbors = KNNClassifier<f64, u32, Array2<f64>, Vec<u32>, Euclidian<f64>>;
type Tree = DecisionTreeClassifier<f64, u32, Array2<f64>, Vec<u32>>;
type Regression = SmartcoreRegression<f64, u32, Array2<f64>, Vec<u32>>;

impl Classifier for SmartcoreClassifier {
    fn fit(&self, training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
        if training.sample_weight().is_some() {
            return Err(LearningError::WeightsUnsupported);
        }
        let features = training.features().to_owned();
        let labels = training.labels().to_vec();
        let model = match *self {
            Self::NearestNeighbors { k } => {
                let parameters = KNNClassifierParameters::default().with_k(k);
                let fitted = Neighbors::fit(&features, &labels, parameters);
                Model::Neighbors(fitted.map_err(LearningError::classifier)?)
            }
            Self::DecisionTree { max_depth, min_samples_leaf } => {
                let mut parameters =
                    DecisionTreeClassifierParameters::default().with_min_samples_leaf(min_samples_leaf);
                parameters.max_depth = max_depth;
                let fitted = Tree::fit(&features, &labels, parameters);
                Model::Tree(fitted.map_err(LearningError::classifier)?)
            }
            Self::LogisticRegression { c } => return Ok(Box::new(fit_regression(training, c)?)),
        };
        Ok(Box::new(FittedSmartcore {
            model,
            classes: training.present_classes(),
            n_classes: training.n_classes(),
            n_features: training.n_features(),
        }))
    }
}

fn fit_regression(training: &TrainingSet<'_>, c: f64) -> Result<FittedLogisticRegression, LearningError> {
    if c.is_nan() || c <= 0.0 {
        return Err(LearningError::InvalidOption { option: "c", value: c, bound: "above 0" });
    }
    let classes = training.present_classes();
    if let [class] = classes[..] {
        return Err(LearningError::OneClass { class });
    }
    let parameters = LogisticRegressionParameters::default().with_alpha(1.0 / c);
    let fitted = Regression::fit(&training.features().to_owned(), &training.labels().to_vec(), parameters)
        .map_err(LearningError::classifier)?;
    // It has no probabilities of its own, but they follow from its coefficients.
    Ok(FittedLogisticRegression::from_coefficients(
        fitted.coefficients().clone(),
        Array1::from_iter(fitted.intercept().iter().copied()),
        classes,
        training.n_classes(),
    ))
}

/// A trained model that gives one column per class that occurs.
struct FittedSmartcore {
    model: Model,
    classes: Vec<u32>,
    n_classes: usize,
    n_features: usize,
}

enum Model {
    Neighbors(Neighbors),
    Tree(Tree),
}

impl FittedClassifier for FittedSmartcore {
    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
        if features.ncols() != self.n_features {
            return Err(LearningError::FeatureCount { expected: self.n_features, found: features.ncols() });
        }
        check_finite(features)?;
        let features = features.to_owned();
        let mut pred_probs = Array2::zeros((features.nrows(), self.n_classes));
        match &self.model {
            Model::Neighbors(neighbors) => {
                let predicted = neighbors.predict_proba(&features).map_err(LearningError::classifier)?;
                for (mut row, predicted) in pred_probs.rows_mut().into_iter().zip(predicted) {
                    for (&class, p) in self.classes.iter().zip(predicted) {
                        row[class as usize] = p;
                    }
                }
            }
            Model::Tree(tree) => {
                let predicted = tree.predict_proba(&features).map_err(LearningError::classifier)?;
                for (index, mut row) in pred_probs.rows_mut().into_iter().enumerate() {
                    for (column, &class) in self.classes.iter().enumerate() {
                        row[class as usize] = *predicted.get((index, column));
                    }
                }
            }
        }
        Ok(pred_probs)
    }
}
