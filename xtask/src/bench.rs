//! Timing this workspace against the reference, and measuring what no test can assert.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::process::{cargo, run, target_folder, workspace_root};
use crate::python_env::{reference_python, script_at};

/// What is measured.
#[derive(Clone, Copy, ValueEnum)]
enum Area {
    /// Flagging labels, against cleanlab.
    LabelIssues,
    /// How often the intervals of cleanlab-dataset hold.
    Intervals,
}

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// What is measured.
    #[arg(value_enum, default_value = "label-issues")]
    area: Area,
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
    match arguments.area {
        Area::LabelIssues => label_issues(arguments),
        Area::Intervals => intervals(arguments),
    }
}

fn intervals(arguments: &BenchArguments) -> Result<()> {
    let program = "measure_interval_coverage";
    let replicates = if arguments.quick { "20" } else { "1000" };
    run(cargo(["run", "--quiet", "--release", "--package", "cleanlab-benches", "--bin", program])
        .args(["--", replicates]))
}

fn label_issues(arguments: &BenchArguments) -> Result<()> {
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
