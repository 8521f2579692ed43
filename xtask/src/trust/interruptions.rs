//! Ctrl-C, the signals TERM and HUP at any moment, and readers that leave.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::Effort;
use super::command_lines::{COMMANDS, OUTPUTS, Scene, npy};
use crate::process::{build_workspace, output};

/// The signals by the names that `kill` knows, and their numbers.
const SIGNALS: [(&str, i32); 3] = [("INT", 2), ("TERM", 15), ("HUP", 1)];

/// How soon after a signal the command has ended.
const SOON: Duration = Duration::from_secs(1);

/// Commands that take a while, on the large data of [`write_large_data`].
const LONG: &[&str] = &[
    "audit large.csv --label y --out to/out --save to/saved --report to/r.html --junit to/checks.xml --format json",
    "labels --labels yy.npy --pred-probs pp.npy --out to/out --format csv",
    "labels --labels yy.npy --pred-probs pp.npy --memory 1M --out to/out --format json",
    "health --labels yy.npy --pred-probs pp.npy --memory 1M --out to/out",
    "health --labels yy.npy --pred-probs pp.npy --intervals --interval-method bootstrap --out to/out --format json",
    "overlap --labels yy.npy --pred-probs pp.npy --intervals --interval-method bootstrap --out to/out --format csv",
    "classes large.csv --label y --classifier random-forest --out to/out",
    "clean large.csv --label y --classifier gradient-boosting --out to/out --format csv",
    "clean large.csv --label y --out to/cleaned.csv",
    "noise --classes 800 --trace 500 --any-matrix --out to/out --format json",
    "report saved",
    "issues saved label --format json",
    "diff saved saved --format json",
    "man --out to/man",
];

pub(super) fn run_check(effort: Effort) -> Result<String> {
    let program = build_workspace()?.join("cleanlab");
    let scene = Scene::new("interruptions", &program)?;
    let rows = if effort == Effort::Long { 6_000 } else { 4_000 };
    write_large_data(&scene, rows)?;
    let saved = scene.run(&program, "audit large.csv --label y --save saved", &[])?;
    ensure!(saved.status == Some(0), "{}", saved.stderr);
    let moments = if effort == Effort::Long { 12 } else { 2 };
    let (mut n_signals, mut n_amid, mut slowest) = (0, 0, Duration::ZERO);
    let mut random = Draws(0x9e37_79b9_7f4a_7c15);
    // Under nohup the command goes on without a terminal, and rightly so.
    let signals = if is_ignored(1) { &SIGNALS[..2] } else { &SIGNALS };
    let names: Vec<&str> = signals.iter().map(|(signal, _)| *signal).collect();
    for words in LONG {
        let whole = Whole::of(&scene, &program, words)?;
        for &(signal, number) in signals {
            for _ in 0..moments {
                // Also when it is about to end: that is when it writes.
                let moment = whole.duration.mul_f64(1.05 * random.share());
                let ended = Ended::after(&scene, &program, words, signal, moment)?;
                let told = format!("cleanlab {words}: {signal} after {} ms", moment.as_millis());
                n_amid += usize::from(whole.check(&scene, &ended, number).context(told.clone())?);
                ensure!(ended.took < SOON, "{told}: it went on for {} ms", ended.took.as_millis());
                slowest = slowest.max(ended.took);
                n_signals += 1;
            }
        }
    }
    ensure!(n_amid > n_signals / 4, "only {n_amid} of {n_signals} signals came before the end");
    let n_closed = closed_pipes(&scene, &program)?;
    Ok(format!(
        "{n_signals} of {n_signals} signals ({}; {n_amid} amid the work of {} command lines) ended it within {} ms, \
         with 130, 143 or 129 and every output whole or absent; {n_closed} of {n_closed} runs whose reader had left ended as ever",
        names.join(", "),
        LONG.len(),
        slowest.as_millis()
    ))
}

/// Whether this program, and so all that it starts, was told to ignore a signal.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Numbers that look random, the same every time.
struct Draws(u64);

