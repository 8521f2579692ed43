//! Every answer equals that of the functions in memory, to the last bit: whatever the source, the batches and the threads.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use cleanlab_core::{Float, LabeledProbs};
use cleanlab_count::{
    Calibration, CollisionRule, ConfidentJointOptions, Convergence, EstimationMethod, LatentOptions,
};
use cleanlab_dataset::{HealthSource, IntervalOptions, Symmetry};
use cleanlab_filter::{ArgmaxConfusionOptions, FilterBy, FindLabelIssuesOptions};
use cleanlab_rank::LabelQualityMethod;
use cleanlab_stream::{
    FileSource, LabelAuditOptions, LabelRow, MemorySource, ParquetOptions, ProbsSource, StreamOptions,
};
use cleanlab_table::{ArrayOptions, ProbsMatrix, read_pred_probs};
use ndarray::array;
use proptest::prelude::*;
use support::{Data, Layout, Npy, write_folder, write_labels, write_npy, write_parquet};

fn bits(values: impl IntoIterator<Item = f64>) -> Vec<u64> {
    values.into_iter().map(f64::to_bits).collect()
}

/// Options of finding label issues that cover every branch.
fn find_options(k: usize, data: &LabeledProbs<'_, impl Float>) -> Vec<FindLabelIssuesOptions> {
    let mut all: Vec<FindLabelIssuesOptions> = FilterBy::ALL
        .iter()
        .map(|&method| FindLabelIssuesOptions::default().with_filter_by(method))
        .collect();
    let joint = cleanlab_count::compute_confident_joint(data, &ConfidentJointOptions::default()).unwrap();
    for method in [FilterBy::PruneByNoiseRate, FilterBy::PruneByClass, FilterBy::Both] {
        let options = || FindLabelIssuesOptions::default().with_filter_by(method);
        all.push(options().with_frac_noise(0.5));
        all.push(options().with_frac_noise(0.0));
        all.push(options().with_min_examples_per_class(40));
        all.push(options().with_num_to_remove_per_class(vec![3; k]));
        all.push(options().with_confident_joint(joint.clone()));
    }
    let paper = CollisionRule::LargestOfConfident;
    for method in [FilterBy::ConfidentLearning, FilterBy::LowNormalizedMargin, FilterBy::LowSelfConfidence] {
        all.push(FindLabelIssuesOptions::default().with_filter_by(method).with_collision(paper));
    }
    all
}

/// Holds every function to its counterpart.
fn check<F: Float>(source: &dyn ProbsSource, data: &LabeledProbs<'_, F>, options: &StreamOptions) {
    let k = data.n_classes();
    assert_eq!((source.n_rows(), source.n_classes()), (data.len(), k));
    let thresholds = cleanlab_stream::get_confident_thresholds(source, options).unwrap();
    assert_eq!(bits(thresholds.clone()), bits(cleanlab_count::get_confident_thresholds(data).unwrap()));

    let default = ConfidentJointOptions::default();
    let joints = [
        default.clone(),
        default.clone().with_calibration(Calibration::Uncalibrated),
        default.clone().with_collision(CollisionRule::LargestOfConfident),
        default.clone().with_thresholds(thresholds.mapv(|threshold| threshold * 0.9)),
    ];
    for joint in &joints {
        let found = cleanlab_stream::compute_confident_joint(source, joint, options).unwrap();
        assert_eq!(found, cleanlab_count::compute_confident_joint(data, joint).unwrap());
    }
    let found = cleanlab_stream::estimate_joint_from_probabilities(source, &default, options).unwrap();
    assert_eq!(bits(found), bits(cleanlab_count::estimate_joint_from_probabilities(data, &default).unwrap()));
    let latent = LatentOptions::default().with_convergence(Convergence::Iterate);
    assert_eq!(
        cleanlab_stream::estimate_py_and_noise_matrices_from_probabilities(
            source, &default, &latent, options
        )
        .unwrap(),
        cleanlab_count::estimate_py_and_noise_matrices_from_probabilities(data, &default, &latent).unwrap()
    );
    let joint = cleanlab_count::compute_confident_joint(data, &default).unwrap();
    for method in [
        EstimationMethod::OffDiagonal,
        EstimationMethod::OffDiagonalCalibrated,
        EstimationMethod::OffDiagonalCustom(joint),
    ] {
        let found = cleanlab_stream::num_label_issues(source, &method, options).unwrap();
        assert_eq!(found, cleanlab_count::num_label_issues(data, &method).unwrap(), "{method:?}");
    }

    for method in LabelQualityMethod::ALL {
        let mut found = Vec::new();
        cleanlab_stream::get_label_quality_scores(source, method, options, &mut found).unwrap();
        let expected = cleanlab_rank::get_label_quality_scores(data, method).unwrap();
        assert_eq!(bits(found), bits(expected), "{method:?}");
    }

    for find in find_options(k, data) {
        let mut mask = Vec::new();
        let found = cleanlab_stream::find_label_issues(source, &find, options, &mut mask).unwrap();
        let expected = cleanlab_filter::find_label_issues(data, &find).unwrap();
        assert_eq!(mask, expected.mask.to_vec(), "{find:?}");
        assert_eq!((found.n_issues, found.n_rows), (expected.n_issues(), data.len()));
        assert_eq!(found.warnings, expected.warnings, "{find:?}");
    }
    check_baselines(source, data, options);
    check_audits(source, data, options);
    check_health(source, data, options);
}

