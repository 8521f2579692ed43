//! The rules of docs/ARCHITECTURE.md that a program can check.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::bench::outdated_documents;
use crate::process::{cargo, output, workspace_root};

/// Who may depend on whom, by folder below `crates/`: the table of docs/ARCHITECTURE.md. What a crate depends on may
/// in turn be used directly.
const ARROWS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("count", &["core"]),
    ("noise-generation", &["core"]),
    ("rank", &["count"]),
    ("dataset", &["count"]),
    ("filter", &["count", "rank"]),
    ("multilabel", &["count", "rank", "filter", "dataset"]),
    ("neighbors", &["core"]),
    ("outlier", &["count", "neighbors"]),
    ("data-valuation", &["neighbors"]),
    ("learning", &["count", "rank", "filter", "neighbors"]),
    ("regression", &["outlier", "learning"]),
    ("table", &["core"]),
    ("stream", &["table", "count", "rank", "filter", "dataset"]),
    ("testkit", &[]),
];

/// Crates that may depend on any other: they only compose.
const COMPOSERS: &[&str] = &["datalab", "report", "cleanlab", "cli", "python"];

/// Crates that no published crate may use outside its tests.
const UNPUBLISHED: &[&str] = &["testkit"];

/// A source file longer than this is more than one thing.
const MAX_LINES: usize = 600;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

pub(crate) fn tidy() -> Result<()> {
    let metadata = output(&mut cargo(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Metadata = serde_json::from_str(&metadata).context("cargo metadata")?;
    let mut complaints = check_arrows(&metadata);
    complaints.extend(check_crate_pages(&metadata)?);
    complaints.extend(check_files(workspace_root())?);
    complaints.extend(outdated_documents()?);
    for complaint in &complaints {
        println!("tidy: {complaint}");
    }
    if !complaints.is_empty() {
        bail!("{} complaints", complaints.len());
    }
    println!("tidy: {} packages in order", metadata.packages.len());
    Ok(())
}

/// The folder name of a package below `crates/`, if it lies there.
fn crate_folder(package: &Package) -> Option<&str> {
    let folder = Path::new(&package.manifest_path).parent()?;
    (folder.parent()?.file_name()? == "crates").then(|| folder.file_name()?.to_str()).flatten()
}

fn check_arrows(metadata: &Metadata) -> Vec<String> {
    let folders: BTreeMap<&str, &str> = metadata
        .packages
        .iter()
        .filter_map(|package| Some((package.name.as_str(), crate_folder(package)?)))
        .collect();
    let mut complaints = Vec::new();
    for package in &metadata.packages {
        let Some(folder) = crate_folder(package) else {
            continue;
        };
        let Some(allowed) = allowed_dependencies(folder) else {
            complaints
                .push(format!("crates/{folder} is not in the table of crates; add it to xtask/src/tidy.rs"));
            continue;
        };
        for dependency in &package.dependencies {
            let Some(&target) = folders.get(dependency.name.as_str()) else {
                if dependency.path.is_some() {
                    complaints.push(format!("crates/{folder} depends on {} by path", dependency.name));
                }
                continue;
            };
            let is_test = dependency.kind.as_deref() == Some("dev");
            if UNPUBLISHED.contains(&target) {
                if !is_test {
                    complaints.push(format!("crates/{folder} uses crates/{target} outside its tests"));
                }
            } else if !is_test && !COMPOSERS.contains(&folder) && !allowed.contains(target) {
                complaints.push(format!("crates/{folder} must not depend on crates/{target}"));
            }
        }
    }
    complaints
}

/// Everything that the arrows lead to from a crate, or `None` for a crate that the table does not know.
fn allowed_dependencies(folder: &str) -> Option<BTreeSet<&'static str>> {
    if COMPOSERS.contains(&folder) {
        return Some(BTreeSet::new());
    }
    let direct = |folder: &str| ARROWS.iter().find(|(name, _)| *name == folder).map(|(_, targets)| *targets);
    let mut open: Vec<&'static str> = direct(folder)?.to_vec();
    let mut reached = BTreeSet::new();
    while let Some(target) = open.pop() {
        if reached.insert(target) {
            open.extend(direct(target).unwrap_or_default());
        }
    }
    Some(reached)
}

fn check_crate_pages(metadata: &Metadata) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for package in &metadata.packages {
        let Some(folder) = crate_folder(package) else {
            continue;
        };
        let library = workspace_root().join("crates").join(folder).join("src/lib.rs");
        if !library.exists() || UNPUBLISHED.contains(&folder) {
            continue;
        }
        let source = fs::read_to_string(&library)?;
        let page: Vec<&str> = source.lines().take_while(|line| line.starts_with("//!")).collect();
        if page.is_empty() {
            complaints.push(format!("crates/{folder}/src/lib.rs has no crate page"));
        }
        for part in ["# A one-minute example", "# When not to use it"] {
            if !page.iter().any(|line| line.contains(part)) {
                complaints.push(format!("the crate page of crates/{folder} lacks `{part}`"));
            }
        }
    }
    Ok(complaints)
}

fn check_files(root: &Path) -> Result<Vec<String>> {
    let listed = output(
        std::process::Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(root),
    )?;
    let mut complaints = Vec::new();
    for file in listed.lines().map(Path::new).filter(|file| root.join(file).exists()) {
        let is_rust = file.extension().is_some_and(|ending| ending == "rs");
        let is_test = file.components().any(|part| part.as_os_str() == "tests");
        if is_rust && !is_test {
            let lines = fs::read_to_string(root.join(file))?.lines().count();
            if lines > MAX_LINES {
                complaints.push(format!("{} has {lines} lines; split it below {MAX_LINES}", file.display()));
            }
        }
        let vague = ["utils", "util", "helpers", "internal", "misc", "common"];
        let stem = |part: &str| part.trim_end_matches(".rs").to_owned();
        if is_rust
            && file
                .components()
                .any(|part| vague.contains(&stem(&part.as_os_str().to_string_lossy()).as_str()))
        {
            complaints.push(format!("{}: the name does not tell what is inside", file.display()));
        }
    }
    Ok(complaints)
}
