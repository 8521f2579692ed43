"""Checks of numeric labels."""

from .label import RegressionLabelIssueManager

__all__ = ["RegressionLabelIssueManager"]
