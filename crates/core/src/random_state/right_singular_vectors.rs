//! The singular values and right singular vectors of a small square matrix, with LAPACK's signs.
//!
//! A singular vector is as good as its negative, but a stream of multivariate normal draws is not: NumPy multiplies
//! its draws by the vectors that LAPACK's `dgesdd` gives. A rule such as "the first entry is positive" cannot tell
//! those signs; they follow from the way there. So this goes the same way: Householder reflections to bidiagonal form,
//! implicit QR sweeps on that (with and without shift, from the larger end), a closed form for 2 × 2 blocks, and
//! negative singular values turned positive by the sign of their right vector. `dgesdd` does so up to 25 dimensions;
//! above, where it divides and conquers, the vectors here are right but their signs may differ from NumPy's.
//!
//! Source: G. Golub and C. Reinsch, Numerische Mathematik 14 (1970); J. Demmel and W. Kahan, "Accurate singular values
//! of bidiagonal matrices", SIAM J. Sci. Stat. Comput. 11 (1990); the conventions are those of LAPACK 3.12.

use ndarray::{Array2, ArrayView2};

use super::reflections_and_rotations::{Pair, Reflector, Rotation, UNIT, smaller_singular_value};

/// Largest number of sweeps per squared dimension.
const SWEEPS: usize = 6;

/// The part of a singular value decomposition U · diag(`values`) · `vectors` that drawing needs.
pub(super) struct RightSingularVectors {
    /// Singular values, largest first.
    pub(super) values: Vec<f64>,
    /// One right singular vector per row.
    pub(super) vectors: Array2<f64>,
}

/// Decomposes a square matrix. Fails, with the number of sweeps made, only on entries so large or small that their
/// squares overflow or vanish.
pub(super) fn right_singular_vectors(matrix: ArrayView2<'_, f64>) -> Result<RightSingularVectors, usize> {
    let mut form = Bidiagonal::of(matrix);
    form.diagonalize()?;
    Ok(form.sorted())
}

/// An upper bidiagonal matrix B with A = Q · B · `right`.
struct Bidiagonal {
    diagonal: Vec<f64>,
    /// `above[i]` lies right of `diagonal[i]`.
    above: Vec<f64>,
    right: Array2<f64>,
}

impl Bidiagonal {
    fn of(matrix: ArrayView2<'_, f64>) -> Self {
        let n = matrix.nrows();
        let mut work = matrix.to_owned();
        let mut right = Array2::eye(n);
        let mut diagonal = Vec::with_capacity(n);
        let mut above = Vec::with_capacity(n.saturating_sub(1));
        for i in 0..n {
            let column = Reflector::of((i..n).map(|row| work[[row, i]]).collect());
            for j in i + 1..n {
                column.apply(i, |row| [row, j], &mut work);
            }
            diagonal.push(column.image);
            if i + 1 < n {
                let row = Reflector::of((i + 1..n).map(|j| work[[i, j]]).collect());
                for k in i + 1..n {
                    row.apply(i + 1, |j| [k, j], &mut work);
                }
                for k in 0..n {
                    row.apply(i + 1, |j| [j, k], &mut right);
                }
                above.push(row.image);
            }
        }
        Self { diagonal, above, right }
    }

    /// Makes `above` zero by rotations, splitting off blocks from the lower right end.
    fn diagonalize(&mut self) -> Result<(), usize> {
        let n = self.diagonal.len();
        let tolerance = UNIT.powf(-0.125).clamp(10.0, 100.0) * UNIT;
        let negligible =
            (tolerance * self.smallest_value_bound()).max((SWEEPS * n * n) as f64 * f64::MIN_POSITIVE);
        let mut sweeps = 0;
        let mut last = n.saturating_sub(1);
        let mut previous: Option<Block> = None;
        while last > 0 {
            let first = (0..last).rev().find(|&i| self.above[i].abs() <= negligible).map_or(0, |i| i + 1);
            if first > 0 {
                self.above[first - 1] = 0.0;
            }
            if first == last {
                last -= 1;
            } else if first + 1 == last {
                self.solve_pair(first);
                last = last.saturating_sub(2);
            } else {
                // Sweeps keep their direction while they work on one block.
                let downward = match previous {
                    Some(old) if first <= old.last && last >= old.first => old.downward,
                    _ => self.diagonal[first].abs() >= self.diagonal[last].abs(),
                };
                let block = Block { first, last, downward };
                let Some(smallest) = self.split(block, tolerance) else {
                    continue;
                };
                previous = Some(block);
                let shift = self.shift(block, smallest, tolerance);
                self.sweep(block, shift);
                let end = block.gap(block.len() - 2);
                if self.above[end].abs() <= negligible {
                    self.above[end] = 0.0;
                }
                sweeps += last - first;
                if sweeps > SWEEPS * n * n {
                    return Err(sweeps);
                }
            }
        }
        Ok(())
    }

