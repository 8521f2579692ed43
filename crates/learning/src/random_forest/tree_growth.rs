//! Growing one tree of a forest.

use ndarray::ArrayView2;

use super::ranked_features::RankedFeatures;
use super::split_search::{NodeRows, Offer, Sample, SearchBuffers};
use super::{GrownTree, RowSampling};
use crate::counted_rows::{CountedRows, between};
use crate::decision_tree::{FlatTree, Node, SplitMix64};

/// What all trees of a forest share.
pub(super) struct Forest<'a> {
    pub(super) features: ArrayView2<'a, f64>,
    pub(super) ranks: &'a RankedFeatures,
    pub(super) counted: &'a CountedRows,
    pub(super) limits: Limits,
    pub(super) row_sampling: RowSampling,
    pub(super) seed: u32,
}

pub(super) struct Limits {
    pub(super) max_depth: usize,
    pub(super) min_samples_split: usize,
    pub(super) min_samples_leaf: usize,
    pub(super) max_features: usize,
}

/// What a thread needs to grow trees, kept from tree to tree so that nodes allocate nothing.
#[derive(Default)]
pub(super) struct Workspace {
    times_drawn: Vec<u32>,
    samples: Vec<Sample>,
    /// All features, those that are known to be constant in the node at hand first.
    feature_order: Vec<u32>,
    totals: Vec<f64>,
    /// The classes that have a weight in `totals`.
    classes: Vec<u32>,
    search: SearchBuffers,
    unsplit: Vec<Unsplit>,
}

/// A node that is still to be looked at: the rows `start..end` of the samples.
struct Unsplit {
    node: usize,
    start: usize,
    end: usize,
    depth: usize,
    /// So many features at the front of the order are constant in the parent, and thus here.
    n_constant: usize,
}

pub(super) struct Growth<'a, 'f> {
    forest: &'a Forest<'f>,
    random: SplitMix64,
    workspace: &'a mut Workspace,
    nodes: Vec<Node>,
    shares: Vec<f64>,
}

struct Split {
    score: f64,
    feature: u32,
    rank: u32,
}

impl<'a, 'f> Growth<'a, 'f> {
    pub(super) fn new(forest: &'a Forest<'f>, tree: usize, workspace: &'a mut Workspace) -> Self {
        let mut random = SplitMix64::new(forest.seed, tree);
        workspace.draw_rows(forest, &mut random);
        workspace.feature_order.clear();
        workspace.feature_order.extend(0..forest.ranks.n_features() as u32);
        workspace.totals.clear();
        workspace.totals.resize(forest.counted.n_classes(), 0.0);
        workspace.classes.clear();
        Self { forest, random, workspace, nodes: Vec::new(), shares: Vec::new() }
    }

    pub(super) fn grow(mut self) -> GrownTree {
        self.nodes.push(Node::leaf(0.0, 0));
        self.workspace.unsplit.clear();
        let end = self.workspace.samples.len();
        self.workspace.unsplit.push(Unsplit { node: 0, start: 0, end, depth: 0, n_constant: 0 });
        // The left child comes first, so that the constant features at the front of the order are still those of the
        // parent when its sibling's turn comes: below a node only what lies behind them is reordered.
        while let Some(unsplit) = self.workspace.unsplit.pop() {
            self.visit(&unsplit);
        }
        self.nodes.shrink_to_fit();
        self.shares.shrink_to_fit();
        GrownTree { tree: FlatTree { nodes: self.nodes }, shares: self.shares }
    }

    fn visit(&mut self, unsplit: &Unsplit) {
        let limits = &self.forest.limits;
        let n_samples = unsplit.end - unsplit.start;
        self.workspace.add_up(unsplit);
        let mut n_constant = unsplit.n_constant;
        let split = if self.workspace.classes.len() == 1
            || n_samples < limits.min_samples_split
            || unsplit.depth >= limits.max_depth
        {
            None
        } else {
            self.best_split(unsplit, &mut n_constant)
        };
        match split {
            Some(split) => self.split(unsplit, &split, n_constant),
            None => self.nodes[unsplit.node] = self.leaf(),
        }
        self.workspace.clear_totals();
    }

