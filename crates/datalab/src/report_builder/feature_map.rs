//! The examples in two dimensions.

use cleanlab_core::RandomState;
use cleanlab_neighbors::principal_components;
use ndarray::{Array2, Axis};

use super::text::shortened;
use super::{Builder, row_flags};
use crate::datalab::Datalab;
use crate::inputs::Matrix;
use crate::report_model::{FeatureMap, MapPoint, ReportCell};
use crate::targets::Targets;

/// Characters of what is shown of a point, and of one of its values.
const MAX_POINT_TEXT: usize = 80;
const MAX_POINT_VALUE: usize = 30;
/// Values that are shown of a point.
const MAX_POINT_VALUES: usize = 4;
/// A map is drawn on fewer pixels than this.
const STEPS: f64 = 10_000.0;

/// Where the rows are, and which shares of the variance the two axes stand for.
struct Projection {
    coordinates: Array2<f64>,
    explained_variance: [f64; 2],
}

pub(super) fn feature_map(builder: &mut Builder<'_>) -> Option<FeatureMap> {
    let options = &builder.options;
    if options.max_map_points == 0 {
        return None;
    }
    let projection = match (options.map_coordinates, options.inputs.features) {
        (Some(coordinates), _) if coordinates.ncols() == 2 => {
            let finite = coordinates.iter().all(|value| value.is_finite());
            finite
                .then(|| Projection {
                    coordinates: coordinates.to_owned(),
                    explained_variance: [f64::NAN; 2],
                })
                .ok_or("its coordinates are not all finite")
        }
        (Some(_), _) => Err("its coordinates are not in two columns"),
        (None, Some(features)) => project(features),
        (None, None) => return None,
    };
    let projection = match projection {
        Ok(projection) => projection,
        Err(reason) => {
            builder.warnings.push(format!("there is no map: {reason}"));
            return None;
        }
    };
    let (points, issue_types) = points(builder, &rounded(projection.coordinates));
    let share = |value: f64| if value.is_finite() { value } else { 0.0 };
    Some(FeatureMap {
        points,
        issue_types,
        n_total: builder.lab.n_rows(),
        explained_variance: projection.explained_variance.map(share),
    })
}