    /// A lower bound of the singular values, up to a small factor.
    fn smallest_value_bound(&self) -> f64 {
        let mut reach = self.diagonal.first().map_or(0.0, |value| value.abs());
        let mut bound = reach;
        for (above, next) in self.above.iter().zip(self.diagonal.iter().skip(1)) {
            if bound == 0.0 {
                break;
            }
            reach = next.abs() * (reach / (reach + above.abs()));
            bound = bound.min(reach);
        }
        bound / (self.diagonal.len() as f64).sqrt()
    }

    /// Drops an entry of `above` that is small against its surroundings, or else gives a bound of the smallest
    /// singular value of the block.
    fn split(&mut self, block: Block, tolerance: f64) -> Option<f64> {
        let steps = block.len() - 1;
        let end = block.gap(steps - 1);
        if self.above[end].abs() <= tolerance * self.diagonal[block.row(steps)].abs() {
            self.above[end] = 0.0;
            return None;
        }
        let mut reach = self.diagonal[block.row(0)].abs();
        let mut smallest = reach;
        for step in 0..steps {
            let gap = block.gap(step);
            let above = self.above[gap].abs();
            if above <= tolerance * reach {
                self.above[gap] = 0.0;
                return None;
            }
            reach = self.diagonal[block.row(step + 1)].abs() * (reach / (reach + above));
            smallest = smallest.min(reach);
        }
        Some(smallest)
    }

    /// The shift of the next sweep: the smaller singular value at the block's end, or 0 where that would cost the
    /// small singular values their accuracy.
    fn shift(&self, block: Block, smallest: f64, tolerance: f64) -> f64 {
        let steps = block.len() - 1;
        let rows = &self.diagonal[block.first..=block.last];
        let gaps = &self.above[block.first..block.last];
        let largest = rows.iter().chain(gaps).fold(0.0_f64, |max, value| max.max(value.abs()));
        let n = self.diagonal.len() as f64;
        if n * tolerance * (smallest / largest) <= UNIT.max(0.01 * tolerance) {
            return 0.0;
        }
        let shift = smaller_singular_value(
            self.diagonal[block.row(steps - 1)],
            self.above[block.gap(steps - 1)],
            self.diagonal[block.row(steps)],
        );
        let start = self.diagonal[block.row(0)].abs();
        if start > 0.0 && (shift / start).powi(2) < UNIT { 0.0 } else { shift }
    }

    fn sweep(&mut self, block: Block, shift: f64) {
        if shift == 0.0 {
            self.sweep_without_shift(block);
        } else {
            self.sweep_with_shift(block, shift);
        }
    }

    fn sweep_without_shift(&mut self, block: Block) {
        let steps = block.len() - 1;
        let (mut outer, mut inner) = (Rotation::IDENTITY, Rotation::IDENTITY);
        for step in 0..steps {
            let (row, next, gap) = (block.row(step), block.row(step + 1), block.gap(step));
            let length;
            (outer, length) = Rotation::onto_first(self.diagonal[row] * outer.cos, self.above[gap]);
            if step > 0 {
                self.above[block.gap(step - 1)] = inner.sin * length;
            }
            (inner, self.diagonal[row]) =
                Rotation::onto_first(inner.cos * length, self.diagonal[next] * outer.sin);
            self.rotate_right(if block.downward { outer } else { inner }, row, next);
        }
        let end = self.diagonal[block.row(steps)] * outer.cos;
        self.diagonal[block.row(steps)] = end * inner.cos;
        self.above[block.gap(steps - 1)] = end * inner.sin;
    }

