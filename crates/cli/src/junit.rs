//! Checks and limits as test cases, for CI pipelines (JUnit XML).

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use cleanlab_datalab::{CheckOutcome, Datalab};
use cleanlab_table::{Content, write_file};

use crate::fail_on::{Limits, Totals, Verdict};
use crate::interrupt;

/// Writes a test case for every check, which is an error if the check failed and skipped if it did not run, and one for
/// every limit, which fails if the limit is passed.
pub(crate) fn write_junit(
    file: &Path,
    lab: &Datalab,
    limits: Option<&Limits>,
    totals: &Totals,
) -> Result<()> {
    let text = junit_text(lab, limits, totals);
    interrupt::write_whole(|| write_file(file, &Content::Bytes(text.as_bytes())))
        .context("the test cases were not written")
}

/// What became of a test.
enum Ending {
    Passed,
    Skipped(String),
    Failure(String),
    Error(String),
}

struct Case {
    suite: &'static str,
    name: String,
    ending: Ending,
}

fn junit_text(lab: &Datalab, limits: Option<&Limits>, totals: &Totals) -> String {
    let check = |check: &cleanlab_datalab::CheckRecord| Case {
        suite: "cleanlab.checks",
        name: check.issue_type.clone(),
        ending: match &check.outcome {
            CheckOutcome::Found(_) => Ending::Passed,
            CheckOutcome::Failed { reason } => Ending::Error(reason.clone()),
            CheckOutcome::NotRun { needs } => Ending::Skipped(format!("it needs {needs}")),
            _ => Ending::Error("it ended in a way that is not known here".to_owned()),
        },
    };
    let mut cases: Vec<Case> = lab.checks().iter().map(check).collect();
    for (limit, verdict) in limits.map(|limits| limits.verdicts(totals)).unwrap_or_default() {
        let ending = match verdict {
            Verdict::Kept => Ending::Passed,
            Verdict::Passed(how) => Ending::Failure(how),
            Verdict::Undecided(why) => Ending::Error(why),
        };
        cases.push(Case { suite: "cleanlab.limits", name: limit.text.clone(), ending });
    }
    let count = |which: fn(&Ending) -> bool| cases.iter().filter(|case| which(&case.ending)).count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let totals = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        cases.len(),
        count(|ending| matches!(ending, Ending::Failure(_))),
        count(|ending| matches!(ending, Ending::Error(_))),
        count(|ending| matches!(ending, Ending::Skipped(_)))
    );
    // Writing to a string cannot fail.
    let _ = writeln!(text, "<testsuites {totals}>\n  <testsuite name=\"cleanlab audit\" {totals}>");
    for Case { suite, name, ending } in &cases {
        let _ = write!(text, "    <testcase classname=\"{suite}\" name=\"{}\"", escaped(name));
        let _ = match ending {
            Ending::Passed => writeln!(text, "/>"),
            Ending::Skipped(why) => writeln!(text, "><skipped message=\"{}\"/></testcase>", escaped(why)),
            Ending::Failure(how) => writeln!(text, "><failure message=\"{}\"/></testcase>", escaped(how)),
            Ending::Error(why) => writeln!(text, "><error message=\"{}\"/></testcase>", escaped(why)),
        };
    }
    text + "  </testsuite>\n</testsuites>\n"
}

/// Text as the value of an attribute. XML has no place for control codes at all, not even escaped.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            character if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
            }
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_leaves_nothing_that_ends_an_attribute_or_is_no_xml() {
        let text = escaped("a<b>&\"c\"\n\u{1b}[31m\u{0}");
        assert_eq!(text, "a&lt;b&gt;&amp;&quot;c&quot; \\u{1b}[31m\\u{0}");
    }
}
