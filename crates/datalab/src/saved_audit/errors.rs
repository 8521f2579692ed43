//! Why an audit was not saved or not read.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why an audit was not saved or not read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SavedAuditError {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// The folder does not hold an audit.
    #[error("{} holds no saved audit: {reason}; give another folder", folder.display())]
    NotAnAudit {
        /// The folder.
        folder: PathBuf,
        /// Why it does not, with the name of a file that should not be there.
        reason: String,
    },
    /// Another process saves to the folder.
    #[error("another process saves to {}; try again when it is done", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// A file that belongs to the audit is not there.
    #[error("{} is missing; save the audit again", path.display())]
    MissingFile {
        /// The file.
        path: PathBuf,
    },
    /// A file does not belong to the audit.
    #[error("{} does not belong to the saved audit; move it away", path.display())]
    UnexpectedFile {
        /// The file.
        path: PathBuf,
    },
    /// A file is shorter or longer than it was.
    #[error("{} has {found} bytes, but {expected} were saved; save the audit again", path.display())]
    WrongLength {
        /// The file.
        path: PathBuf,
        /// Its length.
        found: u64,
        /// The length that was saved.
        expected: u64,
    },
    /// The content of a file is not what was saved.
    #[error("{} has changed since it was saved; save the audit again", path.display())]
    WrongChecksum {
        /// The file.
        path: PathBuf,
    },
    /// A later version has saved the audit.
    #[error("{} is of format {found}, but this version reads formats up to {supported}; update cleanlab", path.display())]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The latest format that is read.
        supported: u32,
    },
    /// A file is as it was written, but holds what no audit can hold.
    #[error("{} holds no valid audit: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The audit holds what cannot be saved.
    #[error("the audit cannot be saved: {reason}")]
    CannotSave {
        /// What it is.
        reason: String,
    },
}

impl SavedAuditError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), action, source }
    }

    /// For a file that should be there.
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::NotFound => Self::MissingFile { path: path.to_owned() },
            _ => Self::Io { path: path.to_owned(), action: "read", source },
        }
    }

    pub(super) fn invalid(path: &Path, reason: impl Into<String>) -> Self {
        Self::Invalid { path: path.to_owned(), reason: reason.into() }
    }
}
