//! Reports made by hand, for tests and for looking at pages.

#![allow(dead_code, reason = "each test uses some of them")]

use cleanlab_datalab::AuditReport;
use serde_json::{Value, json};

/// Texts that would like to be more than text.
pub(crate) const HOSTILE: [&str; 14] = [
    "<script>window.hostile = 1</script>",
    "</script><script>window.hostile = 2</script>",
    "<img src=x onerror=\"window.hostile = 3\">",
    "\"><svg onload=window.hostile=4>",
    "<!--<script>",
    "]]>&lt;&amp;{{7*7}}${7*7}",
    "javascript:window.hostile=5",
    "\u{1b}[31mred\u{1b}[0m\u{7}",
    "\u{202e}gnp.exe\u{202c}",
    "\u{2066}isolated\u{2069}\u{200f}",
    "line\u{2028}separator\nfeed\ttab\r",
    "",
    "  ",
    "__proto__",
];

/// A report whose every text is hostile, with each part that a report can have.
pub(crate) fn hostile() -> AuditReport {
    let long = "0123456789 ".repeat(931);
    let names: Vec<&str> = HOSTILE.iter().copied().chain([long.as_str(), "cat", "cat"]).collect();
    let text = |at: usize| names[at % names.len()];
    let row = |row: usize, is_issue: bool, n_columns: usize| {
        let cells: Vec<Value> = (0..n_columns)
            .map(|at| match (row + at) % 5 {
                0 => json!(null),
                1 => json!(row as f64 / 7.0),
                2 => json!(row % 2 == 0),
                3 => json!(row * 1000),
                _ => json!(text(row + at)),
            })
            .collect();
        json!({
            "row": row, "is_issue": is_issue, "score": row as f64 / 100.0, "label": text(row), "cells": cells,
            "image": if row % 2 == 0 {
                json!({ "kind": "gray", "width": 4, "pixels": [0, 80, 160, 255, 255, 160, 80, 0, 9, 9, 9, 9] })
            } else {
                json!({ "kind": "file", "media_type": "text/html", "base64": "PHNjcmlwdD4=" })
            },
        })
    };
    let table = |n_rows: usize, n_issues: usize, n_details: usize| {
        let columns: Vec<&str> = (0..12).map(text).collect();
        json!({
            "columns": columns, "n_details": n_details, "n_total": n_issues * 10,
            "rows": (0..n_rows).map(|at| row(at, at < n_issues, 12)).collect::<Vec<_>>(),
        })
    };
    let check = |name: &str, status: Value, table: Value| {
        let n_issues = table["n_total"].as_u64().unwrap_or(0);
        let mut check = json!({
            "issue_type": name, "description": text(0), "scope": "rows", "score": 0.75, "num_issues": n_issues,
            "n_checked": 500, "facts": [[text(1), text(2)], ["p-value", "0.03"], [text(11), text(14)]],
            "warnings": [text(3), text(7)],
            "histogram": {
                "edges": [0.0, 0.25, 0.5, 0.75, 1.0], "fine": [0, 20, 180, 180], "issues": [90, 30, 0, 0],
                "threshold": 0.4,
            },
            "worst": table,
        });
        for (key, value) in status.as_object().unwrap() {
            check[key] = value.clone();
        }
        check
    };
    let empty = json!({ "columns": [], "n_details": 0, "rows": [], "n_total": 0 });
    let found = json!({ "status": "found" });
    let mut columns = check("constant_column", found.clone(), table(3, 2, 1));
    columns["scope"] = json!("columns");
    columns["n_checked"] = json!(12);
    columns["num_issues"] = json!(2);
    let mut broken = check(
        "underperforming_group",
        json!({ "status": "failed", "reason": format!("no clusters: {}", text(2)) }),
        empty.clone(),
    );
    broken["score"] = json!(null);
    let mut missing = check("data_valuation", json!({ "status": "not_run", "needs": text(1) }), empty);
    missing["score"] = json!(null);
    let points: Vec<Value> = (0..200)
        .map(|at| {
            let angle = at as f64 * 0.7;
            json!({
                "x": angle.sin() * at as f64, "y": angle.cos() * at as f64, "row": at,
                "label": if at % 20 == 19 { json!(null) } else { json!((at % names.len()) as f64) },
                "issues": if at % 9 == 0 { json!([at / 9 % 2]) } else { json!([]) },
                "text": text(at),
            })
        })
        .collect();
    let n = names.len();
    let joint: Vec<Vec<f64>> = (0..n)
        .map(|given| {
            (0..n)
                .map(|truth| if given == truth { 0.05 } else { 0.001 * ((given + truth) % 3) as f64 })
                .collect()
        })
        .collect();
    let noise: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            json!({
                "class_name": name, "label_issues": 40 - at, "inverse_label_issues": at,
                "label_noise": 0.4 / (at + 1) as f64, "inverse_label_noise": at as f64 / 100.0,
                "label_quality": 1.0 - 0.4 / (at + 1) as f64,
            })
        })
        .collect();
    let set = |rows: &[usize]| {
        json!({
            "rows": rows.iter().map(|&at| row(at, true, 12)).collect::<Vec<_>>(),
            "n_total": rows.len() + 1, "exact": rows.len() > 2, "conflicting_labels": rows[0] == 0,
        })
    };
    let columns_of_sets: Vec<&str> = (0..12).map(text).collect();
    let report = json!({
        "format_version": 1,
        "about": {
            "title": text(1), "task": "classification", "label_column": text(0), "n_rows": 500, "class_names": names,
            "made_by": text(2), "settings": [["Predictions", text(3)], [text(4), text(5)]], "warnings": [text(0), text(8)],
        },
        "health_score": 0.8125,
        "checks": [
            broken,
            check("label", found.clone(), table(20, 12, 2)),
            check("near_duplicate", found.clone(), table(9, 4, 1)),
            columns,
            check(text(0), found, table(6, 6, 0)),
            missing,
        ],
        "map": {
            "points": points, "issue_types": ["label", text(2)], "n_total": 500, "explained_variance": [0.5, 0.25],
        },
        "joint": { "names": names, "values": joint, "n_total": 40 },
        "class_noise": noise,
        "duplicate_sets": { "columns": columns_of_sets, "sets": [set(&[0, 1]), set(&[2, 3, 4])], "n_total": 7 },
    });
    serde_json::from_value(report).unwrap()
}

