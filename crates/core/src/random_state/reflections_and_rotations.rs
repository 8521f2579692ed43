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
