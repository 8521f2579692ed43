//! The Python package: its wheel, in fresh environments, and all that it is held to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::process::{run, target_folder, workspace_root};
use crate::python_env::{environment, install_wheel, new_environment, single_threaded};

/// The wheel may be so large, in bytes.
const LARGEST_WHEEL: u64 = 15_000_000;

/// Random calls of a short run, which meets every function and class several times.
const SHORT_CASES: u64 = 1000;

/// Hostile calls of a short run.
const SHORT_HOSTILE_CALLS: u64 = 1500;

#[derive(Args)]
pub(crate) struct PythonArguments {
    /// Random calls that are compared with cleanlab; `cargo xtask parity --python` makes the long run.
    #[arg(long, default_value_t = SHORT_CASES)]
    parity_cases: u64,
    /// Calls with arguments that no function should be given, none of which may end the interpreter.
    #[arg(long, default_value_t = SHORT_HOSTILE_CALLS)]
    hostile_calls: u64,
    /// Seed of both.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Default for PythonArguments {
    fn default() -> Self {
        Self { parity_cases: SHORT_CASES, hostile_calls: SHORT_HOSTILE_CALLS, seed: 1 }
    }
}

/// The folder of the package.
fn package() -> PathBuf {
    workspace_root().join("crates/python")
}

/// Builds the wheel and holds it to everything: tests, types, the surface of cleanlab, its answers, and the examples.
pub(crate) fn python(arguments: &PythonArguments) -> Result<()> {
    let python = tools()?;
    let wheel = build_wheel(&python)?;
    install_wheel(&python, &wheel)?;
    use_with_numpy_alone(&wheel)?;
    let mut tests = module(&python, "pytest");
    tests.args(["-q", "-p", "no:cacheprovider", "--config-file"]).arg(package().join("pyproject.toml"));
    tests.arg(package().join("tests"));
    tests.env("CLEANLAB_HOSTILE_CALLS", arguments.hostile_calls.to_string());
    tests.env("CLEANLAB_HOSTILE_SEED", arguments.seed.to_string());
    run(&mut tests)?;
    check_types(&python)?;
    run(single_threaded(&python, &package().join("tools/compare_surface.py")).arg("--check"))?;
    if arguments.parity_cases > 0 {
        compare(&python, arguments.parity_cases, arguments.seed, 0)?;
    }
    let examples = workspace_root().join("examples/python/run_examples.py");
    if examples.exists() {
        run(Command::new(&python).arg(&examples).current_dir(workspace_root()))?;
    }
    Ok(())
}

/// Gives cleanlab and the package the same random calls.
pub(crate) fn parity_of_calls(cases: u64, seed: u64, first: u64) -> Result<()> {
    let python = tools()?;
    install_wheel(&python, &build_wheel(&python)?)?;
    compare(&python, cases, seed, first)
}

fn compare(python: &Path, cases: u64, seed: u64, first: u64) -> Result<()> {
    let mut calls = single_threaded(python, &package().join("parity"));
    for (option, value) in [("--cases", cases), ("--seed", seed), ("--first", first)] {
        calls.arg(option).arg(value.to_string());
    }
    run(&mut calls)
}

/// The Python that has cleanlab, maturin and the tools of the tests.
fn tools() -> Result<PathBuf> {
    environment("python-env", &package().join("requirements-test.txt"))
}

/// A command that runs a module of Python.
fn module(python: &Path, name: &str) -> Command {
    let mut command = Command::new(python);
    // Without compiled files beside the tests, which no build would remove.
    command.args(["-B", "-m", name]).current_dir(workspace_root());
    command
}

/// Builds the wheel for release with the maturin of that environment, and gives its path.
pub(crate) fn build_wheel(python: &Path) -> Result<PathBuf> {
    let folder = target_folder().join("wheels");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("could not remove the old wheel")?;
    }
    let mut build = module(python, "maturin");
    build.args(["build", "--release", "--quiet", "--compatibility", "linux", "--manifest-path"]);
    build.arg(package().join("Cargo.toml")).arg("--out").arg(&folder);
    build.arg("--interpreter").arg(python).env("CARGO_TARGET_DIR", target_folder());
    run(&mut build)?;
    let mut wheels = fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let wheel = wheels.find(|path| path.extension().is_some_and(|ending| ending == "whl"));
    let wheel = wheel.context("maturin made no wheel")?;
    let size = fs::metadata(&wheel)?.len();
    println!("the wheel has {:.1} MB, at most {:.0}", size as f64 / 1e6, LARGEST_WHEEL as f64 / 1e6);
    ensure!(size <= LARGEST_WHEEL, "{} is too large", wheel.display());
    Ok(wheel)
}

/// Installs the wheel as a stranger would, with NumPy as all that it brings along, and uses it there.
fn use_with_numpy_alone(wheel: &Path) -> Result<()> {
    let python = new_environment("python-bare-env")?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(&python).args(install).arg(wheel))?;
    run(Command::new(&python).arg("-B").arg(package().join("tests/numpy_alone.py")))
}

/// Types: `mypy --strict` over the package, and the stubs beside what they describe.
fn check_types(python: &Path) -> Result<()> {
    let configuration = package().join("pyproject.toml");
    let mut mypy = module(python, "mypy");
    mypy.args(["--strict", "--package", "cleanlab_rs", "--config-file"]).arg(&configuration);
    mypy.arg("--cache-dir").arg(target_folder().join("mypy"));
    run(&mut mypy)?;
    let mut stubtest = module(python, "mypy.stubtest");
    stubtest.args(["cleanlab_rs", "--concise", "--mypy-config-file"]).arg(&configuration);
    let allowed = package().join("stubtest_allowed.txt");
    if allowed.exists() {
        stubtest.arg("--allowlist").arg(allowed);
    }
    run(&mut stubtest)
}
