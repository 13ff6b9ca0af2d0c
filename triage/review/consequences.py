"""What follows from a signature, in its own transaction: a call-back, a critical result."""

from dataclasses import dataclass

from triage.models import Case, Review
from triage.review.call_backs import Opened, call_back_for
from triage.review.critical_results import OpenedCritical, critical_result_for


@dataclass(frozen=True)
class Consequences:
    """What was opened. The caller of ``consequences_of`` calls ``emit`` once all its own rows are written."""

    call_back: Opened
    critical: OpenedCritical

    def emit(self) -> None:
        self.call_back.emit()
        self.critical.emit()


def consequences_of(
    case: Case,
    review: Review,
    *,
    corrected: Review | None = None,
    critical: bool = False,
    is_last: bool = True,
) -> Consequences:
    """``review`` was stored, and the case is locked. It counts: who was overruled corrects nothing.

    Args:
        corrected: what it corrects, if it is a correction.
        critical: the reader ticked that the clinic must hear of it at once.
        is_last: false where a third reader decides. Nobody is called back before, but what is critical is
            said at once.
    """
    return Consequences(
        call_back_for(case, review, corrected) if is_last else Opened(),
        critical_result_for(case, review, ticked=critical, corrected=corrected),
    )
