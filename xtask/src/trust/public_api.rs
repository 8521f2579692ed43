//! That what is public is documented, and can grow without breaking who uses it.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::Effort;
use super::rust_source::{RustFile, has_word, rust_files};
use crate::process::{cargo, run, workspace_root};

/// The lints that decide it, which see what is exported from where.
const LINTS: [&str; 3] = ["missing_docs", "exhaustive_enums", "exhaustive_structs"];

/// Has clippy look, as for every change, and that nobody silences it without a reason.
pub(super) fn public_api(_effort: Effort) -> Result<String> {
    let manifest = fs::read_to_string(workspace_root().join("Cargo.toml"))?;
    for lint in LINTS {
        ensure!(manifest.contains(&format!("\n{lint} = \"warn\"\n")), "Cargo.toml does not ask for {lint}");
    }
    let files = rust_files()?;
    let exceptions = exceptions(&files)?;
    // The same command as in `ci`, so that it is at hand there.
    run(&mut cargo(["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"]))?;
    let public = files.iter().filter(|file| file.path.starts_with("crates/") && file.path.contains("/src/"));
    let types: usize = public.map(|file| count_of_public_types(&file.code)).sum();
    Ok(format!(
        "all public items documented; of {types} public structs and enums {exceptions} say why they are complete, and \
         all others are non-exhaustive or have private fields"
    ))
}

/// How many types are excepted from the lints.
fn exceptions(files: &[RustFile]) -> Result<usize> {
    let mut count = 0;
    for file in files {
        for (at, _) in file.code.match_indices("allow(") {
            let attribute = file.code[at..].split(']').next().context("split gives a first part")?;
            if LINTS.iter().any(|lint| has_word(attribute, lint)) {
                ensure!(has_word(attribute, "reason"), "{} lets off a lint without a reason", file.path);
                count += usize::from(!has_word(attribute, "missing_docs"));
            }
        }
    }
    Ok(count)
}

fn count_of_public_types(code: &str) -> usize {
    let starts = |line: &&str| line.starts_with("pub struct ") || line.starts_with("pub enum ");
    code.lines().filter(starts).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_without_a_reason_are_refused() {
        let file = |code: &str| RustFile { path: "a.rs".to_owned(), code: code.to_owned() };
        let reasoned = "#[allow(clippy::exhaustive_enums, reason = \"  \")]\npub enum A {}";
        assert_eq!(exceptions(&[file(reasoned), file("#[allow(dead_code)]")]).unwrap(), 1);
        assert!(exceptions(&[file("#[allow(clippy::exhaustive_enums)]\npub enum A {}")]).is_err());
        assert!(exceptions(&[file("#![allow(missing_docs)]")]).is_err());
        assert_eq!(count_of_public_types(&format!("{reasoned}\npub(crate) struct B;\npub struct C;")), 2);
    }
}
