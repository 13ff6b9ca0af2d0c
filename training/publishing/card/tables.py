"""Tables and plots of a model card, as Markdown."""

from typing import Any

from training.fitting.explain import SHARES
from training.publishing.figure_labels import (
    EXPLANATION,
    SPLIT,
    TYPES,
    both,
    interval,
    row,
    value,
)
from training.publishing.plots import plot_file, plots

_SHIPPED = ("accuracy", "macro_f1", "top3_accuracy")
_PLOTS = {
    "confusion": "Confusion matrix",
    "reliability": "Reliability diagram of the ten types",
    "coverage": "Accuracy against coverage",
    "deletion": "Probability of the top class when parts are hidden",
}


def slice_table(kind: str, parts: dict[str, Any]) -> str:
    lines = [f"| {kind} | pictures | accuracy | 95 % interval |", "| --- | --- | --- | --- |"]
    for name, part in parts.items():
        figure = part["accuracy"]
        shown = f"{value('accuracy', figure)} | {interval('accuracy', figure)}"
        lines.append(f"| {name} | {part['pictures']} | {shown} |")
    return "\n".join(lines)


def plot_links(names: list[str], metrics: dict[str, Any]) -> str:
    """Markdown links to the plots beside the card."""
    there = plots(metrics)
    return "\n".join(f"![{_PLOTS[name]}]({plot_file(name)})" for name in names if name in there)


def shipped_table(shipped: dict[str, Any] | None) -> str:
    if not shipped:
        return "The data have no such split."
    heads = "".join(f" {TYPES[key]} | 95 % interval |" for key in _SHIPPED)
    lines = [f"| rows | pictures |{heads}", "| --- | --- |" + " --- | --- |" * len(_SHIPPED)]
    for name, part in shipped.items():
        cells = [value(key, part[key]) + " | " + interval(key, part[key]) for key in _SHIPPED]
        lines.append(f"| {SPLIT[name]} | {part['pictures']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def explanation(metrics: dict[str, Any]) -> str:
    figures = metrics["explanation"]
    if not figures:
        return "Not measured."
    lines = [
        f"Cells of the map are blurred away, the strongest first or at random, up to {SHARES[-1]:.0%} of "
        f"{figures['pictures']} held-out pictures (deletion: Petsiuk et al., 2018). A map that points at "
        "what the network used makes the top class's probability fall faster.\n",
        "| figure | value | 95 % interval |",
        "| --- | --- | --- |",
        *(row(name, key, figures[key]) for key, name in EXPLANATION.items()),
        "",
        plot_links(["deletion"], metrics),
    ]
    return "\n".join(lines)


def external_refusals(refusal: dict[str, Any]) -> str:
    share = refusal.get("false_refusals_outside")
    shown = both("refused", share) if share else ""
    return f" {shown} of the external test set are refused, all wrongly." if share else ""


def refused_regions(regions: dict[str, Any]) -> str:
    if not regions:
        return "Body regions are not known."
    lines = [
        "| bone radiographs of | pictures | groups | refused (95 % interval) |",
        "| --- |" + " --- |" * 3,
    ]
    for name, part in regions.items():
        shown = both("refused", part["refused"])
        lines.append(f"| {name} | {part['pictures']} | {part['groups']} | {shown} |")
    return "\n".join(lines)
