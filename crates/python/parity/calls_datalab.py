"""Whole audits, their results and reports, and custom checks."""

import numpy as np

from cases import Case, calls
from random_data import chance, class_sets, numeric_labels, one_of, pick, rows

LAB, FACTORY = "datalab.datalab.Datalab", "datalab.internal.issue_manager_factory"

# Forms of the same table: a line that makes `data` of `labels`, an array or a list, and `other`, a column of numbers.
FORMS = [
    'data = {"y": labels, "other": other}',
    'data = {"y": labels, "other": other.tolist()}',
    'import pandas as pd\ndata = pd.DataFrame({"y": labels, "other": other})',
    'import pandas as pd\ndata = pd.DataFrame({"y": labels, "other": other}, index=np.arange(len(other))[::-1] + 50)',
    'data = [{"y": label, "other": number} for label, number in zip(labels, other.tolist())]',
    'from datasets import Dataset\ndata = Dataset.from_dict({"y": labels, "other": other})',
]
LABELS = [
    "labels = labels",
    "labels = labels.tolist()",
    'labels = [f"class {label}" for label in labels]',
    "labels = labels * 3 + 1",
    'labels = np.array([f"{label}" for label in labels])',
]
INFO = "{name: {key: value for key, value in lab.get_info(name).items() if key not in OBJECTS} for name in names}"
OBJECTS = 'OBJECTS = "ood", "knn", "metric", "find_issues_inputs", "weighted_knn_graph"\n'


def features(rng, n, d):
    """Rows of which no two are at the same distance from a third, some of them near duplicates."""
    x = 2 * rng.standard_normal((4, d))[rng.integers(0, 4, n)] + rng.standard_normal((n, d))
    if chance(rng, 0.4):
        near = rng.integers(0, n, 3)
        x[near] = x[(near + 1) % n] + 1e-4 * rng.standard_normal((3, d))
    return x


def results(rng, names=None):
    """What is asked of a lab after it looked."""
    asked = [
        "lab.get_issues()",
        "lab.get_issue_summary()",
        "{name: lab.get_issues(name) for name in names}",
        INFO,
        "lab.issues.dtypes.astype(str).to_dict()",
    ]
    parts = [part for part in asked if chance(rng, 0.6)] or asked[:2]
    return f'{OBJECTS}names = lab.get_issue_summary()["issue_type"].tolist()\nresult = {", ".join(parts)},'


def report(rng):
    if chance(rng, 0.6):
        return ""
    options = one_of(
        rng,
        {
            "num_examples": lambda: int(rng.integers(1, 8)),
            "verbosity": lambda: int(rng.integers(0, 5)),
            "include_description": lambda: chance(rng, 0.5),
            "show_summary_score": lambda: chance(rng, 0.5),
            "show_all_issues": lambda: chance(rng, 0.5),
        },
    )
    return f"lab.report({', '.join(f'{name}={value!r}' for name, value in options.items())})\n"


def probabilities_of(rng, labels, k):
    p = rng.dirichlet(np.full(k, 0.7), len(labels))
    p[np.arange(len(labels)), labels] += rng.random(len(labels)) * 2
    return p / p.sum(axis=1, keepdims=True)


def chosen_types(rng, types, most=3):
    """`issue_types` with some of the checks, each with some of its options."""
    names = [name for name in types if chance(rng, 0.5)][:most] or [pick(rng, list(types))]
    return {name: one_of(rng, types[name]) for name in names}


def types_for(rng):
    return {
        "label": {},
        "outlier": {"k": lambda: int(rng.integers(2, 9)), "threshold": lambda: 0.3},
        "near_duplicate": {"k": lambda: int(rng.integers(2, 9)), "threshold": lambda: 0.3},
        "non_iid": {"num_permutations": lambda: 20, "seed": lambda: int(rng.integers(0, 5))},
        "class_imbalance": {"threshold": lambda: 0.5},
        "null": {},
        "data_valuation": {"k": lambda: int(rng.integers(2, 9)), "threshold": lambda: 0.45},
    }


