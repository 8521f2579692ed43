//! Bad inputs of commands, from `commands/*.toml`.
//!
//! A case names what is bad (`input`), the arguments (`run`), files that differ from those that every case has, the exit
//! status (`exit`, 2 when left out) and what the answer has to name (`says`). `before` are commands that are run first, and
//! `after` files that are changed after them. Nothing may be written by a case.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rayon::prelude::*;
use serde_json::Value as Json;
use toml::{Table, Value};

use crate::answers::Answered;
use crate::files::write;

/// The files of cases, in the order of the document.
const FILES: [&str; 6] = ["audit", "config", "saved", "labels", "health", "noise"];

/// The answers to all cases of commands.
pub(crate) fn answers() -> Vec<Answered> {
    cases().par_iter().map(answer).collect()
}

/// The commands that some case is about.
pub(crate) fn subjects() -> Vec<String> {
    cases().iter().map(subject).collect()
}

fn cases() -> Vec<Table> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/bad_inputs/commands"].iter().collect();
    let read = |name: &str| {
        let text = fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap();
        let mut file: Table = text.parse().unwrap_or_else(|error| panic!("{name}.toml: {error}"));
        let Some(Value::Array(cases)) = file.remove("case") else { panic!("{name}.toml has no cases") };
        cases.into_iter().map(|case| case.as_table().unwrap().clone()).collect::<Vec<_>>()
    };
    FILES.into_iter().flat_map(read).collect()
}

/// The command that a case is about, by its arguments unless they name none.
fn subject(case: &Table) -> String {
    let run = || case["run"].as_str().unwrap().split(' ').next().unwrap();
    case.get("subject").and_then(Value::as_str).unwrap_or_else(run).to_owned()
}

fn answer(case: &Table) -> Answered {
    let text =
        |key: &str| case.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("no {key}: {case:?}"));
    let texts = |key: &str| -> Vec<String> {
        let list = case.get(key).and_then(Value::as_array).into_iter().flatten();
        list.map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let known = ["subject", "input", "run", "files", "exit", "says", "before", "after"];
    assert!(case.keys().all(|key| known.contains(&key.as_str())), "{case:?}");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["pets.csv", "y.txt", "p.csv", "p.npy"] {
        write(folder, name, &Value::String(String::new()), Some(name));
    }
    let changed = |key: &str| case.get(key).and_then(Value::as_table).into_iter().flatten();
    changed("files").for_each(|(name, file)| write(folder, name, file, None));
    for arguments in texts("before") {
        let output = run(folder, &arguments);
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
    changed("after").for_each(|(name, file)| write(folder, name, file, None));

    let arguments = text("run");
    let before = listing(folder);
    let output = run(folder, arguments);
    let exit = case.get("exit").map_or(2, |exit| exit.as_integer().unwrap());
    let is_refused = exit != 0;
    let real = fs::canonicalize(folder).unwrap().display().to_string();
    let said = said(&output, is_refused).replace(&format!("{real}/"), "").replace(&real, ".");
    let says = texts("says");
    let mut fault = None;
    if listing(folder) != before {
        fault = Some("it has written something".to_owned());
    } else if is_refused && says.is_empty() {
        fault = Some("no words are asked for".to_owned());
    } else if output.status.code().map(i64::from) != Some(exit) {
        fault = Some(format!("exit status {:?} is not {exit}", output.status.code()));
    } else if let Some(number) = not_a_number(&output).filter(|_| !is_refused) {
        fault = Some(format!("{number} is no answer"));
    }
    Answered {
        subject: subject(case),
        input: format!("{}: `cleanlab {arguments}`", text("input")),
        kind: format!("{}", output.status.code().unwrap_or(-1)),
        answer: said,
        says,
        fault,
    }
}

fn run(folder: &Path, arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cleanlab"));
    command.args(arguments.split_whitespace()).current_dir(folder).stdin(Stdio::null());
    command.env_remove("COLUMNS").env_remove("CLICOLOR_FORCE").env("RAYON_NUM_THREADS", "1").output().unwrap()
}

/// The message of an error, or the warnings of a result.
fn said(output: &Output, is_refused: bool) -> String {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    if is_refused {
        // Mistakes in the command line are followed by how to use it.
        let lines =
            stderr.lines().take_while(|line| !line.starts_with("Usage: ") && !line.starts_with("For more"));
        let lines: Vec<&str> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
        return lines.join("; ").replace("error: ", "");
    }
    let json: Json = serde_json::from_slice(&output.stdout).unwrap_or(Json::Null);
    let of_checks = json["checks"].as_array().into_iter().flatten();
    let lists = [&json["warnings"], &json["about"]["warnings"]].into_iter();
    let lists = lists.chain(of_checks.map(|check| &check["warnings"]));
    let warnings = lists.filter_map(Json::as_array).flatten().filter_map(Json::as_str);
    let all: Vec<String> = warnings.map(str::to_owned).chain(stderr.lines().map(str::to_owned)).collect();
    match all.len() {
        0 => "a result, without a warning".to_owned(),
        _ => format!("a result, and: {}", all.join("; ")),
    }
}

/// A number in the output that is none. JSON has no such numbers, so the output has to be JSON in full.
fn not_a_number(output: &Output) -> Option<&'static str> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    if text.starts_with('{') && serde_json::from_str::<Json>(&text).is_err() {
        return Some("text that is not JSON");
    }
    let is_no_number =
        |word: &str| ["nan", "-nan", "inf", "-inf"].contains(&word.to_ascii_lowercase().as_str());
    text.split(|c: char| !c.is_alphanumeric() && c != '-').any(is_no_number).then_some("NaN or infinity")
}

/// Every file below the folder with its content.
fn listing(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(listing(&path));
        } else {
            found.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    found
}
