//! A case that differs from the reference, made as small as it can be while it still differs, as a fixture.
//!
//! The reference is asked anew for every smaller data set, so that what is left is a case in its own right. Rows and
//! columns go in parts, first halves, then ever smaller ones, and at last one by one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Tallies, read_tallies, script_of};
use crate::process::{output, target_folder, workspace_root};
use crate::python_env::script;

/// Attempts at something smaller: each asks the reference for up to [`MOST_PARTS`] data sets of every axis.
const MOST_ROUNDS: usize = 60;

/// The most parts that rows or columns are divided into at a time.
const MOST_PARTS: usize = 16;

/// See `cleanlab_testkit::parity::Failing`.
#[derive(Clone, Deserialize)]
pub(super) struct Failing {
    area: String,
    case: u64,
    check: usize,
    program: PathBuf,
}

/// What is kept of a data set; nothing said is all.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Keep {
    rows: Option<Vec<usize>>,
    columns: Option<Vec<usize>>,
    /// The one function that is called: the others take most of the time.
    only: Option<String>,
}

/// A data set that still fails: what it keeps, the file with it, and which check of it fails.
struct Smaller {
    keep: Keep,
    text: String,
    check: usize,
}

/// One failing function and where it failed.
pub(super) struct Search<'s> {
    pub(super) function: &'s str,
    pub(super) failing: &'s Failing,
    pub(super) seed: u64,
}

impl Search<'_> {
    /// Makes the case smaller while it fails and writes it below `fixtures/parity-found`, where its test replays it.
    pub(super) fn write_smallest(&self) -> Result<String> {
        // Some calls take what others gave.
        let alone = Keep { only: Some(self.function.to_owned()), ..Keep::default() };
        let mut first = self.failing_of(&[alone])?.pop();
        if first.is_none() {
            first = self.failing_of(&[Keep::default()])?.pop();
        }
        let mut best = first.with_context(|| {
            format!("case {} of {} differed once and does no more", self.failing.case, self.function)
        })?;
        let whole = serde_json::from_str::<Value>(&best.text)?["whole"].clone();
        let all = |axis: &str| (0..whole[axis].as_u64().unwrap_or(0) as usize).collect::<Vec<_>>();
        best.keep = Keep { rows: Some(all("rows")), columns: Some(all("columns")), ..best.keep };
        let mut parts = 2;
        for _ in 0..MOST_ROUNDS {
            let found = self.failing_of(&smaller(&best.keep, parts))?;
            match found.into_iter().min_by_key(|smaller| size(&smaller.keep)) {
                Some(smaller) => {
                    best = smaller;
                    parts = 2.max(parts / 2);
                }
                None if parts >= MOST_PARTS && parts >= longest(&best.keep) => break,
                None if parts >= MOST_PARTS && longest(&best.keep) > 4 * MOST_PARTS => break,
                None => parts *= 2,
            }
        }
        let path = self.write(&best)?;
        let rows = best.keep.rows.as_ref().map_or(0, Vec::len);
        let columns = best.keep.columns.as_ref().map_or(0, Vec::len);
        let relative = path.strip_prefix(workspace_root()).unwrap_or(&path);
        Ok(format!(
            "{} still differs on {rows} of {} rows and {columns} of {} columns: {}",
            self.function,
            whole["rows"],
            whole["columns"],
            relative.display()
        ))
    }

    /// Those of the data sets on which the function still differs.
    fn failing_of(&self, keeps: &[Keep]) -> Result<Vec<Smaller>> {
        let folder = target_folder().join("parity-smaller");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let list = folder.join("keep.json");
        fs::write(&list, serde_json::to_string(keeps)?)?;
        let mut reference = script(&script_of(&self.failing.area))?;
        reference.arg("--out").arg(folder.join("all")).args(["--cases", "1", "--first"]);
        reference.arg(self.failing.case.to_string()).arg("--seed").arg(self.seed.to_string());
        output(reference.arg("--keep").arg(&list))?;
        let mut found = Vec::new();
        for (number, keep) in keeps.iter().enumerate() {
            let name = format!("case-{:06}-{number:04}.json", self.failing.case);
            // What the reference cannot answer is not there.
            let Ok(text) = fs::read_to_string(folder.join("all").join(&self.failing.area).join(name)) else {
                continue;
            };
            if let Some(check) = self.failing_check(&folder.join("one"), &text)? {
                found.push(Smaller { keep: keep.clone(), text, check });
            }
        }
        Ok(found)
    }

    /// Which check of a case differs, if one of this function does.
    fn failing_check(&self, folder: &Path, text: &str) -> Result<Option<usize>> {
        let area = folder.join(&self.failing.area);
        fs::create_dir_all(&area)?;
        fs::write(area.join("case.json"), text)?;
        let tally = folder.join("tally.jsonl");
        if tally.exists() {
            fs::remove_file(&tally)?;
        }
        let mut test = Command::new(&self.failing.program);
        test.current_dir(workspace_root());
        // Tests of other areas fail for want of cases, which is of no interest.
        test.env("CLEANLAB_PARITY_CASES", folder).env("CLEANLAB_PARITY_TALLY", &tally);
        test.output().context("the test program cannot be run again")?;
        let tallies = if tally.exists() { read_tallies(&tally)? } else { Tallies::new() };
        let of_function = tallies.get(self.function);
        Ok(of_function.and_then(|tally| tally.failing.first()).map(|failing| failing.check))
    }

    /// Writes the one check that fails, after seeing that it fails alone.
    fn write(&self, best: &Smaller) -> Result<PathBuf> {
        let mut case: Value = serde_json::from_str(&best.text)?;
        let check = case["checks"][best.check].take();
        ensure!(check["function"] == self.function, "check {} is of another function", best.check);
        case["checks"] = Value::Array(vec![check]);
        if let Some(entries) = case.as_object_mut() {
            entries.remove("whole");
        }
        let text = serde_json::to_string(&case)? + "\n";
        let alone = self.failing_check(&target_folder().join("parity-smaller/one"), &text)?;
        ensure!(alone == Some(0), "{} does not differ once it is called alone", self.function);
        let folder = workspace_root().join("crates/testkit/fixtures/parity-found").join(&self.failing.area);
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}-{}-{}.json", self.function, self.seed, self.failing.case));
        fs::write(&path, text)?;
        Ok(path)
    }
}

