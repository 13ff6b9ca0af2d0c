"""Writes a release of a finished run: weights, ONNX graph, manifest, scores, model card."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifier.assessability import KINDS
from classifier.call import CallRule
from classifier.detector import DetectorNetwork
from classifier.labels import CLASSES
from classifier.manifest import DETECTOR_FORMAT, FORMAT
from classifier.network import FractureNetwork
from classifier.preprocess import Preprocessing
from training.config import Config
from training.datasets.collections import FRACATLAS
from training.errors import TrainingError
from training.evaluation.calibration import (
    COVERAGE,
    FALSE_REFUSALS,
    SENSITIVITY,
    SPECIFICITY,
    fit_call,
    fit_refusal,
    fit_temperature,
    served_thresholds,
    thresholds_by_name,
)
from training.evaluation.detector import calibration as detected
from training.evaluation.detector.rule import call_usability
from training.evaluation.detector.scores import DetectorScores
from training.evaluation.evaluate import evaluate
from training.evaluation.scores import RunScores
from training.fitting.detection.run_record import read_made, refuse_another_detector
from training.fitting.detection.splits import FINAL as DETECTOR_FINAL
from training.fitting.kinds_head import KindsHead
from training.fitting.kinds_record import DRAWN, kinds_training_data, refuse_another_kinds
from training.fitting.run_record import refuse_another_recipe
from training.fitting.splits import FINAL
from training.networks.graph import round_as_released, save_weights, write_onnx
from training.networks.types_only import types_only
from training.publishing.indications import indications_table
from training.publishing.release_folder import describe, warn_of_neighbours
from training.publishing.reused_classifier import reuse_classifier
from training.storage.atomic import atomic_folder
from training.storage.files import read_detector, read_network, read_run

ONNX, SAFETENSORS = "model.onnx", "model.safetensors"
# The settings that come from the run if the types come from an earlier release. That release's fracture head
# is not used, so its settings are left out.
_OWN_SETTINGS = (
    *("name", "version", "detector"),
    *("fracture_epochs", "fracture_rate", "probe_strength"),
)
BACKBONE = "detector_backbone"  # the key of the user's own backbone in a manifest's config


def export(
    run: Path,
    config: Config,
    releases: Path,
    progress: bool = False,
    types: Path | None = None,
) -> Path:
    """Writes the folder ``releases/NAME-VERSION`` and returns it.

    ``types``: a release whose types' network and figures are used again; the run then needs only its kinds
    head and its detectors. Raises TrainingError if the run is unfinished or of another configuration.
    """
    source = _finished(run, config) if types is None else _with_types_of(types, run, config)
    target = releases / f"{config.name}-{config.version}"
    with atomic_folder(target) as unfinished:
        _write(source, config, unfinished, progress)
    warn_of_neighbours(target)
    return target


@dataclass(frozen=True)
class Source:
    """What a release is made of.

    ``finder``: the detector, or None. ``preprocessing``: of the types' network. ``data``, ``config``: what
    the manifest says of them.
    """

    types: FractureNetwork
    finder: DetectorNetwork | None
    scores: RunScores
    preprocessing: dict[str, Any]
    data: dict[str, Any]
    config: dict[str, Any]


def _finished(run: Path, config: Config) -> Source:
    _refuse_another(run, config)
    scores, made = RunScores.of_run(run), read_run(run)
    types = read_network(run / f"{FINAL}.safetensors")
    own = Preprocessing(config.size, config.cache_size).as_manifest()
    data, said = made["material"], config.as_dict()
    if config.detector is not None:
        types = types_only(types)  # the detector replaces the fracture member
        KindsHead.read(run).put_into(types)
        data, said = _with_collections(data, run), {**said, **_own_backbone(run)}
    return Source(types, _finder(run, config), scores, own, data, said)


def _with_types_of(release: Path, run: Path, config: Config) -> Source:
    """The settings of the types come from the earlier release, because they were trained with those."""
    if config.detector is None:
        raise TrainingError("The recipe has no [detector], so that nothing new would be released.")
    _refuse_another(run, config)
    earlier = reuse_classifier(release, run, config)
    manifest = earlier.manifest
    data = {**kinds_training_data(run), "types": manifest["data"]["types"]}
    said = {
        **{key: value for key, value in manifest["config"].items() if key != BACKBONE},
        **_own_backbone(run),
        **{name: config.as_dict()[name] for name in _OWN_SETTINGS},
        "types_of": f"{manifest['name']} {manifest['version']}",
    }
    return Source(
        earlier.types,
        _finder(run, config),
        earlier.scores,
        manifest["preprocessing"],
        _with_collections(data, run),
        said,
    )


def _refuse_another(run: Path, config: Config) -> None:
    """Raises TrainingError if the run was made with another recipe.

    The release describes the recipe, so its weights and figures must come from it.
    """
    refuse_another_recipe(config, run)
    if config.detector is not None:
        refuse_another_detector(config, run)
        refuse_another_kinds(config, run)


def _with_collections(data: dict[str, Any], run: Path) -> dict[str, Any]:
    """``data`` with the detector's collections in place of ``films``, and with the kinds head's drawn
    bones.
    """
    own = {name: part for name, part in data.items() if name != "films"}
    drawn = {name: part for name, part in kinds_training_data(run).items() if name == DRAWN}
    return {**own, **drawn, **read_made(run)["material"]}


def _own_backbone(run: Path) -> dict[str, Any]:
    """What the manifest says of the user's own backbone; empty if the detectors began with ImageNet's
    weights.
    """
    own = read_made(run).get("backbone")
    return {BACKBONE: own} if own else {}


def _finder(run: Path, config: Config) -> DetectorNetwork | None:
    if config.detector is None:
        return None
    finder = read_detector(run / f"{DETECTOR_FINAL}.safetensors")
    round_as_released(finder)
    return finder


def _write(source: Source, config: Config, folder: Path, progress: bool) -> None:
    save_weights(folder / SAFETENSORS, source.types, source.finder)
    detector_size = config.detector.size if config.detector else None
    size = source.preprocessing["size"]
    write_onnx(folder / SAFETENSORS, size, folder / ONNX, detector_size)
    source.scores.write(folder)
    describe(folder, _manifest(source, config, progress))


def fitted(scores: RunScores) -> dict[str, Any]:
    """The numbers that are served, fitted on all held-out scores."""
    types = scores.types
    temperature = fit_temperature(types.logits, types.labels)
    thresholds = served_thresholds(types, temperature)
    call = _call(scores)
    refusal = fit_refusal(np.concatenate([types.kinds, scores.bones.kinds]))
    return {
        "temperature": round(temperature, 6),
        "prediction_set": {
            "method": "class-conditional split conformal on 1 - p, on held-out scores",
            "coverage": COVERAGE,
            "thresholds": thresholds_by_name(thresholds),
        },
        "call": {
            "method": (
                f"Platt's calibration on held-out scores; {SENSITIVITY:.0%} of the fractured lie "
                f"above the first point, {SPECIFICITY:.0%} of the healthy below the second"
            ),
            "rule": vars(call),
        },
        "assessability": {
            "method": f"{FALSE_REFUSALS:.0%} of held-out bone radiographs lie above the threshold",
            "rule": {"threshold": round(refusal, 6)},
        },
    }


def _call(scores: RunScores) -> CallRule:
    if len(scores.detector):
        return detected.fit_call(scores.detector)
    return fit_call(scores.bones.fracture, scores.bones.labels)


def _manifest(source: Source, config: Config, progress: bool) -> dict[str, Any]:
    """The manifest without the hashes of the files."""
    scores = source.scores
    metrics, numbers = evaluate(scores, config.seed, progress=progress), fitted(scores)
    numbers["call"] |= call_usability(metrics)  # a new release was not yet measured elsewhere
    if config.detector is not None:
        numbers |= {
            "detector": {
                "preprocessing": Preprocessing(
                    config.detector.size, config.detector.stored_size
                ).as_manifest(),
                "boxes": detected.fit_boxes(scores.detector),
            },
            "indications": _indications(scores.detector),
        }
    return {
        "format": FORMAT if config.detector is None else DETECTOR_FORMAT,
        "name": config.name,
        "version": config.version,
        "labels": list(CLASSES),
        "kinds": list(KINDS),
        "preprocessing": source.preprocessing,
        "weights": {"onnx": ONNX, "safetensors": SAFETENSORS},
        **numbers,
        "data": source.data,
        "config": source.config,
        "metrics": metrics,
    }


def _indications(scores: DetectorScores) -> dict[str, Any]:
    """The table of indications, from the folds of FracAtlas by region and projection."""
    folds = scores.of(FRACATLAS)
    columns = {"fractured": folds.labels, **folds.marks}
    rows = [
        {name: int(values[row]) for name, values in columns.items()} for row in range(len(folds))
    ]
    return indications_table(rows)
