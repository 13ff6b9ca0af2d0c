"""A release with an external measurement: the same weights, and a manifest and a card with the figures."""

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from classifier.release import LoadedRelease
from training.errors import TrainingError
from training.evaluation.detector.rule import call_usability
from training.evaluation.external.figures import external_figures
from training.evaluation.external.scores import ExternalScores
from training.evaluation.figures.bootstrap import RESAMPLES
from training.evaluation.scores import RunScores
from training.publishing.release_folder import describe, warn_of_neighbours
from training.storage.atomic import atomic_folder


def figures_of(release: LoadedRelease, measured: ExternalScores) -> dict[str, Any] | None:
    """``metrics.elsewhere`` of a manifest. The intervals use the release's own seed."""
    return external_figures(measured, int(release.manifest["config"]["seed"]), RESAMPLES)


def target_of(release: LoadedRelease, releases: Path, version: str | None, replace: bool) -> Path:
    """``releases/NAME-VERSION``, the folder to write. Call it before anything is measured.

    Raises TrainingError if nothing can be written there, or a release is there that must not be replaced.
    """
    target = releases / f"{release.name}-{version or release.version}"
    above = next(path for path in (releases, *releases.absolute().parents) if path.exists())
    if not above.is_dir():
        raise TrainingError(f"{above} is a file. Name a folder for --write.")
    if not os.access(above, os.W_OK):
        raise TrainingError(f"{above} can't be written to. Name another folder for --write.")
    if target.exists() and not (replace and target.is_dir()):
        raise TrainingError(
            f"{target} is there already. Give the release another --version, or say --replace."
        )
    return target


def write_measured(
    release: LoadedRelease, measured: ExternalScores, target: Path, version: str
) -> Path:
    """Writes the release into the folder ``target`` and returns it.

    The weights are copied byte for byte. The same release and the same scores give the same bytes.
    """
    scores = replace(RunScores.read(release.folder), elsewhere=measured)
    manifest = measured_manifest(release, measured, version)
    with atomic_folder(target) as unfinished:
        for kind in release.manifest["weights"]:
            shutil.copyfile(release.file(kind), unfinished / release.file(kind).name)
        scores.write(unfinished)
        describe(unfinished, manifest)
    warn_of_neighbours(target)
    return target


def metrics_with(release: LoadedRelease, measured: ExternalScores) -> dict[str, Any]:
    """The release's ``metrics`` with those of the measurement."""
    return {**release.manifest["metrics"], "elsewhere": figures_of(release, measured)}


def measured_manifest(
    release: LoadedRelease, measured: ExternalScores, version: str
) -> dict[str, Any]:
    """The manifest under another version, with the figures, and whether the call may be used."""
    old = release.manifest
    metrics = metrics_with(release, measured)
    return {
        **old,
        "version": version,
        "call": {**old["call"], **call_usability(metrics)},
        "data": {**old["data"], "elsewhere": measured.fingerprint},
        "config": {**old["config"], "version": version},
        "metrics": metrics,
    }


def refuse_seen(release: LoadedRelease, ids: set[str]) -> None:
    """Raises TrainingError if the release was made with one of ``ids`` (first digits of SHA-256).

    The tables of a release name every picture that it is measured on. They don't name turned copies, which
    are only trained on; an audit of both folders would find these.
    """
    made = RunScores.read(release.folder)
    known = {
        *made.types.ids,
        *made.shipped.ids,
        *made.bones.ids,
        *made.non_radiographs.ids,
        *made.detector.ids,
        *made.conflicts.ids,
    }
    seen = sorted(known & ids)
    if seen:
        raise TrainingError(
            f"{len(seen)} of the pictures were used to make {release.title}, such as the one whose SHA-256 "
            f"begins with {seen[0]}. Take them out: they measure nothing."
        )
