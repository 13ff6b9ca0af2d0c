"""Summarizes the predictions of a case's pictures: the case's call, class, confidence and deadline.

Pages, lists, filters, REST and the signature read the columns that ``summarize`` sets; nobody else derives
them from the pictures.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from triage.disclosure import CaseOutput, class_and_confidence, disclosed_chance
from triage.models import Case, Job, Prediction
from triage.states import CaseState, JobState
from triage.vocabulary import SUSPECTED, Call, UnreadCode
from triage.worklist.deadlines import CalledClass, WaitTable

# "No fracture seen" of a case says that every picture was looked at, so it is the weakest: a picture that
# was not read may be the broken one.
STRONGEST_FIRST = (
    Call.POSITIVE,
    Call.DOUBT,
    Call.UNREAD,
    Call.NOT_ASSESSABLE,
    Call.NEGATIVE,
)
WAITING = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class CasePredictions:
    """How far a case was read.

    ``predictions``: the newest one of each picture that was read. ``unread``: the number of pictures that
    have none and for which none is on its way: their jobs failed, or no release is for them. A picture whose
    job waits or runs is in neither. ``job_states``: those that the jobs of the pictures are in.
    """

    predictions: Sequence[Prediction] = ()
    unread: int = 0
    job_states: frozenset[str] = frozenset()

    @property
    def not_assessable(self) -> int:
        """The number of pictures that the model called not assessable."""
        return sum(not prediction.assessable for prediction in self.predictions)


def strongest_prediction(
    said: CasePredictions, table: WaitTable, priority: int
) -> Prediction | None:
    """The prediction that gives the case its call. None if the case counts as unread.

    It has the strongest call, in the order of ``STRONGEST_FIRST``. If several predictions have that call, the
    order is: higher chance of a fracture (if it may be disclosed), shorter wait, higher confidence.
    """

    def strength(prediction: Prediction) -> tuple[object, ...]:
        return (
            STRONGEST_FIRST.index(prediction.effective_call),
            -(disclosed_chance(prediction) or 0.0),
            table.allowed(priority, _called_class(prediction)),
            -prediction.confidence,
        )

    strongest = min(said.predictions, key=strength, default=None)
    if said.unread and strongest is not None:
        weaker = STRONGEST_FIRST.index(strongest.effective_call) > STRONGEST_FIRST.index(
            Call.UNREAD
        )
        return None if weaker else strongest
    return strongest


def _called_class(prediction: Prediction) -> CalledClass | None:
    """None unless the call is positive or doubt: a class means nothing on a healthy bone."""
    if prediction.effective_call not in SUSPECTED:
        return None
    return CalledClass(prediction.predicted_class, prediction.confidence)


def predictions_of(cases: Iterable[Case]) -> dict[UUID, CasePredictions]:
    """Case id → how far the case was read. Two queries for all cases."""
    cases = list(cases)
    latest: dict[UUID, dict[UUID, Prediction]] = {case.pk: {} for case in cases}
    predictions = Prediction.objects.filter(image__case__in=cases).light().select_related("image")
    for prediction in predictions.order_by("image__position", "-created_at", "-pk"):
        latest[prediction.image.case_id].setdefault(prediction.image_id, prediction)
    states: dict[UUID, dict[UUID, set[str]]] = {case_id: {} for case_id in latest}
    jobs = Job.objects.filter(image__case__in=cases)
    for case_id, image_id, state in jobs.values_list("image__case_id", "image_id", "state"):
        states[case_id].setdefault(image_id, set()).add(state)
    return {
        case_id: CasePredictions(
            list(found.values()),
            _unread(states[case_id], found),
            frozenset(state for of_image in states[case_id].values() for state in of_image),
        )
        for case_id, found in latest.items()
    }


def _unread(states: dict[UUID, set[str]], read: Container[UUID]) -> int:
    """The number of pictures that have no prediction, and none on its way.

    Args:
        states: picture → the states of its jobs.
        read: the pictures that have a prediction.
    """
    return sum(
        image not in read and not of_image.intersection(WAITING)
        for image, of_image in states.items()
    )


def summarize(case: Case, said: CasePredictions, table: WaitTable) -> None:
    """Sets the fields in ``SUMMARY_FIELDS``. Nothing is saved.

    The caller holds the lock of the open case, and its state is the one of its jobs. Call, class and
    confidence come from the strongest prediction. The deadline comes from the shortest wait of all pictures
    that were read, or from the priority alone if there are none. A sealed case gets the deadline of its
    priority, and nothing of what the model says.
    """
    output = CaseOutput() if case.is_sealed else output_of(case, said, table)
    for name in OUTPUT_FIELDS:
        setattr(case, name, getattr(output, name))
    redate_alone(case, said, table)


def redate_alone(case: Case, said: CasePredictions, table: WaitTable) -> None:
    """Sets the two deadlines. That of a case that is read blind is its priority's, from its arrival on."""
    without_model, waits = table.allowed(case.priority), []
    if not case.is_blind:
        waits = [table.allowed(case.priority, _called_class(read)) for read in said.predictions]
    case.due_at = case.received_at + min(waits, default=without_model)
    case.priority_due_at = case.received_at + without_model


