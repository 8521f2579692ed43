//! 0, 1, 2, and a reader that has seen enough.

use std::io::Read;
use std::process::Stdio;

use crate::support::{Scene, cleanlab, fixture, issue_rows, pets};

#[test]
fn audit_with_issues_exits_with_0() {
    let run = Scene::with("pets.csv", pets()).run("audit pets.csv --label animal --exclude pet_id").ran();
    assert!(run.stdout.contains("2 of 24 labels look wrong"), "{}", run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn fail_on_passed_limit_exits_with_1_and_says_which() {
    let scene = Scene::with("pets.csv", pets());
    for (limits, words) in [
        ("label>1", "limit passed: 2 label issues, more than 1\n"),
        ("label>8%", "limit passed: 8.33 % of the labels are issues, more than 8 %\n"),
        ("label>2,health<1", "limit passed: the health score is "),
    ] {
        let run = scene.run(&format!("audit pets.csv --label animal --exclude pet_id --fail-on {limits}"));
        assert_eq!(run.status, Some(1), "{limits}: {}", run.stderr);
        assert!(run.stderr.starts_with(words), "{}", run.stderr);
        assert!(run.stdout.contains("2 of 24 labels look wrong"), "{}", run.stdout);
        let quiet =
            scene.run(&format!("audit pets.csv --label animal --exclude pet_id --fail-on {limits} --quiet"));
        assert_eq!((quiet.status, quiet.stderr.as_str()), (Some(1), ""));
    }
}

#[test]
fn fail_on_limit_not_passed_exits_with_0() {
    let scene = Scene::with("pets.csv", pets());
    let run = scene
        .run("audit pets.csv --label animal --exclude pet_id --fail-on label>2,label>9%,health<0.3")
        .ran();
    assert_eq!(run.stderr, "");
}

#[test]
fn fail_on_passed_limit_still_writes_results() {
    let scene = Scene::with("pets.csv", pets());
    let run = scene
        .run("audit pets.csv --label animal --exclude pet_id --fail-on label>0 --out results --format json");
    assert_eq!(run.status, Some(1));
    assert_eq!(issue_rows(&run.json(), "label").len(), 2);
    assert!(scene.path("results/label_issues.parquet").exists());
}

#[test]
fn errors_exit_with_2() {
    let scene = Scene::new();
    assert!(scene.refuse("audit nothing.csv --label y").starts_with("cannot read nothing.csv: "));
    assert!(
        scene.refuse("noise --classes 4 --trace 5").contains("trace is 5; it must be above 0 and at most 4")
    );
}

#[test]
fn version_and_help_exit_with_0() {
    let version = Scene::new().run("--version").ran();
    assert_eq!(version.stdout, format!("cleanlab {}\n", env!("CARGO_PKG_VERSION")));
    Scene::new().run("help audit").ran();
}

/// Runs the command with a reader that takes one byte and leaves; the output must be larger than a pipe holds.
fn status_with_broken_pipe(arguments: &[&str]) -> (Option<i32>, String) {
    let mut child = cleanlab()
        .args(arguments)
        .current_dir(fixture(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn broken_pipe_is_success() {
    for format in ["json", "csv"] {
        let arguments = ["noise", "--classes", "200", "--trace", "150", "--any-matrix", "--format", format];
        assert_eq!(status_with_broken_pipe(&arguments), (Some(0), String::new()), "{format}");
    }
}

#[cfg(unix)]
#[test]
fn closed_reader_is_success() {
    // Nobody reads from the start: what is printed is short, but there is nowhere to put it.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    for command in ["audit", "health", "overlap", "classes", "clean"] {
        let arguments = [command, "pets.csv", "--label", "animal", "--quiet"];
        let writer = writer.try_clone().unwrap();
        let output = cleanlab().args(arguments).current_dir(fixture("")).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{command}");
    }
    for arguments in [&["--help"][..], &["man"], &["completions", "bash"], &["--version"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = cleanlab().args(arguments).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn closed_standard_error_changes_no_status() {
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        writer
    };
    let run = |arguments: &[&str]| {
        cleanlab().args(arguments).current_dir(fixture("")).stderr(closed()).output().unwrap().status.code()
    };
    assert_eq!(run(&["audit", "pets.csv", "--label", "animals"]), Some(2));
    assert_eq!(run(&["audit", "pets.csv", "--label", "animal", "--fail-on", "label>0"]), Some(1));
    assert_eq!(run(&["audit"]), Some(2));
}
