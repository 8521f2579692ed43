//! What the options of output do.

use crate::support::{LABELS, Scene, issues_of, pets, probs_csv, probs_csv_with};

#[test]
fn top_cuts_text_only() {
    let scene = Scene::with("pets.csv", pets());
    let text = scene.run("audit pets.csv --label animal --top 1").ran().stdout;
    assert!(text.contains("The 1 most suspicious of 2 labels that look wrong:"), "{text}");
    assert_eq!(
        text.lines()
            .skip_while(|line| !line.contains("suggested"))
            .take_while(|line| !line.is_empty())
            .count(),
        2,
        "{text}"
    );
    let none = scene.run("audit pets.csv --label animal --top 0").ran().stdout;
    assert!(none.contains("2 of 24 labels look wrong") && !none.contains("suggested"), "{none}");
    let json = scene.run("audit pets.csv --label animal --top 1 --format json").ran().json();
    assert_eq!(issues_of(&json, "label").len(), 2);
    let csv =
        scene.run("audit pets.csv --label animal --issue-types label --top 1 --format csv").ran().stdout;
    assert_eq!(csv.lines().count(), 3);
}

#[test]
fn quiet_prints_results_and_nothing_else() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv_with(0, 0, "0.5"));
    let loud = scene.run("labels --labels y.txt --pred-probs p.csv").ran();
    let quiet = scene.run("labels --labels y.txt --pred-probs p.csv --quiet").ran();
    assert!(loud.stderr.starts_with("warning: ") && loud.stdout.contains("--out DIR"), "{loud:?}");
    assert_eq!(quiet.stderr, "");
    assert!(!quiet.stdout.contains("--out"), "{}", quiet.stdout);
    assert!(loud.stdout.starts_with(quiet.stdout.trim_end()), "{}", quiet.stdout);
}

#[test]
fn json_has_its_warnings_inside() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv_with(0, 0, "0.5"));
    let run = scene.run("labels --labels y.txt --pred-probs p.csv --format json").ran();
    assert_eq!(run.stderr, "");
    assert_eq!(run.json()["warnings"].as_array().unwrap().len(), 1);
}

#[test]
fn no_issues_are_told_in_every_format() {
    let labels = LABELS.replacen("0\n1\n0\n0\n", "0\n1\n0\n1\n", 1);
    let scene = Scene::with("y.txt", labels).and("p.csv", probs_csv());
    let labels = "labels --labels y.txt --pred-probs p.csv --format";
    let text = scene.run(&format!("{labels} text")).ran().stdout;
    assert!(text.contains("0 of 10 labels look wrong (0.0 %)"), "{text}");
    assert_eq!(scene.run(&format!("{labels} json")).ran().json()["issues"], serde_json::json!([]));
    let csv = scene.run(&format!("{labels} csv")).ran().stdout;
    assert_eq!(csv, "row,is_label_issue,label_quality,given_label,predicted_label\n");
}

#[test]
fn show_chooses_the_columns_beside_the_issues() {
    let scene = Scene::with("pets.csv", pets());
    let text = scene.run("audit pets.csv --label animal --show coat,weight").ran().stdout;
    let head = text.lines().find(|line| line.contains("suggested")).unwrap();
    let names: Vec<&str> = head.split_whitespace().collect();
    assert_eq!(names, ["row", "given", "suggested", "score", "coat", "weight"]);
}

#[test]
fn filter_and_rank_by_names_of_cleanlab_are_accepted() {
    let scene = Scene::with("y.txt", LABELS).and("p.csv", probs_csv());
    let labels = "labels --labels y.txt --pred-probs p.csv --format csv";
    for filter_by in [
        "prune_by_noise_rate",
        "prune_by_class",
        "both",
        "confident_learning",
        "predicted_neq_given",
        "low_normalized_margin",
        "low_self_confidence",
    ] {
        let python = scene.run(&format!("{labels} --filter-by {filter_by}")).ran();
        assert_eq!(python, scene.run(&format!("{labels} --filter-by {}", filter_by.replace('_', "-"))));
        assert!(python.stdout.contains("\n3,true,"), "{filter_by}: {}", python.stdout);
    }
    for rank_by in ["self_confidence", "normalized_margin", "confidence_weighted_entropy"] {
        let python = scene.run(&format!("{labels} --rank-by {rank_by}")).ran();
        assert_eq!(python, scene.run(&format!("{labels} --rank-by {}", rank_by.replace('_', "-"))));
    }
}

#[test]
fn noise_writes_matrix_and_labels() {
    let scene = Scene::with("y.txt", "cat\ndog\nemu\n".repeat(40));
    let run = scene.run("noise --labels y.txt --trace 2.4 --seed 5 --out noisy --format json").ran();
    let json = run.json();
    let names = ["noise_matrix.csv", "noise_matrix.npy", "noisy_labels.csv", "noisy_labels.npy"];
    let written: Vec<String> = crate::support::listing(&scene.path("noisy"))
        .iter()
        .map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(written, names);
    // The labels written are those printed, and the command reads them again.
    let again = scene.run("noise --labels noisy/noisy_labels.npy --trace 2.4 --format json").ran().json();
    assert_eq!(again["noisy_labels"].as_array().unwrap().len(), 120);
    let named = std::fs::read_to_string(scene.path("noisy/noisy_labels.csv")).unwrap();
    let classes = json["classes"].as_array().unwrap();
    let printed: Vec<&str> = json["noisy_labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|label| classes[usize::try_from(label.as_u64().unwrap()).unwrap()].as_str().unwrap())
        .collect();
    assert_eq!(named.lines().skip(1).collect::<Vec<_>>(), printed);
}
