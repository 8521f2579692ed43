//! Ruling out, in single precision, the rows that cannot be among the nearest.
//!
//! Half the squared distance of two rows x and y is ½‖x‖² + ½‖y‖² − x·y, and for one x the first term is the same for
//! every y. So all rows are ordered by ½‖y‖² − x·y, where the products come from a matrix product in `f32`. Rounding
//! makes each such key uncertain, by an amount with a bound: the screen works with a lower and an upper bound of every
//! key, keeps all rows whose lower bound is not above the k-th smallest upper bound, and leaves it to the caller to
//! measure those few in `f64`. No row that belongs to the answer is ever ruled out, so the answer does not depend on
//! `f32`, on the order of the products, or on the vectors of the processor.
//!
//! Cosine distance is half the squared distance of normalised rows. The origin is moved to about the middle of the
//! rows: distances stay, norms shrink, and with them the bounds.

use cleanlab_core::Float;
use rayon::prelude::*;

use crate::duplicates::Groups;
use crate::features::Rows;
use crate::metric::Metric;

/// Rows in a panel: a multiple of every vector width.
pub(crate) const PANEL: usize = 32;

/// Half the distance between 1 and the next `f32`.
pub(crate) const UNIT_F32: f64 = f32::EPSILON as f64 / 2.0;

/// Half the distance between 1 and the next `f64`.
pub(crate) const UNIT_F64: f64 = f64::EPSILON / 2.0;

/// With more features than this the bounds of a sum in `f32` would rule nothing out.
const MOST_FEATURES: usize = 1 << 20;

/// A row whose scaled norm is larger is not screened: its square has to fit an `f32`.
pub(crate) const LARGEST_NORM: f64 = (1_u64 << 60) as f64;

/// Rows from which the middle and the scale of the data are taken.
const SAMPLE_ROWS: usize = 1024;

/// Rows in panels, column by column within each, and what bounds their keys.
#[derive(Debug)]
pub(crate) struct Screen {
    metric: Metric,
    center: Vec<f64>,
    /// A power of two that brings norms near 1, far from where squares of an `f32` vanish.
    scale: f64,
    /// One panel after the other, each features × [`PANEL`] values.
    values: Vec<f32>,
    /// Lower bound of ½‖y‖²; −∞ for a row that cannot be screened, NaN after the last row.
    half_squares: Vec<f32>,
    /// Upper bound of ‖y‖.
    norms: Vec<f32>,
}

/// One query, ready to be screened.
pub(crate) struct ScreenedQuery {
    /// The row, centred and scaled.
    pub(crate) values: Vec<f32>,
    /// Times the norm of y it bounds the error of a product.
    pub(crate) error: f32,
    /// How much the keys of two rows may differ though their distances, measured in `f64`, stand the other way round.
    pub(crate) slack: f64,
}

impl Screen {
    /// Panels of the first rows of all groups, or `None` where single precision rules nothing out.
    pub(crate) fn new<F: Float>(
        metric: Metric,
        rows: Rows<'_, F>,
        norms: &[f64],
        groups: &Groups,
    ) -> Option<Self> {
        let columns = rows.columns();
        if columns > MOST_FEATURES {
            return None;
        }
        let (center, scale) = middle_and_scale(metric, rows, norms, groups);
        let n_panels = groups.len().div_ceil(PANEL);
        let mut screen = Self {
            metric,
            center,
            scale,
            values: vec![0.0; n_panels * columns * PANEL],
            half_squares: vec![f32::NAN; n_panels * PANEL],
            norms: vec![0.0; n_panels * PANEL],
        };
        let mut values = std::mem::take(&mut screen.values);
        let mut half_squares = std::mem::take(&mut screen.half_squares);
        let mut row_norms = std::mem::take(&mut screen.norms);
        values
            .par_chunks_mut(columns * PANEL)
            .zip(half_squares.par_chunks_mut(PANEL))
            .zip(row_norms.par_chunks_mut(PANEL))
            .enumerate()
            .for_each_init(
                || vec![0.0; columns],
                |prepared, (panel, ((values, half_squares), row_norms))| {
                    let first = panel * PANEL;
                    for lane in 0..PANEL.min(groups.len() - first) {
                        let row = groups.first(first + lane);
                        let norm = screen.prepare(rows.row(row), norms[row], prepared);
                        if norm > LARGEST_NORM || norms[row].is_infinite() {
                            half_squares[lane] = f32::NEG_INFINITY;
                            continue;
                        }
                        for (column, &value) in prepared.iter().enumerate() {
                            values[column * PANEL + lane] = value as f32;
                        }
                        half_squares[lane] = screen.lower_half_square(norm * norm / 2.0);
                        row_norms[lane] = (norm as f32).next_up();
                    }
                },
            );
        Some(Self { values, half_squares, norms: row_norms, ..screen })
    }

    pub(crate) fn columns(&self) -> usize {
        self.center.len()
    }

