"""Data with known errors, to judge methods by."""

from . import noise_generation

__all__ = ["noise_generation"]
