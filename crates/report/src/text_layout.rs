//! Tables and paragraphs that fit the width of a terminal.
//!
//! A row of a table is never broken into lines: where room is short, text is cut, and columns that can be spared are left
//! out and named below. Text may come from anywhere: what could steer a terminal is shown as `\u{…}`.
//!
//! # Example
//!
//! ```
//! use cleanlab_report::text_layout::{Grid, wrapped};
//!
//! let mut grid = Grid::default();
//! grid.text("class", ["cat", "sea \u{1b}lion"].map(str::to_owned));
//! grid.number("issues", ["12", "3"].map(str::to_owned));
//! grid.head_above("label");
//! grid.number("quality", ["0.25", "0.5"].map(str::to_owned));
//! grid.spare();
//! let table = grid.into_text(26);
//! let lines: Vec<&str> = table.lines().collect();
//! assert_eq!(lines[1], " class           issues");
//! assert_eq!(lines[3], r" sea \u{1b}lion       3");
//! assert_eq!(lines[5..].join(" "), "(No room for the column: quality.)");
//! assert_eq!(wrapped("as far as it goes", 10), "as far as\nit goes");
//! ```

use unicode_width::UnicodeWidthStr;

pub use crate::printable::{cell, grouped, score_text};

/// Cells are cut to this width, however much room there is.
const CELL_WIDTH: usize = 28;

/// Columns of text are cut down to this before any column is left out, and to [`LEAST_WIDTH`] after that.
const FAIR_WIDTH: usize = 10;

const LEAST_WIDTH: usize = 4;

/// Blanks between two columns.
const GAP: usize = 2;

/// More names of columns than this are not listed.
const MOST_NAMES: usize = 8;

/// A table to be printed, column by column.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    columns: Vec<GridColumn>,
}

#[derive(Debug, Clone)]
struct GridColumn {
    /// The lines of the head, of which the last stands above the cells.
    head: Vec<String>,
    cells: Vec<String>,
    kind: Kind,
    is_spare: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// To the left, and cut where room is short.
    Text,
    /// To the right, and never cut.
    Number,
}

/// A table in lines, and which columns found no room.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GridLines {
    /// The lines of the head, then one for each row.
    pub lines: Vec<String>,
    /// The heads of the columns that were left out.
    pub left_out: Vec<String>,
}

impl Grid {
    /// Adds a column of text.
    pub fn text(&mut self, head: &str, cells: impl IntoIterator<Item = String>) {
        self.push(head, cells.into_iter().map(|text| cell(&text, CELL_WIDTH)).collect(), Kind::Text);
    }

    /// Adds a column of numbers, or of other short texts that must not be cut.
    pub fn number(&mut self, head: &str, cells: impl IntoIterator<Item = String>) {
        self.push(head, cells.into_iter().map(|text| cell(&text, CELL_WIDTH)).collect(), Kind::Number);
    }

    /// Puts a line above the head of the column added last.
    pub fn head_above(&mut self, line: &str) {
        if let Some(column) = self.columns.last_mut() {
            column.head.insert(0, cell(line, CELL_WIDTH));
        }
    }

    /// Lets the column added last be left out where room is short; the rightmost of such columns goes first.
    pub fn spare(&mut self) {
        if let Some(column) = self.columns.last_mut() {
            column.is_spare = true;
        }
    }

    fn push(&mut self, head: &str, cells: Vec<String>, kind: Kind) {
        self.columns.push(GridColumn { head: vec![cell(head, CELL_WIDTH)], cells, kind, is_spare: false });
    }

    /// The table in lines of at most this width.
    #[must_use]
    pub fn lines(mut self, width: usize) -> GridLines {
        let mut left_out = Vec::new();
        let widths = loop {
            if let Some(widths) = self.fitted(width, FAIR_WIDTH) {
                break widths;
            }
            match self.columns.iter().rposition(|column| column.is_spare) {
                Some(spare) => left_out.push(self.columns.remove(spare).head.join(" ")),
                None => break self.fitted(width, LEAST_WIDTH).unwrap_or_else(|| self.squeezed(LEAST_WIDTH)),
            }
        };
        left_out.reverse();
        let n_rows = self.columns.first().map_or(0, |column| column.cells.len());
        let line = |of: &dyn Fn(&GridColumn) -> &str| {
            let columns = self.columns.iter().zip(&widths);
            let cells: Vec<String> =
                columns.map(|(column, &width)| padded(of(column), width, column.kind)).collect();
            cut(format!(" {}", cells.join(&" ".repeat(GAP))).trim_end(), width)
        };
        let head_lines = self.columns.iter().map(|column| column.head.len()).max().unwrap_or(0);
        let mut lines: Vec<String> = (0..head_lines)
            .map(|at| {
                line(&|column| {
                    let above = head_lines - column.head.len();
                    at.checked_sub(above).map_or("", |at| column.head[at].as_str())
                })
            })
            .collect();
        lines.extend((0..n_rows).map(|row| line(&|column| &column.cells[row])));
        GridLines { lines, left_out }
    }

    /// The table as text of at most this width, and below it which columns found no room.
    #[must_use]
    pub fn into_text(self, width: usize) -> String {
        let grid = self.lines(width);
        let note = grid.note(0, width);
        note.into_iter().fold(grid.lines.join("\n"), |table, note| format!("{table}\n\n{note}"))
    }

    /// Widths of the columns that fit, with no column of text cut to less than `least`.
    fn fitted(&self, width: usize, least: usize) -> Option<Vec<usize>> {
        let widest =
            self.columns.iter().filter(|column| column.kind == Kind::Text).map(GridColumn::width).max();
        let total =
            |widths: &[usize]| 1 + widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        (least..=widest.unwrap_or(least).max(least))
            .rev()
            .map(|cap| self.squeezed(cap))
            .find(|widths| total(widths) <= width)
    }

