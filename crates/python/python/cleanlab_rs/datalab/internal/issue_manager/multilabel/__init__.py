"""Checks of labels that are sets of classes."""

from .label import MultilabelIssueManager

__all__ = ["MultilabelIssueManager"]
