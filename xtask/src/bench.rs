//! Timing this workspace against the reference.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::process::{cargo, run, target_folder, workspace_root};
use crate::python_env::{reference_python, script_at};

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// What to time.
    #[arg(value_enum, default_value_t)]
    area: Area,
    /// Rounds of each method, in turns with cleanlab.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Only the smallest shape and two rounds, to see that everything runs.
    #[arg(long)]
    quick: bool,
    /// Also run cleanlab with its default `n_jobs`, a process pool. For labels only.
    #[arg(long)]
    all_jobs: bool,
}

#[derive(Clone, Copy, Default, PartialEq, ValueEnum)]
enum Area {
    /// `find_label_issues` where every row has one label.
    #[default]
    Labels,
    /// Filters and scores where every row has a set of classes.
    Multilabel,
}

impl Area {
    /// The program that runs this workspace, and the script that runs cleanlab in turns with it.
    fn program_and_script(self) -> (&'static str, &'static str) {
        match self {
            Self::Labels => ("time_label_issues", "compare_with_cleanlab.py"),
            Self::Multilabel => ("time_multilabel_issues", "compare_multilabel_with_cleanlab.py"),
        }
    }
}

pub(crate) fn bench(arguments: &BenchArguments) -> Result<()> {
    reference_python()?;
    let (program, script) = arguments.area.program_and_script();
    run(&mut cargo(["build", "--quiet", "--release", "--package", "cleanlab-benches", "--bin", program]))?;
    let mut compare = script_at(&workspace_root().join("benches").join(script))?;
    let built: PathBuf = target_folder().join("release").join(program);
    compare.arg("--program").arg(built).arg("--data").arg(target_folder().join("bench"));
    compare.args(["--rounds", &arguments.rounds.to_string()]);
    if arguments.quick {
        compare.arg("--quick");
    }
    if arguments.all_jobs && arguments.area == Area::Labels {
        compare.arg("--all-jobs");
    }
    run(&mut compare)
}
