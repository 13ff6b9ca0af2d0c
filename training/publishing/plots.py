"""The plots of a run's figures, for the report and the model card."""

from typing import Any

from classifier.labels import CLASSES
from training.evaluation.coarse_groups import COARSE
from training.page.charts import Series, chart, matrix
from training.publishing.detector_plots import detector_plots

_EVEN = Series("perfect calibration", [(0, 0), (1, 1)], "dashed")
_CHANCE = Series("chance", [(0, 0), (1, 1)], "dashed")


def plots(metrics: dict[str, Any]) -> dict[str, str]:
    """Name → inline SVG. ``metrics``: the result of ``training.evaluation.evaluate.evaluate``."""
    types, fracture, explanation = (metrics[head] for head in ("types", "fracture", "explanation"))
    detector = metrics.get("detector")
    found = {
        "confusion": matrix(
            [name.replace("_", " ") for name in CLASSES],
            types["confusion"],
            types["confusion_intervals"],
            "Confusion matrix: true classes down, what the network said across.",
        ),
        "reliability": _reliability(types["reliability"], "the likeliest class"),
        "coverage": _coverage(types["coverage_curve"]),
    }
    if coarse := metrics.get("coarse"):  # older releases have none
        found["coarse"] = matrix(
            list(COARSE),
            coarse["confusion"],
            coarse["confusion_intervals"],
            "Confusion matrix of the four coarse groups: true groups down, what the network said across.",
        )
    if detector:
        found |= detector_plots(detector)
    else:
        found["fracture_roc"] = _roc(fracture)
        found["fracture_reliability"] = _reliability(fracture["reliability"], "fracture or none")
    if explanation:
        found["deletion"] = _deletion(explanation["curves"])
    return found


def plot_file(name: str) -> str:
    """The name of a plot's file beside the model card."""
    return f"plot_{name}.svg"


def _reliability(bins: list[dict[str, Any]], what: str) -> str:
    most = max(row["pictures"] for row in bins)
    points = [(row["confidence"], row["accuracy"]) for row in bins]
    sizes = tuple(row["pictures"] / most for row in bins)
    series = Series(f"{what} (dot: pictures)", points, "strong", sizes, _bounds(bins))
    description = "; ".join(f"said {said:.0%}, right {right:.0%}" for said, right in points)
    return chart([_EVEN, series], "confidence", "right", f"Reliability of {what}: {description}")


def _coverage(curve: list[dict[str, Any]]) -> str:
    points = [(point["coverage"], point["accuracy"]) for point in curve]
    description = "; ".join(f"surest {share:.0%}: {right:.0%}" for share, right in points[2::4])
    return chart(
        [Series("accuracy on the surest part", points, "strong", bounds=_bounds(curve))],
        "share of the pictures, the surest first",
        "right",
        f"Accuracy against coverage: {description}",
    )


def _bounds(points: list[dict[str, Any]]) -> tuple[tuple[float, float], ...]:
    """95 % intervals."""
    return tuple((low, high) for low, high in (point["interval"] for point in points))


def _roc(fracture: dict[str, Any]) -> str:
    series = [
        _CHANCE,
        Series(
            f"grouped folds, {fracture['pictures']} pictures", _pairs(fracture["roc"]), "strong"
        ),
    ]
    description = f"ROC of fracture or none: area {fracture['auroc']['value']:.3f} on grouped folds"
    if external := fracture.get("outside"):
        title = f"external test set, {external['pictures']} pictures"
        series.append(Series(title, _pairs(external["roc"])))
        description += f", {external['auroc']['value']:.3f} on the external test set"
    return chart(series, "healthy bones called fractured", "fractures found", description)


def _deletion(curves: list[dict[str, float]]) -> str:
    series = [
        Series(title, [(curve["hidden"], curve[name]) for curve in curves], kind)
        for title, name, kind in (
            ("hidden where the map is strongest", "by_map", "strong"),
            ("hidden at random", "by_chance", ""),
        )
    ]
    last = curves[-1]
    description = (
        f"Probability of the top class when parts are hidden: with {last['hidden']:.0%} hidden "
        f"{last['by_map']:.0%} by the map's order, {last['by_chance']:.0%} at random"
    )
    return chart(series, "share of the picture hidden", "probability of the top class", description)


def _pairs(points: list[list[float]]) -> list[tuple[float, float]]:
    return [(x, y) for x, y in points]