    fn sweep_with_shift(&mut self, block: Block, shift: f64) {
        let steps = block.len() - 1;
        let start = self.diagonal[block.row(0)];
        let mut f = (start.abs() - shift) * (1.0_f64.copysign(start) + shift / start);
        let mut g = self.above[block.gap(0)];
        for step in 0..steps {
            let (row, next, gap) = (block.row(step), block.row(step + 1), block.gap(step));
            let (outer, length) = Rotation::onto_first(f, g);
            if step > 0 {
                self.above[block.gap(step - 1)] = length;
            }
            (f, self.above[gap]) = outer.apply(self.diagonal[row], self.above[gap]);
            (g, self.diagonal[next]) = outer.apply(0.0, self.diagonal[next]);
            let inner;
            (inner, self.diagonal[row]) = Rotation::onto_first(f, g);
            (f, self.diagonal[next]) = inner.apply(self.above[gap], self.diagonal[next]);
            if step + 1 < steps {
                let after = block.gap(step + 1);
                (g, self.above[after]) = inner.apply(0.0, self.above[after]);
            }
            self.rotate_right(if block.downward { outer } else { inner }, row, next);
        }
        self.above[block.gap(steps - 1)] = f;
    }

    /// Diagonalizes the 2 × 2 block that begins at `first`.
    fn solve_pair(&mut self, first: usize) {
        let pair = Pair::of(self.diagonal[first], self.above[first], self.diagonal[first + 1]);
        self.diagonal[first] = pair.larger;
        self.diagonal[first + 1] = pair.smaller;
        self.above[first] = 0.0;
        self.rotate_right(pair.right, first, first + 1);
    }

    fn rotate_right(&mut self, rotation: Rotation, row: usize, next: usize) {
        for column in 0..self.right.ncols() {
            let rotated = rotation.apply(self.right[[row, column]], self.right[[next, column]]);
            (self.right[[row, column]], self.right[[next, column]]) = rotated;
        }
    }

    /// Turns singular values positive and sorts them; of equal ones the later goes to the end first.
    fn sorted(self) -> RightSingularVectors {
        let n = self.diagonal.len();
        let mut order: Vec<usize> = (0..n).collect();
        for end in (1..n).rev() {
            let size = |place: usize| self.diagonal[order[place]].abs();
            let smallest =
                (1..=end).fold(0, |best, place| if size(place) <= size(best) { place } else { best });
            order.swap(smallest, end);
        }
        let signed = |row: usize, column: usize| {
            let value = self.right[[row, column]];
            if self.diagonal[row] < 0.0 { -value } else { value }
        };
        RightSingularVectors {
            values: order.iter().map(|&row| self.diagonal[row].abs()).collect(),
            vectors: Array2::from_shape_fn((n, n), |(rank, column)| signed(order[rank], column)),
        }
    }
}

/// A part of a bidiagonal matrix without zeros above the diagonal, and from which end it is swept.
#[derive(Clone, Copy)]
struct Block {
    first: usize,
    last: usize,
    downward: bool,
}

impl Block {
    fn len(self) -> usize {
        self.last - self.first + 1
    }

    /// The row that a sweep reaches after `step` steps.
    fn row(self, step: usize) -> usize {
        if self.downward { self.first + step } else { self.last - step }
    }

