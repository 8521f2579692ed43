"""Nearest neighbours: how features become an index to search in, and a graph."""

from .knn_graph import features_to_knn

__all__ = ["features_to_knn"]