fn check_baselines<F: Float>(source: &dyn ProbsSource, data: &LabeledProbs<'_, F>, options: &StreamOptions) {
    let mut mask = Vec::new();
    cleanlab_stream::find_predicted_neq_given(source, options, &mut mask).unwrap();
    assert_eq!(mask, cleanlab_filter::find_predicted_neq_given(data).to_vec());
    for calibration in [Calibration::ToLabelCounts, Calibration::Uncalibrated] {
        for filter_by in [FilterBy::PruneByNoiseRate, FilterBy::PruneByClass] {
            let argmax =
                ArgmaxConfusionOptions::default().with_calibration(calibration).with_filter_by(filter_by);
            let mut mask = Vec::new();
            cleanlab_stream::find_label_issues_using_argmax_confusion_matrix(
                source, argmax, options, &mut mask,
            )
            .unwrap();
            let expected =
                cleanlab_filter::find_label_issues_using_argmax_confusion_matrix(data, argmax).unwrap();
            assert_eq!(mask, expected.mask.to_vec(), "{argmax:?}");
        }
    }
}

fn check_audits<F: Float>(source: &dyn ProbsSource, data: &LabeledProbs<'_, F>, options: &StreamOptions) {
    let health = cleanlab_dataset::overall_label_health_score(&HealthSource::probabilities(data)).unwrap();
    for (filter_by, rank_by) in FilterBy::ALL.into_iter().zip(LabelQualityMethod::ALL.into_iter().cycle()) {
        let find = FindLabelIssuesOptions::default().with_filter_by(filter_by);
        let audit = LabelAuditOptions::default().with_find(find.clone()).with_rank_by(rank_by);
        let mut rows: Vec<LabelRow> = Vec::new();
        let found = cleanlab_stream::audit_labels(source, &audit, options, &mut rows).unwrap();
        let expected = cleanlab_filter::find_label_issues(data, &find).unwrap();
        assert_eq!(rows.iter().map(|row| row.is_label_issue).collect::<Vec<_>>(), expected.mask.to_vec());
        let scores = cleanlab_rank::get_label_quality_scores(data, rank_by).unwrap();
        assert_eq!(bits(rows.iter().map(|row| row.label_quality)), bits(scores));
        assert_eq!(rows.iter().map(|row| row.given_label).collect::<Vec<_>>(), data.labels().as_slice());
        let ranked = expected.ranked_by(data, rank_by).unwrap();
        assert_eq!(found.worst.iter().map(|issue| issue.row).collect::<Vec<_>>(), ranked);
        assert_eq!(found.overall_label_health_score.to_bits(), health.to_bits());
        assert_eq!(found.warnings, expected.warnings);
        let mut none = |_: usize, _: &[LabelRow]| Ok(());
        let top = cleanlab_stream::audit_labels(source, &audit.with_top(5), options, &mut none).unwrap();
        assert_eq!(top.n_issues, found.n_issues);
        assert_eq!(top.worst, found.worst[..found.worst.len().min(5)]);
    }
}

