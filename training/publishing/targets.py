"""The targets that were set for a release with a detector before it was trained, and what it reached."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from training.publishing.figure_labels import both, percent


@dataclass(frozen=True)
class Wanted:
    """One target. ``path`` leads to the figure in a manifest's ``metrics``.

    ``least``, ``aim``: lower bounds; with ``lower`` they are upper bounds. A figure without bounds is only
    reported. ``within``: the better end of the interval decides, because there are so few pictures.
    """

    title: str
    path: tuple[str, ...]
    least: float | None = None
    aim: float | None = None
    lower: bool = False
    within: bool = False


_FOLDS, _UNSEEN = ("detector", "fracatlas"), ("detector", "without_fracatlas")
_WEB, _BOXES = ("detector", "without_multi_region"), ("detector", "boxes")
_CHANGES = ("detector", "alterations")
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
    Wanted("focus in a box: *boxes*, folds", (*_BOXES, "focus"), 0.66, 0.80),
    Wanted("found at 1 false box: FracAtlas, folds", (*_FOLDS, "places", "froc_1"), 0.70, 0.85),
    Wanted("found at 1 false box: *boxes*, folds", (*_BOXES, "froc_1"), 0.55, 0.75),
    Wanted("calls changed by the worst alteration", (*_CHANGES, "changed"), 0.05, lower=True),
    Wanted("AUROC lost by the worst alteration", (*_CHANGES, "fall"), 0.02, lower=True),
    Wanted("ten types: accuracy", ("types", "accuracy"), 0.46, 0.50),
    Wanted("ten types: macro-F1", ("types", "macro_f1"), 0.43, 0.47),
    Wanted("ten types: true class among the first three", ("types", "top3_accuracy"), 0.73, 0.80),
    Wanted("ten types: accuracy against label sets", ("label_sets", "accuracy")),
    Wanted("ten types: accuracy on the surest 15 %", ("types", "accuracy_at_15"), 0.75, 0.85),
    Wanted(
        "ten types: accuracy on the shipped Test split", ("shipped", "all", "accuracy"), 0.52, 0.60
    ),
    Wanted("ten types: calibration error", ("types", "ece"), 0.05, 0.04, lower=True),
    Wanted("prediction sets: the worst class", ("types", "set_worst_coverage"), 0.85, 0.87),
    Wanted("prediction sets: classes", ("types", "set_size"), 6, 4.5, lower=True),
    Wanted("four coarse groups: accuracy", ("coarse", "accuracy"), 0.62, 0.70),
    Wanted("refusal: AUROC", ("assessable", "auroc"), 0.99, 0.995),
    Wanted("refusal: bone radiographs", ("assessable", "false_refusals"), 0.03, 0.02, lower=True),
    Wanted("refusal: FracAtlas", (*_FOLDS, "refused"), 0.03, 0.01, lower=True),
)
_AREAS = {"auroc", "worst_part", "fall"}  # not shown as percentages
_COUNTS = {"set_size"}


HEADS = ("figure", "value (95 % interval)", "wanted at least", "aim", "reached")


def target_rows(metrics: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Cells of Markdown below ``HEADS``. A figure that was not measured has a dash and is not reached."""
    for row in _WANTED:
        figure, name = _figure(metrics, row.path)
        key = _key(row)
        title = f"{row.title} ({name})" if name else row.title
        yield (title, both(key, figure), *_bounds(row, key), _reached(row, figure))


def _key(row: Wanted) -> str:
    """The key by which ``training.publishing.figure_labels`` formats the figure."""
    last = row.path[-1]
    if last in _COUNTS:
        return last
    return "auroc" if last in _AREAS else ""


def _figure(metrics: dict[str, Any], path: tuple[str, ...]) -> tuple[dict[str, Any] | None, str]:
    """The figure; and the name of its part if it is the worst of several."""
    part: Any = metrics
    for key in path[:-1]:
        part = part.get(key) if part else None
    part, last = part or {}, path[-1]
    if path[:-1] == _CHANGES:
        name = part.get("worst", {}).get(last, "")
        return (part["changes"][name][last] if name else None), name
    if last == "worst_part":
        name = part.get(last, "")
        return (part["parts"][name]["auroc"] if name else None), name
    return part.get(last), ""


def _bounds(row: Wanted, key: str) -> Iterator[str]:
    for bound in (row.least, row.aim):
        if bound is None:
            yield ""
            continue
        shown = _bound(bound, key)
        yield f"at most {shown}" if row.lower else shown


def _bound(bound: float, key: str) -> str:
    if key in _COUNTS:
        return f"{bound:g}"
    if not key:
        return percent(bound)
    two = f"{bound:.2f}"
    return two if float(two) == bound else f"{bound:g}"


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
