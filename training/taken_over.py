"""The types' network and its figures, taken over from a release into the next one.

What is new there, the detector and the kinds head, comes from a run. The types' members need not be trained
again for it: their weights are the same byte for byte, and so are their scores.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from classifier.network import FractureNetwork, load_weights
from classifier.release import ReleaseError, load_release
from training.detected.gathered import gathered
from training.errors import TrainingError
from training.kinds import KindsHead
from training.scores import RunScores, Scores, with_kinds_of
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
