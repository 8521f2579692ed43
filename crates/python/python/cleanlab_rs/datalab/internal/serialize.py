"""An audit in a folder."""

from __future__ import annotations

import os
import pickle
import warnings
from typing import TYPE_CHECKING, Any

import cleanlab_rs
from cleanlab_rs.datalab.internal.data import Data

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab

OBJECT_FILENAME = "datalab.pkl"
ISSUES_FILENAME = "issues.csv"
ISSUE_SUMMARY_FILENAME = "summary.csv"
DATA_DIRNAME = "data"


class _Serializer:
    """Writes an audit into a folder, and reads it again."""

    @classmethod
    def serialize(cls, path: str, datalab: Datalab, force: bool) -> None:
        """Writes the audit with its data, and issues and summary as CSV beside it.

        Raises
        ------
        FileExistsError
            If there is something at `path`, unless `force` is set.
        """
        if not os.path.exists(path):
            os.mkdir(path)
        elif not force:
            raise FileExistsError(f"There is something at {path} already. Please specify a new path or set force=True")
        else:
            print(f"WARNING: Existing files will be overwritten by newly saved files at: {path}")
        # What cannot be pickled shows before anything is written over.
        pickled = pickle.dumps(datalab)
        with open(os.path.join(path, OBJECT_FILENAME), "wb") as file:
            file.write(pickled)
        issues = datalab.data_issues
        issues.issues.to_csv(os.path.join(path, ISSUES_FILENAME), index=False)
        issues.issue_summary.to_csv(os.path.join(path, ISSUE_SUMMARY_FILENAME), index=False)
        if hasattr(datalab.data, "save_to_disk"):
            datalab.data.save_to_disk(os.path.join(path, DATA_DIRNAME))

    @classmethod
    def deserialize(cls, path: str, data: Any = None) -> Datalab:
        """Reads an audit, and puts `data` in place of its own if they are the same.

        Raises
        ------
        ValueError
            If there is no folder, or if labels, columns or the number of rows of `data` differ.
        """
        if not os.path.exists(path):
            raise ValueError(f"No folder found at specified path: {path}")
        with open(os.path.join(path, OBJECT_FILENAME), "rb") as file:
            datalab: Datalab = pickle.load(file)
        if datalab.cleanlab_version != cleanlab_rs.__version__:
            warnings.warn(
                f"Saved Datalab was created using different version of cleanlab_rs ({datalab.cleanlab_version}) than "
                f"current version ({cleanlab_rs.__version__}). Things may be broken!",
                stacklevel=3,
            )
        if data is not None:
            found = Data(data, datalab.task, datalab.label_name)
            if len(found) != len(datalab._data):
                raise ValueError(
                    f"Length of data ({len(found)}) does not match length of labels ({len(datalab._data)})"
                )
            if found != datalab._data:
                raise ValueError("Data has been modified since Lab was saved. Cannot load Lab with modified data.")
            datalab._data = found
        return datalab
