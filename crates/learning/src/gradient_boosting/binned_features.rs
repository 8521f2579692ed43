//! Features cut into bins, a byte per value.

use ndarray::{ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use crate::counted_rows::{CountedRows, between};

/// All features that take more than one value.
pub(super) struct BinnedFeatures {
    pub(super) columns: Vec<BinnedColumn>,
    /// Bins of all columns together.
    pub(super) n_bins: usize,
    pub(super) n_rows: usize,
}

/// A feature: bin b holds the values above `thresholds[b − 1]`, up to and with `thresholds[b]`.
pub(super) struct BinnedColumn {
    pub(super) feature: u32,
    pub(super) bins: Vec<u8>,
    pub(super) thresholds: Vec<f64>,
}

impl BinnedColumn {
    pub(super) fn n_bins(&self) -> usize {
        self.thresholds.len() + 1
    }
}

impl BinnedFeatures {
    pub(super) fn new(features: ArrayView2<'_, f64>, counted: &CountedRows, max_bins: usize) -> Self {
        let columns: Vec<BinnedColumn> = (0..features.ncols())
            .into_par_iter()
            .map_init(Vec::new, |sorted, feature| {
                let column = features.index_axis(Axis(1), feature);
                let thresholds = thresholds(column, counted, max_bins, sorted);
                let bin = |&row: &u32| {
                    let x = column[row as usize];
                    thresholds.partition_point(|&threshold| threshold < x) as u8
                };
                let bins =
                    if thresholds.is_empty() { Vec::new() } else { counted.rows.iter().map(bin).collect() };
                BinnedColumn { feature: feature as u32, bins, thresholds }
            })
            .filter(|column| !column.thresholds.is_empty())
            .collect();
        Self { n_bins: columns.iter().map(BinnedColumn::n_bins).sum(), columns, n_rows: counted.len() }
    }
}

/// Between every two values if there are at most `max_bins`, otherwise at the weighted quantiles 1/`max_bins`,
/// 2/`max_bins`, …: the least value with so much of the weight up to it, or, where that is exactly so much, half way to the
/// next.
fn thresholds(
    column: ArrayView1<'_, f64>,
    counted: &CountedRows,
    max_bins: usize,
    sorted: &mut Vec<(f64, f64)>,
) -> Vec<f64> {
    sorted.clear();
    sorted.extend(
        counted.rows.iter().zip(&counted.weights).map(|(&row, &weight)| (column[row as usize], weight)),
    );
    // Equal values in the order of their weights: then also the sums below do not depend on the order of the rows.
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = sorted.iter().map(|(_, weight)| weight).sum();
    sorted.dedup_by(|next, kept| {
        let equal = next.0 == kept.0;
        if equal {
            kept.1 += next.1;
        }
        equal
    });
    if sorted.len() <= max_bins {
        return sorted.windows(2).map(|pair| between(pair[0].0, pair[1].0)).collect();
    }
    let mut thresholds = Vec::with_capacity(max_bins - 1);
    let mut up_to = 0.0;
    let mut quantile = 1;
    // The last value is no threshold: nothing lies above it.
    for pair in sorted.windows(2) {
        let [(value, weight), (next, _)] = pair else { continue };
        up_to += weight;
        let wanted = |quantile: usize| total * quantile as f64 / max_bins as f64;
        if quantile >= max_bins || up_to < wanted(quantile) {
            continue;
        }
        // A heavy value may pass several quantiles, of which the last decides.
        while quantile + 1 < max_bins && up_to >= wanted(quantile + 1) {
            quantile += 1;
        }
        thresholds.push(if up_to == wanted(quantile) { between(*value, *next) } else { *value });
        quantile += 1;
    }
    thresholds
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    fn cut(values: &[f64], weights: &[f64], max_bins: usize) -> Vec<f64> {
        let counted = CountedRows {
            rows: (0..values.len() as u32).collect(),
            classes: vec![0; values.len()],
            weights: weights.to_vec(),
            labels: vec![0],
        };
        thresholds(Array1::from(values.to_vec()).view(), &counted, max_bins, &mut Vec::new())
    }

    #[test]
    fn thresholds_few_values_are_all_told_apart() {
        assert_eq!(cut(&[3.0, 1.0, 3.0, 2.0], &[1.0; 4], 3), [1.5, 2.5]);
        assert_eq!(cut(&[0.0, -0.0, 0.0], &[1.0; 3], 3), []);
        assert_eq!(cut(&[1e308, f64::MAX, -f64::MAX], &[1.0; 3], 3).len(), 2);
    }

    #[test]
    fn thresholds_many_values_are_cut_at_quantiles() {
        let values: Vec<f64> = (0..8).map(f64::from).collect();
        // As numpy.percentile(range(8), [25, 50, 75], method="averaged_inverted_cdf"), and for thirds and fifths.
        assert_eq!(cut(&values, &[1.0; 8], 4), [1.5, 3.5, 5.5]);
        assert_eq!(cut(&values, &[1.0; 8], 3), [2.0, 5.0]);
        assert_eq!(cut(&values, &[1.0; 8], 5), [1.0, 3.0, 4.0, 6.0]);
        // The value 0 has the weight of two of four quantiles and is one bin.
        assert_eq!(cut(&values, &[14.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], 4), [0.0, 2.0]);
    }

    #[test]
    fn thresholds_whole_weights_equal_repeated_values() {
        let values: Vec<f64> = (0..50).map(|n| f64::from(n * 37 % 50)).collect();
        let weights: Vec<f64> = (0..50).map(|n| f64::from(1 + n % 4)).collect();
        let repeated: Vec<f64> =
            values.iter().zip(&weights).flat_map(|(&x, &w)| vec![x; w as usize]).collect();
        for max_bins in [2, 7, 16, 49] {
            assert_eq!(
                cut(&values, &weights, max_bins),
                cut(&repeated, &vec![1.0; repeated.len()], max_bins)
            );
        }
    }
}
