//! What a terminal shows. Snapshots are renewed with `INSTA_UPDATE=always cargo test -p cleanlab-report --test text`;
//! read the difference before committing it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sample_reports;

use cleanlab_report::{Colour, TextOptions, read_json, render_text};
use unicode_width::UnicodeWidthStr;

fn at_width(width: usize) -> String {
    render_text(&sample_reports::plain(), &TextOptions::default().with_width(width))
}

#[test]
fn text_at_80_columns() {
    insta::assert_snapshot!(at_width(80));
}

#[test]
fn text_at_120_columns() {
    insta::assert_snapshot!(at_width(120));
}

#[test]
fn text_at_50_columns_leaves_columns_out_and_says_so() {
    let text = at_width(50);
    assert!(text.contains("(No room for the columns:"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn text_of_hostile_report() {
    insta::assert_snapshot!(render_text(&sample_reports::hostile(), &TextOptions::default()));
}

#[test]
fn text_of_empty_report() {
    let report = read_json(include_str!("models/empty.json")).unwrap();
    assert_eq!(render_text(&report, &TextOptions::default()), "empty.csv: 0 rows\n\nNo checks were made.\n");
}

#[test]
fn text_at_any_width_fits_and_holds_no_control_code() {
    for report in [sample_reports::plain(), sample_reports::hostile()] {
        for width in 40..=130 {
            let text = render_text(&report, &TextOptions::default().with_width(width));
            for line in text.lines() {
                assert!(line.width() <= width, "{} > {width}: {line}", line.width());
                assert!(!line.chars().any(char::is_control), "{line:?}");
            }
        }
    }
}

#[test]
fn text_narrower_than_40_is_40_wide() {
    assert_eq!(at_width(0), at_width(40));
}

#[test]
fn text_plain_has_no_codes_and_coloured_has_only_its_own() {
    let coloured =
        |report| render_text(&report, &TextOptions::default().with_colour(Colour::Ansi).with_width(80));
    let stripped = |text: &str| {
        ["\u{1b}[1m", "\u{1b}[1;31m", "\u{1b}[2m", "\u{1b}[0m"]
            .iter()
            .fold(text.to_owned(), |text, code| text.replace(code, ""))
    };
    let text = coloured(sample_reports::plain());
    assert!(
        text.contains("\u{1b}[1;31m1 check FAILED and has no result: this audit is not complete."),
        "{text}"
    );
    assert_eq!(stripped(&text), at_width(80));
    assert!(!stripped(&coloured(sample_reports::hostile())).contains('\u{1b}'));
}

#[test]
fn text_failed_checks_come_before_the_summary() {
    let text = at_width(80);
    assert!(text.find("FAILED").unwrap() < text.find("Health score").unwrap());
    assert!(text.contains("underperforming_group: clusters need at least 2 rows each"), "{text}");
}

#[test]
fn text_top_limits_the_rows_of_each_check() {
    let text = render_text(&sample_reports::hostile(), &TextOptions::default().with_top(1));
    assert!(text.contains("The 1 worst of 120:"), "{text}");
    let none = render_text(&sample_reports::hostile(), &TextOptions::default().with_top(0));
    assert!(!none.contains("worst"), "{none}");
}
