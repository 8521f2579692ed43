//! What others' code this workspace takes in: from where, under which licences, how often, and from which version on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::Effort;
use super::licences::is_allowed;
use super::tools::{Tool, subcommand};
use super::workspace_copy::copy_workspace;
use crate::process::{cargo, output, run, target_folder, workspace_root};

const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };

/// The only place that packages may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What SECURITY.md has to tell.
const SECURITY_HEADINGS: [&str; 4] =
    ["## Reporting", "## What counts", "## What is promised of files", "## Supported versions"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

/// What this file reads of deny.toml; cargo-deny reads all of it.
#[derive(Deserialize)]
struct Rules {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    #[serde(default)]
    skip: Vec<Skip>,
}

#[derive(Deserialize)]
struct Skip {
    #[serde(rename = "crate")]
    package: String,
    reason: String,
}

/// Lock file, sources, licences and duplicates; cargo-deny where it is installed.
///
/// The long form installs it, asks for advisories where their database can be had, and builds everything with the oldest
/// versions that the manifests admit.
pub(super) fn supply_chain(effort: Effort) -> Result<String> {
    let lock = fs::read_to_string(workspace_root().join("Cargo.lock"))?;
    output(
        Command::new("git").args(["ls-files", "--error-unmatch", "Cargo.lock"]).current_dir(workspace_root()),
    )
    .context("Cargo.lock is not committed")?;
    let metadata = output(&mut cargo(["metadata", "--locked", "--all-features", "--format-version", "1"]))
        .context("Cargo.lock is not what the manifests ask for")?;
    let metadata: Metadata = serde_json::from_str(&metadata)?;
    let rules: Rules = toml::from_str(&fs::read_to_string(workspace_root().join("deny.toml"))?)?;
    let mut complaints = complaints_of_lock(&lock);
    complaints.extend(complaints_of_packages(&metadata.packages, &rules));
    complaints.extend(complaints_of_security_page());
    ensure!(complaints.is_empty(), "{}", complaints.join("; "));
    let mut figures = vec![format!(
        "{} packages, all of crates.io with a checksum in the committed lock file and an allowed licence; {} are older \
         versions of another, each with a reason",
        metadata.packages.iter().filter(|package| package.source.is_some()).count(),
        rules.bans.skip.len()
    )];
    let cargo_deny =
        if effort == Effort::Long { Some(CARGO_DENY.install()?) } else { CARGO_DENY.installed() };
    match cargo_deny {
        Some(program) => {
            run(subcommand(program.clone(), "--locked").args([
                "check",
                // Some that stand in the lock file are never compiled, which cargo-deny knows and the lock file does not.
                "--allow",
                "unmatched-skip",
                "bans",
                "licenses",
                "sources",
            ]))?;
            figures.push(format!("cargo-deny {} is content", CARGO_DENY.version));
            if effort == Effort::Long {
                figures.push(advisories(&program)?);
            }
        }
        None => figures.push("cargo-deny is not installed, which the long form does".to_owned()),
    }
    if effort == Effort::Long {
        figures.push(minimal_versions()?);
    }
    Ok(figures.join("; "))
}

/// Every package of the lock file that is not ours comes from crates.io and has a checksum.
fn complaints_of_lock(lock: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for entry in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            let line = entry.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
            line.map(|rest| rest.trim_end_matches('"'))
        };
        let name = value("name").unwrap_or("?");
        match value("source") {
            None if name.starts_with("cleanlab") || name == "xtask" => {}
            None => complaints.push(format!("{name} comes from a path")),
            Some(REGISTRY) if value("checksum").is_some_and(|sum| sum.len() == 64) => {}
            Some(REGISTRY) => complaints.push(format!("{name} has no checksum in Cargo.lock")),
            Some(other) => complaints.push(format!("{name} comes from {other}")),
        }
    }
    if complaints.is_empty() && !lock.contains("[[package]]") {
        complaints.push("Cargo.lock lists no package".to_owned());
    }
    complaints
}

fn complaints_of_packages(packages: &[Package], rules: &Rules) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().insert(&package.version);
        let mut allowed = rules.licenses.allow.clone();
        let exceptions = rules.licenses.exceptions.iter().filter(|exception| exception.name == package.name);
        allowed.extend(exceptions.flat_map(|exception| exception.allow.clone()));
        match &package.license {
            Some(licence) if is_allowed(licence, &allowed) => {}
            Some(licence) => {
                complaints.push(format!("{} {} is under {licence}", package.name, package.version));
            }
            None => complaints.push(format!("{} {} names no licence", package.name, package.version)),
        }
    }
    let is_skipped = |name: &str, version: &str| {
        let mut skips = rules.bans.skip.iter().filter_map(|skip| skip.package.split_once('@'));
        skips.any(|(skipped, of)| skipped == name && format!("{version}.").starts_with(&format!("{of}.")))
    };
    for (name, found) in &versions {
        let unnamed: Vec<&str> = found.iter().copied().filter(|version| !is_skipped(name, version)).collect();
        if unnamed.len() > 1 {
            complaints
                .push(format!("{name} is there as {}, and deny.toml says not why", unnamed.join(" and ")));
        }
    }
    for skip in &rules.bans.skip {
        let name = skip.package.split('@').next().unwrap_or_default();
        if skip.reason.is_empty() || versions.get(name).is_none_or(|found| found.len() < 2) {
            complaints
                .push(format!("deny.toml skips {}, which is not twice there or has no reason", skip.package));
        }
    }
    complaints
}

