"""The types' network and its figures, taken over from a release into the next one.

What is new there, the detector and the kinds head, comes from a run. The types' members need not be trained
again for it: their weights are the same byte for byte, and so are their scores.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from classifier.network import FractureNetwork, load_weights
from classifier.release import ReleaseError, load_release
from training.detected.gathered import gathered
from training.errors import TrainingError
from training.files import read_arrays
from training.kinds import FILE, KindsHead
from training.scores import RunScores, Scores, of_arrays
from training.types_only import types_only


class TakenOver(NamedTuple):
    """``types``: the network, with the run's kinds head. ``manifest``: of the release that it comes from."""

    types: FractureNetwork
    scores: RunScores
    manifest: dict[str, Any]


def taken_over(folder: Path, run: Path) -> TakenOver:
    """Raises TrainingError where the release can't be used, or the run's kinds or detectors aren't there."""
    try:
        release = load_release(folder)
    except ReleaseError as error:
        raise TrainingError(str(error)) from None
    types = types_only(load_weights(release.file("safetensors")))
    KindsHead.read(run).put_into(types)
    earlier = RunScores.read(folder)
    scores = replace(
        with_kinds_of(run, earlier),
        outside=Scores.none(),
        elsewhere=type(earlier.elsewhere).none(),
        detector=gathered(run),
    )
    return TakenOver(types, scores, release.manifest)


def with_kinds_of(run: Path, scores: RunScores) -> RunScores:
    """The scores with those of the run's own kinds head, which is the one that is served.

    Raises TrainingError where that has not seen one of the types' pictures.
    """
    arrays = read_arrays(run / FILE)
    return replace(
        scores,
        types=_with_kinds(scores.types, of_arrays("types", arrays)),
        bones=of_arrays("bones", arrays),
        foreign=of_arrays("foreign", arrays),
    )


def _with_kinds(types: Scores, kinds: Scores) -> Scores:
    pairs = zip(kinds.ids, kinds.repeats, kinds.kinds, strict=True)
    known = {(own, repeat): scores for own, repeat, scores in pairs}
    try:
        found = [known[key] for key in zip(types.ids, types.repeats, strict=True)]
    except KeyError:
        raise TrainingError(
            "The pictures that the types were measured on are not those of this run's kinds head."
        ) from None
    return replace(types, kinds=np.array(found))
