//! Columns that are the pixels of a small picture.

/// Pixels that a picture has at least.
const MIN_PIXELS: usize = 16;

/// The columns in the order of the pixels, and the pixels per line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PixelColumns {
    pub(super) columns: Vec<usize>,
    pub(super) width: usize,
}

/// Finds columns named `pixel0`, `pixel_1`, … that make a square, or `pixel_0_0`, `pixel_0_1`, … that make a rectangle.
pub(super) fn find_pixel_columns(names: &[String]) -> Option<PixelColumns> {
    let mut pixels: Vec<(Vec<usize>, usize)> =
        names.iter().enumerate().filter_map(|(column, name)| Some((position(name)?, column))).collect();
    pixels.sort();
    let n_pixels = pixels.len();
    if n_pixels < MIN_PIXELS {
        return None;
    }
    let columns = pixels.iter().map(|(_, column)| *column).collect();
    if pixels.iter().all(|(position, _)| position.len() == 1) {
        let first = pixels[0].0[0];
        let consecutive =
            pixels.iter().enumerate().all(|(index, (position, _))| position[0] == first + index);
        let width = n_pixels.isqrt();
        return (consecutive && width * width == n_pixels).then_some(PixelColumns { columns, width });
    }
    if pixels.iter().any(|(position, _)| position.len() != 2) {
        return None;
    }
    let (top, left) = (pixels[0].0[0], pixels[0].0[1]);
    let width = pixels.iter().take_while(|(position, _)| position[0] == top).count();
    let complete = n_pixels.is_multiple_of(width)
        && pixels.iter().enumerate().all(|(index, (position, _))| {
            position[0] == top + index / width && position[1] == left + index % width
        });
    complete.then_some(PixelColumns { columns, width })
}

/// One number, or line and column, after `pixel`.
fn position(name: &str) -> Option<Vec<usize>> {
    let name = name.to_ascii_lowercase();
    let rest = name.strip_prefix("pixel")?;
    let rest = rest.strip_prefix('_').unwrap_or(rest);
    let parts: Option<Vec<usize>> = rest
        .split(['_', 'x'])
        .map(|part| part.parse().ok().filter(|&number: &usize| number < 1 << 20))
        .collect();
    parts.filter(|parts| parts.len() <= 2)
}

#[cfg(test)]
mod tests {
    use super::{PixelColumns, find_pixel_columns};

    #[test]
    fn find_pixel_columns_grid_in_any_order_is_found() {
        let mut names: Vec<String> =
            (0..4).flat_map(|y| (0..5).map(move |x| format!("pixel_{y}_{x}"))).collect();
        names.insert(0, "label".into());
        let expected = PixelColumns { columns: (1..=20).collect(), width: 5 };
        assert_eq!(find_pixel_columns(&names), Some(expected));
        names.pop();
        assert_eq!(find_pixel_columns(&names), None);
    }

    #[test]
    fn find_pixel_columns_numbers_must_make_a_square() {
        let names: Vec<String> = (1..=16).map(|pixel| format!("pixel{pixel}")).collect();
        assert_eq!(find_pixel_columns(&names).map(|found| found.width), Some(4));
        assert_eq!(find_pixel_columns(&names[..15]), None);
        let twenty: Vec<String> = (0..20).map(|pixel| format!("Pixel_{pixel}")).collect();
        assert_eq!(find_pixel_columns(&twenty), None);
        assert_eq!(find_pixel_columns(&["pixel".into(), "pixels".into()]), None);
    }
}
