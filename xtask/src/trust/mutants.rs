//! How many small faults, put into the code one at a time, make a test fail.
//!
//! cargo-mutants makes the faults, in a copy of the workspace: it changes files while it runs. What survives stands in
//! docs/MUTANTS.md with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::Effort;
use super::tools::Tool;
use super::workspace_copy::copy_workspace;
use crate::kept_tallies;
use crate::process::{output, target_folder, workspace_root};

const CARGO_MUTANTS: Tool = Tool { name: "cargo-mutants", version: "27.1.0" };

/// What is promised, in per cent of the faults that compile.
const FEWEST: f64 = 90.0;

/// Which files of a crate are tried, as many as take an hour or two, and whose tests have to notice.
const TARGETS: [Target; 9] = [
    Target {
        name: "rank",
        package: "cleanlab-rank",
        files: "crates/rank/src/**",
        tests: &["cleanlab-rank"],
        first: INSIDE,
    },
    Target {
        name: "filter",
        package: "cleanlab-filter",
        files: "crates/filter/src/**",
        tests: &["cleanlab-filter"],
        first: INSIDE,
    },
    Target {
        name: "count",
        package: "cleanlab-count",
        files: "crates/count/src/*.rs",
        tests: &["cleanlab-count"],
        first: INSIDE,
    },
    Target {
        name: "selection",
        package: "cleanlab-count",
        files: "crates/count/src/selection/**",
        tests: &["cleanlab-count"],
        first: INSIDE,
    },
    // Numerics of core are tested where they are used.
    Target {
        name: "core",
        package: "cleanlab-core",
        files: "crates/core/src/*.rs",
        tests: &["cleanlab-core", "cleanlab-count"],
        first: INSIDE,
    },
    Target {
        name: "random-state",
        package: "cleanlab-core",
        files: "crates/core/src/random_state/**",
        tests: &["cleanlab-core"],
        first: &["--lib", "--test=numpy_streams"],
    },
    Target {
        name: "parquet",
        package: "cleanlab-table",
        files: "crates/table/src/readers/parquet*.rs",
        tests: &["cleanlab-table"],
        first: &["--lib", "--test=files"],
    },
    Target {
        name: "table",
        package: "cleanlab-table",
        files: "crates/table/src/readers/{arrow_ipc,csv,json,text,thrift,varints}.rs",
        tests: &["cleanlab-table"],
        first: &["--lib", "--test=files"],
    },
    Target {
        name: "stream",
        package: "cleanlab-stream",
        files: "crates/stream/src/{arrangement,file_reader,file_source,parquet_columns}.rs",
        tests: &["cleanlab-stream"],
        first: INSIDE,
    },
];

/// What is tried in the short form too, and one of how many parts of its faults.
const SHORT: (&str, (usize, usize)) = ("rank", (0, 40));

/// Faults that are tried at a time: what a long run that is cut off loses at most.
const FAULTS_AT_A_TIME: usize = 120;
/// The same of those that are tried on all tests, which takes longer.
const FAULTS_TRIED_AGAIN: usize = 20;

/// How long the first tests may take, which end in a second or two: each fault that makes them run forever costs this.
const SECONDS_OF_FIRST_TESTS: &str = "30";

/// Address space of the compiler and of a test each, eight gigabytes.
const MOST_KILOBYTES: u64 = 8 << 20;

struct Target {
    name: &'static str,
    package: &'static str,
    files: &'static str,
    tests: &'static [&'static str],
    /// What all faults are tried on first: tests that take seconds to build and to run.
    first: &'static [&'static str],
}

/// The tests inside the crate.
const INSIDE: &[&str] = &["--lib"];

impl Target {
    /// Where its crate is.
    fn folder(&self) -> String {
        folder_of(self.package)
    }
}

fn folder_of(package: &str) -> String {
    format!("crates/{}", package.trim_start_matches("cleanlab-"))
}

#[derive(Deserialize)]
struct Outcomes {
    outcomes: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    scenario: serde_json::Value,
    summary: String,
    /// What was said meanwhile.
    #[serde(default)]
    log_path: String,
}

/// What came of some faults.
#[derive(Default, Clone, Serialize, Deserialize)]
struct Count {
    caught: usize,
    /// With their places, which stay what they are as long as the code does.
    missed: Vec<String>,
}

/// What a long run has come to; where it is cut off the next goes on from it.
#[derive(Default, Serialize, Deserialize)]
struct Tally {
    /// What was tried, and on which tests.
    sources: Sources,
    /// By part, what came of its faults on the first tests.
    inside: BTreeMap<String, Count>,
    /// Those of the others that all tests notice, and that none does.
    noticed_again: Vec<String>,
    missed_again: Vec<String>,
}

