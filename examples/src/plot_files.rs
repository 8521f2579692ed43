//! Where the examples write their plots.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The path of a plot, `examples/NAME` in cargo's target folder, which is made if it is not there.
///
/// # Errors
///
/// When the folder cannot be made.
pub fn plot_file(name: &str) -> io::Result<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("target"), PathBuf::from);
    let folder = target.join("examples");
    fs::create_dir_all(&folder)?;
    Ok(folder.join(name))
}
