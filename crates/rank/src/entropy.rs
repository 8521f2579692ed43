//! Confidence-weighted entropy: logarithms of many probabilities at once.

use cleanlab_core::constants::CLIPPING_LOWER_BOUND;
use cleanlab_core::{Batch, Float};
use pulp::{Arch, Simd, WithSimd};

/// ln(1 + x) / x for one row, where x = entropy(p) / `log_n_classes` / p(given).
///
/// ```
/// use cleanlab_rank::confidence_weighted_entropy;
/// assert_eq!(confidence_weighted_entropy(&[1.0, 0.0], 0, 2.0_f64.ln()), 1.0);
/// ```
///
/// # Panics
///
/// If `label` is not below the number of classes.
///
/// # Source
///
/// As [`get_confidence_weighted_entropy_for_each_label`](crate::get_confidence_weighted_entropy_for_each_label), with
/// its differences.
#[must_use]
#[inline]
pub fn confidence_weighted_entropy<F: Float>(probs: &[F], label: usize, log_n_classes: f64) -> f64 {
    let mut sums = [0.0; LANES];
    for (position, p) in probs.iter().enumerate() {
        sums[position % LANES] += x_log_x(p.to_f64());
    }
    weighted(sum_of(sums), probs[label].to_f64(), log_n_classes)
}

/// The score of each row of a batch: that of [`confidence_weighted_entropy`], to the bit.
pub(crate) fn score_batch<F: Float>(batch: &Batch<'_, F>, out: &mut [f64]) {
    Arch::new().dispatch(ScoreBatch { batch, out });
}

struct ScoreBatch<'a, 'b, F: Float> {
    batch: &'a Batch<'b, F>,
    out: &'a mut [f64],
}

/// Values whose logarithms are taken at a time; what stays in the first-level cache.
const BLOCK_VALUES: usize = 1024;

impl<F: Float> WithSimd for ScoreBatch<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { batch, out } = self;
        let k = batch.n_classes();
        let log_k = (k as f64).ln();
        let block_rows = (BLOCK_VALUES / k).max(1);
        // The last turn of a row goes on into the next one, whose terms then count nothing.
        let mut terms = vec![0.0; block_rows * k + LANES];
        let (whole, rest) = (k - k % LANES, k % LANES);
        let mut of_rest = [0.0; LANES];
        of_rest[..rest].fill(1.0);
        let blocks = batch.pred_probs().chunks(block_rows * k).zip(batch.labels().chunks(block_rows));
        let mut own = vec![0.0; block_rows];
        for ((values, labels), out) in blocks.zip(out.chunks_mut(block_rows)) {
            for (term, p) in terms.iter_mut().zip(values) {
                *term = x_log_x(p.to_f64());
            }
            let rows = values.chunks_exact(k).zip(labels).zip(out.iter_mut().zip(&mut own));
            for (row, ((probs, &label), (sum, own))) in rows.enumerate() {
                let terms = &terms[row * k..][..k + LANES];
                let (lanes, _) = terms[..whole].as_chunks::<LANES>();
                let mut sums = [0.0; LANES];
                for terms in lanes {
                    for lane in 0..LANES {
                        sums[lane] += terms[lane];
                    }
                }
                for lane in 0..LANES {
                    sums[lane] += terms[whole + lane] * of_rest[lane];
                }
                (*sum, *own) = (sum_of(sums), probs[label as usize].to_f64());
            }
            for (score, own) in out.iter_mut().zip(&own) {
                *score = weighted(*score, *own, log_k);
            }
        }
    }
}

/// Sums that a row is added to by turns.
const LANES: usize = 8;

