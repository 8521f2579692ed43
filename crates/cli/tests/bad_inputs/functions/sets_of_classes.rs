//! Of `cleanlab-multilabel`.

use cleanlab_core::PredProbs;
use cleanlab_filter::FilterBy;
use cleanlab_multilabel::{
    Aggregator, FindMultilabelIssuesOptions, MultiLabels, MultilabelConfidentJoint,
    MultilabelConfidentJointOptions, MultilabelProbs, MultilabelScoreOptions, calibrate_confident_joint,
    common_multilabel_issues, compute_confident_joint, estimate_joint, estimate_joint_from_probabilities,
    exponential_moving_average, find_label_issues, find_multilabel_issues_per_class, find_off_diagonal_rows,
    get_label_quality_scores, get_label_quality_scores_per_class, multilabel_health_summary,
    num_label_issues, onehot2int, overall_multilabel_health_score, rank_classes_by_multilabel_quality,
    softmin,
};
use cleanlab_rank::LabelQualityMethod;
use ndarray::{Array2, Array3, array};

use crate::answers::Answers;

const NAN: f64 = f64::NAN;

pub(super) fn ask(of: &mut Answers) {
    inputs(of);
    options(of);
    scores(of);
}

fn good() -> MultilabelProbs<'static, f64> {
    MultilabelProbs::from_lists(
        &[vec![0_u32], vec![0, 1], vec![1], vec![]],
        array![[0.9, 0.1], [0.8, 0.7], [0.1, 0.9], [0.2, 0.3]],
    )
    .unwrap()
}

fn inputs(of: &mut Answers) {
    let lists = "cleanlab-multilabel::MultiLabels::from_lists";
    of.refuses(
        lists,
        "no row",
        MultiLabels::from_lists::<u32, Vec<u32>>(&[], 2),
        &["0 rows", "at least one"],
    );
    of.refuses(lists, "no class", MultiLabels::from_lists(&[vec![0_u32]], 0), &["0 classes", "at least one"]);
    of.refuses(
        lists,
        "a class beyond the others",
        MultiLabels::from_lists(&[vec![0_u32], vec![2]], 2),
        &["row 1 lists class 2", "from 0 to 1", "correct the label"],
    );
    of.refuses(
        lists,
        "a class listed twice",
        MultiLabels::from_lists(&[vec![1_u32, 1]], 2),
        &["row 0 lists class 1", "more than once"],
    );
    of.refuses(
        lists,
        "a negative class",
        MultiLabels::from_lists(&[vec![0_i64], vec![-1]], 2),
        &["row 1 lists class -1", "encode the classes first"],
    );
    of.refuses(
        lists,
        "a fraction",
        MultiLabels::from_lists(&[vec![0.5]], 2),
        &["row 0 lists class 0.5", "not a whole number"],
    );
    let onehot = "cleanlab-multilabel::MultiLabels::from_onehot";
    of.refuses(
        onehot,
        "a 2 among zeros and ones",
        MultiLabels::from_onehot(array![[0_i64, 1], [2, 0]].view()),
        &["2 in row 1, column 0", "0 or 1"],
    );
    of.refuses(
        onehot,
        "NaN",
        MultiLabels::from_onehot(array![[0.0, NAN]].view()),
        &["NaN in row 0, column 1", "0 or 1"],
    );
    of.refuses(
        "cleanlab-multilabel::onehot2int",
        "a 2 among zeros and ones",
        onehot2int(array![[0_u32, 2]].view()),
        &["2 in row 0, column 1", "0 or 1"],
    );
    let labels = || MultiLabels::from_lists(&[vec![0_u32], vec![1]], 2).unwrap();
    let new = "cleanlab-multilabel::MultilabelProbs::new";
    let probs = |values| PredProbs::new(values).unwrap();
    of.refuses(
        new,
        "a column too many",
        MultilabelProbs::new(labels(), probs(array![[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]])),
        &["2 classes", "3 columns", "one column per class"],
    );
    of.refuses(
        new,
        "a row too few",
        MultilabelProbs::new(labels(), probs(array![[0.5, 0.5]])),
        &["2 labels", "1 rows"],
    );
    let from_lists = "cleanlab-multilabel::MultilabelProbs::from_lists";
    of.refuses(
        from_lists,
        "a probability that is NaN",
        MultilabelProbs::from_lists(&[vec![0_u32]], array![[NAN, 0.5]]),
        &["row 0, column 0", "NaN"],
    );
    of.refuses(
        "cleanlab-multilabel::MultilabelProbs::one_vs_rest",
        "a class that there is not",
        good().one_vs_rest(2),
        &["no class 2", "from 0 to 1"],
    );
    let counts = "cleanlab-multilabel::MultilabelConfidentJoint::from_counts";
    of.refuses(
        counts,
        "counts of another shape",
        MultilabelConfidentJoint::from_counts(Array3::zeros((2, 3, 2))),
        &["[2, 3, 2]", "[2, 2, 2]", "one-vs-rest"],
    );
}

