//! docs/ERRORS.md, made of the cases and of what came back.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crate::answers::Answered;

const RENEW: &str = "CLEANLAB_RENEW=1 cargo test -p cleanlab-cli --test bad_inputs";

const HEAD: &str = "# What bad input comes back as

Every command and every public function that takes data, given what it cannot take, and the whole of what it answers: the
exit status of a command, or the error of a function with its variant, and the message, which names the row, the column,
the value or the bound, and what to do where something can be done. Some bad inputs are no error; then the row says what
becomes of them. No row answers NaN, and none that is refused writes a file.

The page is made by the tests that hold the answers, in `crates/cli/tests/bad_inputs`; it is renewed with
`";

/// The root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", ".."].iter().collect()
}

/// Compares the document with what the cases make, or writes it.
pub(crate) fn check(answered: &[Answered]) {
    let text = text(answered);
    let path = workspace().join("docs/ERRORS.md");
    if std::env::var_os("CLEANLAB_RENEW").is_some() {
        fs::write(path, text).unwrap();
        return;
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    let differs = found.lines().zip(text.lines()).find(|(found, made)| found != made);
    assert!(
        found == text,
        "docs/ERRORS.md is not what the cases make; renew it with\n    {RENEW}\nThe first difference: {differs:?}"
    );
}

fn text(answered: &[Answered]) -> String {
    let mut text = format!("{HEAD}{RENEW}`.\n\n{} bad inputs.\n", answered.len());
    let mut section = "";
    for case in answered {
        let (name, kind) = match case.subject.split_once("::") {
            Some((package, _)) => (package, "error"),
            None => (case.subject.as_str(), "exit"),
        };
        if name != section {
            section = name;
            let title = if kind == "exit" { format!("`cleanlab {name}`") } else { format!("`{name}`") };
            write!(text, "\n## {title}\n\n").unwrap();
            let columns = if kind == "exit" { "bad input | exit" } else { "function | bad input | error" };
            let lines = if kind == "exit" { "---|---" } else { "---|---|---" };
            writeln!(text, "| {columns} | answer |\n|{lines}|---|").unwrap();
        }
        let answer = code(&case.answer);
        match case.subject.split_once("::") {
            Some((_, function)) => {
                let Answered { input, kind, .. } = case;
                writeln!(text, "| `{function}` | {} | {kind} | {answer} |", cell(input)).unwrap();
            }
            None => writeln!(text, "| {} | {} | {answer} |", cell(&case.input), case.kind).unwrap(),
        }
    }
    text
}

/// Text of a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Code in a table's cell.
fn code(text: &str) -> String {
    let text = cell(text);
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