impl Draws {
    /// Between 0 and 1.
    fn share(&mut self) -> f64 {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A table with three classes and some wrong labels, and labels and probabilities of ten times as many rows.
fn write_large_data(scene: &Scene, rows: usize) -> Result<()> {
    let mut random = Draws(88_172_645_463_325_252);
    let mut table = "id,a,b,c,d,place,y\n".to_owned();
    for row in 0..rows {
        let class = (random.share() * 3.0) as usize;
        let label = if random.share() < 0.05 { (class + 1) % 3 } else { class };
        let mut value = |at: usize| (random.share() + if at == class { 0.8 } else { 0.0 }).to_string();
        let cells = [value(0), value(1), value(2), value(3)].join(",");
        writeln!(table, "{row},{cells},place {},{}", row % 7, ["ant", "bee", "cow"][label])?;
    }
    scene.write("large.csv", table)?;
    let (rows, classes) = (10 * rows, 10);
    let labels: Vec<i64> = (0..rows).map(|_| (random.share() * classes as f64) as i64).collect();
    scene.write("yy.npy", npy("<i8", &[rows], labels.iter().flat_map(|label| label.to_le_bytes())))?;
    let probs = labels.iter().flat_map(|&label| {
        let sure = random.share();
        (0..classes as i64).map(move |class| (1.0 - sure) / 10.0 + if class == label { sure } else { 0.0 })
    });
    let bytes: Vec<u8> = probs.flat_map(f64::to_le_bytes).collect();
    scene.write("pp.npy", npy("<f8", &[rows, classes], bytes.into_iter()))
}

/// What a command gives that nobody interrupts.
struct Whole {
    duration: Duration,
    stdout: Vec<u8>,
    /// Its outputs: what is written together, by its place.
    outputs: BTreeMap<String, BTreeMap<PathBuf, Vec<u8>>>,
}

/// How a command ended that a signal was sent to.
struct Ended {
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: String,
    /// From the signal to the end.
    took: Duration,
}

impl Ended {
    /// Runs a command, and sends it a signal at a moment after its start.
    fn after(scene: &Scene, program: &Path, words: &str, signal: &str, moment: Duration) -> Result<Self> {
        scene.empty_outputs()?;
        let mut command = scene.command(program, words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let stdout = reader(child.stdout.take().context("no output")?);
        let stderr = reader(child.stderr.take().context("no messages")?);
        let start = Instant::now();
        let mut status = child.try_wait()?;
        while start.elapsed() < moment && status.is_none() {
            thread::sleep(Duration::from_millis(1).min(moment));
            status = child.try_wait()?;
        }
        let asked = Instant::now();
        let status = match status {
            Some(status) => status,
            // Nobody has waited for it yet, so that its number is nobody else's even if it has ended.
            None => {
                output(Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()))?;
                child.wait()?
            }
        };
        let took = asked.elapsed();
        let read = |reader: thread::JoinHandle<std::io::Result<Vec<u8>>>| match reader.join() {
            Ok(bytes) => Ok(bytes?),
            Err(_) => bail!("the output could not be read"),
        };
        Ok(Self {
            status,
            took,
            stdout: read(stdout)?,
            stderr: String::from_utf8_lossy(&read(stderr)?).into_owned(),
        })
    }
}

impl Whole {
    fn of(scene: &Scene, program: &Path, words: &str) -> Result<Self> {
        let start = Instant::now();
        let given = scene.run(program, words, &[])?;
        let duration = start.elapsed();
        ensure!(given.status == Some(0), "cleanlab {words}: {}", given.stderr);
        Ok(Self { duration, stdout: given.stdout, outputs: together(given.files) })
    }

    /// Whether the signal came before the end; an error if anything was torn.
    fn check(&self, scene: &Scene, ended: &Ended, signal: i32) -> Result<bool> {
        let Ended { status, stdout, stderr, .. } = ended;
        let asked = status.code() == Some(128 + signal);
        // The very first moments belong to the system, which then ends the program itself: to a shell that is the same.
        let at_once = status.signal() == Some(signal);
        let was_done = status.code() == Some(0);
        ensure!(asked || at_once || was_done, "it ended with {status}: {stderr}");
        ensure!(!asked || stderr.contains("nothing was left half written"), "it said {stderr:?}");
        ensure!(stdout.is_empty() || *stdout == self.stdout, "what it printed was torn");
        ensure!(!was_done || *stdout == self.stdout, "what it printed is not whole");
        let left = together(scene.outputs()?);
        for (place, files) in &left {
            ensure!(
                self.outputs.get(place) == Some(files),
                "{place} was left in part: {:?}",
                files.keys().collect::<Vec<_>>()
            );
        }
        ensure!(!was_done || left.len() == self.outputs.len(), "outputs are missing");
        // Nor is an empty folder left.
        let names = fs::read_dir(scene.folder.join(OUTPUTS))?;
        let names = names.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        let empty = names.collect::<Result<Vec<String>>>()?.into_iter().find(|name| !left.contains_key(name));
        ensure!(empty.is_none(), "it left {} empty", empty.unwrap_or_default());
        Ok(!was_done)
    }
}

fn together(files: BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<String, BTreeMap<PathBuf, Vec<u8>>> {
    let mut places: BTreeMap<String, BTreeMap<PathBuf, Vec<u8>>> = BTreeMap::new();
    for (path, content) in files {
        let place = path.iter().next().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        places.entry(place).or_default().insert(path, content);
    }
    places
}

fn reader(mut from: impl Read + Send + 'static) -> thread::JoinHandle<std::io::Result<Vec<u8>>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes)?;
        Ok(bytes)
    })
}

/// Runs every command line with a reader that is gone from the start, and with one that leaves after a byte: each ends as
/// it does otherwise, says no word of it, and writes its files.
fn closed_pipes(scene: &Scene, program: &Path) -> Result<usize> {
    let mut n_runs = 0;
    for line in COMMANDS {
        let usual = scene.run(program, line.words, &[])?;
        for reads in [0, 1] {
            scene.empty_outputs()?;
            let (mut from, to) = std::io::pipe()?;
            let mut command = scene.command(program, line.words);
            let mut child = command.stdout(to).stderr(Stdio::piped()).spawn()?;
            // The command holds the other end too, which would keep the reader waiting.
            drop(command);
            let messages = reader(child.stderr.take().context("no messages")?);
            if reads > 0 && !usual.stdout.is_empty() {
                from.read_exact(&mut [0])?;
            }
            drop(from);
            let status = child.wait()?;
            let Ok(messages) = messages.join() else { bail!("messages could not be read") };
            let messages = String::from_utf8_lossy(&messages?).into_owned();
            let told = format!("cleanlab {}, whose reader took {reads} bytes", line.words);
            // What was to be said after printing is not said any more.
            let is_success = status.code() == usual.status || status.code() == Some(0);
            ensure!(is_success && usual.stderr.contains(&messages), "{told}: {status}, {messages}");
            ensure!(scene.outputs()? == usual.files, "{told}: files are others");
            n_runs += 1;
        }
    }
    Ok(n_runs)
}
