"""The model card's text about the detector: whether there is a fracture, and where."""

from typing import Any

from training.evaluation.detector.outcomes import LARGE_FROM, MARGIN, SMALL_BELOW
from training.evaluation.external.rule import PICTURES
from training.publishing.card import detector_text as text
from training.publishing.card.detector_served import served_section
from training.publishing.card.external import external_section, usable
from training.publishing.detector_plots import NAMES, detector_plots
from training.publishing.figure_labels import FRACTURE, both, percent
from training.publishing.plots import plot_file
from training.publishing.targets import HEADS, target_rows

_OPERATING = {key: name for key, name in FRACTURE.items() if key != "auroc"}
_CHANGED = ("changed", "changed_broken", "changed_healthy")
_PLACES = {
    "focus": "focus in a box",
    "froc_05": "found at half a false box a picture",
    "froc_1": "found at one false box a picture",
    "iou": "overlap",
}
_COLLECTION = {"fracatlas": "FracAtlas", "multi-region": "multi-region"}
_NOT_YET = "The finished release was not measured in another hospital: `python -m training measure` does it."


def limits(detector: dict[str, Any]) -> str:
    """Markdown of the limits of the call and of the boxes."""
    return text.LIMITS.format(prevalence=_prevalence(detector))


def network(manifest: dict[str, Any]) -> str:
    """What the detector is made of."""
    own = manifest["config"].get("detector_backbone")
    found = text.NETWORK.format(
        size=manifest["detector"]["preprocessing"]["size"],
        backbone=text.OWN_BACKBONE.format(**own) if own else text.SAME_BACKBONE,
    )
    # Of a release from before there was that key the answer is no.
    mirrored = (manifest["config"].get("detector") or {}).get("mirrored", False)
    return f"{found} {text.MIRRORED}" if mirrored else found


def section(manifest: dict[str, Any]) -> str:
    """Markdown of the figures."""
    detector, call = manifest["metrics"]["detector"], manifest["call"]
    there = detector_plots(detector)

    def pictures(*names: str) -> str:
        return "\n".join(f"![{NAMES[name]}]({plot_file(name)})" for name in names if name in there)

    places = _places(detector)
    elsewhere = manifest["metrics"]["elsewhere"]
    return text.SECTION.format(
        roc=pictures("detector_roc"),
        slices="\n".join(_slices(detector)),
        web="\n".join(_web(detector)),
        negative=call["rule"]["negative_below"],
        positive=call["rule"]["positive_from"],
        call_method=call["method"],
        points_head=" | ".join(_OPERATING.values()),
        points_rule=" | ".join("---" for _ in _OPERATING),
        points="\n".join(_points(detector)),
        usable=usable(manifest),
        rule=_rule(detector["without_multi_region"]),
        prevalence=_prevalence(detector),
        prevalences="\n".join(_prevalences(detector)),
        reliability=pictures("detector_reliability"),
        margin=f"{MARGIN:.0%}",
        small=f"{SMALL_BELOW:.0%}",
        large=f"{LARGE_FROM:.0%}",
        places_head=" | ".join(places),
        places_rule=" | ".join("---" for _ in places),
        places="\n".join(_rows_of_places(list(places.values()))),
        froc=pictures("detector_froc", "detector_sizes"),
        served=served_section(manifest),
        alterations=_alterations(detector["alterations"]),
        elsewhere=external_section(elsewhere, False) if elsewhere else _NOT_YET,
    )


def targets_section(metrics: dict[str, Any]) -> str:
    """Markdown: the targets of the release, also of the types and the refusal."""
    lines = (HEADS, ("---",) * len(HEADS), *target_rows(metrics))
    return text.WANTED.format(rows="\n".join(f"| {' | '.join(cells)} |" for cells in lines))


def _prevalence(detector: dict[str, Any]) -> str:
    folds = detector["fracatlas"]
    return percent(folds["fractured"] / folds["pictures"]) if folds else "an unknown share"


