//! Three hundred names that would like to be more than names, through everything that the command prints and writes.
//!
//! The pages are left below `target/trust/hostile_text`, where `cargo xtask trust hostile-text` opens them in Chromium.

use std::fmt::Write as _;
use std::fs;

use rayon::prelude::*;
use serde_json::json;

use crate::support::{Run, Scene, listing, workspace};

/// Names in one audit. Pages are cut to a size, so that a few audits have to share them.
const NAMES_OF_AUDIT: usize = 26;
/// Rows of a name. Of the first the model thinks that it has the next name.
const ROWS_OF_NAME: usize = 3;
/// The names of a megabyte.
const LONG: usize = 1 << 20;

/// All names, none twice.
fn names() -> Vec<String> {
    let mut names = [scripts(), control_codes(), turned(), formulas(), odd()].concat();
    names.sort_unstable();
    names.dedup();
    names
}

/// Markup that would run a script, in an element, an attribute, a string, a comment or an address.
fn scripts() -> Vec<String> {
    let run = "window.hostile=1";
    let mut found: Vec<String> = Vec::new();
    for tag in ["script", "SCRIPT", "script async", "script/x", "script type=module"] {
        found.push(format!("<{tag}>{run}</script>"));
        found.push(format!("</script><{tag}>{run}</script>"));
    }
    let elements = [
        "img src=x",
        "svg",
        "body",
        "iframe",
        "video src=x",
        "audio src=x",
        "input autofocus",
        "details open",
        "marquee",
        "object data=x",
        "math",
        "a href=#",
    ];
    for element in elements {
        for event in ["onerror", "onload", "onfocus", "ontoggle"] {
            found.push(format!("<{element} {event}={run}>"));
        }
    }
    for (open, close) in [
        ("\"", "\""),
        ("'", "'"),
        ("`", "`"),
        ("\">", ""),
        ("'>", ""),
        ("-->", "<!--"),
        ("]]>", ""),
        ("*/", "/*"),
        ("\\", "\\"),
        ("\\\"", ""),
        ("</style>", ""),
        ("</title>", ""),
        ("</textarea>", ""),
        ("</noscript>", ""),
    ] {
        found.push(format!("{open};{run};{close}"));
        found.push(format!("{open}<svg onload={run}>{close}"));
    }
    for address in [
        "javascript:",
        "JaVaScRiPt:",
        "java\tscript:",
        "data:text/html,",
        "vbscript:",
        "//127.0.0.1:9/",
        "http://127.0.0.1:9/",
        "file:///etc/passwd?",
    ] {
        found.push(format!("{address}{run}"));
        found.push(format!("<a href=\"{address}{run}\">x</a>"));
        found.push(format!("<meta http-equiv=refresh content=\"0;url={address}{run}\">"));
    }
    for text in [
        "__proto__",
        "constructor",
        "prototype",
        "toString",
        "hasOwnProperty",
        "valueOf",
        "<base href=//127.0.0.1:9/>",
        "<link rel=stylesheet href=//127.0.0.1:9/x.css>",
        "<form action=//127.0.0.1:9/><button>",
        "<style>*{background:url(//127.0.0.1:9/)}</style>",
        "<!--<script>",
        "&lt;script&gt;",
        "&#60;script&#62;",
        "%3Cscript%3E",
        "{{7*7}}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "\\u003cscript\\u003e",
        "<scr\u{131}pt>",
        "\u{ff1c}script\u{ff1e}",
    ] {
        found.push(text.to_owned());
    }
    found
}

