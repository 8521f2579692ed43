//! A folder with small data of every kind, and command lines that between them use every command of the program and every
//! format that it writes.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::process::{target_folder, workspace_root};

/// Rows of the table of digits: enough for every check, and few enough for a program that is not optimised.
const DIGITS: usize = 300;

/// The folder that outputs go to, beside the inputs.
pub(crate) const OUTPUTS: &str = "to";

/// What a command line gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    /// The files that were written, by their paths.
    pub(crate) files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Given {
    /// Which of the outputs are others, if any. What is said on standard error is not compared: it tells, for one, that
    /// data are read in parts.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        if self.status != other.status {
            return Some(format!(
                "status {:?} and {:?}: {}{}",
                self.status, other.status, self.stderr, other.stderr
            ));
        }
        if self.stdout != other.stdout {
            return Some("standard output".to_owned());
        }
        let names = self.files.keys().chain(other.files.keys());
        names
            .filter(|name| self.files.get(*name) != other.files.get(*name))
            .map(|name| name.display().to_string())
            .next()
    }
}

/// A folder of a check with the data that [`COMMANDS`] name: in memory where Linux has a place for it, as a disk that
/// others write to may take seconds for a file, or else below `target/trust`.
pub(crate) struct Scene {
    pub(crate) folder: PathBuf,
}

