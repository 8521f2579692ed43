//! What is asked of one row of predicted probabilities, in the innermost loops of every method.

use cleanlab_core::Float;
use cleanlab_core::constants::FLOATING_POINT_COMPARISON;

/// The class with the largest probability, the first of equals.
///
/// ```
/// assert_eq!(cleanlab_count::predicted_class(&[0.2, 0.4, 0.4]), 1);
/// ```
///
/// # Source
///
/// `numpy.argmax`.
#[must_use]
#[inline(always)]
pub fn predicted_class<F: Float>(probs: &[F]) -> usize {
    let largest = largest_of(probs);
    first_where(probs, |_, p| p == largest).unwrap_or_default()
}

/// Whether the given label is the predicted class, once 1e-6 has been added to its probability.
///
/// ```
/// assert!(cleanlab_count::given_label_is_predicted(&[0.5000005, 0.5], 1));
/// assert!(!cleanlab_count::given_label_is_predicted(&[0.6, 0.4], 1));
/// ```
///
/// # Panics
///
/// If `label` is not below the number of classes.
///
/// # Source
///
/// `cleanlab.count._reduce_issues`.
#[must_use]
#[inline(always)]
pub fn given_label_is_predicted<F: Float>(probs: &[F], label: usize) -> bool {
    let own = probs[label].to_f64() + FLOATING_POINT_COMPARISON;
    if probs.len() <= WORD_CLASSES {
        let reached = bits_where(probs, |_, p| p.to_f64() >= own);
        let passed = bits_where(probs, |_, p| p.to_f64() > own);
        let (before, after) = ((1_u64 << label) - 1, u64::MAX << label << 1);
        return (reached & before) | (passed & after) == 0;
    }
    let (before, after) = (&probs[..label], &probs[label + 1..]);
    largest_of(before).to_f64() < own && largest_of(after).to_f64() <= own
}

/// The largest probability of any class but the given one; −∞ if there is no other.
///
/// ```
/// assert_eq!(cleanlab_count::largest_other(&[0.1, 0.7, 0.2], 1), 0.2);
/// ```
#[must_use]
#[inline(always)]
pub fn largest_other<F: Float>(probs: &[F], label: usize) -> f64 {
    largest_of(&probs[..label]).to_f64().max(largest_of(&probs[label + 1..]).to_f64())
}

/// Up to this many classes the outcomes of a test on each fit a machine word.
pub(crate) const WORD_CLASSES: usize = u64::BITS as usize;

/// One bit per class: whether its probability passes the test. At most [`WORD_CLASSES`] classes.
///
/// Which class passes is different in every row; asking with a branch would be mispredicted in most.
#[inline(always)]
pub(crate) fn bits_where<F: Float>(probs: &[F], test: impl Fn(usize, F) -> bool) -> u64 {
    debug_assert!(probs.len() <= WORD_CLASSES);
    probs.iter().enumerate().fold(0, |bits, (class, &p)| bits | (u64::from(test(class, p)) << class))
}

/// Classes that [`first_where`] tests together.
const FIRST_BLOCK: usize = 32;

/// The first class whose probability passes the test.
#[inline(always)]
pub(crate) fn first_where<F: Float>(probs: &[F], test: impl Fn(usize, F) -> bool) -> Option<usize> {
    if probs.len() <= WORD_CLASSES {
        let bits = bits_where(probs, test);
        return (bits != 0).then(|| bits.trailing_zeros() as usize);
    }
    // Blocks without a hit, which are most, are told by a test that vectorises.
    let passes_from = |start: usize, block: &[F]| {
        block.iter().enumerate().position(|(at, &p)| test(start + at, p)).map(|at| start + at)
    };
    let (blocks, rest) = probs.as_chunks::<FIRST_BLOCK>();
    for (number, block) in blocks.iter().enumerate() {
        let start = number * FIRST_BLOCK;
        if block.iter().enumerate().fold(false, |any, (at, &p)| any | test(start + at, p)) {
            return passes_from(start, block);
        }
    }
    passes_from(blocks.len() * FIRST_BLOCK, rest)
}

/// The first unless the second is larger.
#[inline(always)]
pub(crate) fn larger<F: Float>(a: F, b: F) -> F {
    if b > a { b } else { a }
}

