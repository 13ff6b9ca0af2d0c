"""What was asked of the detector before it was trained, beside what it reached."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from training.wording import both, percent


@dataclass(frozen=True)
class Wanted:
    """A row: ``path`` leads to the figure in ``metrics.detector``; ``least`` and ``aim`` are the bounds, or
    with ``lower`` the most. ``within``: the interval's better end decides, since so few pictures say little.
    """

    title: str
    path: tuple[str, ...]
    least: float | None = None
    aim: float | None = None
    lower: bool = False
    within: bool = False


_FOLDS, _UNSEEN, _WEB = ("fracatlas",), ("without_fracatlas",), ("without_multi_region",)
_WANTED = (
    Wanted("FracAtlas, folds: AUROC", (*_FOLDS, "auroc"), 0.92, 0.96),
    Wanted("the same without hardware", (*_FOLDS, "without_hardware", "auroc"), 0.91, 0.95),
    Wanted("the worst of hand, leg, shoulder", (*_FOLDS, "worst_part"), 0.88, 0.93, within=True),
    Wanted("sensitivity at 90 % specificity", (*_FOLDS, "sensitivity_at_90"), 0.75, 0.88),
    Wanted("FracAtlas, never learnt from: AUROC", (*_UNSEEN, "auroc"), 0.70, 0.85),
    Wanted("multi-region, never learnt from: AUROC", (*_WEB, "all", "auroc"), 0.70, 0.85),
    Wanted("among files of 224 × 224 pixels", (*_WEB, "224 × 224", "auroc"), None, 0.75),
    Wanted("among its other files", (*_WEB, "others", "auroc"), 0.78, 0.90),
    Wanted("focus in a box: FracAtlas, folds", (*_FOLDS, "places", "focus"), 0.78, 0.88),
    Wanted("focus in a box: *boxes*, folds", ("boxes", "focus"), 0.66, 0.80),
    Wanted("found at 1 false box: FracAtlas, folds", (*_FOLDS, "places", "froc_1"), 0.70, 0.85),
    Wanted("found at 1 false box: *boxes*, folds", ("boxes", "froc_1"), 0.55, 0.75),
    Wanted("calls changed by the worst alteration", ("changed",), 0.05, lower=True),
    Wanted("AUROC lost by the worst alteration", ("fall",), 0.02, lower=True),
    Wanted("FracAtlas refused", (*_FOLDS, "refused"), 0.03, 0.01, lower=True),
)
_PLAIN = {"auroc", "worst_part", "fall"}  # no shares


HEADS = ("figure", "value (95 % interval)", "wanted at least", "aim", "reached")


def wanted_rows(detector: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Cells of Markdown under ``HEADS``. What was not measured has a dash and is not reached."""
    for row in _WANTED:
        figure, name = _figure(detector, row.path)
        key = "auroc" if row.path[-1] in _PLAIN else ""
        title = f"{row.title} ({name})" if name else row.title
        yield (title, both(key, figure), *_bounds(row, key), _reached(row, figure))


def _figure(detector: dict[str, Any], path: tuple[str, ...]) -> tuple[dict[str, Any] | None, str]:
    """The figure, and the name of what it is of where that is the worst of several."""
    if len(path) == 1:
        altered = detector["alterations"] or {"worst": {}}
        name = altered["worst"].get(path[0], "")
        return (altered["changes"][name][path[0]] if name else None), name
    part: Any = detector
    for key in path:
        if key == "worst_part":
            name = part.get("worst_part", "")
            return (part["parts"][name]["auroc"] if name else None), name
        part = part.get(key) if part else None
    return part, ""


def _bounds(row: Wanted, key: str) -> Iterator[str]:
    for bound in (row.least, row.aim):
        if bound is None:
            yield ""
            continue
        shown = f"{bound:.2f}" if key else percent(bound)
        yield f"at most {shown}" if row.lower else shown


def _reached(row: Wanted, figure: dict[str, Any] | None) -> str:
    if figure is None:
        return "not measured"
    value = float(figure["value"])
    if _meets(value, row.aim, row.lower):
        return "aim"
    if row.least is None:
        return "–"
    if _meets(value, row.least, row.lower):
        return "yes"
    low, high = figure["interval"]
    if row.within and _meets(low if row.lower else high, row.least, row.lower):
        return "within its interval"
    return "**no**"


def _meets(value: float, bound: float | None, lower: bool) -> bool:
    return bound is not None and (value <= bound if lower else value >= bound)
