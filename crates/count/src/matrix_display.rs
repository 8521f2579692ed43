//! Square matrices of classes, printed for people.

use std::fmt;

use cleanlab_core::pairwise_sum_by;
use ndarray::ArrayView2;

use crate::errors::CountError;

/// How a [`MatrixDisplay`] is laid out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum MatrixStyle {
    /// As cleanlab prints it: columns separated by tabs, numbers as short as they can be.
    #[default]
    Tabs,
    /// Columns aligned with blanks, and as many decimals for every number but exact zeros.
    ///
    /// Where classes do not fit, the first ones are printed, and `…` for the others.
    Aligned {
        /// The longest line, in characters. At least one class is printed, however short it is.
        width: usize,
        /// The most classes that are printed, at least 1.
        max_classes: usize,
    },
}

/// A square matrix with a row and a column per class, to be printed with `{}`: the title, the classes of the columns,
/// a line per class, and the trace. There is no line feed at the end.
///
/// Numbers are rounded as NumPy rounds them: with d decimals, x becomes rint(10ᵈ·x) / 10ᵈ.
///
/// # Shapes
///
/// K × K, with at least one class.
///
/// # Example
///
/// ```
/// use cleanlab_count::{MatrixDisplay, MatrixStyle};
/// use ndarray::array;
///
/// let joint = array![[0.5, 0.021], [0.104, 0.375]];
/// let display = MatrixDisplay::joint(joint.view())?;
/// let lines = [
///     " Joint Label Noise Distribution Matrix P(given_label, true_label) of shape (2, 2)",
///     " p(s,y)\ty=0\ty=1",
///     "\t---\t---",
///     "s=0 |\t0.5\t0.02",
///     "s=1 |\t0.1\t0.38",
///     "\tTrace(matrix) = 0.88",
/// ];
/// assert_eq!(display.to_string(), lines.join("\n"));
///
/// let aligned = MatrixStyle::Aligned { width: 80, max_classes: 20 };
/// let lines = [
///     "How labels are mistaken",
///     " p(s,y)    y=0    y=1",
///     "           ---    ---",
///     " s=0     0.500  0.021  cat",
///     " s=1     0.104  0.375  dog",
///     " Trace 0.875",
/// ];
/// let display = display
///     .with_title("How labels are mistaken")
///     .with_class_names(["cat", "dog"])
///     .with_decimals(3)
///     .with_style(aligned);
/// assert_eq!(display.to_string(), lines.join("\n"));
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.util.print_square_matrix`, `print_joint_matrix`, `print_noise_matrix` and
/// `print_inverse_noise_matrix`, which also print an empty line before and after.
///
/// # Differences
///
/// What rounds to zero from below is `0.0`, where cleanlab prints `-0.0`.
#[derive(Debug, Clone)]
pub struct MatrixDisplay<'a> {
    entries: Entries<'a>,
    title: String,
    corner: &'static str,
    row_variable: char,
    column_variable: char,
    class_names: Vec<String>,
    decimals: usize,
    style: MatrixStyle,
}

#[derive(Debug, Clone, Copy)]
enum Entries<'a> {
    Floats(ArrayView2<'a, f64>),
    Counts(ArrayView2<'a, u64>),
}

/// More decimals than the digits of a float tell nothing.
const MOST_DECIMALS: usize = 17;

/// Names of classes are cut to this many characters.
const NAME_CHARS: usize = 12;

impl<'a> MatrixDisplay<'a> {
    /// A joint distribution of given (axis 0) and true (axis 1) labels.
    ///
    /// # Errors
    ///
    /// [`CountError::WrongShape`] when the matrix is empty or not square.
    #[doc(alias = "print_joint_matrix")]
    pub fn joint(joint: ArrayView2<'a, f64>) -> Result<Self, CountError> {
        let title = " Joint Label Noise Distribution Matrix P(given_label, true_label)";
        Self::new(Entries::Floats(joint), "joint", title, "p(s,y)", ['s', 'y'])
    }

    /// A noise matrix p(given label | true label), given labels along axis 0.
    ///
    /// # Errors
    ///
    /// [`CountError::WrongShape`] when the matrix is empty or not square.
    #[doc(alias = "print_noise_matrix")]
    pub fn noise_matrix(noise_matrix: ArrayView2<'a, f64>) -> Result<Self, CountError> {
        let title = " Noise Matrix (aka Noisy Channel) P(given_label|true_label)";
        Self::new(Entries::Floats(noise_matrix), "noise_matrix", title, "p(s|y)", ['s', 'y'])
    }

    /// An inverse noise matrix p(true label | given label), true labels along axis 0.
    ///
    /// # Errors
    ///
    /// [`CountError::WrongShape`] when the matrix is empty or not square.
    #[doc(alias = "print_inverse_noise_matrix")]
    pub fn inverse_noise_matrix(inverse_noise_matrix: ArrayView2<'a, f64>) -> Result<Self, CountError> {
        let title = " Inverse Noise Matrix P(true_label|given_label)";
        Self::new(Entries::Floats(inverse_noise_matrix), "inverse_noise_matrix", title, "p(y|s)", ['y', 's'])
    }

    /// Counts of given (axis 0) and true (axis 1) labels, such as those of a
    /// [`ConfidentJoint`](crate::ConfidentJoint).
    ///
    /// # Errors
    ///
    /// [`CountError::WrongShape`] when the matrix is empty or not square.
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_count::MatrixDisplay;
    /// use ndarray::array;
    /// let counts = array![[30, 2], [0, 28]];
    /// let text = MatrixDisplay::counts(counts.view())?.to_string();
    /// assert_eq!(text.lines().nth(3), Some("s=0 |\t30\t2"));
    /// # Ok::<(), cleanlab_count::CountError>(())
    /// ```
    #[doc(alias = "print_square_matrix")]
    pub fn counts(counts: ArrayView2<'a, u64>) -> Result<Self, CountError> {
        Self::new(Entries::Counts(counts), "counts", " A square matrix", "s,y", ['s', 'y'])
    }

    fn new(
        entries: Entries<'a>,
        what: &'static str,
        title: &str,
        corner: &'static str,
        [row_variable, column_variable]: [char; 2],
    ) -> Result<Self, CountError> {
        let (rows, columns) = entries.dim();
        let expected = rows.max(1);
        if rows != expected || columns != expected {
            return Err(CountError::WrongShape { what, rows, columns, expected });
        }
        let title = format!("{title} of shape ({rows}, {columns})");
        let style = MatrixStyle::default();
        Ok(Self {
            entries,
            title,
            corner,
            row_variable,
            column_variable,
            class_names: Vec::new(),
            decimals: 2,
            style,
        })
    }

    /// Sets the first line.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the number of decimals, 2 unless set and at most 17; cleanlab's `round_places`. Counts have none.
    #[must_use]
    #[doc(alias = "round_places")]
    pub fn with_decimals(mut self, decimals: usize) -> Self {
        self.decimals = decimals.min(MOST_DECIMALS);
        self
    }

    /// Names the classes behind their rows, in [`MatrixStyle::Aligned`]. Names are cut after twelve characters; what could
    /// steer a terminal must have been taken out of them.
    #[must_use]
    pub fn with_class_names<S: Into<String>>(mut self, class_names: impl IntoIterator<Item = S>) -> Self {
        self.class_names = class_names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the layout.
    #[must_use]
    pub fn with_style(mut self, style: MatrixStyle) -> Self {
        self.style = style;
        self
    }

    /// Whether every class is printed.
    ///
    /// ```
    /// use cleanlab_count::{MatrixDisplay, MatrixStyle};
    /// use ndarray::Array2;
    /// let joint = Array2::from_elem((30, 30), 1.0 / 900.0);
    /// let display = MatrixDisplay::joint(joint.view())?;
    /// assert!(display.is_complete());
    /// let narrow = MatrixStyle::Aligned { width: 80, max_classes: 30 };
    /// assert!(!display.with_style(narrow).is_complete());
    /// # Ok::<(), cleanlab_count::CountError>(())
    /// ```
    #[must_use]
    pub fn is_complete(&self) -> bool {
        match self.style {
            MatrixStyle::Tabs => true,
            MatrixStyle::Aligned { width, max_classes } => {
                self.n_shown(width, max_classes) == self.n_classes()
            }
        }
    }

    fn n_classes(&self) -> usize {
        self.entries.dim().0
    }

    fn trace(&self) -> f64 {
        pairwise_sum_by(self.n_classes(), &|class| self.entries.float(class, class))
    }

    /// The trace of counts as whole number, another one rounded.
    fn trace_text(&self, number: impl Fn(f64) -> String) -> String {
        match self.entries {
            Entries::Counts(counts) => {
                counts.diag().iter().map(|&count| u128::from(count)).sum::<u128>().to_string()
            }
            Entries::Floats(_) => number(self.trace()),
        }
    }

    fn write_tabs(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let k = self.n_classes();
        writeln!(f, "{}", self.title)?;
        write!(f, " {}", self.corner)?;
        for class in 0..k {
            write!(f, "\t{}={class}", self.column_variable)?;
        }
        writeln!(f, "\n{}", "\t---".repeat(k))?;
        let number = |value: f64| shortest(rounded(value, self.decimals));
        for row in 0..k {
            write!(f, "{}={row} |", self.row_variable)?;
            for column in 0..k {
                write!(f, "\t{}", self.entries.text(row, column, number))?;
            }
            writeln!(f)?;
        }
        write!(f, "\tTrace(matrix) = {}", self.trace_text(number))
    }

    fn write_aligned(&self, f: &mut fmt::Formatter<'_>, width: usize, max_classes: usize) -> fmt::Result {
        let (k, shown) = (self.n_classes(), self.n_shown(width, max_classes));
        let (labels, cell) = (self.label_width(shown), self.cell_width(shown));
        let others = if shown < k { "  …" } else { "" };
        writeln!(f, "{}", self.title)?;
        write!(f, " {:labels$}", self.corner)?;
        for class in 0..shown {
            write!(f, "  {:>cell$}", format!("{}={class}", self.column_variable))?;
        }
        writeln!(f, "{others}")?;
        writeln!(f, " {:labels$}{}", "", format!("  {:>cell$}", "---").repeat(shown))?;
        for row in 0..shown {
            write!(f, " {:labels$}", format!("{}={row}", self.row_variable))?;
            for column in 0..shown {
                write!(f, "  {:>cell$}", self.entries.text(row, column, |value| self.fixed(value)))?;
            }
            let name = self.name(row);
            writeln!(f, "{others}{}{name}", if name.is_empty() { "" } else { "  " })?;
        }
        if shown < k {
            writeln!(f, " {:labels$}  {:>cell$}", "…", "…")?;
        }
        write!(f, " Trace {}", self.trace_text(|value| self.fixed(value)))
    }

    /// So many decimals for every number but a zero, which is told from what rounds to it.
    fn fixed(&self, value: f64) -> String {
        if value == 0.0 {
            return "0".into();
        }
        format!("{:.*}", self.decimals, rounded(value, self.decimals))
    }

    fn name(&self, class: usize) -> String {
        match self.class_names.get(class) {
            Some(name) if name.chars().count() > NAME_CHARS => {
                name.chars().take(NAME_CHARS - 1).chain(std::iter::once('…')).collect()
            }
            Some(name) => name.clone(),
            None => String::new(),
        }
    }

    fn label_width(&self, shown: usize) -> usize {
        let last = format!("{}={}", self.row_variable, shown.saturating_sub(1));
        last.chars().count().max(self.corner.chars().count())
    }

    /// What the widest entry and head of the first so many classes take.
    fn cell_width(&self, shown: usize) -> usize {
        let head = format!("{}={}", self.column_variable, shown.saturating_sub(1)).chars().count();
        let entry = |(row, column)| self.entries.text(row, column, |value| self.fixed(value)).chars().count();
        let entries = (0..shown).flat_map(|row| (0..shown).map(move |column| (row, column)));
        entries.map(entry).max().unwrap_or(0).max(head)
    }

    /// How many classes fit: all of them, or fewer and a column that says so.
    fn n_shown(&self, width: usize, max_classes: usize) -> usize {
        let k = self.n_classes();
        let fits = |shown: usize| {
            let more = if shown < k { 3 } else { 0 };
            let names = (0..shown).map(|class| self.name(class).chars().count()).max().unwrap_or(0);
            let names = if names > 0 { 2 + names } else { 0 };
            1 + self.label_width(shown) + shown * (2 + self.cell_width(shown)) + more + names <= width
        };
        // A cell takes three characters and more, so no more classes than this need be tried.
        let most = k.min(max_classes.max(1)).min(1 + width / 3);
        (1..=most).rev().find(|&shown| fits(shown)).unwrap_or(1)
    }
}

