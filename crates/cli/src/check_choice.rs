//! Which checks are made.

use anyhow::{Result, bail};
use cleanlab_datalab::{Checks, Task, list_default_issue_types, list_possible_issue_types};

use crate::arguments::CheckArguments;
use crate::config::{CheckOptions, check_options};
use crate::nearest::nearest;

/// The checks that `Datalab.find_issues` of cleanlab in Python makes for a task.
fn of_cleanlab(task: Task) -> &'static [&'static str] {
    match task {
        Task::Classification => &[
            "null",
            "label",
            "outlier",
            "near_duplicate",
            "non_iid",
            "class_imbalance",
            "underperforming_group",
        ],
        _ => &["null", "label", "outlier", "near_duplicate", "non_iid"],
    }
}
