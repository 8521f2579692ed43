//! Fuzz targets: built with stable Rust and libFuzzer, without a sanitizer, as `cargo fuzz --sanitizer none` does.
//!
//! The targets are in `fuzz/`, a workspace of its own. Whatever panics, ends the process, takes longer than five seconds
//! or asks for more than a gigabyte is a failure; that such things are noticed is itself shown, by `fuzz-canary`.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::Effort;
use crate::kept_tallies;
use crate::process::{cargo, output, run, target_folder, two_at_a_time, workspace_root};

/// What every target is started with.
const LIMITS: [&str; 3] = ["-timeout=5", "-rss_limit_mb=1024", "-print_final_stats=1"];
/// Seconds for each target in the short form, and for each part of the long one.
const SECONDS: u32 = 60;

/// A fuzz target, and how many files it is given in the long form.
struct Target {
    name: &'static str,
    executions: u64,
}

const TARGETS: [Target; 14] = [
    Target { name: "csv", executions: 10_000_000 },
    Target { name: "json", executions: 10_000_000 },
    Target { name: "npy", executions: 10_000_000 },
    Target { name: "npz", executions: 10_000_000 },
    Target { name: "parquet", executions: 2_000_000 },
    Target { name: "arrow", executions: 10_000_000 },
    Target { name: "saved_audit", executions: 10_000_000 },
    Target { name: "config", executions: 10_000_000 },
    Target { name: "knn_graph", executions: 10_000_000 },
    Target { name: "accumulator", executions: 10_000_000 },
    Target { name: "label_calls", executions: 10_000_000 },
    Target { name: "multilabel_calls", executions: 10_000_000 },
    Target { name: "feature_calls", executions: 10_000_000 },
    Target { name: "audit_calls", executions: 10_000_000 },
];

/// What came of the targets, which all run together.
static RESULTS: OnceLock<HashMap<&'static str, Result<Tally, String>>> = OnceLock::new();

/// What a target was given so far, and what it took.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
struct Tally {
    executions: u64,
    slowest_seconds: u64,
    most_megabytes: u64,
}

impl Tally {
    /// As libFuzzer tells it.
    fn read(said: &str) -> Result<Self> {
        Ok(Self {
            executions: statistic(said, "number_of_executed_units")?,
            slowest_seconds: statistic(said, "slowest_unit_time_sec")?,
            most_megabytes: statistic(said, "peak_rss_mb")?,
        })
    }

    fn add(&mut self, other: Self) {
        self.executions += other.executions;
        self.slowest_seconds = self.slowest_seconds.max(other.slowest_seconds);
        self.most_megabytes = self.most_megabytes.max(other.most_megabytes);
    }

    fn file(name: &str) -> PathBuf {
        kept_tallies::folder().join(format!("fuzz_{name}.json"))
    }

    /// Where a long run that was cut off goes on.
    fn of_earlier_runs(name: &str) -> Result<Self> {
        Ok(kept_tallies::read(&Self::file(name))?.unwrap_or_default())
    }

    fn keep(self, name: &str) -> Result<()> {
        kept_tallies::write(&Self::file(name), &self)
    }

    fn figure(self, name: &str) -> Result<String> {
        let slowest = match self.slowest_seconds {
            0 => "below 1 s".to_owned(),
            seconds => format!("{seconds} s"),
        };
        Ok(format!(
            "{} executions from {} files, the slowest {slowest}, {} MB at most",
            grouped(self.executions),
            corpus_files(name)?,
            self.most_megabytes,
        ))
    }
}

/// Replays the corpus of a target and goes on from it.
pub(super) fn fuzz(name: &'static str, effort: Effort) -> Result<String> {
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.with_context(|| format!("there is no target {name}"))?;
    let programs = programs(effort)?;
    let results = RESULTS.get_or_init(|| in_pairs(programs, &asked_for(), effort));
    let tally = match results.get(name) {
        Some(Ok(tally)) => *tally,
        Some(Err(error)) => bail!("{error}"),
        None => bail!("{name} was not run"),
    };
    if effort == Effort::Long {
        let (executions, wanted) = (tally.executions, target.executions);
        ensure!(executions >= wanted, "only {} of {} executions", grouped(executions), grouped(wanted));
        // The next long run begins anew.
        kept_tallies::remove(&Tally::file(name))?;
    }
    tally.figure(name)
}

