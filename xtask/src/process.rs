//! Running other programs from the root of the workspace.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, bail};

/// The root of the workspace.
pub(crate) fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The folder for build results, where everything that can be made again goes.
pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace_root().join("target"), PathBuf::from)
}

/// A cargo command, run by the cargo that runs this program.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(workspace_root());
    command
}

/// Builds all programs, examples and tests of the workspace, and gives the folder of the programs.
///
/// One command for all: dependencies are compiled anew for every other choice of packages, which asks for other features.
pub(crate) fn build_workspace() -> Result<PathBuf> {
    run(&mut cargo(["build", "--workspace", "--all-targets", "--quiet"]))?;
    Ok(target_folder().join("debug"))
}

/// A command that builds a program of this workspace for release.
///
/// The command line is named as well, though not built: its packages ask for the most features, so that all of these
/// programs share their dependencies with it. Arrow and Parquet would be compiled anew for every other choice.
pub(crate) fn build_release(package: &str, binary: &str) -> Command {
    cargo([
        "build",
        "--quiet",
        "--release",
        "--package",
        "cleanlab-cli",
        "--package",
        package,
        "--bin",
        binary,
    ])
}

/// Runs a command to its end, showing what it prints; fails if it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command.status().with_context(|| format!("could not start: {}", shown(command)))?;
    if !status.success() {
        bail!("failed with {status}: {}", shown(command));
    }
    Ok(())
}

/// Runs a command to its end and returns what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("could not start: {}", shown(command)))?;
    if !output.status.success() {
        bail!(
            "failed with {}: {}\n{}",
            output.status,
            shown(command),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    String::from_utf8(output.stdout).context("output is not UTF-8")
}

/// Does something with every item, two at a time: as many as the smallest machine has processors.
pub(crate) fn two_at_a_time<'i, T: Sync>(items: &'i [T], work: impl Fn(&'i T) + Sync) {
    let waiting = Mutex::new(items.iter());
    let take = || waiting.lock().ok().and_then(|mut waiting| waiting.next());
    let until_none_waits = || {
        while let Some(item) = take() {
            work(item);
        }
    };
    thread::scope(|scope| {
        scope.spawn(until_none_waits);
        until_none_waits();
    });
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let file_name = |word: &OsStr| match Path::new(word) {
        path if path.is_absolute() => path.file_name().unwrap_or(word).to_string_lossy().into_owned(),
        _ => word.to_string_lossy().into_owned(),
    };
    words.map(file_name).collect::<Vec<_>>().join(" ")
}
