"""Records what cleanlab says about the data set of examples/workflows, and predictions that the example takes.

Usage: python record_workflows.py [FOLDER]     (needs cleanlab 2.9.0 and scikit-learn 1.9; default FOLDER: examples)

250 points of four normal distributions in the plane, 100, 50, 50 and 50 of them, and as many for testing; one label in
five is then made wrong at known rates. Two files are written:

* `data/workflows.csv`: for each point its true label, its given one, and out-of-sample predictions of scikit-learn's
  random forest and gradient boosting, three folds each. The example draws points and labels anew from NumPy's legacy
  stream, and takes only the predictions from this file; the labels are for its test.
* `tests/expected/workflows.txt`: what the example is to print, word by word, with the numbers of cleanlab.

NumPy's sorts are made stable (by `reference_cases`). It matters here: calibration gives row 2 of the confident joint as
14.625, 3.375, 31.5 and 13.5, to be rounded to a sum of 63, and the sort decides which of the two halves is rounded down.
"""

import pathlib
import sys
import warnings

import reference_cases  # noqa: F401  (makes sorts stable, so it comes before cleanlab)

import cleanlab
import numpy as np
from cleanlab import count, dataset, filter, rank
from cleanlab.benchmarking.noise_generation import generate_noise_matrix_from_trace, generate_noisy_labels
from cleanlab.classification import CleanLearning
from cleanlab.internal.util import print_inverse_noise_matrix, print_joint_matrix, print_noise_matrix
from datalab_tables import Audit
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score
from sklearn.model_selection import cross_val_predict

MEANS = [[3, 2], [7, 7], [0, 8], [0, 10]]
COVARIANCES = [[[5, -1.5], [-1.5, 1]], [[1, 0.5], [0.5, 4]], [[5, 1], [1, 5]], [[3, 1], [1, 1]]]
SIZES = [100, 50, 50, 50]
NAMES = ["purple", "blue", "seafoam green", "yellow"]


class Points:
    def __init__(self):
        np.random.seed(0)
        train, test = [], []
        for mean, covariance, size in zip(MEANS, COVARIANCES, SIZES):
            train.append(np.random.multivariate_normal(mean=mean, cov=covariance, size=size))
            test.append(np.random.multivariate_normal(mean=mean, cov=covariance, size=size))
        self.points, self.test_points = np.vstack(train), np.vstack(test)
        self.true = np.repeat(np.arange(4), SIZES)
        py = np.bincount(self.true) / len(self.true)
        self.noise_matrix = generate_noise_matrix_from_trace(
            4, trace=0.8 * 4, py=py, valid_noise_matrix=True, seed=0
        )
        self.given = generate_noisy_labels(self.true, self.noise_matrix)
        self.given_test = generate_noisy_labels(self.true, self.noise_matrix)
        self.wrong = self.given != self.true


def model():
    return LogisticRegression(random_state=0)


def cross_validated(classifier, data):
    return cross_val_predict(classifier, data.points, data.given, cv=3, method="predict_proba")


def listed(rows):
    rows = [str(int(row)) for row in rows]
    return "\n".join(" ".join(rows[i : i + 15]) for i in range(0, len(rows), 15))


def share(right):
    return f"{np.mean(right):.0%} ({int(np.sum(right))} of {len(right)})"


def heading(text):
    print(f"\n=== {text} ===\n")


def print_issues(table):
    weighted = "sample_weight" in table
    print("row  issue  label quality  given  predicted" + "  sample weight" * weighted)
    for row, line in table.head().iterrows():
        weight = f"{line.sample_weight:>15.6f}" if weighted else ""
        flag = str(bool(line.is_label_issue)).lower()
        print(f"{row:>3}  {flag:<5}{line.label_quality:>15.6f}{line.given_label:>7}{line.predicted_label:>11}{weight}")


def audit(data, pred_probs):
    heading("Workflow 1: several kinds of issues at once")
    found = Audit(data.points, data.given, pred_probs)
    found.print_summary()
    for name in ("label", "outlier", "near_duplicate", "non_iid"):
        print(f"\n{name}")
        found.print_rows(name, found.worst(name, 6 if name == "near_duplicate" else 5))
    print(f"\np-value of the order of rows: {found.lab.get_info('non_iid')['p-value']:.6f}")


