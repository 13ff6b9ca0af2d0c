"""Scores count to four decimals, so that a run and the release made of it give the same figures."""

import numpy as np

DECIMALS = 4


def rounded(values: np.ndarray) -> np.ndarray:
    """Numbers with a fraction, to four decimals as float64; others as they are."""
    return values.astype(float).round(DECIMALS) if values.dtype.kind == "f" else values


def written(value: float) -> str:
    return f"{value:.{DECIMALS}f}"
