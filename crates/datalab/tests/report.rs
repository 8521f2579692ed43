//! The model of a report: order, limits, and what hostile data do to it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::ClassNames;
use cleanlab_datalab::{
    AuditReport, CheckContext, CheckError, CheckStatus, Checks, ClassImbalanceCheck, ColumnValues, Datalab,
    DatalabError, FindIssuesOptions, Info, InfoValue, Inputs, IssueFindings, IssueManager, IssueTable,
    NullCheck, ReportCell, ReportOptions, RowImage, RowImages, Task, TextColumns,
};
use ndarray::{Array1, Array2, array};

/// A check that gives what it was made with.
struct Given(&'static str, Result<IssueFindings, &'static str>);

impl IssueManager for Given {
    fn issue_name(&self) -> &str {
        self.0
    }

    fn description(&self) -> &'static str {
        "Made for a test."
    }

    fn find_issues(&self, _: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        self.1.clone().map_err(CheckError::custom)
    }
}

fn flagged_below(scores: &[f64], threshold: f64) -> IssueFindings {
    let flags = scores.iter().map(|&score| score < threshold).collect();
    IssueFindings::of_rows(flags, scores.iter().copied().collect())
}

fn audited(lab: &mut Datalab, checks: Vec<Given>, inputs: &Inputs<'_>) {
    let checks = checks.into_iter().fold(Checks::none(), Checks::with);
    lab.find_issues(inputs, &FindIssuesOptions::default().with_checks(checks)).unwrap();
}

fn unlabeled(n_rows: usize) -> Datalab {
    Datalab::unlabeled(n_rows, Task::Classification).unwrap()
}

#[test]
fn report_of_checks_failed_come_first_then_most_issues_then_not_run() {
    let mut lab = unlabeled(4);
    let none = Inputs::default();
    lab.find_issues(&none, &FindIssuesOptions::default()).unwrap();
    audited(
        &mut lab,
        vec![
            Given("one", Ok(flagged_below(&[0.1, 0.9, 0.8, 0.7], 0.5))),
            Given("two", Ok(flagged_below(&[0.1, 0.2, 0.8, 0.7], 0.5))),
            Given("broken", Err("no disk")),
        ],
        &none,
    );
    let report = lab.report(&ReportOptions::default()).unwrap();
    let names: Vec<&str> = report.checks.iter().map(|check| check.issue_type.as_str()).collect();
    assert_eq!(names[..3], ["broken", "two", "one"]);
    assert_eq!(report.checks[0].status, CheckStatus::Failed { reason: "no disk".into() });
    assert!(names.len() > 3);
    for check in &report.checks[3..] {
        assert!(matches!(check.status, CheckStatus::NotRun { .. }), "{check:?}");
        assert_eq!((check.score, check.worst.rows.len()), (None, 0));
    }
}

#[test]
fn report_worst_rows_are_ranked_numbered_and_limited() {
    let n_rows = 50;
    let scores: Vec<f64> = (0..n_rows).map(|row| f64::from((row * 7) % n_rows) / 50.0).collect();
    let mut lab = unlabeled(50).with_row_numbers((0..50).map(|row| row * 2).collect()).unwrap();
    audited(&mut lab, vec![Given("low", Ok(flagged_below(&scores, 0.5)))], &Inputs::default());
    let report = lab.report(&ReportOptions::default().with_n_worst_rows(12)).unwrap();
    let worst = &report.checks[0].worst;
    assert_eq!((worst.rows.len(), worst.n_total), (12, 25));
    assert!(worst.rows.windows(2).all(|pair| pair[0].score <= pair[1].score));
    for row in &worst.rows {
        assert!(row.is_issue);
        assert_eq!(row.score, scores[row.row / 2]);
    }
    let histogram = report.checks[0].histogram.as_ref().unwrap();
    assert_eq!(histogram.edges.len(), 21);
    assert_eq!((histogram.issues.iter().sum::<usize>(), histogram.fine.iter().sum::<usize>()), (25, 25));
}

