//! Data sets for the criterion benches in `benches/`.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "it is never published")]

use cleanlab_core::Float;
use ndarray::Array2;

/// Labels and predicted probabilities of a good but overconfident model, 15 % of the labels wrong.
#[derive(Debug, Clone)]
pub struct BenchData<F> {
    /// N class indices.
    pub labels: Vec<u32>,
    /// N × K probabilities, rows summing to 1.
    pub pred_probs: Array2<F>,
}

/// Draws a data set; the same shape always gives the same one.
#[must_use]
pub fn bench_data<F: Float>(n: usize, k: usize) -> BenchData<F> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ (n as u64) ^ ((k as u64) << 32);
    let mut draw = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut labels = Vec::with_capacity(n);
    let mut pred_probs = Array2::from_elem((n, k), F::from_f64(0.0));
    let mut row = vec![0.0; k];
    for mut out in pred_probs.rows_mut() {
        let true_class = (draw() * k as f64) as usize;
        let label = if draw() < 0.15 { (draw() * k as f64) as usize } else { true_class };
        labels.push(label as u32);
        for p in &mut row {
            *p = -(1.0 - draw()).ln();
        }
        row[true_class] += k as f64 * 2.0 * draw();
        let total: f64 = row.iter().sum();
        for (out, p) in out.iter_mut().zip(&row) {
            *out = F::from_f64(p / total);
        }
    }
    BenchData { labels, pred_probs }
}
