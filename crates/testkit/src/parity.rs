//! Cases recorded from the reference, and the comparison with them.
//!
//! A parity test calls [`run`] with its area (the folder that one script of the reference fills) and the functions it
//! covers. Without further setting it compares with the committed fixtures, those that a long run once found to differ
//! among them (`fixtures/parity-found`); `cargo xtask parity` sets [`CASES_VARIABLE`] to a folder of many more, of the areas
//! in [`AREAS_VARIABLE`], and collects the tallies that are written to the file named by [`TALLY_VARIABLE`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Environment variable that names the folder of cases to compare with, in place of the fixtures.
pub const CASES_VARIABLE: &str = "CLEANLAB_PARITY_CASES";

/// Environment variable that names the areas in that folder, with commas between them; all if it is not set. Tests of other
/// areas compare nothing.
pub const AREAS_VARIABLE: &str = "CLEANLAB_PARITY_AREAS";

/// Environment variable that names the file to append tallies to, one JSON object a line.
pub const TALLY_VARIABLE: &str = "CLEANLAB_PARITY_TALLY";

/// One data set with the reference's answers on it.
#[derive(Debug)]
pub struct Case {
    /// Its number; the same number and seed make the same case again.
    pub number: u64,
    /// Seed that the case was drawn with.
    pub seed: u64,
    /// Whether the inputs are meant as f32.
    pub is_f32: bool,
    /// How far floats may differ.
    pub tolerance: f64,
    inputs: BTreeMap<String, Value>,
    payload: Vec<u8>,
}

#[derive(Deserialize)]
struct CaseFile {
    case: u64,
    seed: u64,
    tolerance: f64,
    #[serde(default)]
    dtype: String,
    inputs: BTreeMap<String, Value>,
    checks: Vec<CheckFile>,
}

#[derive(Deserialize)]
struct CheckFile {
    function: String,
    parameters: Value,
    expected: Value,
}

/// One call of the reference: the function, its parameters, and what it answered.
#[derive(Debug)]
pub struct Check<'c> {
    /// The case whose data the function was called on.
    pub case: &'c Case,
    /// cleanlab's name of the function.
    pub function: &'c str,
    parameters: &'c Value,
}

/// How one function compares with the reference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Calls compared.
    pub calls: u64,
    /// Calls that differ.
    pub mismatches: u64,
    /// Largest difference of a float.
    pub max_error: f64,
    /// What the first few mismatches were.
    pub examples: Vec<String>,
    /// Where they are.
    #[serde(default)]
    pub failing: Vec<Failing>,
}

/// A check that failed, with what it takes to run it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failing {
    /// The folder of its case.
    pub area: String,
    /// The number of its case.
    pub case: u64,
    /// The file of its case, without folder and ending.
    pub file: String,
    /// Which check of the case it is, from 0 on.
    pub check: usize,
    /// The test program that found it.
    pub program: PathBuf,
}

impl Tally {
    /// Adds another tally of the same function.
    pub fn merge(&mut self, other: Self) {
        self.calls += other.calls;
        self.mismatches += other.mismatches;
        self.max_error = self.max_error.max(other.max_error);
        self.examples.extend(other.examples);
        self.examples.truncate(5);
        self.failing.extend(other.failing);
        self.failing.truncate(5);
    }
}

