//! The same bytes on any number of threads, at any batch size, every time, and from every build.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::Effort;
use super::command_lines::{COMMANDS, Given, Line, Scene};
use crate::process::{build_release, build_workspace, cargo, run, target_folder};

const THREADS: [&str; 4] = ["1", "2", "4", "8"];
/// The commands that can be told how many to use.
const WITH_THREADS: [&str; 6] = ["audit", "labels", "health", "overlap", "classes", "clean"];
/// What data may take before they are read in parts: always, in small parts, in larger ones.
const MEMORY: [&str; 3] = ["1", "4K", "64K"];
const REPETITIONS: usize = 20;

pub(super) fn run_check(effort: Effort) -> Result<String> {
    let debug = build_workspace()?.join("cleanlab");
    let scene = Scene::new("determinism", &debug)?;
    let mut first = Vec::new();
    let mut n_runs = 0;
    let repetitions = if effort == Effort::Long { 2 } else { 1 };
    for line in COMMANDS {
        first.push(all_alike(&scene, &debug, line, repetitions, &mut n_runs)?);
    }
    let figure = format!(
        "{} command lines on 1, 2, 4 and 8 threads, with memory for all and for parts",
        COMMANDS.len()
    );
    if effort == Effort::Short {
        return Ok(format!("{figure}: the same bytes in {n_runs} of {n_runs} runs"));
    }
    run(&mut build_release("cleanlab-cli", "cleanlab"))?;
    let release = target_folder().join("release/cleanlab");
    for (line, expected) in COMMANDS.iter().zip(&first) {
        let given = all_alike(&scene, &release, line, REPETITIONS, &mut n_runs)?;
        same(line, expected, &given, "debug and release builds")?;
    }
    let native = native_build()?;
    for (line, expected) in COMMANDS.iter().zip(&first) {
        let given = all_alike(&scene, &native, line, 1, &mut n_runs)?;
        same(line, expected, &given, "builds for any x86-64 and for this processor")?;
    }
    Ok(format!(
        "{figure}, {REPETITIONS} times each in a release build, and in debug and native builds: the same bytes in {n_runs} of \
         {n_runs} runs"
    ))
}

/// Runs a line on every number of threads and at every batch size, and gives what all of them gave.
fn all_alike(
    scene: &Scene,
    program: &Path,
    line: &Line,
    repetitions: usize,
    n_runs: &mut usize,
) -> Result<Given> {
    let mut first: Option<Given> = None;
    for repetition in 0..repetitions {
        for threads in THREADS {
            let mut memory = vec![None];
            if line.in_parts {
                memory.extend(MEMORY.map(Some));
            }
            for memory in memory {
                let mut words = line.words.to_owned();
                if WITH_THREADS.iter().any(|command| words.split(' ').next() == Some(command)) {
                    words.extend([" --threads ", threads]);
                }
                if let Some(size) = memory {
                    words.extend([" --memory ", size]);
                }
                // For commands that have no option.
                let given = scene.run(program, &words, &[("RAYON_NUM_THREADS", threads)])?;
                ensure!(matches!(given.status, Some(0 | 1)), "cleanlab {words}: {}", given.stderr);
                *n_runs += 1;
                let what = format!(
                    "{threads} threads, memory {}, repetition {repetition}",
                    memory.unwrap_or("for all")
                );
                match &first {
                    Some(first) => same(line, first, &given, &what)?,
                    None => first = Some(given),
                }
            }
        }
    }
    first.ok_or_else(|| anyhow::anyhow!("nothing was run"))
}

fn same(line: &Line, expected: &Given, given: &Given, what: &str) -> Result<()> {
    let difference = expected.difference(given);
    ensure!(
        difference.is_none(),
        "cleanlab {}: {what}: other bytes in {}",
        line.words,
        difference.unwrap_or_default()
    );
    Ok(())
}

/// A release build with every instruction that this processor has, in a folder of its own.
fn native_build() -> Result<PathBuf> {
    let folder = target_folder().join("native");
    let mut build =
        cargo(["build", "--quiet", "--release", "--package", "cleanlab-cli", "--bin", "cleanlab"]);
    run(build.arg("--target-dir").arg(&folder).env("RUSTFLAGS", "-C target-cpu=native"))?;
    Ok(folder.join("release/cleanlab"))
}
