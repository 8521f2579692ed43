//! Probabilities from coefficients.

use ndarray::{ArrayViewMut2, Axis};
use pulp::{Simd, WithSimd};

use super::panels::{PANEL, Panels, logits_of_panel};

/// Writes the probabilities of some rows; compiled for every instruction set.
///
/// `coefficients` has a row per feature and a last one of intercepts, a column per class, or a single column when there
/// are two classes. Columns of `pred_probs` that belong to other classes are left alone.
pub(super) struct Prediction<'a> {
    pub(super) panels: Panels,
    pub(super) coefficients: &'a [f64],
    pub(super) classes: &'a [u32],
    pub(super) pred_probs: ArrayViewMut2<'a, f64>,
}

impl WithSimd for Prediction<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let n_outputs = self.coefficients.len() / self.panels.n_columns();
        let mut logits = vec![0.0; PANEL * n_outputs];
        let out = self.pred_probs.axis_chunks_iter_mut(Axis(0), PANEL);
        for (panel, mut out) in self.panels.panels().zip(out) {
            logits_of_panel(simd, panel, self.coefficients, n_outputs, &mut logits);
            for (lane, mut row) in out.rows_mut().into_iter().enumerate() {
                if let ([first, second], [logit, ..]) = (self.classes, &logits[lane..]) {
                    let probability = logistic(*logit);
                    row[*first as usize] = 1.0 - probability;
                    row[*second as usize] = probability;
                    continue;
                }
                let logits = logits.iter().skip(lane).step_by(PANEL);
                let highest = logits.clone().copied().fold(f64::NEG_INFINITY, f64::max);
                let mut sum = 0.0;
                for (&class, logit) in self.classes.iter().zip(logits) {
                    let e = (logit - highest).exp();
                    row[class as usize] = e;
                    sum += e;
                }
                for &class in self.classes {
                    row[class as usize] /= sum;
                }
            }
        }
    }
}

/// 1 / (1 + e^−z) without overflow.
fn logistic(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        let e = z.exp();
        e / (1.0 + e)
    }
}
