"""Loads releases in this process, for its jobs and for checks. A row says if that killed the worker."""

import math
import os
import socket
from collections import OrderedDict
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import numpy as np
from billiard.process import current_process
from django.conf import settings
from django.db.models.functions import Now

from classifier.classify import Classifier
from classifier.engines import Scores
from classifier.finding import Finding
from classifier.radiograph import Radiograph
from triage.inference.releases import release_folder
from triage.models import Release, ReleaseLoad

# Classifiers in memory: while one release takes over from another, jobs of both are queued.
MAX_LOADED = 2
_loaded: OrderedDict[UUID, Classifier] = OrderedDict()


class LoadLost(Exception):
    """This worker's last process was killed while it loaded the same release."""


class NotFinite(Exception):
    """The release read a picture, and its output holds NaN or infinity."""


def classifier_for(release: Release) -> Classifier:
    """The release's classifier, loaded and tried if this process hasn't done so yet.

    1. Look for a row of ``ReleaseLoad`` that this worker's last process left: it was killed loading the
       same release. Celery delivers its message to the next process at once, which would die too.
    2. Write such a row. If this process is killed, the next one finds the row, and the sweep once its
       lease has run out.
    3. Load the release, and delete the row whether or not that worked.

    Raises:
        LoadLost: the last process was killed doing this.
        Exception: whatever ``load`` raises.
    """
    if release.pk not in _loaded:
        if ReleaseLoad.objects.filter(release=release, worker=this_worker()).delete()[0]:
            raise LoadLost
        trace = ReleaseLoad.objects.create(
            release=release,
            worker=this_worker(),
            leased_until=Now() + timedelta(seconds=settings.CALLUS_INFERENCE["load_lease_seconds"]),
        )
        try:
            load(release)
        finally:
            trace.delete()
    _loaded.move_to_end(release.pk)
    return _loaded[release.pk]


def this_worker() -> str:
    """The place in a Celery worker's pool that this process has; the next process in it has the same name.

    Other processes of the pool may load the same release at this moment, and live.
    """
    place = getattr(current_process(), "index", 0)  # 0 outside a pool
    return f"{socket.gethostname()[:80]} {os.getppid()} {place}"


def load(release: Release) -> None:
    """Loads the release from its files, whether or not it was loaded before, and reads a picture with it.

    Raises:
        classifier.release_errors.ReleaseError: a file is missing or isn't what the manifest says.
        NotFinite: the picture's finding holds NaN or infinity.
        Exception: whatever the engine raises.
    """
    _loaded.pop(release.pk, None)
    while len(_loaded) >= MAX_LOADED:  # before the new one takes its memory
        _loaded.popitem(last=False)
    chosen = settings.CALLUS_INFERENCE
    folder = release_folder(release)
    classifier = Classifier(folder, chosen["engine"], chosen["threads"], chosen["device"])
    image = _trial_image()
    _check_scores(classifier.scores([image]))
    _check_finite(classifier.classify([image])[0])
    _loaded[release.pk] = classifier


def unload_all() -> None:
    """Nothing is loaded any more."""
    _loaded.clear()


def _trial_image() -> Radiograph:
    """A bright bar with soft edges on dark ground, about as large as a small radiograph: uint8."""
    across = np.exp(-(((np.arange(480) - 240) / 60.0) ** 2))
    along = 0.6 + 0.4 * np.sin(np.arange(640) / 40.0)
    return Radiograph(
        pixels=(255 * along[:, None] * across[None, :]).astype(np.uint8), bits=8, kind="png"
    )


def _check_scores(scores: Scores) -> None:
    """Checks all outputs of the networks, also those that are not part of this picture's finding."""
    if not all(np.isfinite(array).all() for array in vars(scores).values() if array is not None):
        raise NotFinite


def _check_finite(finding: Finding) -> None:
    maps = [finding.activation_map, finding.rival_activation_map]
    if finding.fracture_map is not None:
        maps.append(finding.fracture_map)
    numbers: Iterable[float] = (
        *finding.probabilities.values(),
        *finding.scores.values(),
        *(value for grid in maps for value in grid.ravel().tolist()),
        *([] if finding.fracture_probability is None else [finding.fracture_probability]),
    )
    if not all(map(math.isfinite, numbers)):
        raise NotFinite
