"""The report's sections about the fracture call, the refusal and the maps."""

from typing import Any

from training.page.frame import paragraph
from training.page.tables import Cell, table
from training.publishing.figure_labels import (
    ASSESSABLE,
    BY_SIZE,
    EXPLANATION,
    FRACTURE,
    SIZE_GIVES_AWAY,
    both,
)
from training.publishing.report.detector import detector_section
from training.publishing.report.figures_table import capitalised, figures_table

_UNMEASURED = (
    "These pictures are of the collection that it was trained on. Whether the call may be used depends on "
    "the finished release on another hospital's pictures: python -m training measure."
)


def call_section(metrics: dict[str, Any], shown: dict[str, str]) -> str:
    if metrics.get("detector"):
        return detector_section(metrics, shown)
    return _fracture(metrics["fracture"], shown)


def _fracture(fracture: dict[str, Any], shown: dict[str, str]) -> str:
    text = (
        f"{fracture['pictures']:,} pictures in {fracture['groups']:,} groups. Below the first operating "
        "point the call is negative, from the second on positive, and doubt between them."
    )
    parts = [paragraph(text), paragraph(_UNMEASURED), figures_table(FRACTURE, fracture)]
    if external := fracture.get("outside"):
        sentence = (
            f"On {external['pictures']} pictures of the external test set, unused in fitting:"
        )
        parts += [paragraph(sentence), figures_table(FRACTURE, external)]
    if fracture["slices"]:
        heads = ["File", "Pictures", "Fractured", *(capitalised(name) for name in BY_SIZE.values())]
        rows: list[list[Cell]] = [
            [name, part["pictures"], part["fractured"], *(both(key, part[key]) for key in BY_SIZE)]
            for name, part in fracture["slices"].items()
        ]
        alone = both("auroc", fracture["by_size_alone"]["auroc"])
        sentence = f"{SIZE_GIVES_AWAY.format(alone=alone)} Among files of like size:"
        parts += [paragraph(sentence), table(heads, rows)]
    curves = f"{shown['fracture_roc']}{shown['fracture_reliability']}"
    return "".join(parts) + f'<div class="beside">{curves}</div>'


def refusal_section(refusal: dict[str, Any]) -> str:
    heads = [
        "Against bone radiographs",
        "Pictures",
        "Groups",
        "Refused (95 %)",
        "With the right reason (95 %)",
        "AUROC (95 %)",
    ]
    rows: list[list[Cell]] = [
        [
            name,
            part["pictures"],
            part["groups"],
            both("refused", part["refused"]),
            both("reason", part.get("reason")),
            both("auroc", part["auroc"]),
        ]
        for name, part in refusal["parts"].items()
    ]
    regions: list[list[Cell]] = [
        [name, part["pictures"], part["groups"], both("refused", part["refused"])]
        for name, part in refusal["regions"].items()
    ]
    shown = figures_table(ASSESSABLE, refusal) + table(heads, rows)
    if regions:
        shown += table(["Bone radiographs of", "Pictures", "Groups", "Refused (95 %)"], regions)
    return shown


def maps_section(explanation: dict[str, Any] | None, shown: dict[str, str]) -> str:
    if not explanation:
        return paragraph("Not measured.")
    text = (
        f"On {explanation['pictures']} held-out pictures parts are blurred away, where the map of the top "
        "class is strongest or at random. A map that points at what the network used makes the "
        "probability fall faster."
    )
    return paragraph(text) + figures_table(EXPLANATION, explanation) + shown["deletion"]
