//! Householder reflections, plane rotations and the closed form for 2 × 2 blocks, with LAPACK's signs.

use ndarray::Array2;

/// Rounding unit of f64, what LAPACK calls epsilon.
pub(super) const UNIT: f64 = f64::EPSILON / 2.0;

/// A Householder reflection I − `scale` · v · vᵀ that maps a vector onto its first axis.
pub(super) struct Reflector {
    direction: Vec<f64>,
    scale: f64,
    /// The first entry of the mapped vector; its sign is opposite to that of the original.
    pub(super) image: f64,
}

impl Reflector {
    pub(super) fn of(mut vector: Vec<f64>) -> Self {
        let head = vector[0];
        let tail = vector[1..].iter().fold(0.0_f64, |norm, value| norm.hypot(*value));
        if tail == 0.0 {
            return Self { direction: vector, scale: 0.0, image: head };
        }
        let image = -head.hypot(tail).copysign(head);
        for value in &mut vector[1..] {
            *value /= head - image;
        }
        vector[0] = 1.0;
        Self { direction: vector, scale: (image - head) / image, image }
    }

    /// Reflects the part from `start` on of the line of `matrix` whose i-th entry is at `place(i)`.
    pub(super) fn apply(&self, start: usize, place: impl Fn(usize) -> [usize; 2], matrix: &mut Array2<f64>) {
        if self.scale == 0.0 {
            return;
        }
        let places = || self.direction.iter().enumerate().map(|(i, &value)| (place(start + i), value));
        let product: f64 = places().map(|(at, value)| value * matrix[at]).sum();
        for (at, value) in places() {
            matrix[at] -= self.scale * product * value;
        }
    }
}

/// A rotation in the plane of two rows.
#[derive(Clone, Copy)]
pub(super) struct Rotation {
    pub(super) cos: f64,
    pub(super) sin: f64,
}

impl Rotation {
    pub(super) const IDENTITY: Self = Self { cos: 1.0, sin: 0.0 };

    /// The rotation that takes (f, g) to (length, 0); the length has the sign of f, the cosine is not negative.
    pub(super) fn onto_first(f: f64, g: f64) -> (Self, f64) {
        if g == 0.0 {
            return (Self::IDENTITY, f);
        }
        if f == 0.0 {
            let sin = 1.0_f64.copysign(g);
            return (Self { cos: 0.0, sin }, g.abs());
        }
        let length = f.hypot(g).copysign(f);
        let rotation = Self { cos: f / length, sin: g / length };
        (rotation, length)
    }

    pub(super) fn apply(self, first: f64, second: f64) -> (f64, f64) {
        (self.cos * first + self.sin * second, self.cos * second - self.sin * first)
    }
}

/// The smaller singular value of [[f, g], [0, h]].
pub(super) fn smaller_singular_value(f: f64, g: f64, h: f64) -> f64 {
    let (small, large) = (f.abs().min(h.abs()), f.abs().max(h.abs()));
    let g = g.abs();
    if small == 0.0 {
        return 0.0;
    }
    let (sum, difference) = (1.0 + small / large, (large - small) / large);
    if g < large {
        let square = (g / large).powi(2);
        return small * 2.0 / ((sum * sum + square).sqrt() + (difference * difference + square).sqrt());
    }
    let ratio = large / g;
    let roots = (sum * ratio).hypot(1.0) + (difference * ratio).hypot(1.0);
    2.0 * (small / roots) * ratio
}

/// The singular values of [[f, g], [0, h]], signed, and the rotation of its right singular vectors.
pub(super) struct Pair {
    pub(super) larger: f64,
    pub(super) smaller: f64,
    pub(super) right: Rotation,
}

