"""Synthetic radiographs: bones drawn from geometry, for the demonstration and the tests."""

from classifier.phantom.draw import LABELS, draw

__all__ = ["LABELS", "draw"]
