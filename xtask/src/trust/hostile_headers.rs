//! Small files that claim to be huge, given to the command where it may have no more than 256 MB.

mod archives;
mod columnar;
mod saved;
mod thrift;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::Effort;
use crate::process::{build_workspace, target_folder};

/// The address space that the command may have.
const MOST_KILOBYTES: u32 = 256 * 1024;
const MOST_TIME: Duration = Duration::from_millis(100);
/// The best of so many runs counts: what else a machine does is no fault of the command.
const TRIES: usize = 10;
/// How many files the claim speaks of.
const AT_LEAST: usize = 60;

/// A file, and what the command is told to do with it.
pub(super) struct Case {
    pub(super) name: String,
    /// Its path in the folder of the case, and its bytes; a path that ends in a slash is an empty folder.
    pub(super) files: Vec<(String, Vec<u8>)>,
    pub(super) arguments: Vec<String>,
}

impl Case {
    pub(super) fn new(name: impl Into<String>, file: &str, bytes: Vec<u8>, arguments: &str) -> Self {
        let arguments = arguments.split_whitespace().map(str::to_owned).collect();
        Self { name: name.into(), files: vec![(file.to_owned(), bytes)], arguments }
    }
}

/// Gives every file to the command: exit status 2, an error in one line, in time, and in that memory.
pub(super) fn hostile_headers(_: Effort) -> Result<String> {
    if !cfg!(target_os = "linux") {
        return Ok("skipped: only Linux bounds the address space of a process".to_owned());
    }
    let program = build_workspace()?.join("cleanlab");
    let folder = target_folder().join("trust/hostile_headers");
    let _ = fs::remove_dir_all(&folder);
    let cases: Vec<Case> =
        [archives::cases(), columnar::cases()?, saved::cases()].into_iter().flatten().collect();
    ensure!(cases.len() >= AT_LEAST, "there are only {} files", cases.len());
    check_bound(&program, &folder)?;
    let mut slowest = Duration::ZERO;
    let mut faults = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        match refused(&program, &folder.join(format!("{number:02}")), case) {
            Ok(time) => slowest = slowest.max(time),
            Err(error) => faults.push(format!("{}: {error:#}", case.name)),
        }
    }
    ensure!(faults.is_empty(), "{} of {} files:\n{}", faults.len(), cases.len(), faults.join("\n"));
    let n = cases.len();
    Ok(format!("{n} of {n} files refused, the slowest in {} ms", slowest.as_millis()))
}

/// Whether the bound holds, and lets ordinary work be done: an audit runs in it, and without room nothing does.
fn check_bound(program: &Path, folder: &Path) -> Result<()> {
    let mut lines = vec!["x,label".to_owned()];
    lines.extend((0..40).map(|i| format!("{}.5,{}", i % 7, ["cat", "dog"][i % 2])));
    let case = Case::new(
        "sound",
        "t.csv",
        lines.join("\n").into_bytes(),
        "audit t.csv --label label --threads 1 --quiet",
    );
    let sound = folder.join("sound");
    write(&sound, &case)?;
    let ended = bounded(program, &sound, &case, MOST_KILOBYTES).output()?;
    ensure!(ended.status.success(), "a sound file was refused: {}", String::from_utf8_lossy(&ended.stderr));
    let ended = bounded(program, &sound, &case, 16 * 1024).output()?;
    ensure!(!ended.status.success(), "the bound on memory does not hold");
    Ok(())
}

fn write(folder: &Path, case: &Case) -> Result<()> {
    for (name, bytes) in &case.files {
        let path: PathBuf = folder.join(name);
        if name.ends_with('/') {
            fs::create_dir_all(&path)?;
            continue;
        }
        let parent = path.parent().context("a file without a folder")?;
        fs::create_dir_all(parent)?;
        fs::write(&path, bytes)?;
    }
    Ok(())
}

fn bounded(program: &Path, folder: &Path, case: &Case, kilobytes: u32) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit -v {kilobytes}; exec \"$@\""), "sh"])
        .arg(program)
        .args(&case.arguments);
    command.current_dir(folder).env("RAYON_NUM_THREADS", "1").stdin(Stdio::null());
    command
}

/// Runs a case; gives the time of the fastest run.
fn refused(program: &Path, folder: &Path, case: &Case) -> Result<Duration> {
    write(folder, case)?;
    let mut best = Duration::MAX;
    for _ in 0..TRIES {
        let start = Instant::now();
        let ended = bounded(program, folder, case, MOST_KILOBYTES).output()?;
        best = best.min(start.elapsed());
        let said = String::from_utf8_lossy(&ended.stderr);
        let last = said.trim_end().lines().next_back().unwrap_or_default();
        ensure!(
            ended.status.code() == Some(2) && last.starts_with("error: "),
            "ended with {} and {said:?}",
            ended.status
        );
        ensure!(!said.contains("panicked"), "panicked: {said}");
        if best <= MOST_TIME {
            return Ok(best);
        }
    }
    ensure!(best <= MOST_TIME, "took {} ms", best.as_millis());
    Ok(best)
}
