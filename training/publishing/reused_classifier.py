"""The types' network and its figures of an earlier release, used again in the next one.

The detector and the kinds head of the next release come from a run. The types' members need not be trained
again: their weights are the same byte for byte, and so are their scores.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from classifier.network import FractureNetwork, load_weights
from classifier.release import LoadedRelease, load_release
from classifier.release_errors import ReleaseError
from training.config import Config
from training.errors import TrainingError
from training.evaluation.classifier_scores import ClassifierScores
from training.evaluation.detector.run_scores import read_detector_scores
from training.evaluation.scores import RunScores, with_kinds_of
from training.fitting.kinds_head import KindsHead
from training.networks.types_only import types_only

# The settings that change how the kinds head sees a picture; and the seed, because a manifest has one seed
# for all its intervals.
_LOOK = ("backbone", "mirrored", "frozen_blocks", "size", "cache_size", "seed")


class ReusedClassifier(NamedTuple):
    """``types``: the network, with the run's kinds head. ``manifest``: of the earlier release."""

    types: FractureNetwork
    scores: RunScores
    manifest: dict[str, Any]


def reuse_classifier(folder: Path, run: Path, config: Config) -> ReusedClassifier:
    """Raises TrainingError if the release can't be used, or the run lacks its kinds head or detectors.

    Also where the release's network sees pictures in another way than the run's recipe.
    """
    try:
        release = load_release(folder)
    except ReleaseError as error:
        raise TrainingError(str(error)) from None
    _refuse_another_look(release, config)
    types = types_only(load_weights(release.file("safetensors")))
    KindsHead.read(run).put_into(types)
    earlier = RunScores.read(folder)
    scores = replace(
        with_kinds_of(run, earlier),
        external_test=ClassifierScores.none(),
        elsewhere=type(earlier.elsewhere).none(),
        detector=read_detector_scores(run),
    )
    return ReusedClassifier(types, scores, release.manifest)


def _refuse_another_look(release: LoadedRelease, config: Config) -> None:
    """Raises TrainingError if the release's network sees pictures in another way than the run's recipe.

    The run's kinds head was fitted on features of the first blocks at the recipe's size. In another network
    it would refuse other pictures than those that were measured.
    """
    made, now = release.manifest["config"], config.as_dict()
    if differing := [name for name in _LOOK if made.get(name) != now[name]]:
        raise TrainingError(
            f"{release.title} was made by another recipe: {', '.join(differing)} differs, which the kinds "
            "head of the run depends on."
        )
