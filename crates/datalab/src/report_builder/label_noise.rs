//! The joint of given and true labels, and the noise of every class.

use ndarray::Array2;

use super::info_table;
use super::text::{MAX_NAME, shortened};
use crate::column_values::ColumnValues;
use crate::datalab::Datalab;
use crate::info::{Info, InfoValue};
use crate::report_model::{ClassNoise, HeatMap};
use crate::targets::Targets;

/// Classes of a heat map: more have no room for their names.
const MAX_HEAT_MAP_CLASSES: usize = 30;
/// Classes whose noise is listed.
const MAX_NOISE_CLASSES: usize = 200;

/// The joint that the check tells of, or its confident joint scaled to the counts of the given labels.
pub(super) fn joint(lab: &Datalab, info: &Info) -> Option<HeatMap> {
    let Targets::Classes { labels, class_names } = lab.targets() else {
        return None;
    };
    let mut joint = match (info.get("joint"), info.get("confident_joint")) {
        (Some(InfoValue::Matrix(joint)), _) => joint.clone(),
        (_, Some(InfoValue::Matrix(confident)))
            if confident.is_square() && confident.nrows() > labels.max_class() =>
        {
            calibrated(confident, &labels.counts(confident.nrows()))
        }
        _ => return None,
    };
    let n_classes = joint.nrows();
    if joint.ncols() != n_classes || n_classes == 0 || joint.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut shown: Vec<usize> = (0..n_classes).collect();
    if n_classes > MAX_HEAT_MAP_CLASSES {
        let noise =
            |class: usize| joint.row(class).sum() + joint.column(class).sum() - 2.0 * joint[[class, class]];
        shown.sort_by(|&a, &b| noise(b).total_cmp(&noise(a)));
        shown.truncate(MAX_HEAT_MAP_CLASSES);
        shown.sort_unstable();
    }
    // Five digits are more than a colour tells.
    joint.mapv_inplace(|value| (value * 1e5).round() / 1e5);
    let name = |class: usize| {
        class_names.get(class).map_or_else(|| class.to_string(), |name| shortened(name, MAX_NAME))
    };
    Some(HeatMap {
        names: shown.iter().map(|&class| name(class)).collect(),
        values: shown
            .iter()
            .map(|&given| shown.iter().map(|&truth| joint[[given, truth]]).collect())
            .collect(),
        n_total: n_classes,
    })
}

fn calibrated(confident: &Array2<f64>, counts: &[u64]) -> Array2<f64> {
    let n_rows = counts.iter().sum::<u64>().max(1) as f64;
    let mut joint = confident.clone();
    for (mut row, &count) in joint.rows_mut().into_iter().zip(counts) {
        let sum = row.sum();
        let factor = if sum > 0.0 { count as f64 / n_rows / sum } else { 0.0 };
        row.mapv_inplace(|value| value * factor);
    }
    joint
}

/// The table of classes by label quality, worst first.
pub(super) fn class_noise(lab: &Datalab, info: &Info) -> Vec<ClassNoise> {
    // A table without columns may have any number of rows.
    let table = info_table(info, "classes_by_label_quality").filter(|table| !table.columns().is_empty());
    let Some(table) = table else {
        return Vec::new();
    };
    let column = |wanted: &[&str]| {
        let plain = |name: &str| name.to_lowercase().replace(' ', "_");
        let found = table.columns().iter().find(|(name, _)| wanted.contains(&plain(name).as_str()));
        found.map(|(_, values)| values)
    };
    let number = |wanted: &[&str], entry: usize| match column(wanted) {
        Some(ColumnValues::Floats(values)) => values[entry],
        Some(ColumnValues::Integers(values)) => values[entry] as f64,
        _ => 0.0,
    };
    let name = |entry: usize| {
        let index = number(&["class_index", "class"], entry) as usize;
        let names = column(&["class_name"]).and_then(|names| names.text_at(entry));
        let known = || lab.targets().class_names()?.get(index).map(ToOwned::to_owned);
        shortened(&names.or_else(known).unwrap_or_else(|| index.to_string()), MAX_NAME)
    };
    let mut classes: Vec<ClassNoise> = (0..table.n_rows())
        .map(|entry| ClassNoise {
            class_name: name(entry),
            label_issues: number(&["label_issues"], entry) as u64,
            inverse_label_issues: number(&["inverse_label_issues"], entry) as u64,
            label_noise: number(&["label_noise"], entry),
            inverse_label_noise: number(&["inverse_label_noise"], entry),
            label_quality: number(&["label_quality_score", "label_quality"], entry),
        })
        .collect();
    classes.sort_by(|a, b| a.label_quality.total_cmp(&b.label_quality));
    classes.truncate(MAX_NOISE_CLASSES);
    classes
}
