//! Laws that hold for any input: how many there are, and that each holds for a thousand inputs.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use super::Effort;
use super::rust_source::{RustFile, block_after, rust_files};
use crate::process::{cargo, output};

/// What is promised.
const FEWEST: usize = 60;

/// Inputs per law in the long form, whatever the law asks for by itself.
const CASES: u32 = 1000;

/// A test that counts the inputs it gets, which shows that the number asked for is the number tried.
const COUNTING_TEST: &str = "cases_asked_for_in_the_environment_are_the_cases_tried";

/// Counts the laws and runs all of them: the short form on as many inputs as each asks for.
pub(super) fn properties(effort: Effort) -> Result<String> {
    let laws = laws(&rust_files()?)?;
    ensure!(laws.len() >= FEWEST, "there are {} laws, not {FEWEST}", laws.len());
    let mut test = cargo(["test", "--workspace", "--lib", "--tests", "--no-fail-fast", "--"]);
    test.args(&laws).arg(COUNTING_TEST);
    let tried = match effort {
        Effort::Long => {
            test.env("PROPTEST_CASES", CASES.to_string());
            format!("on {CASES} inputs each")
        }
        Effort::Short => "on as many inputs as each asks for".to_owned(),
    };
    let passed = passed(&output(&mut test)?);
    ensure!(passed.contains(COUNTING_TEST), "{COUNTING_TEST} did not run");
    let missing: Vec<&str> = laws.iter().map(String::as_str).filter(|law| !passed.contains(*law)).collect();
    ensure!(missing.is_empty(), "these laws did not run: {}", missing.join(", "));
    Ok(format!("{} laws hold {tried}", laws.len()))
}

/// The names of all tests in `proptest!` blocks, which have to be different ones.
fn laws(files: &[RustFile]) -> Result<BTreeSet<String>> {
    let mut laws = BTreeSet::new();
    for file in files {
        let mut rest = file.code.as_str();
        while let Some(start) = rest.find("proptest! {") {
            let Some((block, end)) = block_after(rest, start) else { break };
            for test in block.split("#[test]").skip(1) {
                let name = test.split_once("fn ").and_then(|(_, rest)| rest.split('(').next());
                let name = name.unwrap_or_default().trim().to_owned();
                ensure!(!name.is_empty(), "{}: a law without a name", file.path);
                ensure!(laws.insert(name.clone()), "{}: there is another law named {name}", file.path);
            }
            rest = &rest[end..];
        }
    }
    Ok(laws)
}

/// The names of the tests that passed, without their modules.
fn passed(output: &str) -> BTreeSet<String> {
    let tests = output.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... ok"));
    tests.map(|path| path.rsplit("::").next().unwrap_or(path).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::rust_source::code_of;

    #[test]
    fn laws_in_several_blocks_are_found_and_equal_names_refused() {
        let text = "proptest! {\n #![proptest_config(x)]\n #[test]\n fn a(x in 0..{ 3 }) { }\n /// }\n\
                    #[test]\n fn b(y: u8) {}\n}\n#[test]\nfn no_law() {}\nproptest! { #[test] fn c(z: u8) {} }";
        let file = |text: &str| RustFile { path: "x.rs".to_owned(), code: code_of(text) };
        assert_eq!(laws(&[file(text)]).unwrap(), BTreeSet::from(["a", "b", "c"].map(str::to_owned)));
        assert!(laws(&[file(text), file("proptest! { #[test] fn a(z: u8) {} }")]).is_err());
    }

    #[test]
    fn passed_knows_tests_by_their_last_name() {
        let text =
            "test x::tests::a ... ok\ntest b ... FAILED\ntest c ... ignored\ntest result: ok. 1 passed";
        assert_eq!(passed(text), BTreeSet::from(["a".to_owned()]));
    }
}
