//! Audits saved to folders, and read back.
//!
//! # What is in a folder
//!
//! ```text
//! audit/
//!   manifest.json             what belongs to the audit, and where; the file that makes a state the current one
//!   state-1/                  one state: arrays as NPY, the report as JSON
//!     0000_targets.labels.npy
//!     …
//! ```
//!
//! The second line of `manifest.json` is the SHA-256 of everything after it, and the rest lists every file of the state
//! with its length and SHA-256, so that a flipped bit anywhere is found. Every array stands in the manifest with type
//! and shape, and its file must be exactly the NPY header for these and the values. Nothing in the folder is executable.
//!
//! # Why the old or the new state is whole, whenever the process is killed
//!
//! A first save makes the whole folder under a temporary name beside its place, synchronises every file and folder in it,
//! and renames it: before the rename there is no audit, after it a whole one. A later save writes a state folder of the next
//! number and synchronises it, then a new manifest under a temporary name, and renames that over `manifest.json`. Renaming
//! a file is atomic: before it the old manifest names the old state, which nobody has touched; after it the new manifest
//! names the new state, which was on the disk before. Only then is the old state removed. What a killed process leaves
//! behind, a state that no manifest names, is ignored and removed by the next save. A lock file keeps two saves apart;
//! the operating system lets go of it when a process ends, however it ends. A reader that loses a race with the removal
//! of the state that it reads finds a new manifest, and begins again.

#![deny(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "whatever is in a file, a reader gives a value or an error"
)]

mod errors;
mod folder;
mod manifest;
mod npy;
mod state_files;
mod stored_audit;
mod stored_values;

use std::path::Path;

pub use self::errors::SavedAuditError;
use crate::datalab::Datalab;
use crate::report_model::AuditReport;

/// The version of saved audits that this crate writes, and the latest that it reads.
pub const SAVED_AUDIT_FORMAT_VERSION: u32 = 1;

/// What [`Datalab::save`] saves besides the audit.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SaveOptions<'a> {
    /// The report, so that it can be shown without the data. Default: none.
    pub report: Option<&'a AuditReport>,
}

impl<'a> SaveOptions<'a> {
    /// Saves the report too.
    #[must_use]
    pub fn with_report(mut self, report: &'a AuditReport) -> Self {
        self.report = Some(report);
        self
    }
}

/// An audit that was saved.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{Datalab, SaveOptions, SavedAudit, Task};
/// # let folder = tempfile::tempdir()?;
/// let lab = Datalab::unlabeled(3, Task::Regression)?;
/// let report = lab.report(&Default::default())?;
/// let path = folder.path().join("audit");
/// lab.save(&path, &SaveOptions::default().with_report(&report))?;
///
/// let saved = SavedAudit::load(&path)?;
/// assert_eq!(saved.lab.n_rows(), 3);
/// assert_eq!(saved.report, Some(report));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SavedAudit {
    /// The audit.
    pub lab: Datalab,
    /// The report, if it was saved.
    pub report: Option<AuditReport>,
    /// What saved it: `cleanlab 0.1.0`.
    pub made_by: String,
}

impl SavedAudit {
    /// Reads a saved audit.
    ///
    /// # Errors
    ///
    /// [`SavedAuditError`]: there is no audit, it is from a newer version, or a file is missing, unexpected, cut off,
    /// changed, or holds what no audit can hold. The error names the file.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, SavedAuditError> {
        folder::load(folder.as_ref())
    }

    /// Whether the folder holds a saved audit, by its manifest alone; nothing else of it is read.
    ///
    /// ```
    /// use cleanlab_datalab::{Datalab, SavedAudit, Task};
    /// # let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("audit");
    /// assert!(!SavedAudit::is_in(&path));
    /// Datalab::unlabeled(3, Task::Regression)?.save(&path, &Default::default())?;
    /// assert!(SavedAudit::is_in(&path) && !SavedAudit::is_in(folder.path()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_in(folder: impl AsRef<Path>) -> bool {
        folder::is_audit(folder.as_ref())
    }

    /// Whether [`Datalab::save`] takes the folder: one that is not there, is empty, or holds an audit and nothing else. To
    /// be asked before an audit that takes long.
    ///
    /// # Errors
    ///
    /// [`SavedAuditError::NotAnAudit`] if the folder holds anything else or is a file, [`SavedAuditError::Io`] if it cannot
    /// be read.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_datalab::SavedAudit;
    /// # let folder = tempfile::tempdir()?;
    /// SavedAudit::check_folder(folder.path())?;
    /// std::fs::write(folder.path().join("letter.txt"), "mine")?;
    /// assert!(SavedAudit::check_folder(folder.path()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_folder(folder: impl AsRef<Path>) -> Result<(), SavedAuditError> {
        folder::check(folder.as_ref())
    }
}

impl Datalab {
    /// Saves the audit to a folder: labels, results of all checks, the neighbour graph, row numbers and row keys; not
    /// the data. A folder that holds an audit already then holds the new one, and whenever the process is killed, it holds
    /// the old or the new one whole.
    ///
    /// # Errors
    ///
    /// [`SavedAuditError::NotAnAudit`] if the folder holds anything but an audit, [`SavedAuditError::Busy`] while another
    /// process saves there, [`SavedAuditError::Io`] with what the operating system said, with the older audit as it was.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_datalab::{Datalab, FindIssuesOptions, Inputs, SaveOptions, Task};
    /// use ndarray::array;
    /// # let folder = tempfile::tempdir()?;
    /// let features = array![[1.0, f64::NAN], [f64::NAN, f64::NAN], [1.0, 2.0]];
    /// let mut lab = Datalab::unlabeled(3, Task::Classification)?;
    /// lab.find_issues(&Inputs::default().with_features(&features), &FindIssuesOptions::default())?;
    ///
    /// let path = folder.path().join("audit");
    /// lab.save(&path, &SaveOptions::default())?;
    /// let loaded = Datalab::load(&path)?;
    /// assert_eq!(loaded.checks(), lab.checks());
    ///
    /// // A changed file is found.
    /// let manifest = std::fs::read_to_string(path.join("manifest.json"))?;
    /// std::fs::write(path.join("manifest.json"), manifest.replace("0.5", "0.6"))?;
    /// assert!(Datalab::load(&path).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Source
    ///
    /// `Datalab.save`, which writes a Python pickle: opening one runs whatever code it holds.
    pub fn save(&self, folder: impl AsRef<Path>, options: &SaveOptions<'_>) -> Result<(), SavedAuditError> {
        folder::save(self, folder.as_ref(), *options)
    }

    /// Reads a saved audit; [`SavedAudit::load`] gives its report as well.
    ///
    /// # Errors
    ///
    /// As [`SavedAudit::load`].
    ///
    /// # Source
    ///
    /// `Datalab.load`.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, SavedAuditError> {
        Ok(SavedAudit::load(folder)?.lab)
    }
}
