"""Synthetic radiographs: bones drawn from geometry, for the demonstration and the tests."""

from demo.drawings.draw import draw
from demo.drawings.scenes import LABELS

__all__ = ["LABELS", "draw"]