impl Entries<'_> {
    fn dim(&self) -> (usize, usize) {
        match self {
            Self::Floats(matrix) => matrix.dim(),
            Self::Counts(matrix) => matrix.dim(),
        }
    }

    fn float(&self, row: usize, column: usize) -> f64 {
        match self {
            Self::Floats(matrix) => matrix[[row, column]],
            Self::Counts(matrix) => matrix[[row, column]] as f64,
        }
    }

    fn text(&self, row: usize, column: usize, number: impl Fn(f64) -> String) -> String {
        match self {
            Self::Floats(matrix) => number(matrix[[row, column]]),
            Self::Counts(matrix) => matrix[[row, column]].to_string(),
        }
    }
}

impl fmt::Display for MatrixDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.style {
            MatrixStyle::Tabs => self.write_tabs(f),
            MatrixStyle::Aligned { width, max_classes } => self.write_aligned(f, width, max_classes),
        }
    }
}

/// As NumPy rounds, except that no zero is negative.
fn rounded(value: f64, decimals: usize) -> f64 {
    let factor = 10_f64.powi(decimals as i32);
    (value * factor).round_ties_even() / factor + 0.0
}

/// As Python prints a float: the shortest digits that read back as the same number.
fn shortest(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    let digits = format!("{value:?}");
    // Rust writes 1e-5 and 1e16 where Python writes 1e-05 and 1e+16; both change to exponents at the same numbers.
    let Some((mantissa, exponent)) = digits.split_once('e') else { return digits };
    match exponent.strip_prefix('-') {
        Some(exponent) => format!("{mantissa}e-{exponent:0>2}"),
        None => format!("{mantissa}e+{exponent:0>2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn names_are_cut_after_twelve_characters() {
        let counts = array![[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
        let names = ["crow", "golden eagle", "barnacle goose"];
        let display = MatrixDisplay::counts(counts.view()).unwrap().with_class_names(names);
        assert_eq!(
            [0, 1, 2, 3].map(|class| display.name(class)),
            ["crow", "golden eagle", "barnacle go…", ""]
        );
    }

    #[test]
    fn as_many_classes_are_shown_as_fit() {
        // A blank and a label of three characters, five a class, three for `…` where classes are left out.
        let counts = array![[30, 2, 0], [0, 28, 1], [1, 1, 7]];
        let display = MatrixDisplay::counts(counts.view()).unwrap();
        let shown =
            |display: &MatrixDisplay<'_>, widths: [usize; 6]| widths.map(|width| display.n_shown(width, 10));
        assert_eq!(shown(&display, [1000, 19, 18, 17, 16, 0]), [3, 3, 2, 2, 1, 1]);
        assert_eq!([1, 2, 3].map(|most| display.n_shown(1000, most)), [1, 2, 3]);
        // Names take two more characters than the longest that is shown.
        let named = display.with_class_names(["ab", "cdef", "ghij"]);
        assert_eq!(shown(&named, [1000, 25, 24, 23, 22, 0]), [3, 3, 2, 2, 1, 1]);
    }
}
