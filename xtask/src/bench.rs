//! Timing this workspace against the reference.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::process::{cargo, run, target_folder, workspace_root};
use crate::python_env::{reference_python, script_at};

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// What to time: `labels`, that is `find_label_issues`, against cleanlab, or `trees`, classifiers, against scikit-learn.
    #[arg(default_value = "labels")]
    area: String,
    /// Rounds of each method, in turns with cleanlab.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Only the smallest shape and two rounds, to see that everything runs.
    #[arg(long)]
    quick: bool,
    /// Also run cleanlab with its default `n_jobs`, a process pool.
    #[arg(long)]
    all_jobs: bool,
    /// For `trees`: also the predicted probabilities of <https://github.com/cleanlab/label-errors> in this folder.
    #[arg(long, value_name = "DIR")]
    label_errors: Option<PathBuf>,
}

pub(crate) fn bench(arguments: &BenchArguments) -> Result<()> {
    let (program, script) = match arguments.area.as_str() {
        "labels" => ("time_label_issues", "compare_with_cleanlab.py"),
        "trees" => ("time_trees", "compare_trees_with_sklearn.py"),
        other => bail!("there is no bench called {other}; choose labels or trees"),
    };
    reference_python()?;
    run(&mut cargo(["build", "--quiet", "--release", "--package", "cleanlab-benches", "--bin", program]))?;
    let mut compare = script_at(&workspace_root().join("benches").join(script))?;
    let built: PathBuf = target_folder().join("release").join(program);
    compare.arg("--program").arg(built).arg("--data").arg(target_folder().join("bench"));
    compare.args(["--rounds", &arguments.rounds.to_string()]);
    if arguments.quick {
        compare.arg("--quick");
    }
    if arguments.all_jobs {
        compare.arg("--all-jobs");
    }
    if let Some(folder) = &arguments.label_errors {
        compare.arg("--label-errors").arg(folder);
    }
    run(&mut compare)
}
