"""Sensitivity and specificity of a release's call at points of P(fracture), as its manifest gives them."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

BINS = (
    15  # equal ones of P(fracture), in which a manifest counts pictures with and without a fracture
)
# Where the page lists figures: close where few fractures lie, as a clinic sets its first point there.
# A manifest's own rows lie within a tenth of these odds, so that what is listed was counted.
WORTH_LISTING = (
    *(0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07),
    *(0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98),
)
# What reading a manifest's figures raises where they are of other types or ranges than they should be.
UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError)


@dataclass(frozen=True)
class Threshold:
    """One threshold of P(fracture) with its figures, all 0..1.

    ``sensitivity``: share of the fractured pictures with a probability of at least ``at``.
    ``specificity``: share of the others with a lower one.
    """

    at: float
    sensitivity: float
    specificity: float


ENDS = Threshold(0.0, 1.0, 0.0), Threshold(1.0, 0.0, 1.0)  # everything is called, and nothing


def counted(measured: dict[str, Any]) -> list[Threshold]:
    """The manifest's ``thresholds`` in rising order, from 0 to 1. Empty where it has none, or none that can
    be: a page must not fall on what a release says of itself.
    """
    try:
        rows = [
            Threshold(*(float(row[name]) for name in ("at", "sensitivity", "specificity")))
            for row in measured.get("thresholds") or []
        ]
    except UNREADABLE:
        return []
    if not rows:
        return []
    first, last = ENDS
    rows = [*([first] if rows[0].at > 0 else []), *rows, *([last] if rows[-1].at < 1 else [])]
    rise = all(
        low.at < high.at
        and low.sensitivity >= high.sensitivity
        and low.specificity <= high.specificity
        for low, high in pairwise(rows)
    )
    shares = all(0 <= share <= 1 for row in rows for share in vars(row).values())
    return rows if rise and shares else []


def of_bins(measured: dict[str, Any]) -> list[Threshold]:
    """Those at each edge of the bins of ``reliability``, which are exact there. A bin says how many pictures
    it holds, their mean probability and the share with a fracture; an empty one is left out.
    """
    fractured, not_fractured = [0.0] * BINS, [0.0] * BINS
    try:
        for part in measured.get("reliability") or []:
            number = min(int(part["confidence"] * BINS), BINS - 1)
            fractured[number] += float(part["pictures"] * part["accuracy"])
            not_fractured[number] += float(part["pictures"] * (1 - part["accuracy"]))
    except UNREADABLE:
        return []
    if not all(0 <= count < math.inf for count in (*fractured, *not_fractured)):
        return []
    if not sum(fractured) or not sum(not_fractured):
        return []
    return [
        Threshold(
            edge / BINS,
            sum(fractured[edge:]) / sum(fractured),
            sum(not_fractured[:edge]) / sum(not_fractured),
        )
        for edge in range(BINS + 1)
    ]


def curve(measured: dict[str, Any]) -> list[tuple[float, float]]:
    """The ROC curve as (false positive rate, sensitivity); empty if the manifest has no valid one."""
    try:
        points = [(float(false), float(true)) for false, true in measured.get("roc") or []]
    except UNREADABLE:
        return []
    return points if all(0 <= share <= 1 for point in points for share in point) else []


def between(knots: Sequence[Threshold], point: float) -> Threshold | None:
    """The knot at ``point``, or what lies on a line between its two neighbours. ``knots`` rise; None where
    ``point`` lies outside of them.
    """
    after = bisect_left([knot.at for knot in knots], point)
    if after < len(knots) and knots[after].at == point:
        return knots[after]
    if not 0 < after < len(knots):
        return None
    low, high = knots[after - 1], knots[after]
    part = (point - low.at) / (high.at - low.at)
    return Threshold(
        point,
        low.sensitivity + part * (high.sensitivity - low.sensitivity),
        low.specificity + part * (high.specificity - low.specificity),
    )


def worth_listing(rows: Sequence[Threshold]) -> list[Threshold]:
    """Those of ``rows``, without the ends, that lie nearest to the points that a site may think of."""
    inner = [row for row in rows if 0 < row.at < 1]
    odds = {row.at / (1 - row.at): row for row in inner}
    near = [
        min(odds, key=lambda value: abs(value - (point / (1 - point)))) for point in WORTH_LISTING
    ]
    return [odds[value] for value in sorted(set(near))] if inner else []
