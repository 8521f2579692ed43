//! Programs that checks run and that cargo installs: a pinned version each, below the target folder.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::process::{cargo, run, target_folder};

/// A program from crates.io.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

impl Tool {
    /// Where this version is, if it is installed.
    pub(super) fn installed(&self) -> Option<PathBuf> {
        let listed = fs::read_to_string(folder().join(".crates.toml")).unwrap_or_default();
        let place = folder().join("bin").join(format!("{}{}", self.name, std::env::consts::EXE_SUFFIX));
        let is_listed = listed.contains(&format!("\"{} {} (", self.name, self.version));
        (is_listed && place.is_file()).then_some(place)
    }

    /// Where this version is; installs it first where it is not, which takes minutes.
    pub(super) fn install(&self) -> Result<PathBuf> {
        if let Some(place) = self.installed() {
            return Ok(place);
        }
        let mut install =
            cargo(["install", self.name, "--version", self.version, "--locked", "--quiet", "--root"]);
        install.arg(folder()).env("CARGO_TARGET_DIR", folder().join("build"));
        // They run for seconds and are compiled for minutes.
        install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
        install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        run(&mut install)?;
        let place = self.installed();
        ensure!(place.is_some(), "cargo installed no {} {}", self.name, self.version);
        Ok(place.unwrap_or_default())
    }
}

fn folder() -> PathBuf {
    target_folder().join("tools")
}

/// A command that runs a program which cargo started as its subcommand, in place of cargo.
pub(super) fn subcommand(program: PathBuf, name: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(name).current_dir(crate::process::workspace_root());
    command
}