/// What the crates of a target were.
#[derive(Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sources {
    /// A number that differs where anything but a test does.
    code: u64,
    /// A number for each line of the tests, in order of size.
    tests: Vec<u64>,
}

impl Sources {
    /// Whether they differ from earlier ones in nothing but more lines of tests, so that what was noticed still is.
    fn only_add_tests_to(&self, earlier: &Self) -> bool {
        let mut lines = self.tests.iter();
        self.code == earlier.code && earlier.tests.iter().all(|line| lines.any(|other| other == line))
    }
}

/// Tries all faults of some files; the short form a few of `rank`, where cargo-mutants is installed.
pub(super) fn mutants(name: &'static str, effort: Effort) -> Result<String> {
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.with_context(|| format!("no faults are put into {name}"))?;
    let page = fs::read_to_string(workspace_root().join("docs/MUTANTS.md")).context("docs/MUTANTS.md")?;
    let folder = format!("{}/", target.folder());
    let mut listed = listed_survivors(&page);
    listed.retain(|survivor| survivor.starts_with(&folder));
    for survivor in &listed {
        let file = survivor.split(": ").next().unwrap_or_default();
        ensure!(
            workspace_root().join(file).is_file(),
            "docs/MUTANTS.md lists a fault of {file}, which is gone"
        );
    }
    let program = match effort {
        Effort::Long => Some(CARGO_MUTANTS.install()?),
        Effort::Short if name != SHORT.0 => {
            return Ok(format!("{} survivors are listed with their reasons", listed.len()));
        }
        Effort::Short => CARGO_MUTANTS.installed(),
    };
    let Some(program) = program else {
        return Ok(format!(
            "{} survivors are listed with their reasons; none tried, as cargo-mutants is not installed, which the long \
             form does",
            listed.len()
        ));
    };
    // A short run, as of every change, must not take the files away from under a long one.
    let copy =
        target_folder().join(if effort == Effort::Long { "mutants/workspace" } else { "mutants/short" });
    copy_workspace(&copy)?;
    if effort == Effort::Long {
        // What was compiled before pieces of it changed does not always link.
        let incremental = target_folder().join("mutants/target/debug/incremental");
        if incremental.exists() {
            fs::remove_dir_all(&incremental).with_context(|| incremental.display().to_string())?;
        }
    }
    // What was compiled when an earlier run was cut off may have a fault.
    for target in &TARGETS {
        let root = copy.join(target.folder()).join("src/lib.rs");
        fs::File::options().write(true).open(&root)?.set_modified(SystemTime::now())?;
    }
    let count = try_faults(&program, &copy, target, &listed, effort)?;
    let all = count.caught + count.missed.len();
    ensure!(all > 0, "no fault of {name} was tried");
    let names: BTreeSet<String> = count.missed.iter().map(|name| without_place(name)).collect();
    let unlisted: Vec<&String> = names.difference(&listed).collect();
    let percent = 100.0 * count.caught as f64 / all as f64;
    let figure = format!("{} of {all} faults noticed, {percent:.1} %", count.caught);
    ensure!(
        unlisted.is_empty(),
        "{figure}; no test notices, and docs/MUTANTS.md does not say why: {unlisted:#?}"
    );
    // Of a few, one survivor with its reason is more than a tenth.
    ensure!(percent >= FEWEST || effort == Effort::Short, "{figure}, which are too few");
    if effort == Effort::Long {
        // The next one begins anew.
        kept_tallies::remove(&tally_file(target))?;
    }
    Ok(format!("{figure}; every survivor is listed with its reason"))
}

fn try_faults(
    program: &Path,
    copy: &Path,
    target: &Target,
    listed: &BTreeSet<String>,
    effort: Effort,
) -> Result<Count> {
    let sources = sources_of(copy, target)?;
    let file = tally_file(target);
    let kept = if effort == Effort::Long { kept_tallies::read(&file)? } else { None };
    let kept = kept.filter(|kept: &Tally| sources.only_add_tests_to(&kept.sources));
    let file = (effort == Effort::Long).then_some(file);
    let mut tries = Tries { program, copy, target, listed, file, tally: kept.unwrap_or_default() };
    let parts = match effort {
        Effort::Short => vec![SHORT.1],
        Effort::Long => {
            let faults = output(&mut cargo_mutants(program, copy, target, &["--list"]))?;
            let parts = faults.lines().count().div_ceil(FAULTS_AT_A_TIME);
            (0..parts).map(|part| (part, parts)).collect()
        }
    };
    if tries.tally.sources != sources {
        tries.on_more_tests(sources)?;
    }
    let (mut count, mut left) = (Count::default(), Vec::new());
    for (part, parts) in parts {
        let Count { caught, missed } = tries.part(part, parts)?;
        println!(
            "mutants: {} {part} of {parts}: {caught} noticed at first, {} not",
            target.name,
            missed.len()
        );
        count.caught += caught;
        left.extend(missed);
    }
    (count.missed, left) = left.into_iter().partition(|name| listed.contains(&without_place(name)));
    tries.again(&left)?;
    count.caught += tries.tally.noticed_again.len();
    count.missed.append(&mut tries.tally.missed_again);
    Ok(count)
}

