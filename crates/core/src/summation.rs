//! Sums in NumPy's order of additions.

/// The sum of a slice with NumPy's pairwise order, so that it equals `numpy.sum` to the last bit.
///
/// Rounding a matrix of counts hits exact halves often; whether 2.5 or 2.4999999999999996 is rounded depends on this
/// order.
///
/// ```
/// assert_eq!(cleanlab_core::pairwise_sum(&[0.1; 10]), 1.0);
/// assert_eq!([0.1; 10].iter().sum::<f64>(), 0.9999999999999999);
/// ```
///
/// # Source
///
/// `numpy.add.reduce` over contiguous or strided values.
#[must_use]
pub fn pairwise_sum(values: &[f64]) -> f64 {
    pairwise_sum_by(values.len(), &|i| values[i])
}

/// As [`pairwise_sum`], over `value(0)`, …, `value(len - 1)`.
///
/// ```
/// assert_eq!(cleanlab_core::pairwise_sum_by(4, &|i| i as f64), 6.0);
/// ```
#[must_use]
pub fn pairwise_sum_by(len: usize, value: &impl Fn(usize) -> f64) -> f64 {
    pairwise_range(0, len, value)
}

fn pairwise_range(start: usize, len: usize, value: &impl Fn(usize) -> f64) -> f64 {
    const LANES: usize = 8;
    const BLOCK: usize = 128;
    if len < LANES {
        return (start..start + len).fold(0.0, |sum, i| sum + value(i));
    }
    if len <= BLOCK {
        let mut lanes: [f64; LANES] = std::array::from_fn(|lane| value(start + lane));
        let whole = len - len % LANES;
        for i in (LANES..whole).step_by(LANES) {
            for (lane, sum) in lanes.iter_mut().enumerate() {
                *sum += value(start + i + lane);
            }
        }
        let sum =
            ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
        return (start + whole..start + len).fold(sum, |sum, i| sum + value(i));
    }
    let half = len / 2;
    let first = half - half % LANES;
    pairwise_range(start, first, value) + pairwise_range(start + first, len - first, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_terms_are_added_in_pairs_and_seven_one_after_the_other() {
        let terms = [1e16, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        assert_eq!(pairwise_sum(&terms), 1e16 + 6.0);
        assert_eq!(pairwise_sum(&terms[..7]), 1e16);
    }

    #[test]
    fn sums_are_those_of_numpy_to_the_last_bit() {
        // `numpy.sum` of NumPy 1.26 over these terms; in plain order most differ.
        let expected = [
            (0, 0.0),
            (7, 0.375),
            (8, 0.5),
            (9, 0.611_111_111_111_111_2),
            (15, 0.761_111_111_111_111_2),
            (16, 0.702_287_581_699_346_4),
            (100, 1.353_031_751_814_173_5),
            (128, 1.442_247_602_216_113),
            (129, 1.449_999_540_200_609_2),
            (136, 1.457_683_435_110_781_5),
            (200, 1.591_475_678_080_633),
            (257, 1.675_245_913_489_093_8),
            (1000, 2.127_953_967_294_966_6),
        ];
        let term = |i: usize| if i.is_multiple_of(3) { -1.0 / (i + 2) as f64 } else { 1.0 / (i + 1) as f64 };
        for (len, sum) in expected {
            assert_eq!(pairwise_sum_by(len, &term), sum, "{len} terms");
            assert_eq!(pairwise_sum(&(0..len).map(term).collect::<Vec<_>>()), sum, "{len} terms");
        }
    }
}