fn check_health<F: Float>(source: &dyn ProbsSource, data: &LabeledProbs<'_, F>, options: &StreamOptions) {
    let in_memory = HealthSource::probabilities(data);
    for symmetry in [Symmetry::Symmetric, Symmetry::Asymmetric] {
        let found = cleanlab_stream::health_summary(source, symmetry, options).unwrap();
        let expected = cleanlab_dataset::health_summary(&in_memory, symmetry).unwrap();
        assert_eq!(found, expected);
        let intervals = IntervalOptions::default().with_n_resamples(25);
        let counted = cleanlab_stream::count_health(source, options).unwrap();
        assert_eq!(
            cleanlab_dataset::health_intervals(&HealthSource::counted(&counted.counts), &found, &intervals)
                .unwrap(),
            cleanlab_dataset::health_intervals(&in_memory, &expected, &intervals).unwrap()
        );
    }
    let expected = cleanlab_dataset::overall_label_health_score(&in_memory).unwrap();
    let found = cleanlab_stream::overall_label_health_score(source, options).unwrap();
    assert_eq!(found.to_bits(), expected.to_bits());
}

/// Batches from one row to all.
fn batch_sizes(n: usize) -> [StreamOptions; 4] {
    [7, 1000, n, usize::MAX].map(|rows| StreamOptions::default().with_batch_rows(rows))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn memory_any_batches_equal_the_functions_in_memory(n in 40_usize..700, k in 2_usize..9, seed in any::<u32>(), rows in 1_usize..50) {
        let data = Data::new(n, k, seed);
        let options = StreamOptions::default().with_batch_rows(rows);
        check(&MemorySource(&data.in_memory()), &data.in_memory(), &options);
        check(&MemorySource(&data.in_memory_narrow()), &data.in_memory_narrow(), &options);
    }
}

#[test]
fn memory_single_rows_equal_the_functions_in_memory() {
    let data = Data::new(300, 3, 5);
    check(&MemorySource(&data.in_memory()), &data.in_memory(), &StreamOptions::default().with_batch_rows(1));
}

#[test]
fn memory_many_classes_equal_the_functions_in_memory() {
    // More pairs of classes than are surveyed, and a class without labels.
    let mut data = Data::new(4000, 60, 3);
    data.labels.iter_mut().filter(|label| **label == 7).for_each(|label| *label = 8);
    check(&MemorySource(&data.in_memory()), &data.in_memory(), &StreamOptions::default());
}

#[test]
fn memory_large_groups_equal_the_functions_in_memory() {
    // Groups that take more rows than are ordered whole, of few different keys and of many.
    for seed in [1, 2] {
        let mut data = Data::new(20_000, 2 + seed as usize, seed);
        if seed == 2 {
            data.wide.mapv_inplace(|p| (p * 4.0).round() / 4.0);
        }
        for options in [4096, 20_000].map(|rows| StreamOptions::default().with_batch_rows(rows)) {
            check(&MemorySource(&data.in_memory()), &data.in_memory(), &options);
        }
    }
}

#[test]
fn memory_unsure_model_equals_the_functions_in_memory() {
    // Most rows are taken: more than have a positive margin.
    let mut data = Data::new(3000, 3, 11);
    data.labels.iter_mut().enumerate().for_each(|(row, label)| *label = (row % 3) as u32);
    data.wide = ndarray::Array2::from_shape_fn((3000, 3), |(row, class)| {
        [0.25, 0.3125, 0.4375][(row * 7 + class * (1 + row % 2)) % 3]
    });
    check(&MemorySource(&data.in_memory()), &data.in_memory(), &StreamOptions::default());
    for prune in [FilterBy::PruneByNoiseRate, FilterBy::Both] {
        let joint =
            cleanlab_count::ConfidentJoint::from_counts(array![[1, 999, 0], [900, 50, 50], [0, 0, 1000]])
                .unwrap();
        let find = FindLabelIssuesOptions::default().with_filter_by(prune).with_confident_joint(joint);
        let mut mask = Vec::new();
        let source = data.in_memory();
        cleanlab_stream::find_label_issues(
            &MemorySource(&source),
            &find,
            &StreamOptions::default(),
            &mut mask,
        )
        .unwrap();
        assert_eq!(mask, cleanlab_filter::find_label_issues(&source, &find).unwrap().mask.to_vec());
    }
}

