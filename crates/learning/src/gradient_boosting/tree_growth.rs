//! Growing one tree, best leaf first.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};

use super::binned_features::BinnedFeatures;
use super::histograms::{Candidate, Rows, Search, Split, Sums};
use crate::decision_tree::{FlatTree, Node};

pub(super) struct Limits {
    pub(super) learning_rate: f64,
    pub(super) max_leaf_nodes: usize,
    pub(super) max_depth: usize,
    pub(super) min_samples_leaf: usize,
    pub(super) l2_regularization: f64,
    pub(super) features_in_parallel: bool,
}

/// The most bytes in histograms, unless a single tree needs more.
const HISTOGRAM_BYTES: usize = 1 << 30;

impl Limits {
    /// How many trees may grow at the same time for the memory that their histograms take; at least 1.
    pub(super) fn affordable_trees(&self, n_bins: usize, n_rows: usize) -> usize {
        let most_leaves = self.max_leaf_nodes.min(n_rows / self.min_samples_leaf + 1);
        let bytes = n_bins.saturating_mul(size_of::<Sums>()).saturating_mul(most_leaves);
        (HISTOGRAM_BYTES / bytes.max(1)).max(1)
    }
}

/// What a tree needs while it grows, kept for the next tree so that nodes allocate nothing.
#[derive(Default)]
pub(super) struct Workspace {
    /// Of every row.
    gradients: Vec<[f64; 2]>,
    /// All rows; those of a node lie together and are ascending.
    rows: Vec<u32>,
    /// Rows on their way to the right.
    moved: Vec<u32>,
    /// Gradients of the rows of a node.
    node_gradients: Vec<[f64; 2]>,
    open: BinaryHeap<Open>,
    leaves: Vec<Leaf>,
    unused_histograms: Vec<Vec<Sums>>,
}

impl Workspace {
    pub(super) fn gradients_mut(&mut self) -> &mut Vec<[f64; 2]> {
        &mut self.gradients
    }

    fn histogram(&mut self, n_bins: usize) -> Vec<Sums> {
        self.unused_histograms.pop().unwrap_or_else(|| vec![Sums::default(); n_bins])
    }
}

/// As many workspaces as trees grow at the same time.
#[derive(Default)]
pub(super) struct Workspaces {
    unused: Mutex<Vec<Workspace>>,
}

impl Workspaces {
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Workspace) -> T) -> T {
        let unused = || self.unused.lock().unwrap_or_else(PoisonError::into_inner);
        let mut workspace = unused().pop().unwrap_or_default();
        let result = work(&mut workspace);
        unused().push(workspace);
        result
    }
}

/// A node that is not split yet: the rows `start..end`.
#[derive(Debug, Clone, Copy)]
struct Leaf {
    node: usize,
    start: usize,
    end: usize,
    depth: usize,
    sums: Sums,
}

/// A leaf that can be split, and how.
struct Open {
    leaf: Leaf,
    split: Split,
    histogram: Vec<Sums>,
}

/// By gain; of equal ones the node that was made first is the greater.
impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        self.split.gain.total_cmp(&other.split.gain).then(other.leaf.node.cmp(&self.leaf.node))
    }
}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Open {}

pub(super) struct Growth<'a> {
    bins: &'a BinnedFeatures,
    limits: &'a Limits,
    workspace: &'a mut Workspace,
    nodes: Vec<Node>,
}

impl<'a> Growth<'a> {
    /// The gradients must be in the workspace.
    pub(super) fn new(bins: &'a BinnedFeatures, limits: &'a Limits, workspace: &'a mut Workspace) -> Self {
        workspace.rows.clear();
        workspace.rows.extend(0..bins.n_rows as u32);
        workspace.open.clear();
        workspace.leaves.clear();
        Self { bins, limits, workspace, nodes: Vec::new() }
    }

    /// Grows the tree, and adds it to the logits of its training rows.
    pub(super) fn grow(mut self, logits: &mut [f64]) -> FlatTree {
        self.nodes.push(Node::leaf(0.0, 0));
        self.plant();
        while let Some(open) = self.workspace.open.pop() {
            self.split(open);
        }
        for leaf in &self.workspace.leaves {
            let value = self.value(&leaf.sums);
            self.nodes[leaf.node] = Node::leaf(value, 0);
            for &row in &self.workspace.rows[leaf.start..leaf.end] {
                logits[row as usize] += value;
            }
        }
        FlatTree { nodes: self.nodes }
    }

    fn regularization(&self) -> f64 {
        // Against 0 / 0, where all second derivatives have vanished.
        self.limits.l2_regularization + 1e-15
    }

    fn value(&self, sums: &Sums) -> f64 {
        // So large a logit is 0 or 1 as a probability; beyond it logits might become infinite.
        const LARGEST: f64 = 1e100;
        let [gradient, second_derivative] = sums.gradient;
        let step = -self.limits.learning_rate * gradient / (second_derivative + self.regularization());
        step.clamp(-LARGEST, LARGEST)
    }