impl Drop for Scene {
    fn drop(&mut self) {
        // What is left is in nobody's way.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A command line, its words parted by blanks.
pub(crate) struct Line {
    pub(crate) words: &'static str,
    /// Whether what is read in parts with little memory gives the same.
    pub(crate) in_parts: bool,
}

const fn line(words: &'static str) -> Line {
    Line { words, in_parts: false }
}

const fn parts(words: &'static str) -> Line {
    Line { words, in_parts: true }
}

/// Every command, with every format of its output.
pub(crate) const COMMANDS: &[Line] = &[
    line(
        "audit digits.csv --label digit --out to/out --save to/saved --report to/r.html --junit to/checks.xml --format json",
    ),
    line("audit pets.csv --label animal --id pet_id --out to/out --save to/saved --report to/r.txt"),
    line("audit pets.parquet --label animal --report to/r.json --format csv"),
    line("audit pets.feather --label animal --issue-types all --format json"),
    line("audit pets.jsonl --issue-types default --format csv"),
    line("audit workflows.csv --label forest_0 --task regression --out to/out --save to/saved --format json"),
    line(
        "audit sets.csv --label given_label --label-separator | --out to/out --save to/saved --report to/r.html",
    ),
    line(
        "audit --labels y.npy --pred-probs p.npy --features x.npy --out to/out --save to/saved --format json",
    ),
    line("audit --features x.npy --neighbors approximate --out to/out --format csv"),
    line("audit digits.csv --label digit --classifier naive-bayes --issue-types label --format csv"),
    line("audit digits.csv --label digit --classifier k-nearest-neighbors --issue-types label --format csv"),
    line(
        "audit pets.csv --label animal --classifier random-forest --issue-types label,outlier --format json",
    ),
    line(
        "audit pets.csv --label animal --classifier gradient-boosting --seed 3 --issue-types label --format json",
    ),
    line("audit pets.csv --label animal --fail-on label>0 --junit to/checks.xml"),
    line("report old"),
    line("report old --format json"),
    line("report old --report to/r.html"),
    line("report old --report to/r.txt"),
    line("issues old label"),
    line("issues old outlier --format json"),
    line("issues old near_duplicate --format csv"),
    line("diff old new"),
    line("diff old new --format json"),
    line("diff old new --format csv"),
    parts("labels --labels y.npy --pred-probs p.npy --out to/out"),
    parts("labels --labels y.npy --pred-probs p.npy --filter-by prune-by-class --format json"),
    parts(
        "labels --labels y.npy --pred-probs p.npy --filter-by both --rank-by normalized-margin --format csv",
    ),
    parts(
        "labels --labels y.npy --pred-probs p.npy --filter-by confident-learning --rank-by adjusted-self-confidence --format csv",
    ),
    parts(
        "labels --labels y.npy --pred-probs p.npy --filter-by predicted-neq-given --rank-by confidence-weighted-entropy --format csv",
    ),
    parts("labels --labels y.npy --pred-probs p.npy --filter-by low-normalized-margin --format csv"),
    parts(
        "labels --labels y.npy --pred-probs p.npy --filter-by low-self-confidence --rank-by adjusted-normalized-margin --format csv",
    ),
    line("labels --labels y.txt --pred-probs p.csv --format json"),
    parts(
        "labels parts --label is_label_issue --pred-probs-columns label_score,outlier_score --out to/out --format csv",
    ),
    line("health digits.csv --label digit --out to/out"),
    parts("health --labels y.npy --pred-probs p.npy --intervals --format json"),
    parts(
        "health --labels y.npy --pred-probs p.npy --intervals --interval-method bootstrap --out to/out --format csv",
    ),
    parts("health parts --label is_label_issue --pred-probs-columns label_score,outlier_score --out to/out"),
    line("overlap pets.csv --label animal --out to/out"),
    parts("overlap --labels y.npy --pred-probs p.npy --asymmetric --intervals --format json"),
    parts("overlap --labels y.npy --pred-probs p.npy --format csv"),
    line("classes pets.tsv --label animal --out to/out"),
    parts("classes --labels y.npy --pred-probs p.npy --intervals --level 0.9 --format json"),
    parts("classes --labels y.npy --pred-probs p.npy --format csv"),
    line("clean digits.csv --label digit --out to/out"),
    line("clean pets.parquet --label animal --out to/cleaned.parquet --format json"),
    line("clean pets.jsonl --label animal --classifier random-forest --out to/cleaned.jsonl --format csv"),
    line("noise --classes 6 --trace 4 --seed 3"),
    line("noise --labels y.txt --trace 2.6 --seed 1 --out to/out --format json"),
    line("noise --classes 9 --trace 5 --frac-zero-noise-rates 0.3 --format csv"),
    line("completions bash"),
    line("completions elvish"),
    line("completions fish"),
    line("completions powershell"),
    line("completions zsh"),
    line("man"),
    line("man --out to/man"),
    line("--help"),
    line("help audit"),
    line("--version"),
];

impl Scene {
    /// Makes the folder anew, with saved audits by this program.
    pub(crate) fn new(check: &str, program: &Path) -> Result<Self> {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            memory.join(format!("cleanlab-{check}-{}", std::process::id()))
        } else {
            target_folder().join("trust").join(check)
        };
        let scene = Self { folder };
        if scene.folder.exists() {
            fs::remove_dir_all(&scene.folder)?;
        }
        fs::create_dir_all(&scene.folder)?;
        scene.write_data().context("the data of the check")?;
        let changed = scene.read("pets.csv")?.replacen(",cat", ",dog", 2);
        scene.write("changed.csv", changed)?;
        for words in [
            "audit pets.csv --label animal --id pet_id --save old",
            "audit changed.csv --label animal --id pet_id --save new",
            // Tables as Parquet, with columns between 0 and 1 beside classes.
            "audit workflows.csv --label given_label --out made",
        ] {
            let given = scene.run(program, words, &[])?;
            ensure!(given.status == Some(0), "cleanlab {words}: {}", given.stderr);
        }
        fs::create_dir(scene.folder.join("parts"))?;
        for part in ["parts/a.parquet", "parts/b.parquet"] {
            fs::copy(scene.folder.join("made/issues.parquet"), scene.folder.join(part))?;
        }
        Ok(scene)
    }

    fn write_data(&self) -> Result<()> {
        let fixtures = workspace_root().join("crates/cli/tests/cli/fixtures");
        for name in ["pets.csv", "pets.tsv", "pets.jsonl", "pets.parquet", "pets.feather", "pets.arrows"] {
            fs::copy(fixtures.join(name), self.folder.join(name)).with_context(|| name.to_owned())?;
        }
        let data = workspace_root().join("examples/data");
        let digits = fs::read_to_string(data.join("digits.csv"))?;
        self.write(
            "digits.csv",
            digits.lines().take(DIGITS + 1).flat_map(|line| [line, "\n"]).collect::<String>(),
        )?;
        let sets = fs::read_to_string(data.join("multilabel_quickstart.csv"))?;
        self.write("sets.csv", sets.replace(' ', "|"))?;
        let workflows = fs::read_to_string(data.join("workflows.csv"))?;
        self.write("workflows.csv", &workflows)?;
        let rows: Vec<Vec<&str>> = workflows.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let labels: String = rows.iter().flat_map(|row| [row[1], "\n"]).collect();
        self.write("y.txt", labels)?;
        let probs: String = rows.iter().map(|row| row[2..6].join(",") + "\n").collect();
        self.write("p.csv", format!("0,1,2,3\n{probs}"))?;
        let number = |cell: &&str| cell.parse::<f64>().context("a number of workflows.csv");
        let matrix = |columns: std::ops::Range<usize>| -> Result<Vec<f64>> {
            rows.iter().flat_map(|row| &row[columns.clone()]).map(number).collect()
        };
        let labels: Vec<i64> = rows.iter().map(|row| row[1].parse()).collect::<Result<_, _>>()?;
        self.write("y.npy", npy("<i8", &[rows.len()], labels.iter().flat_map(|label| label.to_le_bytes())))?;
        for (name, columns) in [("p.npy", 2..6), ("x.npy", 2..10)] {
            let shape = [rows.len(), columns.len()];
            let values = matrix(columns)?;
            self.write(name, npy("<f8", &shape, values.iter().flat_map(|value| value.to_le_bytes())))?;
        }
        Ok(())
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<()> {
        fs::write(self.folder.join(name), content).with_context(|| format!("could not write {name}"))
    }

    fn read(&self, name: &str) -> Result<String> {
        fs::read_to_string(self.folder.join(name)).with_context(|| format!("could not read {name}"))
    }

    /// The program in the folder, not yet run: nothing on standard input, and no terminal's width or colour.
    pub(crate) fn command(&self, program: &Path, words: &str) -> Command {
        let mut command = Command::new(program);
        command.args(words.split(' ')).current_dir(&self.folder).stdin(Stdio::null());
        for variable in ["COLUMNS", "CLICOLOR_FORCE", "NO_COLOR", "RAYON_NUM_THREADS"] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs a command line with no outputs there yet, with variables of the environment.
    pub(crate) fn run(&self, program: &Path, words: &str, variables: &[(&str, &str)]) -> Result<Given> {
        self.empty_outputs()?;
        let output = self.command(program, words).envs(variables.iter().copied()).output();
        let output = output.with_context(|| format!("could not start {}", program.display()))?;
        Ok(Given {
            status: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            files: self.outputs()?,
        })
    }

    pub(crate) fn empty_outputs(&self) -> Result<()> {
        let outputs = self.folder.join(OUTPUTS);
        if outputs.exists() {
            fs::remove_dir_all(&outputs)?;
        }
        Ok(fs::create_dir(outputs)?)
    }

    /// The files below the folder of outputs.
    pub(crate) fn outputs(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let mut files = BTreeMap::new();
        let root = self.folder.join(OUTPUTS);
        collect(&root, &root, &mut files).context("outputs could not be read")?;
        Ok(files)
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
            files.insert(name, fs::read(&path)?);
        }
    }
    Ok(())
}

/// An array as NPY, from the bytes of its values.
pub(crate) fn npy(descr: &str, shape: &[usize], values: impl Iterator<Item = u8>) -> Vec<u8> {
    let lengths: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let lengths = lengths.join(", ");
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({lengths},), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}
