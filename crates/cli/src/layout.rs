//! Tables and paragraphs that fit a terminal.
//!
//! A row is never broken into lines: where room is short, text is cut, and columns that can be spared are left out.

use std::io::{self, IsTerminal};

use cleanlab_table::escape_control_to;
use terminal_size::{Width, terminal_size_of};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of output that goes to no terminal.
const DEFAULT_WIDTH: usize = 80;

/// Cells are cut to this many characters, however much room there is.
const CELL_CHARS: usize = 28;

/// Columns of text are cut down to this before any column is left out, and to [`LEAST_WIDTH`] after that.
const FAIR_WIDTH: usize = 10;

const LEAST_WIDTH: usize = 4;

/// Blanks between two columns.
const GAP: usize = 2;

/// The width of the terminal; of `COLUMNS` or 80 where there is none.
pub(crate) fn output_width() -> usize {
    let stdout = io::stdout();
    let of_terminal = if stdout.is_terminal() { terminal_size_of(stdout) } else { None };
    let of_variable = || std::env::var("COLUMNS").ok()?.parse().ok();
    let width = of_terminal.map(|(Width(width), _)| usize::from(width)).or_else(of_variable);
    width.filter(|&width| width > 0).unwrap_or(DEFAULT_WIDTH)
}

/// Text from a file as it stands in a cell: without control codes, and not too long.
pub(crate) fn cell(text: &str) -> String {
    escape_control_to(text, CELL_CHARS).into_owned()
}

/// A table to be printed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grid {
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

impl Grid {
    /// Adds a column of text. Lines of the head are separated by `\n`.
    pub(crate) fn text(&mut self, head: &str, cells: impl IntoIterator<Item = String>) {
        self.push(head, cells.into_iter().map(|text| cell(&text)).collect(), Kind::Text);
    }

    /// Adds a column of numbers.
    pub(crate) fn number(&mut self, head: &str, cells: impl IntoIterator<Item = String>) {
        self.push(head, cells.into_iter().collect(), Kind::Number);
    }

    /// Lets the column added last be left out where room is short; the rightmost of such columns goes first.
    pub(crate) fn spare(&mut self) {
        if let Some(column) = self.columns.last_mut() {
            column.is_spare = true;
        }
    }

    fn push(&mut self, head: &str, cells: Vec<String>, kind: Kind) {
        let head = head.split('\n').map(cell).collect();
        self.columns.push(GridColumn { head, cells, kind, is_spare: false });
    }

    /// The table in lines of at most this width, if that can be done; then which columns were left out.
    pub(crate) fn lines(mut self, width: usize) -> String {
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
        let head_lines = self.columns.iter().map(|column| column.head.len()).max().unwrap_or(0);
        let n_rows = self.columns.first().map_or(0, |column| column.cells.len());
        let line = |of: &dyn Fn(&GridColumn) -> String| {
            let columns = self.columns.iter().zip(&widths);
            let cells: Vec<String> =
                columns.map(|(column, &width)| padded(&of(column), width, column.kind)).collect();
            format!(" {}", cells.join(&" ".repeat(GAP))).trim_end().to_owned()
        };
        let mut lines: Vec<String> = (0..head_lines)
            .map(|at| {
                line(&|column| {
                    let above = head_lines - column.head.len();
                    at.checked_sub(above).map_or_else(String::new, |at| column.head[at].clone())
                })
            })
            .collect();
        lines.extend((0..n_rows).map(|row| line(&|column| column.cells[row].clone())));
        if !left_out.is_empty() {
            left_out.reverse();
            lines.push(String::new());
            lines.push(wrapped(&format!("(No room for the columns: {}.)", left_out.join(", ")), width));
        }
        lines.join("\n")
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

fn padded(text: &str, width: usize, kind: Kind) -> String {
    let text = cut(text, width);
    let blanks = " ".repeat(width.saturating_sub(text.width()));
    match kind {
        Kind::Text => text + &blanks,
        Kind::Number => blanks + &text,
    }
}

/// Text that takes at most this width, with `…` where something was cut.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut taken = 0;
    for character in text.chars() {
        taken += character.width().unwrap_or(0);
        if taken >= width {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    kept
}

/// A paragraph broken between words into lines of at most this width, where words are short enough.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    // A number stays with its per cent sign.
    let text = text.replace(" %", "\u{a0}%");
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && line.width() + 1 + word.width() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.join("\n").replace("\u{a0}%", " %")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let texts = |text: &str| [text.to_owned(), "b".to_owned()];
        let mut grid = Grid::default();
        grid.text("class", texts("a long name of a class"));
        grid.number("label\nissues", texts("12"));
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
        assert_eq!(format!("\n{}", grid().lines(80)), expected);
    }

    #[test]
    fn lines_cut_text_then_leave_columns_out() {
        let expected = "
              label
 class       issues  quality
 a long na…      12     0.25
 b                b        b";
        assert_eq!(format!("\n{}", grid().lines(28)), expected);
        let expected = "
                      label
 class               issues
 a long name of a …      12
 b                        b

(No room for the columns:
quality.)";
        assert_eq!(format!("\n{}", grid().lines(27)), expected);
        assert!(grid().lines(3).lines().next().is_some_and(|line| line.width() <= 14));
    }

    #[test]
    fn cut_counts_what_a_character_takes_on_the_screen() {
        assert_eq!([cut("猫猫猫", 6), cut("猫猫猫", 5), cut("abc", 2)], ["猫猫猫", "猫猫…", "a…"]);
    }

    #[test]
    fn wrapped_breaks_between_words() {
        assert_eq!(wrapped("one two three", 8), "one two\nthree");
        assert_eq!(wrapped("one\n\ntwo", 8), "one\n\ntwo");
        assert_eq!(wrapped("about 5 %, or so", 8), "about\n5 %, or\nso");
        assert_eq!(wrapped("incomprehensibilities x", 5), "incomprehensibilities\nx");
    }
}
