//! Numbers of variable length, as Thrift and Parquet's delta encodings have them.

/// Steps over bytes; every answer is `None` where the bytes end too early.
pub(super) struct Varints<'a> {
    pub(super) rest: &'a [u8],
}

impl Varints<'_> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    /// Seven bits per byte, lowest first.
    pub(super) fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A zigzag number: 0, −1, 1, −2, …
    pub(super) fn signed(&mut self) -> Option<i64> {
        let value = self.unsigned()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub(super) fn advance(&mut self, len: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(len).ok()?..)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_zigzag_is_undone() {
        let mut numbers = Varints { rest: &[0, 1, 2, 3, 0xAC, 0x02] };
        let values: Vec<i64> = std::iter::from_fn(|| numbers.signed()).collect();
        assert_eq!(values, [0, -1, 1, -2, 150]);
    }

    #[test]
    fn unsigned_without_end_is_refused() {
        assert_eq!(Varints { rest: &[0xFF; 40] }.unsigned(), None);
        assert_eq!(Varints { rest: &[0x80] }.unsigned(), None);
    }
}
