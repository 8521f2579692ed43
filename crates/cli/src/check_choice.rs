//! Which checks are made.

use anyhow::{Result, bail};
use clap::ValueEnum;
use cleanlab_datalab::{Checks, Task, list_default_issue_types, list_possible_issue_types};
use serde_json::{Map, Value};

use crate::arguments::{AuditArguments, FilterByName, MethodArguments, RankByName};
use crate::audit::LABEL;
use crate::config::CheckOptions;
use crate::nearest::nearest;

/// The check for rows that are in several splits.
const SPLIT_LEAKAGE: &str = "split_leakage";

/// The checks to make, and which of them were asked for by name.
pub(crate) struct Choice {
    pub(crate) checks: Checks,
    pub(crate) asked_for: Vec<String>,
}

/// The checks that `Datalab.find_issues` of cleanlab in Python makes for a task.
fn of_cleanlab(task: Task) -> &'static [&'static str] {
    const EVERYWHERE: &[&str] = &["null", LABEL, "outlier", "near_duplicate", "non_iid"];
    const CLASSES: &[&str] =
        &["null", LABEL, "outlier", "near_duplicate", "non_iid", "class_imbalance", "underperforming_group"];
    if task == Task::Classification { CLASSES } else { EVERYWHERE }
}

/// The checks that are asked for, with their options.
pub(crate) fn choose(arguments: &AuditArguments, options: &CheckOptions, task: Task) -> Result<Choice> {
    let possible = list_possible_issue_types(task);
    let mut sets: Vec<String> = Vec::new();
    let mut asked_for: Vec<String> = Vec::new();
    let given = &arguments.checks.issue_types;
    for name in given.iter().map(|name| name.trim().replace('-', "_")) {
        match name.as_str() {
            "all" => sets.extend(possible.iter().cloned()),
            "default" => sets.extend(list_default_issue_types(task)),
            "cleanlab" => sets.extend(of_cleanlab(task).iter().map(|&name| name.to_owned())),
            _ if possible.contains(&name) => asked_for.push(name),
            _ => bail!(unknown(&name, &possible)),
        }
    }
    if given.is_empty() {
        sets = list_default_issue_types(task);
    }
    if asked_for.iter().any(|name| name == SPLIT_LEAKAGE) && arguments.data.split.is_none() {
        bail!("--issue-types {SPLIT_LEAKAGE} needs --split COLUMN, the column that tells the splits apart");
    }
    // Those that merely belong to a set are not asked for, so that what they lack is no error.
    let mut checks = Checks::all_for(task);
    for name in &possible {
        if !sets.contains(name) && !asked_for.contains(name) {
            checks = checks.without(name);
        }
    }
    for name in &possible {
        let mut with = options.get(name).cloned().unwrap_or_else(|| Value::Object(Map::new()));
        if name == LABEL && task == Task::Classification {
            add_method(&mut with, &arguments.method);
        }
        let is_plain = with.as_object().is_some_and(Map::is_empty);
        if asked_for.contains(name) {
            checks = checks.with_json(task, name, &with)?;
        } else if sets.contains(name) && !is_plain {
            checks = checks.configured(task, name, &with)?;
        }
    }
    if let Some(name) = options.keys().find(|name| !possible.contains(name)) {
        bail!("the file given with --config has options of {name}, which is not checked for {task:?}");
    }
    if checks.names().is_empty() {
        bail!("no check is left to make");
    }
    Ok(Choice { checks, asked_for })
}

/// What the options of the method say of the check of labels, unless its own options say otherwise.
fn add_method(options: &mut Value, method: &MethodArguments) {
    let Some(options) = options.as_object_mut() else { return };
    let name = |value: Option<clap::builder::PossibleValue>| {
        value.map_or_else(String::new, |value| value.get_name().replace('-', "_"))
    };
    let mut set = |name: &str, value: Value, is_default: bool| {
        if !is_default || !options.contains_key(name) {
            options.insert(name.to_owned(), value);
        }
    };
    let filter_by = name(method.filter_by.to_possible_value());
    set("filter_by", filter_by.into(), method.filter_by == FilterByName::default());
    let label_quality = name(method.rank_by.to_possible_value());
    set("label_quality", label_quality.into(), method.rank_by == RankByName::default());
    set("frac_noise", method.frac_noise.into(), method.frac_noise == 1.0);
    set("min_examples_per_class", method.min_examples_per_class.into(), method.min_examples_per_class == 1);
}

fn unknown(name: &str, possible: &[String]) -> String {
    let sets = ["all", "default", "cleanlab"];
    let names = possible.iter().map(String::as_str).chain(sets);
    let hint = match nearest(name, names) {
        Some(nearest) => format!("did you mean {nearest:?}?"),
        None => format!("there are {}, and the sets {}", possible.join(", "), sets.join(", ")),
    };
    format!("there is no issue type {name:?}; {hint}")
}
