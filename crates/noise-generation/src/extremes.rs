//! Where the extremes of a list are, the first of equal ones, as NumPy's `argmin` and `argmax` count.

/// Position of the first smallest value. The list is not empty.
pub(crate) fn first_smallest<T: PartialOrd>(values: &[T]) -> usize {
    first_before(values, |value, best| value < best)
}

/// Position of the first largest value. The list is not empty.
pub(crate) fn first_largest<T: PartialOrd>(values: &[T]) -> usize {
    first_before(values, |value, best| value > best)
}

fn first_before<T>(values: &[T], goes_before: impl Fn(&T, &T) -> bool) -> usize {
    (1..values.len()).fold(
        0,
        |best, place| {
            if goes_before(&values[place], &values[best]) { place } else { best }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_equal_values_give_the_first() {
        assert_eq!(first_smallest(&[2, 1, 3, 1]), 1);
        assert_eq!(first_largest(&[2.0, 3.0, 3.0, 1.0]), 1);
    }
}
