//! How much a file may unpack to.
//!
//! A few bytes of a compressed file can stand for any amount of memory, and a failed allocation ends the process, so
//! what a file declares is held against its size before anything is allocated for it.

use crate::errors::TableError;

/// Every file may unpack to this much, which is there even where a process may have no more than 256 MB.
const ALWAYS_ALLOWED: u64 = 64 << 20;

/// Beyond that a file may unpack to so many times its size. Deflate reaches 1,032; columns that repeat one value are
/// smaller still, but rarely stand alone.
const MOST_EXPANSION: u64 = 1_040;

/// Refuses what would unpack to an absurd number of bytes.
pub(crate) fn check_expansion(
    file: &str,
    what: &str,
    unpacked: u64,
    file_len: u64,
) -> Result<(), TableError> {
    let allowed = file_len.saturating_mul(MOST_EXPANSION).max(ALWAYS_ALLOWED);
    if unpacked <= allowed {
        return Ok(());
    }
    Err(TableError::TooLarge {
        file: file.into(),
        declared: format!("{unpacked} bytes of {what}"),
        bound: format!("a file of {file_len} bytes may unpack to no more than {allowed}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_expansion_small_or_proportionate_is_allowed() {
        assert!(check_expansion("f", "values", 64 << 20, 1).is_ok());
        assert!(check_expansion("f", "values", 1_032 << 20, 1 << 20).is_ok());
        let error = check_expansion("f", "values", u64::MAX, 100).unwrap_err();
        assert!(matches!(error, TableError::TooLarge { .. }));
    }
}