/// Every control code that a text file can hold, alone and before what would move the cursor or set a title.
fn control_codes() -> Vec<String> {
    let codes = (1..=0x1f).chain(0x7f..=0x9f).filter_map(char::from_u32);
    let mut found: Vec<String> = codes.map(|code| format!("a{code}[2Jb")).collect();
    for text in [
        "\u{1b}]0;title\u{7}x",
        "\u{1b}]8;;http://127.0.0.1:9/\u{1b}\\link",
        "\u{1b}[31mred\u{1b}[0m",
        "\u{1b}c",
        "\u{9b}31m",
        "\u{1b}P1;1|x\u{1b}\\",
        "two\r\nlines",
        "bell\u{7}\u{8}\u{8}",
        "\u{1b}[?1049h",
        "\u{1b}]52;c;eA==\u{7}",
    ] {
        found.push(text.to_owned());
    }
    found
}

/// Marks that turn text around, hide it, or end a line.
fn turned() -> Vec<String> {
    let marks = [
        '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}',
        '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}',
    ];
    // Blanks at the ends of names do not count, and some of these are.
    marks
        .iter()
        .flat_map(|mark| [format!("{mark}gnp{mark}.exe{}", u32::from(*mark)), format!("x{mark}gnp.exe")])
        .collect()
}

/// What a spreadsheet would compute.
fn formulas() -> Vec<String> {
    let starts = ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠"];
    let rest = [
        "1+1",
        "cmd|' /C calc'!A0",
        "HYPERLINK(\"http://127.0.0.1:9/\",\"x\")",
        "SUM(A1:A9)*cmd|' /C calc'!A0",
        "1,2",
    ];
    // Blanks at the ends of names do not count: without a number of their own some would be the same.
    let numbered = starts.iter().enumerate();
    numbered.flat_map(|(at, start)| rest.map(|rest| format!("{start}{rest}+{at}"))).collect()
}

