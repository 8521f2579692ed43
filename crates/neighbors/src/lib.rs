//! Exact k-nearest neighbours: which rows are closest to which, and how far apart they are.
//!
//! Outlier scores, near duplicates, drift and the nearest-neighbour classifier all stand on the same graph: for every
//! row the k others nearest to it. This crate makes it from features, with cosine or Euclidean distance, or takes one
//! that was made elsewhere ([`KnnGraph::new`]), and corrects it for exact duplicates as cleanlab does.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_neighbors::{KnnGraphOptions, create_knn_graph};
//! use ndarray::array;
//!
//! let features = array![[0.0, 0.0], [0.1, 0.0], [5.0, 5.0], [5.0, 5.2]];
//! let graph = create_knn_graph(features.view(), &KnnGraphOptions::default().with_k(1))?;
//! assert_eq!(graph.indices(), array![[1], [0], [3], [2]]);
//! # Ok::<(), cleanlab_neighbors::NeighborsError>(())
//! ```
//!
//! # How exact, and how fast
//!
//! Distances are computed in `f64`, and neighbours stand in the exact order of these distances, ties by index, on any
//! number of threads and any processor. Most rows are ruled out by a matrix product in `f32` beforehand, with a bound
//! on its error that keeps every row that could be among the nearest; see [`ExactIndex`]. With few features and Euclidean
//! distances a tree does the same without comparing every pair.
//!
//! With the feature `pca` there are [`principal_components`] too, for a map of the rows.
//!
//! # When not to use it
//!
//! Every row is compared with every other one, so time grows with the square of the number of rows: for millions of rows
//! make an approximate graph elsewhere and give it to [`KnnGraph::new`] and [`correct_knn_graph`]. To know which rows are
//! outliers use `cleanlab-outlier`.

mod approximate;
mod duplicates;
mod errors;
mod exact_index;
mod features;
mod knn_graph;
mod low_dimension_tree;
mod metric;
mod neighbor_sets;
mod neighbors;
#[cfg(feature = "pca")]
mod principal_components;
mod screened_block;
mod screening;
mod search;

pub use approximate::{ApproximateOptions, FoundBy, FoundGraph, approximate_knn_graph};
pub use duplicates::find_exact_duplicates;
pub use errors::NeighborsError;
pub use exact_index::ExactIndex;
pub use knn_graph::{
    ExactDuplicates, KnnGraph, KnnGraphOptions, NeighborSearch, correct_knn_graph, create_knn_graph,
    default_k, find_knn_graph,
};
pub use metric::Metric;
pub use neighbor_sets::{NeighborSets, neighbors_within_radius};
pub use neighbors::Neighbors;
#[cfg(feature = "pca")]
pub use principal_components::{PrincipalComponents, principal_components};
