"""Health of labels: cleanlab's tables, and what it prints."""

import cleanlab.count
import cleanlab.dataset
import numpy as np
import pytest
from class_label_data import assert_same_call, examples
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanlab_rs import dataset

FUNCTIONS = [
    "rank_classes_by_label_quality",
    "find_overlapping_classes",
    "overall_label_health_score",
    "health_summary",
]


@settings(deadline=None, max_examples=25)
@given(examples(), st.sampled_from(FUNCTIONS), st.sampled_from(["data", "joint", "confident_joint"]), st.data())
def test_any_source_gives_cleanlabs_tables_and_text(data, name, source, draw):
    labels, pred_probs = data
    confident_joint = cleanlab.count.compute_confident_joint(labels, pred_probs)
    arguments = {
        "data": {"labels": labels, "pred_probs": pred_probs},
        "joint": {"joint": cleanlab.count.estimate_joint(labels, pred_probs), "num_examples": len(labels)},
        "confident_joint": {"confident_joint": confident_joint, "num_examples": len(labels)},
    }[source]
    if name == "health_summary" and source == "joint":
        # cleanlab's summary asks for the joint a second time, of labels that are not there.
        arguments["confident_joint"] = confident_joint
    if name != "overall_label_health_score" and draw.draw(st.booleans(), "names are given"):
        arguments["class_names"] = [f"class {index}" for index in range(pred_probs.shape[1])]
    if name in ("find_overlapping_classes", "health_summary"):
        arguments["asymmetric"] = draw.draw(st.booleans(), "asymmetric")
    assert_same_call(getattr(dataset, name), getattr(cleanlab.dataset, name), **arguments)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sets_of_classes_are_sent_elsewhere(name):
    with pytest.raises(ValueError, match="multilabel_classification"):
        getattr(dataset, name)([[0], [1]], np.full((2, 2), 0.5), multi_label=True)


def test_number_of_examples_must_be_known():
    with pytest.raises(ValueError, match="number of examples"):
        dataset.rank_classes_by_label_quality(joint=np.eye(2) / 2)
