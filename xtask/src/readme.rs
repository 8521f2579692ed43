//! The commands that README.md shows.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{run, workspace_root};

/// Runs the first command of README.md as a stranger would type it, and checks that the second is the one CI runs.
pub(crate) fn run_readme_commands() -> Result<()> {
    let readme = fs::read_to_string(workspace_root().join("README.md")).context("README.md")?;
    let commands = shell_commands(&readme);
    let [first, second, ..] = commands.as_slice() else {
        bail!("README.md shows {} commands, expected at least two in ```sh blocks", commands.len());
    };
    if second != "cargo xtask test" {
        bail!("README.md's second command is `{second}`, but CI runs `cargo xtask test`");
    }
    let ci = fs::read_to_string(workspace_root().join(".ci/run")).context(".ci/run")?;
    if !ci.lines().any(|line| line.trim() == second) {
        bail!(".ci/run does not run README.md's second command `{second}`");
    }
    run(Command::new("sh").args(["-c", first]).current_dir(workspace_root()))
}

/// The lines of all blocks marked `sh`, comments left out.
fn shell_commands(markdown: &str) -> Vec<String> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in markdown.lines() {
        match line.trim() {
            "```sh" => inside = true,
            "```" => inside = false,
            command if inside && !command.is_empty() && !command.starts_with('#') => {
                commands.push(command.to_owned());
            }
            _ => {}
        }
    }
    commands
}
