"""Scores are rounded to four decimals, so that a run and the release made of it give equal figures."""

import numpy as np

DECIMALS = 4


def rounded(values: np.ndarray) -> np.ndarray:
    """Floating-point numbers, rounded as float64; other arrays unchanged."""
    return values.astype(float).round(DECIMALS) if values.dtype.kind == "f" else values


def written(value: float) -> str:
    return f"{value:.{DECIMALS}f}"
