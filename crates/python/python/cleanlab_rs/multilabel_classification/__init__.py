"""Label errors where every example has a set of classes: any number of them, none included.

Every class is taken on its own, against the rest.

- :mod:`~cleanlab_rs.multilabel_classification.filter` flags examples whose set of classes is probably wrong,
- :mod:`~cleanlab_rs.multilabel_classification.rank` scores how likely each set, or each class in it, is right,
- :mod:`~cleanlab_rs.multilabel_classification.dataset` tells which classes are annotated worst.
"""

from . import dataset, filter, rank
from .rank import get_label_quality_scores

__all__ = ["dataset", "filter", "get_label_quality_scores", "rank"]