fn complaints_of_security_page() -> Vec<String> {
    let page = fs::read_to_string(workspace_root().join("SECURITY.md")).unwrap_or_default();
    let lacks = |heading: &&&str| !page.lines().any(|line| line == **heading);
    SECURITY_HEADINGS.iter().filter(lacks).map(|heading| format!("SECURITY.md lacks `{heading}`")).collect()
}

/// Known defects of what is used, where the database of known weaknesses is at hand or can be fetched.
fn advisories(program: &Path) -> Result<String> {
    let check = |offline: &[&str]| {
        let mut command = subcommand(program.to_path_buf(), "--locked");
        command.args(offline);
        command
    };
    let fetched = output(check(&[]).args(["fetch", "db"])).is_ok();
    let has_copy = std::env::var_os("CARGO_HOME")
        .map(std::path::PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .and_then(|home| fs::read_dir(home.join("advisory-dbs")).ok())
        .is_some_and(|mut entries| entries.any(|entry| entry.is_ok_and(|entry| entry.path().is_dir())));
    if !fetched && !has_copy {
        return Ok("advisories not looked up, as their database could not be fetched".to_owned());
    }
    let offline: &[&str] = if fetched { &[] } else { &["--offline"] };
    run(check(offline).args(["check", "advisories"]))?;
    Ok("no known advisory".to_owned())
}

/// Builds all libraries and programs with the oldest version of each dependency that our manifests admit.
///
/// Cargo resolves such versions only where unstable options are let through, which touches the resolution alone: what
/// comes of it is checked without.
fn minimal_versions() -> Result<String> {
    let folder = target_folder().join("minimal-versions");
    let copy = folder.join("workspace");
    copy_workspace(&copy)?;
    fs::remove_file(copy.join("Cargo.lock"))?;
    let in_copy = |arguments: &[&str]| {
        let mut command = cargo(arguments);
        command.current_dir(&copy).env("CARGO_TARGET_DIR", folder.join("target"));
        command
    };
    let resolve = ["generate-lockfile", "-Z", "direct-minimal-versions"];
    run(in_copy(&resolve).env("RUSTC_BOOTSTRAP", "1")).context("the oldest versions do not fit together")?;
    run(&mut in_copy(&["check", "--workspace", "--locked", "--quiet"]))
        .context("something needs more than the oldest version that its manifest asks for")?;
    Ok("everything builds with the oldest versions that the manifests admit".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKED: &str = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\
        source = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"SUM\"\n\
        [[package]]\nname = \"cleanlab-core\"\nversion = \"0.1.0\"\n";

    fn package(name: &str, version: &str, license: &str) -> Package {
        let license = Some(license.to_owned()).filter(|license| !license.is_empty());
        Package { name: name.to_owned(), version: version.to_owned(), license, source: None }
    }

    fn rules() -> Rules {
        toml::from_str(
            "[licenses]\nallow = [\"MIT\"]\nexceptions = [{ crate = \"b\", allow = [\"MPL-2.0\"] }]\n\
             [bans]\nskip = [{ crate = \"a@0.2\", reason = \"c\" }]\n",
        )
        .unwrap()
    }

    #[test]
    fn complaints_of_lock_foreign_sources_and_missing_checksums_are_named() {
        let fine = LOCKED.replace("SUM", &"0".repeat(64));
        assert_eq!(complaints_of_lock(&fine), Vec::<String>::new());
        assert_eq!(complaints_of_lock(LOCKED).len(), 1);
        assert_eq!(complaints_of_lock(&fine.replace("crates.io", "other")).len(), 1);
        assert_eq!(complaints_of_lock(&fine.replace("cleanlab-core", "stranger")).len(), 1);
        assert_eq!(complaints_of_lock("").len(), 1);
    }

    #[test]
    fn complaints_of_packages_licences_and_unexplained_duplicates_are_named() {
        let fine = vec![
            package("a", "0.2.1", "MIT"),
            package("a", "0.3.0", "MIT"),
            package("b", "1.0.0", "MPL-2.0"),
        ];
        assert_eq!(complaints_of_packages(&fine, &rules()), Vec::<String>::new());
        let added = |added: Package| {
            let more = [package("a", "0.2.1", "MIT"), package("a", "0.3.0", "MIT"), added];
            complaints_of_packages(&more, &rules())
        };
        assert_eq!(added(package("c", "1.0.0", "GPL-3.0")), ["c 1.0.0 is under GPL-3.0"]);
        assert_eq!(added(package("c", "1.0.0", "")), ["c 1.0.0 names no licence"]);
        assert_eq!(added(package("a", "0.20.0", "MIT")).len(), 1);
        assert_eq!(complaints_of_packages(&[package("a", "0.3.0", "MIT")], &rules()).len(), 1);
    }
}
