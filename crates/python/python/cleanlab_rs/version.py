"""The version of the package, and of the cleanlab whose interface it has."""

from ._native import __version__

CLEANLAB_VERSION = "2.9.0"
"""The release of cleanlab whose numbers and interface these are."""

__all__ = ["CLEANLAB_VERSION", "__version__"]