/// What trips readers of text up.
fn odd() -> Vec<String> {
    let texts = [
        "\"",
        "'",
        ",",
        ";",
        "a,b",
        "a\"b",
        "\"\"",
        "\\",
        "/",
        "../../etc/passwd",
        "|",
        "a|b",
        "[1]",
        "{}",
        "a b",
        "\u{1f4a9}",
        "e\u{301}",
        "\u{200d}x",
        "Z\u{335}\u{336}\u{337}a",
        "\u{fffd}",
        "\u{10ffff}",
        "CON",
        "~",
        "*",
        "?",
    ];
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn long() -> Vec<String> {
    let megabyte = |text: &str| text.repeat(LONG / text.len());
    vec![
        megabyte("a"),
        megabyte("<script>window.hostile=1</script>"),
        megabyte("\u{1b}[2J"),
        format!("={}", megabyte("1+")),
        megabyte("\u{202e}"),
        megabyte("\" onload=window.hostile=1 "),
    ]
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A table in which these are classes, values, and one the name of a column; and predictions.
fn scene(names: &[String]) -> Scene {
    let column = &names[names.len() / 2];
    let column = if column == "label" || column.len() > 1000 { "<b>" } else { column };
    let mut table = format!("x,{},label\n", quoted(column));
    let mut probs = names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",") + "\n";
    for (class, name) in names.iter().enumerate() {
        for row in 0..ROWS_OF_NAME {
            // As a value as well, unless the table would be very large.
            let value = if name.len() < LONG / 2 { name.as_str() } else { "long" };
            writeln!(table, "{}.{row},{},{}", class * 7 % 23, quoted(value), quoted(name)).unwrap();
            let predicted = if row == 0 { (class + 1) % names.len() } else { class };
            let rest = 0.1 / (names.len() - 1) as f64;
            let cell = |at| if at == predicted { "0.9".to_owned() } else { rest.to_string() };
            writeln!(probs, "{}", (0..names.len()).map(cell).collect::<Vec<_>>().join(",")).unwrap();
        }
    }
    Scene::with("t.csv", table).and("p.csv", probs)
}

/// What a terminal obeys, or shows otherwise than it stands.
fn is_raw(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[track_caller]
fn assert_harmless(what: &str, text: &str) {
    let at = text.char_indices().find(|(_, character)| is_raw(*character));
    assert!(
        at.is_none(),
        "{what} has {:?} in {:?}",
        at,
        &text[at.unwrap().0.saturating_sub(80)..][..160.min(text.len())]
    );
}

/// The cells of a CSV file.
fn cells(csv: &str) -> Vec<String> {
    let (mut cells, mut cell, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut characters = csv.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, is_quoted) {
            ('"', true) if characters.peek() == Some(&'"') => cell.push(characters.next().unwrap()),
            ('"', _) => is_quoted = !is_quoted,
            (',' | '\n', false) => cells.push(std::mem::take(&mut cell)),
            (character, _) => cell.push(character),
        }
    }
    assert!(!is_quoted && cell.is_empty(), "the file ends within a cell");
    cells
}

#[track_caller]
fn assert_no_formula(what: &str, csv: &str) {
    let starts = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let is_formula = |cell: &&String| cell.starts_with(starts) && cell.parse::<f64>().is_err();
    let found = cells(csv).into_iter().find(|cell| is_formula(&cell));
    assert!(
        found.is_none(),
        "{what} has the cell {:?}",
        found.map(|cell| cell[..cell.len().min(80)].to_owned())
    );
}

#[test]
fn names_are_harmless_wherever_they_come_out() {
    let (names, long) = (names(), long());
    let n_names = names.len() + long.len();
    assert!(n_names >= 300, "only {n_names} names");
    let kept = workspace().join("target/trust/hostile_text");
    let _ = fs::remove_dir_all(&kept);
    fs::create_dir_all(&kept).unwrap();
    // Those of a megabyte in an audit of their own.
    let parts: Vec<&[String]> = names.chunks(NAMES_OF_AUDIT).chain([long.as_slice()]).collect();
    let pages: Vec<_> = parts
        .par_iter()
        .enumerate()
        .map(|(part, names)| {
            let scene = scene(names);
            audit_is_harmless(&scene, names);
            if names.iter().all(|name| name.len() < LONG / 2) {
                others_are_harmless(&scene);
            }
            let page = fs::read_to_string(scene.path("r.html")).unwrap();
            page_is_closed(&page);
            let file = format!("{part}.html");
            fs::write(kept.join(&file), page).unwrap();
            json!({ "page": file, "names": names.len() })
        })
        .collect();
    let about = json!({ "names": n_names, "pages": pages });
    fs::write(kept.join("pages.json"), about.to_string()).unwrap();
}

const AUDIT: &str = "audit t.csv --label label --pred-probs p.csv";

fn audit_is_harmless(scene: &Scene, names: &[String]) {
    let outputs = "--report r.html --out results --save kept --junit r.xml --top 1000";
    let text = scene.run(&format!("{AUDIT} {outputs}")).ran();
    terminal_is_harmless("audit", &text);
    scene.run(&format!("{AUDIT} --report r.txt --quiet")).ran();
    assert_harmless("r.txt", &fs::read_to_string(scene.path("r.txt")).unwrap());
    assert_harmless("r.xml", &fs::read_to_string(scene.path("r.xml")).unwrap());

    let json = scene.run(&format!("{AUDIT} --format json")).ran();
    terminal_is_harmless("audit as JSON", &json);
    // Nothing was lost on the way.
    let report = json.json();
    let classes = report["about"]["class_names"].as_array().unwrap();
    assert_eq!(classes.len(), names.len());
    for name in names.iter().filter(|name| name.len() < 200) {
        assert!(classes.iter().any(|class| class == name), "{name:?} is not among the classes of the report");
    }
    let csv = scene.run(&format!("{AUDIT} --format csv --quiet")).ran();
    assert_no_formula("audit as CSV", &csv.stdout);
    for (path, content) in listing(&scene.path("results")) {
        let what = path.display().to_string();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_owned();
        match (ending.as_str(), String::from_utf8(content)) {
            ("csv", Ok(text)) => assert_no_formula(&what, &text),
            ("json", Ok(text)) => {
                serde_json::from_str::<serde_json::Value>(&text).unwrap();
                assert!(!text.contains('\u{1b}'), "{what} has a raw escape");
            }
            _ => {}
        }
    }
}

/// The other commands that print names.
fn others_are_harmless(scene: &Scene) {
    let data = "t.csv --label label --pred-probs p.csv";
    for arguments in [
        format!("health {data} --top 1000"),
        format!("overlap {data} --top 1000"),
        format!("classes {data} --top 1000"),
        format!("clean {data} --min-examples-per-class 0 --top 1000"),
        "report kept --top 1000".to_owned(),
        "issues kept label --top 1000".to_owned(),
        "diff kept kept".to_owned(),
    ] {
        terminal_is_harmless(&arguments, &scene.run(&arguments).ran());
        terminal_is_harmless(&arguments, &scene.run(&format!("{arguments} --format json")).ran());
        if !arguments.starts_with("report") {
            let csv = scene.run(&format!("{arguments} --format csv")).ran();
            assert_no_formula(&arguments, &csv.stdout);
        }
    }
    // In messages, too.
    terminal_is_harmless("a message", &scene.run("audit t.csv --label lable"));
    terminal_is_harmless("a message", &scene.run("labels --labels t.csv --pred-probs p.csv"));
}

#[track_caller]
fn terminal_is_harmless(what: &str, run: &Run) {
    assert_harmless(what, &run.stdout);
    assert_harmless(what, &run.stderr);
}

/// At a terminal, which `script` stands for, CSV is escaped as well.
#[cfg(target_os = "linux")]
#[test]
fn terminal_gets_no_control_code_in_any_format() {
    let program = env!("CARGO_BIN_EXE_cleanlab");
    let scene = scene(&control_codes()[..NAMES_OF_AUDIT]).and("y.csv", "y\n\"a\u{1b}[2J\"\nb\n");
    scene.run(&format!("{AUDIT} --save kept --quiet")).ran();
    for arguments in [
        AUDIT,
        "health t.csv --label label --pred-probs p.csv",
        "overlap t.csv --label label --pred-probs p.csv",
        "clean t.csv --label label --pred-probs p.csv --min-examples-per-class 0",
        "issues kept label",
        "diff kept kept",
        "noise --labels y.csv --trace 1.5",
    ] {
        for format in ["text", "json", "csv"] {
            let mut command = std::process::Command::new("script");
            command.args(["-qec", &format!("{program} {arguments} --format {format}"), "/dev/null"]);
            command.current_dir(scene.path(".")).env("NO_COLOR", "1").stdin(std::process::Stdio::null());
            let Ok(output) = command.output() else {
                eprintln!("SKIPPED: there is no program `script` to stand for a terminal");
                return;
            };
            let shown = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
            assert!(output.status.success() && !shown.is_empty(), "{arguments}: {shown}");
            // A line of progress is drawn over by the next; it holds no names.
            let shown: String = shown
                .lines()
                .map(|line| line.rsplit("\r\u{1b}[2K").next().unwrap().to_owned() + "\n")
                .collect();
            assert_harmless(&format!("{arguments} as {format}"), &shown);
        }
    }
}

/// Whatever its text is, a page has two elements of script, its policy before them, and no address.
fn page_is_closed(page: &str) {
    let lower = page.to_ascii_lowercase();
    assert_eq!(lower.matches("<script").count(), 2);
    assert_eq!(lower.matches("</script").count(), 2);
    let policy = page.split("http-equiv=\"Content-Security-Policy\" content=\"").nth(1).unwrap();
    assert!(page.find("Content-Security-Policy") < page.find("<script"));
    let policy = policy.split('"').next().unwrap();
    let directives: Vec<&str> = policy.split(';').map(str::trim).collect();
    assert!(directives.contains(&"default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
    for line in ["base-uri 'none'", "form-action 'none'"] {
        assert!(directives.contains(&line), "{policy}");
    }
    assert_harmless("the page", &page.replace(['\t', '\r'], ""));
}
