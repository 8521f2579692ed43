//! Options from a file.

use insta::assert_snapshot;

use crate::support::{Run, Scene, cleanlab, issue_rows, pets, workspace};

#[test]
fn example_of_the_documentation_is_an_audit() {
    let run = |arguments: &[&str]| {
        Run::of(cleanlab().current_dir(workspace()).args(["audit", "--format", "json"]).args(arguments)).ran()
    };
    let of_file = run(&["--config", "docs/audit.toml"]);
    assert_eq!(
        of_file.json()["checks"],
        run(&["examples/data/digits.csv", "--label", "digit"]).json()["checks"]
    );
}

#[test]
fn options_of_the_file_count_and_the_command_line_wins() {
    let config = "file = \"pets.csv\"\nlabel = \"animal\"\nexclude = [\"pet_id\"]\nissue_types = [\"label\"]\n\
                  classifier = \"naive-bayes\"\nquiet = true\ntop = 1\n";
    let scene = Scene::with("pets.csv", pets()).and("audit.toml", config);
    let of_file = scene.run("audit --config audit.toml").ran();
    let written_out = "audit pets.csv --label animal --exclude pet_id --issue-types label --classifier naive-bayes --quiet --top 1";
    assert_eq!(of_file, scene.run(written_out).ran());
    let other = scene.run("audit --config audit.toml --classifier random-forest --top 5").ran();
    assert!(other.stdout.contains("Judged by a random forest"), "{}", other.stdout);
    // What the command line rules out is passed over.
    let probs = "cat,dog\n".to_owned() + &"0.5,0.5\n".repeat(24);
    let scene = scene.and("p.csv", probs);
    let given = scene.run("audit --config audit.toml --pred-probs p.csv").ran();
    assert!(given.stdout.contains("Judged by the predictions in p.csv"), "{}", given.stdout);
}

#[test]
fn options_of_checks_count() {
    let config = "[checks.class_imbalance]\nthreshold = 1.0\n";
    let table =
        pets() + "124,4.0,25,long,dog\n125,4.1,25,long,dog\n126,30.0,60,long,dog\n127,31.0,61,long,dog\n";
    let scene = Scene::with("pets.csv", table).and("audit.toml", config);
    let audit = "audit pets.csv --label animal --issue-types class_imbalance --format json";
    let default = scene.run(audit).ran().json();
    assert!(issue_rows(&default, "class_imbalance").is_empty());
    let strict = scene.run(&format!("{audit} --config audit.toml")).ran().json();
    assert!(!issue_rows(&strict, "class_imbalance").is_empty(), "{strict}");
}

#[test]
fn mistakes_in_the_file_are_refused() {
    let mistakes = [
        "labell = \"animal\"",
        "label = animal",
        "label = [\"a,b\"]",
        "label = { name = \"animal\" }",
        "folds = \"many\"",
        "checks = 5",
        "[checks.outliers]\nk = 5",
        "[checks]\noutlier = 5",
        "[checks.outlier]\nneighbours = 5",
        "[checks.class_imbalance]\nthreshold = \"much\"",
        "config = \"other.toml\"",
    ];
    let all = mistakes.map(|mistake| {
        let scene = Scene::with("pets.csv", pets()).and("audit.toml", mistake);
        let before = scene.listing();
        let run = scene.run("audit pets.csv --config audit.toml --out results");
        assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""), "{mistake}: {}", run.stderr);
        assert_eq!(scene.listing(), before);
        format!("{mistake}\n→ {}", run.stderr)
    });
    assert_snapshot!(all.join("\n"));
    let message = Scene::with("pets.csv", pets()).run("audit pets.csv --config nothing.toml").message();
    assert!(message.starts_with("cannot read nothing.toml: "), "{message}");
}
