//! What rounding and fixed-point sums keep, whatever the numbers.

use cleanlab_core::{FixedPointSum, pairwise_sum, round_half_even, round_preserving_sum};
use proptest::prelude::*;

proptest! {
    #[test]
    fn round_preserving_sum_keeps_the_rounded_total(values in prop::collection::vec(0.0..1000.0_f64, 1..70)) {
        let total: i64 = round_preserving_sum(&values).iter().sum();
        prop_assert_eq!(total, round_half_even(pairwise_sum(&values)) as i64);
    }

    #[test]
    fn round_preserving_sum_ends_whatever_the_values(
        small in prop::collection::vec(0.0..10.0_f64, 1..20),
        large in prop::num::f64::ANY,
        step in 0.0..32.0_f64,
    ) {
        prop_assert_eq!(round_preserving_sum(&[&[large], &small[..]].concat()).len(), small.len() + 1);
        // From 2^53 on a unit is less than what numbers are apart.
        let alike: Vec<f64> = (0..small.len()).map(|at| 9e15 + step * at as f64).collect();
        prop_assert_eq!(round_preserving_sum(&alike).len(), alike.len());
    }

    #[test]
    fn round_preserving_sum_moves_no_value_by_more_than_one(values in prop::collection::vec(0.0..1000.0_f64, 1..70)) {
        for (value, rounded) in values.iter().zip(round_preserving_sum(&values)) {
            prop_assert!((value - rounded as f64).abs() < 1.5, "{value} became {rounded}");
        }
    }

    #[test]
    fn round_preserving_sum_whole_numbers_stay(values in prop::collection::vec(0_i64..1000, 1..70)) {
        let floats: Vec<f64> = values.iter().map(|&value| value as f64).collect();
        prop_assert_eq!(round_preserving_sum(&floats), values);
    }

    #[test]
    fn pairwise_sum_is_close_to_the_plain_sum(values in prop::collection::vec(0.0..1.0_f64, 0..1000)) {
        let plain: f64 = values.iter().sum();
        prop_assert!((pairwise_sum(&values) - plain).abs() <= 1e-11);
    }

    #[test]
    fn fixed_point_sum_any_grouping_gives_the_same_bits(
        values in prop::collection::vec(-1e-6..1.000_001_f64, 1..300),
        cut in any::<prop::sample::Index>(),
    ) {
        let sum = |values: &[f64]| {
            let mut sum = FixedPointSum::default();
            for &value in values {
                sum.add(value);
            }
            sum
        };
        let (first, second) = values.split_at(cut.index(values.len()));
        let mut merged = sum(second);
        merged.merge(sum(first));
        prop_assert_eq!(merged, sum(&values));
        let plain: f64 = values.iter().sum();
        prop_assert!((merged.to_f64() - plain).abs() < 1e-12);
    }
}
