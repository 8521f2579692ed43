"""Chooses the checks that can be made with what was given, and makes them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from cleanlab_rs.datalab.internal.issue_manager_factory import (
    _IssueManagerFactory,
    list_default_issue_types,
)
from cleanlab_rs.datalab.internal.model_outputs import (
    ModelOutput,
    MultiClassPredProbs,
    MultiLabelPredProbs,
    RegressionPredictions,
)
from cleanlab_rs.datalab.internal.task import Task

if TYPE_CHECKING:
    from cleanlab_rs.datalab.datalab import Datalab

Arguments = dict[str, dict[str, Any]]

#: What checks of every task look at.
_OF_FEATURES = {
    "outlier": ["features", "knn_graph"],
    "near_duplicate": ["features", "knn_graph"],
    "non_iid": ["features", "knn_graph"],
    "data_valuation": ["features", "knn_graph"],
    "null": ["features"],
}
_CLASSIFICATION_ARGS_DICT = {
    "label": ["pred_probs", "features"],
    **_OF_FEATURES,
    "outlier": ["pred_probs", "features", "knn_graph"],
    "non_iid": ["pred_probs", "features", "knn_graph"],
    "underperforming_group": ["pred_probs", "features", "knn_graph", "cluster_ids"],
    "class_imbalance": [],
}
_REGRESSION_ARGS_DICT = {"label": ["features", "predictions"], **_OF_FEATURES}
_MULTILABEL_ARGS_DICT = {"label": ["pred_probs"], **_OF_FEATURES}

_ARGS_BY_TASK: dict[Task, dict[str, list[str]]] = {
    Task.CLASSIFICATION: _CLASSIFICATION_ARGS_DICT,
    Task.REGRESSION: _REGRESSION_ARGS_DICT,
    Task.MULTILABEL: _MULTILABEL_ARGS_DICT,
}
_MODEL_OUTPUTS: dict[Task, type[ModelOutput]] = {
    Task.CLASSIFICATION: MultiClassPredProbs,
    Task.REGRESSION: RegressionPredictions,
    Task.MULTILABEL: MultiLabelPredProbs,
}


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
        managers = [
            factory(datalab=self.datalab, **chosen.get(factory.issue_name, {}))
            for factory in _IssueManagerFactory.from_list(list(chosen), task=self.task)
        ]
        data_issues = self.datalab.data_issues
        failed = []
        for manager, arguments in zip(managers, chosen.values()):
            try:
                if self.verbosity:
                    print(f"Finding {manager.issue_name} issues ...")
                manager.find_issues(**arguments)
                data_issues.collect_statistics(manager)
                data_issues.collect_issues_from_issue_manager(manager)
            except Exception as error:  # noqa: BLE001 – whatever fails, the other checks are made
                print(f"Error in {manager.issue_name}: {error}")
                failed.append(manager)
        if failed:
            print(f"Failed to check for these issue types: {failed}")
        data_issues.set_health_score()

    def _given_arguments(self, given: dict[str, Any]) -> Arguments:
        """For every check of the task that has something to look at, what that is."""
        if self.task not in _ARGS_BY_TASK:
            raise ValueError(f"No strategy for resolving required arguments for task '{self.task}'")
        arguments = {}
        for issue_type, names in _ARGS_BY_TASK[self.task].items():
            found = {name: given[name] for name in names if given.get(name) is not None}
            if self.task.is_classification and "knn_graph" in found and "features" in found:
                warnings.warn(
                    "Both `features` and `knn_graph` were provided. Most issue managers will likely prefer using "
                    "`knn_graph` instead of `features` for efficiency.",
                    stacklevel=5,
                )
            if found or not names:
                arguments[issue_type] = found
        return arguments

    def get_available_issue_types(self, **kwargs: Any) -> Arguments:
        """The checks to make, with their arguments."""
        issue_types = kwargs.get("issue_types")
        given = {name: value for name, value in kwargs.items() if name != "issue_types"}
        if given.get("pred_probs") is not None:
            output = _MODEL_OUTPUTS[self.task](given["pred_probs"])
            given[output.argument] = output.collect()
        at_hand = self._given_arguments(given)
        if issue_types is None:
            defaults = list_default_issue_types(self.task)
            chosen = {name: dict(at_hand[name]) for name in defaults if name in at_hand}
        else:
            chosen = {name: {**at_hand.get(name, {}), **options} for name, options in issue_types.items()}
        chosen = {
            name: {key: value for key, value in arguments.items() if value is not None}
            for name, arguments in chosen.items()
        }
        return self._without_impossible(chosen)

    def _without_impossible(self, chosen: Arguments) -> Arguments:
        """Leaves out checks that need labels where there are none, and groups that there is nothing to find with."""
        has_labels = self.datalab.has_labels
        if "label" in chosen and not has_labels and not self.task.is_regression:
            warnings.warn("No labels were provided. The 'label' issue type will not be run.", stacklevel=5)
            del chosen["label"]
        if "class_imbalance" in chosen and not has_labels and self.task.is_classification:
            del chosen["class_imbalance"]
        groups = chosen.get("underperforming_group")
        if groups is not None and not (
            "pred_probs" in groups and any(name in groups for name in ("features", "knn_graph", "cluster_ids"))
        ):
            del chosen["underperforming_group"]
        return chosen
