"""The report's sections about the ten types and their coarse groups."""

from typing import Any

from training.evaluation.coarse_groups import TYPES_OF
from training.evaluation.mistakes import commonest
from training.page.frame import paragraph
from training.page.tables import Cell, table
from training.publishing.figure_labels import (
    CLASS,
    COARSE_FIGURES,
    LABEL_SETS,
    SPLIT,
    TYPES,
    both,
    interval,
    percent,
    value,
)
from training.publishing.report.figures_table import capitalised, figures_table

_MISTAKES = 8  # most frequent mistakes to name


def types_section(metrics: dict[str, Any], shown: dict[str, str]) -> str:
    types, label_sets = metrics["types"], metrics["label_sets"]
    parts = [_types(types), shown["confusion"], _mistakes(types)]
    if label_sets:
        text = (
            f"{label_sets['conflicts']} more radiographs are filed under several types. Against label sets a "
            "call is right if it names any of them:"
        )
        parts += [paragraph(text), figures_table(LABEL_SETS, label_sets)]
    return "".join(parts)


def _types(types: dict[str, Any]) -> str:
    folds = ", ".join(percent(share) for share in types["folds"])
    sentence = paragraph(f"Accuracy by fold: {folds}.")
    return figures_table(TYPES, types) + sentence + _classes("Class", types["classes"])


def _classes(head: str, classes: dict[str, Any]) -> str:
    heads = [head, "Pictures", *(f"{capitalised(name)} (95 %)" for name in CLASS.values())]
    rows: list[list[Cell]] = [
        [name.replace("_", " "), value["pictures"], *(both(key, value[key]) for key in CLASS)]
        for name, value in classes.items()
    ]
    return table(heads, rows)


def coarse_section(coarse: dict[str, Any], shown: dict[str, str]) -> str:
    groups = "; ".join(
        f"{group}: {', '.join(types).replace('_', ' ')}" for group, types in TYPES_OF.items()
    )
    text = f"{groups}. The probability of a group is the sum of its types'."
    figures = figures_table(COARSE_FIGURES, coarse) + _classes("Group", coarse["classes"])
    return paragraph(text) + figures + shown["coarse"]


def _mistakes(types: dict[str, Any]) -> str:
    rows: list[list[Cell]] = [
        [mistake.true, mistake.predicted, f"{mistake.pictures:.1f}", both("", mistake.share)]
        for mistake in commonest(types, _MISTAKES)
    ]
    heads = ["True class", "Called", "Pictures", "Share of the true class (95 %)"]
    sentence = "The most frequent mistakes; point at a cell above to see the same for any pair."
    return paragraph(sentence) + table(heads, rows)


def confidence_section(types: dict[str, Any], shown: dict[str, str]) -> str:
    text = (
        f"Of a hundred pictures that it calls with 60 % confidence, sixty should be right. The mean gap is "
        f"{percent(types['ece']['value'])}. Keeping only what it is surest of makes it right more often: the "
        "second plot says by how much."
    )
    return paragraph(text) + f'<div class="beside">{shown["reliability"]}{shown["coverage"]}</div>'


def slices_section(types: dict[str, Any]) -> str:
    parts = []
    for kind, slices in types["slices"].items():
        rows: list[list[Cell]] = [
            [name, part["pictures"], value("", part["accuracy"]), interval("", part["accuracy"])]
            for name, part in slices.items()
        ]
        parts.append(table([kind.capitalize(), "Pictures", "Accuracy", "95 % interval"], rows))
    return "".join(parts)


def shipped_section(shipped: dict[str, Any] | None) -> str:
    if not shipped:
        return paragraph("The data has no such split.")
    keys = ("accuracy", "macro_f1", "top3_accuracy")
    heads = [
        "Rows",
        "Pictures",
        *(f"{capitalised(TYPES[key])} (95 %)" for key in keys),
    ]
    rows: list[list[Cell]] = [
        [SPLIT[name], part["pictures"], *(both(key, part[key]) for key in keys)]
        for name, part in shipped.items()
    ]
    text = (
        "A network trained on the shipped Train split alone. Leaked rows have a twin there, so that it has "
        "seen their radiograph: only the clean rows count."
    )
    return paragraph(text) + table(heads, rows)