/// What this workspace answers to a check.
#[derive(Debug)]
pub enum Answer {
    /// Numbers that must be equal.
    Exact(Vec<i64>),
    /// Rows in order of score, with the score of every row of the data set. Rows whose scores differ by less than the
    /// tolerance may stand in either order: their order hangs on the last bit of a logarithm or a sum.
    Ranking {
        /// The ranked rows.
        rows: Vec<usize>,
        /// The score of each row of the data set.
        scores: Vec<f64>,
    },
    /// Numbers that may differ by the tolerance, under the names the fixture gives them (`""` for a bare array).
    Close(Vec<(&'static str, Vec<f64>)>),
    /// Numbers that may differ by this much: what an optimiser found.
    Near(Vec<f64>, f64),
    /// Named parts, some exact and some close.
    Parts(Vec<(&'static str, Answer)>),
    /// The call failed, which is a mismatch.
    Failed(String),
}

/// Answers every check of the listed functions of an area with `answer` and compares.
///
/// # Panics
///
/// If there are no cases, a case cannot be read, a listed function has no check, or an answer differs.
pub fn run(area: &str, functions: &[&str], answer: impl Fn(&Check<'_>) -> Answer) {
    if env::var(AREAS_VARIABLE).is_ok_and(|areas| !areas.split(',').any(|name| name == area)) {
        return;
    }
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for file in &case_files(area) {
        let (case, checks) = read_case(file);
        for (number, CheckFile { function, parameters, expected }) in checks.iter().enumerate() {
            if functions.contains(&function.as_str()) {
                let check = Check { case: &case, function, parameters };
                let outcome = check.compare("", &answer(&check), expected);
                let tally = tallies.entry(function.clone()).or_default();
                tally.calls += 1;
                match outcome {
                    Ok(error) => tally.max_error = tally.max_error.max(error),
                    Err(difference) => {
                        tally.mismatches += 1;
                        if tally.examples.len() < 5 {
                            tally.examples.push(format!(
                                "case {} (seed {}) {function}({}): {difference}",
                                case.number,
                                case.seed,
                                shortened(&parameters.to_string())
                            ));
                            tally.failing.push(failing(area, file, case.number, number));
                        }
                    }
                }
            }
        }
    }
    report(&tallies, functions);
}

fn report(tallies: &BTreeMap<String, Tally>, functions: &[&str]) {
    if let Some(path) = env::var_os(TALLY_VARIABLE) {
        let line = serde_json::to_string(tallies).expect("tallies are plain data");
        let mut file = fs::OpenOptions::new().create(true).append(true).open(path).expect("tally file opens");
        std::io::Write::write_all(&mut file, (line + "\n").as_bytes()).expect("tally is written");
        return;
    }
    for function in functions {
        assert!(tallies.contains_key(*function), "no check of {function} in the fixtures");
    }
    let examples: Vec<&String> = tallies.values().flat_map(|tally| &tally.examples).collect();
    assert!(examples.is_empty(), "differs from the reference:\n{examples:#?}");
}

fn failing(area: &str, file: &Path, case: u64, check: usize) -> Failing {
    let file = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let program = env::current_exe().unwrap_or_default();
    Failing { area: area.to_owned(), case, file, check, program }
}

/// The cases of an area: those of the folder in the environment, or all fixtures.
fn case_files(area: &str) -> Vec<PathBuf> {
    let folders = match env::var_os(CASES_VARIABLE) {
        Some(folder) => vec![PathBuf::from(folder)],
        None => ["parity", "parity-found"]
            .map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name))
            .to_vec(),
    };
    // Most areas have nothing that was found.
    let is_missing_finding =
        |folder: &Path| folder.ends_with(Path::new("parity-found").join(area)) && !folder.exists();
    let mut files: Vec<PathBuf> = folders
        .iter()
        .map(|folder| folder.join(area))
        .filter(|folder| !is_missing_finding(folder))
        .flat_map(|folder| {
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        })
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    assert!(!files.is_empty(), "no cases of {area} in {folders:?}");
    files.sort();
    files
}

fn read_case(path: &Path) -> (Case, Vec<CheckFile>) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file: CaseFile =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let payload = fs::read(path.with_extension("bin")).unwrap_or_default();
    let case = Case {
        number: file.case,
        seed: file.seed,
        is_f32: file.dtype == "f32",
        tolerance: file.tolerance,
        inputs: file.inputs,
        payload,
    };
    (case, file.checks)
}

fn shortened(text: &str) -> String {
    if text.chars().count() > 200 { text.chars().take(200).chain(['…']).collect() } else { text.to_owned() }
}

impl Case {
    /// An input as integers.
    #[must_use]
    pub fn integers(&self, name: &str) -> Vec<i64> {
        self.decode(&self.inputs[name]).1.into_iter().map(|value| value as i64).collect()
    }

    /// An input as a vector.
    #[must_use]
    pub fn vector(&self, name: &str) -> Array1<f64> {
        self.decode(&self.inputs[name]).1.into()
    }

    /// An input as a matrix.
    #[must_use]
    pub fn matrix(&self, name: &str) -> Array2<f64> {
        to_matrix(self.decode(&self.inputs[name]))
    }

    fn decode(&self, value: &Value) -> (Vec<usize>, Vec<f64>) {
        let shape: Vec<usize> = serde_json::from_value(value["shape"].clone()).expect("array has a shape");
        if let Some(values) = value.get("values") {
            let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{value} in an array"));
            return (shape, values.as_array().expect("values").iter().map(number).collect());
        }
        let at = value["at"].as_u64().expect("array has values or an offset") as usize;
        let len: usize = shape.iter().product();
        let values = match value["dtype"].as_str() {
            Some("f64") => decode_with(&self.payload[at..], len, f64::from_le_bytes),
            Some("f32") => decode_with(&self.payload[at..], len, |b| f64::from(f32::from_le_bytes(b))),
            Some("i64") => decode_with(&self.payload[at..], len, |b| i64::from_le_bytes(b) as f64),
            Some("bool") => decode_with(&self.payload[at..], len, |b: [u8; 1]| f64::from(b[0])),
            other => panic!("unknown dtype {other:?}"),
        };
        (shape, values)
    }
}

fn decode_with<const N: usize>(bytes: &[u8], len: usize, read: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    bytes.as_chunks::<N>().0[..len].iter().map(|chunk| read(*chunk)).collect()
}

fn to_matrix((shape, values): (Vec<usize>, Vec<f64>)) -> Array2<f64> {
    Array2::from_shape_vec((shape[0], shape[1]), values).expect("shape fits the values")
}

/// The accessors panic when the fixture does not hold what is asked for.
#[allow(clippy::missing_panics_doc, reason = "said once for all of them")]
impl Check<'_> {
    /// Whether the call had this parameter.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.parameters.get(name).is_some_and(|value| !value.is_null())
    }

