//! How many lines of the libraries the tests run.
//!
//! The compiler counts (`-Cinstrument-coverage`, for packages of the workspace alone, so that dependencies are shared with
//! every other build), and the tools of the same LLVM read what was counted. Modules of tests within the libraries are
//! left out: they would count as covered by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::Effort;
use super::rust_source::{block_after, code_of};
use crate::installed_programs::{apt_install, on_path};
use crate::process::{cargo, output, run, target_folder, workspace_root};

/// What is promised, in per cent of all lines.
const FEWEST: f64 = 95.0;

/// What each crate has to reach by itself, so that none hides behind the others.
const FEWEST_OF_A_CRATE: f64 = 90.0;

/// Compares all pairs of thousands of rows, which takes a quarter of an hour where every turn of a loop is counted; the
/// tests beside it run the same lines.
const SLOW_WHERE_LINES_ARE_COUNTED: &str = "knn_graph_of_thousands_of_rows_is_that_of_all_distances";

/// Folders below `crates/` that are no libraries: programs, bindings, and what is for tests alone.
const NO_LIBRARIES: [&str; 3] = ["cli", "python", "testkit"];

/// The lines of a file that are code, and whether each was run.
type Lines = BTreeMap<usize, bool>;

#[derive(Default, Clone, Copy)]
struct Share {
    covered: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, other: Self) {
        self.covered += other.covered;
        self.all += other.all;
    }

    fn percent(self) -> f64 {
        100.0 * self.covered as f64 / self.all.max(1) as f64
    }
}

/// Runs all tests and counts the lines of all libraries; the short form those of `rank`.
pub(super) fn coverage(effort: Effort) -> Result<String> {
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(error) if effort == Effort::Short => {
            println!("coverage: SKIPPED, nothing was counted: {error:#}");
            return Ok(format!("skipped, nothing was counted: {error:#}"));
        }
        Err(error) => return Err(error),
    };
    let (packages, crates) = match effort {
        Effort::Long => (vec!["--workspace"], None),
        Effort::Short => (vec!["--package", "cleanlab-rank"], Some("rank")),
    };
    let files = measure(&tools, &packages)?;
    let mut of_crates: BTreeMap<String, Share> = BTreeMap::new();
    let mut uncovered = Vec::new();
    for (file, lines) in &files {
        let Some(name) = library_of(file).filter(|name| crates.is_none_or(|only| only == *name)) else {
            continue;
        };
        let covered = lines.values().filter(|covered| **covered).count();
        of_crates.entry(name.to_owned()).or_default().add(Share { covered, all: lines.len() });
        for (line, _) in lines.iter().filter(|(_, covered)| !**covered) {
            uncovered.push(format!("{file}:{line}"));
        }
    }
    let list = folder().join("uncovered.txt");
    fs::write(&list, uncovered.join("\n") + "\n")?;
    let mut total = Share::default();
    for (name, share) in &of_crates {
        println!("{name:<20} {:>6} of {:>6} lines, {:.1} %", share.covered, share.all, share.percent());
        total.add(*share);
    }
    let lowest = of_crates.iter().min_by(|a, b| a.1.percent().total_cmp(&b.1.percent()));
    let (name, share) = lowest.context("no line was counted")?;
    let place = list.strip_prefix(workspace_root()).unwrap_or(&list).display().to_string();
    ensure!(total.percent() >= FEWEST, "{:.1} % of the lines are run; see {place}", total.percent());
    ensure!(
        share.percent() >= FEWEST_OF_A_CRATE,
        "{:.1} % of the lines of {name} are run; see {place}",
        share.percent()
    );
    Ok(format!(
        "{} of {} lines of {} libraries are run by tests, {:.1} %; fewest of {name}, {:.1} %",
        total.covered,
        total.all,
        of_crates.len(),
        total.percent(),
        share.percent()
    ))
}

fn folder() -> PathBuf {
    target_folder().join("coverage")
}

/// Builds and runs the tests, and gives the lines of every file.
fn measure(tools: &Tools, packages: &[&str]) -> Result<BTreeMap<String, Lines>> {
    let profiles = folder().join("profiles");
    if profiles.exists() {
        fs::remove_dir_all(&profiles)?;
    }
    fs::create_dir_all(&profiles)?;
    let wrapper = compiler_wrapper()?;
    let test = |last: &[&str]| {
        let mut command = cargo(["test", "--lib", "--bins", "--tests"]);
        command.args(packages).args(last).env("RUSTC_WORKSPACE_WRAPPER", &wrapper);
        // A file per program that all of its processes add to, or the tests of the command would fill the disk.
        command.env("LLVM_PROFILE_FILE", profiles.join("%4m.profraw"));
        command
    };
    let messages = output(&mut test(&["--no-run", "--quiet", "--message-format=json"]))?;
    let programs = executables(&messages)?;
    run(&mut test(&["--quiet", "--no-fail-fast", "--", "--skip", SLOW_WHERE_LINES_ARE_COUNTED]))?;
    let merged = folder().join("merged.profdata");
    let mut merge = Command::new(&tools.profdata);
    merge.args(["merge", "--sparse", "--failure-mode=all", "--output"]).arg(&merged).arg(&profiles);
    run(&mut merge)?;
    let mut export = Command::new(&tools.cov);
    export.args(["export", "--format=lcov", "--skip-functions", "--instr-profile"]).arg(&merged);
    for program in programs {
        export.arg("--object").arg(program);
    }
    read_lcov(&output(&mut export)?)
}

