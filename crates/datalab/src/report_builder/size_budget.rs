//! How much may still go into a report.

use crate::report_model::ReportCell;

/// Bytes of a cell besides its value, as JSON.
const OVERHEAD: usize = 6;
/// Bytes of a row besides its cells: number, score and label.
const ROW_OVERHEAD: usize = 120;

/// Bytes for several parts of a report. What one part leaves goes to those after it.
pub(super) struct SizeBudget {
    left: usize,
    shares_left: usize,
}

/// The bytes of one part.
pub(super) struct Share {
    left: usize,
}

impl SizeBudget {
    pub(super) fn new(bytes: usize, shares: usize) -> Self {
        Self { left: bytes, shares_left: shares }
    }

    /// An even part of what is left.
    pub(super) fn share(&mut self) -> Share {
        let share = self.left / self.shares_left.max(1);
        self.shares_left = self.shares_left.saturating_sub(1);
        self.left -= share;
        Share { left: share }
    }

    pub(super) fn give_back(&mut self, share: Share) {
        self.left += share.left;
    }
}

impl Share {
    /// Whether there is as much left, which is then gone.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let enough = bytes <= self.left;
        if enough {
            self.left -= bytes;
        }
        enough
    }
}

/// About how many bytes the cells of a row take as JSON.
pub(super) fn cells_bytes(cells: &[ReportCell]) -> usize {
    let cell = |cell: &ReportCell| match cell {
        ReportCell::Text(text) => {
            // Control codes and what is special to HTML are written as six characters.
            let special =
                text.bytes().filter(|byte| *byte < 32 || matches!(byte, b'<' | b'>' | b'&' | b'\'' | b'"'));
            text.len() + 5 * special.count()
        }
        ReportCell::Float(_) => 20,
        _ => 6,
    };
    cells.iter().map(|value| cell(value) + OVERHEAD).sum::<usize>() + ROW_OVERHEAD
}
