//! Cells around centres, into which rows are sorted as they are read.

use cleanlab_core::Float;
use rayon::prelude::*;

use crate::codes::dot;
use crate::metric::Metric;
use crate::partition::next_seed;

/// How often the two centres of a division are moved to the middle of what is nearest to them.
const STEPS: usize = 4;

/// Cells that a row belongs to: neighbours that lie on either side of a border meet in one of these.
pub(crate) const CELLS_PER_ROW: usize = 2;

/// Centres, in an order in which those near each other tend to stand together.
pub(crate) struct Cells {
    columns: usize,
    metric: Metric,
    centers: Vec<f32>,
    half_squares: Vec<f32>,
}

impl Cells {
    /// At most `n_cells` cells that are made by dividing a sample of rows again and again.
    pub(crate) fn new<F: Float>(
        metric: Metric,
        sample: &[F],
        columns: usize,
        n_cells: usize,
        seed: u64,
    ) -> Self {
        let mut placed = vec![0.0_f32; sample.len()];
        placed
            .par_chunks_mut(columns)
            .zip(sample.par_chunks(columns))
            .for_each(|(to, row)| place(metric, row, to));
        let rows: Vec<&[f32]> = placed.chunks_exact(columns).collect();
        let mut centers = Vec::new();
        divide(rows, n_cells, columns, seed, &mut centers);
        let half_squares = centers.chunks_exact(columns).map(|center| 0.5 * dot(center, center)).collect();
        Self { columns, metric, centers, half_squares }
    }

    pub(crate) fn len(&self) -> usize {
        self.half_squares.len()
    }

    /// The cells nearest to each of some rows.
    pub(crate) fn of_rows<F: Float>(&self, rows: &[F], cells: &mut [[u32; CELLS_PER_ROW]]) {
        let arch = pulp::Arch::new();
        rows.par_chunks(64 * self.columns).zip(cells.par_chunks_mut(64)).for_each_init(
            || vec![0.0; self.columns],
            |placed, (rows, found)| {
                for (row, found) in rows.chunks_exact(self.columns).zip(found) {
                    place(self.metric, row, placed);
                    *found = arch.dispatch(NearestCells { cells: self, placed });
                }
            },
        );
    }
}

struct NearestCells<'n> {
    cells: &'n Cells,
    placed: &'n [f32],
}

impl pulp::NullaryFnOnce for NearestCells<'_> {
    type Output = [u32; CELLS_PER_ROW];

    #[inline(always)]
    fn call(self) -> [u32; CELLS_PER_ROW] {
        let mut nearest = [(f32::INFINITY, 0_u32); CELLS_PER_ROW];
        let centers = self.cells.centers.chunks_exact(self.cells.columns);
        for (cell, (center, half_square)) in (0..).zip(centers.zip(&self.cells.half_squares)) {
            let mut found = (half_square - dot(self.placed, center), cell);
            for other in &mut nearest {
                if found.0 < other.0 {
                    std::mem::swap(&mut found, other);
                }
            }
        }
        nearest.map(|(_, cell)| cell)
    }
}

/// A row as cells see it: of length 1 where only directions count.
fn place<F: Float>(metric: Metric, row: &[F], to: &mut [f32]) {
    let norm = metric.norm(row);
    for (to, value) in to.iter_mut().zip(row) {
        *to = (value.to_f64() / norm) as f32;
    }
}

fn divide(rows: Vec<&[f32]>, n_cells: usize, columns: usize, seed: u64, centers: &mut Vec<f32>) {
    if n_cells < 2 || rows.len() < 2 {
        centers.extend(mean(&rows, columns));
        return;
    }
    let draw = |step| (next_seed(seed, step) % rows.len() as u64) as usize;
    let first = rows[draw(0)];
    let far = |row: &[f32]| row.iter().zip(first).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    let second =
        (1..8).map(|step| rows[draw(step)]).max_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(first);
    let (mut a, mut b) = (first.to_vec(), second.to_vec());
    let mut sides = (Vec::new(), Vec::new());
    for _ in 0..STEPS {
        let way: Vec<f32> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
        let middle = 0.5 * (dot(&b, &b) - dot(&a, &a));
        sides = rows.iter().copied().partition(|row| dot(row, &way) < middle);
        if sides.0.is_empty() || sides.1.is_empty() {
            break;
        }
        (a, b) = (mean(&sides.0, columns), mean(&sides.1, columns));
    }
    if sides.0.is_empty() || sides.1.is_empty() {
        centers.extend(mean(&rows, columns));
        return;
    }
    // Cells go where rows are.
    let share = sides.0.len() as f64 / rows.len() as f64;
    let n_left = ((n_cells as f64 * share).round() as usize).clamp(1, n_cells - 1);
    divide(sides.0, n_left, columns, next_seed(seed, 8), centers);
    divide(sides.1, n_cells - n_left, columns, next_seed(seed, 9), centers);
}

fn mean(rows: &[&[f32]], columns: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f64; columns];
    for row in rows {
        sum.iter_mut().zip(*row).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    sum.into_iter().map(|sum| (sum / rows.len().max(1) as f64) as f32).collect()
}
