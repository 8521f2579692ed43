//! Instruction counts of the hottest kernels, held to a recorded baseline, and listings of where they go.
//!
//! Times of a shared machine move by a third, instruction counts by less than half a per cent. They are counted by
//! valgrind's callgrind, which stands for a processor of its own kind with AVX2 and without AVX-512.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::installed_programs::{apt_install, on_path};
use crate::process::{build_release, output, run, target_folder, workspace_root};

/// A kernel may take so many times the instructions of the baseline.
const BOUND: f64 = 1.05;

/// The same where another compiler made the baseline, which is free to choose other instructions.
const BOUND_FOR_OTHER_COMPILERS: f64 = 1.25;

#[derive(Args, Default)]
pub(crate) struct KernelsArguments {
    /// The kernels; all if none is named.
    names: Vec<String>,
    /// Takes what is counted as the new baseline of these kernels.
    #[arg(long)]
    accept: bool,
}

#[derive(Args)]
pub(crate) struct ProfileArguments {
    /// The kernel, as `cargo xtask kernels` lists it.
    name: String,
    /// Also by source line. Builds everything once more, with what tells the lines.
    #[arg(long)]
    lines: bool,
}

/// The recorded counts, and the compiler that they belong to.
#[derive(Default, Serialize, Deserialize)]
struct Baseline {
    rustc: String,
    instructions: BTreeMap<String, u64>,
}

fn baseline_path() -> PathBuf {
    workspace_root().join("benches/kernels.json")
}

pub(crate) fn kernels(arguments: &KernelsArguments) -> Result<()> {
    if let Some(why) = cannot_count() {
        println!("kernels: SKIPPED, no instruction was counted: {why}");
        ensure!(!arguments.accept, "there is nothing to accept");
        return Ok(());
    }
    run(&mut build_release("cleanlab-benches", "kernel"))?;
    let program = target_folder().join("release/kernel");
    let known = known_kernels(&program)?;
    check_names(&known, &arguments.names.iter().collect::<Vec<_>>())?;
    let names = if arguments.names.is_empty() { &known } else { &arguments.names };
    let rustc = output(Command::new("rustc").arg("--version"))?.trim().to_owned();
    let mut baseline = read_baseline()?;
    let bound = if baseline.rustc == rustc { BOUND } else { BOUND_FOR_OTHER_COMPILERS };
    if baseline.rustc != rustc && !arguments.accept {
        println!(
            "kernels: the baseline is of {}, this is {rustc}: kernels may be {:.0} % worse in place of {:.0} %",
            baseline.rustc,
            100.0 * (bound - 1.0),
            100.0 * (BOUND - 1.0)
        );
    }
    println!("{:<34} {:>14} {:>14} {:>9}", "kernel", "instructions", "baseline", "change");
    let (mut worse, mut better) = (Vec::new(), Vec::<&str>::new());
    for name in names {
        let counted = count(&program, name)?;
        let before = baseline.instructions.get(name).copied();
        println!("{}", line(name, counted, before));
        let change = before.map(|before| counted as f64 / before as f64);
        if arguments.accept {
            baseline.instructions.insert(name.clone(), counted);
        } else if change.is_none_or(|change| change > bound) {
            worse.push(line(name, counted, before));
        } else if change.is_some_and(|change| change * BOUND < 1.0) {
            better.push(name.as_str());
        }
    }
    if arguments.accept {
        baseline.instructions.retain(|name, _| known.contains(name));
        baseline.rustc = rustc;
        let text = serde_json::to_string_pretty(&baseline)? + "\n";
        return fs::write(baseline_path(), text).context("could not write the baseline");
    }
    if !better.is_empty() {
        println!(
            "kernels: better by more than {:.0} %: {}. Keep it: `cargo xtask kernels --accept {}`",
            100.0 * (BOUND - 1.0),
            better.join(", "),
            better.join(" ")
        );
    }
    if !worse.is_empty() {
        bail!(
            "kernels take more instructions than the baseline allows:\n{}\nIf that is meant to be, take the new counts \
             with `cargo xtask kernels --accept` and say why in the commit; `cargo xtask profile NAME` shows where they go",
            worse.join("\n")
        );
    }
    Ok(())
}

