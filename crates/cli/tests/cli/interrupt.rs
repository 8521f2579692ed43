//! Ctrl-C.

#![cfg(unix)]

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::support::{Scene, fixture};

fn interrupt(child: &Child) {
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
}

#[test]
fn interrupted_reading_exits_with_130_and_writes_nothing() {
    let scene = Scene::new();
    let mut child = scene
        .command()
        .args(["audit", "-", "--label", "y", "--out", "results"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // More than a pipe holds: once it is written the command is reading, so it listens for Ctrl-C already.
    let megabyte = "1.5,cat\n".repeat(1 << 17);
    stdin.write_all(b"x,y\n").unwrap();
    stdin.write_all(megabyte.as_bytes()).unwrap();
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    // The pipe was open all along: the command did not end for want of input.
    drop(stdin);
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(output.stdout, b"");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "\ninterrupted; nothing was left half written\n");
    assert_eq!(scene.listing(), []);
}

#[test]
fn interrupted_writing_is_not_waited_for() {
    let scene = Scene::new();
    // Two million numbers: written out, they take far longer than it takes to see that writing has begun.
    let noise = ["noise", "--classes", "1500", "--trace", "900", "--any-matrix", "--out", "results"];
    let mut child = scene.command().args(noise).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = || std::fs::read_dir(scene.path("results")).is_ok_and(|mut entries| entries.next().is_some());
    while !begun() {
        assert!(child.try_wait().unwrap().is_none(), "it has ended by itself");
        thread::yield_now();
    }
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(scene.listing(), []);
}

#[test]
fn interrupted_printing_ends_though_nobody_reads() {
    let scene = Scene::new();
    let noise = ["noise", "--classes", "300", "--trace", "200", "--any-matrix", "--format", "json"];
    let mut child = scene.command().args(noise).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    // It is printing, and has more to print than a pipe holds.
    stdout.read_exact(&mut [0]).unwrap();
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn interrupted_at_any_moment_results_are_whole_or_absent() {
    let commands = [("audit", 7), ("health", 6), ("clean", 6)];
    // The signal comes at another moment each time: after as many turns of the scheduler.
    let turns = [0, 10, 100, 1_000, 10_000, 100_000];
    for (turns, (name, n_files)) in
        turns.into_iter().flat_map(|turns| commands.map(|command| (turns, command)))
    {
        let scene = Scene::new();
        let mut command = scene.command();
        command.arg(name).arg(fixture("pets.csv")).args(["--label", "animal", "--out", "results"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        for _ in 0..turns {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            thread::yield_now();
        }
        if child.try_wait().unwrap().is_none() {
            interrupt(&child);
        }
        child.wait().unwrap();
        // The folder is absent, or holds all files.
        assert!([0, 1 + n_files].contains(&scene.listing().len()), "{name}, {turns}: {:?}", scene.listing());
    }
}
