"""What the card says of the four coarse groups of the ten types."""

from typing import Any

from training.evaluation.coarse_groups import COARSE, TYPES_OF
from training.publishing.figure_labels import COARSE_FIGURES, class_row, percent, row
from training.publishing.plots import plot_file

_SECTION = """In four coarse groups that triage needs ({groups}).
The probability of a group is the sum of those of its types:

| figure | value | 95 % interval |
| --- | --- | --- |
{figures}

Always naming the most frequent group would give {majority}.

| group | pictures | precision (95 % interval) | recall | F1 | AUROC |
| --- | --- | --- | --- | --- | --- |
{rows}

![Confusion matrix of the four coarse groups]({plot})

"""


def coarse_section(metrics: dict[str, Any]) -> str:
    """Markdown that ends in an empty line; nothing for a release that was measured before these groups."""
    coarse = metrics.get("coarse")
    if not coarse:
        return ""
    classes = coarse["classes"]
    largest = max(group["pictures"] for group in classes.values())
    return _SECTION.format(
        groups="; ".join(f"*{group}*: {', '.join(TYPES_OF[group])}" for group in COARSE),
        figures="\n".join(row(name, key, coarse[key]) for key, name in COARSE_FIGURES.items()),
        majority=percent(largest / metrics["types"]["pictures"]),
        rows="\n".join(class_row(group, classes[group]) for group in COARSE),
        plot=plot_file("coarse"),
    )