def robust_training(data):
    heading("Workflow 2: training in spite of wrong labels")
    clean = CleanLearning(model(), seed=0)
    clean.fit(data.points, data.given)
    print_issues(clean.get_label_issues())
    plain = model().fit(data.points, data.given).predict(data.test_points)
    print(f"\ntest accuracy of logistic regression:            {share(plain == data.true)}")
    print(f"test accuracy, trained by CleanLearning:         {share(clean.predict(data.test_points) == data.true)}")

    heading("Workflow 3: finding wrong labels in one call")
    issues = CleanLearning(model(), seed=0).find_label_issues(data.points, data.given)
    print_issues(issues)
    print(f"\nthe 20 rows of lowest label quality:\n{listed(np.argsort(issues.label_quality.to_numpy())[:20])}")
    clean.fit(data.points, data.given, label_issues=issues)
    print(f"\ntest accuracy, trained with these issues:        {share(clean.predict(data.test_points) == data.true)}")
    print("\nconfident joint, given × true label:")
    for counts in clean.confident_joint:
        print("".join(f"{entry:>4}" for entry in counts))
    return clean.confident_joint


def class_overlap(data, confident_joint):
    heading("Workflow 4: classes that overlap")
    overlap = dataset.find_overlapping_classes(
        labels=data.given, confident_joint=confident_joint, class_names=NAMES
    )
    print("class A        class B        rows  joint probability")
    for _, pair in overlap.iterrows():
        names = f"{pair['Class Name A']:<15}{pair['Class Name B']:<13}"
        print(f"{names}{pair['Num Overlapping Examples']:>6}{pair['Joint Probability']:>19.3f}")
    merged, merged_test = np.minimum(data.given, 2), np.minimum(data.true, 2)
    plain = model().fit(data.points, data.given).predict(data.test_points)
    plain_merged = model().fit(data.points, merged).predict(data.test_points)
    clean_merged = CleanLearning(model(), seed=0).fit(data.points, merged).predict(data.test_points)
    print(f"\ntest accuracy with 4 classes:                    {share(plain == data.true)}")
    print(f"test accuracy with 3 classes:                    {share(plain_merged == merged_test)}")
    print(f"test accuracy with 3 classes, by CleanLearning:  {share(clean_merged == merged_test)}")


def test_set(data):
    heading("Workflow 5: the test set has wrong labels too")
    fitted = model().fit(data.points, data.given)
    pred_probs = fitted.predict_proba(data.test_points)
    issues = CleanLearning(model(), seed=0).find_label_issues(labels=data.given_test, pred_probs=pred_probs)
    print(f"test labels flagged: {issues.is_label_issue.sum()}; wrong: {np.sum(data.given_test != data.true)}\n")
    clean = CleanLearning(model(), seed=0).fit(data.points, data.given)
    plain, cleaned = pred_probs.argmax(axis=1), clean.predict(data.test_points)
    print(f"accuracy on given test labels:                   {share(plain == data.given_test)}")
    print(f"accuracy on given test labels, by CleanLearning: {share(cleaned == data.given_test)}")
    print(f"accuracy on true test labels:                    {share(plain == data.true)}")
    print(f"accuracy on true test labels, by CleanLearning:  {share(cleaned == data.true)}")


def health(data, confident_joint):
    heading("Workflow 6: one score for a data set")
    score = dataset.overall_label_health_score(data.given, confident_joint=confident_joint, verbose=False)
    n = len(data.given)
    print(f"label health: {score:.2f}")
    print(f"labels with potential issues: {1 - score:.0%} ({round((1 - score) * n)} of {n})")
    print(f"labels that are wrong:        {share(data.wrong)}")
    print(f"difference:                   {(1 - data.wrong.mean()) - score:.0%}")


def noise(data):
    heading("Workflow 7.1: all about the noise, by the module count")
    estimates = count.estimate_py_noise_matrices_and_cv_pred_proba(
        data.points, data.given, clf=model(), seed=0
    )
    py, noise_matrix, inverse_noise_matrix, confident_joint, pred_probs = estimates
    print(f"predicted probabilities: {pred_probs.shape[0]} × {pred_probs.shape[1]}")
    print(f"py: {' '.join(f'{prior:.3f}' for prior in py)}")
    print_joint_matrix(count.estimate_joint(data.given, pred_probs, confident_joint=confident_joint))
    print_noise_matrix(noise_matrix)
    print_inverse_noise_matrix(inverse_noise_matrix)
    clean = CleanLearning(model(), seed=0).fit(data.points, data.given, noise_matrix=data.noise_matrix)
    right = clean.predict(data.test_points) == data.true
    print(f"test accuracy, CleanLearning knowing the noise:  {share(right)}")


