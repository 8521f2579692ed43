//! The report as a page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cleanlab_datalab::AuditReport;
use sha2::{Digest as _, Sha256};

use crate::page_data::PageData;
use crate::page_limits::{MAX_PAGE_BYTES, PAGE_LIMITS};
use crate::printable::cell;
use crate::text::{TextOptions, render_text};

const STYLE: &str = include_str!("../assets/report.css");

/// One script, so that one hash allows it.
const SCRIPT: &str = concat!(
    "\"use strict\";\n(() => {\n",
    include_str!("../assets/elements.js"),
    include_str!("../assets/tables.js"),
    include_str!("../assets/charts.js"),
    include_str!("../assets/duplicates.js"),
    include_str!("../assets/map.js"),
    include_str!("../assets/page.js"),
    "})();\n"
);

/// The report as one HTML page that needs no network and no other file, and is smaller than 2 MB.
///
/// It holds tables that can be sorted and filtered, a map of the features, the joint distribution of labels as a heat
/// map, the noise of every class, histograms of scores and sets of duplicates. Tables hold the worst rows, the map a
/// sample; where that is not all, the page says so. It follows the reader's choice of light or dark, can be used with
/// the keyboard alone, fits a phone, and prints with everything unfolded. Without scripts it shows the text of
/// [`render_text`].
///
/// # Hostile data
///
/// Names and cells are handed to the page as JSON and become text nodes, never markup. Beyond that a content security
/// policy allows no request to anywhere, and no script or style but the page's own, by their SHA-256 hashes.
///
/// # Example
///
/// ```
/// # let report = cleanlab_report::read_json(include_str!("../tests/models/empty.json"))?;
/// let page = cleanlab_report::render_html(&report);
/// assert!(page.contains("default-src 'none'"));
/// assert!(page.len() < 2_000_000);
/// # Ok::<(), cleanlab_report::ReportError>(())
/// ```
#[must_use]
pub fn render_html(report: &AuditReport) -> String {
    let mut page = String::new();
    for limits in &PAGE_LIMITS {
        page = assemble(report, &PageData::new(report, limits).to_json());
        if page.len() <= MAX_PAGE_BYTES {
            break;
        }
    }
    page
}

fn assemble(report: &AuditReport, data: &str) -> String {
    let title = escape_markup(&cell(&report.about.title, 120));
    let text = escape_markup(&render_text(report, &TextOptions::default()));
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        allowed(SCRIPT),
        allowed(STYLE)
    );
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>{title} – data audit</title>\n\
         <style>{STYLE}</style>\n\
         </head>\n\
         <body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the report</a>\n\
         <noscript><pre>{text}</pre></noscript>\n\
         <script type=\"application/json\" id=\"report-data\">{data}</script>\n\
         <script>{SCRIPT}</script>\n\
         </body>\n\
         </html>\n"
    )
}

/// How a policy names a script or a style.
fn allowed(content: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content.as_bytes())))
}

fn escape_markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_script_and_style_end_no_element_and_name_no_other_place() {
        let script = SCRIPT.to_lowercase();
        assert!(!script.contains("</script") && !script.contains("<!--"));
        assert!(!STYLE.to_lowercase().contains("</style"));
        for word in
            ["innerhtml", "outerhtml", "insertadjacenthtml", "document.write", "eval(", "new function"]
        {
            assert!(!script.contains(word), "{word}");
        }
        for word in ["url(", "@import", "http:", "https:"] {
            assert!(!STYLE.contains(word), "{word}");
        }
    }

    #[test]
    fn escape_markup_leaves_no_markup() {
        assert_eq!(escape_markup("<a b='c'>&\""), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;");
    }
}
