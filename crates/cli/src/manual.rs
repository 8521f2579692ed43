//! Completion scripts and manual pages.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use cleanlab_table::{Content, OutputFile, write_all};

use crate::Outcome;
use crate::arguments::Arguments;
use crate::interrupt;
use crate::places::Places;
use crate::report::print_bytes;

pub(crate) fn completions(shell: Shell) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "cleanlab", &mut script);
    print(&script)
}

pub(crate) fn man_pages(folder: Option<&PathBuf>) -> Result<Outcome> {
    let Some(folder) = folder else {
        let mut text = Vec::new();
        Man::new(command()).render(&mut text)?;
        return print(&text);
    };
    let pages = pages()?;
    Places::default().folder("--out", Some(folder), pages.iter().map(|page| &page.file_name)).check()?;
    let files: Vec<OutputFile<'_>> = pages
        .iter()
        .map(|page| OutputFile::new(page.file_name.as_str(), Content::Bytes(&page.text)))
        .collect();
    interrupt::write_whole(|| write_all(folder, &files)).context("no page was written")?;
    Ok(Outcome::Ran)
}

fn print(text: &[u8]) -> Result<Outcome> {
    print_bytes(text)?;
    Ok(Outcome::Ran)
}

struct Page {
    file_name: String,
    text: Vec<u8>,
}

/// `help` has no page: it has no options, and its pages would be those of the other commands again.
fn command() -> clap::Command {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    command
}

/// The page of the program, and those of its commands.
fn pages() -> Result<Vec<Page>> {
    let program = command();
    let commands = program.get_subcommands().cloned().collect::<Vec<_>>();
    let page = |command| {
        let man = Man::new(command);
        let mut text = Vec::new();
        man.render(&mut text)?;
        Ok(Page { file_name: man.get_filename(), text })
    };
    std::iter::once(program).chain(commands).map(page).collect()
}
