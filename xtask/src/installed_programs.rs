//! Programs of the system that checks need, and installing them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::process::{output, run};

/// The first of these programs that is on the path.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let places = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

/// Installs packages of Debian, which only root can on a system that has apt.
pub(crate) fn apt_install(packages: &[&str]) -> Result<()> {
    ensure!(Path::new("/usr/bin/apt-get").exists(), "there is no apt-get to install it with");
    let user = output(Command::new("id").arg("-u"))?;
    ensure!(user.trim() == "0", "only root can install it with apt-get");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(["--quiet", "--quiet"]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run(&mut apt(&["update"]))?;
    run(apt(&["install", "--yes", "--no-install-recommends"]).args(packages))
}
