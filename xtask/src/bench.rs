//! Timing this workspace against the reference.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::process::{cargo, run, target_folder, workspace_root};
use crate::python_env::{reference_python, script_at};

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// Rounds of each method, in turns with cleanlab.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Only the smallest shape and two rounds, to see that everything runs.
    #[arg(long)]
    quick: bool,
    /// Also run cleanlab with its default `n_jobs`, a process pool.
    #[arg(long)]
    all_jobs: bool,
}

pub(crate) fn bench(arguments: &BenchArguments) -> Result<()> {
    reference_python()?;
    let program = "time_label_issues";
    run(&mut cargo(["build", "--quiet", "--release", "--package", "cleanlab-benches", "--bin", program]))?;
    let mut compare = script_at(&workspace_root().join("benches/compare_with_cleanlab.py"))?;
    let built: PathBuf = target_folder().join("release").join(program);
    compare.arg("--program").arg(built).arg("--data").arg(target_folder().join("bench"));
    compare.args(["--rounds", &arguments.rounds.to_string()]);
    if arguments.quick {
        compare.arg("--quick");
    }
    if arguments.all_jobs {
        compare.arg("--all-jobs");
    }
    run(&mut compare)
}