/// The programs whose checks the command line names; none if it names none, as all are wanted then.
fn named() -> Vec<String> {
    let arguments = std::env::args();
    arguments.filter_map(|argument| Some(argument.strip_prefix("fuzz-")?.replace('-', "_"))).collect()
}

/// The targets whose checks the command line names, all if it names none: they are run together.
fn asked_for() -> Vec<&'static Target> {
    let named = named();
    let is_named = |target: &&Target| named.is_empty() || named.iter().any(|name| name == target.name);
    TARGETS.iter().filter(is_named).collect()
}

/// Runs targets, two at a time.
fn in_pairs(
    programs: &Path,
    targets: &[&'static Target],
    effort: Effort,
) -> HashMap<&'static str, Result<Tally, String>> {
    let results = Mutex::new(HashMap::new());
    two_at_a_time(targets, |target| {
        let result = run_target(programs, target, effort).map_err(|error| format!("{error:#}"));
        match &result {
            Ok(tally) => println!("fuzz: {} {} executions", target.name, grouped(tally.executions)),
            Err(_) => println!("fuzz: {} failed", target.name),
        }
        if let Ok(mut results) = results.lock() {
            results.insert(target.name, result);
        }
    });
    results.into_inner().unwrap_or_default()
}

/// Shows that a panic, a hang and too much memory end a target with an error, so that none of them goes unseen.
pub(super) fn canary(effort: Effort) -> Result<String> {
    let program = programs(effort)?.join("canary");
    let folder = target_folder().join("fuzz/canary");
    fs::create_dir_all(&folder)?;
    let ends = |name: &str, content: &str| -> Result<String> {
        let file = folder.join(name);
        fs::write(&file, content)?;
        let ended = Command::new(&program)
            .args(LIMITS)
            .arg("-timeout=1")
            .arg(artifacts(&folder))
            .arg(&file)
            .output()?;
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        ensure!(ended.status.success() == (name == "nothing"), "{name} ended with {}:\n{said}", ended.status);
        Ok(said)
    };
    ends("nothing", "what does no harm")?;
    for (name, content, expected) in [
        ("panic", "panic!", "panicked at"),
        ("caught", "caught", "panicked at"),
        ("overflow", "overflow", "overflow"),
        ("hang", "hang", "timeout"),
        ("memory", "memory", "are asked for"),
        // The process has no stack left to say anything on.
        ("stack", "stack", ""),
    ] {
        let said = ends(name, content)?;
        ensure!(said.contains(expected), "{name} was noticed, but not as {expected:?}:\n{said}");
    }
    Ok("6 of 6 planted faults noticed".to_owned())
}

/// Builds the programs that are asked for, once.
fn programs(effort: Effort) -> Result<&'static Path> {
    static PROGRAMS: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = PROGRAMS.get_or_init(|| build(effort).map_err(|error| format!("{error:#}")));
    built.as_deref().map_err(|error| anyhow::anyhow!("{error}"))
}

fn build(effort: Effort) -> Result<PathBuf> {
    // The counters of LLVM that libFuzzer reads, and every check that a debug build makes.
    const FLAGS: [&str; 8] = [
        "-Cpasses=sancov-module",
        "-Cllvm-args=-sanitizer-coverage-level=4",
        "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
        "-Cllvm-args=-sanitizer-coverage-pc-table",
        "-Cllvm-args=-sanitizer-coverage-trace-compares",
        "--cfg=fuzzing",
        "-Cdebug-assertions",
        "-Coverflow-checks",
    ];
    check_versions()?;
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc tells no host")?;
    let folder = target_folder().join("fuzz");
    // A target of its own keeps the flags away from build scripts.
    let profile = if effort == Effort::Long { "release" } else { "quick" };
    let mut command = cargo(["build", "--manifest-path", "fuzz/Cargo.toml", "--profile", profile, "--quiet"]);
    let named = named();
    if named.is_empty() {
        command.arg("--bins");
    }
    for name in named {
        command.args(["--bin", &name]);
    }
    command.args(["--target", host]).arg("--target-dir").arg(&folder);
    command.env("RUSTC_WRAPPER", workspace_root().join("fuzz/rustc.sh"));
    run(command.env("RUSTFLAGS", FLAGS.join(" ")).env_remove("CARGO_ENCODED_RUSTFLAGS"))?;
    Ok(folder.join(host).join(profile))
}

