//! Of `cleanlab-core`.

use cleanlab_core::{
    Batch, ClassNames, LabeledProbs, Labels, PredProbs, RandomState, StreamPosition, clip_noise_rates,
    clip_values, invert, pairwise_sum, round_half_even, round_preserving_sum,
};
use ndarray::{Array2, array};

use super::{LABELS, probs};
use crate::answers::Answers;

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

pub(super) fn ask(of: &mut Answers) {
    labels(of);
    pred_probs(of);
    pairs(of);
    draws(of);
    numbers(of);
}

fn labels(of: &mut Answers) {
    let new = "cleanlab-core::Labels::new";
    of.refuses(new, "no label", Labels::new::<i64>(&[]), &["labels are empty", "at least one row"]);
    of.refuses(
        new,
        "a negative label",
        Labels::new(&[0_i64, -1]),
        &["row 1", "-1", "encode the classes first"],
    );
    of.refuses(
        new,
        "a label beyond 32 bits",
        Labels::new(&[0_i64, 1 << 40]),
        &["row 1", "1099511627776", "4294967294"],
    );
    of.refuses(
        new,
        "the largest number of 32 bits",
        Labels::new(&[0_u32, u32::MAX]),
        &["row 1", "4294967295"],
    );
    of.refuses(new, "a fraction", Labels::new(&[0.0, 1.5]), &["row 1", "1.5", "not a whole number"]);
    of.refuses(new, "NaN", Labels::new(&[0.0, 1.0, NAN]), &["row 2", "NaN", "not a whole number"]);
    of.refuses(new, "infinity", Labels::new(&[INF, 1.0]), &["row 0", "inf"]);
    let from_array = "cleanlab-core::Labels::from_array";
    of.refuses(
        from_array,
        "a negative label",
        Labels::from_array(array![0_i32, 1, -7].view()),
        &["row 2", "-7"],
    );
    let from_vec = "cleanlab-core::Labels::from_vec";
    of.refuses(from_vec, "no label", Labels::from_vec(Vec::new()), &["labels are empty"]);
    of.refuses(
        from_vec,
        "the largest number of 32 bits",
        Labels::from_vec(vec![u32::MAX]),
        &["row 0", "4294967294"],
    );
    let names = "cleanlab-core::ClassNames::";
    let floats = format!("{names}encode_floats");
    of.refuses(&floats, "NaN", ClassNames::encode_floats(&[1.0, NAN]), &["row 1", "NaN"]);
    of.refuses(&floats, "no value", ClassNames::encode_floats(&[]), &["labels are empty"]);
    of.refuses(
        &format!("{names}encode_strings"),
        "no value",
        ClassNames::encode_strings::<&str>(&[]),
        &["labels are empty"],
    );
    of.refuses(
        &format!("{names}encode_integers"),
        "no value",
        ClassNames::encode_integers(&[]),
        &["labels are empty"],
    );
    of.refuses(
        &format!("{names}encode_bools"),
        "no value",
        ClassNames::encode_bools(&[]),
        &["labels are empty"],
    );
}

