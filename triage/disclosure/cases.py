"""A case with what of the model's output its reader may see now."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from triage.disclosure.output import CaseOutput
from triage.disclosure.predictions import DisclosedPrediction, call_of, excluding_job
from triage.models import Case, Image, Prediction
from triage.models.case import CaseQuerySet
from triage.models.prediction import HEAVY
from triage.reasons import EXCLUSIONS
from triage.vocabulary import SUSPECTED, Call, FractureClass, UnreadCode


@dataclass(frozen=True)
class DisclosedCase:
    """A case as one person may see it. If ``is_shown`` is false, it gives no model output.

    Made by ``Disclosure.cases`` alone. Whoever shows a case reads the model's columns here, not from the row.
    ``output``: what the model says of the case, None where it is hidden. Most often the row itself says it.
    """

    case: Case
    output: Case | CaseOutput | None

    @property
    def is_shown(self) -> bool:
        return self.output is not None

    @property
    def call(self) -> Call | None:
        """The case's call; None where it is hidden."""
        return Call(self.output.call) if self.output else None

    @property
    def names_a_class(self) -> bool:
        return self.call in SUSPECTED

    @property
    def predicted_class(self) -> str:
        """The predicted class; "" if none is disclosed."""
        return self.output.predicted_class if self.output else ""

    @property
    def class_label(self) -> str:
        return str(FractureClass(self.predicted_class).label) if self.predicted_class else ""

    @property
    def confidence(self) -> float | None:
        """0..1, of the predicted class; None if none is disclosed."""
        return self.output.confidence if self.output and self.predicted_class else None

    @property
    def unread_code(self) -> str:
        return self.output.unread_code if self.output else ""

    @property
    def unread_label(self) -> str:
        return str(UnreadCode(self.unread_code).label) if self.unread_code else ""

    def why_not_read(self, image: Image) -> str:
        """Why no model reads one of the case's images: the last release that looked at it is not for it.

        "" otherwise, and where the case is hidden: ``unread_code`` is as well, and it follows from the images
        (of a case that counts as unread, none that was read is suspected). That a job was excluded is a
        state and is shown. No query where jobs and predictions were prefetched.
        """
        job = excluding_job(image) if self.is_shown else None
        return job.reason_to_show if job else ""

    def why_not_read_code(self, image: Image) -> str:
        """The same as a code of ``triage.reasons.EXCLUSIONS``."""
        job = excluding_job(image) if self.is_shown else None
        return EXCLUSIONS.code(job.reason) if job else ""

    @property
    def unread_images(self) -> int:
        return self.output.unread_images if self.output else 0

    @property
    def not_assessable_images(self) -> int:
        return self.output.not_assessable_images if self.output else 0

    @cached_property
    def image_count(self) -> int:
        return self.case.images.count()

    @property
    def due_at(self) -> datetime:
        """The deadline; that of the priority alone where the model's part in it is hidden."""
        return self.case.due_at if self.is_shown else self.case.priority_due_at

    @property
    def deciding_id(self) -> UUID | None:
        """The prediction that gave the case its call."""
        return self.output.deciding_prediction_id if self.output else None

    @cached_property
    def deciding(self) -> DisclosedPrediction | None:
        """What that prediction says; None where the case counts as unread, or is hidden.

        Costs no query where the case was loaded by ``with_deciding_prediction``.
        """
        prediction = deciding_prediction_of(self.output) if self.output else None
        return self.disclose(prediction) if prediction else None

    def disclose(self, prediction: Prediction) -> DisclosedPrediction | None:
        """What may be seen now of a prediction of this case; None where the model's output is hidden."""
        if not self.is_shown:
            return None
        return DisclosedPrediction(prediction, call_of(prediction, self.case))


_DECIDING = Case._meta.get_field("deciding_prediction")


def deciding_prediction_of(output: Case | CaseOutput) -> Prediction | None:
    """With its release in one query, where it was not loaded with the case."""
    prediction_id = output.deciding_prediction_id
    if isinstance(output, Case) and prediction_id and not _DECIDING.is_cached(output):
        output.deciding_prediction = Prediction.objects.light().get(pk=prediction_id)
    return output.deciding_prediction


def with_deciding_prediction(cases: CaseQuerySet) -> CaseQuerySet:
    """``cases`` with what ``DisclosedCase.deciding`` needs, without what is most of a prediction's bytes."""
    columns = (*HEAVY, "release__manifest")
    return cases.select_related("deciding_prediction__release").defer(
        *(f"deciding_prediction__{column}" for column in columns)
    )