impl Pair {
    pub(super) fn of(f: f64, g: f64, h: f64) -> Self {
        // Work on the matrix whose first diagonal entry is the larger one; transposing exchanges left and right.
        let swapped = h.abs() > f.abs();
        let (a, b) = if swapped { (h, f) } else { (f, h) };
        let dominant_corner = a.abs() / g.abs() < UNIT;
        let (larger, smaller, left, right);
        if dominant_corner {
            larger = g.abs();
            smaller = a.abs() / g.abs() * b.abs();
            left = Rotation { cos: 1.0, sin: b / g };
            right = Rotation { cos: a / g, sin: 1.0 };
        } else {
            // Tangents and sums of the closed form, arranged so that nothing cancels (Demmel and Kahan, appendix).
            let difference = (a.abs() - b.abs()) / a.abs();
            let corner = g / a;
            let sum = 2.0 - difference;
            let far = (sum * sum + corner * corner).sqrt();
            let near = (difference * difference + corner * corner).sqrt();
            let growth = 0.5 * (far + near);
            larger = a.abs() * growth;
            smaller = b.abs() / growth;
            let tangent = (corner / (far + sum) + corner / (near + difference)) * (1.0 + growth);
            let length = tangent.hypot(2.0);
            right = Rotation { cos: 2.0 / length, sin: tangent / length };
            left =
                Rotation { cos: (right.cos + right.sin * corner) / growth, sin: b / a * right.sin / growth };
        }
        let (left, right) = if swapped {
            let transposed = |r: Rotation| Rotation { cos: r.sin, sin: r.cos };
            (transposed(right), transposed(left))
        } else {
            (left, right)
        };
        // The signs that make the product of the three factors the given matrix, read off its largest entry.
        let sign = |value: f64| 1.0_f64.copysign(value);
        let larger_sign = if dominant_corner {
            sign(right.sin) * sign(left.cos) * sign(g)
        } else if swapped {
            sign(right.sin) * sign(left.sin) * sign(h)
        } else {
            sign(right.cos) * sign(left.cos) * sign(f)
        };
        Self { larger: larger * larger_sign, smaller: smaller * larger_sign * sign(f) * sign(h), right }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn unit_is_lapacks_epsilon() {
        assert_eq!(UNIT, 0.5_f64.powi(53));
    }

    #[test]
    fn smaller_singular_value_is_so_wherever_the_largest_entry_is() {
        // By product and sum of squares of both values.
        for [f, g, h] in
            [[3.0, 1.0, 2.0], [2.0, -1.0, 3.0], [1.0, 4.0, 2.0], [-0.5, 4.0, 1.0], [5.0, 0.0, -3.0]]
        {
            let smaller = smaller_singular_value(f, g, h);
            let larger = f64::abs(f * h) / smaller;
            assert!(smaller <= larger);
            assert_relative_eq!(
                smaller.powi(2) + larger.powi(2),
                f * f + g * g + h * h,
                max_relative = 1e-14
            );
        }
        assert_eq!(smaller_singular_value(0.0, 2.0, 3.0), 0.0);
        assert_relative_eq!(smaller_singular_value(3e-30, -2.0, 1e-18), 1.5e-48, max_relative = 1e-14);
    }

    #[test]
    fn pair_is_as_lapack_gives_it() {
        // [f, g, h], then the values and the cosine and sine of `dlasv2` of LAPACK 3.12.
        let recorded = [
            ([3.0, 1.0, 2.0], [3.256_616_537_98, 1.842_402_975_61, 0.881_674_598_768, 0.471_857_925_532]),
            ([2.0, 1.0, 3.0], [3.256_616_537_98, 1.842_402_975_61, 0.289_784_148_688, 0.957_092_026_489]),
            ([-3.0, 1.0, 2.0], [-3.256_616_537_98, 1.842_402_975_61, 0.881_674_598_768, -0.471_857_925_532]),
            ([3.0, -1.0, 2.0], [3.256_616_537_98, 1.842_402_975_61, 0.881_674_598_768, -0.471_857_925_532]),
            ([2.0, -1.0, -3.0], [-3.256_616_537_98, 1.842_402_975_61, -0.289_784_148_688, 0.957_092_026_489]),
            ([1.0, 4.0, 2.0], [4.561_552_812_81, 0.438_447_187_191, 0.197_945_225_835, 0.980_213_082_737]),
            ([0.5, -4.0, -1.0], [-4.151_565_373_4, 0.120_436_499_255, -0.116_939_661_559, 0.993_139_021_263]),
            ([3e-30, -2.0, 1e-18], [-2.0, -1.5e-48, -1.5e-30, 1.0]),
            ([4e-20, -2.0, -1e-30], [-2.0, 2e-50, -2e-20, 1.0]),
            ([-1e-20, 4.0, 1e-25], [4.0, -2.5e-46, -2.5e-21, 1.0]),
        ];
        for ([f, g, h], expected) in recorded {
            let Pair { larger, smaller, right } = Pair::of(f, g, h);
            for (found, expected) in [larger, smaller, right.cos, right.sin].into_iter().zip(expected) {
                assert_relative_eq!(found, expected, max_relative = 1e-11, epsilon = 0.0);
            }
        }
    }
}