/// A small report as most are.
pub(crate) fn plain() -> AuditReport {
    let rows: Vec<Value> = [(311, 0.0004, "cat", "dog"), (17, 0.0121, "dog", "cat"), (1204, 0.2218, "horse", "mule"), (9, 0.3, "猫", "cat")]
        .iter()
        .map(|&(row, score, given, predicted)| {
            json!({
                "row": row, "is_issue": score < 0.25, "score": score, "label": given, "image": null,
                "cells": [given, predicted, 0.25 * f64::from(row % 7), "a rather long description of an animal", row, null, true],
            })
        })
        .collect();
    let found = |issue: &str, description: &str, score: f64, count: usize| {
        json!({
            "issue_type": issue, "description": description, "status": "found", "scope": "rows", "score": score,
            "num_issues": count, "n_checked": 2500, "facts": [], "warnings": [], "histogram": null,
            "worst": { "columns": [], "n_details": 0, "rows": [], "n_total": count },
        })
    };
    let mut label = found("label", "Examples whose label is probably wrong.", 0.9484, 129);
    label["facts"] = json!([["Worst class", "mule"]]);
    label["warnings"] = json!(["3 rows of predicted probabilities do not sum to 1"]);
    label["histogram"] =
        json!({ "edges": [0.0, 0.5, 1.0], "fine": [71, 2300], "issues": [129, 0], "threshold": null });
    label["worst"] = json!({
        "columns": ["given_label", "predicted_label", "weight", "notes", "shelter", "chip", "neutered"],
        "n_details": 2, "rows": rows, "n_total": 129,
    });
    let mut columns = found("constant_column", "Columns with the same value in every row.", 0.8571, 1);
    columns["scope"] = json!("columns");
    columns["n_checked"] = json!(7);
    columns["worst"] = json!({
        "columns": ["column", "value"], "n_details": 2, "n_total": 1,
        "rows": [{ "row": 5, "is_issue": true, "score": 0.0, "cells": ["chip", "yes"], "image": null }],
    });
    let duplicates: Vec<Value> =
        [(4, "cat"), (88, "dog")].iter().map(|&(row, label)| json!({ "row": row, "is_issue": true, "score": 0.0, "label": label, "cells": [3.25], "image": null })).collect();
    let mut failed = found("underperforming_group", "A group that is predicted worse than the rest.", 0.0, 0);
    failed["status"] = json!("failed");
    failed["reason"] = json!("clusters need at least 2 rows each, and 2,499 of 2,500 rows are equal");
    failed["score"] = json!(null);
    let mut not_run = found("data_valuation", "What each example is worth.", 0.0, 0);
    not_run["status"] = json!("not_run");
    not_run["needs"] = json!("a graph of neighbours or features");
    not_run["score"] = json!(null);
    let report = json!({
        "format_version": 1,
        "about": {
            "title": "animals.csv", "task": "classification", "label_column": "animal", "n_rows": 2500,
            "class_names": ["cat", "dog", "horse", "mule", "猫"], "made_by": "cleanlab 0.1.0",
            "settings": [["Predictions", "logistic regression in 5-fold cross-validation"]],
            "warnings": ["12 rows without a label were left out"],
        },
        "health_score": 0.9123,
        "checks": [failed, label, found("near_duplicate", "Examples that are nearly or exactly equal.", 0.71, 2), columns, found("outlier", "Examples unlike the rest.", 0.4, 0), not_run],
        "map": null,
        "joint": { "names": ["cat", "dog"], "values": [[0.5, 0.02], [0.01, 0.47]], "n_total": 5 },
        "class_noise": [
            { "class_name": "mule", "label_issues": 61, "inverse_label_issues": 20, "label_noise": 0.31, "inverse_label_noise": 0.1, "label_quality": 0.69 },
            { "class_name": "猫", "label_issues": 1, "inverse_label_issues": 0, "label_noise": 0.00001, "inverse_label_noise": 0.0, "label_quality": 0.99999 },
        ],
        "duplicate_sets": {
            "columns": ["weight"], "n_total": 1,
            "sets": [{ "rows": duplicates, "n_total": 2, "exact": true, "conflicting_labels": true }],
        },
    });
    serde_json::from_value(report).unwrap()
}

