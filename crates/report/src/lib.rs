//! Reports of an audit, all from the same model, [`AuditReport`](cleanlab_datalab::AuditReport):
//!
//! - [`render_text`] for a terminal;
//! - [`render_json`] for programs, in a documented format with a version, and [`read_json`] back;
//! - [`render_html`] as one page that needs no network and no other file.
//!
//! Names of classes and cells of the data stay text in all three: nothing in them reaches a terminal or a browser as a
//! command.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_report::{TextOptions, read_json, render_html, render_text};
//!
//! let report = read_json(
//!     r#"{
//!         "format_version": 1,
//!         "about": {
//!             "title": "pets.csv", "task": "classification", "label_column": "pet", "n_rows": 200,
//!             "class_names": ["cat", "<b>dog</b>"], "made_by": "cleanlab 0.1.0", "settings": [], "warnings": []
//!         },
//!         "health_score": 0.95,
//!         "checks": [{
//!             "issue_type": "label", "description": "Labels that look wrong.", "status": "found", "scope": "rows",
//!             "score": 0.95, "num_issues": 10, "n_checked": 200, "facts": [], "warnings": [], "histogram": null,
//!             "worst": { "columns": [], "n_details": 0, "rows": [], "n_total": 10 }
//!         }],
//!         "map": null, "joint": null, "class_noise": [], "duplicate_sets": null
//!     }"#,
//! )?;
//! assert!(render_text(&report, &TextOptions::default()).contains("label     10  5.0 %  0.9500"));
//! let page = render_html(&report);
//! assert!(page.starts_with("<!doctype html>") && !page.contains("<b>dog"));
//! # Ok::<(), cleanlab_report::ReportError>(())
//! ```
//!
//! # When not to use it
//!
//! For the numbers alone: they are in the results of `cleanlab-datalab`, as arrays and tables.

#![forbid(unsafe_code)]

mod html;
mod json;
mod page_data;
mod page_limits;
mod printable;
mod text;
pub mod text_layout;

pub use html::render_html;
pub use json::{ReportError, read_json, render_json};
pub use text::{Colour, TextOptions, render_text};
