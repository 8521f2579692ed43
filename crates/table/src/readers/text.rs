//! What readers of text have in common.

use bytes::Bytes;

use crate::errors::TableError;
use crate::format::UTF8_MARK;

/// The content as text without its byte order mark, or the line and byte at which it is not UTF-8, or NUL.
pub(crate) fn utf8<'a>(file: &str, bytes: &'a Bytes) -> Result<&'a str, TableError> {
    let text = std::str::from_utf8(bytes).map_err(|error| TableError::NotUtf8 {
        file: file.into(),
        line: line_of(bytes, error.valid_up_to()),
        byte: error.valid_up_to() as u64,
    })?;
    if let Some(byte) = bytes.iter().position(|&byte| byte == 0) {
        return Err(TableError::NulByte { file: file.into(), line: line_of(bytes, byte), byte: byte as u64 });
    }
    let mark = std::str::from_utf8(UTF8_MARK).unwrap_or_default();
    let text = text.strip_prefix(mark).unwrap_or(text);
    if text.trim().is_empty() {
        return Err(TableError::EmptyFile { file: file.into() });
    }
    Ok(text)
}

/// The line on which a byte stands, counted from 1.
pub(crate) fn line_of(bytes: &[u8], at: usize) -> u64 {
    let before = bytes.iter().take(at);
    1 + before.map(|&byte| u64::from(byte == b'\n')).sum::<u64>()
}
