//! Runs calls of this workspace on request, for a script that runs its peers in turns: see `benches/interleaved.py`.
//!
//! `time_calls FOLDER` reads every array of the folder that it knows by name and prints `ready`. Then it reads a request
//! a line, `{"call": "find_label_issues", "argument": "both", "threads": 1, "keep": null}` (0 threads are all), and
//! answers each with `{"seconds", "growth", "notes"}`: the time that the call took, checks of the input included; the
//! most memory that it needed meanwhile besides its result, in bytes (0 where the system does not tell); and what else
//! it told. Where `keep` names a file, the answer is written there as a column of floats.
//!
//! Every array is read once before each clock starts, so that no side pays for caches that another has filled in its
//! turn. A new measured call is one arm of a `match`, in the file of its kind.

#![allow(clippy::print_stdout, reason = "a command-line program")]

mod audits;
mod class_labels;
mod data;
mod features;
mod models;
mod multilabel;
mod noise;

use std::fs::{self, File};
use std::io::{self, BufRead};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use cleanlab_table::{Content, write_to};
use ndarray::{ArrayView1, Axis};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::{Map, Value, json};

use crate::data::Data;

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("usage: time_calls FOLDER")?;
    let data = Data::read(Path::new(&folder))?;
    let pools = [pool(1)?, pool(0)?];
    let mut state = State::default();
    println!("ready");
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let text = |field: &str| request[field].as_str().unwrap_or_default();
        let pool = if request["threads"] == json!(1) { &pools[0] } else { &pools[1] };
        data.touch();
        let mut clock = Clock { pool, seconds: 0.0, growth: 0 };
        let answer = measure(&mut clock, &data, &mut state, text("call"), text("argument"))?;
        if let Some(path) = request["keep"].as_str() {
            write_column(path, &answer.values)?;
        }
        let growth = clock.growth.saturating_sub(answer.bytes);
        let reply = json!({"seconds": clock.seconds, "growth": growth, "notes": answer.notes});
        println!("{reply}");
    }
    Ok(())
}

/// What later requests take from earlier ones.
#[derive(Default)]
struct State {
    features: features::Graphs,
    audits: audits::Audits,
}

fn measure(
    clock: &mut Clock<'_>,
    data: &Data,
    state: &mut State,
    call: &str,
    argument: &str,
) -> Result<Answer> {
    if call == "memory_pass" {
        return Ok(Answer::numbers([clock.time(|| Ok(data.read_pass()))? as f64]));
    }
    let kind = call.split_once('.').context("a call is named `kind.function`")?;
    match kind {
        ("labels", call) => class_labels::measure(clock, data, call, argument),
        ("multilabel", call) => multilabel::measure(clock, data, call, argument),
        ("noise", call) => noise::measure(clock, data, call, argument),
        ("neighbors", call) => features::measure(clock, data, &mut state.features, call, argument),
        ("audit", call) => audits::measure(clock, data, &mut state.audits, call, argument),
        ("model", call) => models::measure(clock, data, call, argument),
        _ => bail!("no such call: {call}"),
    }
}

/// Times one call within a pool of threads.
struct Clock<'a> {
    pool: &'a ThreadPool,
    seconds: f64,
    growth: u64,
}

impl Clock<'_> {
    fn time<T: Send>(&mut self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let before = resident_bytes("VmRSS:");
        // Lets the kernel start counting the peak anew; without it the growth reads as 0.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let (seconds, result) = self.pool.install(|| {
            let start = Instant::now();
            let result = work();
            (start.elapsed().as_secs_f64(), result)
        });
        self.seconds = seconds;
        self.growth = resident_bytes("VmHWM:").saturating_sub(before);
        result
    }
}

/// What a call gave.
struct Answer {
    /// The answer as floats, to be compared with those of the peers.
    values: Vec<f64>,
    /// What the result itself takes in memory.
    bytes: u64,
    /// What else is told of it.
    notes: Map<String, Value>,
}

impl Answer {
    fn numbers(values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().collect();
        Self { bytes: (values.len() * size_of::<f64>()) as u64, values, notes: Map::new() }
    }

    fn mask<'a>(mask: impl IntoIterator<Item = &'a bool>) -> Self {
        let values: Vec<f64> = mask.into_iter().map(|&flag| f64::from(u8::from(flag))).collect();
        Self { bytes: values.len() as u64, values, notes: Map::new() }
    }

    fn with_note(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.notes.insert(name.to_owned(), value.into());
        self
    }
}

/// Threads that live as long as the process, so that their stacks are no cost of the first call.
fn pool(threads: usize) -> Result<ThreadPool> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
    pool.broadcast(|_| ());
    Ok(pool)
}

fn write_column(path: &str, values: &[f64]) -> Result<()> {
    let column = ArrayView1::from(values).insert_axis(Axis(1));
    Ok(write_to(&mut File::create(path)?, path, &Content::NpyMatrix(column))?)
}

/// A line of /proc/self/status, in bytes; 0 where there is no such file.
fn resident_bytes(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or_default() * 1024
}
