//! Of `cleanlab-datalab` and `cleanlab-report`.

use cleanlab_core::{ClassNames, Labels};
use cleanlab_datalab::{
    Checks, ClusteringOptions, ColumnValues, Datalab, FindIssuesOptions, Inputs, IssueFindings, IssueTable,
    ReportOptions, RowKeys, SaveOptions, SavedAudit, Task, TextColumns,
};
use cleanlab_multilabel::MultiLabels;
use cleanlab_neighbors::KnnGraph;
use cleanlab_report::read_json;
use ndarray::{Array1, Array2, array};
use serde_json::json;

use crate::answers::Answers;

const NAN: f64 = f64::NAN;

pub(super) fn ask(of: &mut Answers) {
    labels(of);
    clusters(of);
    choices(of);
    audits(of);
    saved(of);
}

fn lab() -> Datalab {
    Datalab::unlabeled(12, Task::Regression).unwrap()
}

fn clusters(of: &mut Answers) {
    let name = "cleanlab-datalab::ClusteringOptions::clusters";
    let graph = KnnGraph::new(array![[1], [0]], array![[1.0], [1.0]]).unwrap();
    let with = |eps, min_samples| {
        ClusteringOptions::default().with_eps(eps).with_min_samples(min_samples).clusters(&graph)
    };
    of.refuses(name, "a distance that is NaN", with(NAN, 5), &["eps is NaN", "above 0"]);
    of.refuses(name, "no row as enough", with(0.5, 0), &["min_samples is 0", "at least 1"]);
}

fn labels(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-datalab::Datalab::{function}");
    let labels = Labels::from_vec(vec![0, 1, 2]).unwrap();
    of.refuses(
        &name("classification"),
        "a class without a name",
        Datalab::classification(labels, ClassNames::indices(2)),
        &["row 2 is class 2", "only 2 class names", "name every class"],
    );
    of.refuses(
        &name("regression"),
        "a label that is NaN",
        Datalab::regression(array![1.0, NAN]),
        &["row 1 is NaN", "fill in or drop"],
    );
    of.refuses(&name("regression"), "no label", Datalab::regression(Array1::zeros(0)), &["no rows to audit"]);
    of.refuses(
        &name("unlabeled"),
        "no row",
        Datalab::unlabeled(0, Task::Classification),
        &["no rows to audit"],
    );
    let sets = MultiLabels::from_lists(&[vec![0_u32, 2]], 3).unwrap();
    of.refuses(
        &name("multilabel"),
        "a class without a name",
        Datalab::multilabel(sets, ClassNames::indices(2)),
        &["2 class names", "name every class"],
    );
    of.refuses(
        &name("with_row_numbers"),
        "numbers of other rows",
        lab().with_row_numbers(vec![1, 2]),
        &["2 rows", "12", "one per example"],
    );
    let columns = TextColumns::default().with_column("a", ["x"]);
    let keys = RowKeys::from_content(&columns, None);
    of.refuses(
        &name("with_row_keys"),
        "keys of other rows",
        lab().with_row_keys(keys),
        &["1 rows", "12", "one per example"],
    );
    of.refuses(
        "cleanlab-datalab::RowKeys::from_column",
        "a column that there is not",
        RowKeys::from_column(&columns, "b"),
        &["no column \"b\"", "there are a"],
    );
}

fn choices(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-datalab::Checks::{function}");
    let task = Task::Classification;
    of.refuses(
        &name("with_name"),
        "a check that there is not",
        Checks::none().with_name(task, "outliers"),
        &["no check \"outliers\"", "possible are", "outlier"],
    );
    of.refuses(
        &name("with_json"),
        "an option that there is not",
        Checks::none().with_json(task, "outlier", &json!({"kk": 3})),
        &["options of outlier", "kk"],
    );
    of.refuses(
        &name("with_json"),
        "a number that is text",
        Checks::none().with_json(task, "outlier", &json!({"k": "many"})),
        &["options of outlier", "k: ", "many"],
    );
    of.refuses(
        &name("configured"),
        "options that are a list",
        Checks::all_for(task).configured(task, "outlier", &json!([1])),
        &["options of outlier", "an object"],
    );
    let short = ColumnValues::Texts(vec![None]);
    of.refuses(
        "cleanlab-datalab::IssueTable::with_column",
        "a value too few",
        IssueTable::new(2).with_column("a", short.clone()),
        &["column \"a\" has 1 values", "2 rows"],
    );
    of.refuses(
        "cleanlab-datalab::IssueTable::insert",
        "a value too few",
        IssueTable::new(2).insert("a", short.clone()),
        &["column \"a\" has 1 values", "2 rows"],
    );
    let findings = IssueFindings::of_rows(array![true, false], array![0.0, 1.0]);
    of.refuses(
        "cleanlab-datalab::IssueFindings::with_detail",
        "a value too few",
        findings.with_detail("a", short),
        &["column \"a\" has 1 values", "2 rows"],
    );
    let columns = IssueFindings::of_columns(vec!["a".into()], array![true, false], array![0.0, 1.0]);
    of.refuses("cleanlab-datalab::IssueFindings::of_columns", "a name too few", columns, &["1 values", "2"]);
}

