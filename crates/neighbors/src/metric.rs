//! How far apart two rows are.

use cleanlab_core::Float;
use serde::{Deserialize, Serialize};

/// With more features than this the default metric is cosine; `HIGH_DIMENSION_CUTOFF` of cleanlab.
const HIGH_DIMENSION_CUTOFF: usize = 3;

/// A row with a smaller norm has no direction: the square of its norm is no normal number.
const SMALLEST_NORM: f64 = 1e-150;

/// How far apart two rows are.
///
/// ```
/// use cleanlab_neighbors::Metric;
/// assert_eq!(Metric::default_for(3), Metric::Euclidean);
/// assert_eq!(Metric::default_for(4), Metric::Cosine);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Metric {
    /// 1 − x·y / (‖x‖ ‖y‖), between 0 and 2.
    ///
    /// A row of zeros is at distance 1 from every other one, and equal rows are at distance 0.
    Cosine,
    /// √Σ(xᵢ − yᵢ)².
    Euclidean,
}

impl Metric {
    /// cleanlab's choice: cosine for more than three features, Euclidean for fewer.
    ///
    /// # Source
    ///
    /// `cleanlab.internal.neighbor.metric.decide_default_metric`.
    ///
    /// # Differences
    ///
    /// cleanlab computes Euclidean distances in one way up to 100 rows and in another above; the two differ by rounding
    /// errors only, and there is one way here.
    #[must_use]
    #[doc(alias = "decide_default_metric")]
    pub fn default_for(n_features: usize) -> Self {
        if n_features > HIGH_DIMENSION_CUTOFF { Self::Cosine } else { Self::Euclidean }
    }

    /// What a distance needs to know of a row beside its values: the norm, for cosine.
    pub(crate) fn norm<F: Float>(self, row: &[F]) -> f64 {
        match self {
            Self::Euclidean => 1.0,
            Self::Cosine => {
                let norm = sum_in_lanes(row, row, |x, y| x * y).sqrt();
                if norm < SMALLEST_NORM { f64::INFINITY } else { norm }
            }
        }
    }

    /// The distance of two rows with their norms. A norm of infinity stands for a row without a direction.
    #[inline(always)]
    pub(crate) fn distance<F: Float>(self, (x, x_norm): (&[F], f64), (y, y_norm): (&[F], f64)) -> f64 {
        match self {
            Self::Euclidean => squared_distance(x, y).sqrt(),
            Self::Cosine => {
                // The larger norm first, so that the distance is the same bits either way round.
                let product = sum_in_lanes(x, y, |x, y| x * y);
                let cosine = product / x_norm.max(y_norm) / x_norm.min(y_norm);
                // The sum rounds, so that parallel rows can come out below 0.
                let distance = 1.0 - cosine;
                if distance > 0.0 { distance.min(2.0) } else { 0.0 }
            }
        }
    }
}

/// The square of the Euclidean distance.
#[inline(always)]
pub(crate) fn squared_distance<F: Float>(x: &[F], y: &[F]) -> f64 {
    sum_in_lanes(x, y, |x, y| (x - y) * (x - y))
}

/// Sums in eight lanes, which vectorise, and in an order that depends on the length alone.
#[inline(always)]
fn sum_in_lanes<F: Float>(x: &[F], y: &[F], term: impl Fn(f64, f64) -> f64) -> f64 {
    const LANES: usize = 8;
    let mut lanes = [0.0; LANES];
    let (x_blocks, x_rest) = x.as_chunks::<LANES>();
    let (y_blocks, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in x_blocks.iter().zip(y_blocks) {
        for lane in 0..LANES {
            lanes[lane] += term(x[lane].to_f64(), y[lane].to_f64());
        }
    }
    let rest = x_rest.iter().zip(y_rest).fold(0.0, |sum, (x, y)| sum + term(x.to_f64(), y.to_f64()));
    let [a, b, c, d, e, f, g, h] = lanes;
    (((a + b) + (c + d)) + ((e + f) + (g + h))) + rest
}
