//! Folders of saved audits whose checksums are right, so that what lies behind them is reached.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::scratch;

const STATE: &str = "state-a";
/// What stands between the parts of an input.
const BETWEEN: &[u8] = b"\n---\n";
/// The most bytes of values that are made up for an array.
const MOST_VALUES: usize = 1 << 14;

/// Writes an audit from the description of it as in a manifest, the text of a report, and bytes from which the values of
/// all arrays are taken in turn. Gives the folder.
pub fn write(input: &[u8]) -> PathBuf {
    let (description, rest) = cut(input);
    let (report, values) = cut(rest);
    let folder = scratch::folder().join("audit");
    let state = folder.join(STATE);
    let _ = fs::remove_dir_all(&state);
    fs::create_dir_all(&state).expect("a folder for the state");
    let mut files =
        Files { state, listed: String::new(), names: HashSet::new(), values: values.iter().cycle() };
    if let Ok(audit) = serde_json::from_slice::<Value>(description) {
        files.arrays_of(&audit);
        if let Some(Value::String(name)) = audit.get("report") {
            files.write(name, report);
        }
    }
    let mut rest = format!(
        "  \"format\": \"cleanlab audit\",\n  \"format_version\": 1,\n  \"made_by\": \"a fuzzer\",\n  \"state\": \"{STATE}\",\n  \
         \"files\": [{}],\n  \"audit\": ",
        files.listed
    )
    .into_bytes();
    rest.extend_from_slice(description);
    rest.extend_from_slice(b"\n}\n");
    let mut manifest = format!("{{\n  \"sha256\": \"{}\",\n", checksum(&rest)).into_bytes();
    manifest.append(&mut rest);
    fs::write(folder.join("manifest.json"), manifest).expect("a manifest");
    folder
}

fn cut(input: &[u8]) -> (&[u8], &[u8]) {
    let at = input.windows(BETWEEN.len()).position(|window| window == BETWEEN);
    at.map_or((input, &[]), |at| (&input[..at], &input[at + BETWEEN.len()..]))
}

fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

struct Files<'a> {
    state: PathBuf,
    listed: String,
    names: HashSet<String>,
    values: std::iter::Cycle<std::slice::Iter<'a, u8>>,
}

impl Files<'_> {
    /// Writes a file for everything in the description that refers to an array.
    fn arrays_of(&mut self, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.arrays_of(value)),
            Value::Object(entries) => {
                if let Some((name, descr, shape)) = array_of(value) {
                    let bytes = self.array(descr, &shape);
                    self.write(name, &bytes);
                }
                entries.values().for_each(|value| self.arrays_of(value));
            }
            _ => {}
        }
    }

    fn array(&mut self, descr: &str, shape: &[u64]) -> Vec<u8> {
        let size =
            if descr == "|b1" { 1 } else { descr.get(2..).and_then(|size| size.parse().ok()).unwrap_or(8) };
        let n_values = shape.iter().try_fold(1_u64, |product, &length| product.checked_mul(length));
        let n_bytes = n_values.and_then(|n_values| n_values.checked_mul(size)).unwrap_or(u64::MAX);
        let mut bytes = npy_header(descr, shape);
        let mask = if descr == "|b1" { 1 } else { 0xFF };
        let n_bytes = usize::try_from(n_bytes).unwrap_or(usize::MAX).min(MOST_VALUES);
        bytes.extend(self.values.by_ref().take(n_bytes).map(|byte| byte & mask));
        bytes
    }

    fn write(&mut self, name: &str, bytes: &[u8]) {
        let is_plain = !name.is_empty()
            && name.len() < 100
            && !name.contains(['/', '\\', '\0', '"'])
            && name != "."
            && name != "..";
        if !is_plain || self.names.len() > 60 || !self.names.insert(name.to_owned()) {
            return;
        }
        if fs::write(Path::new(&self.state).join(name), bytes).is_ok() {
            let comma = if self.listed.is_empty() { "" } else { ", " };
            let name = Value::String(name.to_owned());
            let (length, sha256) = (bytes.len(), checksum(bytes));
            let _ = write!(
                self.listed,
                "{comma}{{\"name\": {name}, \"bytes\": {length}, \"sha256\": \"{sha256}\"}}"
            );
        }
    }
}

fn array_of(value: &Value) -> Option<(&str, &str, Vec<u64>)> {
    let shape = value.get("shape")?.as_array()?.iter().map(Value::as_u64).collect::<Option<_>>()?;
    Some((value.get("file")?.as_str()?, value.get("dtype")?.as_str()?, shape))
}

/// The header that saved audits have: version 1, the values at a multiple of 64 bytes.
fn npy_header(descr: &str, shape: &[u64]) -> Vec<u8> {
    let lengths: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let shape = match lengths.as_slice() {
        [length] => format!("({length},)"),
        lengths => format!("({})", lengths.join(", ")),
    };
    let mut dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let used = 10 + dict.len() + 1;
    dict.extend(std::iter::repeat_n(' ', used.next_multiple_of(64) - used));
    dict.push('\n');
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((dict.len() as u16).to_le_bytes());
    header.extend(dict.as_bytes());
    header
}
