//! Saving that is killed or fails, and saved audits that are damaged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::Effort;
use super::command_lines::{OUTPUTS, Scene};
use super::faults::{count_calls, prepare, with_fault};
use crate::process::{build_workspace, cargo, output};

/// What writes everything that an audit can write.
const WORDS: &str = "audit pets.csv --label animal --id pet_id --out to/out --save to/saved --report to/r.html \
                     --junit to/checks.xml --threads 2";
/// The calls by which files come about, with the errors that each is made to give.
const FAULTS: &[(&str, &[&str])] = &[
    ("write", &["error=ENOSPC", "error=EIO", "signal=KILL"]),
    ("fsync", &["error=ENOSPC", "error=EIO", "signal=KILL"]),
    ("openat", &["error=ENOSPC", "error=EIO", "signal=KILL"]),
    ("mkdir", &["error=ENOSPC", "error=EIO", "signal=KILL"]),
    ("rename", &["error=ENOSPC", "error=EIO", "signal=KILL"]),
    ("close", &["error=EIO", "signal=KILL"]),
    ("unlink", &["error=EIO", "signal=KILL"]),
    ("rmdir", &["error=EIO", "signal=KILL"]),
    ("unlinkat", &["error=EIO", "signal=KILL"]),
    ("flock", &["error=EIO", "signal=KILL"]),
    ("chmod", &["error=EIO"]),
];
/// The short form tries every so many places.
const SHORT_STEP: usize = 23;

pub(super) fn run_check(effort: Effort) -> Result<String> {
    let (kills, flips, cuts) = if effort == Effort::Long { (1_000, 10_000, 1_000) } else { (40, 1_000, 200) };
    let mut figures = test_figures("save_killed", "CLEANLAB_TRUST_KILLS", kills)?;
    figures.extend(
        test_figures("saved_audit", "CLEANLAB_TRUST_FLIPS", flips)?
            .into_iter()
            .filter(|line| line.contains("bits")),
    );
    let cut = test_figures("saved_audit", "CLEANLAB_TRUST_TRUNCATIONS", cuts)?;
    figures.extend(cut.into_iter().filter(|line| line.contains("cut off")));
    ensure!(figures.len() == 4, "the tests tell of {figures:?}");
    figures.push(faults(effort)?);
    Ok(figures.join("; "))
}

/// Runs the tests of saved audits with the size that a variable sets, and gives the figures that they print.
pub(super) fn test_figures(test: &str, variable: &str, size: usize) -> Result<Vec<String>> {
    let mut tests =
        cargo(["test", "--workspace", "--quiet", "--test", test, "--", "--nocapture", "--test-threads=1"]);
    let text = output(tests.env(variable, size.to_string()))?;
    let figures: Vec<String> =
        text.lines().filter_map(|line| Some(line.split_once("trust: ")?.1.to_owned())).collect();
    ensure!(!figures.is_empty(), "the test {test} tells no figure:\n{text}");
    Ok(figures)
}

/// Files of one kind that are old or new together.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The state before a save and the one after it.
struct States {
    old: Files,
    new: Files,
}

