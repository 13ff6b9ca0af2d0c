"""A finished run becomes a release: weights, the graph that serves them, the manifest, scores, the card."""

import hashlib
import json
import logging
import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from safetensors.torch import save_file

from classifier.assessability import KINDS
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
from training.card import model_card
from training.config import Config
from training.errors import TrainingError
from training.evaluate import evaluate
from training.files import read_network, read_run
from training.graph import halved, write_onnx
from training.page.charts import standalone
from training.parts import FINAL
from training.plots import plot_file, plots
from training.scores import RunScores

logger = logging.getLogger(__name__)
ONNX, SAFETENSORS, CARD = "model.onnx", "model.safetensors", "MODEL_CARD.md"


def export(run: Path, config: Config, releases: Path, progress: bool = False) -> Path:
    """Writes ``releases/NAME-VERSION`` beside and renames it. Returns the folder.

    Raises TrainingError where the run is unfinished or of another configuration.
    """
    scores = RunScores.of_run(run)
    made = read_run(run)
    if made["config"] != config.as_dict():
        raise TrainingError(f"{run} was made with another configuration than this one.")
    target = releases / f"{config.name}-{config.version}"
    beside = releases / f".{target.name}.{uuid4().hex[:8]}"  # two exports don't write into one
    beside.mkdir(parents=True)
    try:
        _write(run, config, scores, made, beside, progress)
    except BaseException:
        shutil.rmtree(beside)
        raise
    last = beside.with_name(f"{beside.name}-last")
    if target.exists():
        target.rename(last)  # whenever this is killed, one of the two is whole
    made_release = beside.rename(target)
    shutil.rmtree(last, ignore_errors=True)
    for other in sorted(path.parent for path in releases.glob("[!.]*/manifest.json")):
        if other != target:
            logger.warning(
                "%s lies beside it: where no release is named, one alone is meant", other
            )
    return made_release


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
    manifest = _manifest(scores, config, made, progress)
    (folder / CARD).write_text(model_card(manifest))
    for name, svg in plots(manifest["metrics"]).items():
        (folder / plot_file(name)).write_text(standalone(svg))
    manifest["files"] = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, allow_nan=False) + "\n")


def fitted(scores: RunScores) -> dict[str, Any]:
    """The served numbers, fitted on all held-out scores: what each fold's were cross-fitted for."""
    types = scores.types
    temperature = fit_temperature(types.logits, types.labels)
    thresholds = served_thresholds(types, temperature)
    call = fit_call(scores.bones.fracture, scores.bones.labels)
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


def _manifest(
    scores: RunScores, config: Config, made: dict[str, Any], progress: bool
) -> dict[str, Any]:
    """Everything but the hashes of the files."""
    return {
        "format": FORMAT,
        "name": config.name,
        "version": config.version,
        "labels": list(CLASSES),
        "kinds": list(KINDS),
        "preprocessing": Preprocessing(config.size, config.cache_size).as_manifest(),
        "weights": {"onnx": ONNX, "safetensors": SAFETENSORS},
        **fitted(scores),
        "data": made["material"],
        "config": made["config"],
        "metrics": evaluate(scores, config.seed, progress=progress),
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
