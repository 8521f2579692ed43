"""Columns that only number the rows."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.issue_manager import IssueManager


class IdentifierColumnIssueManager(IssueManager):
    """Tells columns whose distinct integers follow each other without a gap.

    No row is flagged: the score of the data is 0 if there is such a column. Like in cleanlab it has to be registered
    before it can be asked for.
    """

    description: ClassVar[
        str
    ] = """Checks whether there is an identifier_column in the features of a dataset.
   Identifier columns are defined as a column i in features such that
   set(features[:,i]) = set(c, c+1, ..., c+n) for some integer c,
   where n = num-rows of features. If there is such a column, the dataset has
   the identifier_column issue
   """
    issue_name: ClassVar[str] = "identifier_column"
    verbosity_levels: ClassVar[dict[int, list[str]]] = {0: [], 1: ["identifier_columns"], 2: []}

    @staticmethod
    def _is_sequential(arr: Any) -> bool:
        """Whether the distinct numbers of a column, two at least, follow each other."""
        if arr.size == 0:
            return False
        distinct = np.unique(arr)
        return bool(distinct.size > 1 and int(distinct[-1]) - int(distinct[0]) == distinct.size - 1)

    @staticmethod
    def _prepare_features(features: Any) -> list[Any]:
        """The columns as arrays."""
        if isinstance(features, np.ndarray):
            return list(features.T)
        if isinstance(features, pd.DataFrame):
            return [np.asarray(features.iloc[:, column]) for column in range(features.shape[1])]
        if isinstance(features, dict):
            return [np.array(values) for values in features.values()]
        if isinstance(features, list):
            if not all(isinstance(values, (list, np.ndarray)) for values in features):
                raise ValueError("features must be a list of lists or numpy arrays if a list is passed.")
            return [np.array(values) for values in features]
        raise ValueError("features must be a numpy array, pandas DataFrame, list, or dict.")

    def find_issues(self, features: Any, **kwargs: Any) -> None:
        """Looks at every column.

        Parameters
        ----------
        features :
            An N × p array, a data frame, or a list or dictionary of columns.
        """
        if features is None:
            raise ValueError("features must be provided to check for identifier columns.")
        columns = self._prepare_features(features)
        found = [
            number
            for number, values in enumerate(columns)
            if np.issubdtype(values.dtype, np.integer) and self._is_sequential(values)
        ]
        self.issues = pd.DataFrame(
            {f"is_{self.issue_name}_issue": False, self.issue_score_key: np.ones(columns[0].size)}
        )
        self.summary = self.make_summary(score=0.0 if found else 1.0)
        self.info = {"identifier_columns": found, "num_identifier_columns": len(found)}