def flagged_labels(data, pred_probs):
    heading("Workflow 7.2: flagged labels, by the module filter")
    ranked = filter.find_label_issues(
        labels=data.given,
        pred_probs=pred_probs,
        filter_by="both",
        return_indices_ranked_by="self_confidence",
        rank_by_kwargs={"adjust_pred_probs": True},
    )
    print(f"{len(ranked)} rows flagged by both, worst first:\n{listed(ranked)}\n")
    methods = ["prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "predicted_neq_given"]
    results = []
    for method in methods:
        found = filter.find_label_issues(labels=data.given, pred_probs=pred_probs, filter_by=method)
        scores = [score(data.wrong, found) for score in (precision_score, recall_score, f1_score, accuracy_score)]
        results.append((method, *scores))
    print("filter_by            precision    recall        f1  accuracy")
    for method, *scores in sorted(results, key=lambda result: -result[3]):
        print(f"{method:<20}" + "".join(f"{score:>10.6f}" for score in scores))


def ranked_labels(data, pred_probs):
    heading("Workflow 7.3: ranked labels, by the modules rank and count")
    n_issues = count.num_label_issues(labels=data.given, pred_probs=pred_probs)
    scores = rank.get_label_quality_scores(labels=data.given, pred_probs=pred_probs)
    print(f"the {n_issues} worst rows:\n{listed(np.argsort(scores)[:n_issues])}")


def ensemble(data, members):
    heading("Workflow 8: several models")
    combined = rank.get_label_quality_ensemble_scores(
        labels=data.given, pred_probs_list=list(members.values()), verbose=False
    )
    mean = sum(members.values()) / 3
    of_mean = rank.get_label_quality_scores(labels=data.given, pred_probs=mean)
    print("row  mean of scores  score of mean")
    for row in range(5):
        print(f"{row:>3}{combined[row]:>16.6f}{of_mean[row]:>15.6f}")
    print(f"\nthe 20 worst rows by the mean of the scores:\n{listed(np.argsort(combined)[:20])}")
    print("\nwrong labels among the 50 worst rows:")
    lines = {name: rank.get_label_quality_scores(data.given, probs) for name, probs in members.items()}
    lines |= {"mean of scores": combined, "score of mean": of_mean}
    for name, scores in lines.items():
        print(f"{name:<20}{data.wrong[np.argsort(scores)[:50]].sum():>3}")


def write_predictions(path, data, forest, boosting):
    with path.open("w") as file:
        names = [f"{name}_{k}" for name in ("forest", "boosting") for k in range(4)]
        file.write(",".join(["true_label", "given_label", *names]) + "\n")
        for labels, row in zip(zip(data.true, data.given), np.hstack([forest, boosting])):
            file.write(",".join([*map(str, labels), *(repr(float(p)) for p in row)]) + "\n")


def main():
    warnings.simplefilter("ignore")
    folder = pathlib.Path(__file__).resolve().parents[3] / "examples"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else folder
    assert cleanlab.__version__ == "2.9.0"
    data = Points()
    pred_probs = cross_validated(model(), data)
    forest = cross_validated(RandomForestClassifier(max_depth=5, random_state=0), data)
    boosting = cross_validated(
        GradientBoostingClassifier(n_estimators=100, learning_rate=1.0, max_depth=3, random_state=0), data
    )
    write_predictions(folder / "data/workflows.csv", data, forest, boosting)

    with (folder / "tests/expected/workflows.txt").open("w") as sys.stdout:
        print(f"{len(data.given)} points of {len(NAMES)} classes; wrong labels: {data.wrong.sum()}")
        audit(data, pred_probs)
        confident_joint = robust_training(data)
        class_overlap(data, confident_joint)
        test_set(data)
        health(data, confident_joint)
        noise(data)
        flagged_labels(data, pred_probs)
        ranked_labels(data, pred_probs)
        ensemble(data, {"logistic regression": pred_probs, "random forest": forest, "gradient boosting": boosting})


if __name__ == "__main__":
    main()
