//! Completion scripts and manual pages.

use std::fs;

use crate::support::{Scene, listing};

#[test]
fn completions_of_each_shell_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let run = Scene::new().run(&format!("completions {shell}")).ran();
        assert_eq!(run.stderr, "");
        for word in [
            "audit",
            "report",
            "issues",
            "diff",
            "labels",
            "health",
            "overlap",
            "classes",
            "clean",
            "noise",
            "completions",
            "man",
            "pred-probs",
        ] {
            assert!(run.stdout.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn man_prints_the_page() {
    let page = Scene::new().run("man").ran().stdout;
    assert!(page.contains(".TH cleanlab 1") && page.contains("Exit status"), "{page}");
}

#[test]
fn man_writes_a_page_for_every_command() {
    let scene = Scene::new();
    let run = scene.run("man --out share/man1").ran();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let pages = listing(&scene.path("share/man1"));
    let names: Vec<_> = pages.iter().map(|(path, _)| path.file_name().unwrap().to_str().unwrap()).collect();
    let commands = [
        "audit",
        "classes",
        "clean",
        "completions",
        "diff",
        "health",
        "issues",
        "labels",
        "man",
        "noise",
        "overlap",
        "report",
    ];
    let expected: Vec<String> = commands.iter().map(|command| format!("cleanlab-{command}.1")).collect();
    assert!(expected.iter().all(|page| names.contains(&page.as_str())), "{names:?}");
    assert!(names.contains(&"cleanlab.1"), "{names:?}");
    for (path, content) in &pages {
        let page = str::from_utf8(content).unwrap();
        assert!(page.contains(".TH ") && page.contains(".SH SYNOPSIS"), "{}", path.display());
    }
    let cleanlab = fs::read_to_string(scene.path("share/man1/cleanlab.1")).unwrap();
    assert_eq!(cleanlab, scene.run("man").ran().stdout);
}

#[test]
fn man_that_cannot_write_every_page_writes_none() {
    let scene = Scene::new();
    fs::create_dir_all(scene.path("man1/cleanlab-noise.1")).unwrap();
    fs::write(scene.path("man1/cleanlab.1"), "earlier page").unwrap();
    let before = scene.listing();
    let message = scene.run("man --out man1").message();
    assert!(message.contains("cleanlab-noise.1"), "{message}");
    assert_eq!(scene.listing(), before);
}

#[test]
fn man_into_a_file_is_refused() {
    let scene = Scene::with("man1", "not a folder");
    let message = scene.run("man --out man1").message();
    assert!(message.contains("man1"), "{message}");
    assert_eq!(fs::read(scene.path("man1")).unwrap(), b"not a folder");
}
