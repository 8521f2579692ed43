//! The page, as far as that can be told without a browser. `cargo xtask browser` opens it in one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sample_reports;

use cleanlab_datalab::AuditReport;
use cleanlab_report::{read_json, render_html};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The data in a page.
fn data_of(page: &str) -> Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"report-data\">").unwrap();
    let (data, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(data).unwrap()
}

fn with_title(title: &str) -> AuditReport {
    let mut json: Value = serde_json::from_str(include_str!("models/empty.json")).unwrap();
    json["about"]["title"] = json!(title);
    json["about"]["class_names"] = json!([title]);
    read_json(&json.to_string()).unwrap()
}

#[test]
fn page_of_hostile_report_has_only_its_own_elements() {
    let page = render_html(&sample_reports::hostile()).to_lowercase();
    let elements = page.matches('<').count();
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script>").count(), 2);
    for hostile in ["<img", "<svg", "<!--", "onerror=\"", "<b>"] {
        assert!(!page.contains(hostile), "{hostile}");
    }
    let plain = render_html(&with_title("plain")).to_lowercase();
    assert_eq!(elements, plain.matches('<').count());
}

#[test]
fn page_has_no_control_code_or_mark_of_direction() {
    let page = render_html(&sample_reports::hostile());
    assert!(!page.chars().any(|character| character.is_control() && character != '\n'));
    assert!(!page.contains([
        '\u{202a}', '\u{202c}', '\u{202e}', '\u{2028}', '\u{2029}', '\u{2066}', '\u{2069}', '\u{200f}'
    ]));
    assert!(page.contains("\\\\u{202e}gnp.exe"));
}

#[test]
fn page_pictures_of_unknown_kinds_are_left_out() {
    let data = data_of(&render_html(&sample_reports::hostile()));
    let images = data["images"].as_object().unwrap();
    assert!(images.len() > 5 && images.values().all(|image| image["width"] == 4), "{images:?}");
}

#[test]
fn page_policy_allows_nothing_but_itself() {
    let page = render_html(&with_title("plain"));
    let (_, rest) = page.split_once("http-equiv=\"Content-Security-Policy\" content=\"").unwrap();
    let (policy, _) = rest.split_once('"').unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    for loose in ["unsafe", "http", "*"] {
        assert!(!policy.contains(loose), "{policy}");
    }
    // Before anything that it is to restrict.
    assert!(page.find("Content-Security-Policy").unwrap() < page.find("<style").unwrap());
}

#[test]
fn page_says_how_much_it_leaves_out() {
    let report = sample_reports::large(5000, "short");
    let data = data_of(&render_html(&report));
    assert_eq!(data["map"]["total"], 5000);
    assert!(data["map"]["row"].as_array().unwrap().len() < 5000);
    assert_eq!(data["checks"][0]["count"], 5000);
    assert!(data["checks"][0]["rows"].as_array().unwrap().len() <= 100);
}

#[test]
fn page_of_50_000_rows_is_below_2_mb() {
    for cell in ["", "short", "<script>&", &"long text ".repeat(100), &"<\u{202e}".repeat(5000)] {
        let page = render_html(&sample_reports::large(50_000, cell));
        assert!(page.len() < 2_000_000, "{} bytes", page.len());
        let data = data_of(&page);
        assert!(data["map"]["row"].as_array().unwrap().len() >= 300);
        assert!(data["checks"][2]["rows"].as_array().unwrap().len() >= 5);
    }
}

#[test]
fn page_of_numbers_that_no_scale_holds() {
    let mut json: Value = serde_json::from_str(include_str!("models/empty.json")).unwrap();
    let point = |x: f64, y: f64| json!({ "x": x, "y": y, "row": 0, "label": null, "issues": [], "text": "" });
    json["map"] = json!({
        "points": [point(-1.7e308, 3.0), point(1.7e308, 3.0)], "issue_types": [], "n_total": 2,
        "explained_variance": [1.0, 0.0],
    });
    let data = data_of(&render_html(&read_json(&json.to_string()).unwrap()));
    assert_eq!(data["map"]["x"], json!([0, 10_000]));
    assert_eq!(data["map"]["y"], json!([5_000, 5_000]));
}

proptest! {
    #[test]
    fn page_any_name_stays_data(name in ".*|[<>/!a-z\"'&\\x00\\u{2028}\\u{2029}-]*") {
        let page = render_html(&with_title(&name));
        let plain = render_html(&with_title("plain"));
        prop_assert_eq!(page.matches('<').count(), plain.matches('<').count());
        prop_assert_eq!(page.matches('>').count(), plain.matches('>').count());
        prop_assert!(data_of(&page)["about"]["title"].is_string());
    }
}
