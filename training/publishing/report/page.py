"""The report's page: the main figures first, then their details, then examples."""

from dataclasses import dataclass
from typing import Any

from training.page.frame import Section, page, paragraph
from training.page.pictures import sheet
from training.page.tables import Cell, tiles
from training.publishing.figure_labels import interval, value
from training.publishing.plots import plots
from training.publishing.report.call_sections import call_section, maps_section, refusal_section
from training.publishing.report.types_sections import (
    coarse_section,
    confidence_section,
    shipped_section,
    slices_section,
    types_section,
)

_NOTICE = (
    "This page holds patients' pictures. It is for those who may see the data; runs/ is not under "
    "version control, and the page belongs nowhere else."
)


@dataclass(frozen=True)
class Examples:
    """Figures as HTML, of radiographs whose predicted type is right, and of others where it is wrong."""

    right: list[str]
    wrong: list[str]


def report_page(config: dict[str, Any], metrics: dict[str, Any], examples: Examples) -> str:
    """A whole HTML document. ``metrics``: the result of ``training.evaluation.evaluate.evaluate``."""
    types, shown = metrics["types"], plots(metrics)
    lead = (
        f"{config['name']} {config['version']}: held-out figures of {types['pictures']:,} radiographs in "
        f"{types['groups']:,} groups, {metrics['method']}."
    )
    sections = [
        Section("figures", "In short", _short(metrics)),
        Section("types", "The ten types", types_section(metrics, shown)),
        Section("coarse", "The four coarse groups", coarse_section(metrics["coarse"], shown)),
        Section("sure", "How sure it is", confidence_section(types, shown)),
        Section("slices", "By kind of picture", slices_section(types)),
        Section("shipped", "The data set's own Test split", shipped_section(metrics["shipped"])),
        Section("fracture", "Fracture or none", call_section(metrics, shown)),
        Section("refusal", "What is refused", refusal_section(metrics["assessable"])),
        Section("maps", "Activation maps", maps_section(metrics["explanation"], shown)),
        Section("right", "Right, and sure of it", _examples(examples.right)),
        Section("wrong", "Wrong, and sure of it", _examples(examples.wrong)),
    ]
    return page("What the network is worth", lead, _NOTICE, sections)


def _short(metrics: dict[str, Any]) -> str:
    """The most important figures, each with its interval."""
    types, fracture = metrics["types"], metrics["fracture"] or {}
    detector = metrics.get("detector") or {"fracatlas": None, "without_fracatlas": None}
    main = [
        ("accuracy", types, "accuracy of the ten types"),
        ("macro_f1", types, "macro-F1"),
        ("top3_accuracy", types, "true class among the first three"),
        ("accuracy", metrics["coarse"], "accuracy of the four coarse groups"),
        ("ece", types, "calibration error"),
        ("auroc", fracture, "AUROC, fracture or none"),
        ("auroc", fracture.get("outside"), "the same on the external test set"),
        ("auroc", detector["fracatlas"], "AUROC, fracture or none, folds within FracAtlas"),
        ("auroc", detector["without_fracatlas"], "the same, FracAtlas never learnt from"),
        ("auroc", metrics["assessable"], "AUROC of the refusal"),
    ]
    tile_rows: list[tuple[Cell, str]] = [
        (value(key, part[key]), f"{name}; {interval(key, part[key])}")
        for key, part, name in main
        if part and key in part
    ]
    return tiles(tile_rows) + paragraph("Behind each figure, its 95 % interval.", quiet=True)


def _examples(figures: list[str]) -> str:
    text = (
        "The surest of each true class, held out. From left: the radiograph and its class; the map of the "
        "class that was said, with its confidence; the map of the rival."
    )
    return paragraph(text) + f'<div class="three">{sheet(figures)}</div>'
