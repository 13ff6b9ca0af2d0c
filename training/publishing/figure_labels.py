"""The labels of a manifest's figures in the model card and in the report."""

from typing import Any

TYPES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro-F1",
    "top3_accuracy": "true class among the first three",
    "macro_auroc": "AUROC, mean over the classes",
    "accuracy_at_15": "accuracy on the surest 15 %",
    "accuracy_at_35": "accuracy on the surest 35 %",
    "accuracy_at_50": "accuracy on the surest 50 %",
    "ece": "expected calibration error (15 bins)",
    "set_coverage": "prediction set holds the true class",
    "set_worst_coverage": "the same, for the class where it does least often",
    "set_size": "classes in a prediction set",
}
COARSE_FIGURES = {
    "accuracy": "accuracy of the four coarse groups",
    "macro_f1": "macro-F1 of the four coarse groups",
}
LABEL_SETS = {
    "accuracy": "accuracy against label sets",
    "accuracy_on_conflicts": "the same, on those under several types alone",
}
FRACTURE = {
    "auroc": "AUROC",
    "sensitivity_not_negative": "sensitivity of not negative",
    "specificity_not_negative": "specificity of not negative",
    "sensitivity_positive": "sensitivity of positive",
    "specificity_positive": "specificity of positive",
    "doubt": "share in doubt",
    "ece": "expected calibration error (15 bins)",
}
ELSEWHERE = {
    "auroc": "AUROC",
    "auroc_called": "AUROC of those that are given a call",
    **{key: name for key, name in FRACTURE.items() if key != "auroc"},
    "refused": "refused as no bone radiograph, all wrongly",
}
BY_SIZE = {
    "auroc": "AUROC",
    "sensitivity_not_negative": "fractured, not called negative",
    "specificity_not_negative": "healthy, called negative",
    "sensitivity_positive": "fractured, called positive",
    "specificity_positive": "healthy, not called positive",
}
SIZE_GIVES_AWAY = (
    "Where the size of a file goes with its state, a network can learn where a picture comes from instead of "
    "whether a bone is broken. To know nothing but whether a file has the commonest size gives an AUROC of "
    "{alone}."
)
ASSESSABLE = {
    "auroc": "AUROC, non-radiographs against bone",
    "refused": "non-radiographs refused",
    "reason": "of these, with the right reason",
    "false_refusals": "bone radiographs refused",
}
EXPLANATION = {
    "by_map": "probability of the top class left, hidden by the map's order",
    "by_chance": "the same, hidden at random",
    "lower_by_map": "lower by the map's order",
}
CLASS = {"precision": "precision", "recall": "recall", "f1": "F1", "auroc": "AUROC"}
SPLIT = {"all": "whole", "leaked": "with a twin in Train", "clean": "without"}
_PLAIN = {"auroc", "auroc_called", "macro_auroc", "set_size"}  # not shown as percentages


def percent(share: float) -> str:
    """The percent sign never starts a new line."""
    return f"{100 * share:.1f}\u00a0%"


def value(key: str, figure: dict[str, Any]) -> str:
    return _shown(key, figure["value"])


def interval(key: str, figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{_shown(key, low)} to {_shown(key, high)}"


def both(key: str, figure: dict[str, Any] | None) -> str:
    """The value and its interval in brackets, on one line; a dash for what could not be measured."""
    if figure is None:
        return "–"
    low, high = (_shown(key, bound).removesuffix("\u00a0%") for bound in figure["interval"])
    return f"{value(key, figure)}\u00a0({low}–{high})"


def row(name: str, key: str, *figures: dict[str, Any]) -> str:
    """A row of Markdown: a name, and for each figure its value and its interval; blank for an empty
    figure.
    """
    cells = []
    for figure in figures:
        cells += [value(key, figure), interval(key, figure)] if figure else ["", ""]
    return f"| {name} | {' | '.join(cells)} |"


def class_row(name: str, figures: dict[str, Any]) -> str:
    """A row of Markdown: a class, its number of pictures and its figures."""
    columns = (both(key, figures[key]) for key in CLASS)
    return f"| {name} | {figures['pictures']} | {' | '.join(columns)} |"


def _shown(key: str, number: float) -> str:
    return f"{number:.3f}" if key in _PLAIN else percent(number)