fn options(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-multilabel::{function}");
    let data = good();
    let three = MultilabelConfidentJoint::from_counts(Array3::ones((3, 2, 2))).unwrap();
    of.refuses(
        &name("calibrate_confident_joint"),
        "a joint of another number of classes",
        calibrate_confident_joint(&three, data.labels()),
        &["[3, 2, 2]", "[2, 2, 2]"],
    );
    of.refuses(
        &name("estimate_joint"),
        "a joint of another number of classes",
        estimate_joint(&three, data.labels()),
        &["[3, 2, 2]", "[2, 2, 2]"],
    );
    let with =
        |thresholds: Array2<f64>| MultilabelConfidentJointOptions::default().with_thresholds(thresholds);
    let (short, nan) = (with(array![[0.5, 0.5]]), with(array![[0.5, 0.5], [0.5, NAN]]));
    of.refuses(
        &name("compute_confident_joint"),
        "thresholds of one class",
        compute_confident_joint(&data, &short),
        &["[1, 2]", "[2, 2]", "one entry per class"],
    );
    of.refuses(
        &name("compute_confident_joint"),
        "a threshold that is NaN",
        compute_confident_joint(&data, &nan),
        &["NaN for class 1, entry 1", "finite"],
    );
    of.refuses(
        &name("find_off_diagonal_rows"),
        "a threshold that is NaN",
        find_off_diagonal_rows(&data, &nan),
        &["NaN for class 1, entry 1", "finite"],
    );
    let find = FindMultilabelIssuesOptions::default;
    for (input, options, says) in [
        ("a share of NaN", find().with_frac_noise(NAN), &["frac_noise is NaN", "[0, 1]"][..]),
        (
            "numbers to remove of another length",
            find().with_num_to_remove_per_class(vec![1, 1, 1]),
            &["3", "2"],
        ),
        (
            "a joint of another number of classes",
            find().with_confident_joint(three.clone()),
            &["[3, 2, 2]", "[2, 2, 2]"],
        ),
        (
            "numbers to remove with a method that does not prune",
            find().with_filter_by(FilterBy::ConfidentLearning).with_num_to_remove_per_class(vec![1, 1]),
            &["num_to_remove_per_class", "confident_learning"],
        ),
    ] {
        of.refuses(&name("find_label_issues"), input, find_label_issues(&data, &options), says);
        of.refuses(
            &name("find_multilabel_issues_per_class"),
            input,
            find_multilabel_issues_per_class(&data, &options),
            says,
        );
        of.refuses(&name("common_multilabel_issues"), input, common_multilabel_issues(&data, &options), says);
        of.refuses(
            &name("rank_classes_by_multilabel_quality"),
            input,
            rank_classes_by_multilabel_quality(&data, &options),
            says,
        );
        of.refuses(
            &name("overall_multilabel_health_score"),
            input,
            overall_multilabel_health_score(&data, &options),
            says,
        );
        of.refuses(
            &name("multilabel_health_summary"),
            input,
            multilabel_health_summary(&data, &options),
            says,
        );
    }
    let other = MultilabelProbs::from_lists(&[vec![0_u32]], array![[0.5, 0.5]]).unwrap();
    let found = find_label_issues(&data, &find()).unwrap();
    of.refuses(
        &name("MultilabelIssues::ranked_by"),
        "other data than the flags",
        found.ranked_by(&other, LabelQualityMethod::SelfConfidence),
        &["[4]", "[1]", "rank in the data they were found in"],
    );
    let found = find_multilabel_issues_per_class(&data, &find()).unwrap();
    of.refuses(
        &name("MultilabelIssuesPerClass::ranked_by"),
        "other data than the flags",
        found.ranked_by(&other, LabelQualityMethod::SelfConfidence),
        &["[4, 2]", "[1, 2]"],
    );
    let nobody =
        MultilabelProbs::from_lists(&[Vec::<u32>::new(), vec![]], array![[0.5, 0.5], [0.5, 0.5]]).unwrap();
    let n = num_label_issues(&nobody).map(|n| n as f64);
    of.gives(&name("num_label_issues"), "rows without a class", n, &[0.0]);
    let joint = estimate_joint_from_probabilities(&nobody).unwrap_or_default();
    of.gives(
        &name("estimate_joint_from_probabilities"),
        "rows without a class",
        joint,
        &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
    );
}

