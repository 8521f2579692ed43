//! Data are never run: no pickle is opened, no program started, no connection made, whatever the files say.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::Effort;
use super::command_lines::{COMMANDS, Scene, npy};
use super::crash_safety::test_figures;
use super::faults;
use crate::process::{build_workspace, workspace_root};

/// A file that appears where a pickle is opened.
const SIGN: &str = "pickle-was-opened";

/// Calls that start programs, or talk to others.
const CALLS: &str = "trace=execve,execveat,socket,connect,bind";

pub(super) fn run_check(effort: Effort) -> Result<String> {
    let program = build_workspace()?.join("cleanlab");
    let scene = Scene::new("no_code_in_data", &program)?;
    let n_refused = pickles(&scene, &program)?;
    let runs = match faults::prepare() {
        Ok(()) => no_programs(&scene, &program, if effort == Effort::Long { 1 } else { 4 })?,
        // Any machine may run the short form; what is quoted has everything.
        Err(error) if effort == Effort::Short => format!("no command was traced: {error:#}"),
        Err(error) => return Err(error),
    };
    let n_lines = sources()?;
    let mut golden = test_figures("saved_audit", "CLEANLAB_TRUST_FLIPS", 1)?;
    golden.retain(|figure| figure.contains("golden"));
    ensure!(golden.len() == 1, "no test tells of golden audits");
    Ok(format!(
        "{n_refused} of {n_refused} files with a pickle were refused unopened; {runs}; no eval in {n_lines} lines of Rust, \
         Python and JavaScript, and a pickle in `Datalab.save` and `load` of the Python package alone; {}",
        golden.join("; ")
    ))
}

/// A pickle of protocol 0 that makes a file by a command of the shell when it is opened.
fn pickle() -> Vec<u8> {
    format!("cos\nsystem\n(S'touch {SIGN}'\ntR.").into_bytes()
}

/// Gives every reader a pickle, bare and in the wrappings that NumPy, joblib and `PyTorch` have for it.
fn pickles(scene: &Scene, program: &Path) -> Result<usize> {
    let objects = npy("|O", &[250], pickle().into_iter());
    scene.write("objects.npy", &objects)?;
    scene.write("bare.npy", pickle())?;
    scene.write("objects.npz", stored_zip(&[("arr_0.npy", &objects)]))?;
    scene.write("model.npz", stored_zip(&[("archive/data.pkl", &pickle()), ("archive/version", b"3\n")]))?;
    for ending in [
        "pkl", "pickle", "joblib", "pt", "csv", "tsv", "json", "jsonl", "parquet", "feather", "arrow", "txt",
        "toml",
    ] {
        scene.write(&format!("bare.{ending}"), pickle())?;
    }
    prove_that_it_runs(scene)?;
    let mut lines: Vec<String> = Vec::new();
    for name in [
        "objects.npy",
        "bare.npy",
        "objects.npz",
        "model.npz",
        "bare.pkl",
        "bare.joblib",
        "bare.pt",
        "bare.txt",
    ] {
        lines.push(format!("labels --labels {name} --pred-probs p.npy"));
        lines.push(format!("labels --labels y.npy --pred-probs {name}"));
        lines.push(format!("audit --features {name}"));
        lines.push(format!("audit --labels y.npy --pred-probs p.npy --knn-graph {name}"));
        lines.push(format!("noise --labels {name} --trace 2"));
    }
    for ending in
        ["pkl", "pickle", "joblib", "pt", "csv", "tsv", "json", "jsonl", "parquet", "feather", "arrow"]
    {
        lines.push(format!("audit bare.{ending} --label y"));
        lines.push(format!("clean bare.{ending} --label y"));
    }
    lines.push("audit pets.csv --label animal --config bare.toml".to_owned());
    // An audit as cleanlab in Python saves it, and one of ours whose manifest is a pickle.
    let folder = scene.folder.join("pickled");
    fs::create_dir(&folder)?;
    for name in ["datalab.pkl", "manifest.json"] {
        fs::write(folder.join(name), pickle())?;
    }
    lines.extend(["report pickled", "issues pickled label", "diff pickled pickled"].map(str::to_owned));
    let mut n_refused = 0;
    for words in &lines {
        let given = scene.run(program, words, &[])?;
        ensure!(!scene.folder.join(SIGN).exists(), "cleanlab {words} has opened a pickle");
        // Text without a header may be labels that are names; they are as harmless as any other names.
        let is_text = words.contains("bare.txt") || words.contains("bare.csv") || words.contains("bare.tsv");
        ensure!(given.status == Some(2) || is_text, "cleanlab {words} takes a pickle: {:?}", given.status);
        ensure!(
            given.status.is_some_and(|status| status < 100),
            "cleanlab {words} broke down: {}",
            given.stderr
        );
        n_refused += usize::from(given.status == Some(2));
    }
    ensure!(n_refused + 5 > lines.len(), "only {n_refused} of {} were refused", lines.len());
    Ok(n_refused)
}

