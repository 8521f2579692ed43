//! A folder to run the command in, and what came of it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder that the command runs in, so that the paths in what it prints are those that were given.
pub(crate) struct Scene {
    folder: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A scene with one file.
    pub(crate) fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        Self::new().and(name, content)
    }

    /// The scene with one more file.
    pub(crate) fn and(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.path(name), content).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command, to be given arguments and run.
    pub(crate) fn command(&self) -> Command {
        let mut command = cleanlab();
        command.current_dir(self.folder.path());
        command
    }

    /// Runs the command with arguments separated by blanks.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        Run::of(self.command().args(arguments.split_whitespace()))
    }

    /// Runs the command where `out` holds earlier results, and where it does not exist: both times it must fail, and
    /// nothing in the folder may change. Gives the message.
    pub(crate) fn refuse(&self, arguments: &str) -> String {
        let before = self.listing();
        let fresh = self.run(&format!("{arguments} --out fresh"));
        assert_eq!(self.listing(), before, "something was written");
        fs::create_dir(self.path("earlier")).unwrap();
        fs::write(self.path("earlier/label_issues.csv"), "earlier results").unwrap();
        let before = self.listing();
        let again = self.run(&format!("{arguments} --out earlier"));
        assert_eq!(self.listing(), before, "earlier results were touched");
        fs::remove_dir_all(self.path("earlier")).unwrap();
        assert_eq!(again.message(), fresh.message());
        fresh.message()
    }

    /// Every file below the folder with its content.
    pub(crate) fn listing(&self) -> Vec<(PathBuf, Vec<u8>)> {
        listing(self.folder.path())
    }
}

/// The command, not yet run: no colour, no terminal width from outside, nothing on standard input.
pub(crate) fn cleanlab() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cleanlab"));
    command.stdin(Stdio::null()).env_remove("COLUMNS").env_remove("CLICOLOR_FORCE");
    command
}

/// Every file below a folder with its content, in the order of the names.
pub(crate) fn listing(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.push((path.clone(), Vec::new()));
            found.extend(listing(&path));
        } else {
            let content = fs::read(&path).unwrap();
            found.push((path, content));
        }
    }
    found.sort();
    found
}

/// The root of the workspace, where the examples are.
pub(crate) fn workspace() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", ".."].iter().collect()
}

/// A file made by `fixtures/make.py`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "cli", "fixtures", name].iter().collect()
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::from_output(command.output().unwrap())
    }

    pub(crate) fn from_output(output: Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The run again, having exited with 0.
    #[track_caller]
    pub(crate) fn ran(self) -> Self {
        assert_eq!(self.status, Some(0), "{}", self.stderr);
        self
    }

    /// The one line that tells what is wrong, of a run that printed nothing else and exited with 2.
    #[track_caller]
    pub(crate) fn message(&self) -> String {
        assert_eq!((self.status, self.stdout.as_str()), (Some(2), ""), "{}", self.stderr);
        let message = self.stderr.strip_prefix("error: ").unwrap_or_else(|| panic!("{}", self.stderr));
        assert_eq!(message.lines().count(), 1, "{message}");
        message.trim_end().to_owned()
    }

    /// Everything, for a snapshot.
    pub(crate) fn everything(&self) -> String {
        let Self { status, stdout, stderr } = self;
        format!("status: {}\n--- stdout\n{stdout}--- stderr\n{stderr}", status.unwrap_or(-1))
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// The worst rows with one kind of issue, from a report as JSON.
pub(crate) fn issues_of<'j>(report: &'j serde_json::Value, issue_type: &str) -> Vec<&'j serde_json::Value> {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["issue_type"] == issue_type).unwrap();
    let rows = check["worst"]["rows"].as_array().unwrap().iter();
    rows.filter(|row| row["is_issue"] == true).collect()
}

/// The numbers of those rows.
pub(crate) fn issue_rows(report: &serde_json::Value, issue_type: &str) -> Vec<u64> {
    issues_of(report, issue_type).iter().map(|row| row["row"].as_u64().unwrap()).collect()
}

/// Text with six decimals of every number: training may round the last ones otherwise on another processor.
pub(crate) fn six_decimals(text: &str) -> String {
    let mut cut = String::new();
    let mut decimals = None;
    for character in text.chars() {
        decimals = match decimals {
            _ if character == '.' => Some(0),
            Some(count) if character.is_ascii_digit() => Some(count + 1),
            _ => None,
        };
        if decimals.is_none_or(|count| count <= 6) {
            cut.push(character);
        }
    }
    cut
}

/// A table of two kinds of animal that weight and height tell apart; the labels of rows 4 and 17 are wrong.
pub(crate) fn pets() -> String {
    fs::read_to_string(fixture("pets.csv")).unwrap()
}

/// The table with the text of one cell replaced; rows are counted from 0 below the header.
pub(crate) fn pets_with(row: usize, column: usize, value: &str) -> String {
    let mut text = String::new();
    for (line, content) in pets().lines().enumerate() {
        let mut cells: Vec<&str> = content.split(',').collect();
        if line == row + 1 {
            cells[column] = value;
        }
        writeln!(text, "{}", cells.join(",")).unwrap();
    }
    text
}

/// Labels of ten rows, one below the other; the label of row 3 is wrong.
pub(crate) const LABELS: &str = "0\n1\n0\n0\n1\n1\n0\n1\n0\n1\n";

/// Probabilities for [`LABELS`], a line per row, without a header.
pub(crate) const PROBS: [[f64; 2]; 10] = [
    [0.9375, 0.0625],
    [0.125, 0.875],
    [0.8125, 0.1875],
    [0.0625, 0.9375],
    [0.0625, 0.9375],
    [0.25, 0.75],
    [0.875, 0.125],
    [0.1875, 0.8125],
    [0.6875, 0.3125],
    [0.375, 0.625],
];

/// [`PROBS`] as CSV with the columns `0` and `1`, one value replaced.
pub(crate) fn probs_csv_with(row: usize, column: usize, value: &str) -> String {
    let mut text = "0,1\n".to_owned();
    for (at, probs) in PROBS.iter().enumerate() {
        let mut cells = probs.map(|value| value.to_string());
        if at == row {
            value.clone_into(&mut cells[column]);
        }
        writeln!(text, "{}", cells.join(",")).unwrap();
    }
    text
}

/// [`PROBS`] as CSV.
pub(crate) fn probs_csv() -> String {
    probs_csv_with(0, 0, "0.9375")
}

/// An NPY file of doubles with this shape, whatever the number of values.
pub(crate) fn npy(shape: &str, values: &[f64]) -> Vec<u8> {
    npy_with_header(
        &format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"),
        &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>(),
    )
}

/// An NPY file with any header.
pub(crate) fn npy_with_header(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len() + 1).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.push(b'\n');
    bytes.extend(data);
    bytes
}

/// [`PROBS`] as an NPY file, one value replaced.
pub(crate) fn probs_npy_with(row: usize, column: usize, value: f64) -> Vec<u8> {
    let mut probs = PROBS;
    probs[row][column] = value;
    npy("(10, 2)", &probs.concat())
}
