//! The virtual environment in which the reference runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{run, target_folder, workspace_root};

/// The folder with the scripts that record from the reference.
pub(crate) fn scripts() -> PathBuf {
    workspace_root().join("crates/testkit/golden")
}

/// The Python of the reference's environment, which is made on first use and whenever its requirements change.
pub(crate) fn reference_python() -> Result<PathBuf> {
    environment("reference-env", &scripts().join("requirements.txt"))
}

/// The Python of an environment below the target folder with what a file requires.
pub(crate) fn environment(name: &str, requirements: &Path) -> Result<PathBuf> {
    let folder = target_folder().join(name);
    let python = python_of(&folder);
    let wanted = fs::read_to_string(requirements).context("requirements of an environment")?;
    let stamp = folder.join("requirements.stamp");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let python = new_environment(name)?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(Command::new(&python).args(install).arg(requirements))?;
    fs::write(stamp, wanted)?;
    Ok(python)
}

/// The Python of an environment below the target folder that has nothing yet, in place of any of that name.
pub(crate) fn new_environment(name: &str) -> Result<PathBuf> {
    let folder = target_folder().join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).context("could not remove the outdated environment")?;
    }
    run(Command::new(system_python()?).args(["-m", "venv"]).arg(&folder))?;
    Ok(python_of(&folder))
}

fn python_of(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// Puts a wheel into an environment, in place of any version that is there; what it depends on has to be there.
pub(crate) fn install_wheel(python: &Path, wheel: &Path) -> Result<()> {
    let install =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--force-reinstall"];
    run(Command::new(python).args(install).arg(wheel))
}

pub(crate) fn system_python() -> Result<&'static str> {
    for name in ["python3.11", "python3", "python"] {
        if Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()) {
            return Ok(name);
        }
    }
    bail!("no Python found; install Python 3.11 or later to run cleanlab beside this workspace")
}

/// A command that runs one of the recording scripts, on one thread.
pub(crate) fn script(name: &str) -> Result<Command> {
    script_at(&scripts().join(name))
}

/// A command that runs a Python file in the reference's environment, on one thread.
pub(crate) fn script_at(path: &Path) -> Result<Command> {
    Ok(single_threaded(&reference_python()?, path))
}

/// A command that runs a Python file, on one thread.
pub(crate) fn single_threaded(python: &Path, path: &Path) -> Command {
    let mut command = Command::new(python);
    command.arg(path).current_dir(workspace_root());
    command.env("OMP_NUM_THREADS", "1").env("OPENBLAS_NUM_THREADS", "1");
    command
}
