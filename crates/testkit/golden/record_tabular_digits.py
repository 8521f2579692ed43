"""Records what cleanlab says about scikit-learn's digits with labels made wrong: what examples/tabular_digits.rs prints.

Usage: python record_tabular_digits.py [FOLDER]     (needs cleanlab 2.9.0 and scikit-learn 1.9; default FOLDER: examples)

Reads `data/digits.csv`, holds a quarter of the rows out, makes one label in five of the others wrong at known rates, and
writes `tests/expected/tabular_digits.txt`, the example's output up to where it trains trees of its own. NumPy's sorts
are made stable (by `reference_cases`).
"""

import pathlib
import sys
import warnings

import reference_cases  # noqa: F401  (makes sorts stable, so it comes before cleanlab)

import cleanlab
import numpy as np
import pandas as pd
from cleanlab import dataset
from cleanlab.benchmarking.noise_generation import generate_noise_matrix_from_trace, generate_noisy_labels
from cleanlab.classification import CleanLearning
from record_workflows import heading, listed, share
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score
from sklearn.model_selection import train_test_split

N_SHOWN = 24


def model():
    return LogisticRegression(C=0.01)


def main():
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    assert cleanlab.__version__ == "2.9.0"
    folder = pathlib.Path(__file__).resolve().parents[3] / "examples"
    table = pd.read_csv(folder / "data/digits.csv")
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else folder
    digits = table.pop("digit").to_numpy()
    pixels = table.to_numpy(dtype=float)
    spread = pixels.std(axis=0)
    # As the example's table makes features; a pixel that is the same everywhere is 0.
    pixels = (pixels - pixels.mean(axis=0)) / np.where(spread > 0, spread, 1)
    train, test, true, true_test = train_test_split(
        pixels, digits, test_size=0.25, random_state=0, stratify=digits
    )
    py = np.bincount(true) / len(true)
    noise_matrix = generate_noise_matrix_from_trace(10, trace=0.8 * 10, py=py, valid_noise_matrix=True, seed=0)
    given = generate_noisy_labels(true, noise_matrix)
    wrong = given != true

    with (folder / "tests/expected/tabular_digits.txt").open("w") as sys.stdout:
        print(f"{len(digits)} digits of {pixels.shape[1]} pixels; {len(true)} to train on, {len(true_test)} to test with")
        print(f"wrong labels among those to train on: {share(wrong)}")

        heading("Which labels are wrong")
        clean = CleanLearning(model(), seed=0)
        issues = clean.find_label_issues(train, given)
        found = issues.is_label_issue.to_numpy()
        print(f"flagged: {found.sum()}")
        for score in (precision_score, recall_score, f1_score, accuracy_score):
            name = score.__name__.removesuffix("_score")
            print(f"{name:<11}{score(wrong, found):.6f}")
        worst = np.argsort(issues.label_quality.to_numpy())[:N_SHOWN]
        print(f"\nthe {N_SHOWN} rows of lowest label quality:\n{listed(worst)}")
        print(f"wrong among them: {wrong[worst].sum()}")

        heading("How healthy the data set is")
        joint = {"labels": given, "confident_joint": clean.confident_joint}
        print(f"label health: {dataset.overall_label_health_score(**joint, verbose=False):.4f}")
        print(f"labels that are right: {share(~wrong)}\n")
        print("digit  issues  inverse issues  noise rate  quality")
        for _, line in dataset.rank_classes_by_label_quality(**joint).iterrows():
            counts = f"{line['Label Issues']:>8.0f}{line['Inverse Label Issues']:>16.0f}"
            print(f"{line['Class Index']:>5.0f}{counts}{line['Label Noise']:>12.4f}{line['Label Quality Score']:>9.4f}")
        print("\ndigits  rows  joint probability")
        for _, line in dataset.find_overlapping_classes(**joint).head().iterrows():
            pair = f"{line['Class Index A']:.0f}, {line['Class Index B']:.0f}"
            print(f"{pair:<6}{line['Num Overlapping Examples']:>6.0f}{line['Joint Probability']:>19.4f}")

        heading("Training in spite of wrong labels: correct digits of the test set")
        plain = model().fit(train, given).predict(test)
        clean.fit(train, given, label_issues=issues)
        print(f"{'model':<20}  {'as it is':<16}  by CleanLearning")
        print(f"{'logistic regression':<20}  {share(plain == true_test):<16}  {share(clean.predict(test) == true_test)}")


if __name__ == "__main__":
    main()
