"""The model card's text about fracture or none, for a release without a detector."""

from typing import Any

from training.publishing.card.external import external_section, usable
from training.publishing.figure_labels import BY_SIZE, FRACTURE, SIZE_GIVES_AWAY, both, percent, row
from training.publishing.plots import plot_file

LIMIT_SOURCES = """\
* The pictures are web and journal figures. Many have arrows, captions or watermarks, which a network can
  use instead of the bone. Scanner, hospital, age and sex are unknown, so it is unknown how the figures
  change between groups of patients, or in any clinic."""
LIMIT_LABELS = """\
* The labels are the uploaders' and unchecked; no radiologist confirmed them. Some radiographs have two types,
  which shows how reliable the labels are."""
_LIMITS = """\
* The fracture head was trained on one collection, whose healthy and fractured pictures come from different
  places: use its figures among files of similar size, and those of other hospitals. The external test set
  below is small. A negative call does not exclude a fracture.
* The probability of a fracture is calibrated for a collection in which {prevalence} of the pictures show
  one. Where fractures are rarer, as among all patients X-rayed after a fall, it is too high, and a positive
  call is wrong more often.
"""
_COLLECTIONS = """\
*bones*: Fracture Multi-Region X-ray Data (Kaggle bmadushanirodrigo), said to be ODC-By 1.0; evaluated on
{bones_groups} radiographs, since most of its pictures are rotated copies of others. *outside*: FracAtlas,
CC BY 4.0; never trained, pretrained or tuned on.
"""
_SECTION = """\
One picture of each radiograph is used for evaluation; its rotated copies are used for training. The figures
of the external test set were known while variants were compared, but the grouped folds decided.

| figure | grouped folds | 95 % interval | external test set ({external_pictures} pictures) | 95 % interval |
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
        return "No file size has both states."
    lines = [
        SIZE_GIVES_AWAY.format(alone=both("auroc", fracture["by_size_alone"]["auroc"]))
        + " The figures **among files of similar size**:\n",
        f"| file | pictures | fractured | {' | '.join(BY_SIZE.values())} |",
        "| --- | --- | --- |" + " --- |" * len(BY_SIZE),
    ]
    for name, part in fracture["slices"].items():
        shown = " | ".join(both(key, part[key]) for key in BY_SIZE)
        lines.append(f"| {name} | {part['pictures']} | {part['fractured']} | {shown} |")
    return "\n".join(lines)
