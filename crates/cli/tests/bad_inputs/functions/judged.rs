//! Of `cleanlab-rank`, `cleanlab-filter` and `cleanlab-dataset`.

use cleanlab_core::{Labels, PredProbs};
use cleanlab_count::{ConfidentJoint, EstimationMethod};
use cleanlab_dataset::{
    HealthSource, IntervalOptions, Symmetry, class_noise_intervals, find_overlapping_classes,
    health_intervals, health_summary, num_label_issues_interval, overall_label_health_score,
    overall_label_health_score_interval, overlap_intervals, rank_classes_by_label_quality,
};
use cleanlab_filter::{
    ArgmaxConfusionOptions, FilterBy, FindLabelIssuesOptions, PruneCounts, find_label_issues,
    find_label_issues_using_argmax_confusion_matrix, find_predicted_neq_given,
};
use cleanlab_rank::{
    EnsembleOptions, EnsembleWeighting, LabelQualityMethod, LabelQualityScorer, find_top_issues,
    get_confidence_weighted_entropy_for_each_label, get_label_quality_ensemble_scores,
    get_label_quality_scores, get_normalized_margin_for_each_label, get_self_confidence_for_each_label,
    order_label_issues,
};
use ndarray::{Array2, array};

use super::{LABELS, good, paired, probs};
use crate::answers::Answers;

const NAN: f64 = f64::NAN;

pub(super) fn ask(of: &mut Answers) {
    scores(of);
    ensembles(of);
    flags(of);
    health(of);
    intervals(of);
}

fn scores(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-rank::{function}");
    let method = LabelQualityMethod::SelfConfidence;
    let mask = array![true, false];
    of.refuses(
        &name("order_label_issues"),
        "a mask of another length",
        order_label_issues(mask.view(), &good(), method),
        &["2 entries", "6 labels", "one per example"],
    );
    let top = find_top_issues(array![0.5, NAN, 0.25].view(), 5).into_iter().map(|row| row as f64);
    of.gives(&name("find_top_issues"), "more than there are, and a score that is NaN", top, &[2.0, 0.0, 1.0]);
    let flat = paired(&[0, 1], array![[0.0, 0.0], [0.5, 0.5]]);
    of.gives(
        &name("get_self_confidence_for_each_label"),
        "a row of zeros",
        get_self_confidence_for_each_label(&flat),
        &[0.0, 0.5],
    );
    of.gives(
        &name("get_normalized_margin_for_each_label"),
        "a row of zeros",
        get_normalized_margin_for_each_label(&flat),
        &[0.5, 0.5],
    );
    let entropy = get_confidence_weighted_entropy_for_each_label(&flat);
    of.gives(
        &name("get_confidence_weighted_entropy_for_each_label"),
        "a row of zeros",
        entropy,
        &[1.0, 0.549_306_144_334_054_8],
    );
    let adjusted = LabelQualityMethod::AdjustedSelfConfidence;
    let zero = paired(&[0, 1], array![[0.5, 0.5], [0.5, 0.5]]);
    of.gives(
        &name("get_label_quality_scores"),
        "adjusted scores where every row is the same",
        get_label_quality_scores(&zero, adjusted).unwrap_or_default(),
        &[0.5, 0.5],
    );
    let weighted = LabelQualityMethod::ConfidenceWeightedEntropy;
    let certain = paired(&[1, 1], array![[1.0, 0.0], [0.0, 1.0]]);
    of.gives(
        &name("get_label_quality_scores"),
        "probabilities of 0 and 1, by entropy",
        get_label_quality_scores(&certain, weighted).unwrap_or_default(),
        &[1.0, 1.0],
    );
    of.refuses(
        &name("get_label_quality_scores"),
        "adjusted entropy, which there is not",
        LabelQualityScorer::new(adjusted, Some(&array![NAN, 0.5])),
        &["NaN at index 0", "finite"],
    );
    of.refuses(
        &name("LabelQualityScorer::new"),
        "adjusted scores without thresholds",
        LabelQualityScorer::new(adjusted, None),
        &["thresholds"],
    );
}

