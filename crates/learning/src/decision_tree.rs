//! What forests and boosted trees have in common: trees as flat arrays, and the random numbers that grow them.

mod flat_tree;
mod split_mix;

pub(crate) use flat_tree::{FlatTree, Node, for_each_block_of_rows};
pub(crate) use split_mix::SplitMix64;
