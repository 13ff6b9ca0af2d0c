"""What the model says of a case as a whole."""

from dataclasses import dataclass
from uuid import UUID

from triage.models import Prediction
from triage.vocabulary import Call


@dataclass(frozen=True)
class CaseOutput:
    """The columns of a case that hold the model's output, apart from its row. The defaults say nothing.

    ``triage.worklist.case_summary`` makes it. The row of a sealed case (``Case.is_sealed``) has the defaults.
    """

    deciding_prediction: Prediction | None = None
    call: int = Call.UNREAD
    predicted_class: str = ""
    confidence: float = 0.0
    unread_code: str = ""
    unread_images: int = 0
    not_assessable_images: int = 0

    @property
    def deciding_prediction_id(self) -> UUID | None:
        return self.deciding_prediction.pk if self.deciding_prediction else None