@calls(LAB, weight=6)
def audit_of_classes(rng):
    n, k = rows(rng, 120) + 25, pick(rng, [2, 3, 4])
    labels = np.concatenate([np.tile(np.arange(k), 6), rng.integers(0, k, n)])
    n = len(labels)
    x = features(rng, n, pick(rng, [2, 3, 5])) + labels[:, None]
    if chance(rng, 0.15):
        x[rng.integers(0, n)] = np.nan
        x[rng.random(x.shape) < 0.05] = np.nan
    inputs = {"labels": labels, "other": rng.standard_normal(n)}
    given = [pick(rng, ["features", "pred_probs", "both", "both", "knn_graph"])]
    given = {"both": ["features", "pred_probs"], "knn_graph": ["knn_graph"]}.get(given[0], given)
    prepare = ""
    if "features" in given or "knn_graph" in given:
        inputs["features"] = x
    if "pred_probs" in given:
        inputs["pred_probs"] = probabilities_of(rng, labels, k)
    if "knn_graph" in given:
        inputs["features"] = np.nan_to_num(x)
        prepare = ("from sklearn.neighbors import NearestNeighbors\nknn_graph = NearestNeighbors(n_neighbors="
                   f"{int(rng.integers(10, 12))}, metric='euclidean').fit(features).kneighbors_graph(mode='distance')\n")
    arguments = ", ".join(f"{name}={name}" for name in given)
    types = f", issue_types={chosen_types(rng, types_for(rng))!r}" if chance(rng, 0.5) else ""
    again = "lab.find_issues(issue_types={'class_imbalance': {}})\n" if chance(rng, 0.2) else ""
    label_form = pick(rng, LABELS)
    code = f"""from cleanlab import Datalab
{label_form}
{pick(rng, FORMS)}
{prepare}lab = Datalab(data, label_name="y"{pick(rng, ["", ", verbosity=0", ', task="classification"'])})
lab.find_issues({arguments}{types})
{again}{report(rng)}{results(rng)}
result += (lab.class_names, lab.labels, lab.has_labels, lab.list_possible_issue_types(), lab.list_default_issue_types())"""
    return Case(LAB, code, inputs, tolerance=1e-9, notes=" and ".join(given))


@calls(LAB, weight=2)
def audit_of_numbers(rng):
    x, y = numeric_labels(rng, n=int(rng.integers(40, 100)))
    inputs = {"labels": y, "features": x, "other": rng.standard_normal(len(y))}
    if chance(rng, 0.5):
        inputs["predictions"] = y + 0.1 * rng.standard_normal(len(y))
        arguments, types = "features=features, pred_probs=predictions", ""
    else:
        arguments = "features=features"
        types = ", issue_types={'label': {'clean_learning_kwargs': {'seed': 4, 'cv_n_folds': 2, 'n_boot': 2}}}"
    if chance(rng, 0.4):
        types = ", issue_types={'outlier': {}, 'near_duplicate': {}}"
    code = f"""from cleanlab import Datalab
{pick(rng, FORMS)}
lab = Datalab(data, label_name="y", task="regression")
lab.find_issues({arguments}{types})
{report(rng)}{results(rng)}"""
    return Case(LAB, code, inputs, tolerance=1e-6, notes="numbers")


@calls(LAB)
def audit_of_sets(rng):
    labels, onehot, p = class_sets(rng, n=int(rng.integers(30, 90)), plain=True)
    x = features(rng, len(labels), 3) + onehot[:, :1]
    given = pick(rng, ["pred_probs=pred_probs", "features=features", "pred_probs=pred_probs, features=features"])
    code = f"""from cleanlab import Datalab
data = {{"y": labels, "other": np.arange(len(labels))}}
lab = Datalab(data, label_name="y", task="multilabel")
lab.find_issues({given})
{report(rng)}{results(rng)}"""
    return Case(LAB, code, {"labels": labels, "pred_probs": p, "features": x}, tolerance=1e-9, notes="sets")


@calls(LAB)
def audit_without_labels(rng):
    x = features(rng, int(rng.integers(20, 90)), 3)
    code = f"""from cleanlab import Datalab
lab = Datalab({{"number": features[:, 0], "text": [str(at) for at in range(len(features))]}})
lab.find_issues(features=features)
{report(rng)}{results(rng)}
result += lab.has_labels, lab.labels, lab.list_default_issue_types()"""
    return Case(LAB, code, {"features": x}, tolerance=1e-9, notes="no labels")


@calls(LAB)
def saved_and_loaded(rng):
    x = features(rng, 40, 3)
    labels = np.tile(np.arange(2), 20)
    code = f"""import os, tempfile
from cleanlab import Datalab
data = {{"y": labels, "other": features[:, 0]}}
lab = Datalab(data, label_name="y")
lab.find_issues(features=features, issue_types={{"outlier": {{}}, "class_imbalance": {{}}}})
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "lab")
    lab.save(path, force={chance(rng, 0.5)})
    try:
        lab.save(path)
    except Exception as error:
        again = type(error).__name__
    loaded = Datalab.load(path{pick(rng, ["", ", data=data"])})
    files = sorted(os.listdir(path))
result = loaded.get_issues(), loaded.get_issue_summary(), loaded.class_names, files, again"""
    return Case(LAB, code, {"features": x, "labels": labels}, tolerance=1e-9, notes="saved", prints=False)


@calls(f"{FACTORY}.register", f"{FACTORY}.list_possible_issue_types", f"{FACTORY}.list_default_issue_types",
       "datalab.internal.issue_manager.IssueManager")
