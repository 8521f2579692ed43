//! Sums of gradients in every bin, and the splits that they offer.

use super::binned_features::{BinnedColumn, BinnedFeatures};

/// What the rows of a node, of one side of a split or of a bin add up to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sums {
    /// First and second derivatives.
    pub(super) gradient: [f64; 2],
    pub(super) rows: u32,
}

impl Sums {
    pub(super) fn add(&mut self, other: &Self) {
        self.gradient[0] += other.gradient[0];
        self.gradient[1] += other.gradient[1];
        self.rows += other.rows;
    }

    /// Exact, as the sums are: what one child has its sibling lacks.
    pub(super) fn minus(&self, other: &Self) -> Self {
        Self {
            gradient: [self.gradient[0] - other.gradient[0], self.gradient[1] - other.gradient[1]],
            rows: self.rows - other.rows,
        }
    }

    /// By how much these rows can lower the loss, twice.
    fn gain(&self, regularization: f64) -> f64 {
        self.gradient[0] * self.gradient[0] / (self.gradient[1] + regularization)
    }
}

/// Rows up to and with a bin of a column go left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split {
    pub(super) gain: f64,
    /// Position among the binned columns.
    pub(super) column: usize,
    pub(super) bin: u8,
    pub(super) left: Sums,
}

/// A node whose best split is sought.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) sums: Sums,
    pub(super) min_samples_leaf: u32,
    /// λ, and so little that nothing is divided by 0.
    pub(super) regularization: f64,
}

/// Second derivatives of a leaf add up to at least this, as in LightGBM and scikit-learn: a step divides by them.
const LEAST_SECOND_DERIVATIVE: f64 = 1e-3;

impl Candidate {
    /// The split with the largest gain above 0, the lowest bin of equal ones.
    fn best_split(&self, column: usize, histogram: &[Sums]) -> Option<Split> {
        let mut best: Option<Split> = None;
        let mut left = Sums::default();
        let unsplit = self.sums.gain(self.regularization);
        for (bin, sums) in histogram[..histogram.len() - 1].iter().enumerate() {
            if sums.rows == 0 {
                continue;
            }
            left.add(sums);
            if left.rows < self.min_samples_leaf || left.gradient[1] < LEAST_SECOND_DERIVATIVE {
                continue;
            }
            let right = self.sums.minus(&left);
            if right.rows < self.min_samples_leaf || right.gradient[1] < LEAST_SECOND_DERIVATIVE {
                break;
            }
            let gain = left.gain(self.regularization) + right.gain(self.regularization) - unsplit;
            if gain > best.map_or(0.0, |best| best.gain) {
                best = Some(Split { gain, column, bin: bin as u8, left });
            }
        }
        best
    }
}

/// The better of two splits, the first of equal ones.
fn better(first: Option<Split>, second: Option<Split>) -> Option<Split> {
    match (first, second) {
        (Some(a), Some(b)) => Some(if b.gain > a.gain { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Some rows, ascending, and their gradients in the same order.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) rows: &'a [u32],
    pub(super) gradients: &'a [[f64; 2]],
}

/// Fills the histogram of one node, takes it off that of its parent to make its sibling's, and finds the best splits.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) bins: &'a BinnedFeatures,
    pub(super) rows: Rows<'a>,
    /// The node of these rows, if it may be split.
    pub(super) counted: Option<Candidate>,
    /// Its sibling, if it may be split.
    pub(super) subtracted: Option<Candidate>,
    pub(super) in_parallel: bool,
}

/// Updates of a histogram that are worth another thread.
const PARALLEL_UPDATES: usize = 1 << 14;

/// The best splits of a node and of its sibling.
pub(super) type BestSplits = [Option<Split>; 2];

impl Search<'_> {
    /// `histogram` is overwritten; `parent` becomes the sibling's, unless it is empty.
    pub(super) fn run(&self, histogram: &mut [Sums], parent: &mut [Sums]) -> BestSplits {
        self.columns(0, self.bins.columns.len(), histogram, parent)
    }

    fn columns(&self, first: usize, end: usize, histogram: &mut [Sums], parent: &mut [Sums]) -> BestSplits {
        // Reading all the bins of a column takes about as long as so many updates.
        let updates = (self.rows.rows.len() + 256) * (end - first);
        if !self.in_parallel || end - first < 2 || updates < 2 * PARALLEL_UPDATES {
            return self.one_after_the_other(first, end, histogram, parent);
        }
        let middle = first.midpoint(end);
        let n_bins: usize = self.bins.columns[first..middle].iter().map(BinnedColumn::n_bins).sum();
        let (low, high) = histogram.split_at_mut(n_bins);
        let (parent_low, parent_high) = parent.split_at_mut(if parent.is_empty() { 0 } else { n_bins });
        let (a, b) = rayon::join(
            || self.columns(first, middle, low, parent_low),
            || self.columns(middle, end, high, parent_high),
        );
        [better(a[0], b[0]), better(a[1], b[1])]
    }

    fn one_after_the_other(
        &self,
        first: usize,
        end: usize,
        mut histogram: &mut [Sums],
        mut parent: &mut [Sums],
    ) -> BestSplits {
        let mut best = [None, None];
        for (number, column) in self.bins.columns[first..end].iter().enumerate() {
            let (own, rest) = histogram.split_at_mut(column.n_bins());
            histogram = rest;
            fill(own, &column.bins, self.rows);
            if let Some(node) = &self.counted {
                best[0] = better(best[0], node.best_split(first + number, own));
            }
            if parent.is_empty() {
                continue;
            }
            let (sibling, rest) = parent.split_at_mut(column.n_bins());
            parent = rest;
            for (sibling, own) in sibling.iter_mut().zip(own.iter()) {
                *sibling = sibling.minus(own);
            }
            if let Some(node) = &self.subtracted {
                best[1] = better(best[1], node.best_split(first + number, sibling));
            }
        }
        best
    }
}

fn fill(histogram: &mut [Sums], bins: &[u8], rows: Rows<'_>) {
    histogram.fill(Sums::default());
    let mut add = |bin: u8, gradient: &[f64; 2]| {
        histogram[bin as usize].add(&Sums { gradient: *gradient, rows: 1 });
    };
    if rows.rows.len() == bins.len() {
        bins.iter().zip(rows.gradients).for_each(|(&bin, gradient)| add(bin, gradient));
    } else {
        rows.rows.iter().zip(rows.gradients).for_each(|(&row, gradient)| add(bins[row as usize], gradient));
    }
}
