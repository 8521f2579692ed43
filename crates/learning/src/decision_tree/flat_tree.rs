//! Trees as flat arrays, and the passes of rows through them.

use ndarray::parallel::prelude::*;
use ndarray::{Array2, ArrayView2, Axis};

/// A question, or a leaf.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Node {
    /// Rows whose feature is at most this go left. In a leaf, whatever the grower put there.
    pub(crate) value: f64,
    /// The feature that is asked for, or [`Node::LEAF`].
    pub(crate) feature: u32,
    /// The left child; the right one comes next. In a leaf, whatever the grower put there.
    pub(crate) next: u32,
}

impl Node {
    const LEAF: u32 = u32::MAX;

    pub(crate) fn leaf(value: f64, next: u32) -> Self {
        Self { value, feature: Self::LEAF, next }
    }
}

/// The nodes of a tree, its root first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FlatTree {
    pub(crate) nodes: Vec<Node>,
}

impl FlatTree {
    /// The leaf where a row of features ends.
    #[inline]
    pub(crate) fn leaf_of(&self, row: &[f64]) -> &Node {
        let mut node = &self.nodes[0];
        while node.feature != Node::LEAF {
            let right = usize::from(row[node.feature as usize] > node.value);
            node = &self.nodes[node.next as usize + right];
        }
        node
    }

    pub(crate) fn n_leaves(&self) -> usize {
        self.nodes.len().div_ceil(2)
    }
}

/// Rows in a block: a tree stays in the cache while they pass through it.
const BLOCK: usize = 128;

/// Makes `n_columns` numbers per row: `fill` gets blocks of rows of features, contiguous and row by row, and the output of
/// the same rows. Blocks are shared out among threads.
pub(crate) fn for_each_block_of_rows(
    features: ArrayView2<'_, f64>,
    n_columns: usize,
    fill: impl Fn(&[f64], &mut [f64]) + Sync,
) -> Array2<f64> {
    let mut output = Array2::zeros((features.nrows(), n_columns));
    output
        .axis_chunks_iter_mut(Axis(0), BLOCK)
        .into_par_iter()
        .zip(features.axis_chunks_iter(Axis(0), BLOCK))
        .for_each(|(mut output, features)| {
            let features = features.as_standard_layout();
            if let (Some(features), Some(output)) = (features.as_slice(), output.as_slice_mut()) {
                fill(features, output);
            }
        });
    output
}
