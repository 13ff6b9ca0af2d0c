"""The plots of a detector's figures, as inline SVG."""

from typing import Any

from training.page.charts import Series, chart
from training.page.plots import Bar, share_bars

_CHANCE = Series("chance", [(0, 0), (1, 1)], "dashed")
_EVEN = Series("perfect calibration", [(0, 0), (1, 1)], "dashed")
NAMES = {
    "detector_roc": "ROC of fracture or none",
    "detector_reliability": "Reliability diagram of fracture or none",
    "detector_froc": "Breaks found against false boxes a picture",
    "detector_sizes": "Breaks found by their size",
}


def detector_plots(detector: dict[str, Any]) -> dict[str, str]:
    """Name → SVG, from ``metrics.detector`` of a manifest. What was not measured has no plot."""
    folds, unseen = detector["fracatlas"], detector["without_fracatlas"]
    found = {}
    if folds and "roc" in folds:
        found["detector_roc"] = _roc(folds, unseen)
        found["detector_reliability"] = _reliability(folds["reliability"])
    places = {
        title: part
        for title, part in (
            ("FracAtlas", folds and folds["places"]),
            ("boxes", detector["boxes"]),
            ("FracAtlas, never learnt from", unseen and unseen["places"]),
        )
        if part
    }
    if places:
        found["detector_froc"] = _froc(places)
        found["detector_sizes"] = _sizes(places)
    return found


def _roc(folds: dict[str, Any], unseen: dict[str, Any] | None) -> str:
    series = [_CHANCE, Series("FracAtlas, folds", _pairs(folds["roc"]), "strong")]
    description = (
        f"ROC of fracture or none: area {folds['auroc']['value']:.3f} on folds within FracAtlas"
    )
    if unseen and "roc" in unseen:
        series.append(Series("FracAtlas, never learnt from", _pairs(unseen["roc"])))
        description += f", {unseen['auroc']['value']:.3f} where nothing of it was learnt"
    return chart(series, "healthy bones called fractured", "fractures found", description)


def _reliability(bins: list[dict[str, Any]]) -> str:
    most = max(one["pictures"] for one in bins)
    points = [(one["confidence"], one["accuracy"]) for one in bins]
    series = Series(
        "FracAtlas, folds (dot: pictures)",
        points,
        "strong",
        tuple(one["pictures"] / most for one in bins),
        tuple((one["interval"][0], one["interval"][1]) for one in bins),
    )
    description = "; ".join(f"said {said:.0%}, broken {broken:.0%}" for said, broken in points)
    return chart([_EVEN, series], "P(fracture) said", "broken", f"Reliability: {description}")


def _froc(places: dict[str, dict[str, Any]]) -> str:
    kinds = ("strong", "", "dashed")
    series = []
    for (title, part), kind in zip(places.items(), kinds, strict=False):
        curve = part["curve"]
        bounds = tuple((point["interval"][0], point["interval"][1]) for point in curve)
        points = [(point["false_boxes"], point["found"]) for point in curve]
        series.append(Series(title, points, kind, bounds=bounds if kind == "strong" else ()))
    description = "; ".join(
        f"{title}: {part['froc_05']['value']:.0%} at half a false box a picture, "
        f"{part['froc_1']['value']:.0%} at one"
        for title, part in places.items()
    )
    return chart(
        series, "false boxes a picture", "breaks found", f"FROC. {description}", counts=True
    )


def _sizes(places: dict[str, dict[str, Any]]) -> str:
    bars = []
    for title, part in list(places.items())[:2]:
        for name, size in part["sizes"].items():
            low, high = size["found"]["interval"]
            label = f"{title}: {name} ({size['boxes']} boxes)"
            bars.append(Bar(label, size["found"]["value"], low, high, title == "FracAtlas"))
    description = "; ".join(f"{bar.title} {bar.value:.0%}" for bar in bars)
    return share_bars(bars, f"Breaks found at one false box a picture: {description}")


def _pairs(points: list[list[float]]) -> list[tuple[float, float]]:
    return [(x, y) for x, y in points]