fn ensembles(of: &mut Answers) {
    let name = "cleanlab-rank::get_label_quality_ensemble_scores";
    let labels = Labels::new(&LABELS).unwrap();
    let options = EnsembleOptions::default();
    let member = || PredProbs::new(probs()).unwrap();
    let mut ask = |input: &str, members: &[PredProbs<'_, f64>], options: &EnsembleOptions, says: &[&str]| {
        of.refuses(name, input, get_label_quality_ensemble_scores(&labels, members, options), says);
    };
    ask("no member", &[], &options, &["no pred_probs", "at least one"]);
    let short = PredProbs::new(array![[0.5, 0.5]]).unwrap();
    ask(
        "members of different rows",
        &[member(), short],
        &options,
        &["pred_probs 1", "(1, 2)", "(6, 2)", "same rows"],
    );
    let weights =
        |weights: Vec<f64>| EnsembleOptions::default().with_weighting(EnsembleWeighting::Custom(weights));
    ask(
        "a weight too few",
        &[member(), member()],
        &weights(vec![1.0]),
        &["1 entries", "2 matrices", "one per matrix"],
    );
    ask("a weight that is NaN", &[member()], &weights(vec![NAN]), &["weight 0 is NaN", "finite"]);
    let search = |temperatures| {
        EnsembleOptions::default().with_weighting(EnsembleWeighting::LogLossSearch { temperatures })
    };
    ask("no temperature", &[member()], &search(vec![]), &["at least one temperature"]);
    ask("a temperature that is NaN", &[member()], &search(vec![1.0, NAN]), &["finite", "NaN"]);
    let always_wrong = PredProbs::new(Array2::from_shape_fn((6, 2), |(row, column)| {
        f64::from(u8::from(LABELS[row] as usize != column))
    }))
    .unwrap();
    let accuracy = EnsembleOptions::default().with_weighting(EnsembleWeighting::Accuracy);
    ask(
        "members that are never right, by accuracy",
        &[always_wrong],
        &accuracy,
        &["no member", "use uniform weights"],
    );
}

fn flags(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-filter::{function}");
    let find = name("find_label_issues");
    let data = good();
    let mut ask = |input: &str, options: FindLabelIssuesOptions, says: &[&str]| {
        of.refuses(&find, input, find_label_issues(&data, &options), says);
    };
    let options = FindLabelIssuesOptions::default;
    ask("a share of NaN", options().with_frac_noise(NAN), &["frac_noise is NaN", "[0, 1]"]);
    ask("a share above 1", options().with_frac_noise(1.5), &["frac_noise is 1.5", "[0, 1]"]);
    ask(
        "numbers to remove of another length",
        options().with_num_to_remove_per_class(vec![1]),
        &["1 entries", "2 classes", "one per class"],
    );
    ask(
        "numbers to remove with a method that does not prune",
        options().with_filter_by(FilterBy::ConfidentLearning).with_num_to_remove_per_class(vec![1, 1]),
        &["num_to_remove_per_class", "confident_learning", "choose prune_by_noise_rate"],
    );
    let three = ConfidentJoint::from_counts(Array2::zeros((3, 3))).unwrap();
    ask(
        "a joint of another number of classes",
        options().with_confident_joint(three.clone()),
        &["3 rows", "2 classes", "one row and column per class"],
    );
    of.refuses(
        &name("FindLabelIssuesOptions::check"),
        "a share below 0",
        options().with_frac_noise(-0.5).check(2),
        &["frac_noise is -0.5", "[0, 1]"],
    );
    of.refuses(
        &name("PruneCounts::new"),
        "a joint of another number of classes",
        PruneCounts::new(&three, vec![1, 1], &options()),
        &["3"],
    );
    let one_class = paired(&[1, 1], array![[0.5, 0.5], [0.9, 0.1]]);
    let flags = |found: cleanlab_filter::LabelIssues| found.mask.mapv(|flag| f64::from(u8::from(flag)));
    of.gives(
        &find,
        "labels of one class, where they are let through",
        find_label_issues(&one_class, &options()).map(flags).unwrap_or_default(),
        &[0.0, 0.0],
    );
    let argmax = |options| find_label_issues_using_argmax_confusion_matrix(&one_class, options);
    of.gives(
        &name("find_label_issues_using_argmax_confusion_matrix"),
        "labels of one class, where they are let through",
        argmax(ArgmaxConfusionOptions::default()).map(flags).unwrap_or_default(),
        &[0.0, 1.0],
    );
    let flat = paired(&[0, 1], array![[0.5, 0.5], [0.5, 0.5]]);
    let flagged = find_predicted_neq_given(&flat).mapv(|flag| f64::from(u8::from(flag)));
    of.gives(&name("find_predicted_neq_given"), "a tie for every row", flagged, &[0.0, 1.0]);
    let found = find_label_issues(&data, &options()).unwrap();
    of.refuses(
        &name("LabelIssues::ranked_by"),
        "other data than the flags",
        found.ranked_by(&flat, LabelQualityMethod::SelfConfidence),
        &["6 entries", "2 labels"],
    );
}

