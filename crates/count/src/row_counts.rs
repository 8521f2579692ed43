//! Counts of rows that passes keep, which never exceed their room: neither by merging nor by what a file claims.

use cleanlab_core::{AccumulatorError, FixedPointSum};

/// A whole number that rows are counted in.
pub(crate) trait RowCount: Copy + Into<u64> {
    /// The most that states may count together. What one more pass over data can add still fits.
    const MOST: u64;

    fn checked_add(self, other: Self) -> Option<Self>;
}

impl RowCount for u64 {
    const MOST: u64 = FixedPointSum::MAX_TERMS;

    fn checked_add(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
}

impl RowCount for u32 {
    const MOST: u64 = 1 << 31;

    fn checked_add(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
}

/// Adds the counts of another state, one by one.
pub(crate) fn merge_counts<C: RowCount>(counts: &mut [C], others: &[C]) -> Result<(), AccumulatorError> {
    for (count, &other) in counts.iter_mut().zip(others) {
        let sum = count.checked_add(other).filter(|&sum| sum.into() <= C::MOST);
        *count = sum.ok_or(AccumulatorError::TooManyRows { most: C::MOST })?;
    }
    Ok(())
}

/// Refuses counts that no pass can have come to. Each row is in one of them, or in none.
pub(crate) fn check_counts<C: RowCount>(counts: &[C]) -> Result<(), AccumulatorError> {
    let counts = counts.iter().map(|&count| count.into());
    let total = counts.into_iter().try_fold(0_u64, |total, count| {
        total.checked_add(count).filter(|&total| total <= u64::MOST && count <= C::MOST)
    });
    match total {
        Some(_) => Ok(()),
        None => Err(AccumulatorError::Corrupt {
            reason: format!("it counts more rows than the {} that a pass has room for", C::MOST),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_counts_beyond_all_passes_are_refused() {
        assert_eq!(check_counts(&[u64::MOST - 1, 1]), Ok(()));
        assert!(check_counts(&[u64::MOST, 1]).is_err());
        assert!(check_counts(&[u64::MAX, 1]).is_err());
        assert_eq!(check_counts(&[1_u32 << 31, 1 << 31]), Ok(()));
        assert!(check_counts(&[(1_u32 << 31) + 1]).is_err());
    }

    #[test]
    fn merge_counts_beyond_their_room_is_refused() {
        let mut counts = [1, u32::MAX / 4];
        assert_eq!(merge_counts(&mut counts, &[2, 3]), Ok(()));
        assert_eq!(counts, [3, u32::MAX / 4 + 3]);
        let refused = Err(AccumulatorError::TooManyRows { most: 1 << 31 });
        assert_eq!(merge_counts(&mut counts, &[0, u32::MAX - 1]), refused);
        assert_eq!(merge_counts(&mut counts, &[0, u32::MAX / 2]), refused);
    }
}
