"""A table of figures, each with its interval."""

from typing import Any

from training.page.tables import Cell, table
from training.publishing.figure_labels import interval, value


def capitalised(name: str) -> str:
    return name[0].upper() + name[1:]


def figures_table(names: dict[str, str], figures: dict[str, Any]) -> str:
    rows: list[list[Cell]] = [
        [name, value(key, figures[key]), interval(key, figures[key])]
        for key, name in names.items()
        if key in figures
    ]
    return table(["Figure", "Value", "95 % interval"], rows)
