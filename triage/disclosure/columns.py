"""What the columns of an open case hold of its deciding prediction. For ``worklist.case_summary`` alone."""

from triage.disclosure.predictions import DisclosedPrediction
from triage.models import Prediction
from triage.vocabulary import SUSPECTED


def disclosed_chance(prediction: Prediction) -> float | None:
    """The chance of a fracture of an open case's prediction, 0..1; None if it may not be disclosed."""
    return DisclosedPrediction(prediction, prediction.effective_call).fracture_probability


def class_and_confidence(prediction: Prediction) -> tuple[str, float]:
    """What an open case stores of its deciding prediction: ("", 0.0) if the call names no class."""
    if prediction.effective_call not in SUSPECTED:
        return "", 0.0
    return prediction.predicted_class, prediction.confidence