fn health(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-dataset::{function}");
    let mut ask = |input: &str, joint: Array2<f64>, n: u64, says: &[&str]| {
        let source = HealthSource::joint(joint.view(), n);
        of.refuses(&name("overall_label_health_score"), input, overall_label_health_score(&source), says);
        of.refuses(&name("health_summary"), input, health_summary(&source, Symmetry::Symmetric), says);
        of.refuses(
            &name("rank_classes_by_label_quality"),
            input,
            rank_classes_by_label_quality(&source),
            says,
        );
        of.refuses(
            &name("find_overlapping_classes"),
            input,
            find_overlapping_classes(&source, Symmetry::Symmetric),
            says,
        );
    };
    ask("a joint with NaN", array![[0.5, NAN], [0.25, 0.25]], 10, &["NaN", "row 0, column 1", "[0, 1]"]);
    ask(
        "a joint with a negative entry",
        array![[0.75, -0.25], [0.25, 0.25]],
        10,
        &["-0.25", "row 0, column 1", "[0, 1]"],
    );
    ask(
        "a joint that sums to 2",
        array![[0.75, 0.25], [0.25, 0.75]],
        10,
        &["sums to 2", "divide it by its sum"],
    );
    ask("a joint of no example", array![[0.5, 0.0], [0.0, 0.5]], 0, &["0 examples", "number of examples"]);
    ask(
        "a joint with more rows than columns",
        array![[0.5], [0.5]],
        10,
        &["(2, 1)", "one row and column per class"],
    );
    let joint = array![[1.0, 0.0], [0.0, 0.0]];
    let source = HealthSource::joint(joint.view(), 10);
    let qualities = rank_classes_by_label_quality(&source).unwrap_or_default();
    of.gives(
        &name("rank_classes_by_label_quality"),
        "a class that never occurs",
        qualities.iter().flat_map(|class| [class.label_noise, class.label_quality_score]),
        &[0.0, 1.0, 0.0, 1.0],
    );
}

fn intervals(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-dataset::{function}");
    let data = good();
    let source = HealthSource::probabilities(&data);
    let summary = health_summary(&source, Symmetry::Symmetric).unwrap();
    let pairs = find_overlapping_classes(&source, Symmetry::Symmetric).unwrap();
    for (input, options, says) in [
        ("a level of 95", IntervalOptions::default().with_level(95.0), ["level is 95", "such as 0.95"]),
        ("a level that is NaN", IntervalOptions::default().with_level(NAN), ["level is NaN", "such as 0.95"]),
        (
            "a single resample",
            IntervalOptions::default().with_n_resamples(1),
            ["n_resamples is 1", "1000 are better"],
        ),
    ] {
        of.refuses(
            &name("num_label_issues_interval"),
            input,
            num_label_issues_interval(&data, &EstimationMethod::OffDiagonal, &options),
            &says,
        );
        of.refuses(
            &name("overall_label_health_score_interval"),
            input,
            overall_label_health_score_interval(&source, &options),
            &says,
        );
        of.refuses(&name("class_noise_intervals"), input, class_noise_intervals(&source, &options), &says);
        of.refuses(
            &name("overlap_intervals"),
            input,
            overlap_intervals(&source, &pairs, Symmetry::Symmetric, &options),
            &says,
        );
        of.refuses(&name("health_intervals"), input, health_intervals(&source, &summary, &options), &says);
    }
}