    /// Widths with every column of text cut to the cap.
    fn squeezed(&self, cap: usize) -> Vec<usize> {
        let width = |column: &GridColumn| match column.kind {
            Kind::Text => column.width().min(cap),
            Kind::Number => column.width(),
        };
        self.columns.iter().map(width).collect()
    }
}

impl GridColumn {
    fn width(&self) -> usize {
        self.head.iter().chain(&self.cells).map(|text| text.width()).max().unwrap_or(0)
    }
}

impl GridLines {
    /// What to say of the columns that are not shown: those that found no room here, and `more` of which the table
    /// was not even told.
    #[must_use]
    pub fn note(&self, more: usize, width: usize) -> Option<String> {
        let total = self.left_out.len() + more;
        if total == 0 {
            return None;
        }
        let name = |name: &String| if name.is_empty() { "(empty)".to_owned() } else { name.clone() };
        let names = self.left_out.iter().take(MOST_NAMES).map(name).collect::<Vec<_>>().join(", ");
        let rest = total - self.left_out.len().min(MOST_NAMES);
        let listed = match (names.is_empty(), rest) {
            (_, 0) => names,
            (true, rest) => format!("{rest} of the data"),
            (false, rest) => format!("{names} and {rest} more"),
        };
        let columns = if total == 1 { "column" } else { "columns" };
        Some(wrapped(&format!("(No room for the {columns}: {listed}.)"), width))
    }
}

fn padded(text: &str, width: usize, kind: Kind) -> String {
    let text = cut(text, width);
    let blanks = " ".repeat(width.saturating_sub(text.width()));
    match kind {
        Kind::Text => text + &blanks,
        Kind::Number => blanks + &text,
    }
}

/// Text that takes at most this width, with `…` where something was cut.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        kept.push(character);
        // The width of a sequence is not the sum of its characters' widths.
        if kept.width() >= width {
            kept.pop();
            break;
        }
    }
    kept.push('…');
    kept
}

/// A paragraph broken into lines of at most this width: between words, and within words that are longer.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> String {
    let width = width.max(2);
    // A number stays with its per cent sign.
    let text = text.replace(" %", "\u{a0}%");
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && format!("{line} {word}").width() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            if line.width() <= width {
                continue;
            }
            loop {
                let end = end_within(&line, width);
                if end == line.len() {
                    break;
                }
                let rest = line.split_off(end);
                lines.push(std::mem::replace(&mut line, rest));
            }
        }
        lines.push(line);
    }
    lines.join("\n").replace("\u{a0}%", " %")
}

/// How many bytes of a text fit into a width; at least one character.
fn end_within(text: &str, width: usize) -> usize {
    let mut end = text.chars().next().map_or(0, char::len_utf8);
    for (at, character) in text.char_indices().skip(1) {
        let next = at + character.len_utf8();
        if text[..next].width() > width {
            break;
        }
        end = next;
    }
    end
}

/// A paragraph whose lines are moved to the right.
#[must_use]
pub fn indented(text: &str, by: usize, width: usize) -> String {
    let blanks = " ".repeat(by);
    let lines = wrapped(text, width.saturating_sub(by));
    lines.lines().map(|line| format!("{blanks}{line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grid() -> Grid {
        let texts = |text: &str| [text.to_owned(), "b".to_owned()];
        let mut grid = Grid::default();
        grid.text("class", texts("a long name of a class"));
        grid.number("issues", texts("12"));
        grid.head_above("label");
        grid.number("quality", texts("0.25"));
        grid.spare();
        grid
    }

    #[test]
    fn lines_align_heads_and_cells() {
        let expected = "
                          label
 class                   issues  quality
 a long name of a class      12     0.25
 b                            b        b";
        assert_eq!(format!("\n{}", grid().lines(80).lines.join("\n")), expected);
    }

    #[test]
    fn lines_cut_text_then_leave_columns_out() {
        let expected = "
              label
 class       issues  quality
 a long na…      12     0.25
 b                b        b";
        assert_eq!(format!("\n{}", grid().lines(28).lines.join("\n")), expected);
        let narrow = grid().lines(27);
        assert_eq!(narrow.left_out, ["quality"]);
        assert_eq!(narrow.note(0, 27).unwrap(), "(No room for the column:\nquality.)");
        assert_eq!(narrow.note(60, 80).unwrap(), "(No room for the columns: quality and 60 more.)");
        assert_eq!(grid().lines(80).note(0, 80), None);
        assert!(grid().lines(9).lines.iter().all(|line| line.width() <= 9));
    }

    #[test]
    fn cut_counts_what_a_character_takes_on_the_screen() {
        assert_eq!([cut("猫猫猫", 6), cut("猫猫猫", 5), cut("abc", 2)], ["猫猫猫", "猫猫…", "a…"]);
    }

    #[test]
    fn wrapped_breaks_between_words_and_within_long_ones() {
        assert_eq!(wrapped("one two three", 8), "one two\nthree");
        assert_eq!(wrapped("one\n\ntwo", 8), "one\n\ntwo");
        assert_eq!(wrapped("about 5 %, or so", 8), "about\n5 %, or\nso");
        assert_eq!(wrapped("incomprehensible x", 7), "incompr\nehensib\nle x");
    }

    proptest! {
        #[test]
        fn wrapped_any_text_fits(text in "[a-z猫é %]{0,80}", width in 4_usize..30) {
            let lines = wrapped(&text, width);
            prop_assert!(lines.lines().all(|line| line.width() <= width), "{lines:?}");
        }
    }
}
