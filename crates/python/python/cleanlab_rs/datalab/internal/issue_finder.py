"""Chooses the checks that can be made with what was given, and makes them."""

from __future__ import annotations

import difflib
import inspect
import warnings
from typing import TYPE_CHECKING, Any

from cleanlab_rs.datalab.internal.issue_manager_factory import issue_manager_of, list_default_issue_types
from cleanlab_rs.datalab.internal.task import Task

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab
    from cleanlab_rs.datalab.internal.issue_manager import IssueManager

Arguments = dict[str, dict[str, Any]]

#: What checks of every task look at.
_OF_FEATURES = {
    "outlier": ["features", "knn_graph"],
    "near_duplicate": ["features", "knn_graph"],
    "non_iid": ["features", "knn_graph"],
    "data_valuation": ["features", "knn_graph"],
    "null": ["features"],
}
#: What the checks of each task look at. Those that look at nothing need the labels alone.
_INPUTS_OF_CHECKS: dict[Task, dict[str, list[str]]] = {
    Task.CLASSIFICATION: {
        "label": ["pred_probs", "features"],
        **_OF_FEATURES,
        "outlier": ["pred_probs", "features", "knn_graph"],
        "non_iid": ["pred_probs", "features", "knn_graph"],
        "underperforming_group": ["pred_probs", "features", "knn_graph", "cluster_ids"],
        "class_imbalance": [],
    },
    Task.REGRESSION: {"label": ["features", "predictions"], **_OF_FEATURES},
    Task.MULTILABEL: {"label": ["pred_probs"], **_OF_FEATURES},
}

#: What every check may be given, whether it looks at it or not.
_TAKEN_BY_ALL = {"features", "knn_graph", "ood_kwargs", "pred_probs", "predictions"}


class IssueFinder:
    """Makes the checks of an audit.

    Parameters
    ----------
    datalab : Datalab
        The audit, which keeps the results.
    task : Task
        What the labels are.
    verbosity : int
        Above 0 every check is announced.
    """

    def __init__(self, datalab: Datalab, task: Task, verbosity: int = 1):
        self.datalab = datalab
        self.task = task
        self.verbosity = verbosity

    def find_issues(
        self,
        *,
        pred_probs: Any = None,
        features: Any = None,
        knn_graph: Any = None,
        issue_types: dict[str, Any] | None = None,
    ) -> None:
        """Makes the checks that are chosen, or that are made by default and have what they need.

        A check that fails is announced and passed over.
        """
        chosen = self.get_available_issue_types(
            pred_probs=pred_probs, features=features, knn_graph=knn_graph, issue_types=issue_types
        )
        if not chosen:
            return
        # Options that make no sense are refused before any check is made.
        checks = {name: issue_manager_of(name, self.task)(datalab=self.datalab, **chosen[name]) for name in chosen}
        failed = [check for name, check in checks.items() if not self._succeeds(check, chosen[name])]
        if failed:
            print(f"Failed to check for these issue types: {failed}")
        self.datalab.data_issues.set_health_score()

    def _succeeds(self, check: IssueManager, arguments: dict[str, Any]) -> bool:
        """Makes a check and keeps its results. Whatever fails is announced, and the other checks can be made."""
        if self.verbosity:
            print(f"Finding {check.issue_name} issues ...")
        kept = self.datalab.data_issues
        try:
            check.find_issues(**arguments)
            kept.collect_statistics(check)
            kept.collect_issues_from_issue_manager(check)
        except Exception as error:  # noqa: BLE001 – checks of one's own may raise anything
            print(f"Error in {check.issue_name}: {error}")
            return False
        return True

    def _at_hand(self, given: dict[str, Any]) -> Arguments:
        """For every check of the task that has something to look at, what that is."""
        if self.task.is_classification and {"features", "knn_graph"} <= given.keys():
            warnings.warn(
                "There are both `features` and a `knn_graph`: checks that look at neighbours take the graph.",
                stacklevel=5,
            )
        inputs = _INPUTS_OF_CHECKS[self.task]
        found = {check: {name: given[name] for name in names if name in given} for check, names in inputs.items()}
        return {check: arguments for check, arguments in found.items() if arguments or not inputs[check]}

    def get_available_issue_types(self, **kwargs: Any) -> Arguments:
        """The checks to make, with their arguments."""
        issue_types = kwargs.pop("issue_types", None)
        given = {name: value for name, value in kwargs.items() if value is not None}
        if self.task.is_regression and "pred_probs" in given:
            given["predictions"] = given.pop("pred_probs")
        at_hand = self._at_hand(given)
        if issue_types is None:
            issue_types = {name: {} for name in list_default_issue_types(self.task) if name in at_hand}
        chosen = {}
        for name, options in issue_types.items():
            self._warn_of_unknown_options(name, options)
            arguments = {**at_hand.get(name, {}), **options}
            chosen[name] = {key: value for key, value in arguments.items() if value is not None}
        return self._without_impossible(chosen)

    def _warn_of_unknown_options(self, check: str, options: Arguments) -> None:
        """Options that a check of this package would pass over in silence are mostly misspelt."""
        manager = issue_manager_of(check, self.task)
        if not manager.__module__.startswith("cleanlab_rs."):
            return
        parts = (inspect.signature(part).parameters for part in (manager.__init__, manager.find_issues))
        known = {name for part in parts for name in part} | _TAKEN_BY_ALL
        for option in options:
            if option not in known:
                similar = difflib.get_close_matches(option, known, n=1)
                meant = f"; did you mean {similar[0]!r}?" if similar else ""
                warnings.warn(f"the check {check!r} has no option {option!r}, which is ignored{meant}", stacklevel=5)

    def _without_impossible(self, chosen: Arguments) -> Arguments:
        """Leaves out checks that need labels where there are none, and groups that there is nothing to find with."""
        has_labels = self.datalab.has_labels
        if "label" in chosen and not has_labels and not self.task.is_regression:
            warnings.warn("No labels are there, so that none of them is checked.", stacklevel=5)
            del chosen["label"]
        if "class_imbalance" in chosen and not has_labels and self.task.is_classification:
            del chosen["class_imbalance"]
        groups = chosen.get("underperforming_group")
        if groups is not None and not (
            "pred_probs" in groups and any(name in groups for name in ("features", "knn_graph", "cluster_ids"))
        ):
            del chosen["underperforming_group"]
        return chosen