def custom_check(rng):
    x = features(rng, int(rng.integers(20, 60)), 3)
    task = pick(rng, ["classification", "regression"])
    code = f"""import pandas as pd
from cleanlab import Datalab
from cleanlab.datalab.internal.issue_manager import IssueManager
from cleanlab.datalab.internal import issue_manager_factory as factory
from cleanlab.datalab.internal.issue_manager_factory import REGISTRY, register
from cleanlab.datalab.internal.task import Task

class LargeFirstFeature(IssueManager):
    "Looks at the first feature."
    description = "Rows whose first feature is large."
    issue_name = "large"
    verbosity_levels = {{0: ["limit"], 1: [], 2: ["mean"]}}

    def find_issues(self, features, limit=1.0, **kwargs):
        scores = 1 / (1 + np.exp(features[:, 0]))
        self.issues = pd.DataFrame({{f"is_{{self.issue_name}}_issue": features[:, 0] > limit, self.issue_score_key: scores}})
        self.summary = self.make_summary(score=scores.mean())
        self.info = self.collect_info(limit)

    def collect_info(self, limit):
        return {{"limit": limit, "mean": 0.5}}

register(LargeFirstFeature, task={task!r})
try:
    lab = Datalab({{"y": labels}}, label_name="y", task={task!r})
    lab.find_issues(issue_types={{"large": {{"features": features, "limit": {round(float(rng.random()), 2)}}}}})
    lab.report({pick(rng, ["", "verbosity=2", "num_examples=3"])})
    result = (lab.get_issues(), lab.get_issue_summary(), lab.get_info("large"), lab.list_possible_issue_types(),
              factory.list_default_issue_types(Task.from_str({task!r})), LargeFirstFeature.issue_score_key)
finally:
    REGISTRY[Task.from_str({task!r})].pop("large", None)"""
    labels = np.tile(np.arange(2), len(x))[: len(x)]
    return Case(pick(rng, custom_check.names), code, {"features": x, "labels": labels}, tolerance=1e-9)


MANAGERS = {
    "OutlierIssueManager": "features=features",
    "NearDuplicateIssueManager": "features=features",
    "NonIIDIssueManager": "features=features",
    "ClassImbalanceIssueManager": "",
    "NullIssueManager": "features=features",
    "DataValuationIssueManager": "features=features",
    "LabelIssueManager": "pred_probs=pred_probs",
    "UnderperformingGroupIssueManager": "features=features, pred_probs=pred_probs, cluster_ids=labels // 2 + (labels == 0)",
    "IdentifierColumnIssueManager": "features=np.arange(len(labels))[:, None]",
}


@calls(*(f"datalab.internal.issue_manager.{name}" for name in MANAGERS), weight=3)
def managers(rng):
    """A check by itself, as whoever writes one of their own looks at it."""
    path = pick(rng, managers.names)
    name = path.rpartition(".")[2]
    n = int(rng.integers(30, 90))
    labels = np.tile(np.arange(3), n)[:n]
    inputs = {"labels": labels, "features": features(rng, n, 3), "pred_probs": probabilities_of(rng, labels, 3)}
    code = f"""from cleanlab import Datalab
from cleanlab.datalab.internal.issue_manager import {name} as Manager
lab = Datalab({{"y": labels}}, label_name="y", verbosity=0)
manager = Manager(lab)
manager.find_issues({MANAGERS[name]})
result = (manager.issues, manager.summary, sorted(manager.info), Manager.issue_name, Manager.issue_score_key,
          Manager.verbosity_levels, Manager.report(issues=manager.issues, summary=manager.summary, info=manager.info, num_examples=3))"""
    used = [name for name in inputs if name == "labels" or name in MANAGERS[name_of(code)]]
    return Case(path, code, {name: inputs[name] for name in used}, tolerance=1e-9)


def name_of(code):
    return next(name for name in MANAGERS if f"import {name} as" in code)


@calls("datalab.internal.data.Data", "datalab.internal.data_issues.get_data_statistics", "datalab.internal.task.Task")
def parts_of_a_lab(rng):
    labels = np.tile(np.arange(3), 8)
    path = pick(rng, parts_of_a_lab.names)
    code = {
        "Data": """from cleanlab.datalab.internal.data import Data
from cleanlab.datalab.internal.task import Task
data = Data({"y": labels.tolist(), "z": labels * 0.5}, Task.CLASSIFICATION, "y")
result = len(data), data.class_names, data.has_labels, data.labels.labels, data.labels.label_map, data.labels.label_name""",
        "get_data_statistics": """from cleanlab.datalab.internal.data import Data
from cleanlab.datalab.internal.data_issues import get_data_statistics
from cleanlab.datalab.internal.task import Task
result = get_data_statistics(Data({"y": labels}, Task.CLASSIFICATION, "y"))""",
        "Task": """from cleanlab.datalab.internal.task import Task
result = [(task.name, task.value, task.is_classification, task.is_regression, task.is_multilabel) for task in Task], Task.from_str("regression")""",
    }[path.rpartition(".")[2]]
    return Case(path, code, {"labels": labels})
