//! Recording the golden fixtures.

use std::fs;

use anyhow::{Context, Result};

use crate::parity::{AREAS, script_of};
use crate::process::{run, workspace_root};
use crate::python_env::{script, scripts};

/// Data sets of each area in the committed parity fixtures.
const GOLDEN_CASES: &str = "16";

pub(crate) fn golden() -> Result<()> {
    let fixtures = workspace_root().join("crates/testkit/fixtures");
    let parity = fixtures.join("parity");
    if parity.exists() {
        fs::remove_dir_all(&parity).context("could not remove the old parity fixtures")?;
    }
    for area in AREAS {
        let mut reference = script(&script_of(area))?;
        reference.args(["--golden", "--cases", GOLDEN_CASES, "--seed", "2026", "--out"]).arg(&parity);
        run(&mut reference)?;
    }
    // Every other recording script writes its own fixtures without arguments.
    let mut recorders: Vec<_> = fs::read_dir(scripts())?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("record_") && name.strip_suffix(".py").is_some())
        .collect();
    recorders.sort();
    for recorder in recorders {
        run(&mut script(&recorder)?)?;
    }
    Ok(())
}
