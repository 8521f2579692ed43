"""An audit in a folder."""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cleanlab_rs
from cleanlab_rs.datalab.internal.data import Data
from cleanlab_rs.datalab.internal.saved_objects import read_objects

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab

# The files are called as cleanlab calls them: scripts look for them.
_AUDIT = "datalab.pkl"
_ISSUES = "issues.csv"
_SUMMARY = "summary.csv"
_DATA = "data"


def write_audit(datalab: Datalab, path: str, *, force: bool) -> None:
    """Writes an audit into a folder with its data, and issues and summary as CSV beside it.

    Each file is written beside its place and gets its name when it is whole; the audit itself is the last of them.

    Raises
    ------
    FileExistsError
        If there is something at `path`, unless `force` is set.
    """
    folder = Path(path)
    if folder.exists() and not force:
        raise FileExistsError(f"there is something at {path} already: choose another path, or set `force`.")
    # What cannot be pickled shows before anything is written.
    pickled = pickle.dumps(datalab)
    if folder.exists():
        print(f"WARNING: Existing files will be overwritten by newly saved files at: {path}")
    is_new = not folder.exists()
    if is_new:
        folder.mkdir()
    unfinished = Path(tempfile.mkdtemp(prefix=".saving-", dir=folder))
    try:
        for name, table in ((_ISSUES, datalab.issues), (_SUMMARY, datalab.issue_summary)):
            table.to_csv(unfinished / name, index=False)
        if hasattr(datalab.data, "save_to_disk"):
            datalab.data.save_to_disk(str(unfinished / _DATA))
        with open(unfinished / _AUDIT, "wb") as file:
            file.write(pickled)
            file.flush()
            os.fsync(file.fileno())
        if (unfinished / _DATA).exists():
            shutil.rmtree(folder / _DATA, ignore_errors=True)
            os.replace(unfinished / _DATA, folder / _DATA)
        for name in (_ISSUES, _SUMMARY, _AUDIT):
            os.replace(unfinished / name, folder / name)
    except BaseException:
        shutil.rmtree(folder if is_new else unfinished, ignore_errors=True)
        raise
    shutil.rmtree(unfinished)


def read_audit(path: str, data: Any, *, trusted: bool) -> Datalab:
    """Reads an audit, and puts `data` in place of its own if they are the same.

    Code that the saved audit names is only run if it is `trusted`.

    Raises
    ------
    ValueError
        If there is no folder, or if labels, columns or the number of rows of `data` differ.
    """
    folder = Path(path)
    if not folder.exists():
        raise ValueError(f"there is no folder {path} to read an audit from.")
    if not folder.is_dir():
        raise NotADirectoryError(f"{path} is no folder; give the folder that save() has written.")
    datalab: Datalab = read_objects((folder / _AUDIT).read_bytes(), trusted=trusted)
    if datalab.cleanlab_version != cleanlab_rs.__version__:
        warnings.warn(
            f"this audit was saved by cleanlab_rs {datalab.cleanlab_version} and is read by {cleanlab_rs.__version__}, "
            "which may do other things with it.",
            stacklevel=3,
        )
    if data is None:
        return datalab
    given, saved = Data(data, datalab.task, datalab.label_name), datalab._data
    if len(given) != len(saved):
        raise ValueError(f"the audit was saved with {len(saved)} rows of data, and there are {len(given)} now.")
    if given != saved:
        raise ValueError("the data are others than those that the audit was saved with: columns or labels differ.")
    datalab._data = given
    return datalab