/// The largest value, −∞ of nothing. Eight lanes, so that comparisons overlap and vectorise.
#[inline(always)]
pub(crate) fn largest_of<F: Float>(probs: &[F]) -> F {
    const LANES: usize = 8;
    let mut lanes = [F::from_f64(f64::NEG_INFINITY); LANES];
    let (blocks, rest) = probs.as_chunks::<LANES>();
    for block in blocks {
        for (lane, &p) in lanes.iter_mut().zip(block) {
            *lane = larger(*lane, p);
        }
    }
    for (lane, &p) in lanes.iter_mut().zip(rest) {
        *lane = larger(*lane, p);
    }
    lanes.into_iter().reduce(larger).unwrap_or(F::from_f64(f64::NEG_INFINITY))
}

/// (p(given) − largest other p + 1) / 2, which lies in [0, 1].
///
/// ```
/// assert_eq!(cleanlab_count::normalized_margin(&[0.25, 0.75], 1), 0.75);
/// ```
///
/// # Source
///
/// `cleanlab.rank.get_normalized_margin_for_each_label`.
#[must_use]
#[inline(always)]
pub fn normalized_margin<F: Float>(probs: &[F], label: usize) -> f64 {
    margin_over(probs[label].to_f64(), largest_other(probs, label))
}

/// The normalized margin of the given label's probability over the largest other one.
#[inline(always)]
#[allow(clippy::manual_midpoint, reason = "the reference's order of operations decides the last bit")]
pub(crate) fn margin_over(own: f64, largest_other: f64) -> f64 {
    (own - largest_other + 1.0) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use cleanlab_core::RandomState;

    #[test]
    #[allow(clippy::manual_midpoint, reason = "the order of operations decides the last bit")]
    fn rows_of_any_length_are_answered_as_their_definitions_say() {
        let mut random = RandomState::new(9);
        for k in (1..=200).chain([300, 333]) {
            // Few different values, so that most rows have ties; some apart by just what counts as equal.
            let mut value = |_| {
                let nudge = if random.random_sample() < 0.3 { FLOATING_POINT_COMPARISON } else { 0.0 };
                (random.random_sample() * 4.0).floor() / 4.0 + nudge
            };
            let row: Vec<f64> = (0..k).map(&mut value).collect();
            let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(largest_of(&row), largest);
            let first = row.iter().position(|&p| p == largest).unwrap();
            assert_eq!(predicted_class(&row), first);
            assert_eq!(first_where(&row, |_, p| p > 2.0), None);
            for label in [0, k / 3, k / 2, first, k - 1] {
                assert_eq!(first_where(&row, |class, _| class >= label), Some(label), "{k} classes");
                let others = row.iter().enumerate().filter(|&(class, _)| class != label);
                let other = others.map(|(_, &p)| p).fold(f64::NEG_INFINITY, f64::max);
                assert_eq!(largest_other(&row, label), other);
                assert_eq!(normalized_margin(&row, label), (row[label] - other + 1.0) / 2.0);
                let mut raised = row.clone();
                raised[label] += FLOATING_POINT_COMPARISON;
                let is_predicted = predicted_class(&raised) == label;
                assert_eq!(given_label_is_predicted(&row, label), is_predicted, "{row:?}, {label}");
            }
        }
    }

    #[test]
    fn given_label_is_predicted_wherever_label_and_largest_are() {
        for k in [2, 63, 64, 65, 130] {
            for (label, largest) in (0..k).flat_map(|label| (0..k).map(move |largest| (label, largest))) {
                let mut row = vec![0.25; k];
                row[largest] = 0.5;
                assert_eq!(given_label_is_predicted(&row, label), label == largest, "{label} of {k}");
                // The first of two that are equal is predicted, the label once the tolerance has been added.
                row[label] = 0.5 - FLOATING_POINT_COMPARISON;
                let raised = row[label] + FLOATING_POINT_COMPARISON;
                let expected = label == largest || raised > 0.5 || (raised == 0.5 && label < largest);
                assert_eq!(given_label_is_predicted(&row, label), expected, "{label} and {largest} of {k}");
            }
        }
    }
}
