//! The manifest: what belongs to a saved audit. It vouches for every file, and its second line for itself.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::SAVED_AUDIT_FORMAT_VERSION;
use super::errors::SavedAuditError;
use super::stored_audit::StoredAudit;
use crate::row_keys::hex;

/// What says that a file is a manifest of ours.
const FORMAT: &str = "cleanlab audit";
/// What stands before and after the checksum of the rest.
const HEAD: &str = "{\n  \"sha256\": \"";
const AFTER_CHECKSUM: &str = "\",\n";
const CHECKSUM_LENGTH: usize = 64;

/// A file of a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEntry {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: String,
    pub(super) format_version: u32,
    pub(super) made_by: String,
    /// The folder of the state.
    pub(super) state: String,
    pub(super) files: Vec<FileEntry>,
    pub(super) audit: StoredAudit,
}

/// What every version has.
#[derive(Deserialize)]
struct AnyVersion {
    format: String,
    format_version: u32,
}

impl Manifest {
    pub(super) fn new(state: &str, files: Vec<FileEntry>, audit: StoredAudit) -> Self {
        Self {
            format: FORMAT.to_owned(),
            format_version: SAVED_AUDIT_FORMAT_VERSION,
            made_by: concat!("cleanlab ", env!("CARGO_PKG_VERSION")).to_owned(),
            state: state.to_owned(),
            files,
            audit,
        }
    }

    pub(super) fn to_text(&self) -> Result<String, SavedAuditError> {
        let cannot = |error: serde_json::Error| SavedAuditError::CannotSave { reason: error.to_string() };
        let text = serde_json::to_string_pretty(self).map_err(cannot)?;
        // Without the brace and line feed at its beginning, which `HEAD` has.
        let rest = format!("{}\n", text.trim_start_matches("{\n"));
        let checksum = hex(&Sha256::digest(rest.as_bytes()));
        Ok(format!("{HEAD}{checksum}{AFTER_CHECKSUM}{rest}"))
    }

    pub(super) fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Self, SavedAuditError> {
        let changed = || SavedAuditError::WrongChecksum { path: path.to_owned() };
        let rest = bytes.strip_prefix(HEAD.as_bytes()).ok_or_else(changed)?;
        let (checksum, rest) = rest.split_at_checked(CHECKSUM_LENGTH).ok_or_else(changed)?;
        let rest = rest.strip_prefix(AFTER_CHECKSUM.as_bytes()).ok_or_else(changed)?;
        if hex(&Sha256::digest(rest)).as_bytes() != checksum {
            return Err(changed());
        }
        let invalid = |error: serde_json::Error| SavedAuditError::invalid(path, error.to_string());
        let json = [b"{", rest].concat();
        let any: AnyVersion = serde_json::from_slice(&json).map_err(invalid)?;
        if any.format != FORMAT {
            return Err(SavedAuditError::invalid(path, format!("its format is {:?}", any.format)));
        }
        if any.format_version > SAVED_AUDIT_FORMAT_VERSION {
            let (found, supported) = (any.format_version, SAVED_AUDIT_FORMAT_VERSION);
            return Err(SavedAuditError::NewerVersion { path: path.to_owned(), found, supported });
        }
        serde_json::from_slice(&json).map_err(invalid)
    }

    /// Whether a file begins like a manifest, damaged or not.
    pub(super) fn is_one(bytes: &[u8]) -> bool {
        let marker = format!("\"format\": \"{FORMAT}\"");
        bytes.starts_with(HEAD.as_bytes())
            && bytes.windows(marker.len()).take(500).any(|window| window == marker.as_bytes())
    }
}