#[test]
fn report_few_issues_next_rows_follow_them() {
    let mut lab = unlabeled(30);
    let scores: Vec<f64> = (0..30).map(|row| 1.0 - f64::from(row) / 30.0).collect();
    audited(&mut lab, vec![Given("low", Ok(flagged_below(&scores, 0.08)))], &Inputs::default());
    let report = lab.report(&ReportOptions::default()).unwrap();
    let rows: Vec<(usize, bool)> =
        report.checks[0].worst.rows.iter().map(|row| (row.row, row.is_issue)).collect();
    assert_eq!(rows.len(), 10);
    assert_eq!(rows[..4], [(29, true), (28, true), (27, false), (26, false)]);
}

#[test]
fn report_threshold_of_scores_is_shown_only_where_it_parts_them() {
    let told = |value: f64| Info::default().with("threshold", InfoValue::Float(value));
    let findings = flagged_below(&[0.1, 0.6, 0.9], 0.5);
    let mut lab = unlabeled(3);
    let checks = vec![
        Given("parts", Ok(findings.clone().with_info(told(0.5)))),
        Given("does_not", Ok(findings.with_info(told(0.7)))),
    ];
    audited(&mut lab, checks, &Inputs::default());
    let report = lab.report(&ReportOptions::default()).unwrap();
    let thresholds: Vec<_> =
        report.checks.iter().map(|check| check.histogram.as_ref().unwrap().threshold).collect();
    assert_eq!(thresholds, [Some(0.5), None]);
    assert_eq!(report.checks[0].facts, [("threshold".to_owned(), "0.5".to_owned())]);
}

#[test]
fn report_hostile_wide_data_stays_small_and_reads_back() {
    let n_rows = 2000;
    let text = "<script>alert('x')</script>\u{1}\u{202e}".repeat(300);
    let mut columns = TextColumns::default();
    for column in 0..60 {
        columns = columns.with_column(format!("{text}{column}"), vec![text.as_str(); n_rows]);
    }
    let names: Vec<String> = (0..500).map(|class| format!("{class}{text}")).collect();
    let labels: Vec<u32> = (0..n_rows as u32).map(|row| row % 500).collect();
    let labels = cleanlab_core::Labels::from_vec(labels).unwrap();
    let mut lab = Datalab::classification(labels, ClassNames::from_ordered(names)).unwrap();
    let scores: Vec<f64> = (0..n_rows).map(|row| row as f64 / n_rows as f64).collect();
    let kinds = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    let checks = kinds.map(|kind| Given(kind, Ok(flagged_below(&scores, 0.9))));
    let inputs = Inputs::default().with_columns(&columns);
    audited(&mut lab, checks.into_iter().collect(), &inputs);
    let coordinates = Array2::from_shape_fn((n_rows, 2), |(row, axis)| (row * (axis + 1)) as f64 / 7.0);
    let options = ReportOptions::default()
        .with_inputs(inputs)
        .with_map_coordinates(coordinates.view())
        .with_label_column("y");
    let report = lab.report(&options).unwrap();
    let json = serde_json::to_string(&report).unwrap();
    assert!(json.len() < 1_700_000, "{}", json.len());
    let longest = report.checks[0].worst.rows[0].cells.iter().map(|cell| match cell {
        ReportCell::Text(text) => text.chars().count(),
        _ => 0,
    });
    assert_eq!(longest.max(), Some(200));
    assert!(report.about.warnings.iter().any(|warning| warning.contains("of 60 columns")));
    assert_eq!(serde_json::from_str::<AuditReport>(&json).unwrap(), report);
}

