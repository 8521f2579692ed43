"""Records the data set and the predictions that examples/multilabel_quickstart.rs works on.

Usage: python record_multilabel_quickstart.py [FILE]     (needs cleanlab 2.9.0 and scikit-learn 1.9; default FILE:
examples/data/multilabel_quickstart.csv)

280 points of three normal distributions in the plane, 100, 80 and 100 of them, belong to the class of their
distribution; those in any of four boxes belong to two or three classes at once. Labels are then made wrong at known
rates. The predictions are those of a random forest per class on five folds, stratified by one class of each row that
Python's own `random` picks. The example draws points and labels anew from NumPy's legacy stream, and takes only the
predictions from this file; the labels in it are for its test.
"""

import pathlib
import random
import sys

import numpy as np
from cleanlab.benchmarking.noise_generation import generate_noise_matrix_from_trace, generate_noisy_labels
from cleanlab.internal.multilabel_utils import int2onehot
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


def main():
    default = pathlib.Path(__file__).resolve().parents[3] / "examples/data/multilabel_quickstart.csv"
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    points, true, given = draw()
    pred_probs = predict(points, given)
    with path.open("w") as file:
        file.write("true_label,given_label,p0,p1,p2\n")
        for i, row in enumerate(pred_probs):
            labels = [" ".join(map(str, label)) for label in (true[i], given[i])]
            file.write(",".join(labels + [repr(float(p)) for p in row]) + "\n")


if __name__ == "__main__":
    main()