fn scores(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-multilabel::{function}");
    let bad = array![[0.5, NAN]];
    let average = exponential_moving_average;
    of.refuses(
        &name("exponential_moving_average"),
        "alpha above 1",
        average(array![[0.5, 0.5]].view(), Some(1.5)),
        &["alpha is 1.5", "[0, 1]"],
    );
    of.refuses(
        &name("exponential_moving_average"),
        "a score that is NaN",
        average(bad.view(), None),
        &["NaN in row 0, column 1", "finite"],
    );
    of.refuses(
        &name("exponential_moving_average"),
        "no class",
        average(Array2::zeros((1, 0)).view(), None),
        &["class"],
    );
    of.refuses(
        &name("softmin"),
        "a temperature that is negative",
        softmin(array![[0.5, 0.5]].view(), -1.0),
        &["temperature is -1", "not negative"],
    );
    of.refuses(
        &name("softmin"),
        "a temperature that is NaN",
        softmin(array![[0.5, 0.5]].view(), NAN),
        &["temperature is NaN", "finite"],
    );
    of.refuses(
        &name("softmin"),
        "a score that is NaN",
        softmin(bad.view(), 1.0),
        &["NaN in row 0, column 1", "finite"],
    );
    of.gives(
        &name("softmin"),
        "a temperature of 0",
        softmin(array![[0.5, 0.25]].view(), 0.0).unwrap_or_default(),
        &[0.25],
    );
    let aggregate = Aggregator::Softmin { temperature: NAN };
    of.refuses(
        &name("Aggregator::aggregate"),
        "a temperature that is NaN",
        aggregate.aggregate(array![[0.5]].view()),
        &["temperature is NaN", "finite"],
    );
    let options = MultilabelScoreOptions::default().with_aggregator(aggregate);
    of.refuses(
        &name("get_label_quality_scores"),
        "a temperature that is NaN",
        get_label_quality_scores(&good(), &options),
        &["temperature is NaN", "finite"],
    );
    let certain = MultilabelProbs::from_lists(&[vec![0_u32]], array![[0.0, 1.0]]).unwrap();
    let found =
        get_label_quality_scores_per_class(&certain, LabelQualityMethod::SelfConfidence).unwrap_or_default();
    of.gives(&name("get_label_quality_scores_per_class"), "probabilities of 0 and 1", found, &[0.0, 0.0]);
}
