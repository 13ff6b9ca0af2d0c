"""The output of a release for one image."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from classifier.boxes import Box, Point
from classifier.call import OperatingPoints
from classifier.indications import Indication
from classifier.reasons import NOT_ASSESSABLE


@dataclass(frozen=True)
class Finding:
    """A release's output for one image.

    ``reason_code``: why the picture is not ``assessable``; a key of ``classifier.reasons.NOT_ASSESSABLE``,
    which has the sentence of ``reason``. ``probabilities``: class → 0..1, calibrated, summing to 1.
    ``scores``: class → raw logit. ``fracture_probability``: 0..1, calibrated. ``call`` (positive, doubt,
    negative) is None if the picture is not assessable. ``points``: the operating points of the call, the
    release's or the site's own. ``prediction_set``: classes, most probable first. It contains the true class
    with the coverage in the release's manifest. ``activation_map``: (h, w) float32 of 0..1 for the top class,
    its longer side 32 cells, spanning exactly the picture; ``rival_activation_map`` likewise for the second.
    ``boxes``, ``focus``, ``fracture_map``: where a fracture is; None if the release has no detector.
    ``boxes``: best first; at least one if the call is positive or doubt, else none. ``focus``: the strongest
    place in the picture; also None if it is not assessable. ``fracture_map``: (h, w) float32 of 0..1,
    P(fracture here), its longer side 56 cells, spanning exactly the picture. ``indication``: whether the
    release was evaluated on such pictures. It is never excluded, because an excluded picture gets no finding.
    ``release``: "name version". ``milliseconds``: its share of the batch's time.
    """

    assessable: bool
    reason_code: str | None
    fracture_probability: float
    call: str | None
    points: OperatingPoints
    probabilities: dict[str, float]
    scores: dict[str, float]
    top_class: str
    confidence: float
    rival_class: str
    prediction_set: tuple[str, ...]
    activation_map: np.ndarray
    rival_activation_map: np.ndarray
    boxes: tuple[Box, ...] | None
    focus: Point | None
    fracture_map: np.ndarray | None
    indication: Indication
    release: str
    milliseconds: float

    @property
    def reason(self) -> str | None:
        """Why the picture is not assessable, an English sentence; None if it is assessable."""
        return NOT_ASSESSABLE[self.reason_code] if self.reason_code else None

    def as_json(self) -> dict[str, Any]:
        """All fields except maps and points, ready for ``json.dumps``. ``fracture_probability`` is None if
        the picture is not assessable, because the network also gives a number for a photograph of a dog.
        """
        return {
            "assessable": self.assessable,
            "reason": self.reason,
            "reason_code": self.reason_code,
            "fracture_probability": self.fracture_probability if self.assessable else None,
            "call": self.call,
            "probabilities": {name: round(p, 6) for name, p in self.probabilities.items()},
            "scores": {name: round(score, 4) for name, score in self.scores.items()},
            "top_class": self.top_class,
            "confidence": round(self.confidence, 6),
            "rival_class": self.rival_class,
            "prediction_set": list(self.prediction_set),
            "boxes": None if self.boxes is None else [asdict(box) for box in self.boxes],
            "focus": None if self.focus is None else asdict(self.focus),
            "indication": self.indication.state,
            "not_measured_for": list(self.indication.not_measured_for),
            "code": None,
            "release": self.release,
            "milliseconds": round(self.milliseconds, 2),
        }
