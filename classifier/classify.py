"""Radiographs in, findings out."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from classifier.activation import class_activation, displayed
from classifier.engines import Engine
from classifier.finding import Finding
from classifier.preprocess import network_input, placement
from classifier.radiograph import Radiograph
from classifier.release import LoadedRelease, default_release_path, load_release


class Classifier:
    """A release and an engine that runs it.

    Raises:
        classifier.release.ReleaseError: the release can't be used.
    """

    def __init__(self, folder: Path | None = None, engine: str = "onnx", threads: int = 1) -> None:
        self.release = load_release(folder or default_release_path())
        self._engine = _engine(engine, self.release, threads)

    def classify(self, radiographs: Sequence[Radiograph]) -> list[Finding]:
        """One finding a radiograph, in their order. ``milliseconds`` is each one's share of the batch."""
        if not radiographs:
            return []
        start = time.perf_counter()
        spec = self.release.preprocessing
        batch = np.stack([network_input(each.pixels, spec) for each in radiographs])
        logits, features = self._engine.run(batch)
        share = (time.perf_counter() - start) * 1000 / len(radiographs)
        return [
            self._finding(radiograph, scores, grid, share)
            for radiograph, scores, grid in zip(radiographs, logits, features, strict=True)
        ]

    def _finding(
        self, radiograph: Radiograph, logits: np.ndarray, features: np.ndarray, share: float
    ) -> Finding:
        labels = self.release.labels
        probabilities = calibrated(logits, self.release.temperature)
        order = np.argsort(-probabilities, kind="stable")
        top, rival = int(order[0]), int(order[1])
        maps = [self._map(radiograph, features, index) for index in (top, rival)]
        return Finding(
            assessable=True,
            reason=None,
            fracture_probability=None,
            call=None,
            probabilities=dict(zip(labels, probabilities.tolist(), strict=True)),
            scores=dict(zip(labels, logits.astype(float).tolist(), strict=True)),
            top_class=labels[top],
            confidence=float(probabilities[top]),
            rival_class=labels[rival],
            prediction_set=tuple(self._set(probabilities, order)),
            activation_map=maps[0],
            rival_activation_map=maps[1],
            release=self.release.title,
            milliseconds=share,
        )

    def _map(self, radiograph: Radiograph, features: np.ndarray, index: int) -> np.ndarray:
        size = self.release.preprocessing.size
        evidence = class_activation(features, self._engine.head_weights[index])
        height, width = radiograph.pixels.shape
        return displayed(evidence, placement(height, width, size), size)

    def _set(self, probabilities: np.ndarray, order: np.ndarray) -> Iterator[str]:
        """The conformal set: every class at least as probable as the threshold, and always the top."""
        for rank, index in enumerate(order):
            if rank == 0 or probabilities[index] >= self.release.set_threshold:
                yield self.release.labels[int(index)]


def calibrated(logits: np.ndarray, temperature: float) -> np.ndarray:
    """(…, 10) logits → probabilities: softmax over the temperature (Guo et al., 2017), in float64."""
    scaled = logits.astype(np.float64) / temperature
    exponents = np.exp(scaled - scaled.max(-1, keepdims=True))
    return exponents / exponents.sum(-1, keepdims=True)


def _engine(name: str, release: LoadedRelease, threads: int) -> Engine:
    if name == "onnx":
        from classifier.engines.onnx import OnnxEngine

        return OnnxEngine(release, threads)
    from classifier.engines.torch import TorchEngine

    return TorchEngine(release, threads)
