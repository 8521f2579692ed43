"""Records what cleanlab's Datalab says about the data set of examples/datalab_quickstart.rs.

Usage: python record_datalab_quickstart.py [FOLDER]     (needs cleanlab 2.9.0 and scikit-learn 1.9; default FOLDER:
examples)

125 points of a square, five points outside of it, one of them almost twice, and one exact duplicate; three classes by
the sum of the coordinates, labels made wrong at known rates, and three rows given a fourth class. Writes
`tests/expected/datalab_quickstart.txt`, what the example is to print. The example draws everything anew and trains its
own logistic regression. NumPy's sorts are made stable (by `reference_cases`).
"""

import pathlib
import sys
import warnings

import reference_cases  # noqa: F401  (makes sorts stable, so it comes before cleanlab)

import numpy as np
from cleanlab.benchmarking.noise_generation import generate_noise_matrix_from_trace, generate_noisy_labels
from datalab_tables import GROUPS, Audit
from record_workflows import heading, listed
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, train_test_split

SEED = 123
NAMES = np.array(["low", "mid", "high"])
BOUNDS = [3.3, 6.6]
OUTSIDE = [[-1.5, 3.0], [-1.75, 6.5], [1.5, 7.2], [2.5, -2.0], [5.5, 7.0]]


def draw():
    np.random.seed(SEED)
    points = np.random.rand(250, 2) * 5
    points, _ = train_test_split(points, test_size=0.5, random_state=SEED)
    outside = np.array(OUTSIDE)
    outside = np.concatenate([outside, outside[-1:] + np.random.rand(1, 2) * 1e-6])
    points = np.concatenate([points, outside])
    duplicate = np.random.randint(0, len(points))
    points = np.concatenate([points, points[[duplicate]]])
    true = np.searchsorted(BOUNDS, points.sum(axis=1), side="right")
    noise_matrix = generate_noise_matrix_from_trace(
        3, trace=0.9 * 3, py=np.bincount(true) / len(true), valid_noise_matrix=True, seed=SEED
    )
    given = NAMES[generate_noisy_labels(true, noise_matrix)]
    given[np.random.randint(0, len(given), 3)] = "max"
    return points, given, np.flatnonzero((given != NAMES[true]) & (given != "max"))


def print_expected(points, given, wrong):
    pred_probs = cross_val_predict(LogisticRegression(), points, given, cv=5, method="predict_proba")
    audit = Audit(points, given, pred_probs)
    print(f"{len(given)} points of {len(np.unique(given))} classes; labels made wrong: {len(wrong)}")

    heading("What was found")
    audit.print_summary()
    print(f"\ncleanlab 2.9.0 scores {GROUPS} {audit.reported_score:.6f}")
    for name in ("label", "outlier", "near_duplicate", "class_imbalance"):
        line = audit.summary.loc[name]
        heading(f"{name}: {int(line.num_issues)} rows, score {line.score:.4f}")
        audit.print_rows(name, audit.worst(name, 5))
    print(f"\nrarest class: {audit.lab.get_info('class_imbalance')['Rarest Class']}")

    heading("The first rows")
    names = list(audit.summary.index)
    widths = [max(len(name), 8) + 2 for name in names]
    print("row" + "".join(f"{name:>{width}}" for name, width in zip(names, widths)))
    for row in range(5):
        text = ""
        for name, width in zip(names, widths):
            flag = "!" if audit.lab.get_issues(name)[f"is_{name}_issue"][row] else ""
            text += f"{flag}{audit.scores(name)[row]:.6f}".rjust(width)
        print(f"{row:>3}{text}")

    heading("Labels to look at first")
    audit.print_rows("label", audit.flagged("label")[:5])
    print(f"\nall of them:\n{listed(audit.flagged('label'))}")

    heading("Classes, the worst labelled first")
    print("class  number  issues  inverse issues     noise  inverse noise   quality")
    for _, line in audit.lab.get_info("label")["classes_by_label_quality"].iterrows():
        counts = f"{line['Class Index']:>6}{line['Label Issues']:>8}{line['Inverse Label Issues']:>16}"
        shares = f"{line['Label Noise']:>10.6f}{line['Inverse Label Noise']:>15.6f}"
        print(f"{line['Class Name']:<7}{counts}{shares}{line['Label Quality Score']:>10.6f}")

    heading("Near duplicates")
    audit.print_rows("near_duplicate", audit.flagged("near_duplicate"))


def main():
    warnings.simplefilter("ignore")
    default = pathlib.Path(__file__).resolve().parents[3] / "examples"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    points, given, wrong = draw()
    with (folder / "tests/expected/datalab_quickstart.txt").open("w") as sys.stdout:
        print_expected(points, given, wrong)


if __name__ == "__main__":
    main()
