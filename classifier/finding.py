"""What a release says of one image."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from classifier.boxes import Box, Point
from classifier.call import OperatingPoints
from classifier.indications import Indication
from classifier.reasons import NOT_ASSESSABLE


@dataclass(frozen=True)
class Finding:
    """One image's reading.

    ``reason_code`` says why a picture is not ``assessable``: a key of ``classifier.reasons.NOT_ASSESSABLE``,
    which has the sentence of ``reason``. ``probabilities``: class → 0..1, calibrated, summing to 1.
    ``scores``: class → raw logit. ``fracture_probability``: 0..1, calibrated. ``call`` (positive, doubt,
    negative) is None where the picture is not assessable. ``points``: those that the call is made at, the
    release's or the site's own.
    ``prediction_set``: the classes that hold the true one as often as the release's manifest says,
    most probable first. ``activation_map``: (h, w) float32 of 0..1 for the top class, its longer side
    32 cells, spanning exactly the picture; ``rival_activation_map`` likewise for the second.
    ``boxes``, ``focus``, ``fracture_map``: where a fracture is, None where the release has no detector.
    ``boxes``: best first; at least one where the call is positive or doubt, else none. ``focus``: the
    strongest place in the picture, None also where it is not assessable. ``fracture_map``: (h, w)
    float32 of 0..1, P(fracture here), its longer side 56 cells, spanning exactly the picture.
    ``indication``: whether the release was measured on such pictures; never an excluded one, of which
    there is no finding. ``release``: "name version". ``milliseconds``: its share of the batch's time.
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
        """Why the picture is not assessable, in an English sentence; None where it is."""
        return NOT_ASSESSABLE[self.reason_code] if self.reason_code else None

    def as_json(self) -> dict[str, Any]:
        """Everything but maps and points, ready for ``json.dumps``. No chance of a fracture is told where the
        picture is not assessable: the network gives one for a photograph of a dog as well.
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
