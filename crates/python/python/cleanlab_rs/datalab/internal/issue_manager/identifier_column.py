"""Columns that only number the rows."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cleanlab_rs.datalab.internal.issue_manager import IssueManager
from cleanlab_rs.datalab.internal.issue_manager.issue_manager import flags_and_scores


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

    def find_issues(self, features: Any, **kwargs: Any) -> None:
        """Looks at every column.

        Parameters
        ----------
        features :
            An N × p array, a data frame, or a list or dictionary of columns.
        """
        columns = _columns_of(features)
        found = [number for number, values in enumerate(columns) if _has_no_gaps(values)]
        n_rows = columns[0].size
        self.issues = flags_and_scores(self, np.zeros(n_rows, dtype=bool), np.ones(n_rows))
        self.summary = self.make_summary(0.0 if found else 1.0)
        self.info = {"identifier_columns": found, "num_identifier_columns": len(found)}


def _columns_of(features: Any) -> list[Any]:
    """The columns as arrays.

    Raises
    ------
    ValueError
        If there are none, or they are of a kind that has no columns.
    """
    if isinstance(features, np.ndarray):
        return list(features.T)
    if isinstance(features, pd.DataFrame):
        features = [values.to_numpy() for _, values in features.items()]
    elif isinstance(features, dict):
        features = list(features.values())
    elif not isinstance(features, list) or not all(isinstance(values, (list, np.ndarray)) for values in features):
        raise ValueError(
            "identifier columns are looked for in an array, a data frame, or a dictionary or list of columns, but `features` "
            f"are a {type(features).__name__} that is none of these."
        )
    return [np.asarray(values) for values in features]


def _has_no_gaps(values: Any) -> bool:
    """Whether the distinct values of a column, two at least, are integers that follow each other."""
    if not np.issubdtype(values.dtype, np.integer) or not values.size:
        return False
    distinct = np.unique(values)
    # As Python's integers, whose difference does not overflow.
    return distinct.size > 1 and int(distinct[-1]) - int(distinct[0]) + 1 == distinct.size
