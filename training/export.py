"""A finished run becomes a release: weights, the graph that serves them, the manifest, scores, the card."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import save_file

from classifier.assessability import KINDS
from classifier.call import CallRule
from classifier.labels import CLASSES
from classifier.network import shape_of
from classifier.preprocess import Preprocessing
from classifier.release import FORMAT
from training.calibrate import (
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
from training.config import Config
from training.detected import calibrate as detected
from training.detected.rule import verdict
from training.errors import TrainingError
from training.evaluate import evaluate
from training.files import read_network, read_run
from training.graph import halved, write_onnx
from training.parts import FINAL
from training.publish import describe, replacing
from training.scores import RunScores

ONNX, SAFETENSORS = "model.onnx", "model.safetensors"


def export(run: Path, config: Config, releases: Path, progress: bool = False) -> Path:
    """Writes ``releases/NAME-VERSION`` beside and renames it. Returns the folder.

    Raises TrainingError where the run is unfinished or of another configuration.
    """
    scores = RunScores.of_run(run)
    made = read_run(run)
    if made["config"] != config.as_dict():
        raise TrainingError(f"{run} was made with another configuration than this one.")
    target = releases / f"{config.name}-{config.version}"
    with replacing(target) as beside:
        _write(run, config, scores, made, beside, progress)
    return target


def _write(
    run: Path,
    config: Config,
    scores: RunScores,
    made: dict[str, Any],
    folder: Path,
    progress: bool,
) -> None:
    network = read_network(run / f"{FINAL}.safetensors")
    save_file(halved(network.state_dict()), folder / SAFETENSORS, shape_of(network))
    (folder / SAFETENSORS).chmod(0o644)  # safetensors keeps a file to its owner
    write_onnx(folder / SAFETENSORS, config.size, folder / ONNX)
    scores.write(folder)
    describe(folder, _manifest(scores, config, made, progress))


def fitted(scores: RunScores) -> dict[str, Any]:
    """The served numbers, fitted on all held-out scores: what each fold's were cross-fitted for."""
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


def _manifest(
    scores: RunScores, config: Config, made: dict[str, Any], progress: bool
) -> dict[str, Any]:
    """Everything but the hashes of the files."""
    metrics, numbers = evaluate(scores, config.seed, progress=progress), fitted(scores)
    numbers["call"] |= verdict(metrics)  # a fresh run is measured nowhere else yet
    return {
        "format": FORMAT,
        "name": config.name,
        "version": config.version,
        "labels": list(CLASSES),
        "kinds": list(KINDS),
        "preprocessing": Preprocessing(config.size, config.cache_size).as_manifest(),
        "weights": {"onnx": ONNX, "safetensors": SAFETENSORS},
        **numbers,
        "data": made["material"],
        "config": made["config"],
        "metrics": metrics,
    }