fn audits(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-datalab::Datalab::{function}");
    let options = FindIssuesOptions::default();
    let short = Array2::<f64>::zeros((3, 2));
    of.refuses(
        &name("find_issues"),
        "features of other rows",
        lab().find_issues(&Inputs::default().with_features(&short), &options),
        &["features have 3 rows", "12", "one per example"],
    );
    of.refuses(
        &name("find_issues"),
        "probabilities of other rows",
        lab().find_issues(&Inputs::default().with_pred_probs(&short), &options),
        &["pred_probs have 3 rows", "12"],
    );
    let predictions = array![1.0];
    of.refuses(
        &name("find_issues"),
        "predictions of other rows",
        lab().find_issues(&Inputs::default().with_predictions(predictions.view()), &options),
        &["predictions have 1 rows", "12"],
    );
    let mut lab = lab();
    let mut features = Array2::from_shape_fn((12, 2), |(row, column)| (row + column) as f64);
    features[[4, 0]] = NAN;
    let checks = Checks::none().with_name(Task::Regression, "near_duplicate").unwrap();
    lab.find_issues(&Inputs::default().with_features(&features), &options.with_checks(checks)).unwrap();
    for (function, result) in [
        ("get_findings", lab.get_findings("near_duplicate").map(|_| ())),
        ("get_issues", lab.get_issues("near_duplicate").map(|_| ())),
        ("get_issue_summary", lab.get_issue_summary("near_duplicate").map(|_| ())),
        ("get_info", lab.get_info("near_duplicate").map(|_| ())),
    ] {
        of.refuses(
            &name(function),
            "a check that failed at a feature that is NaN",
            result,
            &["near_duplicate has no result", "row 4, column 0 is NaN"],
        );
    }
    of.refuses(
        &name("get_issues"),
        "a check that was not made",
        lab.get_issues("outlier"),
        &["\"outlier\" has not been checked", "near_duplicate"],
    );
    let report = ReportOptions::default().with_inputs(Inputs::default().with_features(&short));
    of.refuses(&name("report"), "features of other rows", lab.report(&report), &["3 rows", "12"]);
}

fn saved(of: &mut Answers) {
    let folder = tempfile::tempdir().unwrap();
    std::env::set_current_dir(folder.path()).unwrap();
    std::fs::create_dir("letters").unwrap();
    std::fs::write("letters/one.txt", "mine").unwrap();
    of.refuses(
        "cleanlab-datalab::Datalab::load",
        "a folder that is not there",
        Datalab::load("nowhere"),
        &["nowhere", "give another folder"],
    );
    of.refuses(
        "cleanlab-datalab::SavedAudit::load",
        "a folder of something else",
        SavedAudit::load("letters"),
        &["letters"],
    );
    of.refuses(
        "cleanlab-datalab::SavedAudit::check_folder",
        "a folder of something else",
        SavedAudit::check_folder("letters"),
        &["letters"],
    );
    of.refuses(
        "cleanlab-datalab::Datalab::save",
        "a folder of something else",
        lab().save("letters", &SaveOptions::default()),
        &["letters"],
    );
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    of.refuses("cleanlab-report::read_json", "text that is no JSON", read_json("{"), &["line 1"]);
    of.refuses(
        "cleanlab-report::read_json",
        "JSON of something else",
        read_json("{\"format_version\": 1}"),
        &["missing field"],
    );
    of.refuses(
        "cleanlab-report::read_json",
        "a report of a later version",
        read_json("{\"format_version\": 99}"),
        &["99", "update"],
    );
}