#[test]
fn report_map_marks_issues_and_says_when_there_is_none() {
    let mut lab = unlabeled(4);
    let features = array![[1.0, 2.0], [f64::NAN, 0.0], [3.0, 1.0], [2.0, 2.0]];
    let inputs = Inputs::default().with_features(&features);
    audited(&mut lab, vec![Given("low", Ok(flagged_below(&[0.9, 0.8, 0.1, 0.7], 0.5)))], &inputs);
    let report = lab.report(&ReportOptions::default().with_inputs(inputs)).unwrap();
    assert_eq!(report.map, None);
    assert!(report.about.warnings[0].contains("no map"), "{:?}", report.about.warnings);

    let coordinates = array![[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.25, 1.0 / 3.0]];
    let options = ReportOptions::default().with_map_coordinates(coordinates.view()).with_max_map_points(3);
    let map = lab.report(&options).unwrap().map.unwrap();
    assert_eq!((map.points.len(), map.n_total, map.issue_types.as_slice()), (3, 4, &["low".to_owned()][..]));
    assert_eq!((map.points[0].row, map.points[0].issues.as_slice()), (2, &[0][..]));
    assert_eq!((map.points[0].x, map.points[0].y), (0.5, 0.5));

    let short = coordinates.slice(ndarray::s![..2, ..]);
    let error = lab.report(&ReportOptions::default().with_map_coordinates(short)).unwrap_err();
    assert!(matches!(error, DatalabError::InputLength { found: 2, expected: 4, .. }));
}

#[test]
fn report_duplicate_sets_are_components_with_conflicts_named() {
    let encoded = ClassNames::encode_strings(&["a", "b", "a", "a", "b", "b"]).unwrap();
    let mut lab = Datalab::classification(encoded.labels, encoded.class_names).unwrap();
    let lists = vec![vec![1], vec![2], vec![1], vec![], vec![5], vec![4]];
    let flags: Array1<bool> = lists.iter().map(|list: &Vec<u32>| !list.is_empty()).collect();
    let mut findings = IssueFindings::of_rows(flags, array![0.1, 0.2, 0.3, 1.0, 0.0, 0.0]);
    findings.details =
        IssueTable::new(6).with_column("near_duplicate_sets", ColumnValues::IntegerLists(lists)).unwrap();
    let features = array![[1.0], [1.1], [1.2], [9.0], [5.0], [5.0]];
    let inputs = Inputs::default().with_features(&features);
    audited(&mut lab, vec![Given("near_duplicate", Ok(findings))], &inputs);
    let report =
        lab.report(&ReportOptions::default().with_inputs(inputs).with_label_column("animal")).unwrap();
    let sets = report.duplicate_sets.unwrap();
    assert_eq!((sets.n_total, sets.columns.len()), (2, 0));
    assert_eq!(sets.sets[0].rows[1].label.as_deref(), Some("b"));
    let rows: Vec<Vec<usize>> =
        sets.sets.iter().map(|set| set.rows.iter().map(|row| row.row).collect()).collect();
    assert_eq!(rows, [vec![0, 1, 2], vec![4, 5]]);
    assert_eq!((sets.sets[0].exact, sets.sets[0].conflicting_labels), (false, true));
    assert_eq!((sets.sets[1].exact, sets.sets[1].conflicting_labels), (true, false));
    let third = &report.checks[0].worst.rows[2];
    assert_eq!((third.row, &third.cells[0]), (0, &ReportCell::Text("1".into())));
}

