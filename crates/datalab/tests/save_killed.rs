//! A process that saves is killed, or runs out of room: the old or the new audit is there, whole.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cleanlab_core::RandomState;
use cleanlab_datalab::{Datalab, FindIssuesOptions, Inputs, SaveOptions, Task};
use ndarray::Array2;

/// Tells a copy of this test where to save.
const FOLDER: &str = "CLEANLAB_TEST_SAVE_FOLDER";
/// Tells it to save to a new folder each time.
const FIRST_SAVES: &str = "CLEANLAB_TEST_FIRST_SAVES";
/// Audits of these numbers of rows are saved in turns.
const SIZES: [usize; 2] = [40, 20_000];

fn audit(n_rows: usize) -> Datalab {
    let mut lab = Datalab::unlabeled(n_rows, Task::Classification).unwrap();
    let features = Array2::from_shape_fn((n_rows, 2), |(row, _)| if row % 3 == 0 { f64::NAN } else { 0.5 });
    lab.find_issues(&Inputs::default().with_features(&features), &FindIssuesOptions::default()).unwrap();
    lab.with_row_numbers((0..n_rows).collect()).unwrap()
}

/// Whether the folder holds one of the audits that are saved to it, whole.
fn assert_whole(folder: &Path) {
    let lab = Datalab::load(folder).unwrap();
    let null = lab.get_findings("null").unwrap();
    assert!(SIZES.contains(&lab.n_rows()), "{}", lab.n_rows());
    assert_eq!(null.num_issues(), lab.n_rows().div_ceil(3));
}

/// Not a test of its own: the process that is killed.
#[test]
fn child_that_saves_without_end() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let audits = SIZES.map(audit);
    let is_first = env::var_os(FIRST_SAVES).is_some();
    for (turn, lab) in audits.iter().cycle().enumerate() {
        let folder = if is_first { folder.join(format!("audit-{turn}")) } else { folder.clone() };
        lab.save(&folder, &SaveOptions::default()).unwrap();
    }
}

/// Starts a process that saves, lets it go on for a time that is drawn once it has begun, and kills it.
fn killed_while_saving(
    folder: &Path,
    first_saves: bool,
    random: &mut RandomState,
    begun: impl Fn() -> bool,
    meanwhile: impl Fn(),
) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["child_that_saves_without_end", "--exact", "--nocapture"]).env(FOLDER, folder);
    if first_saves {
        command.env(FIRST_SAVES, "1");
    }
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while !begun() && started.elapsed() < Duration::from_mins(1) {
        assert!(child.try_wait().unwrap().is_none(), "the child has ended by itself");
        std::thread::yield_now();
    }
    // As long as some saves take, so that every moment of one comes up.
    let pause = Duration::from_micros(random.randint(0, 150_000).unwrap() as u64);
    let begun = Instant::now();
    while begun.elapsed() < pause {
        meanwhile();
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// How many processes are killed: some, or as many as `cargo xtask trust` asks for.
fn n_kills() -> usize {
    env::var("CLEANLAB_TRUST_KILLS").map_or(50, |text| text.parse().unwrap())
}

#[test]
#[allow(clippy::print_stdout, reason = "the figure is quoted by `cargo xtask trust`")]
fn save_killed_at_any_moment_leaves_a_whole_audit() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("audit");
    audit(SIZES[0]).save(&folder, &SaveOptions::default()).unwrap();
    let mut random = RandomState::new(3);
    let (n_kills, mut n_during) = (n_kills().div_ceil(2), 0);
    for turn in 0..n_kills {
        // Until it has begun to save: then the lock and a state of its own are there.
        let entries = || std::fs::read_dir(&folder).unwrap().count();
        let meanwhile = || {
            // Readers race with it too, now and then.
            if turn % 5 == 0 {
                assert_whole(&folder);
            }
        };
        killed_while_saving(&folder, false, &mut random, || entries() >= 4, meanwhile);
        n_during += usize::from(entries() >= 4);
        assert_whole(&folder);
        // What the killed one left goes with the next save.
        audit(SIZES[0]).save(&folder, &SaveOptions::default()).unwrap();
        assert_eq!(entries(), 3);
    }
    assert!(2 * n_during >= n_kills, "only {n_during} of {n_kills} came while it was saving");
    println!(
        "trust: {n_kills} of {n_kills} kills, {n_during} amid a save, left the old or the new audit whole"
    );
}

#[test]
#[allow(clippy::print_stdout, reason = "the figure is quoted by `cargo xtask trust`")]
fn first_save_killed_at_any_moment_leaves_a_whole_audit_or_none() {
    let mut random = RandomState::new(4);
    let (n_kills, mut n_during, mut n_audits) = (n_kills() / 2, 0, 0);
    for _ in 0..n_kills {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path();
        let names = || {
            let entries = std::fs::read_dir(folder).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
        };
        killed_while_saving(folder, true, &mut random, || !names().is_empty(), || {});
        for name in names() {
            if name.starts_with(".cleanlab-audit-")
                && Path::new(&name).extension().is_some_and(|end| end == "tmp")
            {
                n_during += 1;
            } else {
                assert!(name.starts_with("audit-"), "{name}");
                assert_whole(&folder.join(name));
                n_audits += 1;
            }
        }
    }
    assert!(2 * n_during >= n_kills, "only {n_during} of {n_kills} came while it was saving");
    println!(
        "trust: {n_kills} of {n_kills} kills, {n_during} amid a first save, left {n_audits} audits whole and none in part"
    );
}

/// Files of a limited size stand in for a full disk: the shell sets the limit for the child alone, and ignores the
/// signal that comes with it, so that writing gives an error.
#[test]
fn save_without_room_leaves_the_old_audit() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("audit");
    audit(SIZES[0]).save(&folder, &SaveOptions::default()).unwrap();
    let script = "ulimit -f 64; trap '' XFSZ; exec \"$0\" child_that_saves_without_end --exact";
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(env::current_exe().unwrap())
        .env(FOLDER, &folder)
        .output()
        .unwrap();
    // The large one does not fit.
    assert!(!output.status.success());
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("Io"), "{text}");
    let lab = Datalab::load(&folder).unwrap();
    assert_eq!(lab.n_rows(), SIZES[0]);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 3);
}