/// Where the instructions of a kernel go: functions by their own cost, and on request the lines of the costliest.
pub(crate) fn profile(arguments: &ProfileArguments) -> Result<()> {
    if let Some(why) = cannot_count() {
        bail!("no instruction can be counted: {why}");
    }
    let name = &arguments.name;
    let folder = target_folder().join("profile");
    fs::create_dir_all(&folder).context("could not make a folder for profiles")?;
    let mut build = build_release("cleanlab-benches", "kernel");
    let mut program = target_folder().join("release/kernel");
    if arguments.lines {
        // In a folder of its own: other settings in the usual one would have everything built anew each time.
        build.arg("--target-dir").arg(&folder);
        build
            .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only")
            .env("CARGO_PROFILE_RELEASE_STRIP", "none");
        program = folder.join("release/kernel");
    }
    run(&mut build)?;
    check_names(&known_kernels(&program)?, &[name])?;
    let record = folder.join(format!("{name}.callgrind"));
    callgrind(&program, name, &record)?;
    let mut annotate = Command::new("callgrind_annotate");
    annotate.arg(if arguments.lines { "--auto=yes" } else { "--auto=no" });
    annotate.args(["--show-percs=yes", "--threshold=99", "--context=3"]).arg(&record);
    let listing = output(annotate.current_dir(workspace_root()))?;
    let path = folder.join(format!("{name}.txt"));
    fs::write(&path, &listing)?;
    let shown: Vec<&str> =
        listing.lines().skip_while(|line| !line.contains("PROGRAM TOTALS")).take(45).collect();
    println!("{}", shown.join("\n"));
    println!("\nThe whole listing is {}, the record for kcachegrind {}", path.display(), record.display());
    Ok(())
}

fn known_kernels(program: &Path) -> Result<Vec<String>> {
    Ok(output(&mut Command::new(program))?.lines().map(str::to_owned).collect())
}

fn check_names(known: &[String], named: &[&String]) -> Result<()> {
    match named.iter().find(|name| !known.contains(name)) {
        Some(unknown) => bail!("no kernel is called {unknown}; there are {}", known.join(", ")),
        None => Ok(()),
    }
}

/// Why nothing can be counted here, after an attempt to install what is missing.
fn cannot_count() -> Option<String> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Some("the baseline is of Linux on x86-64".to_owned());
    }
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let has = |feature: &str| processor.split_whitespace().any(|word| word == feature);
    if !has("avx2") || !has("fma") {
        return Some("the baseline is of processors with AVX2 and FMA, which this is not".to_owned());
    }
    if on_path(&["valgrind"]).is_none()
        && let Err(error) = apt_install(&["valgrind"])
    {
        return Some(format!("no valgrind: {error:#}"));
    }
    None
}

fn read_baseline() -> Result<Baseline> {
    match fs::read_to_string(baseline_path()) {
        Ok(text) => serde_json::from_str(&text).context("benches/kernels.json"),
        Err(_) => Ok(Baseline::default()),
    }
}

fn line(name: &str, counted: u64, known: Option<u64>) -> String {
    match known {
        Some(known) => {
            let change = 100.0 * (counted as f64 / known as f64 - 1.0);
            format!("{name:<34} {counted:>14} {known:>14} {change:>+8.2}%")
        }
        None => format!("{name:<34} {counted:>14} {:>14} {:>9}", "none", "new"),
    }
}

/// The instructions of one run.
fn count(program: &Path, name: &str) -> Result<u64> {
    let record = target_folder().join("release").join(format!("{name}.callgrind"));
    callgrind(program, name, &record)?;
    let text = fs::read_to_string(&record)?;
    fs::remove_file(&record)?;
    let totals = text.lines().find_map(|line| line.strip_prefix("totals:").or(line.strip_prefix("summary:")));
    let counted: u64 = totals.context("callgrind wrote no total")?.trim().parse()?;
    ensure!(counted > 100_000, "callgrind saw only {counted} instructions of {name}");
    Ok(counted)
}

/// Runs a kernel under callgrind, which collects within `measured_kernel` alone.
fn callgrind(program: &Path, name: &str, record: &Path) -> Result<()> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--toggle-collect=*measured_kernel*", "--compress-strings=no"]);
    command.arg(format!("--callgrind-out-file={}", record.display()));
    command.arg(program).arg(name).current_dir(workspace_root());
    // What the caller's environment says of threads or memory is no part of the count.
    command.env_remove("RAYON_NUM_THREADS").env_remove("GLIBC_TUNABLES").env_remove("LD_PRELOAD");
    output(&mut command).map(|_| ())
}
