//! The log loss: probabilities from logits, and gradients from probabilities.

use rayon::prelude::*;

use crate::counted_rows::{CountedRows, exponent};

/// What the trees so far say of every training row: one column per class, a single one, for the second class, when there
/// are two, and none when there is a single class.
pub(super) struct Logits {
    baseline: Vec<f64>,
    columns: Vec<Vec<f64>>,
}

impl Logits {
    /// The logarithms of the weighted shares of the classes, or of the odds of the second of two.
    pub(super) fn new(counted: &CountedRows) -> Self {
        let mut weights = vec![0.0; counted.n_classes()];
        for (&class, weight) in counted.classes.iter().zip(&counted.weights) {
            weights[class as usize] += weight;
        }
        let baseline = match weights[..] {
            [_] => Vec::new(),
            [first, second] => vec![second.ln() - first.ln()],
            _ => weights.iter().map(|weight| weight.ln() - counted.total_weight().ln()).collect(),
        };
        let columns = baseline.iter().map(|&logit| vec![logit; counted.len()]).collect();
        Self { baseline, columns }
    }

    pub(super) fn baseline(&self) -> Vec<f64> {
        self.baseline.clone()
    }

    pub(super) fn columns_mut(&mut self) -> &mut [Vec<f64>] {
        &mut self.columns
    }
}

/// Rows in a block.
const BLOCK: usize = 512;

/// The probability of every class for every training row, in blocks of rows; a block holds class after class.
pub(super) struct Probabilities {
    blocks: Vec<f64>,
    n_classes: usize,
}

impl Probabilities {
    pub(super) fn new(counted: &CountedRows) -> Self {
        Self { blocks: vec![0.0; counted.len() * counted.n_classes()], n_classes: counted.n_classes() }
    }

    pub(super) fn update(&mut self, logits: &Logits) {
        let grid = Grid::of_probabilities(self.n_classes);
        self.blocks.par_chunks_mut(BLOCK * self.n_classes).enumerate().for_each(|(block, out)| {
            let n_rows = out.len() / self.n_classes;
            let column = |output: usize| &logits.columns[output][block * BLOCK..][..n_rows];
            if self.n_classes == 2 {
                let (first, second) = out.split_at_mut(n_rows);
                for ((first, second), &logit) in first.iter_mut().zip(second).zip(column(0)) {
                    [*first, *second] = of_two(logit);
                }
                return;
            }
            let mut highest = [f64::NEG_INFINITY; BLOCK];
            for output in 0..self.n_classes {
                for (highest, &logit) in highest.iter_mut().zip(column(output)) {
                    *highest = highest.max(logit);
                }
            }
            let mut sums = [0.0; BLOCK];
            for (output, out) in out.chunks_exact_mut(n_rows).enumerate() {
                for ((out, &logit), (highest, sum)) in
                    out.iter_mut().zip(column(output)).zip(highest.iter().zip(&mut sums))
                {
                    *out = (logit - highest).exp();
                    *sum += grid.round(*out);
                }
            }
            for out in out.chunks_exact_mut(n_rows) {
                for (out, sum) in out.iter_mut().zip(&sums) {
                    *out /= sum;
                }
            }
        });
    }

    /// Writes the weighted first and second derivatives of the loss by a logit, for every row, each on a grid on which
    /// they can be added up in any order.
    pub(super) fn gradients(&self, output: usize, counted: &CountedRows, gradients: &mut Vec<[f64; 2]>) {
        gradients.clear();
        let class = if self.n_classes == 2 { 1 } else { output };
        let blocks = self.blocks.chunks(BLOCK * self.n_classes).zip(counted.classes.chunks(BLOCK));
        for (block, classes) in blocks {
            let column = |class: usize| &block[class * classes.len()..][..classes.len()];
            let derivatives = |(&row_class, (p, rest)): (&u32, (f64, f64))| {
                let gradient = if row_class as usize == class { -rest } else { p };
                [gradient, p * rest]
            };
            if self.n_classes == 2 {
                // Not 1 − p, so that the two classes can change places without any rounding.
                let pairs = column(1).iter().copied().zip(column(0).iter().copied());
                gradients.extend(classes.iter().zip(pairs).map(derivatives));
            } else {
                let pairs = column(class).iter().map(|&p| (p, 1.0 - p));
                gradients.extend(classes.iter().zip(pairs).map(derivatives));
            }
        }
        let largest = gradients
            .iter()
            .fold([0.0; 2], |[g, h]: [f64; 2], gradient| [g.max(gradient[0].abs()), h.max(gradient[1])]);
        let total = counted.total_weight();
        let grids = largest.map(|largest| Grid::of_sums(largest, total));
        for (gradient, &weight) in gradients.iter_mut().zip(&counted.weights) {
            for (value, grid) in gradient.iter_mut().zip(grids) {
                // Rounded also before: a row of weight 2 is then the same as the row twice.
                *value = grid.round(weight * grid.round(*value));
            }
        }
    }
}

