//! The same answers as cleanlab 2.9.0, on more data sets than every change is held to.

use std::fs;

use anyhow::Result;

use super::Effort;
use crate::kept_tallies;
use crate::parity::{ParityArguments, compare};
use crate::process::target_folder;

/// Not the seed of `cargo xtask test`, so that these are other data sets.
const SEED: u64 = 2;

/// Compares the crates in some areas; what differs becomes a small fixture, as `cargo xtask parity` says.
pub(super) fn long_parity(areas: &[&str], effort: Effort) -> Result<String> {
    let is_installed = target_folder().join("reference-env/requirements.stamp").exists();
    if effort == Effort::Short && !is_installed {
        return Ok("not compared, as cleanlab is not installed, which `cargo xtask parity` does".to_owned());
    }
    let cases = if effort == Effort::Long { 10_000 } else { 10 };
    let areas: Vec<String> = areas.iter().map(|&area| area.to_owned()).collect();
    let kept = kept_tallies::folder().join(format!("parity_{}", areas.join("_")));
    let arguments = ParityArguments { cases: Some(cases), seed: SEED, areas, ..ParityArguments::default() };
    let compared = match effort {
        Effort::Short => compare(&arguments, None)?,
        Effort::Long => {
            let compared = compare(&arguments, Some(&kept))?;
            // The next long run begins anew.
            fs::remove_dir_all(kept)?;
            compared
        }
    };
    Ok(format!(
        "{} calls of {} functions on {cases} data sets of seed {SEED}, 0 mismatches",
        compared.calls, compared.functions
    ))
}