    /// Whether the call had this parameter, and it was a number.
    #[must_use]
    pub fn is_number(&self, name: &str) -> bool {
        self.parameters.get(name).is_some_and(Value::is_number)
    }

    /// A parameter as it was recorded.
    #[must_use]
    pub fn json(&self, name: &str) -> &Value {
        &self.parameters[name]
    }

    /// A parameter as text.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.parameters[name].as_str().unwrap_or_else(|| panic!("{name} is not text"))
    }

    /// A parameter as a list of texts.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        serde_json::from_value(self.parameters[name].clone()).expect("a list of texts")
    }

    /// A parameter as a number.
    #[must_use]
    pub fn number(&self, name: &str) -> f64 {
        self.parameters[name].as_f64().unwrap_or_else(|| panic!("{name} is not a number"))
    }

    /// A parameter as a flag, `false` when absent.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.parameters.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A parameter as a vector.
    #[must_use]
    pub fn vector(&self, name: &str) -> Array1<f64> {
        let value = &self.parameters[name];
        match value.as_array() {
            Some(list) => list.iter().map(|entry| entry.as_f64().expect("a number")).collect(),
            None => self.case.decode(value).1.into(),
        }
    }

    /// A parameter as integers.
    #[must_use]
    pub fn integers(&self, name: &str) -> Vec<i64> {
        self.vector(name).iter().map(|value| *value as i64).collect()
    }

    /// A parameter as a matrix.
    #[must_use]
    pub fn matrix(&self, name: &str) -> Array2<f64> {
        to_matrix(self.case.decode(&self.parameters[name]))
    }

    /// A parameter as a list of matrices.
    #[must_use]
    pub fn matrices(&self, name: &str) -> Vec<Array2<f64>> {
        let list = self.parameters[name].as_array().expect("a list of matrices");
        list.iter().map(|entry| to_matrix(self.case.decode(entry))).collect()
    }

    fn expected_values(&self, expected: &Value) -> Vec<f64> {
        match expected {
            Value::Number(number) => vec![number.as_f64().expect("a number")],
            Value::Bool(flag) => vec![f64::from(u8::from(*flag))],
            Value::Array(list) => list.iter().map(|value| value.as_f64().expect("a number")).collect(),
            array => self.case.decode(array).1,
        }
    }

    /// The largest difference of a float, or what differs.
    fn compare(&self, part: &str, answer: &Answer, expected: &Value) -> Result<f64, String> {
        match answer {
            Answer::Failed(message) => Err(format!("failed: {message}")),
            Answer::Exact(got) => {
                let want: Vec<i64> =
                    self.expected_values(expected).into_iter().map(|value| value as i64).collect();
                if got.len() != want.len() {
                    return Err(format!("{part}: {} values, expected {}", got.len(), want.len()));
                }
                match got.iter().zip(&want).position(|(got, want)| got != want) {
                    Some(at) => Err(format!("{part}[{at}] is {}, expected {}", got[at], want[at])),
                    None => Ok(0.0),
                }
            }
            Answer::Ranking { rows, scores } => self.compare_ranking(rows, scores, expected),
            Answer::Near(got, tolerance) => {
                compare_floats(part, got, &self.expected_values(expected), *tolerance)
            }
            Answer::Close(parts) => {
                let mut largest = 0.0_f64;
                for (name, got) in parts {
                    let expected = if name.is_empty() { expected } else { &expected[*name] };
                    largest = largest.max(self.compare_floats(name, got, expected)?);
                }
                Ok(largest)
            }
            Answer::Parts(parts) => {
                let mut largest = 0.0_f64;
                for (name, answer) in parts {
                    largest = largest.max(self.compare(name, answer, &expected[*name])?);
                }
                Ok(largest)
            }
        }
    }

    fn compare_ranking(&self, rows: &[usize], scores: &[f64], expected: &Value) -> Result<f64, String> {
        let want: Vec<usize> =
            self.expected_values(expected).into_iter().map(|value| value as usize).collect();
        let sorted = |rows: &[usize]| {
            let mut rows = rows.to_vec();
            rows.sort_unstable();
            rows
        };
        if sorted(rows) != sorted(&want) {
            return Err("other rows are ranked".into());
        }
        let mut largest = 0.0_f64;
        for (at, (&got, &want)) in rows.iter().zip(&want).enumerate() {
            let error = (scores[got] - scores[want]).abs();
            if error.is_nan() || error > self.case.tolerance {
                return Err(format!("row {got} is ranked {at}, expected row {want}"));
            }
            largest = largest.max(error);
        }
        Ok(largest)
    }

    fn compare_floats(&self, part: &str, got: &[f64], expected: &Value) -> Result<f64, String> {
        compare_floats(part, got, &self.expected_values(expected), self.case.tolerance)
    }
}

fn compare_floats(part: &str, got: &[f64], want: &[f64], tolerance: f64) -> Result<f64, String> {
    if got.len() != want.len() {
        return Err(format!("{part}: {} values, expected {}", got.len(), want.len()));
    }
    let mut largest = 0.0_f64;
    for (at, (&got, &want)) in got.iter().zip(want).enumerate() {
        let error = (got - want).abs();
        if error.is_nan() || error > tolerance * want.abs().max(1.0) {
            return Err(format!("{part}[{at}] is {got:e}, expected {want:e}"));
        }
        largest = largest.max(error);
    }
    Ok(largest)
}
