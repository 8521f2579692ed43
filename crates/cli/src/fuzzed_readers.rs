//! The readers that only the command has, for the fuzzer.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use clap::{ArgMatches, Command};
use cleanlab_table::Source;

use crate::config;

thread_local! {
    /// The program and an audit that is given nothing but a file of options: both take long to make.
    static PROGRAM: RefCell<(Command, ArgMatches)> = RefCell::new({
        let mut program = config::built().ignore_errors(true);
        let matches = program.try_get_matches_from_mut(["cleanlab", "audit", "--config", "f.toml"]);
        (config::built(), matches.unwrap_or_default())
    });
}

/// Reads a file of options as `cleanlab audit --config` does, up to where the audit would begin.
///
/// # Errors
///
/// What the command would say.
pub fn config(text: &str) -> Result<()> {
    let file = Path::new("f.toml");
    let options = config::parsed(text, file)?;
    config::checks_of(options.clone(), file)?;
    PROGRAM.with_borrow_mut(|(program, given)| {
        let audit = given.subcommand_matches("audit").unwrap_or(given);
        let arguments = config::as_arguments(options, audit, program)?;
        let begin = ["cleanlab", "audit"].map(OsString::from);
        program.try_get_matches_from_mut(begin.into_iter().chain(arguments))?;
        Ok(())
    })
}

/// Reads a neighbour graph as `--knn-graph` does.
///
/// # Errors
///
/// What the command would say.
pub fn knn_graph(bytes: &[u8]) -> Result<()> {
    let source = Source::from_bytes(bytes, "f.npz");
    crate::knn_graph::knn_graph_of(&source, Path::new("f.npz")).map(drop)
}
