"""Decides whether the fracture call of a release with a detector may be used: docs/decisions/0024."""

from typing import Any

from training.datasets.collections import FRACATLAS
from training.evaluation.external.rule import (
    COLLECTIONS,
    briefly,
    fails_clearly,
    faults,
    is_small,
    shown,
    usability,
)
from training.evaluation.external.rule import call_usability as usability_elsewhere

# At a source that it was not trained on, the network must recognise fractures at least better than chance:
# the whole interval of the AUROC must lie above 0.5. The sentence says what a hospital may expect beyond
# that.
CHANCE = 0.5
_WITHIN = (
    "It was measured in folds of {pictures:,} pictures ({collection}), on new pictures, mostly of new "
    "patients, in hospitals that it had learnt from"
)
_WITHIN_FIGURES = (
    ("auroc", "AUROC"),
    ("sensitivity_not_negative", "fractures not called negative"),
    ("specificity_positive", "healthy bones not called positive"),
)
_HOSPITAL = "FracAtlas"
# Of the web, files of one size and the others are judged apart, because most healthy bones have this size.
# A network that recognises sources and no fractures would do well on all of them together. A network that
# scores all pictures of one source higher would do badly on them together, however well it ranks each source.
# The figure for all together is still given, so that no reader thinks the release better than it is.
_WEB = "all"
_WEB_PARTS = {
    "224 × 224": "files of 224 × 224 pixels from the web",
    "others": "other files from the web",
}


def call_usability(metrics: dict[str, Any]) -> dict[str, Any]:
    """``usable`` and ``usable_reason`` of a manifest's ``call``; the reason has one or two sentences.

    A measurement in another hospital decides if there is one, because it is the better evidence. If it is too
    small to decide, the folds decide, unless even the better end of its interval fails.
    """
    detector, elsewhere = metrics.get("detector"), metrics["elsewhere"]
    if detector is None:
        return usability_elsewhere(elsewhere)
    if elsewhere is not None and (not is_small(elsewhere) or fails_clearly(elsewhere)):
        return usability_elsewhere(elsewhere)
    return _by_folds(detector)


def _by_folds(detector: dict[str, Any]) -> dict[str, Any]:
    folds = detector[FRACATLAS]
    if folds is None:
        return usability(
            False, "It was not measured on a hospital's pictures, nor in folds of them."
        )
    within = _WITHIN.format(pictures=folds["pictures"], collection=COLLECTIONS[FRACATLAS])
    unseen = _unseen(detector)
    if found := faults(folds):
        return usability(False, f"{within}; {found[0]}.{_sources(unseen)}")
    if found := _faults_unseen(unseen):
        return usability(False, f"{within}. {found[0]}.")
    return usability(True, f"{within}: {_bounded_figures(folds)}.{_sources(unseen)}")


def _bounded_figures(folds: dict[str, Any]) -> str:
    """The figures that have bounds, as text. Only the first one explains the interval and chance."""
    (key, title), *rest = _WITHIN_FIGURES
    low, high = folds[key]["interval"]
    first = f"{title} {folds[key]['value']:.3f} (95 % interval {low:.3f}–{high:.3f}; by chance {CHANCE})"
    return ", ".join([first, *(f"{title} {briefly(folds[key])}" for key, title in rest)])


def _unseen(detector: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Source → AUROC of a network that was trained on none of its pictures, if it was measured."""
    hospital, web = (detector[f"without_{name}"] or {} for name in ("fracatlas", "multi_region"))
    parts = {_HOSPITAL: hospital, _WEB: web.get(_WEB) or {}}
    parts |= {part: web.get(part) or {} for part in _WEB_PARTS}
    return {source: part["auroc"] for source, part in parts.items() if "auroc" in part}


def _sources(unseen: dict[str, dict[str, Any]]) -> str:
    texts = []
    if _HOSPITAL in unseen:
        texts.append(f"{briefly(unseen[_HOSPITAL])} on {_HOSPITAL}")
    if _WEB in unseen:
        texts.append(f"{briefly(unseen[_WEB])} on pictures from the web")
    texts += [
        f"{briefly(unseen[part])} on {title}"
        for part, title in _WEB_PARTS.items()
        if part in unseen
    ]
    if not texts:
        return ""
    return f" On sources that it had learnt nothing from its AUROC is {', '.join(texts)}."


def _faults_unseen(unseen: dict[str, dict[str, Any]]) -> list[str]:
    """Reasons against the release at sources that it was not trained on. The hospital's must be
    measured.
    """
    if _HOSPITAL not in unseen:
        return ["On a hospital that it had learnt nothing from it was not measured"]
    return [
        f"Where it had learnt from no picture of the source ({title}), its AUROC is {shown(unseen[source])}, "
        f"and the whole interval must lie above {CHANCE:.2f}, chance"
        for source, title in {_HOSPITAL: _HOSPITAL, **_WEB_PARTS}.items()
        if source in unseen and unseen[source]["interval"][0] <= CHANCE
    ]
