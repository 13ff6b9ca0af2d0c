"""A finished run becomes a release: weights twice, the manifest, the scores behind it, the model card."""

import hashlib
import json
import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import onnx
import torch
from onnx import helper

from classifier.labels import CLASSES
from classifier.network import FractureNetwork, load_weights
from classifier.preprocess import Preprocessing
from classifier.release import FORMAT
from training.calibrate import COVERAGE, calibrated, fit_temperature, set_threshold
from training.card import model_card
from training.config import Config
from training.data import Dataset
from training.evaluate import evaluate
from training.fit import FINAL
from training.scores import OutOfFold

ONNX, SAFETENSORS = "model.onnx", "model.safetensors"
SCORES, CARD = "out_of_fold.csv", "MODEL_CARD.md"
OPSET = 18


@dataclass(frozen=True)
class Made:
    """How a run was made, for the manifest: its configuration and the pictures behind it."""

    config: Config
    data_sha256: str
    pictures: int


def export(run: Path, config: Config, dataset: Dataset, releases: Path) -> Path:
    """Writes ``releases/NAME-VERSION`` beside and renames it. Returns the folder.

    Raises TrainingError where the run is unfinished or was trained on other data.
    """
    scores = OutOfFold.of_run(run, dataset)
    target = releases / f"{config.name}-{config.version}"
    beside = releases / f".{target.name}.{uuid4().hex[:8]}"  # two exports don't write into one
    beside.mkdir(parents=True)
    shutil.copyfile(run / f"{FINAL}.safetensors", beside / SAFETENSORS)
    write_onnx(load_weights(beside / SAFETENSORS), config.size, beside / ONNX)
    scores.write(beside / SCORES)
    made = Made(config, dataset.sha256, len(dataset.rows))
    manifest = _manifest(OutOfFold.read(beside / SCORES), made)
    (beside / CARD).write_text(model_card(manifest))
    manifest["files"] = {path.name: _sha256(path) for path in sorted(beside.iterdir())}
    (beside / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    shutil.rmtree(target, ignore_errors=True)
    return beside.rename(target)


def _manifest(scores: OutOfFold, made: Made) -> dict[str, Any]:
    """Everything but the hashes of the files. The served temperature is fitted on all scores."""
    temperature = fit_temperature(scores.logits, scores.labels)
    threshold = set_threshold(calibrated(scores.logits, temperature), scores.labels)
    return {
        "format": FORMAT,
        "name": made.config.name,
        "version": made.config.version,
        "labels": list(CLASSES),
        "preprocessing": Preprocessing(size=made.config.size).as_manifest(),
        "weights": {"onnx": ONNX, "safetensors": SAFETENSORS},
        "temperature": round(temperature, 6),
        "prediction_set": {
            "method": "split conformal on 1 - p, calibrated on out-of-fold scores",
            "coverage": COVERAGE,
            "threshold": round(threshold, 6),
        },
        "data": {
            "name": "Bone Break Classification (Kaggle pkdarabi/bone-break-classification-image-dataset)",
            "sha256": made.data_sha256,
            "pictures": made.pictures,
            "weights_trained_on": "all of these pictures; the metrics are of the folds' networks",
        },
        "config": made.config.as_dict(),
        "metrics": evaluate(scores, made.config.seed),
        "scores": SCORES,
    }


def write_onnx(network: FractureNetwork, size: int, path: Path) -> None:
    """One file: ``images`` (batch, 3, S, S) → ``logits``, ``features`` and, constant, ``head_weights``."""
    names = ["logits", "features"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        torch.onnx.export(
            network.eval(),
            (torch.zeros(2, 3, size, size),),
            str(path),
            input_names=["images"],
            output_names=names,
            dynamic_axes={name: {0: "batch"} for name in ("images", *names)},
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load(path)
    _give_out_head(model.graph, network.head.weight.shape)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def _give_out_head(graph: onnx.GraphProto, shape: torch.Size) -> None:
    """The activation map needs the head's weights: an output, so that ONNX alone can serve."""
    (weights,) = [each.name for each in graph.initializer if tuple(each.dims) == tuple(shape)]
    graph.node.append(helper.make_node("Identity", [weights], ["head_weights"]))
    graph.output.append(
        helper.make_tensor_value_info("head_weights", onnx.TensorProto.FLOAT, list(shape))
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
