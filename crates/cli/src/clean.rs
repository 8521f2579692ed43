//! `cleanlab clean`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use cleanlab_core::PredProbs;
use cleanlab_learning::{CleanLearning, CleanLearningInputs, TrainingSet};
use cleanlab_table::{Content, Format, ReadOptions, RowCopy, Source, write_file};
use ndarray::Axis;

use crate::Outcome;
use crate::arguments::CleanArguments;
use crate::cleaned::Cleaned;
use crate::findings::key_columns;
use crate::interrupt;
use crate::places::{Places, table_names};
use crate::printable::path;
use crate::progress::Reporter;
use crate::report;
use crate::subject::{LabeledTable, Training, set_threads};

pub(crate) fn clean(arguments: &CleanArguments) -> Result<Outcome> {
    set_threads(&arguments.compute)?;
    let reporter = Reporter::new(arguments.output.quiet);
    reporter.step("reading");
    // Rows are copied at the end from the very bytes that were judged, even if the file changes meanwhile.
    let source = Source::from(&arguments.file).in_memory()?;
    let target = match &arguments.output.out {
        Some(out) => Some(Target::new(out, &arguments.file, source.format(&ReadOptions::default())?)?),
        None => None,
    };
    let places = Places::default()
        .input("the table", Some(&arguments.file))
        .input("--pred-probs", arguments.table.pred_probs.as_ref());
    let out = arguments.output.out.as_ref();
    match &target {
        Some(Target::File(_)) => places.file("--out", out).check()?,
        Some(Target::Folder(folder)) => {
            let endings = ["csv", "tsv", "jsonl", "json", "parquet", "arrow", "arrows"];
            let others = ["sample_weights.csv", "summary.json"].map(str::to_owned);
            let kept = endings.map(|ending| format!("kept_rows.{ending}"));
            let results = table_names("removed_rows").into_iter().chain(others).chain(kept);
            places.folder("--out", Some(&folder.to_path_buf()), results).check()?;
        }
        None => {}
    }
    let table = LabeledTable::of(source.clone(), &arguments.file, &arguments.label, &arguments.table)?;
    let keys = key_columns(&table.table, Some(&arguments.label), &arguments.show, &table.labels.kept_rows)?;
    let training = table.training(&arguments.table)?;
    let cleaned = fit(training, arguments, &reporter);
    reporter.finish();
    let cleaned = Cleaned { key_columns: keys, ..cleaned? };
    if let Some(target) = &target {
        let kept = RowCopy::of(source, &cleaned.kept_row_numbers(), &ReadOptions::default())?;
        match target {
            Target::Folder(folder) => cleaned.save(folder, &kept)?,
            Target::File(file) => {
                interrupt::write_whole(|| write_file(file, &Content::Bytes(&kept.bytes)))
                    .context("no result was written")?;
            }
        }
    }
    report::print(&cleaned, &arguments.output)?;
    Ok(Outcome::Ran)
}

/// Where results go.
enum Target<'a> {
    Folder(&'a Path),
    /// The kept rows alone.
    File(&'a Path),
}

impl<'a> Target<'a> {
    /// A name that ends as that of a table is a file, any other and every existing folder a folder.
    fn new(out: &'a Path, table: &Path, format: Format) -> Result<Self> {
        let named = Format::of_ending(&out.to_string_lossy()).filter(|_| !out.is_dir());
        let Some(named) = named else { return Ok(Self::Folder(out)) };
        if named != format {
            bail!(
                "rows are kept as they stand in {}, which is {format}, but {} would be {named}; give --out another \
                 ending, or a folder",
                path(table),
                path(out)
            );
        }
        if let (Ok(out_file), Ok(table_file)) = (fs::canonicalize(out), fs::canonicalize(table))
            && out_file == table_file
        {
            bail!("{} is the table itself; give --out another name", path(out));
        }
        Ok(Self::File(out))
    }
}

/// Finds the wrong labels, and trains on the others.
fn fit(training: Training, arguments: &CleanArguments, reporter: &Reporter) -> Result<Cleaned> {
    let model = arguments.table.model;
    let wording = training.wording();
    let data = TrainingSet::new(
        training.features.view(),
        training.labels.as_slice(),
        training.about.class_names.len(),
    )?;
    let method = &arguments.method;
    let clean = CleanLearning::new(model.classifier.recipe(model.seed))
        .with_n_splits(model.folds as usize)
        .with_seed(model.seed)
        .with_find_label_issues_options(|options| {
            options
                .with_filter_by(method.filter_by.into())
                .with_frac_noise(method.frac_noise)
                .with_min_examples_per_class(method.min_examples_per_class)
        })
        .with_label_quality(method.rank_by.into())
        .with_progress(reporter.folds());
    let mut inputs = CleanLearningInputs::default();
    let mut warnings = training.about.warnings.clone();
    if let Some(given) = &training.pred_probs {
        let checked = if arguments.compute.clip {
            PredProbs::clipped(given.view())
        } else {
            PredProbs::new(given.view())
        };
        let checked = checked.map_err(|error| wording.input_error(error))?;
        match checked.n_clipped() {
            0 => {}
            n_clipped => warnings.push(format!("{n_clipped} probabilities outside [0, 1] were clipped")),
        }
        inputs = inputs.with_pred_probs(checked);
    }
    let fitted = clean.fit(&data, &inputs).map_err(|error| wording.learning_error(error))?;
    let issues = fitted.issues();
    warnings.extend(wording.clean_learning_warnings(&issues.warnings));
    let table = &issues.table;
    let (Some(scores), Some(suggested)) = (&table.label_quality, &table.predicted_label) else {
        bail!("labels were judged without predictions");
    };
    let mut removed = table.indices();
    removed.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let kept = table.clean_rows();
    let final_labels = if removed.is_empty() {
        Vec::new()
    } else {
        fitted.predict(training.features.select(Axis(0), &removed).view())?
    };
    Ok(Cleaned {
        classifier: model.classifier,
        weights: table.sample_weight.as_ref().map(|weights| kept.iter().map(|&row| weights[row]).collect()),
        given: training.labels.as_slice().to_vec(),
        suggested: suggested.to_vec(),
        scores: scores.to_vec(),
        final_labels,
        kept,
        removed,
        key_columns: Vec::new(),
        rows: training.rows,
        about: crate::about::About { warnings, ..training.about },
    })
}
