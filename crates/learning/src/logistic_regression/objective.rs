//! The penalised mean loss of logistic regression and its gradient, in one pass over the features.

use cleanlab_core::pairwise_sum;
use ndarray::ArrayView1;
use pulp::{Arch, Simd, WithSimd};

use super::exponential::exp_of_negative;
use super::panels::{PANEL, Panels, add_gradient_of_block, logits_of_panel};
use crate::lbfgs::dot;

/// What is minimised: mean loss + ½·penalty·‖coefficients‖².
///
/// The coefficients are one vector, the outputs of the first feature first, those of the intercept last.
#[derive(Debug)]
pub(super) struct Objective {
    arch: Arch,
    panels: Panels,
    n_outputs: usize,
    /// The position of each row's class among the classes that occur, with zeros after the last row.
    targets: Vec<u32>,
    weights: Weights,
    penalty: f64,
    /// Coefficients before this one are penalised; the intercepts come after.
    penalised: usize,
    residuals: Vec<f64>,
}

/// What each row counts; the weights of all rows sum to 1.
#[derive(Debug)]
enum Weights {
    Equal(f64),
    /// One for each row, with zeros after the last.
    Each(Vec<f64>),
}

impl Objective {
    /// `targets` are positions among `n_present` ≥ 2 classes; two classes need a single output.
    pub(super) fn new(
        panels: Panels,
        n_penalised_columns: usize,
        mut targets: Vec<u32>,
        n_present: usize,
        sample_weight: Option<ArrayView1<'_, f64>>,
        c: f64,
    ) -> Self {
        let n_outputs = if n_present == 2 { 1 } else { n_present };
        let n_rows = panels.n_rows();
        let padded = n_rows.next_multiple_of(PANEL);
        targets.resize(padded, 0);
        let (total, weights) = match sample_weight {
            None => (n_rows as f64, Weights::Equal(1.0 / n_rows as f64)),
            Some(given) => {
                let mut weights = given.to_vec();
                let total = pairwise_sum(&weights);
                for weight in &mut weights {
                    *weight /= total;
                }
                weights.resize(padded, 0.0);
                (total, Weights::Each(weights))
            }
        };
        let residuals = vec![0.0; panels.panels_per_block(n_outputs) * PANEL * n_outputs];
        Self {
            arch: Arch::new(),
            n_outputs,
            targets,
            weights,
            penalty: 1.0 / (c * total),
            penalised: n_penalised_columns * n_outputs,
            panels,
            residuals,
        }
    }

    /// Number of coefficients.
    pub(super) fn len(&self) -> usize {
        self.panels.n_columns() * self.n_outputs
    }

    /// The value at `coefficients`; writes its gradient.
    pub(super) fn evaluate(&mut self, coefficients: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        let mean_loss = self.arch.dispatch(Pass {
            panels: &self.panels,
            n_outputs: self.n_outputs,
            targets: &self.targets,
            weights: &self.weights,
            coefficients,
            gradient,
            residuals: &mut self.residuals,
        });
        let penalised = &coefficients[..self.penalised];
        for (g, w) in gradient.iter_mut().zip(penalised) {
            *g += self.penalty * w;
        }
        mean_loss + 0.5 * self.penalty * dot(penalised, penalised)
    }
}

/// One pass over the features, compiled for every instruction set.
struct Pass<'a> {
    panels: &'a Panels,
    n_outputs: usize,
    targets: &'a [u32],
    weights: &'a Weights,
    coefficients: &'a [f64],
    gradient: &'a mut [f64],
    residuals: &'a mut [f64],
}

impl WithSimd for Pass<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let n_columns = self.panels.n_columns();
        let panels_per_block = self.panels.panels_per_block(self.n_outputs);
        let mut loss = Loss::new(self.n_outputs);
        let mut first_row = 0;
        for block in self.panels.blocks(panels_per_block) {
            let n_panels = block.len() / (PANEL * n_columns);
            let residuals = &mut self.residuals[..n_panels * PANEL * self.n_outputs];
            for (panel, residuals) in
                block.chunks_exact(PANEL * n_columns).zip(residuals.chunks_exact_mut(PANEL * self.n_outputs))
            {
                logits_of_panel(simd, panel, self.coefficients, self.n_outputs, residuals);
                let n_rows = (self.panels.n_rows() - first_row).min(PANEL);
                let targets = &self.targets[first_row..first_row + n_rows];
                let mut weights = [0.0; PANEL];
                match self.weights {
                    Weights::Equal(weight) => weights[..n_rows].fill(*weight),
                    Weights::Each(all) => {
                        weights[..n_rows].copy_from_slice(&all[first_row..first_row + n_rows]);
                    }
                }
                let pointwise = if self.n_outputs == 1 {
                    binary_residuals(residuals, targets, &weights)
                } else {
                    softmax_residuals(residuals, targets, &weights)
                };
                match self.weights {
                    Weights::Equal(_) => loss.add_rows(n_rows, &pointwise),
                    Weights::Each(_) => loss.add_weighted_rows(n_rows, &pointwise, &weights),
                }
                first_row += PANEL;
            }
            add_gradient_of_block(simd, block, n_columns, residuals, self.n_outputs, self.gradient);
        }
        match self.weights {
            Weights::Equal(weight) => loss.total() * weight,
            Weights::Each(_) => loss.total(),
        }
    }
}

