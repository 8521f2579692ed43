//! How much of a report a page holds.

/// No page is larger than this, in bytes.
pub(crate) const MAX_PAGE_BYTES: usize = 1_900_000;

/// No more checks than this are on a page; the rest is named in a note.
pub(crate) const MAX_CHECKS: usize = 60;

/// How much of a report a page holds. What is left out is said on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageLimits {
    /// Rows of each table.
    pub(crate) rows: usize,
    /// Columns of each table, details of the check included.
    pub(crate) columns: usize,
    /// Characters of a text.
    pub(crate) chars: usize,
    /// Points on the map.
    pub(crate) points: usize,
    /// Sets of duplicates.
    pub(crate) sets: usize,
    /// Rows of each of these sets.
    pub(crate) set_rows: usize,
    /// Classes in the heat map, which has a cell for each pair.
    pub(crate) joint_classes: usize,
    /// Classes in other tables and legends.
    pub(crate) classes: usize,
    /// Bytes of all pictures.
    pub(crate) image_bytes: usize,
    /// Facts, warnings and settings in each place.
    pub(crate) lines: usize,
}

/// From generous to what always fits. Most reports fit into the first.
pub(crate) const PAGE_LIMITS: [PageLimits; 6] = [
    PageLimits {
        rows: 100,
        columns: 80,
        chars: 600,
        points: 4000,
        sets: 30,
        set_rows: 6,
        joint_classes: 40,
        classes: 200,
        image_bytes: 700_000,
        lines: 30,
    },
    PageLimits {
        rows: 100,
        columns: 40,
        chars: 300,
        points: 3000,
        sets: 20,
        set_rows: 6,
        joint_classes: 30,
        classes: 100,
        image_bytes: 500_000,
        lines: 30,
    },
    PageLimits {
        rows: 60,
        columns: 24,
        chars: 200,
        points: 2000,
        sets: 15,
        set_rows: 5,
        joint_classes: 30,
        classes: 60,
        image_bytes: 300_000,
        lines: 20,
    },
    PageLimits {
        rows: 30,
        columns: 16,
        chars: 120,
        points: 1200,
        sets: 10,
        set_rows: 4,
        joint_classes: 20,
        classes: 40,
        image_bytes: 150_000,
        lines: 12,
    },
    PageLimits {
        rows: 15,
        columns: 10,
        chars: 80,
        points: 600,
        sets: 6,
        set_rows: 3,
        joint_classes: 15,
        classes: 30,
        image_bytes: 60_000,
        lines: 8,
    },
    // 60 checks of 5 rows of 6 cells of 60 characters, each up to eight bytes: 0.9 MB at worst.
    PageLimits {
        rows: 5,
        columns: 6,
        chars: 60,
        points: 300,
        sets: 4,
        set_rows: 2,
        joint_classes: 10,
        classes: 20,
        image_bytes: 0,
        lines: 4,
    },
];
