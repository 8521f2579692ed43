"""Records the data set and the predictions that examples/multilabel_quickstart.rs works on, and what it is to print.

Usage: python record_multilabel_quickstart.py [FOLDER]     (needs cleanlab 2.9.0 and scikit-learn 1.9; default FOLDER:
examples)

280 points of three normal distributions in the plane, 100, 80 and 100 of them, belong to the class of their
distribution; those in any of four boxes belong to two or three classes at once. Labels are then made wrong at known
rates. The predictions are those of a random forest per class on five folds, stratified by one class of each row that
Python's own `random` picks. The example draws points and labels anew from NumPy's legacy stream, and takes only the
predictions from `data/multilabel_quickstart.csv`; the labels in it are for its test. What the example is to print, with
the numbers of cleanlab, is `tests/expected/multilabel_quickstart.txt`. NumPy's sorts are made stable (by
`reference_cases`).
"""

import pathlib
import random
import sys

import reference_cases  # noqa: F401  (makes sorts stable, so it comes before cleanlab)

import numpy as np
from cleanlab import Datalab
from cleanlab.benchmarking.noise_generation import generate_noise_matrix_from_trace, generate_noisy_labels
from cleanlab.internal.multilabel_utils import int2onehot, onehot2int
from record_workflows import listed
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.multiclass import OneVsRestClassifier

MEANS = [[-5, 3.5], [0, 2], [-3, 6]]
COVARIANCES = [[[3, -1.5], [-1.5, 1]], [[5, -1.5], [-1.5, 1]], [[3, -1.5], [-1.5, 1]]]
SIZES = [100, 80, 100]
# Left, bottom, right, top of each box, and the classes of the points in it; later boxes win.
BOXES = [
    ([-3.5, 0, -1.5, 1.7], [0, 1]),
    ([-1, 3, 2, 4], [1, 2]),
    ([-5, 2, -3, 4], [0, 2]),
    ([-3, 2, -1, 4], [0, 1, 2]),
]


def draw():
    np.random.seed(1)
    train, labels = [], []
    for label, (mean, covariance, size) in enumerate(zip(MEANS, COVARIANCES, SIZES)):
        train.append(np.random.multivariate_normal(mean=mean, cov=covariance, size=size))
        np.random.multivariate_normal(mean=mean, cov=covariance, size=size)  # points for testing, not used
        labels += [[label]] * size
    points = np.vstack(train)
    for (left, bottom, right, top), classes in BOXES:
        for i, (x, y) in enumerate(points):
            if left <= x <= right and bottom <= y <= top:
                labels[i] = classes
    kinds = []
    for label in labels:
        if label not in kinds:
            kinds.append(label)
    index = np.array([kinds.index(label) for label in labels])
    m = len(MEANS) + len(BOXES)
    noise_matrix = generate_noise_matrix_from_trace(
        m, trace=0.9 * m, py=np.bincount(index) / len(index), valid_noise_matrix=True, seed=1
    )
    return points, labels, [kinds[i] for i in generate_noisy_labels(index, noise_matrix)]


def predict(points, given):
    random.seed(0)
    onehot = int2onehot(given, K=3)
    strata = [random.choice(label) for label in given]
    forest = OneVsRestClassifier(RandomForestClassifier(random_state=0))
    pred_probs = np.zeros((len(given), 3))
    for train, test in StratifiedKFold(n_splits=5, shuffle=True, random_state=0).split(points, strata):
        pred_probs[test] = clone(forest).fit(points[train], onehot[train]).predict_proba(points[test])
    return pred_probs


def short(value):
    """Up to four decimals, as many as there are."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def matrix(values):
    """In the layout of Rust's ndarray."""
    return "[" + ",\n ".join("[" + ", ".join(map(short, row)) + "]" for row in values) + "]"


def print_expected(true, given, pred_probs):
    print(f"given labels of the first 3 rows:\n{given[:3]}")
    print(f"predicted probabilities of the first 3 rows:\n{matrix(pred_probs[:3])}\n")
    lab = Datalab({"labels": given}, label_name="labels", task="multilabel", verbosity=0)
    lab.find_issues(pred_probs=pred_probs, issue_types={"label": {}})
    table = lab.get_issues("label")
    scores = table.label_score.to_numpy()
    issues = table[table.is_label_issue].sort_values("label_score").index.to_numpy()
    print(f"{len(issues)} rows with label issues, worst first:\n{listed(issues)}\n")
    print(f"label quality scores of the first 10 rows:\n{' '.join(map(short, scores[:10]))}\n")
    wrong = [i for i, label in enumerate(given) if label != true[i]]
    found = len(set(wrong) & set(issues))
    print(f"{found} of the {len(wrong)} rows that really are wrong are among the {len(issues)}")
    onehot = int2onehot(given, K=3)
    print(f"\none-hot labels of the first 3 rows:\n{matrix(onehot[:3])}")
    print(f"and back:\n{[[int(label) for label in row] for row in onehot2int(onehot)[:3]]}")


def main():
    default = pathlib.Path(__file__).resolve().parents[3] / "examples"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    points, true, given = draw()
    pred_probs = predict(points, given)
    with (folder / "data/multilabel_quickstart.csv").open("w") as file:
        file.write("true_label,given_label,p0,p1,p2\n")
        for i, row in enumerate(pred_probs):
            labels = [" ".join(map(str, label)) for label in (true[i], given[i])]
            file.write(",".join(labels + [repr(float(p)) for p in row]) + "\n")
    with (folder / "tests/expected/multilabel_quickstart.txt").open("w") as sys.stdout:
        print_expected(true, given, pred_probs)


if __name__ == "__main__":
    main()