fn pred_probs(of: &mut Answers) {
    for (name, new) in [
        ("new", (|values| PredProbs::new(values)) as fn(Array2<f64>) -> Result<PredProbs<'static, f64>, _>),
        ("without_notes", |values| PredProbs::without_notes(values)),
        ("clipped", |values| PredProbs::clipped(values)),
    ] {
        let subject = format!("cleanlab-core::PredProbs::{name}");
        of.refuses(&subject, "no row", new(Array2::zeros((0, 2))), &["(0, 2)", "at least one row"]);
        of.refuses(&subject, "no column", new(Array2::zeros((2, 0))), &["(2, 0)", "one column"]);
        of.refuses(
            &subject,
            "NaN",
            new(array![[0.5, 0.5], [0.5, NAN]]),
            &["row 1, column 1", "NaN", "drop the row"],
        );
        of.refuses(&subject, "infinity", new(array![[0.5, 0.5], [INF, 0.5]]), &["row 1, column 0", "inf"]);
        let below = new(array![[0.5, 0.5], [0.5, 0.5], [-0.5, 0.5]]);
        if name == "clipped" {
            let clipped = below.map(|probs| probs.view().to_owned()).unwrap_or_default();
            of.gives(&subject, "a negative value", clipped, &[0.5, 0.5, 0.5, 0.5, 0.0, 0.5]);
        } else {
            of.refuses(&subject, "a negative value", below, &["row 2, column 0", "-0.5", "clip the values"]);
            of.refuses(
                &subject,
                "a value above 1",
                new(array![[0.5, 1.25]]),
                &["row 0, column 1", "1.25", "outside [0, 1]"],
            );
        }
    }
    let from_slice = "cleanlab-core::PredProbs::from_slice";
    of.refuses(
        from_slice,
        "half a row",
        PredProbs::from_slice(&[0.5, 0.5, 0.5], 2),
        &["3 values", "2 columns"],
    );
    of.refuses(from_slice, "no class", PredProbs::from_slice(&[0.5], 0), &["column"]);
}

fn pairs(of: &mut Answers) {
    for (name, new) in [
        ("new", LabeledProbs::new as fn(Labels<'static>, PredProbs<'static, f64>) -> Result<_, _>),
        ("allowing_one_class", LabeledProbs::allowing_one_class),
    ] {
        let subject = format!("cleanlab-core::LabeledProbs::{name}");
        let paired = |labels: &[u32], values| {
            new(Labels::from_vec(labels.to_vec()).unwrap(), PredProbs::new(values).unwrap())
        };
        of.refuses(
            &subject,
            "a label too few",
            paired(&LABELS[..5], probs()),
            &["5 labels", "6 rows", "one entry per example"],
        );
        of.refuses(
            &subject,
            "a label beyond the columns",
            paired(&[0, 1, 0, 2, 1, 1], probs()),
            &["row 3 is 2", "from 0 to 1", "correct the label"],
        );
        of.refuses(
            &subject,
            "one column",
            paired(&[0, 0], array![[1.0], [1.0]]),
            &["one column", "at least 2 classes"],
        );
        if name == "new" {
            of.refuses(
                &subject,
                "labels of one class",
                paired(&[1; 6], probs()),
                &["every label is class 1", "at least 2 classes"],
            );
        }
    }
    let batch = "cleanlab-core::Batch::new";
    of.refuses(
        batch,
        "a label beyond the classes",
        Batch::new(&[0, 3], &[0.5, 0.5, 0.5, 0.5], 2, 0),
        &["row 1 is 3", "from 0 to 1"],
    );
    of.refuses(batch, "NaN", Batch::new(&[0, 1], &[0.5, 0.5, NAN, 0.5], 2, 0), &["row 1, column 0", "NaN"]);
    of.refuses(batch, "a row too few", Batch::new(&[0, 1], &[0.5, 0.5], 2, 0), &["2 labels", "1 rows"]);
    let ids = "cleanlab-core::Batch::with_row_ids";
    of.refuses(
        ids,
        "NaN",
        Batch::with_row_ids(&[0, 1], &[0.5, NAN, 0.5, 0.5], 2, &[7, 9]),
        &["row 0, column 1", "NaN"],
    );
    let checked = "cleanlab-core::Batch::of_checked_probs";
    of.refuses(
        checked,
        "a label beyond the classes",
        Batch::of_checked_probs(&[0, 5], &[0.5; 4], 2, 0),
        &["row 1 is 5", "from 0 to 1"],
    );
}

fn draws(of: &mut Answers) {
    let name = |function: &str| format!("cleanlab-core::RandomState::{function}");
    let random = || RandomState::new(0);
    of.refuses(&name("from_seed_words"), "no number", RandomState::from_seed_words(&[]), &["at least one"]);
    let position = StreamPosition { words: vec![1; 3], next: 0, spare_normal: None };
    of.refuses(&name("at"), "too few words", RandomState::at(&position), &["624 words", "found 3"]);
    of.refuses(
        &name("randint"),
        "bounds that are equal",
        random().randint(4, 4),
        &["from 4 to below 4", "low must be below high"],
    );
    of.refuses(&name("uniform"), "a bound that is NaN", random().uniform(0.0, NAN), &["NaN", "finite"]);
    of.refuses(
        &name("uniform"),
        "bounds in the wrong order",
        random().uniform(1.0, 0.0),
        &["[1, 0)", "low must not be above high"],
    );
    of.refuses(
        &name("choice_with_replacement"),
        "nothing to choose from",
        random().choice_with_replacement(0, 3),
        &["3", "empty population"],
    );
    of.refuses(
        &name("choice_without_replacement"),
        "more than there are",
        random().choice_without_replacement(2, 3),
        &["3 from 2"],
    );
    let weighted = name("weighted_choice_with_replacement");
    of.refuses(
        &weighted,
        "a weight that is NaN",
        random().weighted_choice_with_replacement(&[0.5, NAN], 1),
        &["probability 1 is NaN", "finite"],
    );
    of.refuses(
        &weighted,
        "weights that do not sum to 1",
        random().weighted_choice_with_replacement(&[0.5, 0.25], 1),
        &["sum to 0.75", "off 1"],
    );
    let without = name("weighted_choice_without_replacement");
    of.refuses(
        &without,
        "too few weights above 0",
        random().weighted_choice_without_replacement(&[1.0, 0.0], 2),
        &["only 1"],
    );
    of.refuses(
        &name("standard_gamma"),
        "a negative shape",
        random().standard_gamma(-1.0),
        &["shape is -1", "at least 0"],
    );
    of.refuses(
        &name("dirichlet"),
        "a parameter of 0",
        random().dirichlet(&[1.0, 0.0]),
        &["parameter 1 is 0", "above 0"],
    );
    of.refuses(
        &name("normal"),
        "a negative deviation",
        random().normal(0.0, -1.0),
        &["standard deviation is -1", "at least 0"],
    );
    of.refuses(
        &name("normal"),
        "a mean that is NaN",
        random().normal(NAN, 1.0),
        &["mean 0 is NaN", "finite"],
    );
    let normal = name("multivariate_normal");
    let mean = array![0.0, 0.0];
    let mut covariance = |covariance: Array2<f64>, input: &str, says: &[&str]| {
        of.refuses(&normal, input, random().multivariate_normal(mean.view(), covariance.view(), 1), says);
    };
    covariance(array![[1.0]], "a covariance of another shape", &["(1, 1)", "length 2"]);
    covariance(array![[1.0, NAN], [NAN, 1.0]], "a covariance with NaN", &["row 0, column 1", "NaN"]);
    covariance(
        array![[1.0, 0.5], [0.25, 1.0]],
        "a covariance that is not symmetric",
        &["row 0, column 1 is 0.5", "0.25"],
    );
    covariance(
        array![[1.0, 2.0], [2.0, 1.0]],
        "a covariance that is not positive",
        &["not positive semidefinite"],
    );
}

fn numbers(of: &mut Answers) {
    of.refuses(
        "cleanlab-core::invert",
        "a singular matrix",
        invert(array![[1.0, 2.0], [2.0, 4.0]].view()),
        &["no inverse", "column 1"],
    );
    of.gives(
        "cleanlab-core::round_half_even",
        "a half",
        [round_half_even(2.5), round_half_even(-0.5)],
        &[2.0, 0.0],
    );
    let rounded = round_preserving_sum(&[0.5, 0.5, 1e18]).into_iter().map(|value| value as f64);
    of.gives(
        "cleanlab-core::round_preserving_sum",
        "halves beside a large number",
        rounded,
        &[0.0, 0.0, 1e18],
    );
    of.gives("cleanlab-core::pairwise_sum", "no value", [pairwise_sum(&[])], &[0.0]);
    let clipped = clip_values(array![-1.0, 0.5, 2.0].view(), 0.0, 1.0, 1.0);
    of.gives(
        "cleanlab-core::clip_values",
        "values outside the bounds",
        clipped,
        &[0.0, 1.0 / 3.0, 2.0 / 3.0],
    );
    let clipped = clip_noise_rates(array![[1.5, 0.0], [-0.5, 1.0]].view());
    of.gives("cleanlab-core::clip_noise_rates", "rates outside [0, 1]", clipped, &[1.0, 0.0, 0.0, 1.0]);
}
