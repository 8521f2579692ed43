//! Arrays as NumPy writes them: the kind of number and the order in memory change nothing.

use crate::support::{Run, cleanlab, fixture};

fn label_issues(labels: &str, pred_probs: &str) -> Run {
    let arguments = ["labels", "--labels", labels, "--pred-probs", pred_probs, "--format", "csv"];
    Run::of(cleanlab().args(arguments).current_dir(fixture(""))).ran()
}

#[test]
fn labels_of_every_kind_of_number_give_the_same() {
    let expected = label_issues("labels_int64.npy", "probs_float64_c.npy");
    assert!(expected.stdout.contains("\n3,true,0.0625,0,1\n"), "{}", expected.stdout);
    for kind in ["int8", "uint8", "uint16", "float64", "big_endian_i4"] {
        assert_eq!(label_issues(&format!("labels_{kind}.npy"), "probs_float64_c.npy"), expected, "{kind}");
    }
}

#[test]
fn labels_of_booleans_are_classes_false_and_true() {
    let run = label_issues("labels_bool.npy", "probs_float64_c.npy");
    assert!(run.stdout.contains("\n3,true,0.0625,False,True\n"), "{}", run.stdout);
}

#[test]
fn probabilities_of_every_kind_and_order_give_the_same() {
    let expected = label_issues("labels_int64.npy", "probs_float64_c.npy");
    for kind in ["float16", "float32", "float64"] {
        for order in ["c", "fortran"] {
            let given = label_issues("labels_int64.npy", &format!("probs_{kind}_{order}.npy"));
            assert_eq!(given, expected, "{kind}, {order}");
        }
    }
}

#[test]
fn certain_predictions_as_numbers_and_booleans_give_the_same() {
    let expected = label_issues("labels_int64.npy", "probs_certain_float64.npy");
    for kind in ["bool", "int32"] {
        assert_eq!(label_issues("labels_int64.npy", &format!("probs_{kind}.npy")), expected, "{kind}");
    }
}

#[test]
fn arrays_of_an_archive_give_the_same() {
    let expected = label_issues("labels_int64.npy", "probs_float64_c.npy");
    for archive in ["both.npz", "both_compressed.npz"] {
        assert_eq!(label_issues(archive, archive), expected, "{archive}");
    }
}