#[test]
fn arrays_any_type_and_layout_equal_the_functions_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let data = Data::new(2500, 5, 17);
    let [probs, labels] = ["p.npy", "y.npy"].map(|name| folder.path().join(name));
    write_labels(&labels, &data.labels);
    for kind in [Npy::F32, Npy::F64, Npy::F64BigEndian, Npy::F32Fortran] {
        write_npy(&probs, &data, kind);
        let source = FileSource::arrays(&probs, &labels).unwrap();
        for options in batch_sizes(2500) {
            check(&source, &data.in_memory(), &options);
        }
        check(&source, &data.in_memory_narrow(), &StreamOptions::default().with_batch_rows(1000));
    }
}

#[test]
fn parquet_any_layout_equals_the_functions_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let data = Data::new(1900, 4, 23);
    for layout in Layout::ALL {
        let path = folder.path().join("data.parquet");
        write_parquet(&path, &data, 0..1900, layout, 400);
        let source = FileSource::parquet(&path, &ParquetOptions::default()).unwrap();
        let parts = write_folder(folder.path(), &data, layout, 5);
        let from_folder =
            FileSource::parquet(&parts, &ParquetOptions::default().with_label("label")).unwrap();
        for options in [7, 1000].map(|rows| StreamOptions::default().with_batch_rows(rows)) {
            check(&source, &data.in_memory(), &options);
            check(&from_folder, &data.in_memory(), &options);
        }
    }
}

#[test]
fn files_of_different_formats_equal_the_functions_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let data = Data::new(1200, 3, 29);
    write_labels(&at("y.npy"), &data.labels);
    write_npy(&at("p.npy"), &data, Npy::F64);
    let lines: Vec<String> = data.labels.iter().map(u32::to_string).collect();
    std::fs::write(at("y.txt"), lines.join("\n")).unwrap();
    write_parquet(&at("p.parquet"), &data, 0..1200, Layout::Columns64, 250);
    let parts = write_folder(folder.path(), &data, Layout::List64, 3);
    for (probs, columns) in
        [(at("p.npy"), &["p"][..]), (at("p.parquet"), &["p0", "p1", "p2"]), (parts.clone(), &["p"])]
    {
        for labels in [at("y.npy"), at("y.txt"), at("p.parquet"), parts.clone()] {
            let columns = ParquetOptions::default().with_pred_probs(columns.iter().copied());
            let source = FileSource::files(&probs, &labels, &columns).unwrap();
            check(&source, &data.in_memory(), &StreamOptions::default().with_batch_rows(100));
        }
    }
}

#[test]
fn lists_read_into_memory_are_the_matrix() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.parquet");
    let data = Data::new(10_000, 3, 3);
    for layout in [Layout::List32, Layout::FixedList32, Layout::List64] {
        write_parquet(&path, &data, 0..10_000, layout, 3000);
        let given = read_pred_probs(&path, &ArrayOptions::default()).unwrap();
        let expected = match layout {
            Layout::List64 => ProbsMatrix::F64(data.wide.clone()),
            _ => ProbsMatrix::F32(data.narrow.clone()),
        };
        assert_eq!(given.values, expected, "{layout:?}");
        assert_eq!(given.skipped_columns, ["id", "label"]);
    }
    // Whole numbers beside numbers with fractions are no probabilities, in memory as in parts.
    write_parquet(&path, &data, 0..10_000, Layout::Columns64, 3000);
    let given = read_pred_probs(&path, &ArrayOptions::default()).unwrap();
    assert_eq!((given.values, given.skipped_columns.len()), (ProbsMatrix::F64(data.wide.clone()), 2));
    write_labels(&folder.path().join("y.npy"), &data.labels);
    let source = FileSource::files(&path, folder.path().join("y.npy"), &ParquetOptions::default()).unwrap();
    assert_eq!((source.n_classes(), source.skipped_columns()), (3, &["id".to_owned(), "label".into()][..]));
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let data = Data::new(24_000, 6, 31);
    write_labels(&at("y.npy"), &data.labels);
    write_npy(&at("p.npy"), &data, Npy::F32);
    write_parquet(&at("p.parquet"), &data, 0..24_000, Layout::Columns32, 1000);
    let arrays = FileSource::arrays(at("p.npy"), at("y.npy")).unwrap();
    let parquet = FileSource::parquet(at("p.parquet"), &ParquetOptions::default()).unwrap();
    for threads in [1, 2, 4, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let options = StreamOptions::default().with_batch_rows(500);
        pool.install(|| check(&arrays, &data.in_memory(), &options));
        pool.install(|| check(&parquet, &data.in_memory(), &options.with_memory(1 << 20)));
    }
}
