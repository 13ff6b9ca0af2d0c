"""The model card's text about fracture or none, for a release without a detector."""

from typing import Any

from training.publishing.card.external import external_section, usable
from training.publishing.figure_labels import BY_SIZE, FRACTURE, SIZE_GIVES_AWAY, both, percent, row
from training.publishing.plots import plot_file

LIMIT_SOURCES = """\
* The pictures are web and journal figures: many bear arrows, captions or watermarks, which a network can
  learn instead of bone. Scanner, hospital, age and sex are unknown, so nothing is known of how the
  figures hold for any group of patients, or in any clinic."""
LIMIT_LABELS = """\
* Labels are the uploaders', unchecked; no radiologist confirmed them, and pictures of one bone under two
  types show how far they can be trusted."""
_LIMITS = """\
* The fracture head learnt from one collection, whose healthy and fractured pictures come from different
  places: look at its figures among files of like size, and at those of other hospitals. The outside set
  below is small. A negative call rules nothing out.
* The probability of a fracture is that of a collection of which {prevalence} show one. Where fractures are
  rarer, as among all who are X-rayed after a fall, it is too high, and a positive call is wrong more often.
"""
_COLLECTIONS = """\
*bones*: Fracture Multi-Region X-ray Data (Kaggle
bmadushanirodrigo), said to be ODC-By 1.0; measured on {bones_groups} radiographs, since most of its
pictures are turned copies of others. *outside*: FracAtlas, CC BY 4.0; never trained, pretrained or tuned on.
"""
_SECTION = """\
One picture of each radiograph is measured on; its turned copies teach. The outside set was looked at while
variants were compared; they were chosen by the grouped folds.

| figure | grouped folds | 95 % interval | outside set ({external_pictures} pictures) | 95 % interval |
| --- | --- | --- | --- | --- |
{fracture}

Two operating points: below {negative:.3f} the call is negative, from {positive:.3f} on positive, and
doubt between them. {call_method}.

{usable}

{fracture_sizes}

{plots_fracture}

## Figures: fracture or none, in other hospitals

{elsewhere}"""
_NONE: dict[str, Any] = {}
_PLOTS = {
    "fracture_roc": "ROC of fracture or none",
    "fracture_reliability": "Reliability diagram of fracture or none",
}


def limits(fracture: dict[str, Any]) -> str:
    """Markdown of the limits."""
    prevalence = fracture["fractured"] / fracture["pictures"]
    return _LIMITS.rstrip().format(prevalence=percent(prevalence))


def collections(fracture: dict[str, Any]) -> str:
    """The sources of the pictures."""
    return _COLLECTIONS.rstrip().format(bones_groups=fracture["groups"])


def section(manifest: dict[str, Any]) -> str:
    """Markdown of the figures."""
    metrics, rule = manifest["metrics"], manifest["call"]["rule"]
    fracture, external = metrics["fracture"], metrics["fracture"].get("outside")
    return _SECTION.format(
        external_pictures=external["pictures"] if external else 0,
        fracture="\n".join(
            row(name, key, fracture[key], (external or {}).get(key, _NONE))
            for key, name in FRACTURE.items()
        ),
        fracture_sizes=_fracture_sizes(fracture),
        negative=rule["negative_below"],
        positive=rule["positive_from"],
        call_method=manifest["call"]["method"],
        usable=usable(manifest),
        elsewhere=external_section(metrics["elsewhere"], external is not None),
        plots_fracture="\n".join(
            f"![{title}]({plot_file(name)})" for name, title in _PLOTS.items()
        ),
    )


def _fracture_sizes(fracture: dict[str, Any]) -> str:
    if not fracture["slices"]:
        return "No size of file has both states."
    lines = [
        SIZE_GIVES_AWAY.format(alone=both("auroc", fracture["by_size_alone"]["auroc"]))
        + " **Among files of like size** it tells them apart like this:\n",
        f"| file | pictures | fractured | {' | '.join(BY_SIZE.values())} |",
        "| --- | --- | --- |" + " --- |" * len(BY_SIZE),
    ]
    for name, part in fracture["slices"].items():
        shown = " | ".join(both(key, part[key]) for key in BY_SIZE)
        lines.append(f"| {name} | {part['pictures']} | {part['fractured']} | {shown} |")
    return "\n".join(lines)
