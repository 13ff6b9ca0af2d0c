"""The model card, written from the manifest, so that nobody types a figure by hand."""

from typing import Any

from classifier.labels import CLASSES
from training.publishing.card import detector as detector_card
from training.publishing.card import detector_text as card_text
from training.publishing.card import fracture as fracture_card
from training.publishing.card import label_sets as label_sets_card
from training.publishing.card.checklist import checklist
from training.publishing.card.coarse_groups import coarse_section
from training.publishing.card.external import usable
from training.publishing.card.indications import indications_section
from training.publishing.card.network import network
from training.publishing.card.tables import (
    explanation,
    external_refusals,
    plot_links,
    refused_regions,
    shipped_table,
    slice_table,
)
from training.publishing.card.template import CARD, EXTRA, LEAKED
from training.publishing.figure_labels import ASSESSABLE, TYPES, both, class_row, percent, row

_FOR_DETECTOR = {
    "bones": "refusal",
    "multi-region": "fracture or none",
    "fracatlas": "fracture or none, and where; refusal",
    "boxes": "where a fracture is; refusal",
}
_FOR = {
    "types": "the ten types; its non-radiographs: refusal",
    "bones": "fracture or none; its non-radiographs: refusal",
    "foreign": "refusal",
    "drawn": "refusal: bones that Callus draws, so that a drawn picture is not refused for being drawn",
    "outside": "measuring only",
    "elsewhere": "measuring the finished release only",
    "extra": "included in the first two rows",
}


def model_card(manifest: dict[str, Any]) -> str:
    """The card as Markdown. Equal manifests give equal cards."""
    metrics, shipped = manifest["metrics"], manifest["metrics"]["shipped"]
    return CARD.format(
        name=manifest["name"],
        version=manifest["version"],
        usable=usable(manifest),
        indications=indications_section(manifest),
        method=metrics["method"],
        leaked=LEAKED if shipped else "",
        shipped=shipped_table(shipped),
        explanation=explanation(metrics),
        temperature=manifest["temperature"],
        set_method=manifest["prediction_set"]["method"],
        checklist=checklist(manifest),
        **network(manifest),
        **_data(manifest),
        **_types(manifest),
        **_fracture(manifest),
        **_refusal(metrics["assessable"]),
    )


def _data(manifest: dict[str, Any]) -> dict[str, str]:
    data = manifest["data"]
    purposes = _FOR | (_FOR_DETECTOR if manifest["metrics"].get("detector") else {})
    return {
        "extra": EXTRA.format(**data["extra"]) if "extra" in data else "",
        "data": "\n".join(
            f"| {name} | {part['pictures']} | {purposes[name]} |" for name, part in data.items()
        ),
    }


def _types(manifest: dict[str, Any]) -> dict[str, str]:
    metrics, types = manifest["metrics"], manifest["metrics"]["types"]
    largest = max(figures["pictures"] for figures in types["classes"].values())
    slices = [slice_table(kind, part) for kind, part in types["slices"].items()]
    return {
        "types_pictures": types["pictures"],
        "types_groups": types["groups"],
        "types": "\n".join(row(name, key, types[key]) for key, name in TYPES.items()),
        "folds": ", ".join(percent(share) for share in types["folds"]),
        "majority": percent(largest / types["pictures"]),
        "classes": "\n".join(class_row(name, types["classes"][name]) for name in CLASSES),
        "plots_types": plot_links(["confusion", "reliability", "coverage"], metrics),
        "coarse": coarse_section(metrics),
        "label_sets": label_sets_card.label_sets_section(metrics),
        "conflicts": label_sets_card.limit(manifest),
        "slices": "\n\n".join(slices),
    }


def _refusal(refusal: dict[str, Any]) -> dict[str, str]:
    return {
        "assessable": "\n".join(
            row(name, key, refusal[key]) for key, name in ASSESSABLE.items() if key in refusal
        ),
        "refusal_parts": "\n".join(
            f"| {name} | {part['pictures']} | {part['groups']} | {both('refused', part['refused'])} "
            f"| {both('reason', part.get('reason'))} | {both('auroc', part['auroc'])} |"
            for name, part in refusal["parts"].items()
        ),
        "external_refusals": external_refusals(refusal),
        "refused_regions": refused_regions(refusal["regions"]),
    }


def _fracture(manifest: dict[str, Any]) -> dict[str, str]:
    """The texts that depend on what gives the call: a detector, or a head of the types' network."""
    metrics = manifest["metrics"]
    if detector := metrics.get("detector"):
        return {
            "and_where": ", and where",
            "limit_sources": card_text.LIMIT_SOURCES,
            "limit_labels": card_text.LIMIT_LABELS,
            "wanted": detector_card.targets_section(metrics),
            "limits_fracture": detector_card.limits(detector),
            "collections": card_text.COLLECTIONS,
            "fracture_section": detector_card.section(manifest),
        }
    return {
        "and_where": "",
        "limit_sources": fracture_card.LIMIT_SOURCES,
        "limit_labels": fracture_card.LIMIT_LABELS,
        "wanted": "",
        "limits_fracture": fracture_card.limits(metrics["fracture"]),
        "collections": fracture_card.collections(metrics["fracture"]),
        "fracture_section": fracture_card.section(manifest),
    }