/// Multiples of a power of two. Sums of fewer than 2⁵² of them are exact, so that their order does not matter.
#[derive(Clone, Copy)]
struct Grid {
    /// 1.5 · 2⁵² steps: adding it leaves no bits for parts of a step.
    shift: f64,
}

impl Grid {
    fn with_step(log2: i32) -> Self {
        Self { shift: 1.5 * 2.0_f64.powi(52 + log2) }
    }

    /// For sums of values up to `largest` times weights that add up to `total`.
    fn of_sums(largest: f64, total: f64) -> Self {
        Self::with_step(exponent(largest) + exponent(total) + 2 - 50)
    }

    /// For a sum of `n` values up to 1.
    fn of_probabilities(n: usize) -> Self {
        Self::with_step(exponent(n as f64) + 1 - 50)
    }

    #[inline]
    fn round(self, x: f64) -> f64 {
        (x + self.shift) - self.shift
    }
}

/// The probabilities of the first and the second of two classes; they change places when the sign of the logit changes.
fn of_two(logit: f64) -> [f64; 2] {
    let e = (-logit.abs()).exp();
    let (likely, unlikely) = (1.0 / (1.0 + e), e / (1.0 + e));
    if logit >= 0.0 { [unlikely, likely] } else { [likely, unlikely] }
}

/// The probabilities of all classes, of which there may be one more than logits.
pub(super) fn softmax(logits: &[f64], shares: &mut [f64]) {
    match (logits, &mut *shares) {
        ([], shares) => shares.fill(1.0),
        ([logit], shares) => shares.copy_from_slice(&of_two(*logit)),
        (_, shares) => {
            let highest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let grid = Grid::of_probabilities(logits.len());
            let mut sum = 0.0;
            for (share, logit) in shares.iter_mut().zip(logits) {
                *share = (logit - highest).exp();
                sum += grid.round(*share);
            }
            for share in shares {
                *share /= sum;
            }
        }
    }
}

/// −ln of the probability of a class.
pub(super) fn loss(logits: &[f64], class: usize) -> f64 {
    match logits {
        [] => 0.0,
        [logit] => {
            let wrong = if class == 1 { -logit } else { *logit };
            wrong.max(0.0) + (-logit.abs()).exp().ln_1p()
        }
        _ => {
            let highest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = logits.iter().map(|logit| (logit - highest).exp()).sum();
            highest - logits[class] + sum.ln()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn softmax_and_loss_agree_at_any_magnitude() {
        for logits in
            [vec![], vec![0.3], vec![-800.0], vec![1e100], vec![1.0, -2.0, 0.5], vec![-1e3, 0.0, 1e3]]
        {
            let mut shares = vec![0.0; if logits.len() < 2 { logits.len() + 1 } else { logits.len() }];
            softmax(&logits, &mut shares);
            assert_abs_diff_eq!(shares.iter().sum::<f64>(), 1.0, epsilon = 1e-14);
            for (class, share) in shares.iter().enumerate() {
                assert_abs_diff_eq!((-loss(&logits, class)).exp(), *share, epsilon = 1e-14);
            }
        }
    }

    #[test]
    fn of_two_opposite_logits_change_places() {
        for logit in [0.0, 1e-9, 0.7, 40.0, 900.0] {
            let [first, second] = of_two(logit);
            let [other_first, other_second] = of_two(-logit);
            assert!(logit == 0.0 || [second, first] == [other_first, other_second]);
        }
    }

    #[test]
    fn grid_sums_are_the_same_in_any_order() {
        let values: Vec<f64> = (1..2000).map(|n| f64::from(n).sin() / 3.0).collect();
        let grid = Grid::of_sums(0.34, 1999.0);
        let rounded: Vec<f64> = values.iter().map(|&x| grid.round(x)).collect();
        assert_eq!(rounded.iter().sum::<f64>(), rounded.iter().rev().sum::<f64>());
        assert!(values.iter().zip(&rounded).all(|(x, rounded)| (x - rounded).abs() < 1e-12));
        assert_ne!(values.iter().sum::<f64>(), values.iter().rev().sum::<f64>());
    }
}