/// The losses of a panel's rows: ln(sum) + offset each.
struct Pointwise {
    sums: [f64; PANEL],
    offsets: [f64; PANEL],
}

/// Turns logits into weight·(softmax − one-hot target), output by output.
#[inline(always)]
fn softmax_residuals(logits: &mut [f64], targets: &[u32], weights: &[f64; PANEL]) -> Pointwise {
    let mut highest = [f64::NEG_INFINITY; PANEL];
    for row in logits.as_chunks::<PANEL>().0 {
        for lane in 0..PANEL {
            highest[lane] = if row[lane] > highest[lane] { row[lane] } else { highest[lane] };
        }
    }
    let mut offsets = highest;
    for (lane, &target) in targets.iter().enumerate() {
        offsets[lane] -= logits[target as usize * PANEL + lane];
    }
    let mut sums = [0.0; PANEL];
    for row in logits.as_chunks_mut::<PANEL>().0 {
        for lane in 0..PANEL {
            row[lane] = exp_of_negative(row[lane] - highest[lane]);
            sums[lane] += row[lane];
        }
    }
    let mut scales = [0.0; PANEL];
    for lane in 0..PANEL {
        scales[lane] = weights[lane] / sums[lane];
    }
    for row in logits.as_chunks_mut::<PANEL>().0 {
        for lane in 0..PANEL {
            row[lane] *= scales[lane];
        }
    }
    for (lane, &target) in targets.iter().enumerate() {
        logits[target as usize * PANEL + lane] -= weights[lane];
    }
    Pointwise { sums, offsets }
}

/// Turns the logits of class 1 into weight·(probability − target).
#[inline(always)]
fn binary_residuals(logits: &mut [f64], targets: &[u32], weights: &[f64; PANEL]) -> Pointwise {
    let mut target = [0.0; PANEL];
    for (to, &from) in target.iter_mut().zip(targets) {
        *to = f64::from(from);
    }
    let mut sums = [0.0; PANEL];
    let mut offsets = [0.0; PANEL];
    for (lane, logit) in logits.iter_mut().enumerate().take(PANEL) {
        let z = *logit;
        let e = exp_of_negative(-z.abs());
        sums[lane] = 1.0 + e;
        offsets[lane] = if z > 0.0 { z } else { 0.0 } - target[lane] * z;
        let probability = if z > 0.0 { 1.0 } else { e } / sums[lane];
        *logit = weights[lane] * (probability - target[lane]);
    }
    Pointwise { sums, offsets }
}

/// The sum of all rows' losses.
///
/// ln a + ln b = ln(a·b): rows without weights share a logarithm, as many of them as their sums, at most the number of
/// classes each, cannot overflow.
///
/// The line search compares values that differ in their last digits, so what is added is added with compensation.
struct Loss {
    total: f64,
    lost: f64,
    products: [f64; PANEL],
    factors: u32,
    most_factors: u32,
}

impl Loss {
    #[inline(always)]
    fn new(n_outputs: usize) -> Self {
        // 2^1000 is safely below the largest double; a sum is at most max(n_outputs, 2) < 2^bits.
        let bits = usize::BITS - n_outputs.max(2).leading_zeros();
        Self {
            total: 0.0,
            lost: 0.0,
            products: [1.0; PANEL],
            factors: 0,
            most_factors: (1000 / bits).min(64),
        }
    }

    #[inline(always)]
    fn add_rows(&mut self, n_rows: usize, rows: &Pointwise) {
        self.add(rows.offsets[..n_rows].iter().sum());
        for (product, sum) in self.products.iter_mut().zip(&rows.sums).take(n_rows) {
            *product *= sum;
        }
        self.factors += 1;
        if self.factors == self.most_factors {
            self.take_logarithms();
        }
    }

    #[inline(always)]
    fn add_weighted_rows(&mut self, n_rows: usize, rows: &Pointwise, weights: &[f64; PANEL]) {
        self.add((0..n_rows).map(|lane| weights[lane] * (rows.sums[lane].ln() + rows.offsets[lane])).sum());
    }

    fn take_logarithms(&mut self) {
        self.add(self.products.iter().map(|product| product.ln()).sum());
        self.products = [1.0; PANEL];
        self.factors = 0;
    }

    /// Neumaier's summation.
    fn add(&mut self, value: f64) {
        let sum = self.total + value;
        self.lost += if self.total.abs() >= value.abs() {
            (self.total - sum) + value
        } else {
            (value - sum) + self.total
        };
        self.total = sum;
    }

    fn total(mut self) -> f64 {
        self.take_logarithms();
        self.total + self.lost
    }
}
