//! `cleanlab noise`.

use std::io::Write;

use anyhow::{Context, Result, bail};
use cleanlab_core::{ClassNames, Labels, RandomState};
use cleanlab_count::MatrixDisplay;
use cleanlab_noise_generation::{
    MatrixValidity, NoiseMatrixOptions, generate_noise_matrix_from_trace, generate_noisy_labels,
};
use cleanlab_table::{ArrayOptions, Content, OutputFile, ResultColumn, ResultTable, read_labels, write_all};
use ndarray::{Array1, Array2};
use serde_json::json;

use crate::Outcome;
use crate::arguments::{NoiseArguments, OutputFormat};
use crate::interrupt;
use crate::matrix_text::matrix_text;
use crate::output_width::output_width;
use crate::places::Places;
use crate::printable::{grouped, json_text};
use crate::report::{csv_bytes, print_bytes};

/// A matrix of this many rows and columns takes 800 MB; labels that are no class indices easily ask for more.
const MOST_CLASSES: usize = 10_000;

pub(crate) fn noise(arguments: &NoiseArguments) -> Result<Outcome> {
    let results = ["noise_matrix.npy", "noise_matrix.csv", "noisy_labels.npy", "noisy_labels.csv"];
    Places::default()
        .input("--labels", arguments.labels.as_ref())
        .folder("--out", arguments.out.as_ref(), results)
        .check()?;
    let labels = match &arguments.labels {
        Some(path) => Some(read_labels(path.as_path(), &ArrayOptions::default())?),
        None => None,
    };
    let n_classes = match (&labels, arguments.classes) {
        (Some(given), _) => given.class_names.as_ref().map_or(given.labels.max_class() + 1, ClassNames::len),
        (None, classes) => classes.context("give --labels or --classes")?,
    };
    if n_classes > MOST_CLASSES {
        bail!(
            "there are {} classes, but at most {} have a noise matrix that fits in memory",
            grouped(n_classes),
            grouped(MOST_CLASSES)
        );
    }
    let py = match &labels {
        Some(given) => {
            let n = given.labels.len() as f64;
            given.labels.counts(n_classes).into_iter().map(|count| count as f64 / n).collect()
        }
        None => Array1::from_elem(n_classes, 1.0 / n_classes.max(1) as f64),
    };
    let validity =
        if arguments.any_matrix { MatrixValidity::Any } else { MatrixValidity::Learnable { py: Some(py) } };
    let mut options = NoiseMatrixOptions::default();
    options.validity = validity;
    options.frac_zero_noise_rates = arguments.frac_zero_noise_rates;
    options.min_noise_rate = arguments.min_noise_rate;
    options.max_noise_rate = arguments.max_noise_rate;
    let mut stream = RandomState::new(arguments.seed);
    let noise_matrix = generate_noise_matrix_from_trace(n_classes, arguments.trace, &options, &mut stream)?;
    let noisy = match &labels {
        Some(given) => Some(generate_noisy_labels(&given.labels, noise_matrix.view(), &mut stream)?),
        None => None,
    };
    let class_names = labels
        .as_ref()
        .and_then(|given| given.class_names.clone())
        .unwrap_or_else(|| ClassNames::indices(n_classes));
    let given = labels.as_ref().map(|given| &given.labels);
    save(arguments, &noise_matrix, noisy.as_ref(), &class_names)?;
    print(arguments.format, &noise_matrix, given, noisy.as_ref(), &class_names)?;
    Ok(Outcome::Ran)
}

fn save(
    arguments: &NoiseArguments,
    noise_matrix: &Array2<f64>,
    noisy: Option<&Labels<'_>>,
    class_names: &ClassNames,
) -> Result<()> {
    let Some(folder) = &arguments.out else { return Ok(()) };
    let matrix_table = matrix_table(noise_matrix, class_names)?;
    let mut files = vec![
        OutputFile::new("noise_matrix.npy", Content::NpyMatrix(noise_matrix.view())),
        OutputFile::new("noise_matrix.csv", Content::Csv(&matrix_table)),
    ];
    let indices: Vec<i64> =
        noisy.iter().flat_map(|labels| labels.as_slice()).map(|&label| i64::from(label)).collect();
    let mut names = ResultTable::default();
    if let Some(noisy) = noisy {
        let name = |&label: &u32| class_names.get(label as usize).unwrap_or_default().to_owned();
        names.push("label", ResultColumn::texts(noisy.as_slice().iter().map(name).collect::<Vec<_>>()))?;
        files.push(OutputFile::new("noisy_labels.npy", Content::NpyVector(&indices)));
        files.push(OutputFile::new("noisy_labels.csv", Content::Csv(&names)));
    }
    interrupt::write_whole(|| write_all(folder, &files)).context("no result was written")?;
    Ok(())
}

fn matrix_table(noise_matrix: &Array2<f64>, class_names: &ClassNames) -> Result<ResultTable> {
    let mut table = ResultTable::default();
    table.push("given_label", ResultColumn::texts(class_names.as_slice().to_vec()))?;
    for (class, column) in noise_matrix.columns().into_iter().enumerate() {
        let name = class_names.get(class).unwrap_or_default();
        table.push(format!("true_label={name}"), ResultColumn::floats(column.to_vec()))?;
    }
    Ok(table)
}

fn print(
    format: OutputFormat,
    noise_matrix: &Array2<f64>,
    given: Option<&Labels<'_>>,
    noisy: Option<&Labels<'_>>,
    class_names: &ClassNames,
) -> Result<()> {
    let flipped = given.zip(noisy).map(|(given, noisy)| {
        given.as_slice().iter().zip(noisy.as_slice()).filter(|(given, noisy)| given != noisy).count()
    });
    let mut text = Vec::new();
    match format {
        OutputFormat::Json => {
            let rows: Vec<Vec<f64>> = noise_matrix.rows().into_iter().map(|row| row.to_vec()).collect();
            let object = json!({
                "schema": "cleanlab-noise/1",
                "classes": class_names.as_slice(),
                "noise_matrix": rows,
                "trace": noise_matrix.diag().sum(),
                "flipped_labels": flipped,
                "noisy_labels": noisy.map(Labels::as_slice),
            });
            text = json_text(&object)?.into();
        }
        OutputFormat::Csv => {
            text = csv_bytes(&matrix_table(noise_matrix, class_names)?)?;
        }
        OutputFormat::Text => {
            let title = "Noise matrix p(given label s | true label y); every column sums to 1:";
            let matrix = MatrixDisplay::noise_matrix(noise_matrix.view())?;
            writeln!(text, "{}", matrix_text(matrix, title, class_names, output_width()))?;
            if let (Some(flipped), Some(noisy)) = (flipped, noisy) {
                writeln!(text, "\n{} of {} labels flipped", grouped(flipped), grouped(noisy.len()))?;
            }
        }
    }
    print_bytes(&text)
}
