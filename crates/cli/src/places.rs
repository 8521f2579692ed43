//! Whether what a command writes would take the place of what it reads, or of something else that it writes.
//!
//! This is asked before anything is read, so that no work is lost and nothing is written.

use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use cleanlab_datalab::SavedAudit;

use crate::printable::path as text_of;

/// Links to links that are followed before a file that is not there is taken for what it is called.
const MOST_LINKS: usize = 40;

/// The files and folders that a command reads and writes.
#[derive(Debug, Default)]
pub(crate) struct Places {
    inputs: Vec<Place>,
    files: Vec<Place>,
    folders: Vec<Place>,
    /// Files in the folders.
    results: Vec<Place>,
    audits: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    /// The option that names it.
    option: &'static str,
    /// As it was given.
    given: PathBuf,
    /// Without links and detours.
    real: PathBuf,
}

impl Place {
    fn new(option: &'static str, given: &Path) -> Self {
        Self { option, given: given.to_owned(), real: real_path(given) }
    }

    fn is_in(&self, folder: &Self) -> bool {
        self.real.starts_with(&folder.real)
    }

    /// Whether writing to one changes the other. Devices and pipes keep nothing that could be lost.
    fn is_same_file(&self, other: &Self) -> bool {
        let (Ok(a), Ok(b)) = (fs::metadata(&self.real), fs::metadata(&other.real)) else {
            return self.real == other.real;
        };
        let keeps = |data: &fs::Metadata| data.is_file() || data.is_dir();
        keeps(&a) && keeps(&b) && (self.real == other.real || are_hard_links(&a, &b))
    }

    /// The option and what it names.
    fn text(&self) -> String {
        format!("{} {}", self.option, text_of(&self.given))
    }
}

#[cfg(unix)]
fn are_hard_links(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    a.is_file() && (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn are_hard_links(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    false
}

impl Places {
    /// Adds a file that is read.
    pub(crate) fn input(mut self, option: &'static str, file: Option<&PathBuf>) -> Self {
        self.inputs.extend(file.map(|file| {
            let read = if file == Path::new("-") { Path::new("/dev/stdin") } else { file };
            Place { given: file.clone(), ..Place::new(option, read) }
        }));
        self
    }

    /// Adds a file that is written, in a folder that must be there.
    pub(crate) fn file(mut self, option: &'static str, file: Option<&PathBuf>) -> Self {
        self.files.extend(file.map(|file| Place::new(option, file)));
        self
    }

    /// Adds a folder that files of these names are written to.
    pub(crate) fn folder<S: AsRef<str>>(
        mut self,
        option: &'static str,
        folder: Option<&PathBuf>,
        names: impl IntoIterator<Item = S>,
    ) -> Self {
        if let Some(folder) = folder {
            let result = |name: S| Place::new(option, &folder.join(name.as_ref()));
            self.results.extend(names.into_iter().map(result));
            self.folders.push(Place::new(option, folder));
        }
        self
    }

    /// Adds a folder that an audit is saved to.
    pub(crate) fn audit(mut self, option: &'static str, folder: Option<&PathBuf>) -> Self {
        self.audits.extend(folder.map(|folder| Place::new(option, folder)));
        self
    }

    /// Refuses outputs that are inputs, each other, or within a saved audit, and those that cannot be written.
    pub(crate) fn check(&self) -> Result<()> {
        let written = || self.files.iter().chain(&self.results);
        for output in written() {
            if let Some(input) = self.inputs.iter().find(|input| input.is_same_file(output)) {
                bail!("{} would overwrite {}; give another name", output.text(), input.text());
            }
        }
        for folder in &self.folders {
            if fs::metadata(&folder.real).is_ok_and(|there| !there.is_dir()) {
                bail!("{} is a file; give the name of a folder", folder.text());
            }
            if let Some(data) = self.inputs.iter().find(|input| input.real.is_dir() && folder.is_in(input)) {
                bail!("{} lies in {}, whose files are read; give another folder", folder.text(), data.text());
            }
        }
        self.check_files()?;
        for audit in &self.audits {
            let others = self.folders.iter().chain(&self.files).chain(&self.inputs);
            if let Some(other) = others.into_iter().find(|other| other.is_in(audit)) {
                bail!(
                    "{} lies in {}, which holds an audit and nothing else; give another name",
                    other.text(),
                    audit.text()
                );
            }
            let holds = |folder: &&Place| audit.is_in(folder);
            if let Some(folder) = self.folders.iter().chain(&self.files).find(holds) {
                bail!("{} lies in {}; give a folder of its own", audit.text(), folder.text());
            }
            SavedAudit::check_folder(&audit.given).context("the audit was not saved")?;
        }
        for output in written().chain(&self.audits) {
            let mut folders = output.real.ancestors().skip(1);
            if let Some(folder) = folders.find(|folder| SavedAudit::is_in(folder)) {
                bail!(
                    "{} lies in the saved audit {}, where nothing else belongs; give another name",
                    output.text(),
                    text_of(folder)
                );
            }
        }
        Ok(())
    }

    fn check_files(&self) -> Result<()> {
        for (at, file) in self.files.iter().enumerate() {
            let others = self.files[at + 1..].iter().chain(&self.results);
            if let Some(other) = others.into_iter().find(|other| other.is_same_file(file)) {
                bail!(
                    "{} and {} are the same file; give one of them another name",
                    file.text(),
                    other.text()
                );
            }
            if let Some(folder) = self.folders.iter().find(|folder| folder.is_in(file)) {
                bail!("{} would be a file and a folder of {}; give another name", file.text(), folder.text());
            }
            if file.real.is_dir() {
                bail!("{} is a folder; name a file", file.text());
            }
            if let Some(folder) = file.real.parent().filter(|folder| !folder.is_dir()) {
                let given = file.given.parent().unwrap_or(folder);
                bail!("{} cannot be written: there is no folder {}", file.text(), text_of(given));
            }
        }
        Ok(())
    }
}

/// The names that a table is written under, as [`crate::save::table_files`] does.
pub(crate) fn table_names(name: &str) -> [String; 3] {
    ["csv", "parquet", "json"].map(|ending| format!("{name}.{ending}"))
}

/// The path without links, `.` and `..`, whether or not there is something.
fn real_path(path: &Path) -> PathBuf {
    let mut at = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut rest: Vec<OsString> = Vec::new();
    let mut n_links = 0;
    loop {
        if let Ok(mut real) = fs::canonicalize(&at) {
            for part in rest.iter().rev() {
                match Path::new(part).components().next() {
                    Some(Component::ParentDir) => drop(real.pop()),
                    _ => real.push(part),
                }
            }
            return real;
        }
        if let Ok(target) = fs::read_link(&at)
            && n_links < MOST_LINKS
        {
            n_links += 1;
            at.pop();
            at.push(target);
            continue;
        }
        let last = at.components().next_back().map(|part| part.as_os_str().to_owned());
        let Some(last) = last.filter(|_| at.parent().is_some()) else { return path.to_owned() };
        rest.push(last);
        let parent = at.parent().unwrap_or(Path::new("/")).to_owned();
        at = parent;
    }
}
