//! A copy of the workspace, for programs that change its files.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{output, workspace_root};

/// Makes a folder a copy of all files that git knows or would take, and of nothing else.
pub(super) fn copy_workspace(copy: &Path) -> Result<()> {
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = output(Command::new("git").args(arguments).current_dir(workspace_root()))?;
    for file in listed.split_terminator('\0') {
        let from = workspace_root().join(file);
        if from.is_file() {
            let to = copy.join(file);
            fs::create_dir_all(to.parent().context("a file is in a folder")?)?;
            fs::copy(&from, &to)?;
            // What was compiled of an earlier copy is compiled anew only where a file is newer.
            fs::File::options().write(true).open(&to)?.set_modified(fs::metadata(&from)?.modified()?)?;
        }
    }
    Ok(())
}
