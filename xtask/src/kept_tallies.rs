//! What long runs that were cut off had come to.
//!
//! They are files of the workspace, so that a run of hours can be begun on one machine, committed, and gone on with on
//! another. What is through has its row in docs/TRUST.md, and no file.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::process::workspace_root;

/// Where they are.
pub(crate) fn folder() -> PathBuf {
    workspace_root().join("xtask/unfinished_runs")
}

/// What an earlier run left, if it did.
pub(crate) fn read<T: DeserializeOwned>(file: &Path) -> Result<Option<T>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).with_context(|| file.display().to_string())?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| file.display().to_string()),
    }
}

/// Leaves something for a later run.
pub(crate) fn write(file: &Path, tally: &impl Serialize) -> Result<()> {
    fs::create_dir_all(file.parent().context("a tally is in a folder")?)?;
    fs::write(file, serde_json::to_string(tally)? + "\n").with_context(|| file.display().to_string())
}

/// Forgets what a run came to that is through.
pub(crate) fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| file.display().to_string())
        }
        _ => Ok(()),
    }
}
