"""Calls on data where every row has a set of classes."""

import numpy as np

from cases import Case, call, calls
from random_data import FILTER_BY, PRUNING, SCORES, chance, class_names, class_sets, one_of, pick

FILTER, RANK, DATASET = (f"multilabel_classification.{part}" for part in ("filter", "rank", "dataset"))
SCORER, SETS = "internal.multilabel_scorer", "internal.multilabel_utils"


def joint_of(rng, k):
    return rng.integers(1, 40, (k, 2, 2))


def filter_options(rng, labels, p):
    filter_by = pick(rng, FILTER_BY)
    options = {"filter_by": filter_by} | one_of(
        rng,
        {
            "frac_noise": lambda: round(float(rng.random()), 2),
            "min_examples_per_class": lambda: int(rng.integers(0, 4)),
            "n_jobs": lambda: 1,
        },
    )
    if filter_by in PRUNING and chance(rng, 0.2):
        options["confident_joint"] = joint_of(rng, p.shape[1])
    if filter_by in PRUNING and chance(rng, 0.15):
        counts = [sum(at in row for row in labels) for at in range(p.shape[1])]
        options["num_to_remove_per_class"] = [int(rng.integers(0, count + 1)) for count in counts]
    return options


def ranking_options(rng):
    method = pick(rng, SCORES)
    return {
        "return_indices_ranked_by": method,
        "rank_by_kwargs": {"adjust_pred_probs": method != "confidence_weighted_entropy" and chance(rng, 0.3)},
    }


def same_rows(case, theirs, ours):
    """Judges a ranking by aggregated scores: the last bit of one decides between rows that are equal but for it."""
    from cleanlab.multilabel_classification.rank import get_label_quality_scores

    theirs, ours = np.asarray(theirs), np.asarray(ours)
    if theirs.dtype != ours.dtype or not np.array_equal(np.sort(theirs), np.sort(ours)):
        return False
    method = next((name for name in SCORES if f"return_indices_ranked_by='{name}'" in case.code), None)
    if method is None:
        return False
    adjust = "'adjust_pred_probs': True" in case.code
    scores = get_label_quality_scores(case.inputs["labels"], case.inputs["pred_probs"], method=method, adjust_pred_probs=adjust)
    return bool(np.all(np.abs(scores[theirs] - scores[ours]) <= 1e-12))


@calls(f"{FILTER}.find_label_issues", weight=3)
def find_label_issues(rng):
    labels, _, p = class_sets(rng)
    options = filter_options(rng, labels, p)
    # The two `low_*` methods are not ranked by their own scores in cleanlab (docs/PARITY.md).
    if chance(rng, 0.4) and not options["filter_by"].startswith("low_"):
        options |= ranking_options(rng)
    return call(f"{FILTER}.find_label_issues", {"labels": labels, "pred_probs": p}, options, ranking=same_rows)


@calls(f"{FILTER}.find_multilabel_issues_per_class", weight=2)
def find_multilabel_issues_per_class(rng):
    labels, _, p = class_sets(rng)
    options = filter_options(rng, labels, p)
    if chance(rng, 0.4):
        options |= {"return_indices_ranked_by": pick(rng, SCORES[:2])}
    return call(f"{FILTER}.find_multilabel_issues_per_class", {"labels": labels, "pred_probs": p}, options)


@calls(f"{RANK}.get_label_quality_scores", "multilabel_classification.get_label_quality_scores", weight=2)
def get_label_quality_scores(rng):
    labels, _, p = class_sets(rng)
    method = pick(rng, SCORES)
    options = {"method": method} | one_of(
        rng,
        {
            "adjust_pred_probs": lambda: method != "confidence_weighted_entropy" and chance(rng, 0.5),
            "aggregator_kwargs": lambda: pick(
                rng,
                [
                    {"method": "exponential_moving_average", "alpha": 0.3},
                    {"method": "softmin", "temperature": 0.1},
                    {"method": "softmin", "temperature": 5},
                ],
            ),
        },
    )
    return call(pick(rng, get_label_quality_scores.names), {"labels": labels, "pred_probs": p}, options)


@calls(f"{RANK}.get_label_quality_scores_per_class")
def get_label_quality_scores_per_class(rng):
    labels, _, p = class_sets(rng)
    method = pick(rng, SCORES)
    options = {"method": method}
    if chance(rng, 0.5):
        options["adjust_pred_probs"] = method != "confidence_weighted_entropy" and chance(rng, 0.5)
    return call(f"{RANK}.get_label_quality_scores_per_class", {"labels": labels, "pred_probs": p}, options)


