//! That no command and no public function is without a bad input.
//!
//! Functions are found in the sources: those that a crate re-exports, and methods of its types that give a `Result`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::commands;
use crate::document::workspace;
use crate::functions;

/// The library crates, by folder.
const CRATES: [&str; 16] = [
    "core",
    "count",
    "rank",
    "filter",
    "dataset",
    "multilabel",
    "noise-generation",
    "neighbors",
    "outlier",
    "data-valuation",
    "learning",
    "regression",
    "datalab",
    "stream",
    "table",
    "report",
];

/// Functions without a row, and why. A name that ends in `*` stands for all that begin with it.
const LEFT_OUT: &[(&str, &str)] = &[
    ("cleanlab-core::accumulate", "a pass over data that were checked; its error is the accumulator's own"),
    ("cleanlab-count::LabelSurvey::new", "the part of a pass over data that were checked"),
    ("cleanlab-count::SelectionBounds::keep_selected", "the part of a pass over data that were checked"),
    ("cleanlab-count::flag_confident_issues", "the part of a pass over data that were checked"),
    ("cleanlab-count::select_*", "the part of a pass over data that were checked"),
    ("cleanlab-rank::LabelQualityScorer::score", "the part of a pass over data that were checked"),
    ("cleanlab-datalab::CheckContext::knn_graph", "called by checks alone, from within `find_issues`"),
    (
        "cleanlab-datalab::IssueTable::to_result_table",
        "the columns of a table that was made are as long as it is",
    ),
    (
        "cleanlab-stream::NpySink::*",
        "writes what passes gave; crates/stream/tests/refusals.rs has places that cannot be written to",
    ),
    (
        "cleanlab-stream::TableSink::*",
        "writes what passes gave; crates/stream/tests/refusals.rs has places that cannot be written to",
    ),
    (
        "cleanlab-stream::FileSource::arranged",
        "gives back a source whose rows are counted; crates/stream/tests has it",
    ),
    ("cleanlab-stream::FileSource::sum_to_one", "asks about columns that the source itself has told"),
    ("cleanlab-table::ArrayRows::*", "reads files at places; crates/table/tests/hostile.rs has damaged ones"),
    (
        "cleanlab-table::ArrayReader::*",
        "reads files at places; crates/table/tests/hostile.rs has damaged ones",
    ),
    ("cleanlab-table::Parquet*", "reads files at places; crates/table/tests/hostile.rs has damaged ones"),
    (
        "cleanlab-table::ArrayWriter::*",
        "writes results; crates/table/tests/files/output.rs has places that cannot be written to",
    ),
    (
        "cleanlab-table::RowWriter::*",
        "writes results; crates/table/tests/files/output.rs has places that cannot be written to",
    ),
    (
        "cleanlab-table::WrittenFile::*",
        "writes results; crates/table/tests/files/output.rs has places that cannot be written to",
    ),
    (
        "cleanlab-table::write_*",
        "writes results; crates/table/tests/files/output.rs has places that cannot be written to",
    ),
    (
        "cleanlab-table::publish_all",
        "writes results; crates/table/tests/files/output.rs has places that cannot be written to",
    ),
    (
        "cleanlab-table::ResultTable::to_record_batch",
        "the columns of a table that was made are as long as it is",
    ),
    ("cleanlab-table::Source::from_reader", "passes on what the reader says"),
    ("cleanlab-table::Source::in_memory", "passes on what the file system says"),
    (
        "cleanlab-table::GivenLabels::in_order_of",
        "names that were matched before; crates/table/tests/files/labels.rs has others",
    ),
];

pub(crate) fn check() {
    let tried: BTreeSet<String> = functions::answers().into_iter().map(|answered| answered.subject).collect();
    let found: Vec<String> = CRATES.iter().flat_map(|folder| fallible_functions(folder)).collect();
    assert!(found.len() > 200, "only {} functions were found: {found:?}", found.len());
    let covers = |pattern: &str, name: &str| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    };
    let is_left_out = |name: &String| LEFT_OUT.iter().any(|(pattern, _)| covers(pattern, name));
    let missing: Vec<&String> =
        found.iter().filter(|name| !tried.contains(*name) && !is_left_out(name)).collect();
    assert!(missing.is_empty(), "no bad input was tried with {missing:#?}");
    let idle: Vec<&str> = LEFT_OUT
        .iter()
        .map(|(pattern, _)| *pattern)
        .filter(|pattern| !found.iter().any(|name| covers(pattern, name)))
        .collect();
    assert!(idle.is_empty(), "there is nothing of the name {idle:?}");

    let subjects: BTreeSet<String> = commands::subjects().into_iter().collect();
    let help = Command::new(env!("CARGO_BIN_EXE_cleanlab")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let lines =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // Lines that go on are indented further.
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names: Vec<&str> = names.filter(|name| !name.is_empty() && *name != "help").collect();
    assert!(names.len() >= 12, "{names:?}");
    let missing: Vec<&&str> = names.iter().filter(|name| !subjects.contains(**name)).collect();
    assert!(missing.is_empty(), "no bad input was tried with the commands {missing:?}");
}

/// The functions of a crate that give a `Result`: free ones as `crate::name`, methods as `crate::Type::name`.
fn fallible_functions(folder: &str) -> Vec<String> {
    let sources = workspace().join("crates").join(folder).join("src");
    let library = fs::read_to_string(sources.join("lib.rs")).unwrap();
    let exported: BTreeSet<&str> = library
        .split("pub use ")
        .skip(1)
        .filter_map(|rest| rest.split(';').next())
        .flat_map(|list| list.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .collect();
    let mut found = BTreeSet::new();
    visit(&sources, &mut |text| {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let mut owner = String::new();
        for (at, line) in code.split('\n').scan(0, |start, line| {
            let at = *start;
            *start += line.len() + 1;
            Some((at, line))
        }) {
            if line.starts_with("impl") {
                owner = type_of(line);
            }
            let (name, is_exported) = match (line.strip_prefix("pub fn "), line.strip_prefix("    pub fn ")) {
                (Some(rest), _) => (word(rest).to_owned(), exported.contains(word(rest))),
                (_, Some(rest)) => (format!("{owner}::{}", word(rest)), exported.contains(owner.as_str())),
                _ => continue,
            };
            let signature = code[at..].split(['{', ';']).next().unwrap_or_default();
            if is_exported && signature.contains("-> Result<") {
                found.insert(format!("cleanlab-{folder}::{name}"));
            }
        }
    });
    found.into_iter().collect()
}

/// The type that an `impl` is for.
fn type_of(line: &str) -> String {
    let line = line.rsplit_once(" for ").map_or(line, |(_, rest)| rest);
    let line = line.strip_prefix("impl").unwrap_or(line);
    // Past the parameters of `impl<…>`.
    let mut depth = 0;
    let start = line.find(|c: char| {
        depth += i32::from(c == '<') - i32::from(c == '>');
        depth == 0 && c == ' '
    });
    word(line[start.unwrap_or(0)..].trim_start()).to_owned()
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

fn visit(folder: &Path, each: &mut impl FnMut(&str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, each);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            each(&fs::read_to_string(path).unwrap());
        }
    }
}
