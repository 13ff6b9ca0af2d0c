"""Synthetic radiographs: bones drawn from geometry, for the demonstration and the tests."""

from classifier.phantom.draw import draw
from classifier.phantom.scenes import LABELS

__all__ = ["LABELS", "draw"]
