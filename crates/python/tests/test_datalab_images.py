"""Checks of images, which cleanvision makes."""

import numpy as np
import pytest

pytest.importorskip("cleanvision")
datasets = pytest.importorskip("datasets")
Image = pytest.importorskip("PIL.Image")
pytest.importorskip("matplotlib").use("Agg")

from cleanlab_rs import Datalab  # noqa: E402
from cleanlab_rs.datalab.internal.adapter.constants import DEFAULT_CLEANVISION_ISSUES  # noqa: E402
from cleanlab_rs.datalab.internal.spurious_correlation import (  # noqa: E402
    SpuriousCorrelations,
    relative_room_for_improvement,
)


@pytest.fixture(scope="module")
def data():
    """Noise, one black image, one white one; images of the last class are darker than the others."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (40, 24, 24, 3))
    labels = np.arange(40) % 2
    pixels[labels == 1] //= 2
    pixels[0], pixels[1] = 0, 255
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["light", "dark"])})
    images = [Image.fromarray(image.astype(np.uint8)) for image in pixels]
    return datasets.Dataset.from_dict({"image": images, "label": labels}, features=features)


def test_issues_of_images_are_found_beside_others(data, capsys):
    lab = Datalab(data, label_name="label", image_key="image")
    lab.find_issues(features=np.random.default_rng(0).normal(size=(40, 3)))
    assert set(DEFAULT_CLEANVISION_ISSUES) <= set(lab.list_default_issue_types())
    assert {"dark", "light", "outlier"} <= set(lab.issue_summary["issue_type"])
    assert lab.get_issues("dark")["is_dark_issue"][0] and lab.get_issues("light")["is_light_issue"][1]
    correlated = lab.get_info("spurious_correlations")["correlations_df"].set_index("property")["score"]
    assert correlated["dark_score"] < 0.5 < correlated["odd_size_score"]
    lab.report()
    printed = capsys.readouterr().out
    assert "Finding dark, light, low_information" in printed and "(potentially spurious) correlations" in printed
    assert len(lab._repr_html_()) > 10_000


def test_chosen_checks_of_images_are_made(data):
    lab = Datalab(data, label_name="label", image_key="image", verbosity=0)
    lab.find_issues(issue_types={"image_issue_types": {"dark": {"threshold": 0.1}}, "class_imbalance": {}})
    assert lab.issue_summary["issue_type"].tolist() == ["class_imbalance", "dark"]


def test_other_data_have_no_images(data):
    with pytest.raises(ValueError, match="Hugging Face"):
        Datalab({"image": [1, 2]}, image_key="image")


def test_room_for_improvement():
    assert relative_room_for_improvement(0.5, 0.75) == 0.5
    assert relative_room_for_improvement(0.5, 0.2) == 1
    assert relative_room_for_improvement(1.0, 1.0) == 0
    import pandas as pd

    found = SpuriousCorrelations(pd.DataFrame({"dark_score": [0.1, 0.9] * 20}), np.array([0, 1] * 20))
    assert found.calculate_correlations()["score"].tolist() == [0.0]
