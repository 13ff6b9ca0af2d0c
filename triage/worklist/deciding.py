"""Which image of a case decides its class and its deadline."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from triage.disclosure import class_and_confidence
from triage.models import Case, Prediction
from triage.vocabulary import SUSPECTED, Suspicion
from triage.worklist.deadlines import Suggestion, WaitTable


def most_urgent_prediction(
    predictions: Sequence[Prediction], table: WaitTable, priority: int
) -> Prediction | None:
    """The prediction with the shortest allowed wait; None of none.

    If two wait equally long, a positive call comes first, then doubt, then negative; then the surer class.

    A picture that the model found not assessable shortens nothing and decides only if all are such.
    """
    usable = [each for each in predictions if each.assessable] or predictions

    def urgency(each: Prediction) -> tuple[object, int, float]:
        return table.allowed(priority, _suggestion(each)), each.suspicion, -each.confidence

    return min(usable, key=urgency, default=None)


def _suggestion(prediction: Prediction) -> Suggestion | None:
    """None of a negative or refused picture: a type means nothing on a healthy bone."""
    if prediction.suspicion not in SUSPECTED:
        return None
    return Suggestion(prediction.top_class, prediction.confidence)


def latest_predictions(cases: Iterable[Case]) -> dict[UUID, list[Prediction]]:
    """Case id → the newest prediction of each of its images, in one query for all cases."""
    latest: dict[UUID, dict[UUID, Prediction]] = {}
    predictions = Prediction.objects.filter(image__case__in=cases).light().select_related("image")
    for prediction in predictions.order_by("image__position", "-created_at", "-pk"):
        of_case = latest.setdefault(prediction.image.case_id, {})
        of_case.setdefault(prediction.image_id, prediction)
    return {case_id: list(found.values()) for case_id, found in latest.items()}


def decide(case: Case, predictions: Sequence[Prediction], table: WaitTable) -> None:
    """Sets suspicion, class, confidence, deadline and what they come from on a locked, open case."""
    prediction = most_urgent_prediction(predictions, table, case.priority)
    case.deciding_prediction = prediction
    case.suspicion = prediction.suspicion if prediction else Suspicion.UNREAD
    case.predicted_class, case.confidence = (
        class_and_confidence(prediction) if prediction else ("", 0.0)
    )
    suggestion = _suggestion(prediction) if prediction else None
    case.due_at = table.due(case.received_at, case.priority, suggestion)


def decided(case: Case) -> tuple[object, ...]:
    """What ``decide`` sets, to tell whether it changed."""
    place = case.suspicion, case.predicted_class, case.confidence, case.due_at
    return (case.deciding_prediction_id, *place)


DECIDED = ("deciding_prediction", "suspicion", "predicted_class", "confidence", "due_at")