fn size(keep: &Keep) -> usize {
    let len = |kept: &Option<Vec<usize>>| kept.as_ref().map_or(usize::MAX / 2, Vec::len).max(1);
    len(&keep.rows).saturating_mul(len(&keep.columns))
}

fn longest(keep: &Keep) -> usize {
    [&keep.rows, &keep.columns].into_iter().flatten().map(Vec::len).max().unwrap_or(0)
}

/// The data set without one of so many parts of its rows or columns, and with one of them alone.
fn smaller(keep: &Keep, parts: usize) -> Vec<Keep> {
    let mut found = Vec::new();
    for rows in without_parts(keep.rows.as_deref().unwrap_or_default(), parts) {
        found.push(Keep { rows: Some(rows), ..keep.clone() });
    }
    for columns in without_parts(keep.columns.as_deref().unwrap_or_default(), parts) {
        found.push(Keep { columns: Some(columns), ..keep.clone() });
    }
    found
}

fn without_parts(kept: &[usize], parts: usize) -> Vec<Vec<usize>> {
    if kept.len() < 2 {
        return Vec::new();
    }
    let length = kept.len().div_ceil(parts);
    let mut found = Vec::new();
    for start in (0..kept.len()).step_by(length) {
        let end = (start + length).min(kept.len());
        found.push([&kept[..start], &kept[end..]].concat());
        if parts > 2 && parts <= kept.len() {
            found.push(kept[start..end].to_vec());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_parts_leaves_out_every_row_in_some_part() {
        for (len, parts) in [(2, 2), (5, 2), (7, 4), (16, 16), (40, 16), (3, 16)] {
            let kept: Vec<usize> = (10..10 + len).collect();
            let found = without_parts(&kept, parts);
            assert!(found.iter().all(|fewer| !fewer.is_empty() && fewer.len() < len), "{len} in {parts}");
            assert!(
                kept.iter().all(|row| found.iter().any(|fewer| !fewer.contains(row))),
                "{len} in {parts}"
            );
        }
        assert_eq!(without_parts(&[3], 2), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn smaller_changes_one_axis_at_a_time() {
        let keep = Keep { rows: Some(vec![0, 1, 2, 3]), columns: Some(vec![0, 1]), only: None };
        for fewer in smaller(&keep, 2) {
            assert!((fewer.rows == keep.rows) != (fewer.columns == keep.columns));
            assert!(size(&fewer) < size(&keep));
        }
        assert_eq!(longest(&keep), 4);
    }
}
