"""Audits that were saved: whole whatever happens, and without a way to hide code in them."""

import os
import pathlib
import pickle

import numpy as np
import pandas as pd
import pytest

from cleanlab_rs import Datalab
from cleanlab_rs.datalab.internal import serialize
from cleanlab_rs.datalab.internal.saved_objects import CodeInAuditError, read_objects

LABELS = np.arange(60) % 3
FEATURES = np.random.default_rng(0).normal(size=(60, 5))


class MadeElsewhere:
    """An object that no audit is made of."""


class Calls:
    """Has a function called with arguments when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def audit(data=None, **inputs):
    lab = Datalab({"y": LABELS} if data is None else data, label_name="y", verbosity=0)
    lab.find_issues(**(inputs or {"features": FEATURES}))
    return lab


@pytest.mark.parametrize(
    "function, arguments",
    [
        (os.system, ("touch {path}",)),
        (eval, ("open({path!r}, 'w')",)),
        (np.memmap, ("{path}", "u1", "w+", 0, (8,))),
        (pd.HDFStore, ("{path}",)),
        (pathlib.Path.touch, (pathlib.PurePosixPath("{path}"),)),
        (getattr, ("text", "upper")),
        (np.load, ("{path}",)),
        (pd.read_pickle, ("{path}",)),
    ],
)
def test_code_in_an_audit_is_refused_by_name_and_not_run(function, arguments, tmp_path):
    written = tmp_path / "written"
    arguments = [argument.format(path=str(written)) if isinstance(argument, str) else argument for argument in arguments]
    lab, folder = audit(), str(tmp_path / "lab")
    lab.save(folder)
    lab.info["more"] = {"hidden": Calls(function, *arguments)}
    pathlib.Path(folder, "datalab.pkl").write_bytes(pickle.dumps(lab))
    with pytest.raises(CodeInAuditError, match="trusted=True"):
        Datalab.load(folder)
    assert not written.exists()


def test_names_behind_a_dot_are_refused():
    # Protocol 4 looks up attributes of attributes: numpy's modules have imported the whole of the standard library.
    pickled = b"\x80\x04\x8c\x05numpy\x8c\x0fndarray.__new__\x93."
    with pytest.raises(CodeInAuditError):
        read_objects(pickled, trusted=False)


def test_objects_of_other_classes_are_read_if_they_are_trusted(tmp_path):
    lab, folder = audit(), str(tmp_path / "lab")
    lab.info["more"] = {"own": MadeElsewhere()}
    lab.save(folder)
    with pytest.raises(CodeInAuditError, match="MadeElsewhere"):
        Datalab.load(folder)
    assert isinstance(Datalab.load(folder, trusted=True).info["more"]["own"], MadeElsewhere)


@pytest.mark.parametrize("fails_at", range(1, 4))
def test_what_was_saved_stays_whole_if_saving_again_fails(fails_at, tmp_path, monkeypatch):
    folder = tmp_path / "lab"
    audit().save(str(folder))
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    other = audit(pred_probs=np.full((60, 3), 1 / 3))
    calls = 0

    def replace(source, target):
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise OSError("no space left")
        os.rename(source, target)

    monkeypatch.setattr(serialize.os, "replace", replace)
    with pytest.raises(OSError, match="no space"):
        other.save(str(folder), force=True)
    monkeypatch.undo()
    assert (folder / "datalab.pkl").read_bytes() == before["datalab.pkl"]
    assert not list(folder.glob(".saving-*"))
    Datalab.load(str(folder))


def test_no_folder_is_left_if_saving_fails(tmp_path, monkeypatch):
    def replace(source, target):
        raise OSError("no space left")

    monkeypatch.setattr(serialize.os, "replace", replace)
    with pytest.raises(OSError, match="no space"):
        audit().save(str(tmp_path / "lab"))
    assert not (tmp_path / "lab").exists()


def test_data_of_every_kind_are_read_back(tmp_path):
    many = pd.DataFrame(
        {
            "y": [f"class {label}" for label in LABELS],
            "kind": pd.Categorical(LABELS),
            "day": pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(np.arange(60), unit="D"),
            "count": pd.array(np.arange(60), dtype="Int64"),
            "is_one": pd.array(LABELS == 1, dtype="boolean"),
            "object": [{"a": (1, None)}] * 60,
            "period": pd.period_range("2020-01", periods=60, freq="M"),
        }
    )
    for number, data in enumerate([many, many.to_dict("list"), many.to_dict("records"), dict(many.items())]):
        lab, folder = audit(data), str(tmp_path / str(number))
        lab.save(folder)
        again = Datalab.load(folder)
        pd.testing.assert_frame_equal(again.get_issues(), lab.get_issues())
        again.find_issues(pred_probs=np.full((60, 3), 1 / 3), issue_types={"outlier": {}})