fn tally_file(target: &Target) -> PathBuf {
    kept_tallies::folder().join(format!("mutants_{}.json", target.name))
}

/// A crate whose faults are tried, on what there is of it.
struct Tries<'t> {
    program: &'t Path,
    copy: &'t Path,
    target: &'t Target,
    /// Faults of which it is known why no test notices them.
    listed: &'t BTreeSet<String>,
    /// Where the tally of a long run is kept.
    file: Option<PathBuf>,
    tally: Tally,
}

impl Tries<'_> {
    /// Tries on the first tests, to which some were added, what those passed over that were there before; all
    /// tests are to be run again on the others.
    fn on_more_tests(&mut self, sources: Sources) -> Result<()> {
        let mut inside = std::mem::take(&mut self.tally.inside);
        for count in inside.values_mut() {
            let is_listed = |name: &String| self.listed.contains(&without_place(name));
            let (listed, others): (Vec<_>, Vec<_>) = count.missed.iter().cloned().partition(is_listed);
            let (caught, missed) = self.tried_by_name(Tests::First, &others)?;
            count.caught += caught.len();
            count.missed = [listed, missed].concat();
        }
        self.tally.inside = inside;
        self.tally.missed_again.clear();
        self.tally.sources = sources;
        self.keep()
    }

    /// Tries the faults of one of so many parts on the first tests.
    fn part(&mut self, part: usize, parts: usize) -> Result<Count> {
        let name = format!("{part} of {parts}");
        if let Some(count) = self.tally.inside.get(&name) {
            return Ok(count.clone());
        }
        let (caught, missed) = self.tried(Tests::First, &["--shard", &format!("{part}/{parts}")])?;
        let count = Count { caught: caught.len(), missed };
        self.tally.inside.insert(name, count.clone());
        self.keep()?;
        Ok(count)
    }

    /// Tries faults that the first tests let pass on all tests.
    fn again(&mut self, left: &[String]) -> Result<()> {
        self.tally.noticed_again.retain(|name| left.contains(name));
        self.tally.missed_again.retain(|name| left.contains(name));
        let known = [&self.tally.noticed_again[..], &self.tally.missed_again].concat();
        let names: Vec<String> = left.iter().filter(|name| !known.contains(name)).cloned().collect();
        for names in names.chunks(FAULTS_TRIED_AGAIN) {
            let (caught, missed) = self.tried_by_name(Tests::All, names)?;
            println!("mutants: {} again: {} noticed, {} not", self.target.name, caught.len(), missed.len());
            self.tally.noticed_again.extend(caught);
            self.tally.missed_again.extend(missed);
            self.keep()?;
        }
        Ok(())
    }

    fn keep(&self) -> Result<()> {
        self.file.as_deref().map_or(Ok(()), |file| kept_tallies::write(file, &self.tally))
    }

    /// Tries faults by name.
    fn tried_by_name(&self, tests: Tests, names: &[String]) -> Result<(Vec<String>, Vec<String>)> {
        if names.is_empty() {
            return Ok(Default::default());
        }
        let patterns: Vec<String> = names.iter().map(|name| format!("^{}$", literally(name))).collect();
        let choice: Vec<&str> = patterns.iter().flat_map(|pattern| ["--re", pattern]).collect();
        let (mut caught, mut missed) = self.tried(tests, &choice)?;
        // Fields that are left out of a structure are tried whatever the patterns say.
        caught.retain(|name| names.contains(name));
        missed.retain(|name| names.contains(name));
        // A name that its pattern does not find would be lost without a word.
        let again = caught.len() + missed.len();
        ensure!(again == names.len(), "{again} faults were tried, not {}: {names:#?}", names.len());
        Ok((caught, missed))
    }

    /// The names of the chosen faults that some tests notice, and of the others.
    fn tried(&self, tests: Tests, choice: &[&str]) -> Result<(Vec<String>, Vec<String>)> {
        let Self { program, copy, target, .. } = self;
        let results = target_folder().join("mutants").join(target.name);
        let mut command = cargo_mutants(program, copy, target, &["--in-place", "--no-shuffle", "--output"]);
        command.arg(&results).args(choice);
        // Of building as of running: what is not run need not be built for every fault.
        match tests {
            Tests::First => {
                command.args(["--test-package", target.package]);
                command.args(["--minimum-test-timeout", SECONDS_OF_FIRST_TESTS]);
                command.args(target.first.iter().map(|tests| format!("--cargo-arg={tests}")))
            }
            Tests::All => {
                for tests in target.tests {
                    command.arg("--test-package").arg(tests);
                }
                command.arg("--cargo-arg=--test=*");
                // Those inside the crate itself were the first, which noticed nothing.
                if target.tests.len() > 1 {
                    command.arg("--cargo-arg=--lib");
                }
                &mut command
            }
        };
        // These are built for speed elsewhere; here more time goes into building them, of a crate's own first tests all.
        for package in ["cleanlab-core", "cleanlab-count", "cleanlab-stream"] {
            let level = i32::from(tests == Tests::All || package != target.package);
            command.arg(format!("--cargo-arg=--config=profile.dev.package.{package}.opt-level={level}"));
        }
        command.env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.env("CARGO_TARGET_DIR", target_folder().join("mutants/target"));
        // One changed line compiles fast only with what was compiled before it was changed.
        command.env("CARGO_INCREMENTAL", "1");
        // On one processor nothing would be merged, and no fault of that noticed.
        command.env("RAYON_NUM_THREADS", "4");
        // It fails where a fault survives, which is for us to judge; where its own work fails there are no outcomes.
        let status = command.status().context("cargo-mutants does not start")?;
        ensure!(matches!(status.code(), Some(0 | 2 | 3)), "cargo-mutants failed with {status}");
        let outcomes = fs::read_to_string(results.join("mutants.out/outcomes.json"))?;
        for log in logs_of_unviable(&outcomes)? {
            let log = results.join("mutants.out").join(log);
            let text = fs::read_to_string(&log).with_context(|| log.display().to_string())?;
            // Not for its fault, which so would be counted with those that do not compile.
            ensure!(!text.contains("error: linking with"), "a fault was not linked: {}", log.display());
        }
        names(&outcomes)
    }
}

