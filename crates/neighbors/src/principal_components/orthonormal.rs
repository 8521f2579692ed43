//! Vectors of length 1 at right angles.

/// A vector that loses more than this share of its length in projections hangs on the ones before it.
const DEPENDENT: f64 = 1e-10;

/// Makes each vector one of length 1 at right angles to those before it (Gram and Schmidt, twice for the digits).
///
/// In the place of a vector that hangs on those before it, such as zero, comes the axis that is farthest from all of them.
/// There are at most as many vectors as they have entries.
pub(super) fn orthonormalize(vectors: &mut [Vec<f64>]) {
    for at in 0..vectors.len() {
        let (before, rest) = vectors.split_at_mut(at);
        let vector = &mut rest[0];
        if !straighten(vector, before) {
            let reach = |axis: &usize| before.iter().map(|other| other[*axis] * other[*axis]).sum::<f64>();
            let axis = (0..vector.len()).min_by(|a, b| reach(a).total_cmp(&reach(b))).unwrap_or_default();
            vector.fill(0.0);
            vector[axis] = 1.0;
            straighten(vector, before);
        }
    }
}

/// Takes the projections on the vectors before off, and scales to length 1; `false` if nothing is left.
fn straighten(vector: &mut [f64], before: &[Vec<f64>]) -> bool {
    let length = dot(vector, vector).sqrt();
    for _ in 0..2 {
        for other in before {
            let share = dot(vector, other);
            vector.iter_mut().zip(other).for_each(|(value, other)| *value -= share * other);
        }
    }
    let left = dot(vector, vector).sqrt();
    if left <= DEPENDENT * length {
        return false;
    }
    for value in vector.iter_mut() {
        *value /= left;
    }
    true
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orthonormalize_dependent_vectors_are_replaced() {
        let mut vectors = vec![vec![0.0, 3.0, 4.0], vec![0.0; 3], vec![0.0, 6.0, 8.0]];
        orthonormalize(&mut vectors);
        assert_eq!(vectors[0], [0.0, 0.6, 0.8]);
        for (at, vector) in vectors.iter().enumerate() {
            for (other_at, other) in vectors.iter().enumerate() {
                let expected = if at == other_at { 1.0 } else { 0.0 };
                assert!((dot(vector, other) - expected).abs() < 1e-15);
            }
        }
    }
}
