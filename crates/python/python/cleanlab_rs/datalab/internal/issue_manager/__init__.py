"""The checks of a Datalab, and the class that checks of one's own are made from."""

from .issue_manager import IssueManager  # isort:skip
from .data_valuation import DataValuationIssueManager
from .duplicate import NearDuplicateIssueManager
from .identifier_column import IdentifierColumnIssueManager
from .imbalance import ClassImbalanceIssueManager
from .label import LabelIssueManager
from .noniid import NonIIDIssueManager
from .null import NullIssueManager
from .outlier import OutlierIssueManager
from .underperforming_group import UnderperformingGroupIssueManager

__all__ = [
    "ClassImbalanceIssueManager",
    "DataValuationIssueManager",
    "IdentifierColumnIssueManager",
    "IssueManager",
    "LabelIssueManager",
    "NearDuplicateIssueManager",
    "NonIIDIssueManager",
    "NullIssueManager",
    "OutlierIssueManager",
    "UnderperformingGroupIssueManager",
]
