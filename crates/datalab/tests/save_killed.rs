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
    for lab in audits.iter().cycle() {
        lab.save(&folder, &SaveOptions::default()).unwrap();
    }
}

#[test]
fn save_killed_at_any_moment_leaves_a_whole_audit() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("audit");
    audit(SIZES[0]).save(&folder, &SaveOptions::default()).unwrap();
    let mut random = RandomState::new(3);
    for _ in 0..50 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["child_that_saves_without_end", "--exact", "--nocapture"])
            .env(FOLDER, &folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Until it has begun to save: then the lock and a state of its own are there.
        let started = Instant::now();
        let states = || std::fs::read_dir(&folder).unwrap().count();
        while states() < 4 && started.elapsed() < Duration::from_mins(1) {
            assert!(child.try_wait().unwrap().is_none(), "the child has ended by itself");
            std::hint::spin_loop();
        }
        // Any moment, by reading the audit meanwhile, so that readers race with it too.
        for _ in 0..random.randint(0, 8).unwrap() {
            assert_whole(&folder);
        }
        for _ in 0..random.randint(0, 200_000).unwrap() {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert_whole(&folder);
    }
    // What the killed ones left goes with the next save.
    audit(SIZES[0]).save(&folder, &SaveOptions::default()).unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 3);
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