/// Without this the check could not fail: Python, where it is installed, does run what the pickle says.
fn prove_that_it_runs(scene: &Scene) -> Result<()> {
    let code = "import pickle; pickle.load(open('bare.pkl', 'rb'))";
    let ran = Command::new("python3").args(["-c", code]).current_dir(&scene.folder).status();
    if !ran.is_ok_and(|status| status.success()) {
        println!("no_code_in_data: there is no python3 to show that the pickle does something");
        return Ok(());
    }
    let sign = scene.folder.join(SIGN);
    ensure!(sign.exists(), "the pickle does nothing even when it is opened");
    fs::remove_file(sign).context("the sign of the pickle")
}

/// A ZIP archive whose members are stored as they are.
fn stored_zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let offset = bytes.len() as u32;
        let mut head = Vec::new();
        // Version, flags, method, time and date, checksum, both lengths, lengths of name and further fields.
        head.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x50]);
        head.extend(crc32(content).to_le_bytes());
        head.extend((content.len() as u32).to_le_bytes());
        head.extend((content.len() as u32).to_le_bytes());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&head);
        bytes.extend(name.as_bytes());
        bytes.extend(*content);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        // No comment, the first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, length) = (bytes.len() as u32, directory.len() as u32);
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend((members.len() as u16).to_le_bytes());
    bytes.extend((members.len() as u16).to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |mut crc, &byte| {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
        crc
    })
}

/// Runs command lines under strace and counts the programs that are started and the sockets that are opened: its own start
/// alone.
fn no_programs(scene: &Scene, program: &Path, step: usize) -> Result<String> {
    let log = scene.folder.join("strace.txt");
    let mut n_runs = 0;
    for line in COMMANDS.iter().step_by(step) {
        scene.empty_outputs()?;
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-e", CALLS, "-e", "signal=none", "-o"]).arg(&log).arg(program);
        strace.args(line.words.split(' ')).current_dir(&scene.folder).stdin(Stdio::null());
        let output = strace.output().context("could not start strace")?;
        ensure!(
            output.status.code().is_some_and(|status| status < 2),
            "cleanlab {} failed under strace",
            line.words
        );
        let text = fs::read_to_string(&log)?;
        let calls: Vec<&str> = text.lines().filter(|line| line.contains('(')).collect();
        ensure!(calls.len() == 1 && calls[0].contains("execve("), "cleanlab {}: {calls:?}", line.words);
        n_runs += 1;
    }
    Ok(format!("{n_runs} of {n_runs} command lines started no program and opened no socket"))
}

/// Looks through the sources that become programs, pages and the Python package for what would run data.
fn sources() -> Result<usize> {
    let mut n_lines = 0;
    let mut found = BTreeMap::new();
    let crates = workspace_root().join("crates");
    for entry in fs::read_dir(&crates)? {
        let folder = entry?.path();
        for part in ["src", "assets", "python/cleanlab_rs"] {
            look_through(&folder.join(part), &mut n_lines, &mut found)?;
        }
    }
    ensure!(n_lines > 10_000, "only {n_lines} lines were found");
    for file in PICKLING {
        let known = found.remove(&crates.join(file).display().to_string());
        ensure!(known.is_some(), "{file} pickles no more: take it out here, and out of docs/TRUST.md");
    }
    ensure!(found.is_empty(), "data may be run: {found:?}");
    Ok(n_lines)
}

/// `Datalab.save` of the Python package, which pickles as cleanlab does, and what `load` reads it with, which calls only what
/// audits are made of; docs/TRUST.md tells it too.
const PICKLING: [&str; 2] = [
    "python/python/cleanlab_rs/datalab/internal/serialize.py",
    "python/python/cleanlab_rs/datalab/internal/saved_objects.py",
];

/// Rust that starts programs or loads libraries, JavaScript that makes code of text, and Python that opens pickles or makes
/// code of text.
const FORBIDDEN: [(&str, &[&str]); 3] = [
    (
        "py",
        &[
            "import pickle",
            "marshal",
            "shelve",
            "joblib",
            " eval(",
            " exec(",
            " compile(",
            "__import__",
            "os.system",
            "subprocess",
        ],
    ),
    ("rs", &["process::Command", "libloading", "serde_pickle", "dlopen", "py.eval", "py.run"]),
    (
        "js",
        &["eval(", "Function(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "import("],
    ),
];

fn look_through(folder: &Path, n_lines: &mut usize, found: &mut BTreeMap<String, usize>) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            look_through(&path, n_lines, found)?;
            continue;
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let Some((_, words)) = FORBIDDEN.iter().find(|(language, _)| *language == ending) else { continue };
        for (number, line) in fs::read_to_string(&path)?.lines().enumerate() {
            *n_lines += 1;
            if words.iter().any(|word| line.contains(word)) {
                found.insert(path.display().to_string(), number + 1);
            }
        }
    }
    Ok(())
}
