//! An exponential that a compiler can vectorise.

/// log2(e)
const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// The upper 33 bits of ln 2: times any exponent of a double the product is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
/// ln 2 less [`LN_2_HIGH`].
const LN_2_LOW: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);
/// 1.5·2^52: adding it leaves the nearest integer in the low bits of the mantissa.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// Below this e^x is less than the smallest normal number and is given as 0.
const LOWEST: f64 = -708.0;

/// 1/13!, …, 1/2!: on |r| ≤ ln 2 / 2 the first term left out is below 5e-18.
const COEFFICIENTS: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
];

/// e^x for x ≤ 0, within one unit in the last place; 0 below −708.
///
/// e^x = 2^k·e^r with k the integer nearest to x/ln 2, as every libm does it, but without a branch or a table, so that
/// a loop over a slice becomes vector instructions. It uses no fused operations, so every machine gives the same bits.
#[inline(always)]
pub(super) fn exp_of_negative(x: f64) -> f64 {
    let clamped = if x > LOWEST { x } else { LOWEST };
    let shifted = clamped * LOG2_E + ROUNDER;
    let exponent = shifted - ROUNDER;
    let r = (clamped - exponent * LN_2_HIGH) - exponent * LN_2_LOW;
    let mut series = COEFFICIENTS[0];
    for coefficient in &COEFFICIENTS[1..] {
        series = series * r + coefficient;
    }
    let fraction = 1.0 + (r + r * r * series);
    let scaled = f64::from_bits(fraction.to_bits().wrapping_add(shifted.to_bits() << 52));
    if x < LOWEST { 0.0 } else { scaled }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exp_of_negative_ends_of_the_range() {
        assert_eq!(exp_of_negative(0.0), 1.0);
        assert_eq!(exp_of_negative(-0.0), 1.0);
        assert_eq!(exp_of_negative(-1000.0), 0.0);
        assert_eq!(exp_of_negative(f64::NEG_INFINITY), 0.0);
        assert!(exp_of_negative(-708.0) > 0.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn exp_of_negative_is_within_one_ulp(x in prop_oneof![-708.0..0.0_f64, -1.0..0.0_f64]) {
            let (ours, theirs) = (exp_of_negative(x), x.exp());
            prop_assert!(ours.to_bits().abs_diff(theirs.to_bits()) <= 1, "{x}: {ours} and {theirs}");
        }
    }
}
