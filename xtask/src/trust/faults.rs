//! Faults of the operating system, injected by strace: a call of the program fails, or ends it, at a place that is counted.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::installed_programs::{apt_install, on_path};

/// Makes sure that strace is there and may trace.
pub(super) fn prepare() -> Result<()> {
    if on_path(&["strace"]).is_none() {
        apt_install(&["strace"]).context("no strace to inject faults with")?;
    }
    let status =
        Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    ensure!(status.is_ok_and(|status| status.success()), "strace may not trace here");
    Ok(())
}

/// How often the first thread of a program makes a system call: all files are written there.
pub(super) fn count_calls(command: &mut Command, call: &str, log: &Path) -> Result<usize> {
    let output = traced(command, &["-e", &format!("trace={call}"), "-e", "signal=none"], log).output()?;
    ensure!(output.status.success(), "it fails by itself: {}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(log).context("what strace has written")?;
    Ok(text.lines().filter(|line| line.starts_with(call)).count())
}

/// The program under strace, which meets its `place`-th call, counted from 1, with `fault`: `error=ENOSPC`, `signal=KILL`.
pub(super) fn with_fault(
    command: &mut Command,
    call: &str,
    fault: &str,
    place: usize,
    log: &Path,
) -> Command {
    let inject = format!("inject={call}:{fault}:when={place}");
    traced(command, &["-e", &format!("trace={call}"), "-e", &inject, "-e", "signal=none"], log)
}

fn traced(command: &mut Command, options: &[&str], log: &Path) -> Command {
    let mut strace = Command::new("strace");
    strace.arg("-qq").args(options).arg("-o").arg(log).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        strace.current_dir(folder);
    }
    strace.stdin(Stdio::null());
    strace
}