#[inline(always)]
fn sum_of(sums: [f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// The score of a row with this sum of p · ln p.
#[inline(always)]
fn weighted(sum: f64, own: f64, log_n_classes: f64) -> f64 {
    let entropy = -sum / log_n_classes;
    let x = entropy / if own > CLIPPING_LOWER_BOUND { own } else { CLIPPING_LOWER_BOUND };
    // The reference rounds 1 + x, too.
    let ratio = ln(x + 1.0) / x;
    // The first terms of ln(1 + x) / x, of which the next is below 1e-18; 1 for 0.
    let series = 1.0 - x * (0.5 - x / 3.0);
    if x >= CLIPPING_LOWER_BOUND { ratio } else { series }
}

/// p · ln p, and 0 for p ≤ 0. Values above 1 are taken for 1.
#[inline(always)]
fn x_log_x(p: f64) -> f64 {
    /// The product is 0 to the last digit that matters long before this.
    const SMALLEST: f64 = 1e-290;
    let p = if p < 1.0 { p } else { 1.0 };
    let p = if p > 0.0 { p } else { 0.0 };
    p * ln(if p > SMALLEST { p } else { SMALLEST })
}

/// The natural logarithm of a normal positive number, within one unit in the last place, in plain arithmetic that
/// vectorises: the same bits on every processor.
///
/// The number is 2ᵏ · (1 + f) with 1 + f between √½ and √2, and ln(1 + f) an odd series in s = f / (2 + f), with the
/// coefficients that Sun's `fdlibm` (1993) uses.
#[inline(always)]
fn ln(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const COEFFICIENTS: [f64; 7] = [
        0.666_666_666_666_673_5,
        0.399_999_999_994_094_2,
        0.285_714_287_436_623_9,
        0.222_221_984_321_497_84,
        0.181_835_721_616_180_5,
        0.153_138_376_992_093_73,
        0.147_981_986_051_165_86,
    ];
    /// The bits of √½, cut off after the exponent and 20 bits.
    const ROOT_HALF: u64 = 0x3fe6_a09e_0000_0000;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const MANTISSA: u64 = (1 << 52) - 1;
    /// 2⁵² + 2⁵¹, whose lowest bits a small whole number can be put into.
    const WHOLE: u64 = 0x4338_0000_0000_0000;
    // So that the exponent changes at √½ and not at 1.
    let shifted = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    let exponent = (shifted >> 52).wrapping_sub(1023);
    let k = f64::from_bits(WHOLE.wrapping_add(exponent)) - f64::from_bits(WHOLE);
    let f = f64::from_bits((shifted & MANTISSA) + ROOT_HALF) - 1.0;
    let s = f / (2.0 + f);
    let (z, half_square) = (s * s, 0.5 * f * f);
    let [c1, c2, c3, c4, c5, c6, c7] = COEFFICIENTS;
    let w = z * z;
    let even = w * (c2 + w * (c4 + w * c6));
    let odd = z * (c1 + w * (c3 + w * (c5 + w * c7)));
    let series = even + odd;
    k * LN_2_HIGH - ((half_square - (s * (half_square + series) + k * LN_2_LOW)) - f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ln_any_probability_is_within_two_last_places(mantissa in 0.5..1.0_f64, exponent in -900_i32..=0) {
            let x = mantissa * 2.0_f64.powi(exponent);
            let expected = x.ln();
            prop_assert!((ln(x) - expected).abs() <= 2.0 * f64::EPSILON * expected.abs(), "{x}");
        }

        #[test]
        fn score_batch_any_rows_equals_row_by_row(
            (k, labels, probs) in (2_usize..40, 1_usize..60).prop_flat_map(|(k, n)| (
                Just(k),
                prop::collection::vec(0..k as u32, n),
                prop::collection::vec(prop_oneof![0.0..1.0_f64, Just(0.0), Just(1.000_000_5), Just(-5e-7)], n * k),
            )),
        ) {
            let batch = Batch::new(&labels, &probs, k, 0).unwrap();
            let mut scores = vec![0.0; labels.len()];
            score_batch(&batch, &mut scores);
            for ((_, label, probs), score) in batch.iter().zip(scores) {
                prop_assert_eq!(confidence_weighted_entropy(probs, label, (k as f64).ln()), score);
                let terms = probs.iter().map(|p| p.clamp(0.0, 1.0)).filter(|&p| p > 0.0).map(|p| p * p.ln());
                let x = -terms.sum::<f64>() / (k as f64).ln() / probs[label].max(1e-6);
                let expected = if x > 1e-9 { x.ln_1p() / x } else { 1.0 };
                prop_assert!((score - expected).abs() < 1e-9, "{score} {expected}");
            }
        }
    }

    #[test]
    fn ln_one_and_one_half_are_exact() {
        assert_eq!((ln(1.0), ln(0.5)), (0.0, -std::f64::consts::LN_2));
        assert_eq!(x_log_x(0.0), 0.0);
        assert_eq!(x_log_x(1.0 + 9e-7), 0.0);
    }

    #[test]
    fn weighted_of_nearly_no_entropy_is_the_series_of_its_logarithm() {
        for x in [1e-7, 5e-7, 9.9e-7] {
            // As ln(1 + x) / x without the rounding of 1 + x.
            assert!((weighted(-x, 1.0, 1.0) - x.ln_1p() / x).abs() < 1e-15, "{x}");
        }
        assert_eq!(weighted(0.0, 1.0, 1.0), 1.0);
    }
}
