"""Whole releases for tests: the released types beside a detector that has learnt nothing, and alone."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch

from classifier.call import OperatingPoints
from classifier.detector import DetectorNetwork
from classifier.manifest import DETECTOR_FORMAT
from classifier.network import load_weights
from classifier.preprocess import Preprocessing
from classifier.release import default_release_path, load_release
from training.networks.graph import round_as_released, save_weights, write_onnx
from training.networks.types_only import types_only

SIZE, STORED = 448, 512
PLAIN_FORMAT = 2
# Operating points with which every picture that can be assessed is called so.
ALWAYS = {
    "positive": OperatingPoints(0.0, 0.0),
    "doubt": OperatingPoints(0.0, 1.0),
    "negative": OperatingPoints(1.0, 1.0),
}


def untrained_detector(seed: int = 0) -> DetectorNetwork:
    """Random weights; its maps differ from place to place and from picture to picture, around -3."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        network = DetectorNetwork(pool_weight=0.5)
        noise = torch.nn.functional.interpolate(torch.randn(4, 3, 28, 28), 224)
        network.train()(noise)  # batch normalisation sees something once
        heat = network.eval()(noise).heat
        network.heat.weight.mul_(1.5 / heat.std())
        network.heat.bias.add_(-3 - network(noise).heat.mean())
        network.extent.weight.mul_(20)
    round_as_released(network)
    return network


def write_release_with_detector(folder: Path, version: str = "3.0.0-test", **manifest: Any) -> Path:
    """Writes ``folder``/``version``, every hash right. ``manifest``: what it says otherwise."""
    entries = {"format": DETECTOR_FORMAT, "detector": detector_manifest(), **manifest}
    return _written(folder / version, untrained_detector(), True, entries)


def write_plain_release(folder: Path, version: str = "2.9.9-test", **manifest: Any) -> Path:
    """The same of format 2, as releases were before there were detectors. Its call may not be used."""
    return _written(folder / version, None, False, {"format": PLAIN_FORMAT, **manifest})


def _written(
    target: Path, detector: DetectorNetwork | None, usable: bool, entries: dict[str, Any]
) -> Path:
    target.mkdir(parents=True)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # several would wait for each other beside other tests
    released = load_release(default_release_path())
    weights, size = target / "model.safetensors", released.preprocessing.size
    save_weights(weights, types_only(load_weights(released.file("safetensors"))), detector)
    write_onnx(weights, size, target / "model.onnx", None if detector is None else SIZE)
    torch.set_num_threads(threads)
    (target / "MODEL_CARD.md").write_text("A release for tests. What it says means nothing.\n")
    manifest = {key: part for key, part in released.manifest.items() if key != "detector"}
    content = {
        **manifest,
        "version": target.name,
        "call": {**manifest["call"], "usable": usable},
        **entries,
        "files": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in target.iterdir()
        },
    }
    (target / "manifest.json").write_text(json.dumps(content))
    return target


def detector_manifest() -> dict[str, Any]:
    """What a manifest says of the detector."""
    return {
        "preprocessing": Preprocessing(SIZE, STORED).as_manifest(),
        "boxes": {
            "method": "Platt's calibration of peaks on held-out pictures",
            "slope": 1.0,
            "intercept": 4.0,
            "overlap": 0.3,
            "score_from": 0.2,
            "most": 5,
        },
    }
