//! What an audit looks at.

use std::sync::Arc;

use cleanlab_neighbors::KnnGraph;
use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::data_columns::DataColumns;

/// A matrix of either precision, borrowed.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Matrix<'a> {
    /// Of `f32`.
    F32(ArrayView2<'a, f32>),
    /// Of `f64`.
    F64(ArrayView2<'a, f64>),
}

impl Matrix<'_> {
    /// Number of rows and columns.
    #[must_use]
    pub fn dim(&self) -> (usize, usize) {
        match self {
            Self::F32(view) => view.dim(),
            Self::F64(view) => view.dim(),
        }
    }
}

impl<'a> From<ArrayView2<'a, f32>> for Matrix<'a> {
    fn from(view: ArrayView2<'a, f32>) -> Self {
        Self::F32(view)
    }
}

impl<'a> From<ArrayView2<'a, f64>> for Matrix<'a> {
    fn from(view: ArrayView2<'a, f64>) -> Self {
        Self::F64(view)
    }
}

impl<'a> From<&'a Array2<f32>> for Matrix<'a> {
    fn from(array: &'a Array2<f32>) -> Self {
        Self::F32(array.view())
    }
}

impl<'a> From<&'a Array2<f64>> for Matrix<'a> {
    fn from(array: &'a Array2<f64>) -> Self {
        Self::F64(array.view())
    }
}

impl<'a> Matrix<'a> {
    /// The same for a shorter time; array views do not shorten by themselves.
    fn reborrow<'b>(self) -> Matrix<'b>
    where
        'a: 'b,
    {
        match self {
            Self::F32(view) => Matrix::F32(view.reborrow()),
            Self::F64(view) => Matrix::F64(view.reborrow()),
        }
    }
}

/// What an audit looks at besides the labels. Everything is optional; the more is given, the more checks can run.
///
/// Nothing is copied.
///
/// # Shapes
///
/// One row, entry or node per example in every part.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::Inputs;
/// use ndarray::array;
/// let pred_probs = array![[0.9, 0.1], [0.2, 0.8]];
/// let features = array![[0.5_f32], [0.7]];
/// let inputs = Inputs::default().with_pred_probs(&pred_probs).with_features(&features);
/// assert_eq!(inputs.features.map(|features| features.dim()), Some((2, 1)));
/// ```
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Inputs<'a> {
    /// Out-of-sample predicted probabilities, N × K: of one class per row, or of each class on its own.
    pub pred_probs: Option<Matrix<'a>>,
    /// Out-of-sample predictions of numeric labels, N.
    pub predictions: Option<ArrayView1<'a, f64>>,
    /// Features or embeddings, N × p. NaN marks a missing value, which most checks refuse.
    pub features: Option<Matrix<'a>>,
    /// Nearest neighbours that were found elsewhere.
    pub knn_graph: Option<&'a Arc<KnnGraph>>,
    /// The cluster of each row, for the check of groups; −1 for rows in none.
    pub cluster_ids: Option<ArrayView1<'a, i64>>,
    /// The data themselves, for the checks of columns and of rows that are equal.
    pub columns: Option<&'a dyn DataColumns>,
    /// The name of the column of `columns` that the labels are taken from.
    pub label_column: Option<&'a str>,
    /// The name of the column that tells splits such as `train` and `test` apart.
    pub split_column: Option<&'a str>,
}

impl<'a> Inputs<'a> {
    /// The same for a shorter time; array views do not shorten by themselves.
    pub(crate) fn reborrow<'b>(self) -> Inputs<'b>
    where
        'a: 'b,
    {
        Inputs {
            pred_probs: self.pred_probs.map(Matrix::reborrow),
            predictions: self.predictions.map(ArrayView1::reborrow),
            features: self.features.map(Matrix::reborrow),
            knn_graph: self.knn_graph,
            cluster_ids: self.cluster_ids.map(ArrayView1::reborrow),
            columns: self.columns,
            label_column: self.label_column,
            split_column: self.split_column,
        }
    }

    /// Gives predicted probabilities.
    #[must_use]
    pub fn with_pred_probs(mut self, pred_probs: impl Into<Matrix<'a>>) -> Self {
        self.pred_probs = Some(pred_probs.into());
        self
    }

    /// Gives predictions of numeric labels.
    #[must_use]
    pub fn with_predictions(mut self, predictions: ArrayView1<'a, f64>) -> Self {
        self.predictions = Some(predictions);
        self
    }

    /// Gives features.
    #[must_use]
    pub fn with_features(mut self, features: impl Into<Matrix<'a>>) -> Self {
        self.features = Some(features.into());
        self
    }

    /// Gives a neighbour graph. The audit keeps it, which copies nothing.
    #[must_use]
    pub fn with_knn_graph(mut self, knn_graph: &'a Arc<KnnGraph>) -> Self {
        self.knn_graph = Some(knn_graph);
        self
    }

    /// Gives the clusters of the rows.
    #[must_use]
    pub fn with_cluster_ids(mut self, cluster_ids: ArrayView1<'a, i64>) -> Self {
        self.cluster_ids = Some(cluster_ids);
        self
    }

    /// Gives the data themselves.
    #[must_use]
    pub fn with_columns(mut self, columns: &'a dyn DataColumns) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Names the column that the labels are taken from: rows that differ in nothing else are equal.
    #[must_use]
    pub fn with_label_column(mut self, label_column: &'a str) -> Self {
        self.label_column = Some(label_column);
        self
    }

    /// Names the column that tells splits apart.
    #[must_use]
    pub fn with_split_column(mut self, split_column: &'a str) -> Self {
        self.split_column = Some(split_column);
        self
    }
}
