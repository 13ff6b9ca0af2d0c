"""Classifies radiographs: a release, an engine, and the findings that they give."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from classifier.activation import class_activation, displayed
from classifier.assessability import is_flat, too_small
from classifier.boxes import Box, Point
from classifier.call import Call, OperatingPoints
from classifier.engines import Scores
from classifier.engines.choice import open_engine
from classifier.finding import Finding
from classifier.indications import OutsideIndications
from classifier.network_input import NetworkInput, PreparedRadiograph, input_of
from classifier.peaks import boxes_of, focus_of, fracture_map_of
from classifier.preprocess import input_of_square, placement
from classifier.radiograph import Radiograph
from classifier.release import default_release_path, load_release


class Classifier:
    """A release, and an engine that runs it. For the arguments see ``classifier.engines.choice``.

    Raises:
        classifier.release_errors.ReleaseError: the release can't be used.
        classifier.engines.EngineUnavailable: the engine can't run here.
    """

    def __init__(
        self,
        folder: Path | None = None,
        engine: str = "onnx",
        threads: int = 1,
        device: str | None = None,
    ) -> None:
        self.release = load_release(folder or default_release_path())
        self._engine = open_engine(engine, self.release, threads, device)

    def classify(
        self,
        radiographs: Sequence[Radiograph | PreparedRadiograph],
        points: Sequence[OperatingPoints | None] | None = None,
    ) -> list[Finding]:
        """One finding for each radiograph, in their order. ``milliseconds``: time of the batch, divided
        equally.

        Args:
            radiographs: the batch. Those that ``prepare`` gave, or that were stored, have equal findings.
            points: for each radiograph its site's own operating points, or None for the release's.

        Raises:
            OutsideIndications: the release must not be used for one of them. Check ``release.indications``
            first.
        """
        if not radiographs:
            return []
        start = time.perf_counter()
        self._refuse_excluded(radiographs)
        prepared = [self.prepare(radiograph) for radiograph in radiographs]
        scores = self.scores(prepared)
        share = (time.perf_counter() - start) * 1000 / len(radiographs)
        points_of = points if points is not None else [None] * len(radiographs)
        return [
            self._finding(radiograph, scores, index, share, own)
            for index, (radiograph, own) in enumerate(zip(prepared, points_of, strict=True))
        ]

    def prepare(self, radiograph: Radiograph | PreparedRadiograph) -> PreparedRadiograph:
        """What the release needs of a radiograph."""
        if isinstance(radiograph, PreparedRadiograph):
            return radiograph
        made = input_of(radiograph.square, self.release.preprocessings)
        return PreparedRadiograph(made, radiograph.subject)

    def scores(self, radiographs: Sequence[Radiograph | PreparedRadiograph]) -> Scores:
        """The raw scores and maps of at least one radiograph. Raises OutsideIndications."""
        self._refuse_excluded(radiographs)
        inputs = [
            [
                input_of_square(square, spec)
                for square, spec in zip(
                    self.prepare(radiograph).input.squares, self.release.preprocessings, strict=True
                )
            ]
            for radiograph in radiographs
        ]
        return self._engine.run(*map(np.stack, zip(*inputs, strict=True)))

    def _refuse_excluded(self, radiographs: Sequence[Radiograph | PreparedRadiograph]) -> None:
        """A picture that the release must not be used for never reaches the network, whoever calls."""
        for radiograph in radiographs:
            indication = self.release.indications.of(radiograph.subject)
            if indication.is_excluded:
                raise OutsideIndications(indication.reason)

    def _finding(
        self,
        radiograph: PreparedRadiograph,
        scores: Scores,
        index: int,
        share: float,
        points: OperatingPoints | None,
    ) -> Finding:
        labels, logits, features = self.release.labels, scores.logits[index], scores.features[index]
        probabilities = calibrated(logits, self.release.temperature)
        order = np.argsort(-probabilities, kind="stable")
        top, rival = int(order[0]), int(order[1])
        maps = [self._map(radiograph.input, features, name) for name in (top, rival)]
        reason = self._reason(radiograph.input, scores, index)
        rule = self.release.call.at(points)
        fracture = rule.probability(float(scores.fracture[index]))
        # A picture that is not assessable gets no call.
        call = rule.call(fracture) if reason is None else None
        boxes, focus, fracture_map = self._places(radiograph.input, scores, index, call, reason)
        return Finding(
            assessable=reason is None,
            reason_code=reason,
            fracture_probability=fracture,
            call=call,
            points=rule.points,
            probabilities=dict(zip(labels, probabilities.tolist(), strict=True)),
            scores=dict(zip(labels, logits.astype(float).tolist(), strict=True)),
            top_class=labels[top],
            confidence=float(probabilities[top]),
            rival_class=labels[rival],
            prediction_set=tuple(self._set(probabilities, order)),
            activation_map=maps[0],
            rival_activation_map=maps[1],
            boxes=boxes,
            focus=focus,
            fracture_map=fracture_map,
            indication=self.release.indications.of(radiograph.subject),
            release=self.release.title,
            milliseconds=share,
        )

    def _reason(self, given: NetworkInput, scores: Scores, index: int) -> str | None:
        """The reason's code if the picture is not assessable by its pixels, else None. ``_refuse_excluded``
        has checked what sender and header say.
        """
        kind = "blank" if is_flat(given.deviation) else too_small(given.height, given.width)
        if kind is None:
            kind = self.release.assessability.non_radiograph_kind(scores.kinds[index])
        return kind

    def _places(
        self,
        given: NetworkInput,
        scores: Scores,
        index: int,
        call: Call | None,
        reason: str | None,
    ) -> tuple[tuple[Box, ...] | None, Point | None, np.ndarray | None]:
        """``boxes``, ``focus`` and ``fracture_map`` of a Finding."""
        detector = self.release.detector
        if detector is None or scores.heat is None or scores.extent is None:
            return None, None, None
        size, rule = detector.preprocessing.size, detector.boxes
        place = placement(given.height, given.width, size)
        heat = scores.heat[index]
        called = call in ("positive", "doubt")
        boxes = boxes_of(heat, scores.extent[index], place, size, rule) if called else ()
        focus = focus_of(heat, place, size) if reason is None else None
        return boxes, focus, fracture_map_of(heat, place, size, rule)

    def _map(self, given: NetworkInput, features: np.ndarray, index: int) -> np.ndarray:
        size = self.release.preprocessing.size
        evidence = class_activation(features, self._engine.head_weights[index])
        return displayed(evidence, placement(given.height, given.width, size), size)

    def _set(self, probabilities: np.ndarray, order: np.ndarray) -> Iterator[str]:
        """The prediction set: the top class, and each class whose probability reaches its threshold."""
        for rank, index in enumerate(order):
            name = self.release.labels[int(index)]
            if rank == 0 or probabilities[index] >= self.release.set_thresholds[name]:
                yield name


def calibrated(logits: np.ndarray, temperature: float) -> np.ndarray:
    """(…, 10) logits → probabilities: softmax over the temperature (Guo et al., 2017), in float64."""
    scaled = logits.astype(np.float64) / temperature
    exponents = np.exp(scaled - scaled.max(-1, keepdims=True))
    return exponents / exponents.sum(-1, keepdims=True)