def output_of(case: Case, said: CasePredictions, table: WaitTable) -> CaseOutput:
    """What the model says of the case, whoever may see it. ``triage.disclosure`` decides who that is."""
    prediction = strongest_prediction(said, table, case.priority)
    predicted_class, confidence = class_and_confidence(prediction) if prediction else ("", 0.0)
    # Each job has ended and the case counts as unread: no release is for one of its pictures.
    none_to_come = case.state == CaseState.PREDICTED and prediction is None
    return CaseOutput(
        deciding_prediction=prediction,
        call=prediction.effective_call if prediction else Call.UNREAD,
        predicted_class=predicted_class,
        confidence=confidence,
        unread_code=UnreadCode.OUTSIDE_INDICATIONS if none_to_come else "",
        unread_images=said.unread,
        not_assessable_images=said.not_assessable,
    )


def summary_of(case: Case) -> tuple[object, ...]:
    """The values of ``SUMMARY_FIELDS``, to compare before and after ``summarize``."""
    place = case.call, case.predicted_class, case.confidence, case.due_at, case.priority_due_at
    whole = case.unread_code, case.unread_images, case.not_assessable_images
    return (case.deciding_prediction_id, *place, *whole)


OUTPUT_FIELDS = tuple(field.name for field in fields(CaseOutput))
SUMMARY_FIELDS = (
    *("deciding_prediction", "call", "predicted_class", "confidence"),
    *("due_at", "priority_due_at"),
    *("unread_code", "unread_images", "not_assessable_images"),
)


def event_of(before: tuple[object, ...], after: tuple[object, ...]) -> dict[str, Any]:
    """What an event says of a change between two answers of ``summary_of``, as arguments of ``emit``.

    Of the model's output it names every field or none: which of them changed would tell the call, since
    only a suspected fracture gets a class and a shorter wait. The id of the deciding prediction tells
    nothing.
    """
    old = dict(zip(SUMMARY_FIELDS, before, strict=True))
    new = dict(zip(SUMMARY_FIELDS, after, strict=True))
    changed = {name for name in SUMMARY_FIELDS if old[name] != new[name]}
    deciding = changed & {"deciding_prediction"}
    private = Case.MODEL_OUTPUT if changed - deciding else frozenset()
    return {
        "before": {name: _text(old[name]) for name in deciding},
        "after": {name: _text(new[name]) for name in deciding},
        "private": private | (changed & {"priority_due_at"}),
    }


def _text(prediction_id: object) -> str | None:
    return None if prediction_id is None else str(prediction_id)


def is_redated(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    """Whether the deadline moved between two values of ``summary_of``."""
    due_at = SUMMARY_FIELDS.index("due_at")
    return before[due_at] != after[due_at]
