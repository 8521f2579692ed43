//! Completion scripts and manual pages.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::Outcome;
use crate::arguments::Arguments;

pub(crate) fn completions(shell: Shell) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "cleanlab", &mut script);
    io::stdout().write_all(&script)?;
    Ok(Outcome::Ran)
}

pub(crate) fn man_pages(folder: Option<&Path>) -> Result<Outcome> {
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("could not make the folder {}", folder.display()))?;
        clap_mangen::generate_to(Arguments::command(), folder)
            .with_context(|| format!("could not write the manual to {}", folder.display()))?;
    } else {
        let mut page = Vec::new();
        Man::new(Arguments::command()).render(&mut page)?;
        io::stdout().write_all(&page)?;
    }
    Ok(Outcome::Ran)
}
