//! Audits that were saved: reports, issues, differences.

use insta::assert_snapshot;

use crate::support::{Scene, pets, six_decimals};

const AUDIT: &str = "audit pets.csv --label animal --id pet_id --quiet --save";

fn saved() -> Scene {
    let scene = Scene::with("pets.csv", pets());
    scene.run(&format!("{AUDIT} old")).ran();
    scene
}

#[test]
fn report_of_a_saved_audit_is_that_of_the_audit() {
    let scene = Scene::with("pets.csv", pets());
    for name in ["r.html", "r.json", "r.txt"] {
        scene.run(&format!("{AUDIT} old --report {name}")).ran();
        let run = scene.run(&format!("report old --report again-{name}")).ran();
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
        let read = |name: &str| std::fs::read_to_string(scene.path(name)).unwrap();
        assert_eq!(read(name), read(&format!("again-{name}")));
    }
    let json = scene.run("report old --format json").ran().json();
    assert_eq!(json["about"]["n_rows"], 24);
    let text = scene.run("report old --top 1").ran().stdout;
    assert!(text.starts_with("pets.csv: 24 rows, 2 classes"), "{text}");
}

#[test]
fn issues_of_a_saved_audit_are_listed() {
    let scene = saved();
    assert_snapshot!("issues_text", six_decimals(&scene.run("issues old label").ran().everything()));
    assert_snapshot!(
        "issues_csv",
        six_decimals(&scene.run("issues old label --format csv").ran().everything())
    );
    let json = scene.run("issues old label --format json --top 1").ran().json();
    assert_eq!((&json["num_issues"], json["issues"].as_array().unwrap().len()), (&2.into(), 1));
    let typo = scene.run("issues old outliers").message();
    assert!(typo.contains("did you mean \"outlier\"?"), "{typo}");
    assert!(scene.run("issues nowhere label").message().contains("nowhere"));
}

#[test]
fn diff_tells_what_came_and_went() {
    let scene = saved();
    // A label is put right, a row goes, and another has a wrong label.
    let table: String = pets()
        .lines()
        .filter(|line| !line.starts_with("105,"))
        .map(|line| match line.split(',').next() {
            Some("104" | "110") => {
                let (rest, animal) = line.rsplit_once(',').unwrap();
                format!("{rest},{}\n", if animal == "cat" { "dog" } else { "cat" })
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let scene = scene.and("pets.csv", table);
    scene.run(&format!("{AUDIT} new")).ran();
    let text = scene.run("diff old new").ran();
    assert!(text.stdout.starts_with("old → new: 24 → 23 rows"), "{}", text.stdout);
    assert!(
        text.stdout.contains("New label issues:") && text.stdout.contains("Gone label issues:"),
        "{}",
        text.stdout
    );
    let json = scene.run("diff old new --format json").ran().json();
    let label =
        json["checks"].as_array().unwrap().iter().find(|check| check["issue_type"] == "label").unwrap();
    assert_eq!(label["appeared"]["entries"][0]["key"], "110");
    assert_eq!(label["gone"]["entries"][0]["key"], "104");
    let csv = scene.run("diff old new --format csv").ran().stdout;
    assert!(csv.starts_with("issue_type,change,key,old_row,new_row,old_score,new_score\n"), "{csv}");
    assert_eq!(scene.run("diff old new --fail-on label>0").status, Some(1));
    scene.run("diff old new --fail-on label>1").ran();
    scene.run("diff old old --fail-on label>0").ran();
}

#[test]
fn damaged_audits_are_refused() {
    let scene = saved();
    let manifest = scene.path("old/manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replacen("cleanlab", "cleanlob", 1)).unwrap();
    for command in ["report old", "issues old label", "diff old old"] {
        let message = scene.run(command).message();
        assert!(message.starts_with("cannot read the audit in old: "), "{message}");
    }
}

#[test]
fn folder_with_something_else_is_not_overwritten() {
    let scene = Scene::with("pets.csv", pets());
    std::fs::create_dir(scene.path("old")).unwrap();
    std::fs::write(scene.path("old/letter.txt"), "mine").unwrap();
    let before = scene.listing();
    let message = scene.run(&format!("{AUDIT} old")).message();
    assert!(message.contains("old"), "{message}");
    assert_eq!(scene.listing(), before);
}