/// Whether what is fuzzed is what is shipped: every package of the workspace that the targets are built with has the
/// version of the workspace's own lock file.
fn check_versions() -> Result<()> {
    let read = |file: &str| fs::read_to_string(workspace_root().join(file)).with_context(|| file.to_owned());
    let (ours, theirs) = (read("Cargo.lock")?, read("fuzz/Cargo.lock")?);
    let (ours, theirs) = (versions(&ours), versions(&theirs));
    let others: Vec<String> = theirs
        .iter()
        .filter_map(|(name, found)| {
            let known = ours.get(name)?;
            let foreign: Vec<_> = found.iter().filter(|version| !known.contains(version)).collect();
            (!foreign.is_empty()).then(|| format!("{name} {foreign:?}"))
        })
        .collect();
    ensure!(
        others.is_empty(),
        "fuzz/Cargo.lock has other versions than Cargo.lock ({}); copy Cargo.lock over it and run cargo metadata there",
        others.join(", ")
    );
    Ok(())
}

/// The versions of every package in a lock file.
fn versions(lock: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut name = "";
    for line in lock.lines() {
        if let Some(rest) = line.strip_prefix("name = ") {
            name = rest.trim_matches('"');
        } else if let Some(rest) = line.strip_prefix("version = \"") {
            versions.entry(name).or_default().push(rest.trim_end_matches('"'));
        }
    }
    versions
}

fn artifacts(folder: &Path) -> String {
    format!("-artifact_prefix={}/", folder.display())
}

fn committed_corpus(name: &str) -> PathBuf {
    workspace_root().join("fuzz/corpus").join(name)
}

fn corpus_files(name: &str) -> Result<usize> {
    let folder = committed_corpus(name);
    let n_files = fs::read_dir(&folder).with_context(|| folder.display().to_string())?.count();
    ensure!(n_files > 0, "the corpus of {name} is empty");
    Ok(n_files)
}

/// Runs a target over its corpus, then on new inputs: for a minute, or until it was given as many as it should be.
///
/// The long form goes on from the count and the inputs of a long run that was cut off.
fn run_target(programs: &Path, target: &Target, effort: Effort) -> Result<Tally> {
    let name = target.name;
    corpus_files(name)?;
    let committed = committed_corpus(name);
    let folder = target_folder().join("fuzz");
    let (grown, faults) = (folder.join("corpus").join(name), folder.join("faults").join(name));
    fs::create_dir_all(&grown)?;
    fs::create_dir_all(&faults)?;
    let start = |arguments: &[&str]| -> Result<String> {
        let mut command = Command::new(programs.join(name));
        command.args(LIMITS).args(arguments).arg(artifacts(&faults)).arg(&grown).arg(&committed);
        let dictionary = workspace_root().join("fuzz/dictionaries").join(format!("{name}.dict"));
        if dictionary.is_file() {
            command.arg(format!("-dict={}", dictionary.display()));
        }
        // A target reads its files on one thread; where a call makes more, they are as few as can be.
        let ended = command.env("RAYON_NUM_THREADS", "1").current_dir(workspace_root()).output()?;
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        if ended.status.success() {
            return Ok(said);
        }
        let lines: Vec<&str> = said.lines().collect();
        let end = lines[lines.len().saturating_sub(30)..].join("\n");
        bail!("{name} ended with {}; what did it is in {}:\n{end}", ended.status, faults.display())
    };
    start(&["-runs=0"]).context("while its corpus was replayed")?;
    let time = format!("-max_total_time={SECONDS}");
    if effort == Effort::Short {
        // Every change is held to the same inputs, as far as the time leads; the long form draws others.
        return Tally::read(&start(&["-seed=1", &time])?);
    }
    let mut tally = Tally::of_earlier_runs(name)?;
    while tally.executions < target.executions {
        tally.add(Tally::read(&start(&[&time])?)?);
        tally.keep(name)?;
    }
    Ok(tally)
}

fn statistic(said: &str, name: &str) -> Result<u64> {
    let start = format!("stat::{name}:");
    let line = said.lines().find_map(|line| line.strip_prefix(&start));
    let line = line.with_context(|| format!("libFuzzer did not tell {name}:\n{said}"))?;
    line.trim().parse().with_context(|| format!("{name} is {line:?}"))
}

/// A number with commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
