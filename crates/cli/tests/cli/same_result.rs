//! The same bits, whatever the number of threads and the format of the file.

use std::fs::{self, File};

use crate::support::{Run, Scene, cleanlab, fixture, listing, workspace};

#[test]
fn threads_change_no_bit() {
    let outcome = |threads: &str| {
        let scene = Scene::new();
        let audit = ["audit", "examples/data/digits.csv", "--label", "digit", "--format", "json"];
        let mut command = cleanlab();
        command.current_dir(workspace()).args(audit).args(["--threads", threads, "--out"]);
        let run = Run::of(command.arg(scene.path("results"))).ran();
        let files = [
            "issues.csv",
            "issues.parquet",
            "issues.json",
            "label_issues.csv",
            "label_issues.parquet",
            "label_issues.json",
            "summary.json",
        ];
        let written = files.map(|name| fs::read(scene.path("results").join(name)).unwrap());
        assert_eq!(listing(&scene.path("results")).len(), files.len());
        (run, written)
    };
    let one = outcome("1");
    for threads in ["2", "4"] {
        assert!(outcome(threads) == one, "{threads} threads give another result");
    }
}

#[test]
fn noise_of_the_same_seed_is_the_same() {
    let noise = || Scene::new().run("noise --classes 6 --trace 4 --seed 3 --format json").ran().stdout;
    assert_eq!(noise(), noise());
}

fn audit_pets(file: &str, format: &str) -> Run {
    let arguments = ["audit", file, "--label", "animal", "--issue-types", "label", "--format", format];
    Run::of(cleanlab().args(arguments).current_dir(fixture(""))).ran()
}

#[test]
fn formats_of_the_same_table_give_the_same() {
    let expected = audit_pets("pets.csv", "csv");
    assert_eq!(expected.stdout.lines().count(), 3);
    let checks = audit_pets("pets.csv", "json").json()["checks"].clone();
    for file in ["pets.tsv", "pets.jsonl", "pets.parquet", "pets.feather", "pets.arrows"] {
        assert_eq!(audit_pets(file, "csv"), expected, "{file}");
        assert_eq!(audit_pets(file, "json").json()["checks"], checks, "{file}");
    }
}

#[test]
fn standard_input_gives_the_same() {
    for file in ["pets.csv", "pets.jsonl", "pets.parquet", "pets.feather", "pets.arrows"] {
        let from_file = audit_pets(file, "csv");
        let audit = ["audit", "-", "--label", "animal", "--issue-types", "label", "--format", "csv"];
        let run = Run::of(cleanlab().args(audit).stdin(File::open(fixture(file)).unwrap()));
        assert_eq!(run, from_file, "{file}");
    }
    let text = Run::of(
        cleanlab()
            .args(["audit", "-", "--label", "animal", "--issue-types", "label"])
            .stdin(File::open(fixture("pets.csv")).unwrap()),
    );
    let expected = audit_pets("pets.csv", "text").stdout.replace("pets.csv:", "standard input:");
    assert_eq!(text.ran().stdout, expected);
}
