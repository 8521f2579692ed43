//! Saved audits, files of options, and JSON.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Case;
use super::archives::npy;

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = audits()
        .into_iter()
        .map(|(name, files)| audit_case(&format!("saved audit: {name}"), files))
        .collect();
    let config = |name: &str, text: String| {
        Case::new(format!("config: {name}"), "c.toml", text.into_bytes(), "audit --config c.toml")
    };
    cases.push(config("lists in lists without end", format!("data = {}", "[".repeat(200_000))));
    cases.push(config("tables in tables without end", format!("{}x = 1", "a.".repeat(200_000))));
    cases.push(config("a number of 100,000 digits", format!("threads = {}", "9".repeat(100_000))));
    let json = |name: &str, text: String| {
        Case::new(format!("json: {name}"), "t.json", text.into_bytes(), "audit t.json --label x --threads 1")
    };
    cases.push(json("lists in lists without end", format!("[{{\"x\": {}", "[".repeat(200_000))));
    cases.push(json("objects in objects without end", "{\"x\":".repeat(200_000)));
    cases
}

/// Paths, and what stands in the files.
type Files = Vec<(String, Vec<u8>)>;

fn audit_case(name: &str, files: Files) -> Case {
    let arguments = ["report", "audit"].map(str::to_owned).to_vec();
    Case { name: name.to_owned(), files, arguments }
}

/// A manifest of these files and this audit, which vouches for itself.
fn manifest(files: &Value, audit: &str) -> (String, Vec<u8>) {
    let rest = format!(
        "  \"format\": \"cleanlab audit\",\n  \"format_version\": 1,\n  \"made_by\": \"nobody\",\n  \"state\": \"state-a\",\n  \
         \"files\": {files},\n  \"audit\": {audit}\n}}\n"
    );
    let text = format!("{{\n  \"sha256\": \"{}\",\n{rest}", checksum(rest.as_bytes()));
    ("audit/manifest.json".to_owned(), text.into_bytes())
}

fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn entry(name: &str, bytes: &[u8]) -> Value {
    json!({"name": name, "bytes": bytes.len(), "sha256": checksum(bytes)})
}

fn audit(n_rows: u64, targets: &Value, row_numbers: &Value) -> Value {
    json!({
        "task": "classification", "n_rows": n_rows, "targets": targets, "checks": [], "row_numbers": row_numbers,
        "row_keys": null, "kept_graph": null, "report": null,
    })
}

fn audits() -> Vec<(&'static str, Files)> {
    let unlabeled = json!("unlabeled");
    let alone = |audit: String| vec![manifest(&json!([]), &audit), in_state("", b"")];
    let numbers = npy("<u8", "(4,)", 32);
    let stored = |shape: Value| json!({"file": "n", "dtype": "<u8", "shape": shape});
    let with_numbers = |files: Value, shape: Value| {
        let audit = audit(4, &unlabeled, &stored(shape));
        vec![manifest(&files, &audit.to_string()), in_state("n", &numbers)]
    };
    let sets = |n_classes: u64| {
        let (ends, values, texts) =
            (array("<u8", "(1,)", 8), array("<u4", "(0,)", 0), array("|u1", "(0,)", 0));
        let lists = json!({
            "values": {"file": "v", "dtype": "<u4", "shape": [0]}, "ends": {"file": "e", "dtype": "<u8", "shape": [1]},
        });
        let names = json!({
            "utf8": {"file": "u", "dtype": "|u1", "shape": [0]}, "ends": {"file": "f", "dtype": "<u8", "shape": [1]},
            "present": null,
        });
        let targets = json!({"class_sets": {"labels": lists, "class_names": names, "n_classes": n_classes}});
        let mut audit = audit(1, &targets, &Value::Null);
        audit["task"] = json!("multilabel");
        let files = [("v", &values), ("e", &ends), ("u", &texts), ("f", &ends)];
        let entries: Vec<Value> = files.iter().map(|(name, bytes)| entry(name, bytes)).collect();
        let mut written = vec![manifest(&json!(entries), &audit.to_string())];
        written.extend(files.iter().map(|(name, bytes)| in_state(name, bytes)));
        written
    };
    let mut large = entry("n", &numbers);
    large["bytes"] = json!(1_u64 << 60);
    vec![
        ("2^60 rows", alone(audit(1 << 60, &unlabeled, &Value::Null).to_string())),
        ("a file of 2^60 bytes", with_numbers(json!([large]), json!([4]))),
        ("an array of 2^60 values", with_numbers(json!([entry("n", &numbers)]), json!([1_u64 << 60]))),
        ("a shape beyond 64 bits", with_numbers(json!([entry("n", &numbers)]), json!([u64::MAX, u64::MAX]))),
        ("a row with 2^39 classes", sets(1 << 39)),
        ("a row with 2^63 classes", sets(1 << 63)),
        ("parts in parts without end", alone(format!("{{\"checks\": {}", "[".repeat(200_000)))),
        ("no audit at all", alone("null".to_owned())),
    ]
}

fn in_state(name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    (format!("audit/state-a/{name}"), bytes.to_vec())
}

/// An array as saved audits have it: its values begin at a multiple of 64 bytes.
fn array(descr: &str, shape: &str, n_bytes: usize) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let used = 10 + header.len() + 1;
    header.extend(std::iter::repeat_n(' ', used.next_multiple_of(64) - used));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + n_bytes, 0);
    bytes
}