#[test]
fn report_label_noise_is_read_from_the_label_check() {
    let encoded = ClassNames::encode_strings(&["a", "b", "a", "b"]).unwrap();
    let mut lab = Datalab::classification(encoded.labels, encoded.class_names).unwrap();
    let text = |texts: [&str; 2]| ColumnValues::Texts(texts.map(|text| Some(text.to_owned())).to_vec());
    let table = IssueTable::new(2)
        .with_column("Class Name", text(["b", "a"]))
        .and_then(|table| table.with_column("Label Issues", ColumnValues::Integers(array![1, 0])))
        .and_then(|table| table.with_column("Label Noise", ColumnValues::Floats(array![0.5, 0.0])))
        .and_then(|table| table.with_column("Label Quality Score", ColumnValues::Floats(array![0.5, 1.0])))
        .unwrap();
    let info = Info::default()
        .with("confident_joint", InfoValue::Matrix(array![[2.0, 0.0], [1.0, 1.0]]))
        .with("classes_by_label_quality", InfoValue::Table(table));
    audited(
        &mut lab,
        vec![Given("label", Ok(flagged_below(&[0.9, 0.9, 0.9, 0.1], 0.5).with_info(info)))],
        &Inputs::default(),
    );
    let report = lab.report(&ReportOptions::default()).unwrap();
    let joint = report.joint.unwrap();
    assert_eq!((joint.names, joint.n_total), (vec!["a".to_owned(), "b".to_owned()], 2));
    assert_eq!(joint.values, [[0.5, 0.0], [0.25, 0.25]]);
    let noise: Vec<(&str, u64, f64)> = report
        .class_noise
        .iter()
        .map(|class| (class.class_name.as_str(), class.label_issues, class.label_noise))
        .collect();
    assert_eq!(noise, [("b", 1, 0.5), ("a", 0, 0.0)]);
}

#[test]
fn report_of_tables_that_claim_to_be_large_shows_nothing() {
    let encoded = ClassNames::encode_strings(&["a", "b", "a", "b"]).unwrap();
    let mut lab = Datalab::classification(encoded.labels, encoded.class_names).unwrap();
    let n_claimed = 1 << 40;
    let info = Info::default()
        .with("confident_joint", InfoValue::Matrix(Array2::zeros((n_claimed, 0))))
        .with("classes_by_label_quality", InfoValue::Table(IssueTable::new(n_claimed)));
    let findings = flagged_below(&[1.0; 4], 0.5).with_info(info);
    audited(&mut lab, vec![Given("label", Ok(findings))], &Inputs::default());
    let report = lab.report(&ReportOptions::default()).unwrap();
    assert!(report.joint.is_none() && report.class_noise.is_empty());
}

#[test]
fn report_joint_of_many_classes_shows_the_noisiest() {
    let n_classes = 40;
    let labels = cleanlab_core::Labels::from_vec((0..n_classes as u32).collect()).unwrap();
    let mut lab = Datalab::classification(labels, ClassNames::indices(n_classes)).unwrap();
    let mut joint = Array2::eye(n_classes) / 50.0;
    joint[[35, 36]] = 0.1;
    joint[[39, 2]] = 0.1;
    let info = Info::default().with("joint", InfoValue::Matrix(joint));
    let findings = flagged_below(&[1.0; 40], 0.5).with_info(info);
    audited(&mut lab, vec![Given("label", Ok(findings))], &Inputs::default());
    let joint = lab.report(&ReportOptions::default()).unwrap().joint.unwrap();
    assert_eq!((joint.names.len(), joint.values.len(), joint.n_total), (30, 30, 40));
    for class in ["2", "35", "36", "39"] {
        assert!(joint.names.iter().any(|name| name == class), "{class}");
    }
}