/// Lets every call fail by which the command writes, and ends the command there, over earlier outputs.
fn faults(effort: Effort) -> Result<String> {
    match prepare() {
        Ok(()) => {}
        // Any machine may run the short form; what is quoted has everything.
        Err(error) if effort == Effort::Short => return Ok(format!("no fault was injected: {error:#}")),
        Err(error) => return Err(error),
    }
    let program = build_workspace()?.join("cleanlab");
    let scene = Scene::new("crash_safety", &program)?;
    let log = scene.folder.join("strace.txt");
    let earlier = scene.folder.join("earlier");
    let old = scene.run(&program, &WORDS.replace("pets.csv", "changed.csv"), &[])?;
    ensure!(old.status == Some(0), "cleanlab {WORDS}: {}", old.stderr);
    copy_folder(&scene.folder.join(OUTPUTS), &earlier)?;
    let again = || -> Result<()> {
        scene.empty_outputs()?;
        copy_folder(&earlier, &scene.folder.join(OUTPUTS))
    };
    again()?;
    let output = scene.command(&program, WORDS).output()?;
    ensure!(output.status.success(), "cleanlab {WORDS}: {}", String::from_utf8_lossy(&output.stderr));
    let states = States { old: old.files, new: scene.outputs()? };
    ensure!(states.old.values().ne(states.new.values()), "the data of the two states are the same");
    let (mut n_faults, mut n_kills, mut n_kept) = (0, 0, 0);
    for (call, faults) in FAULTS {
        again()?;
        let n_calls = count_calls(&mut scene.command(&program, WORDS), call, &log)?;
        let step = if effort == Effort::Long { 1 } else { SHORT_STEP };
        for fault in *faults {
            let killed = *fault == "signal=KILL";
            for place in (1..=n_calls).step_by(step) {
                again()?;
                let output =
                    with_fault(&mut scene.command(&program, WORDS), call, fault, place, &log).output()?;
                let stderr = String::from_utf8_lossy(&output.stderr);
                // Rust's own library panics where a folder that was read cannot be closed, which no file system refuses.
                let gave_up = stderr.contains("unexpected error during closedir");
                let status = if gave_up { Some(2) } else { output.status.code() };
                let after = scene.outputs()?;
                let whole = check(&scene, &program, &states, &after, status, killed);
                let is_new = whole.with_context(|| {
                    format!("{call} no. {place} with {fault}: status {status:?}, {stderr}")
                })?;
                n_kept += usize::from(!is_new);
                if killed { n_kills += 1 } else { n_faults += 1 }
            }
        }
    }
    ensure!(n_kept > 0 && n_kept < n_faults + n_kills, "faults had no effect");
    Ok(format!(
        "{n_faults} of {n_faults} calls that failed (ENOSPC, EIO) and {n_kills} of {n_kills} at which the command was killed \
         left every output old or new, {n_kept} of them the old audit"
    ))
}

/// Checks what a command has left that failed or was killed, and tells whether the saved audit is the new one.
fn check(
    scene: &Scene,
    program: &Path,
    states: &States,
    after: &Files,
    status: Option<i32>,
    killed: bool,
) -> Result<bool> {
    match status {
        // 127: not even the program's libraries could be loaded.
        Some(0 | 2 | 127) => {}
        None if killed => {}
        _ => bail!("it did not end in order"),
    }
    let is_saved = |path: &Path| path.starts_with("saved");
    for (name, content) in after.iter().filter(|(name, _)| !is_saved(name)) {
        let either = [&states.old, &states.new].into_iter().any(|state| state.get(name) == Some(content));
        // What a killed process was writing has a name that nobody looks for.
        let is_draft = killed && name.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        ensure!(either || is_draft, "{} is neither old nor new", name.display());
    }
    let lost = states.old.keys().find(|name| !is_saved(name) && !after.contains_key(*name));
    ensure!(lost.is_none(), "{} is gone", lost.map(|name| name.display().to_string()).unwrap_or_default());
    if status == Some(0) {
        let stale =
            states.new.iter().find(|(name, content)| !is_saved(name) && after.get(*name) != Some(content));
        ensure!(
            stale.is_none(),
            "it ended well without writing {}",
            stale.map(|(name, _)| name.display().to_string()).unwrap_or_default()
        );
    }
    saved_is_new(scene, program, states, after, status)
}

/// Whether the saved audit is the new one; an error if it is not the old one then.
fn saved_is_new(
    scene: &Scene,
    program: &Path,
    states: &States,
    after: &Files,
    status: Option<i32>,
) -> Result<bool> {
    let manifest = Path::new("saved/manifest.json");
    let current = |state: &Files| after.get(manifest) == state.get(manifest);
    let is_new = current(&states.new);
    ensure!(is_new || current(&states.old), "the manifest is neither old nor new");
    ensure!(is_new || status != Some(0), "it ended well without saving");
    let state = if is_new { &states.new } else { &states.old };
    let damaged =
        state.iter().find(|(name, content)| name.starts_with("saved") && after.get(*name) != Some(content));
    if let Some((name, _)) = damaged {
        bail!("{} is not as it was saved", name.display());
    }
    // And the program agrees that it is whole, whatever else lies there.
    let words = format!("issues {OUTPUTS}/saved label --format csv");
    let issues = scene.command(program, &words).output()?;
    ensure!(issues.status.success(), "it cannot be read: {}", String::from_utf8_lossy(&issues.stderr));
    Ok(is_new)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
