//! A place that cannot be written to: exit status 2, and earlier results stay whole.

use std::fs;
#[cfg(unix)]
use std::process::Command;

use crate::support::{Run, Scene, pets};

const AUDIT: &str = "audit pets.csv --label animal --out results";
const FILES: [&str; 7] = [
    "label_issues.csv",
    "issues.csv",
    "issues.json",
    "issues.parquet",
    "label_issues.json",
    "label_issues.parquet",
    "summary.json",
];

/// A scene with earlier results.
fn scene() -> Scene {
    let scene = Scene::with("pets.csv", pets());
    fs::create_dir(scene.path("results")).unwrap();
    for name in FILES {
        fs::write(scene.path("results").join(name), "earlier results").unwrap();
    }
    scene
}

#[test]
fn out_replaces_earlier_results() {
    let scene = scene();
    scene.run(AUDIT).ran();
    for name in FILES {
        assert_ne!(fs::read(scene.path("results").join(name)).unwrap(), b"earlier results", "{name}");
    }
    assert_eq!(scene.listing().len(), 2 + FILES.len());
}

#[test]
fn file_in_the_place_of_the_folder_is_refused() {
    let scene = Scene::with("pets.csv", pets()).and("results", "a file");
    for (out, says) in [
        ("results", "--out results is a file; give the name of a folder"),
        ("results/deeper", "no result was written: cannot create results/deeper"),
    ] {
        let message = scene.run(&format!("audit pets.csv --label animal --out {out}")).message();
        assert!(message.starts_with(says), "{message}");
    }
    assert_eq!(fs::read(scene.path("results")).unwrap(), b"a file");
}

#[test]
fn folder_in_the_place_of_a_file_is_refused() {
    let scene = scene();
    fs::remove_file(scene.path("results/summary.json")).unwrap();
    fs::create_dir(scene.path("results/summary.json")).unwrap();
    let before = scene.listing();
    let message = scene.run(AUDIT).message();
    assert!(message.contains("summary.json") && message.contains("folder"), "{message}");
    assert_eq!(scene.listing(), before);
}

#[cfg(unix)]
#[test]
fn read_only_folder_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let scene = scene();
    fs::set_permissions(scene.path("results"), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(scene.path("results/probe"), "").is_ok() {
        // Permissions do not bind the superuser.
        fs::remove_file(scene.path("results/probe")).unwrap();
        return;
    }
    let before = scene.listing();
    let message = scene.run(AUDIT).message();
    assert!(message.starts_with("no result was written: cannot write results"), "{message}");
    assert_eq!(scene.listing(), before);
    fs::set_permissions(scene.path("results"), fs::Permissions::from_mode(0o755)).unwrap();
}

/// The command where files may have no more than some kilobytes, as on a disk that fills up.
#[cfg(unix)]
fn with_files_limited_to(blocks: u32, scene: &Scene, arguments: &str) -> Run {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {arguments}");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_cleanlab")).current_dir(scene.path("."));
    // Where lines are counted, what was counted could not be written either, and a second line would say so.
    command.env("LLVM_PROFILE_FILE", "/dev/null");
    Run::of(&mut command)
}

#[cfg(unix)]
#[test]
fn full_disk_leaves_earlier_results_whole() {
    let scene = scene();
    let before = scene.listing();
    for blocks in [0, 1, 2] {
        let message = with_files_limited_to(blocks, &scene, AUDIT).message();
        assert!(message.starts_with("no result was written: cannot write results"), "{message}");
        assert!(message.contains("File too large"), "{message}");
        assert_eq!(scene.listing(), before);
    }
}

#[cfg(unix)]
#[test]
fn full_disk_leaves_no_new_folder() {
    let scene = Scene::with("pets.csv", pets());
    let before = scene.listing();
    with_files_limited_to(1, &scene, AUDIT).message();
    assert_eq!(scene.listing(), before);
    with_files_limited_to(0, &scene, "noise --classes 3 --trace 2 --out results").message();
    assert_eq!(scene.listing(), before);
    with_files_limited_to(1, &scene, "man --out results").message();
    assert_eq!(scene.listing(), before);
}

#[cfg(target_os = "linux")]
#[test]
fn full_device_is_an_error() {
    let scene = scene();
    fs::remove_file(scene.path("results/label_issues.csv")).unwrap();
    std::os::unix::fs::symlink("/dev/full", scene.path("results/label_issues.csv")).unwrap();
    let message = scene.run(AUDIT).message();
    assert!(message.contains("cannot write results/label_issues.csv: No space left on device"), "{message}");
    for name in &FILES[1..] {
        assert_eq!(fs::read(scene.path("results").join(name)).unwrap(), b"earlier results", "{name}");
    }
    for arguments in
        ["audit pets.csv --label animal --quiet", "noise --classes 3 --trace 2", "man", "completions zsh"]
    {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let run = Run::of(scene.command().args(arguments.split(' ')).stdout(full));
        assert!(run.message().contains("No space left on device"), "{arguments}: {}", run.stderr);
    }
}
