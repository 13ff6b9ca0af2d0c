"""Radiographs in, findings out."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from classifier.activation import class_activation, displayed
from classifier.assessability import REASONS, is_flat, is_small, kind_by_header
from classifier.call import Call
from classifier.engines import Engine, Scores
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
        scores = self._engine.run(batch)
        share = (time.perf_counter() - start) * 1000 / len(radiographs)
        return [
            self._finding(radiograph, scores, index, share)
            for index, radiograph in enumerate(radiographs)
        ]

    def _finding(self, radiograph: Radiograph, scores: Scores, index: int, share: float) -> Finding:
        labels, logits, features = self.release.labels, scores.logits[index], scores.features[index]
        probabilities = calibrated(logits, self.release.temperature)
        order = np.argsort(-probabilities, kind="stable")
        top, rival = int(order[0]), int(order[1])
        maps = [self._map(radiograph, features, each) for each in (top, rival)]
        reason = self._reason(radiograph, scores, index)
        fracture = self._fracture_probability(scores, index)
        return Finding(
            assessable=reason is None,
            reason=reason,
            fracture_probability=fracture,
            call=self._call(fracture, reason),
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

    def _reason(self, radiograph: Radiograph, scores: Scores, index: int) -> str | None:
        """Why the picture is not assessable, or None. The header's word counts before the look, and what
        needs no network is looked for with every release.
        """
        rule = self.release.assessability
        body_part = str(radiograph.tags.get("body_part") or "")
        kind = kind_by_header(radiograph.modality, body_part)
        if kind is None and is_flat(radiograph.pixels):
            kind = "blank"
        if kind is None and is_small(radiograph.pixels):
            kind = "small"
        if kind is None and rule is not None and scores.kinds is not None:
            kind = rule.foreign_kind(scores.kinds[index])
        return REASONS[kind] if kind else None

    def _fracture_probability(self, scores: Scores, index: int) -> float | None:
        if self.release.call is None or scores.fracture is None:
            return None
        return self.release.call.probability(float(scores.fracture[index]))

    def _call(self, probability: float | None, reason: str | None) -> Call | None:
        """Nothing is called of a picture that is not assessable."""
        if self.release.call is None or probability is None or reason is not None:
            return None
        return self.release.call.call(probability)

    def _map(self, radiograph: Radiograph, features: np.ndarray, index: int) -> np.ndarray:
        size = self.release.preprocessing.size
        evidence = class_activation(features, self._engine.head_weights[index])
        height, width = radiograph.pixels.shape
        return displayed(evidence, placement(height, width, size), size)

    def _set(self, probabilities: np.ndarray, order: np.ndarray) -> Iterator[str]:
        """The conformal set: every class at least as probable as its threshold, and always the top."""
        for rank, index in enumerate(order):
            name = self.release.labels[int(index)]
            if rank == 0 or probabilities[index] >= self.release.set_thresholds[name]:
                yield name


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
