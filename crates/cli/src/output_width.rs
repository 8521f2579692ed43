//! How wide output may be.

use std::io::{self, IsTerminal};

use terminal_size::{Width, terminal_size_of};

/// The width of output that goes to no terminal.
const DEFAULT_WIDTH: usize = 80;

/// The width of the terminal; of `COLUMNS` or 80 where there is none.
pub(crate) fn output_width() -> usize {
    let stdout = io::stdout();
    let of_terminal = if stdout.is_terminal() { terminal_size_of(stdout) } else { None };
    let of_variable = || std::env::var("COLUMNS").ok()?.parse().ok();
    let width = of_terminal.map(|(Width(width), _)| usize::from(width)).or_else(of_variable);
    width.filter(|&width| width > 0).unwrap_or(DEFAULT_WIDTH)
}
