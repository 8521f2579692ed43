//! The command line, with the options of a file put in.
//!
//! A key of the file is a long option by its name, so that every option can stand there and is checked as one. What is
//! given on the command line, or would contradict it, is passed over in the file.

#![deny(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "whatever is in a file, a reader gives a value or an error"
)]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches};
use toml::{Table, Value};

use crate::arguments::Arguments;
use crate::fail_on::all_issue_types;
use crate::nearest::nearest;
use crate::printable::path;

/// Options of single checks, by their names.
pub(crate) type CheckOptions = serde_json::Map<String, serde_json::Value>;

/// The table of a file with the options of checks.
const CHECKS: &str = "checks";
/// Options that make no sense in a file of options.
const NOT_IN_FILES: [&str; 3] = ["config", "help", "version"];

/// The arguments that the program was called with, completed by the file that `--config` names.
pub(crate) fn arguments() -> Result<Arguments> {
    completed(std::env::args_os().collect()).map(Arguments::parse_or_exit)
}

fn completed(given: Vec<OsString>) -> Result<Vec<OsString>> {
    if given.get(1).is_none_or(|command| command != "audit") {
        return Ok(given);
    }
    // What is required may stand in the file; whatever else is wrong is told when all is there.
    let lenient = Arguments::command().ignore_errors(true);
    let Ok(matches) = lenient.try_get_matches_from(&given) else { return Ok(given) };
    let Some(("audit", audit)) = matches.subcommand() else { return Ok(given) };
    let Ok(Some(file)) = audit.try_get_one::<PathBuf>("config") else { return Ok(given) };
    let options = parsed(&text_of(file)?, file)?;
    let mut completed = given.get(..2).unwrap_or_default().to_vec();
    completed.extend(as_arguments(options, audit, &built()).with_context(|| format!("in {}", path(file)))?);
    completed.extend(given.into_iter().skip(2));
    Ok(completed)
}

/// The whole program as clap knows it, with what clap adds to it.
pub(crate) fn built() -> Command {
    let mut program = Arguments::command();
    program.build();
    program
}

/// The options of checks that a file sets, if there is one.
pub(crate) fn options_of_checks(file: Option<&Path>) -> Result<CheckOptions> {
    let Some(file) = file else { return Ok(CheckOptions::new()) };
    checks_of(parsed(&text_of(file)?, file)?, file)
}

/// The options of checks among the options of a file.
pub(crate) fn checks_of(mut options: Table, file: &Path) -> Result<CheckOptions> {
    let Some(checks) = options.remove(CHECKS) else { return Ok(CheckOptions::new()) };
    let checks: CheckOptions = match checks {
        Value::Table(checks) => {
            serde_json::from_value(serde_json::to_value(checks)?).context("options of checks")?
        }
        _ => bail!("in {}: checks is no table; write [checks.outlier]", path(file)),
    };
    let names = all_issue_types();
    for (name, options) in &checks {
        if !names.contains(name) {
            bail!("in {}: {}", path(file), unknown("check", name, &names));
        }
        if !options.is_object() {
            bail!("in {}: checks.{name} is no table; write [checks.{name}]", path(file));
        }
    }
    Ok(checks)
}

fn text_of(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", path(file)))
}

/// The options in the text of a file.
pub(crate) fn parsed(text: &str, file: &Path) -> Result<Table> {
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().map(|span| text.bytes().take(span.start));
        let line = before.map(|before| before.filter(|&byte| byte == b'\n').count() + 1);
        let place = line.map(|line| format!(", line {line}")).unwrap_or_default();
        anyhow::anyhow!("{}{place} is not TOML: {}", path(file), error.message())
    })
}

/// The options of a file as arguments, but for those that the command line has or rules out.
pub(crate) fn as_arguments(
    mut options: Table,
    given: &ArgMatches,
    program: &Command,
) -> Result<Vec<OsString>> {
    options.remove(CHECKS);
    let Some(audit) = program.find_subcommand("audit") else { bail!("there is no audit") };
    let known = || audit.get_arguments().filter(|arg| !NOT_IN_FILES.contains(&arg.get_id().as_str()));
    let is_given = |arg: &Arg| given.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
    let mut arguments = Vec::new();
    for (key, value) in &options {
        let id = key.replace('-', "_");
        let Some(arg) = known().find(|arg| arg.get_id().as_str() == id) else {
            let names: Vec<String> = known().map(|arg| arg.get_id().as_str().replace('_', "-")).collect();
            bail!(unknown("option", key, &names));
        };
        let ruled_out = |other: &Arg| {
            is_given(other)
                && (audit.get_arg_conflicts_with(arg).contains(&other)
                    || audit.get_arg_conflicts_with(other).contains(&arg))
        };
        if is_given(arg) || known().any(ruled_out) {
            continue;
        }
        let name = arg.get_long();
        let text = match value {
            Value::Boolean(_) if !arg.get_action().takes_values() => None,
            Value::Array(values) => {
                let texts: Vec<String> =
                    values.iter().map(|value| scalar(key, value)).collect::<Result<_>>()?;
                if let Some(text) = texts.iter().find(|text| text.contains(',')) {
                    bail!("{key} has {text:?} with a comma, which separates the values of an option");
                }
                Some(texts.join(","))
            }
            value => Some(scalar(key, value)?),
        };
        match (name, text) {
            (Some(name), Some(text)) => arguments.push(format!("--{name}={text}").into()),
            (Some(name), None) => {
                if value.as_bool() == Some(true) {
                    arguments.push(format!("--{name}").into());
                }
            }
            (None, Some(text)) => arguments.push(text.into()),
            (None, None) => bail!("{key} needs a text"),
        }
    }
    Ok(arguments)
}

fn scalar(key: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Float(number) => Ok(number.to_string()),
        Value::Boolean(value) => Ok(value.to_string()),
        _ => bail!("{key} is neither a text, a number nor a list of these"),
    }
}

fn unknown(what: &str, name: &str, names: &[String]) -> String {
    let hint = match nearest(name, names.iter().map(String::as_str)) {
        Some(nearest) => format!("did you mean {nearest:?}?"),
        None => format!("there are {}", names.join(", ")),
    };
    format!("there is no {what} {name:?}; {hint}")
}

impl Arguments {
    /// Errors of the command line itself are told by clap, which ends the program.
    fn parse_or_exit(arguments: Vec<OsString>) -> Self {
        let matches = Self::command().get_matches_from(arguments);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}
