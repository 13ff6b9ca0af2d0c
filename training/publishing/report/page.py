"""The report's page: what the figures are first, then where they come from, then pictures."""

from dataclasses import dataclass
from typing import Any

from training.evaluation.coarse_groups import TYPES_OF
from training.evaluation.mistakes import commonest
from training.page.frame import Section, page, paragraph
from training.page.pictures import sheet
from training.page.tables import Cell, table, tiles
from training.publishing.figure_labels import (
    ASSESSABLE,
    BY_SIZE,
    CLASS,
    COARSE_FIGURES,
    EXPLANATION,
    FRACTURE,
    LABEL_SETS,
    SIZE_GIVES_AWAY,
    SPLIT,
    TYPES,
    both,
    interval,
    percent,
    value,
)
from training.publishing.plots import plots
from training.publishing.report.detector import detector_section

_NOTICE = (
    "This page holds patients' pictures. It is for those who may see the data; runs/ is not under "
    "version control, and the page belongs nowhere else."
)
_UNMEASURED = (
    "These pictures come from the collection that it learnt from. Whether the call may be used is decided by "
    "the finished release on another hospital's pictures: python -m training measure."
)
_MISTAKES = 8  # to name


@dataclass(frozen=True)
class Examples:
    """Figures, as HTML, of radiographs whose type was said rightly and wrongly."""

    right: list[str]
    wrong: list[str]


def report_page(config: dict[str, Any], metrics: dict[str, Any], examples: Examples) -> str:
    """A whole HTML document. ``metrics``: what ``training.evaluation.evaluate.evaluate`` gave."""
    types, shown = metrics["types"], plots(metrics)
    lead = (
        f"{config['name']} {config['version']}: held-out figures of {types['pictures']:,} radiographs in "
        f"{types['groups']:,} groups, {metrics['method']}."
    )
    sections = [
        Section("figures", "In short", _short(metrics)),
        Section("types", "The ten types", _ten(metrics, shown)),
        Section("coarse", "The four coarse groups", _coarse(metrics["coarse"], shown)),
        Section("sure", "How sure it is", _sure(types, shown)),
        Section("slices", "By kind of picture", _slices(types)),
        Section("shipped", "The data set's own Test split", _shipped(metrics["shipped"])),
        Section("fracture", "Fracture or none", _call(metrics, shown)),
        Section("refusal", "What is refused", _refusal(metrics["assessable"])),
        Section("maps", "What it looks at", _maps(metrics["explanation"], shown)),
        Section("right", "Right, and sure of it", _examples(examples.right)),
        Section("wrong", "Wrong, and sure of it", _examples(examples.wrong)),
    ]
    return page("What the network is worth", lead, _NOTICE, sections)


def _short(metrics: dict[str, Any]) -> str:
    """The figures that a reader looks for first, each over its interval."""
    types, fracture = metrics["types"], metrics["fracture"] or {}
    detector = metrics.get("detector") or {"fracatlas": None, "without_fracatlas": None}
    main = [
        ("accuracy", types, "accuracy of the ten types"),
        ("macro_f1", types, "macro-F1"),
        ("top3_accuracy", types, "true class among the first three"),
        ("accuracy", metrics["coarse"], "accuracy of the four coarse groups"),
        ("ece", types, "calibration error"),
        ("auroc", fracture, "AUROC, fracture or none"),
        ("auroc", fracture.get("outside"), "the same on the outside set"),
        ("auroc", detector["fracatlas"], "AUROC, fracture or none, folds within FracAtlas"),
        ("auroc", detector["without_fracatlas"], "the same, FracAtlas never learnt from"),
        ("auroc", metrics["assessable"], "AUROC of the refusal"),
    ]
    told: list[tuple[Cell, str]] = [
        (value(key, part[key]), f"{name}; {interval(key, part[key])}")
        for key, part, name in main
        if part and key in part
    ]
    return tiles(told) + paragraph("Behind each figure, its 95 % interval.", quiet=True)


def _ten(metrics: dict[str, Any], shown: dict[str, str]) -> str:
    types, label_sets = metrics["types"], metrics["label_sets"]
    parts = [_types(types), shown["confusion"], _mistakes(types)]
    if label_sets:
        text = (
            f"{label_sets['conflicts']} more radiographs are filed under several types. Against label sets a "
            "call is right if it names any of them:"
        )
        parts += [paragraph(text), _figures(LABEL_SETS, label_sets)]
    return "".join(parts)


def _types(types: dict[str, Any]) -> str:
    folds = ", ".join(percent(each) for each in types["folds"])
    told = paragraph(f"Accuracy by fold: {folds}.")
    return _figures(TYPES, types) + told + _classes("Class", types["classes"])


def _classes(head: str, classes: dict[str, Any]) -> str:
    heads = [head, "Pictures", *(f"{_upper(name)} (95 %)" for name in CLASS.values())]
    rows: list[list[Cell]] = [
        [name.replace("_", " "), each["pictures"], *(both(key, each[key]) for key in CLASS)]
        for name, each in classes.items()
    ]
    return table(heads, rows)


