//! Running the library on real data.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;

use crate::process::{cargo, run};

#[derive(Subcommand)]
pub(crate) enum Demo {
    /// Compares flagged labels with human verdicts on the test sets of MNIST, CIFAR-10, 20news and IMDB.
    LabelErrors {
        /// Folder with the files of <https://github.com/cleanlab/label-errors>: predicted probabilities, given
        /// labels and `*_mturk.json`.
        #[arg(long)]
        data: PathBuf,
    },
}

pub(crate) fn demo(demo: &Demo) -> Result<()> {
    match demo {
        Demo::LabelErrors { data } => {
            let data = data.canonicalize().with_context(|| format!("no folder {}", data.display()))?;
            let example =
                ["run", "--quiet", "--release", "--package", "cleanlab-examples", "--bin", "label_errors"];
            run(cargo(example).arg("--").arg("--data").arg(data))
        }
    }
}