/// What an audit of so many rows could hand over at most: long cells, many columns, and a point for each row.
pub(crate) fn large(n_rows: usize, cell: &str) -> AuditReport {
    let text = |at: usize| format!("{at} {cell}");
    let columns: Vec<String> = (0..40).map(|at| format!("column {at}")).collect();
    let n_worst = n_rows.min(2000);
    let rows: Vec<Value> = (0..n_worst)
        .map(|row| {
            let cells: Vec<Value> = (0..columns.len()).map(|at| json!(text(at * row))).collect();
            json!({
                "row": row, "is_issue": true, "score": 0.1, "label": "a", "cells": cells,
                "image": { "kind": "gray", "width": 28, "pixels": vec![7_u8; 784] },
            })
        })
        .collect();
    let check = |name: usize| {
        json!({
            "issue_type": format!("check_{name}"), "description": "", "status": "found", "scope": "rows", "score": 0.5,
            "num_issues": n_rows, "n_checked": n_rows, "facts": [], "warnings": [], "histogram": null,
            "worst": { "columns": columns, "n_details": 1, "rows": rows, "n_total": n_rows },
        })
    };
    let points: Vec<Value> = (0..n_rows)
        .map(|row| json!({ "x": row, "y": row % 97, "row": row, "label": row % 10, "issues": [0], "text": text(row) }))
        .collect();
    let report = json!({
        "format_version": 1,
        "about": {
            "title": "large", "task": "classification", "label_column": null, "n_rows": n_rows,
            "class_names": (0..1000).map(text).collect::<Vec<_>>(), "made_by": "", "settings": [], "warnings": [],
        },
        "health_score": 0.5,
        "checks": (0..3).map(check).collect::<Vec<_>>(),
        "map": { "points": points, "issue_types": ["label"], "n_total": n_rows, "explained_variance": [0.5, 0.25] },
        "joint": null, "class_noise": [], "duplicate_sets": null,
    });
    serde_json::from_value(report).unwrap()
}
