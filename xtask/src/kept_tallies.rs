//! What long runs that were cut off had come to, in files below the target folder.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

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
    fs::write(file, serde_json::to_vec(tally)?).with_context(|| file.display().to_string())
}