/// What the crate is, and those whose tests have to notice.
fn sources_of(copy: &Path, target: &Target) -> Result<Sources> {
    let mut folders: Vec<PathBuf> =
        [target.package].iter().chain(target.tests).map(|package| copy.join(folder_of(package))).collect();
    let mut files = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { _ = files.insert(path) }
        }
    }
    let (mut code, mut tests) = (DefaultHasher::new(), Vec::new());
    for file in files {
        let name = file.strip_prefix(copy)?;
        let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
        let length_of_code =
            if name.iter().any(|folder| folder == "tests") { 0 } else { before_tests(&bytes) };
        let (of_code, of_tests) = bytes.split_at(length_of_code);
        // The blank line before tests that were added is none of the code.
        let of_code = of_code.trim_ascii_end();
        if length_of_code > 0 {
            (name, of_code).hash(&mut code);
        }
        for line in of_tests.split(|&byte| byte == b'\n') {
            let mut hasher = DefaultHasher::new();
            (name, line.trim_ascii()).hash(&mut hasher);
            tests.push(hasher.finish());
        }
    }
    tests.sort_unstable();
    Ok(Sources { code: code.finish(), tests })
}

/// How many bytes of a file come before the module of its tests, which is the last of each.
fn before_tests(bytes: &[u8]) -> usize {
    const START: &[u8] = b"#[cfg(test)]\nmod tests {";
    bytes.windows(START.len()).position(|window| window == START).unwrap_or(bytes.len())
}

/// cargo-mutants, with an end to its memory: a fault may ask for more and more, until nothing is left for others.
fn cargo_mutants(program: &Path, copy: &Path, target: &Target, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    // Where no limit can be set, none is.
    command.args(["-c", &format!("ulimit -v {MOST_KILOBYTES} 2>/dev/null; exec \"$@\""), "sh"]);
    command.arg(program).args(["mutants", "--colors", "never"]);
    command.args(["--package", target.package, "--file", target.files]);
    command.args(arguments).current_dir(copy);
    command
}

/// Which tests have to notice a fault.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tests {
    /// Those that each target names, which take a program or two to build.
    First,
    /// All of the packages that are named.
    All,
}

