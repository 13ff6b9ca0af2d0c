"""What the columns of an open case hold of its deciding prediction. For ``worklist.case_summary`` alone."""

from triage.disclosure.told import Told
from triage.models import Prediction
from triage.vocabulary import SUSPECTED


def told_chance(prediction: Prediction) -> float | None:
    """The chance of a fracture of an open case's prediction, 0..1, as far as it may be told."""
    return Told(prediction, prediction.effective_call).fracture_probability


def class_and_confidence(prediction: Prediction) -> tuple[str, float]:
    """What an open case stores of its deciding prediction: ("", 0.0) where no class is told."""
    if prediction.effective_call not in SUSPECTED:
        return "", 0.0
    return prediction.top_class, prediction.confidence
