//! Measuring this workspace beside its peers, and the document made of the figures.

mod document;
mod figures;
mod plot;
mod tables;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::process::{build_release, cargo, output, run, target_folder, workspace_root};
use crate::python::build_wheel;
use crate::python_env::{environment, install_wheel, single_threaded};
use figures::{Measured, Simulated};

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// What is measured; everything if none is named.
    #[arg(value_enum)]
    groups: Vec<Group>,
    /// Rounds, in each of which every side takes its turn.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Only the smallest shapes and two rounds, to see that everything runs and agrees. Changes no document.
    #[arg(long)]
    quick: bool,
    /// Measures only what has this text in the name of its data or its work, and keeps the other figures of the group:
    /// `bench neighbors --only "approximate, cosine"`.
    #[arg(long, value_name = "TEXT", conflicts_with = "quick")]
    only: Option<String>,
    /// For `trees`: also the predicted probabilities of <https://github.com/cleanlab/label-errors> in this folder.
    #[arg(long, value_name = "DIR")]
    label_errors: Option<PathBuf>,
    /// Measures nothing: makes docs/BENCHMARKS.md and the plots from the figures in docs/benchmarks.
    #[arg(long)]
    render: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    /// `find_label_issues` where every row has one label, against cleanlab.
    Labels,
    /// Thresholds, confident joint, number of issues, health, against cleanlab.
    Counts,
    /// Label quality scores, of one model and of an ensemble, against cleanlab.
    Scores,
    /// Filters and scores where every row has a set of classes, against cleanlab.
    Multilabel,
    /// Noise matrices and noisy labels, against cleanlab.
    Noise,
    /// Label methods over files larger than memory, against cleanlab's batches.
    Outofcore,
    /// Graphs of nearest neighbours, against scikit-learn, faiss and pynndescent.
    Neighbors,
    /// Whole audits and single checks of them, against cleanlab's Datalab.
    Datalab,
    /// KNN-Shapley values, against cleanlab.
    DataValuation,
    /// `CleanLearning` and logistic regression in five folds, against cleanlab and scikit-learn.
    Learning,
    /// Random forest and gradient boosting, time and accuracy, against scikit-learn.
    Trees,
    /// The Python package, against cleanlab and against the same calls in Rust.
    Python,
    /// Whole processes of the command line, and its size.
    Startup,
    /// How often the intervals of cleanlab-dataset hold.
    Intervals,
}

/// The program that runs this workspace's side of a group, as cargo names it: package and binary.
struct Program {
    package: &'static str,
    binary: &'static str,
}

const TIME_CALLS: Program = Program { package: "cleanlab-benches", binary: "time_calls" };

impl Group {
    /// The name of its JSON file and its script.
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn script(self) -> PathBuf {
        workspace_root().join(format!("benches/compare_{}.py", self.name().replace('-', "_")))
    }

    fn program(self) -> Program {
        match self {
            Self::Outofcore => Program { package: "cleanlab-benches", binary: "time_outofcore" },
            Self::Startup => Program { package: "cleanlab-cli", binary: "cleanlab" },
            Self::Intervals => Program { package: "cleanlab-benches", binary: "measure_interval_coverage" },
            _ => TIME_CALLS,
        }
    }
}

pub(crate) fn bench(arguments: &BenchArguments) -> Result<()> {
    if arguments.render {
        return write_documents();
    }
    let groups = match arguments.groups.as_slice() {
        [] => Group::value_variants().to_vec(),
        named => named.to_vec(),
    };
    let folder = if arguments.quick { target_folder().join("bench/quick") } else { documents_folder() };
    fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
    let mut differing = Vec::new();
    for group in groups {
        let json = folder.join(format!("{}.json", group.name()));
        if group == Group::Intervals {
            measure_intervals(arguments, &json)?;
        } else {
            compare(arguments, group, &json)?;
            let measured = Measured::read(&json)?;
            println!("\n{}", tables::section(&measured));
            differing.extend(measured.disagreements());
        }
        if !arguments.quick {
            write_documents()?;
        }
    }
    if !differing.is_empty() {
        bail!("both sides should give the same answers, but\n{}", differing.join("\n"));
    }
    Ok(())
}

/// Builds the program that runs this workspace, and runs the script that runs its peers in turns with it.
fn compare(arguments: &BenchArguments, group: Group, json: &Path) -> Result<()> {
    let requirements = workspace_root().join("benches/requirements.txt");
    let python = environment("bench-env", &requirements)?;
    let Program { package, binary } = group.program();
    run(&mut build_release(package, binary))?;
    if group == Group::Python {
        install_wheel(&python, &build_wheel(&python)?)?;
    }
    let mut script = single_threaded(&python, &group.script());
    script.arg("--program").arg(target_folder().join("release").join(binary));
    script.arg("--data").arg(target_folder().join("bench/data")).arg("--json").arg(json);
    script.args(["--rounds", &arguments.rounds.to_string()]);
    if arguments.quick {
        script.arg("--quick");
    }
    if let Some(text) = &arguments.only {
        script.args(["--only", text]);
    }
    if let Some(folder) = arguments.label_errors.as_ref().filter(|_| group == Group::Trees) {
        script.arg("--label-errors").arg(folder);
    }
    run(&mut script)
}

fn measure_intervals(arguments: &BenchArguments, json: &Path) -> Result<()> {
    let Program { package, binary } = Group::Intervals.program();
    let replicates = if arguments.quick { 20 } else { 1000 };
    let mut command = cargo(["run", "--quiet", "--release", "--package", package, "--bin", binary]);
    let table = output(command.args(["--", &replicates.to_string()]))?;
    let simulated = Simulated::from_table(replicates, &table)?;
    println!("{}", simulated.table());
    let text = serde_json::to_string_pretty(&simulated)?;
    fs::write(json, text + "\n").with_context(|| format!("could not write {}", json.display()))
}

fn documents_folder() -> PathBuf {
    workspace_root().join("docs/benchmarks")
}

/// Every file that is made of the figures, with its text.
fn documents() -> Result<BTreeMap<PathBuf, String>> {
    let folder = documents_folder();
    let template = fs::read_to_string(folder.join("template.md")).context("docs/benchmarks/template.md")?;
    let mut measured = Vec::new();
    for group in Group::value_variants().iter().filter(|&&group| group != Group::Intervals) {
        let json = folder.join(format!("{}.json", group.name()));
        if json.exists() {
            measured.push(Measured::read(&json)?);
        }
    }
    let intervals = Simulated::read(&folder.join("intervals.json"))?;
    let mut files = BTreeMap::new();
    for group in &measured {
        if let Some(plot) = plot::plot(group) {
            files.insert(folder.join(format!("{}.svg", group.group)), plot);
        }
    }
    let text = document::document(&template, &measured, &intervals)?;
    files.insert(workspace_root().join("docs/BENCHMARKS.md"), text);
    Ok(files)
}

fn write_documents() -> Result<()> {
    for (path, text) in documents()? {
        fs::write(&path, text).with_context(|| format!("could not write {}", path.display()))?;
    }
    Ok(())
}

/// What of the documents is not what the recorded figures make.
pub(crate) fn outdated_documents() -> Result<Vec<String>> {
    let documents = documents()?;
    let outdated =
        documents.iter().filter(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(text));
    let complaint = |(path, _): (&PathBuf, &String)| {
        let name = path.strip_prefix(workspace_root()).unwrap_or(path).display();
        format!("{name} is not what docs/benchmarks/*.json make: run `cargo xtask bench --render`")
    };
    Ok(outdated.map(complaint).collect())
}