    /// The best of the features drawn for this node; `n_constant` grows by those found to be constant.
    fn best_split(&mut self, unsplit: &Unsplit, n_constant: &mut usize) -> Option<Split> {
        let Workspace { samples, feature_order, totals, classes, search, .. } = &mut *self.workspace;
        let occurring = || classes.iter().map(|&class| totals[class as usize]);
        let node = NodeRows {
            samples: &samples[unsplit.start..unsplit.end],
            totals,
            classes,
            weight: occurring().sum(),
            squares: occurring().map(|weight| weight * weight).sum(),
            min_samples_leaf: self.forest.limits.min_samples_leaf,
        };
        let mut best: Option<Split> = None;
        // The order holds: known constants, constants found here, features not drawn yet, features drawn.
        let n_known = *n_constant;
        let mut undrawn_known = n_known;
        let mut end = feature_order.len();
        let mut n_drawn = 0;
        while *n_constant < end && (n_drawn < self.forest.limits.max_features || end == feature_order.len()) {
            n_drawn += 1;
            let draw = self.random.below(undrawn_known + end - *n_constant);
            let Some(offset) = draw.checked_sub(undrawn_known) else {
                // Which of the known constants it was does not matter.
                undrawn_known -= 1;
                continue;
            };
            let at = *n_constant + offset;
            let feature = feature_order[at];
            match search.best_split(node, self.forest.ranks.column(feature)) {
                Offer::Constant => {
                    feature_order.swap(at, *n_constant);
                    *n_constant += 1;
                    continue;
                }
                Offer::Split { score, rank } if best.as_ref().is_none_or(|best| score > best.score) => {
                    best = Some(Split { score, feature, rank });
                }
                Offer::Split { .. } | Offer::Nothing => {}
            }
            end -= 1;
            feature_order.swap(at, end);
        }
        best
    }

    /// Moves the rows to their sides, and puts both sides on the list.
    fn split(&mut self, unsplit: &Unsplit, split: &Split, n_constant: usize) {
        let ranks = self.forest.ranks.column(split.feature);
        let samples = &mut self.workspace.samples[unsplit.start..unsplit.end];
        let (mut n_left, mut highest_left, mut lowest_right) = (0, (0, 0), (u32::MAX, 0));
        for at in 0..samples.len() {
            let row = samples[at].row;
            let rank = ranks[row as usize];
            if rank <= split.rank {
                highest_left = highest_left.max((rank, row));
                samples.swap(n_left, at);
                n_left += 1;
            } else {
                lowest_right = lowest_right.min((rank, row));
            }
        }
        let value = |position: u32| {
            let row = self.forest.counted.rows[position as usize];
            self.forest.features[[row as usize, split.feature as usize]]
        };
        let left = self.nodes.len();
        self.nodes[unsplit.node] = Node {
            value: between(value(highest_left.1), value(lowest_right.1)),
            feature: split.feature,
            next: left as u32,
        };
        self.nodes.extend([Node::leaf(0.0, 0); 2]);
        let middle = unsplit.start + n_left;
        let child = |node, start, end| Unsplit { node, start, end, depth: unsplit.depth + 1, n_constant };
        self.workspace.unsplit.push(child(left + 1, middle, unsplit.end));
        self.workspace.unsplit.push(child(left, unsplit.start, middle));
    }

    fn leaf(&mut self) -> Node {
        let Workspace { totals, classes, .. } = &*self.workspace;
        if let [class] = classes[..] {
            return Node::leaf(0.0, class);
        }
        let weight: f64 = classes.iter().map(|&class| totals[class as usize]).sum();
        let number = totals.len() + self.shares.len() / totals.len();
        self.shares.extend(totals.iter().map(|total| total / weight));
        Node::leaf(0.0, number as u32)
    }
}

impl Workspace {
    fn draw_rows(&mut self, forest: &Forest<'_>, random: &mut SplitMix64) {
        let n_rows = forest.counted.len();
        self.times_drawn.clear();
        match forest.row_sampling {
            RowSampling::EveryRow => self.times_drawn.resize(n_rows, 1),
            RowSampling::Bootstrap => {
                self.times_drawn.resize(n_rows, 0);
                for _ in 0..n_rows {
                    self.times_drawn[random.below(n_rows)] += 1;
                }
            }
        }
        let CountedRows { classes, weights, .. } = forest.counted;
        self.samples.clear();
        for ((row, &times), (&class, weight)) in (0..).zip(&self.times_drawn).zip(classes.iter().zip(weights))
        {
            if times > 0 {
                self.samples.push(Sample { row, class, weight: weight * f64::from(times) });
            }
        }
    }

    fn add_up(&mut self, unsplit: &Unsplit) {
        for sample in &self.samples[unsplit.start..unsplit.end] {
            let total = &mut self.totals[sample.class as usize];
            if *total == 0.0 {
                self.classes.push(sample.class);
            }
            *total += sample.weight;
        }
    }

    /// Only at the classes that occurred: with many classes most nodes have few of them.
    fn clear_totals(&mut self) {
        for class in self.classes.drain(..) {
            self.totals[class as usize] = 0.0;
        }
    }
}