def _slices(detector: dict[str, Any]) -> list[str]:
    folds, unseen = (detector[key] or {} for key in ("fracatlas", "without_fracatlas"))
    rows = {"all": (folds, unseen)}
    rows["without hardware"] = tuple(part.get("without_hardware", {}) for part in (folds, unseen))
    for kind in ("parts", "views"):
        for name in folds.get(kind, {}):
            rows[name] = tuple(part.get(kind, {}).get(name, {}) for part in (folds, unseen))
    return [
        f"| {name} | {part['pictures']:,} | {part['fractured']:,} | {both('auroc', part.get('auroc'))} "
        f"| {both('', part.get('sensitivity_at_90'))} | {both('auroc', other.get('auroc'))} |"
        for name, (part, other) in rows.items()
        if part
    ]


def _web(detector: dict[str, Any]) -> list[str]:
    folds, unseen = (detector[key] or {} for key in ("multi_region", "without_multi_region"))
    titles = {"all": "all", "224 × 224": "files of 224 × 224 pixels", "others": "other files"}
    return [
        f"| {titles[name]} | {part['pictures']} | {part['fractured']} | {both('auroc', part.get('auroc'))} "
        f"| {both('auroc', unseen.get(name, {}).get('auroc'))} |"
        for name, part in folds.items()
    ]


def _points(detector: dict[str, Any]) -> list[str]:
    rows = [("FracAtlas, other folds", "FracAtlas, fold", detector["fracatlas"] or {})]
    for row in detector["transfer"]:
        seen = "seen" if row["seen"] else "not seen"
        checked = f"{_COLLECTION[row['checked']]}, {seen}"
        rows.append((f"{_COLLECTION[row['learnt']]}, folds", checked, row))
    return [
        f"| {trained_on} | {checked} | {' | '.join(both(key, row.get(key)) for key in _OPERATING)} |"
        for trained_on, checked, row in rows
    ]


def _rule(web: dict[str, Any] | None) -> str:
    """The history of the rule about pictures from the web; empty if they weren't measured."""
    if not web:
        return ""
    few = []
    for name, title in (("224 × 224", "files of 224 × 224 pixels"), ("others", "other files")):
        if part := web.get(name):
            states = {"fractured": part["fractured"]}
            states["healthy"] = part["pictures"] - part["fractured"]
            state = min(states, key=lambda state: states[state])
            few.append(f"{states[state]} {state} among {title}")
    return text.RULE.format(fewest=", ".join(few), least=PICTURES)


def _prevalences(detector: dict[str, Any]) -> list[str]:
    prevalence = (detector["fracatlas"] or {}).get("prevalence") or {"at": []}
    return [
        f"| {percent(row['share'])}{' (measured)' if row['share'] == prevalence['own'] else ''} "
        f"| {both('', row.get('positive'))} | {both('', row.get('negative'))} "
        f"| {percent(row['half_means'])} |"
        for row in prevalence["at"]
    ]


def _places(detector: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a column is of → its figures, where there are boxes."""
    folds, unseen = (detector[key] or {} for key in ("fracatlas", "without_fracatlas"))
    found = {
        "FracAtlas, folds": folds.get("places"),
        "*boxes*, folds": detector["boxes"],
        "FracAtlas, never learnt from": unseen.get("places"),
    }
    return {title: part for title, part in found.items() if part}


def _rows_of_places(parts: list[dict[str, Any]]) -> list[str]:
    rows = {
        "pictures; with boxes; boxes": [
            f"{part['pictures']:,}; {part['with_boxes']}; {part['boxes']}" for part in parts
        ]
    }
    for key, title in _PLACES.items():
        rows[title] = [both("auroc" if key == "iou" else "", part.get(key)) for part in parts]
    for name in ("small", "medium", "large"):
        sizes = [part["sizes"].get(name) for part in parts]
        rows[f"{name} ones found"] = [
            f"{both('', size['found'])}, {size['boxes']} boxes" if size else "–" for size in sizes
        ]
    return [f"| {title} | {' | '.join(cells)} |" for title, cells in rows.items()]


def _alterations(altered: dict[str, Any] | None) -> str:
    if altered is None:
        return "Not measured."
    lines = [
        text.ALTERATIONS.format(**altered),
        "| change | calls changed | of fractured | of healthy | AUROC before | AUROC after | lost |",
        "| --- |" + " --- |" * 6,
    ]
    areas = ("auroc_before", "auroc_after", "fall")
    for name, part in altered["changes"].items():
        cells = [both("", part.get(key)) for key in _CHANGED]
        cells += [both("auroc", part.get(key)) for key in areas]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
