//! Makes a page from a report in JSON: `cargo run -p cleanlab-report --example render_page -- REPORT.json PAGE.html`.
//!
//! With `hostile` or `large` in place of the file it is one of the reports that tests use: full of names that would like
//! to be code, or of 50,000 rows.

#[path = "../tests/sample_reports/mod.rs"]
mod sample_reports;

use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [report, page] = arguments.as_slice() else {
        return Err("usage: render_page REPORT.json|hostile|large PAGE.html".into());
    };
    let report = match report.as_str() {
        "hostile" => sample_reports::hostile(),
        "large" => sample_reports::large(50_000, "a text of some length, as cells have"),
        path => cleanlab_report::read_json(&fs::read_to_string(path)?)?,
    };
    fs::write(page, cleanlab_report::render_html(&report))?;
    Ok(())
}
