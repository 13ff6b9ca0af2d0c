"""Whether the fracture call of a release with a detector may be used: docs/decisions/0024."""

from typing import Any

from training.detected.held import FRACATLAS
from training.elsewhere.rule import (
    COLLECTIONS,
    fails_clearly,
    faults,
    is_small,
    said,
    shown,
    told,
)
from training.elsewhere.rule import verdict as verdict_elsewhere

# At a source that it never learnt from, a network has to know something of fractures: the whole interval of
# the AUROC lies above what a coin gives. What else a hospital may expect, the sentence says.
CHANCE = 0.5
_WITHIN = (
    "It was measured in folds of {pictures:,} pictures ({collection}): on patients that it had not learnt "
    "from, but in hospitals that it had"
)
_HOSPITAL = "FracAtlas"
# Of the web the files of one size and the others, each by itself: most healthy bones have that size. A
# network that tells sources apart and no fractures would do well on all of them together; one that scores
# all pictures of a source higher does badly there however well it ranks each.
_WEB = {"224 × 224": "files of 224 × 224 pixels from the web", "others": "other files from the web"}


def verdict(metrics: dict[str, Any]) -> dict[str, Any]:
    """``usable`` and ``usable_reason`` of a manifest's ``call``; the reason has one or two sentences.

    A measurement in another hospital decides wherever there is one: it is the better evidence. One that is
    too small to decide leaves the folds' verdict, unless it fails whatever its chance.
    """
    detector, elsewhere = metrics.get("detector"), metrics["elsewhere"]
    if detector is None:
        return verdict_elsewhere(elsewhere)
    if elsewhere is not None and (not is_small(elsewhere) or fails_clearly(elsewhere)):
        return verdict_elsewhere(elsewhere)
    return _by_folds(detector)


def _by_folds(detector: dict[str, Any]) -> dict[str, Any]:
    folds = detector[FRACATLAS]
    if folds is None:
        return said(False, "It was not measured on a hospital's pictures, nor in folds of them.")
    within = _WITHIN.format(pictures=folds["pictures"], collection=COLLECTIONS[FRACATLAS])
    unseen = _unseen(detector)
    if found := faults(folds):
        return said(False, f"{within}; {found[0]}.{_sources(unseen)}")
    if found := _faults_unseen(unseen):
        return said(False, f"{within}. {found[0]}.")
    return said(True, f"{within}; there {told(folds)}.{_sources(unseen)}")


def _unseen(detector: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Source → the AUROC of a network that has learnt from no picture of it, where it was measured."""
    hospital, web = (detector[f"without_{name}"] or {} for name in ("fracatlas", "multi_region"))
    parts = {_HOSPITAL: hospital}
    parts |= {source: web.get(part) or {} for part, source in _WEB.items()}
    return {source: part["auroc"] for source, part in parts.items() if "auroc" in part}


def _sources(unseen: dict[str, dict[str, Any]]) -> str:
    if not unseen:
        return ""
    listed = ", ".join(f"{shown(figure)} ({source})" for source, figure in unseen.items())
    return (
        " Where it had learnt from no picture of the source, its AUROC, which is 0.5 by chance, is "
        f"{listed}."
    )


def _faults_unseen(unseen: dict[str, dict[str, Any]]) -> list[str]:
    """Each source counts, so that none is left out for its figure; the hospital's has to be there."""
    if _HOSPITAL not in unseen:
        return ["On a hospital that it had learnt nothing from it was not measured"]
    return [
        f"Where it had learnt from no picture of the source ({source}), its AUROC, which is 0.5 "
        f"by chance, is {shown(figure)}, and the whole interval must lie above {CHANCE:.2f}"
        for source, figure in unseen.items()
        if figure["interval"][0] <= CHANCE
    ]
