"""Which image of a case decides its class and its deadline."""

from triage.models import Case, Prediction
from triage.worklist.deadlines import Suggestion, WaitTable


def most_urgent_prediction(
    predictions: list[Prediction], table: WaitTable, priority: int
) -> Prediction | None:
    """The prediction with the shortest allowed wait; the surer one of equals; None of none.

    A picture that the model found not assessable shortens nothing and decides only if all are such.
    """
    usable = [each for each in predictions if each.assessable] or predictions

    def urgency(each: Prediction) -> tuple[object, float]:
        suggestion = Suggestion(each.top_class, each.confidence) if each.assessable else None
        return table.allowed(priority, suggestion), -each.confidence

    return min(usable, key=urgency, default=None)


def deciding_prediction(case: Case) -> Prediction | None:
    """The prediction that the case's row was dated by: the latest release's most urgent one."""
    predictions = list(
        Prediction.objects.filter(image__case=case)
        .select_related("release", "image")
        .order_by("image__position", "-created_at")
    )
    latest: dict[object, Prediction] = {}
    for prediction in predictions:
        latest.setdefault(prediction.image_id, prediction)
    return most_urgent_prediction(list(latest.values()), WaitTable.of(case.site_id), case.priority)