#[test]
fn report_image_files_only_images_inside_the_folder_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let images = folder.path().join("images");
    std::fs::create_dir(&images).unwrap();
    std::fs::write(images.join("a.png"), b"\x89PNG\r\n\x1a\nrest").unwrap();
    std::fs::write(images.join("text.png"), b"not an image").unwrap();
    std::fs::write(images.join("large.png"), [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 200]].concat()).unwrap();
    std::fs::write(folder.path().join("secret.png"), b"\x89PNG\r\n\x1a\nsecret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("secret.png"), images.join("link.png")).unwrap();
    let absolute = folder.path().join("secret.png").display().to_string();
    let names = [
        "a.png",
        "./a.png",
        "../secret.png",
        "link.png",
        absolute.as_str(),
        "text.png",
        "large.png",
        "no.png",
    ];
    let columns = TextColumns::default().with_column("picture", names);
    let inputs = Inputs::default().with_columns(&columns);
    let mut lab = unlabeled(8);
    let scores: Vec<f64> = (0..8).map(|row| f64::from(row) / 10.0).collect();
    audited(&mut lab, vec![Given("low", Ok(flagged_below(&scores, 0.9)))], &inputs);
    let options =
        ReportOptions::default().with_inputs(inputs).with_image_folder(&images).with_max_image_bytes(100);
    let report = lab.report(&options).unwrap();
    let shown: Vec<bool> = report.checks[0].worst.rows.iter().map(|row| row.image.is_some()).collect();
    assert_eq!(shown, [true, true, false, false, false, false, false, false]);
    let expected = RowImage::File { media_type: "image/png".into(), base64: "iVBORw0KGgpyZXN0".into() };
    assert_eq!(report.checks[0].worst.rows[0].image, Some(expected));
    let warning = &report.about.warnings[0];
    assert!(warning.starts_with("6 pictures are not shown; the first is ../secret.png"), "{warning}");

    let off = options.with_row_images(RowImages::Off);
    assert!(lab.report(&off).unwrap().checks[0].worst.rows.iter().all(|row| row.image.is_none()));
}

#[test]
fn report_pixel_columns_become_shades_of_grey() {
    let mut columns = TextColumns::default().with_column("label", ["0", "1"]);
    for pixel in 0..16 {
        columns = columns
            .with_column(format!("pixel_{}_{}", pixel / 4, pixel % 4), [pixel.to_string(), "16".into()]);
    }
    let inputs = Inputs::default().with_columns(&columns);
    let mut lab = unlabeled(2);
    audited(&mut lab, vec![Given("low", Ok(flagged_below(&[0.1, 0.2], 0.5)))], &inputs);
    let report = lab.report(&ReportOptions::default().with_inputs(inputs)).unwrap();
    let image = report.checks[0].worst.rows[1].image.clone();
    assert_eq!(image, Some(RowImage::Gray { width: 4, pixels: vec![255; 16] }));

    let features = Array2::from_shape_fn((2, 6), |(row, column)| (row * 6 + column) as f64 / 11.0);
    let inputs = Inputs::default().with_features(&features);
    let options = ReportOptions::default().with_inputs(inputs).with_max_map_points(0);
    let by_features = options.clone().with_row_images(RowImages::Features { width: 3 });
    let image = lab.report(&by_features).unwrap().checks[0].worst.rows[1].image.clone();
    assert_eq!(image, Some(RowImage::Gray { width: 3, pixels: vec![139, 162, 185, 209, 232, 255] }));

    let wrong = lab.report(&options.with_row_images(RowImages::Features { width: 4 })).unwrap();
    assert_eq!(wrong.about.warnings, ["no pictures are shown: 6 pixels do not make lines of 4"]);
}

#[test]
fn report_checks_of_this_crate_have_facts() {
    let labels: Vec<&str> = (0..50).map(|row| if row == 7 { "rare" } else { "usual" }).collect();
    let encoded = ClassNames::encode_strings(&labels).unwrap();
    let mut lab = Datalab::classification(encoded.labels, encoded.class_names).unwrap();
    let checks = Checks::none().with(ClassImbalanceCheck::default()).with(NullCheck::default());
    let features = Array2::<f64>::zeros((50, 2));
    let inputs = Inputs::default().with_features(&features);
    lab.find_issues(&inputs, &FindIssuesOptions::default().with_checks(checks)).unwrap();
    let report = lab.report(&ReportOptions::default().with_setting("model", "none")).unwrap();
    let facts = &report.checks[0].facts;
    assert!(facts.iter().any(|(_, value)| value == "rare"), "{facts:?}");
    assert_eq!(report.about.class_names, ["rare", "usual"]);
    assert_eq!(report.about.settings, [("model".to_owned(), "none".to_owned())]);
}