    /// The entry above the diagonal between the rows of `step` and `step + 1`.
    fn gap(self, step: usize) -> usize {
        if self.downward { self.first + step } else { self.last - step - 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use proptest::prelude::*;

    /// Largest deviation of V from orthogonal, and of `Vᵀ · diag(s²) · V` from `AᵀA`.
    fn errors(matrix: &Array2<f64>) -> [f64; 2] {
        let svd = right_singular_vectors(matrix.view()).unwrap();
        assert!(svd.values.windows(2).all(|pair| pair[0] >= pair[1]));
        assert!(svd.values.iter().all(|&value| value >= 0.0));
        let v = &svd.vectors;
        let squares = Array2::from_shape_fn(v.dim(), |(i, j)| v[[i, j]] * svd.values[i].powi(2));
        let largest =
            |difference: Array2<f64>| difference.iter().fold(0.0_f64, |max, value| max.max(value.abs()));
        [
            largest(v.dot(&v.t()) - Array2::<f64>::eye(v.nrows())),
            largest(v.t().dot(&squares) - matrix.t().dot(matrix)),
        ]
    }

    proptest! {
        #[test]
        fn right_singular_vectors_any_matrix_is_decomposed(
            n in 1_usize..12,
            rank in 1_usize..12,
            values in prop::collection::vec(-1.0..1.0_f64, 2 * 12 * 12),
        ) {
            let factor = |from: usize| Array2::from_shape_fn((n, rank), |(i, j)| values[from + i * 12 + j]);
            let matrix = factor(0).dot(&factor(144).t());
            for error in errors(&matrix) {
                prop_assert!(error < 1e-12, "error {}", error);
            }
        }
    }

    #[test]
    fn right_singular_vectors_extreme_pairs_are_decomposed() {
        for matrix in [
            array![[0.0, 0.0], [0.0, 0.0]],
            array![[1.0, 1e20], [0.0, 1.0]] / 1e20,
            array![[0.0, 1.0], [1.0, 0.0]],
            array![[0.0, 1.0], [0.0, 0.0]],
            array![[1e-8, 1.0], [-1.0, 1e8]] / 1e8,
            array![[1.0, 1.0], [1.0, 1.0]],
        ] {
            for error in errors(&matrix) {
                assert!(error < 1e-12, "error {error} of {matrix}");
            }
        }
    }

    #[test]
    fn right_singular_vectors_zero_matrix_gives_identity() {
        let svd = right_singular_vectors(Array2::zeros((3, 3)).view()).unwrap();
        assert_eq!(svd.values, [0.0; 3]);
        assert_eq!(svd.vectors, Array2::<f64>::eye(3));
    }

    #[test]
    fn right_singular_vectors_overflowing_matrix_is_refused() {
        let matrix = Array2::from_shape_fn((4, 4), |(i, j)| 1e308 / (1.0 + (i * j) as f64));
        assert!(right_singular_vectors(matrix.view()).is_err());
    }

    /// Whether the largest entry of each right singular vector is negative, as bits, the first vector's lowest.
    fn signs(matrix: &Array2<f64>) -> u8 {
        let svd = right_singular_vectors(matrix.view()).unwrap();
        let larger = |one: f64, other: &f64| if other.abs() > one.abs() { *other } else { one };
        let largest = svd.vectors.outer_iter().map(|vector| vector.iter().fold(0.0, larger));
        largest.enumerate().map(|(rank, entry)| u8::from(entry < 0.0) << rank).sum()
    }

    #[test]
    fn right_singular_vectors_have_lapacks_signs() {
        // `numpy.linalg.svd` of NumPy 2.4.6, of three to eight rows whose sizes are like or fall or grow by up to 2⁻²⁸.
        let recorded = [
            0x05, 0x0b, 0x04, 0x20, 0x59, 0x4c, 0x01, 0x0d, 0x08, 0x2e, 0x12, 0x14, 0x03, 0x0b, 0x02, 0x00,
            0x10, 0x25, 0x07, 0x04, 0x01, 0x30, 0x37, 0x2a, 0x00, 0x0b, 0x02, 0x37, 0x69, 0xac, 0x01, 0x0c,
            0x17, 0x20, 0x7b, 0xd1, 0x03, 0x0e, 0x1e, 0x35, 0x0d, 0x82, 0x05, 0x0e, 0x1a, 0x31, 0x39, 0xe1,
            0x02, 0x0d, 0x08, 0x12, 0x28, 0x35, 0x02, 0x0c, 0x0d, 0x11, 0x70, 0x91, 0x00, 0x0f, 0x12, 0x24,
            0x53, 0xcb, 0x07, 0x03, 0x0d, 0x2a, 0x77, 0xfb, 0x05, 0x0d, 0x01, 0x32, 0x71, 0x1a, 0x02, 0x06,
            0x06, 0x16, 0x6a, 0x99, 0x00, 0x03, 0x09, 0x17, 0x2b, 0x94, 0x06, 0x00, 0x15, 0x13, 0x71, 0x55,
        ];
        for (seed, expected) in recorded.into_iter().enumerate() {
            let n = 3 + seed % 6;
            let mut random = crate::RandomState::new(seed as u32);
            let mut matrix = Array2::from_shape_simple_fn((n, n), || random.standard_normal());
            for step in 0..n {
                let mut row = matrix.row_mut(if seed % 2 == 1 { step } else { n - 1 - step });
                row *= 0.5_f64.powi((seed % 5 * step) as i32);
            }
            assert_eq!(signs(&matrix), expected, "of seed {seed}");
            assert!(errors(&matrix).iter().all(|&error| error < 1e-12), "of seed {seed}");
        }
    }

    fn bidiagonal(diagonal: &[f64], above: &[f64]) -> Bidiagonal {
        let right = Array2::eye(diagonal.len());
        Bidiagonal { diagonal: diagonal.to_vec(), above: above.to_vec(), right }
    }

    #[test]
    fn smallest_value_bound_follows_the_recurrence() {
        let bound = |diagonal: &[f64], above: &[f64]| bidiagonal(diagonal, above).smallest_value_bound();
        approx::assert_relative_eq!(bound(&[2.0, -0.5, 6.0], &[1.0, -1.5]), 3.0_f64.recip() / 3.0_f64.sqrt());
        approx::assert_relative_eq!(bound(&[2.0, -0.5, 6.0, 1.0], &[1.0, -1.5, 47.0]), 6.0 / 529.0);
        approx::assert_relative_eq!(bound(&[-4.0, 12.0], &[4.0]), 4.0 / 2.0_f64.sqrt());
        assert_eq!(bound(&[3.0, 0.0, 0.0], &[1.0, 0.0]), 0.0);
    }

    #[test]
    fn split_drops_what_is_small_against_its_surroundings() {
        let block = Block { first: 0, last: 2, downward: true };
        let split = |diagonal: &[f64; 3], above: &[f64; 2]| {
            let mut form = bidiagonal(diagonal, above);
            (form.split(block, 1e-3), form.above)
        };
        // The last entry is measured by the last of the diagonal, and the others by what reaches them.
        assert_eq!(split(&[1.0, 1.0, 2.0], &[1.0, 0.001_5]), (None, vec![1.0, 0.0]));
        assert_eq!(split(&[2.0, 1.0, 1.0], &[0.001_5, 1.0]), (None, vec![0.0, 1.0]));
        approx::assert_relative_eq!(split(&[0.5, 1.0, 1.0], &[0.000_7, 1.0]).0.unwrap(), 0.5 / 1.000_7);
        assert_eq!(split(&[8.0, 3.0, 1.0], &[4.0, 2.0]), (Some(0.5), vec![4.0, 2.0]));
    }

    #[test]
    fn shift_spares_small_values_and_what_it_would_not_change() {
        let block = Block { first: 0, last: 2, downward: true };
        let shift = |start: f64, smallest: f64| {
            bidiagonal(&[start, 3.0, 1.0], &[4.0, 2.0]).shift(block, smallest, 1e-3)
        };
        let smaller = smaller_singular_value(3.0, 2.0, 1.0);
        // Three hundredth of the largest, which three rows and a hundredth of the tolerance allow.
        assert_eq!([shift(8.0, 0.026_6), shift(8.0, 0.026_8)], [0.0, smaller]);
        assert_eq!([shift(1e9, 1e9), shift(0.0, 1.0), shift(1e7, 1e7)], [0.0, smaller, smaller]);
    }

    #[test]
    fn right_singular_vectors_of_one_block_are_swept_in_one_direction() {
        // Where the larger end is asked for anew at every sweep or block, or never, another sign than LAPACK's comes out.
        let recorded = [
            (
                array![
                    [393.0, 0.0, 22.0, 0.0],
                    [0.0, -539.0, 2.0, 988.0],
                    [0.0, 0.0, -346.0, 0.0],
                    [0.0, 0.0, -798.0, 326.0]
                ],
                7,
            ),
            (
                array![
                    [-2.0, 850.0, 0.0, 0.0, 0.0, 0.0],
                    [0.0, 1.0, 0.0, 991.0, -37.0, -3.0],
                    [-51.0, 0.0, 3.0, 0.0, 0.0, 2.0],
                    [767.0, 0.0, -42.0, -2.0, 0.0, 0.0],
                    [-46.0, 3.0, -2.0, 0.0, 1.0, 0.0],
                    [0.0, -931.0, 48.0, 53.0, 0.0, -28.0]
                ],
                9,
            ),
            (
                array![
                    [0.0, -57.0, 0.0, 998.0, 0.0, 0.0],
                    [10.0, -254.0, 0.0, 0.0, 53.0, -930.0],
                    [0.0, 24.0, 0.0, -456.0, 0.0, 0.0],
                    [-599.0, 55.0, 3.0, -1.0, -3.0, 0.0],
                    [0.0, 0.0, 12.0, -12.0, 0.0, 0.0],
                    [0.0, 0.0, -2.0, -1.0, 0.0, -3.0]
                ],
                62,
            ),
        ];
        for (matrix, expected) in recorded {
            assert_eq!(signs(&matrix), expected, "of {matrix}");
        }
    }

    #[test]
    fn right_singular_vectors_overflowing_matrix_of_five_rows_is_refused() {
        let matrix = Array2::from_shape_fn((5, 5), |(i, j)| 1e308 / (1.0 + (i * j) as f64));
        assert!(right_singular_vectors(matrix.view()).is_err());
    }
}