def _coarse(coarse: dict[str, Any], shown: dict[str, str]) -> str:
    groups = "; ".join(
        f"{group}: {', '.join(types).replace('_', ' ')}" for group, types in TYPES_OF.items()
    )
    text = f"{groups}. The probability of a group is the sum of its types'."
    figures = _figures(COARSE_FIGURES, coarse) + _classes("Group", coarse["classes"])
    return paragraph(text) + figures + shown["coarse"]


def _mistakes(types: dict[str, Any]) -> str:
    rows: list[list[Cell]] = [
        [each.true, each.said, f"{each.pictures:.1f}", both("", each.share)]
        for each in commonest(types, _MISTAKES)
    ]
    heads = ["True class", "Called", "Pictures", "Share of the true class (95 %)"]
    told = "The most frequent mistakes; the pointer on a cell above tells the same of any."
    return paragraph(told) + table(heads, rows)


def _sure(types: dict[str, Any], shown: dict[str, str]) -> str:
    text = (
        f"Of a hundred pictures that it calls with 60 % confidence, sixty should be right. The mean gap is "
        f"{percent(types['ece']['value'])}. Keeping only what it is surest of makes it right more often: the "
        "second plot says by how much."
    )
    return paragraph(text) + f'<div class="beside">{shown["reliability"]}{shown["coverage"]}</div>'


def _slices(types: dict[str, Any]) -> str:
    parts = []
    for kind, slices in types["slices"].items():
        rows: list[list[Cell]] = [
            [name, part["pictures"], value("", part["accuracy"]), interval("", part["accuracy"])]
            for name, part in slices.items()
        ]
        parts.append(table([kind.capitalize(), "Pictures", "Accuracy", "95 % interval"], rows))
    return "".join(parts)


def _shipped(shipped: dict[str, Any] | None) -> str:
    if not shipped:
        return paragraph("The data has no such split.")
    keys = ("accuracy", "macro_f1", "top3_accuracy")
    heads = [
        "Rows",
        "Pictures",
        *(f"{_upper(TYPES[key])} (95 %)" for key in keys),
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


def _call(metrics: dict[str, Any], shown: dict[str, str]) -> str:
    if metrics.get("detector"):
        return detector_section(metrics, shown)
    return _fracture(metrics["fracture"], shown)


def _fracture(fracture: dict[str, Any], shown: dict[str, str]) -> str:
    text = (
        f"{fracture['pictures']:,} pictures in {fracture['groups']:,} groups. Below the first operating "
        "point the call is negative, from the second on positive, and doubt between them."
    )
    parts = [paragraph(text), paragraph(_UNMEASURED), _figures(FRACTURE, fracture)]
    if outside := fracture.get("outside"):
        told = f"On {outside['pictures']} pictures of the outside set, on which nothing was fitted:"
        parts += [paragraph(told), _figures(FRACTURE, outside)]
    if fracture["slices"]:
        heads = ["File", "Pictures", "Fractured", *(_upper(name) for name in BY_SIZE.values())]
        rows: list[list[Cell]] = [
            [name, part["pictures"], part["fractured"], *(both(key, part[key]) for key in BY_SIZE)]
            for name, part in fracture["slices"].items()
        ]
        alone = both("auroc", fracture["by_size_alone"]["auroc"])
        told = f"{SIZE_GIVES_AWAY.format(alone=alone)} Among files of like size:"
        parts += [paragraph(told), table(heads, rows)]
    curves = f"{shown['fracture_roc']}{shown['fracture_reliability']}"
    return "".join(parts) + f'<div class="beside">{curves}</div>'


def _refusal(refusal: dict[str, Any]) -> str:
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
    shown = _figures(ASSESSABLE, refusal) + table(heads, rows)
    if regions:
        shown += table(["Bone radiographs of", "Pictures", "Groups", "Refused (95 %)"], regions)
    return shown


def _maps(explanation: dict[str, Any] | None, shown: dict[str, str]) -> str:
    if not explanation:
        return paragraph("Not measured.")
    text = (
        f"On {explanation['pictures']} held-out pictures parts are blurred away, where the map of the top "
        "class is strongest or at random. A map that points at what the network looked at makes the "
        "probability fall faster."
    )
    return paragraph(text) + _figures(EXPLANATION, explanation) + shown["deletion"]


def _examples(figures: list[str]) -> str:
    text = (
        "The surest of each true class, held out. From left: the radiograph and its class; the map of the "
        "class that was said, with its confidence; the map of the rival."
    )
    return paragraph(text) + f'<div class="three">{sheet(figures)}</div>'


def _upper(name: str) -> str:
    return name[0].upper() + name[1:]


def _figures(names: dict[str, str], figures: dict[str, Any]) -> str:
    rows: list[list[Cell]] = [
        [name, value(key, figures[key]), interval(key, figures[key])]
        for key, name in names.items()
        if key in figures
    ]
    return table(["Figure", "Value", "95 % interval"], rows)