/// A program for cargo to run in place of the compiler, on packages of this workspace.
#[cfg(unix)]
fn compiler_wrapper() -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(folder())?;
    let wrapper = folder().join("rustc-that-counts");
    fs::write(&wrapper, "#!/bin/sh\nexec \"$@\" -Cinstrument-coverage\n")?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    Ok(wrapper)
}

#[cfg(not(unix))]
fn compiler_wrapper() -> Result<PathBuf> {
    bail!("the wrapper of the compiler is a shell script")
}

#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

fn executables(messages: &str) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        found.extend(serde_json::from_str::<Message>(line)?.executable);
    }
    ensure!(!found.is_empty(), "cargo built no program");
    Ok(found)
}

/// The lines of all files of this workspace in a report in the format of lcov, but for those of modules of tests.
fn read_lcov(report: &str) -> Result<BTreeMap<String, Lines>> {
    let mut files: BTreeMap<String, Lines> = BTreeMap::new();
    for record in report.split("end_of_record") {
        let path = record.lines().find_map(|line| line.strip_prefix("SF:"));
        let relative = path.and_then(|path| Path::new(path).strip_prefix(workspace_root()).ok());
        let Some(relative) = relative else { continue };
        let text = fs::read_to_string(workspace_root().join(relative))?;
        let tests = lines_of_tests(&text);
        let lines = files.entry(relative.display().to_string()).or_default();
        for entry in record.lines().filter_map(|line| line.strip_prefix("DA:")) {
            let (line, count) = entry.split_once(',').context("a line of lcov has a count")?;
            let line: usize = line.parse()?;
            if !tests.contains(&line) {
                *lines.entry(line).or_default() |= !count.starts_with('0');
            }
        }
    }
    Ok(files)
}

/// The lines of everything that is compiled for tests alone.
fn lines_of_tests(text: &str) -> BTreeSet<usize> {
    let code = code_of(text);
    let mut lines = BTreeSet::new();
    for (at, _) in code.match_indices("#[cfg(test)]") {
        // An item without a block of its own, such as `mod tests;`, is in a file of its own.
        let semicolon = code[at..].find(';').map_or(code.len(), |offset| at + offset);
        if let Some((_, end)) = block_after(&code, at)
            && code[at..].find('{').is_some_and(|offset| at + offset < semicolon)
        {
            let line_of = |place: usize| code[..place].matches('\n').count() + 1;
            lines.extend(line_of(at)..=line_of(end));
        }
    }
    lines
}

/// The folder of the library that a file belongs to.
fn library_of(file: &str) -> Option<&str> {
    let (name, rest) = file.strip_prefix("crates/")?.split_once('/')?;
    (rest.starts_with("src/") && !rest.ends_with("/tests.rs") && !NO_LIBRARIES.contains(&name))
        .then_some(name)
}

/// The programs of the compiler's LLVM that read what was counted.
struct Tools {
    profdata: PathBuf,
    cov: PathBuf,
}

impl Tools {
    /// From the environment, the toolchain's component llvm-tools, the system, or Debian.
    fn find() -> Result<Self> {
        let named = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
        if let (Some(profdata), Some(cov)) = (named("LLVM_PROFDATA"), named("LLVM_COV")) {
            return Ok(Self { profdata, cov });
        }
        let about = output(Command::new("rustc").arg("-vV"))?;
        let value = |key: &str| about.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
        let host = value("host:").context("rustc names its host")?;
        let version = value("LLVM version:").and_then(|version| version.split('.').next());
        let version = version.context("rustc names its LLVM")?;
        let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
        let component = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("bin");
        let places = [component, PathBuf::from(format!("/usr/lib/llvm-{version}/bin"))];
        let look = || {
            let of = |name: &str| {
                let mut found =
                    places.iter().map(|place| place.join(name)).filter(|program| program.is_file());
                found.next().or_else(|| on_path(&[&format!("{name}-{version}")]))
            };
            Some(Self { profdata: of("llvm-profdata")?, cov: of("llvm-cov")? })
        };
        if let Some(tools) = look() {
            return Ok(tools);
        }
        apt_install(&[&format!("llvm-{version}")]).context("there are no tools of the compiler's LLVM")?;
        match look() {
            Some(tools) => Ok(tools),
            None => bail!("apt-get installed no llvm-profdata of LLVM {version}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_tests_are_those_of_their_modules() {
        let text = "fn a() {}\n#[cfg(test)]\nmod b;\nfn c() {}\n#[cfg(test)]\nmod tests {\n    fn d() { \"}\" }\n}\nfn e() {}\n";
        assert_eq!(lines_of_tests(text), BTreeSet::from([5, 6, 7, 8]));
    }

    #[test]
    fn library_of_tests_and_programs_is_none() {
        assert_eq!(library_of("crates/rank/src/order.rs"), Some("rank"));
        for other in ["crates/rank/tests/parity.rs", "crates/cli/src/main.rs", "xtask/src/main.rs"] {
            assert_eq!(library_of(other), None, "{other}");
        }
    }

    #[test]
    fn executables_are_those_of_the_messages() {
        let messages = "{\"reason\":\"x\"}\n{\"executable\":null}\n{\"executable\":\"/a/b\"}\n";
        assert_eq!(executables(messages).unwrap(), BTreeSet::from([PathBuf::from("/a/b")]));
        assert!(executables("{}").is_err());
    }
}
