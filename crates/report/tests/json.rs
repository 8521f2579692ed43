//! The report as JSON, and the schema that describes it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sample_reports;

use cleanlab_datalab::{AuditReport, REPORT_FORMAT_VERSION};
use cleanlab_report::{ReportError, read_json, render_json};
use proptest::prelude::*;
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../../docs/report.schema.json");
const FORMAT_PAGE: &str = include_str!("../../../docs/REPORT_FORMAT.md");
const EMPTY: &str = include_str!("models/empty.json");

fn schema() -> jsonschema::Validator {
    jsonschema::draft202012::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap()
}

fn all() -> [AuditReport; 4] {
    let empty = read_json(EMPTY).unwrap();
    [empty, sample_reports::plain(), sample_reports::hostile(), sample_reports::large(20, "a")]
}

#[test]
fn json_of_plain_report() {
    insta::assert_snapshot!(render_json(&sample_reports::plain()));
}

#[test]
fn json_is_as_the_schema_says() {
    let schema = schema();
    for report in all() {
        let json: Value = serde_json::from_str(&render_json(&report)).unwrap();
        let complaints: Vec<String> =
            schema.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

#[test]
fn schema_refuses_what_is_no_report() {
    let schema = schema();
    let right: Value = serde_json::from_str(&render_json(&sample_reports::plain())).unwrap();
    assert!(schema.is_valid(&right));
    let wrong = [
        ("/format_version", json!("1")),
        ("/about/task", json!("guessing")),
        ("/about/n_rows", json!(-1)),
        ("/health_score", json!(1.5)),
        ("/checks/0/status", json!("lost")),
        ("/checks/1/worst/rows/0/score", json!("low")),
        ("/checks/1/worst/rows/0/cells", json!([[]])),
        ("/joint/values", json!([["a"]])),
        ("/duplicate_sets/sets/0/exact", json!(1)),
    ];
    for (place, value) in wrong {
        let mut json = right.clone();
        *json.pointer_mut(place).unwrap() = value;
        assert!(!schema.is_valid(&json), "{place}");
    }
    let mut lacking = right.clone();
    lacking["checks"][0].as_object_mut().unwrap().remove("reason");
    assert!(!schema.is_valid(&lacking), "a failed check needs a reason");
}

/// Every name of a field in the schema, wherever it is nested.
fn fields_of(schema: &Value, fields: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                fields.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| fields_of(value, fields));
        }
        Value::Array(values) => values.iter().for_each(|value| fields_of(value, fields)),
        _ => {}
    }
}

#[test]
fn every_field_is_in_the_schema_and_on_the_page_about_the_format() {
    let mut described = Vec::new();
    fields_of(&serde_json::from_str(SCHEMA).unwrap(), &mut described);
    assert!(described.len() > 50);
    for field in &described {
        assert!(FORMAT_PAGE.contains(&format!("`{field}`")), "docs/REPORT_FORMAT.md lacks `{field}`");
    }
    fn used(json: &Value, fields: &mut Vec<String>) {
        match json {
            Value::Object(object) => {
                fields.extend(object.keys().cloned());
                object.values().for_each(|value| used(value, fields));
            }
            Value::Array(values) => values.iter().for_each(|value| used(value, fields)),
            _ => {}
        }
    }
    let mut names = Vec::new();
    used(&serde_json::from_str(&render_json(&sample_reports::hostile())).unwrap(), &mut names);
    for name in names {
        assert!(described.contains(&name), "docs/report.schema.json lacks `{name}`");
    }
    assert!(FORMAT_PAGE.contains(&format!("version {REPORT_FORMAT_VERSION}")));
}

#[test]
fn json_read_back_is_the_same_report() {
    for report in all() {
        assert_eq!(read_json(&render_json(&report)).unwrap(), report);
    }
}

#[test]
fn json_unknown_fields_are_passed_over() {
    let mut json: Value = serde_json::from_str(EMPTY).unwrap();
    json["added_later"] = json!({ "x": 1 });
    assert_eq!(read_json(&json.to_string()).unwrap(), read_json(EMPTY).unwrap());
}

#[test]
fn read_json_newer_format_is_refused() {
    let text = EMPTY.replace("\"format_version\": 1", "\"format_version\": 2");
    let error = read_json(&text).unwrap_err();
    assert!(matches!(error, ReportError::NewerFormat { found: 2, supported: 1 }));
    assert!(error.to_string().contains("update cleanlab"), "{error}");
}

#[test]
fn read_json_malformed_is_an_error() {
    for text in
        ["", "[]", "{\"format_version\": 1}", "{\"format_version\": \"1\"}", &EMPTY[..EMPTY.len() - 4]]
    {
        assert!(matches!(read_json(text), Err(ReportError::Malformed { .. })), "{text}");
    }
}

proptest! {
    #[test]
    fn json_any_title_is_safe_to_print_and_read_back(title in ".*|[\\x00-\\x1f\\u{7f}-\\u{9f}\\u{200e}\\u{202a}-\\u{2069}\\u{e0001}<\"\\\\]*") {
        let mut json: Value = serde_json::from_str(EMPTY).unwrap();
        json["about"]["title"] = json!(title);
        let report = read_json(&json.to_string()).unwrap();
        let text = render_json(&report);
        prop_assert!(!text.chars().any(|character| character != '\n' && character.is_control()));
        let has_marks = text.contains(['\u{200e}', '\u{202e}', '\u{2066}']);
        prop_assert!(!has_marks);
        prop_assert_eq!(read_json(&text).unwrap(), report);
    }
}
