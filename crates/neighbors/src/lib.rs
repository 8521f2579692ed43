//! k-nearest neighbours, exact or approximate: which rows are closest to which, and how far apart they are.
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
//! number of threads and any processor. Most rows are ruled out beforehand by a matrix product of 8-bit numbers (where the
//! processor has instructions for it) or in `f32`, with a bound on its error that keeps every row that could be among
//! the nearest; see [`ExactIndex`]. With few features and Euclidean distances a tree does the same without comparing
//! every pair.
//!
//! For very many rows [`NeighborSearch::Approximate`] compares only rows that are likely to be near, and tells how many
//! of the exact neighbours it has found; see [`approximate_knn_graph`] and [`find_knn_graph`].
//!
//! Features that do not fit into memory are read in parts by [`find_knn_graph_out_of_core`], within a limit that is told.
//!
//! With the feature `pca` there are `principal_components` too, for a map of the rows.
//!
//! # When not to use it
//!
//! The exact search compares every row with every other one, so its time grows with the square of the number of rows,
//! and so does that of the approximate search where the data have no structure. A graph that was made elsewhere, by
//! [`KnnGraph::new`] and [`correct_knn_graph`], serves as well. To know which rows are outliers use `cleanlab-outlier`.

mod approximate;
mod cells;
mod code_products;
mod codes;
mod descent;
mod duplicates;
mod errors;
mod exact_index;
mod feature_source;
mod features;
mod knn_graph;
mod low_dimension_tree;
mod metric;
mod neighbor_lists;
mod neighbor_sets;
mod neighbors;
mod out_of_core;
mod partition;
#[cfg(feature = "pca")]
mod principal_components;
mod probing;
mod projection_trees;
mod row_codes;
mod sampled_neighbors;
mod screened_block;
mod screening;
mod search;
mod short_products;
mod symmetric_search;

pub use approximate::{ApproximateOptions, FoundBy, FoundGraph, approximate_knn_graph};
pub use duplicates::find_exact_duplicates;
pub use errors::NeighborsError;
pub use exact_index::ExactIndex;
pub use feature_source::FeatureSource;
pub use knn_graph::{
    ExactDuplicates, KnnGraph, KnnGraphOptions, NeighborSearch, correct_knn_graph, create_knn_graph,
    default_k, find_knn_graph,
};
pub use metric::Metric;
pub use neighbor_sets::{NeighborSets, neighbors_within_radius};
pub use neighbors::Neighbors;
pub use out_of_core::{OutOfCoreOptions, find_knn_graph_out_of_core};
#[cfg(feature = "pca")]
pub use principal_components::{PrincipalComponents, principal_components};
