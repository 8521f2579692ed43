//! Timing this workspace against the reference, and measuring what no test can assert.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::process::{cargo, run, target_folder, workspace_root};
use crate::python_env::{environment, reference_python, single_threaded};

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// What is measured.
    #[arg(value_enum, default_value_t)]
    area: Area,
    /// Rounds of each method, in turns with the reference. Default: 5, and 2 for `datalab`, where a round takes minutes.
    #[arg(long)]
    rounds: Option<u32>,
    /// Only the smallest shape and two rounds, to see that everything runs.
    #[arg(long)]
    quick: bool,
    /// For `labels`: also run cleanlab with its default `n_jobs`, a process pool.
    #[arg(long)]
    all_jobs: bool,
    /// For `trees`: also the predicted probabilities of <https://github.com/cleanlab/label-errors> in this folder.
    #[arg(long, value_name = "DIR")]
    label_errors: Option<PathBuf>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Area {
    /// `find_label_issues` where every row has one label, against cleanlab.
    #[default]
    Labels,
    /// Filters and scores where every row has a set of classes, against cleanlab.
    Multilabel,
    /// Whole audits and single checks of them, against cleanlab's Datalab.
    Datalab,
    /// KNN-Shapley values, against cleanlab.
    DataValuation,
    /// Logistic regression in five folds, against scikit-learn.
    LogisticRegression,
    /// Random forest and gradient boosting, time and accuracy, against scikit-learn.
    Trees,
    /// Graphs of nearest neighbours, against scikit-learn, faiss and pynndescent.
    Neighbors,
    /// How often the intervals of cleanlab-dataset hold.
    Intervals,
}

pub(crate) fn bench(arguments: &BenchArguments) -> Result<()> {
    match arguments.area {
        Area::Labels => compare(arguments, "time_label_issues", "compare_with_cleanlab.py"),
        Area::Multilabel => {
            compare(arguments, "time_multilabel_issues", "compare_multilabel_with_cleanlab.py")
        }
        Area::Datalab => compare(arguments, "time_datalab", "compare_datalab_with_cleanlab.py"),
        Area::DataValuation => {
            compare(arguments, "time_data_valuation", "compare_data_valuation_with_cleanlab.py")
        }
        Area::LogisticRegression => {
            compare(arguments, "time_logistic_regression", "compare_logistic_regression_with_sklearn.py")
        }
        Area::Trees => compare(arguments, "time_trees", "compare_trees_with_sklearn.py"),
        Area::Neighbors => compare(arguments, "time_neighbors", "compare_neighbors.py"),
        Area::Intervals => measure_intervals(arguments),
    }
}

/// Builds the program that runs this workspace, and runs the script that runs the reference in turns with it.
fn compare(arguments: &BenchArguments, program: &str, script: &str) -> Result<()> {
    let python = match arguments.area {
        Area::Neighbors => {
            environment("neighbors-env", &workspace_root().join("benches/requirements_neighbors.txt"))?
        }
        _ => reference_python()?,
    };
    run(&mut cargo(["build", "--quiet", "--release", "--package", "cleanlab-benches", "--bin", program]))?;
    let mut compare = single_threaded(&python, &workspace_root().join("benches").join(script));
    let built: PathBuf = target_folder().join("release").join(program);
    compare.arg("--program").arg(built).arg("--data").arg(target_folder().join("bench"));
    let usual_rounds = if arguments.area == Area::Datalab { 2 } else { 5 };
    compare.args(["--rounds", &arguments.rounds.unwrap_or(usual_rounds).to_string()]);
    if arguments.quick {
        compare.arg("--quick");
    }
    if arguments.area == Area::Datalab && !arguments.quick {
        compare.arg("--document").arg(workspace_root().join("docs/BENCHMARKS.md"));
    }
    if arguments.all_jobs && arguments.area == Area::Labels {
        compare.arg("--all-jobs");
    }
    if let Some(folder) = arguments.label_errors.as_ref().filter(|_| arguments.area == Area::Trees) {
        compare.arg("--label-errors").arg(folder);
    }
    run(&mut compare)
}

fn measure_intervals(arguments: &BenchArguments) -> Result<()> {
    let program = "measure_interval_coverage";
    let replicates = if arguments.quick { "20" } else { "1000" };
    run(cargo(["run", "--quiet", "--release", "--package", "cleanlab-benches", "--bin", program])
        .args(["--", replicates]))
}