    /// The panels, each with the lower bounds of the halved squares of its rows and the upper bounds of their norms.
    pub(crate) fn panels(&self) -> impl Iterator<Item = (&[f32], &[f32], &[f32])> {
        let squares = self.half_squares.chunks_exact(PANEL);
        let norms = self.norms.chunks_exact(PANEL);
        self.values.chunks_exact(self.columns() * PANEL).zip(squares).zip(norms).map(|((v, s), n)| (v, s, n))
    }

    /// An upper bound of the key of a row (its number among the panels), from its lower bound.
    #[inline]
    pub(crate) fn upper_bound(&self, row: usize, lower: f32, error: f32) -> f32 {
        if lower == f32::NEG_INFINITY {
            return f32::INFINITY;
        }
        // The lower bound lies below the key by at most twice the error of the product and 20 units of the halved
        // square; the rest is for the rounding of this line.
        let rounding = 48.0 * UNIT_F32 as f32 * self.half_squares[row].abs();
        lower + 2.0 * error * self.norms[row] + rounding + 4.0 * self.smallest()
    }

    /// A query's row with its norm, or `None` if it cannot be screened.
    pub(crate) fn query<F: Float>(&self, row: &[F], norm: f64) -> Option<ScreenedQuery> {
        let mut prepared = vec![0.0; self.columns()];
        let scaled = self.prepare(row, norm, &mut prepared);
        if scaled > LARGEST_NORM || norm.is_infinite() {
            return None;
        }
        let columns = self.columns() as f64;
        // A sum of p products of rounded factors is off by at most (p + 2)u / (1 − (p + 2)u) times the product of the
        // norms (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1). The 14 units more are for the
        // two operations that come after it, and for the difference between keys and distances in f64.
        let units = (columns + 16.0) * UNIT_F32;
        let error = units / (1.0 - units) * scaled;
        // The distance in f64, halved and squared, is off by at most (p + 12)(‖x‖² + ‖y‖²) units of f64, and for cosine
        // by 4p + 24 more, as its rows have norm 1 before they are centred. The share of ‖y‖ is in its halved square.
        let mut slack = 4.0 * (columns + 12.0) * UNIT_F64 * scaled * scaled;
        if self.metric == Metric::Cosine {
            slack += 4.0 * (4.0 * columns + 24.0) * UNIT_F64 * self.scale * self.scale;
        }
        Some(ScreenedQuery {
            values: prepared.iter().map(|&value| value as f32).collect(),
            error: (error as f32).next_up(),
            slack,
        })
    }

    /// Writes the centred and scaled row, and gives its norm.
    fn prepare<F: Float>(&self, row: &[F], norm: f64, prepared: &mut [f64]) -> f64 {
        let norm = if self.metric == Metric::Cosine { norm } else { 1.0 };
        let mut square = 0.0;
        for ((out, value), center) in prepared.iter_mut().zip(row).zip(&self.center) {
            *out = (value.to_f64() / norm - center) * self.scale;
            square += *out * *out;
        }
        // A little more than the norm, whatever the rounding of the sum.
        square.sqrt() * (1.0 + 1e-9)
    }

    fn lower_half_square(&self, half_square: f64) -> f32 {
        // `half_square` is up to 2e-9 too large (see `prepare`), far less than the 16 units of f32, 1e-6, taken off.
        ((half_square * (1.0 - 16.0 * UNIT_F32)) as f32).next_down() - self.smallest()
    }

    /// Bounds what is lost where values are too small for an `f32`: per feature less than its smallest normal number
    /// times a value below [`LARGEST_NORM`].
    fn smallest(&self) -> f32 {
        self.columns() as f32 * 4.0 * f32::MIN_POSITIVE * LARGEST_NORM as f32
    }
}

/// Roughly the mean of the rows, and the power of two that brings the median distance from it near 1.
pub(crate) fn middle_and_scale<F: Float>(
    metric: Metric,
    rows: Rows<'_, F>,
    norms: &[f64],
    groups: &Groups,
) -> (Vec<f64>, f64) {
    let step = groups.len().div_ceil(SAMPLE_ROWS);
    let sample: Vec<usize> = (0..groups.len()).step_by(step).map(|group| groups.first(group)).collect();
    let norm = |row: usize| if metric == Metric::Cosine { norms[row] } else { 1.0 };
    let mut center = vec![0.0; rows.columns()];
    for &row in &sample {
        for (sum, value) in center.iter_mut().zip(rows.row(row)) {
            *sum += value.to_f64() / norm(row) / sample.len() as f64;
        }
    }
    let from_center = |&row: &usize| {
        let squares = rows.row(row).iter().zip(&center).map(|(v, c)| (v.to_f64() / norm(row) - c).powi(2));
        squares.sum::<f64>().sqrt()
    };
    let mut distances: Vec<f64> = sample.iter().map(from_center).collect();
    distances.sort_unstable_by(f64::total_cmp);
    let typical = [distances[distances.len() / 2], distances[distances.len() - 1]];
    let typical = typical.into_iter().find(|&distance| distance > 0.0).unwrap_or(1.0);
    // Far from the ends of the exponents, so that the scale itself is an ordinary number.
    (center, (-typical.log2().round()).clamp(-1000.0, 1000.0).exp2())
}