/// A text as a regular expression that is found in that text alone.
fn literally(text: &str) -> String {
    let mut expression = String::new();
    for letter in text.chars() {
        // With a stroke before them the last two are beginnings and ends of words.
        if letter.is_ascii_punctuation() && !"<>".contains(letter) {
            expression.push('\\');
        }
        expression.push(letter);
    }
    expression
}

/// The names of the faults that were noticed, and of the others.
fn names(outcomes: &str) -> Result<(Vec<String>, Vec<String>)> {
    let (mut caught, mut missed) = (Vec::new(), Vec::new());
    for outcome in serde_json::from_str::<Outcomes>(outcomes)?.outcomes {
        let name = outcome.scenario["Mutant"]["name"].as_str();
        match (name, outcome.summary.as_str()) {
            // A fault that makes a test run forever is noticed too.
            (Some(name), "CaughtMutant" | "Timeout") => caught.push(name.to_owned()),
            (Some(name), "MissedMutant") => missed.push(name.to_owned()),
            _ => {}
        }
    }
    Ok((caught, missed))
}

/// Where the compiler's words on the faults are that do not compile.
fn logs_of_unviable(outcomes: &str) -> Result<Vec<String>> {
    let outcomes = serde_json::from_str::<Outcomes>(outcomes)?.outcomes.into_iter();
    Ok(outcomes.filter(|outcome| outcome.summary == "Unviable").map(|outcome| outcome.log_path).collect())
}

/// The name of a fault without its line and column, which change with every edit above it.
fn without_place(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(_), Some(_), Some(what)) => format!("{file}:{what}"),
        _ => name.to_owned(),
    }
}

/// The first columns of the rows of the document's tables.
fn listed_survivors(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `crates/"));
    let first = rows.filter_map(|row| row.split_once("` |")).filter(|(_, reason)| reason.trim().len() > 2);
    first.map(|(name, _)| format!("crates/{}", name.replace("\\|", "|"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_takes_timeouts_as_noticed_and_names_survivors() {
        let outcomes = r#"{"outcomes": [
            {"scenario": "Baseline", "summary": "Success"},
            {"scenario": {"Mutant": {"name": "crates/a.rs:1:2: replace + with - in f"}}, "summary": "MissedMutant"},
            {"scenario": {"Mutant": {"name": "crates/a.rs:3:4: x"}}, "summary": "CaughtMutant"},
            {"scenario": {"Mutant": {"name": "crates/a.rs:3:4: y"}}, "summary": "Timeout"},
            {"scenario": {"Mutant": {"name": "crates/a.rs:3:4: z"}}, "summary": "Unviable", "log_path": "log/z.log"}]}"#;
        let (caught, missed) = names(outcomes).unwrap();
        assert_eq!(caught, ["crates/a.rs:3:4: x", "crates/a.rs:3:4: y"]);
        assert_eq!(missed, ["crates/a.rs:1:2: replace + with - in f"]);
        assert_eq!(without_place(&missed[0]), "crates/a.rs: replace + with - in f");
        assert_eq!(logs_of_unviable(outcomes).unwrap(), ["log/z.log"]);
    }

    #[test]
    fn sources_with_more_tests_alone_keep_what_was_noticed() {
        let sources = |code, tests: &[u64]| Sources { code, tests: tests.to_vec() };
        let earlier = sources(1, &[3, 3, 5]);
        assert!(sources(1, &[2, 3, 3, 4, 5, 6]).only_add_tests_to(&earlier));
        assert!(!sources(1, &[3, 5]).only_add_tests_to(&earlier));
        assert!(!sources(1, &[2, 3, 4, 5]).only_add_tests_to(&earlier));
        assert!(!sources(2, &[3, 3, 5]).only_add_tests_to(&earlier));
        assert_eq!(before_tests(b"fn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n"), 11);
        assert_eq!(before_tests(b"fn a() {}\n"), 10);
    }

    #[test]
    fn literally_leaves_nothing_to_the_expression() {
        assert_eq!(literally("a/b.rs:1: f -> Vec<&'_ u8>"), "a\\/b\\.rs\\:1\\: f \\-> Vec<\\&\\'\\_ u8>");
    }

    #[test]
    fn listed_survivors_without_a_reason_do_not_count() {
        let page = "| fault | reason |\n|---|---|\n| `crates/a.rs: replace \\|\\| with && in f` | same |\n| `crates/b.rs: x` | |\n";
        assert_eq!(
            listed_survivors(page),
            BTreeSet::from(["crates/a.rs: replace || with && in f".to_owned()])
        );
    }
}
