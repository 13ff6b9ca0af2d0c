"""The report's section about a detector."""

from typing import Any

from training.page.frame import paragraph
from training.page.tables import Cell, table
from training.publishing.targets import HEADS, target_rows

_TEXT = (
    "Folds: most patients are new, hospitals are not. Never learnt from: by a network that was trained on "
    "no picture of that collection. What was wanted was set before this was trained. The card has more."
)


def detector_section(metrics: dict[str, Any], shown: dict[str, str]) -> str:
    """HTML. ``shown``: name of a plot → SVG."""
    rows: list[list[Cell]] = [
        [cell.replace("*", "") for cell in row] for row in target_rows(metrics)
    ]
    drawn = "".join(svg for name, svg in shown.items() if name.startswith("detector_"))
    return paragraph(_TEXT) + table(list(HEADS), rows) + f'<div class="beside">{drawn}</div>'
