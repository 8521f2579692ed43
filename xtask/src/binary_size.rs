//! How large the command is.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::installed_programs::on_path;
use crate::process::{build_release, output, run, target_folder};

/// The command may have so many bytes once it is stripped.
const MOST_BYTES: u64 = 30_000_000;

/// Builds the command for release, strips a copy of it, and fails where that is too large.
pub(crate) fn check_binary_size() -> Result<()> {
    if on_path(&["strip"]).is_none() {
        println!("binary size: SKIPPED, there is no `strip`");
        return Ok(());
    }
    run(&mut build_release("cleanlab-cli", "cleanlab"))?;
    let folder = target_folder().join("release");
    let (built, stripped) = (folder.join("cleanlab"), folder.join("cleanlab.stripped"));
    output(Command::new("strip").arg("--strip-all").arg("-o").arg(&stripped).arg(&built))?;
    let bytes = fs::metadata(&stripped).context("strip wrote nothing")?.len();
    fs::remove_file(&stripped)?;
    ensure!(
        bytes <= MOST_BYTES,
        "the stripped command has {bytes} bytes, more than {MOST_BYTES}: `nm --size-sort -C target/release/cleanlab` \
         tells what is large, and the release profile in Cargo.toml which crates are built small"
    );
    println!("binary size: {bytes} bytes stripped, at most {MOST_BYTES}");
    Ok(())
}
