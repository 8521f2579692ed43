//! Pages of the report in a browser.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::installed_programs::{apt_install, on_path};
use crate::process::{build_workspace, run, target_folder, workspace_root};
use crate::python_env::system_python;

/// Names under which Chromium is installed.
const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Opens the report's pages in a headless Chromium and uses them. Where there is none it is installed with apt; where
/// that cannot be done either, nothing is checked, and the last line says so.
pub(crate) fn browser() -> Result<()> {
    let Some((python, program)) = program() else { return Ok(()) };
    let folder = target_folder().join("browser");
    fs::create_dir_all(&folder).context("could not make a folder for pages")?;
    let page = |report: &str| folder.join(format!("{report}.html"));
    let programs = build_workspace()?;
    for report in ["hostile", "large"] {
        run(Command::new(programs.join("examples/render_page")).arg(report).arg(page(report)))?;
    }
    let script = workspace_root().join("crates/report/tests/browser/check_page.py");
    // Without compiled files beside the script, which no build would remove.
    run(Command::new(python).arg("-B").arg(script).arg(program).arg(page("hostile")).arg(page("large")))
}

/// Python and Chromium, which is installed where it is lacking; says so if that cannot be.
pub(crate) fn program() -> Option<(&'static str, PathBuf)> {
    let Ok(python) = system_python() else {
        skipped("there is no Python 3");
        return None;
    };
    match installed_browser().map_or_else(install, Ok) {
        Ok(program) => Some((python, program)),
        Err(error) => {
            skipped(&format!("{error:#}"));
            None
        }
    }
}

fn skipped(why: &str) {
    println!("browser: SKIPPED, no page was opened: {why}");
    println!(
        "browser: install chromium, or name a browser in CLEANLAB_BROWSER, and run `cargo xtask browser`"
    );
}

/// The browser in `CLEANLAB_BROWSER`, or the first on the path.
fn installed_browser() -> Option<PathBuf> {
    if let Some(program) = std::env::var_os("CLEANLAB_BROWSER") {
        return Some(program.into());
    }
    on_path(&PROGRAMS)
}

/// Installs Debian's Chromium.
fn install() -> Result<PathBuf> {
    apt_install(&["chromium", "fonts-dejavu-core"]).context("no Chromium")?;
    on_path(&PROGRAMS).context("apt-get installed no Chromium")
}