    fn plant(&mut self) {
        let mut sums = Sums { gradient: [0.0; 2], rows: self.bins.n_rows as u32 };
        for gradient in &self.workspace.gradients {
            sums.gradient[0] += gradient[0];
            sums.gradient[1] += gradient[1];
        }
        let root = Leaf { node: 0, start: 0, end: self.bins.n_rows, depth: 0, sums };
        let Some(candidate) = self.candidate(&root) else {
            self.workspace.leaves.push(root);
            return;
        };
        let mut histogram = self.workspace.histogram(self.bins.n_bins);
        let search = Search {
            bins: self.bins,
            rows: Rows { rows: &self.workspace.rows, gradients: &self.workspace.gradients },
            counted: Some(candidate),
            subtracted: None,
            in_parallel: self.limits.features_in_parallel,
        };
        let [split, _] = search.run(&mut histogram, &mut []);
        self.keep(root, split, histogram);
    }

    /// What to seek a split with, if the leaf may have one.
    fn candidate(&self, leaf: &Leaf) -> Option<Candidate> {
        let may_split = leaf.depth < self.limits.max_depth
            && leaf.end - leaf.start >= self.limits.min_samples_leaf.saturating_mul(2);
        may_split.then(|| Candidate {
            sums: leaf.sums,
            min_samples_leaf: self.limits.min_samples_leaf as u32,
            regularization: self.regularization(),
        })
    }

    fn keep(&mut self, leaf: Leaf, split: Option<Split>, histogram: Vec<Sums>) {
        if let Some(split) = split {
            self.workspace.open.push(Open { leaf, split, histogram });
        } else {
            self.workspace.leaves.push(leaf);
            self.workspace.unused_histograms.push(histogram);
        }
    }

    fn split(&mut self, open: Open) {
        let Open { leaf, split, histogram } = open;
        let n_leaves = self.nodes.len().div_ceil(2);
        if n_leaves >= self.limits.max_leaf_nodes {
            self.keep(leaf, None, histogram);
            return;
        }
        let column = &self.bins.columns[split.column];
        let left_node = self.nodes.len();
        self.nodes[leaf.node] = Node {
            value: column.thresholds[split.bin as usize],
            feature: column.feature,
            next: left_node as u32,
        };
        self.nodes.extend([Node::leaf(0.0, 0); 2]);
        let middle = leaf.start + self.workspace.part(&leaf, &column.bins, split.bin);
        let depth = leaf.depth + 1;
        let left = Leaf { node: left_node, start: leaf.start, end: middle, depth, sums: split.left };
        let right = Leaf {
            node: left_node + 1,
            start: middle,
            end: leaf.end,
            depth,
            sums: leaf.sums.minus(&split.left),
        };
        if n_leaves + 1 >= self.limits.max_leaf_nodes {
            self.workspace.leaves.extend([left, right]);
            self.workspace.unused_histograms.push(histogram);
            return;
        }
        // The rows of the smaller side are counted; the sums of the larger are what remains.
        let (small, large) = if left.sums.rows <= right.sums.rows { (left, right) } else { (right, left) };
        self.search(small, large, histogram);
    }

    fn search(&mut self, small: Leaf, large: Leaf, mut parent: Vec<Sums>) {
        let (counted, subtracted) = (self.candidate(&small), self.candidate(&large));
        if counted.is_none() && subtracted.is_none() {
            self.workspace.leaves.extend([small, large]);
            self.workspace.unused_histograms.push(parent);
            return;
        }
        let mut histogram = self.workspace.histogram(self.bins.n_bins);
        let Workspace { rows, gradients, node_gradients, .. } = &mut *self.workspace;
        let rows = &rows[small.start..small.end];
        node_gradients.clear();
        node_gradients.extend(rows.iter().map(|&row| gradients[row as usize]));
        let search = Search {
            bins: self.bins,
            rows: Rows { rows, gradients: node_gradients },
            counted,
            subtracted,
            in_parallel: self.limits.features_in_parallel,
        };
        let [small_split, large_split] = search.run(&mut histogram, &mut parent);
        self.keep(small, small_split, histogram);
        self.keep(large, large_split, parent);
    }
}

impl Workspace {
    /// Brings the rows of a node that go left before the others, without changing the order on either side; returns how
    /// many they are.
    fn part(&mut self, leaf: &Leaf, bins: &[u8], last_left: u8) -> usize {
        let rows = &mut self.rows[leaf.start..leaf.end];
        self.moved.clear();
        let mut n_left = 0;
        for at in 0..rows.len() {
            let row = rows[at];
            if bins[row as usize] <= last_left {
                rows[n_left] = row;
                n_left += 1;
            } else {
                self.moved.push(row);
            }
        }
        rows[n_left..].copy_from_slice(&self.moved);
        n_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn affordable_trees_wide_data_grow_one_after_the_other() {
        let limits = Limits {
            learning_rate: 0.1,
            max_leaf_nodes: 31,
            max_depth: 9,
            min_samples_leaf: 20,
            l2_regularization: 0.0,
            features_in_parallel: false,
        };
        assert!(limits.affordable_trees(100 * 255, 1_000_000) >= 32);
        assert_eq!(limits.affordable_trees(10_000 * 255, 1_000_000), 1);
        // Few rows make few leaves.
        assert!(limits.affordable_trees(10_000 * 40, 40) >= 32);
        assert_eq!(limits.affordable_trees(usize::MAX, 40), 1);
        assert_eq!(limits.affordable_trees(0, 1), HISTOGRAM_BYTES);
    }
}
