//! How the examples put numbers into words.

use std::fmt::Write;

/// A heading with an empty line on either side.
#[must_use]
pub fn heading(text: &str) -> String {
    format!("\n=== {text} ===\n")
}

/// Row numbers, fifteen a line.
///
/// ```
/// assert_eq!(cleanlab_examples::listed(&[8, 4, 15]), "8 4 15");
/// ```
#[must_use]
pub fn listed(rows: &[usize]) -> String {
    let mut text = String::new();
    for line in rows.chunks(15) {
        let line: Vec<String> = line.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "{}", line.join(" "));
    }
    text.trim_end().to_owned()
}

/// How many of how many, as a whole percentage and in numbers.
///
/// ```
/// assert_eq!(cleanlab_examples::share([true, true, false]), "67% (2 of 3)");
/// ```
#[must_use]
pub fn share(flags: impl IntoIterator<Item = bool>) -> String {
    let (mut count, mut total) = (0_usize, 0_usize);
    for flag in flags {
        count += usize::from(flag);
        total += 1;
    }
    format!("{:.0}% ({count} of {total})", 100.0 * count as f64 / total.max(1) as f64)
}

/// [`share`] of the predictions that are right.
#[must_use]
pub fn accuracy(predicted: &[u32], labels: &[u32]) -> String {
    share(predicted.iter().zip(labels).map(|(predicted, label)| predicted == label))
}