@calls(*(f"{DATASET}.{name}" for name in (
    "common_multilabel_issues", "rank_classes_by_multilabel_quality", "overall_multilabel_health_score",
    "multilabel_health_summary")), weight=3)
def health(rng):
    labels, _, p = class_sets(rng, plain=True)
    path = pick(rng, health.names)
    options = {}
    if not path.endswith("health_score"):
        options["class_names"] = class_names(rng, p.shape[1])
    if path.endswith("health_summary") and chance(rng, 0.5):
        options["verbose"] = chance(rng, 0.5)
    if chance(rng, 0.3):
        options["confident_joint"] = joint_of(rng, p.shape[1])
    return call(path, {"*labels": labels, "*pred_probs": p}, options)


# The documented internals.


@calls(*(f"{SETS}.{name}" for name in ("stack_complement", "get_onehot_num_classes", "int2onehot", "onehot2int")))
def sets_of_classes(rng):
    labels, onehot, p = class_sets(rng)
    path = pick(rng, sets_of_classes.names)
    if path.endswith("stack_complement"):
        return call(path, {"pred_prob_slice": p[:, 0].copy()})
    if path.endswith("onehot2int"):
        return call(path, {"onehot_matrix": onehot})
    if path.endswith("int2onehot"):
        return call(path, {"labels": labels}, {"K": p.shape[1] + int(rng.integers(0, 3))})
    return call(path, {"labels": labels} | ({"pred_probs": p} if chance(rng, 0.5) else {}))


@calls(*(f"{SCORER}.{name}" for name in (
    "exponential_moving_average", "softmin", "multilabel_py", "get_label_quality_scores")))
def scorer_functions(rng):
    _, onehot, p = class_sets(rng)
    path = pick(rng, scorer_functions.names)
    if path.endswith("multilabel_py"):
        return call(path, {"y": onehot})
    if path.endswith("get_label_quality_scores"):
        return call(path, {"labels": onehot, "pred_probs": p}, one_of(rng, {"alpha": lambda: 0.4}))
    if path.endswith("softmin"):
        return call(path, {"s": p}, one_of(rng, {"temperature": lambda: pick(rng, [0.01, 0.5, 3.0])}))
    return call(path, {"s": p}, one_of(rng, {"alpha": lambda: round(float(rng.random()), 2)}))


@calls(f"{SCORER}.ClassLabelScorer", f"{SCORER}.Aggregator", f"{SCORER}.MultilabelScorer")
def scorer_classes(rng):
    _, onehot, p = class_sets(rng)
    method = pick(rng, SCORES)
    adjust = method != "confidence_weighted_entropy" and chance(rng, 0.4)
    way = pick(rng, ["'exponential_moving_average'", "'softmin'", "np.min", "np.mean"])
    more = {"'exponential_moving_average'": ", alpha=0.4", "'softmin'": ", temperature=0.2"}.get(way, "")
    code = f"""from cleanlab.internal.multilabel_scorer import Aggregator, ClassLabelScorer, MultilabelScorer
base = ClassLabelScorer.from_str({method!r})
aggregator = Aggregator({way}{more})
scorer = MultilabelScorer(base_scorer=base, aggregator={pick(rng, ["aggregator", way if not more else "aggregator"])})
per_class = scorer.get_class_label_quality_scores(labels, pred_probs, {{"adjust_pred_probs": {adjust}}})
result = (base.name, per_class, scorer(labels, pred_probs, base_scorer_kwargs={{"adjust_pred_probs": {adjust}}}),
          aggregator(per_class), scorer.aggregate(per_class), [scorer.name for scorer in ClassLabelScorer])"""
    return Case(f"{SCORER}.{pick(rng, ['ClassLabelScorer', 'Aggregator', 'MultilabelScorer'])}", code,
                {"labels": onehot, "pred_probs": p})


@calls(f"{SCORER}.get_cross_validated_multilabel_pred_probs")
def get_cross_validated_multilabel_pred_probs(rng):
    _, onehot, _ = class_sets(rng, n=60, plain=True)
    x = rng.standard_normal((60, 3)) + onehot[:, :1]
    code = """from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.multiclass import OneVsRestClassifier
from cleanlab.internal.multilabel_scorer import get_cross_validated_multilabel_pred_probs
result = get_cross_validated_multilabel_pred_probs(
    features, labels, clf=OneVsRestClassifier(LogisticRegression()), cv=KFold(3, shuffle=True, random_state=0))"""
    return Case(f"{SCORER}.get_cross_validated_multilabel_pred_probs", code, {"features": x, "labels": onehot})
