//! Where unsafe code may be, and that it is nowhere else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::Effort;
use super::rust_source::{RustFile, has_word, rust_files};
use crate::process::workspace_root;

/// The bullet of docs/ARCHITECTURE.md that names the files with unsafe code.
const BULLET: &str = "- `unsafe_code` is denied.";

/// Compares the files with unsafe code with those that docs/ARCHITECTURE.md names, and looks for the lint.
pub(super) fn unsafe_code(_effort: Effort) -> Result<String> {
    let document = fs::read_to_string(workspace_root().join("docs/ARCHITECTURE.md"))?;
    let named = named_files(&document)?;
    let files = rust_files()?;
    let manifests = manifests()?;
    let mut complaints = complaints_of_files(&files, &named);
    complaints.extend(complaints_of_roots(&files, &named));
    complaints.extend(complaints_of_manifests(&manifests));
    ensure!(complaints.is_empty(), "{}", complaints.join("; "));
    let forbidding = files.iter().filter(|file| forbids(file)).count();
    Ok(format!(
        "{} of {} files have unsafe code, the {} that ARCHITECTURE.md names; {forbidding} of {} crates forbid it",
        named.len(),
        files.len(),
        named.len(),
        files.iter().filter(|file| is_root(&file.path)).count(),
    ))
}

/// The files in the bullet.
fn named_files(document: &str) -> Result<BTreeSet<String>> {
    let start = document.find(BULLET).with_context(|| format!("ARCHITECTURE.md has no `{BULLET}`"))?;
    let bullet = &document[start..];
    let bullet = &bullet[..bullet[1..].find("\n- ").map_or(bullet.len(), |end| end + 1)];
    let words = bullet.split('`').skip(1).step_by(2);
    Ok(words
        .filter(|word| Path::new(word).extension().is_some_and(|ending| ending == "rs"))
        .map(str::to_owned)
        .collect())
}

fn has_unsafe_code(file: &RustFile) -> bool {
    has_word(&file.code, "unsafe") || allows(file)
}

/// Whether the lint is let off in the file; `forbid` and `deny` of it are not.
fn allows(file: &RustFile) -> bool {
    ["allow", "expect", "warn"].iter().any(|level| {
        file.code.match_indices(&format!("{level}(")).any(|(at, _)| {
            let arguments = file.code[at..].split(')').next().unwrap_or_default();
            has_word(arguments, "unsafe_code")
        })
    })
}

fn complaints_of_files(files: &[RustFile], named: &BTreeSet<String>) -> Vec<String> {
    let found: BTreeSet<String> =
        files.iter().filter(|file| has_unsafe_code(file)).map(|file| file.path.clone()).collect();
    let unnamed = found
        .difference(named)
        .map(|path| format!("{path} has unsafe code that ARCHITECTURE.md does not name"));
    let gone = named
        .difference(&found)
        .map(|path| format!("{path} is named in ARCHITECTURE.md and has no unsafe code"));
    unnamed.chain(gone).collect()
}

/// Whether a file is where a crate begins, tests and examples apart, which come under the lint of the workspace.
fn is_root(path: &str) -> bool {
    path.ends_with("src/lib.rs") || path.ends_with("src/main.rs")
}

fn forbids(file: &RustFile) -> bool {
    is_root(&file.path) && file.code.contains("#![forbid(unsafe_code)]")
}

/// A crate without exceptions forbids unsafe code, so that none of its modules can allow it.
fn complaints_of_roots(files: &[RustFile], named: &BTreeSet<String>) -> Vec<String> {
    let roots = files.iter().filter(|file| is_root(&file.path) && !forbids(file));
    let missing = roots.filter(|root| {
        let folder = root.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        !named.iter().any(|path| path.starts_with(folder))
    });
    missing.map(|root| format!("{} lacks #![forbid(unsafe_code)]", root.path)).collect()
}

struct Manifest {
    path: String,
    text: String,
}

fn manifests() -> Result<Vec<Manifest>> {
    let root = workspace_root();
    let mut paths = vec!["Cargo.toml".to_owned()];
    for folder in ["xtask", "benches", "examples"] {
        paths.push(format!("{folder}/Cargo.toml"));
    }
    for entry in fs::read_dir(root.join("crates"))? {
        paths.push(format!("crates/{}/Cargo.toml", entry?.file_name().to_string_lossy()));
    }
    if paths.len() < 5 {
        bail!("no crates found");
    }
    let read = |path: String| {
        let text = fs::read_to_string(root.join(&path)).with_context(|| path.clone())?;
        Ok(Manifest { path, text })
    };
    paths.into_iter().map(read).collect()
}

/// The lint stands in the manifest of the workspace, and every package takes the lints from there.
fn complaints_of_manifests(manifests: &[Manifest]) -> Vec<String> {
    let lacks = |manifest: &&Manifest| match manifest.path.as_str() {
        "Cargo.toml" => !manifest.text.contains("\nunsafe_code = \"deny\"\n"),
        _ => !manifest.text.contains("[lints]\nworkspace = true\n"),
    };
    let lacking = manifests.iter().filter(lacks);
    lacking.map(|manifest| format!("{} does not have the lint against unsafe code", manifest.path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::rust_source::code_of;

    fn file(path: &str, text: &str) -> RustFile {
        RustFile { path: path.to_owned(), code: code_of(text) }
    }

    #[test]
    fn complaints_of_unnamed_unsafe_code_name_the_file() {
        let named = named_files(&format!("x\n{BULLET} One: `a/src/b.rs`.\n- Next `c.rs`.\n")).unwrap();
        assert_eq!(named, BTreeSet::from(["a/src/b.rs".to_owned()]));
        let fine =
            [file("a/src/b.rs", "unsafe {}"), file("d/src/lib.rs", "#![forbid(unsafe_code)] // unsafe")];
        assert_eq!(complaints_of_files(&fine, &named), Vec::<String>::new());
        let hidden =
            [file("a/src/b.rs", "unsafe {}"), file("d.rs", "#[allow(\n    unsafe_code,\n)] fn f() {}")];
        assert_eq!(complaints_of_files(&hidden, &named).len(), 1);
        assert_eq!(complaints_of_files(&[], &named).len(), 1);
    }

    #[test]
    fn complaints_of_roots_without_forbid_are_one_each() {
        let named = BTreeSet::from(["a/src/b.rs".to_owned()]);
        let roots = [
            file("a/src/lib.rs", ""),
            file("c/src/lib.rs", "// #![forbid(unsafe_code)]"),
            file("d/src/lib.rs", "#![forbid(unsafe_code)]"),
        ];
        let complaints = complaints_of_roots(&roots, &named);
        assert_eq!(complaints, ["c/src/lib.rs lacks #![forbid(unsafe_code)]"]);
    }

    #[test]
    fn complaints_of_manifests_without_lints_are_one_each() {
        let manifest = |path: &str, text: &str| Manifest { path: path.to_owned(), text: text.to_owned() };
        let complaints = complaints_of_manifests(&[
            manifest("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"deny\"\n"),
            manifest("xtask/Cargo.toml", "[lints]\nworkspace = true\n"),
            manifest("crates/a/Cargo.toml", "[package]\n"),
        ]);
        assert_eq!(complaints.len(), 1);
    }
}