/// The first two principal components; a single one where there is no second.
fn project(features: Matrix<'_>) -> Result<Projection, &'static str> {
    let all_finite = match features {
        Matrix::F32(features) => features.iter().all(|value| value.is_finite()),
        Matrix::F64(features) => features.iter().all(|value| value.is_finite()),
    };
    if !all_finite {
        return Err("features have missing or infinite values");
    }
    let (n_rows, n_features) = features.dim();
    let n_components = 2.min(n_rows).min(n_features);
    let found = match features {
        Matrix::F32(features) => principal_components(features, n_components),
        Matrix::F64(features) => principal_components(features, n_components),
    };
    let found = found.map_err(|_| "no principal components of the features were found")?;
    let mut coordinates = Array2::zeros((n_rows, 2));
    coordinates.slice_axis_mut(Axis(1), (..n_components).into()).assign(&found.coordinates);
    let share = |axis: usize| found.explained_variance_ratio.get(axis).copied().unwrap_or(0.0);
    Ok(Projection { coordinates, explained_variance: [share(0), share(1)] })
}

/// Coordinates to as many digits as a map shows.
fn rounded(mut coordinates: Array2<f64>) -> Array2<f64> {
    for mut axis in coordinates.columns_mut() {
        let (low, high) =
            axis.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
        let range = high - low;
        if range > 0.0 && range.is_finite() {
            // A power of ten, so that the numbers are short in decimal.
            let step = 10f64.powi((range / STEPS).log10().floor() as i32);
            let scale = 1.0 / step;
            if scale.is_finite() && scale > 0.0 {
                axis.mapv_inplace(|value| (value * scale).round() / scale);
            }
        }
    }
    coordinates
}

fn points(builder: &Builder<'_>, coordinates: &Array2<f64>) -> (Vec<MapPoint>, Vec<String>) {
    let lab = builder.lab;
    let mut issues: Vec<Vec<usize>> = vec![Vec::new(); lab.n_rows()];
    let mut issue_types = Vec::new();
    for (name, flags) in row_flags(lab) {
        for (row, _) in flags.iter().enumerate().filter(|&(_, &is_issue)| is_issue) {
            issues[row].push(issue_types.len());
        }
        issue_types.push(name.to_owned());
    }
    let rows = sampled_rows(&issues, builder.options.max_map_points, builder.options.seed);
    let point = |row: usize| MapPoint {
        x: coordinates[[row, 0]],
        y: coordinates[[row, 1]],
        row: lab.row_number(row),
        label: numeric_label(lab, row),
        issues: std::mem::take(&mut issues[row]),
        text: point_text(builder, row),
    };
    (rows.into_iter().map(point).collect(), issue_types)
}

/// As many rows with an issue as fit, then of the others; of each an even sample, in order.
fn sampled_rows(issues: &[Vec<usize>], max: usize, seed: u32) -> Vec<usize> {
    let mut random = RandomState::new(seed);
    let (with, without): (Vec<usize>, Vec<usize>) =
        (0..issues.len()).partition(|&row| !issues[row].is_empty());
    let mut rows = even_sample(&with, max, &mut random);
    let room = max - rows.len();
    rows.extend(even_sample(&without, room, &mut random));
    rows
}

/// One row drawn from each of `n` equal stretches.
fn even_sample(rows: &[usize], n: usize, random: &mut RandomState) -> Vec<usize> {
    if rows.len() <= n {
        return rows.to_vec();
    }
    let start = |stretch: usize| stretch * rows.len() / n;
    (0..n)
        .map(|stretch| {
            let (from, to) = (start(stretch), start(stretch + 1));
            rows[from + ((random.random_sample() * (to - from) as f64) as usize).min(to - from - 1)]
        })
        .collect()
}

fn numeric_label(lab: &Datalab, row: usize) -> Option<f64> {
    match lab.targets() {
        Targets::Classes { labels, .. } => labels.as_slice().get(row).map(|&class| f64::from(class)),
        Targets::Numbers(numbers) => numbers.get(row).copied(),
        Targets::ClassSets { .. } | Targets::Unlabeled { .. } => None,
    }
}

fn point_text(builder: &Builder<'_>, row: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(builder.lab.targets().label_text(row).map(|label| shortened(&label, MAX_POINT_VALUE)));
    let label = builder.options.label_column.as_deref().unwrap_or("label");
    let named = builder.cells.names().iter().zip(builder.cells.cells(row));
    for (name, cell) in named.filter(|(name, _)| *name != label).take(MAX_POINT_VALUES) {
        let value = match cell {
            ReportCell::Missing => continue,
            ReportCell::Boolean(value) => value.to_string(),
            ReportCell::Integer(value) => value.to_string(),
            ReportCell::Float(value) => {
                format!("{value:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            ReportCell::Text(text) => text,
        };
        parts.push(format!("{name} {}", shortened(&value, MAX_POINT_VALUE)));
    }
    shortened(&parts.join("; "), MAX_POINT_TEXT)
}

#[cfg(test)]
mod tests {
    use super::sampled_rows;

    #[test]
    fn sampled_rows_issues_come_first_and_others_evenly() {
        let issues: Vec<Vec<usize>> =
            (0..1000).map(|row| if row % 100 == 7 { vec![0] } else { vec![] }).collect();
        let rows = sampled_rows(&issues, 110, 0);
        assert_eq!(rows.len(), 110);
        assert_eq!(rows[..10], [7, 107, 207, 307, 407, 507, 607, 707, 807, 907]);
        let mut others = rows[10..].to_vec();
        assert!(others.windows(2).all(|pair| pair[1] > pair[0] && pair[1] - pair[0] < 22));
        others.dedup();
        assert_eq!(others.len(), 100);
        assert_eq!(sampled_rows(&issues, 5, 0).iter().filter(|&&row| row % 100 == 7).count(), 5);
        assert_eq!(rows, sampled_rows(&issues, 110, 0));
    }
}
