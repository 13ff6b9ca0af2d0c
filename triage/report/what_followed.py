"""What followed from a signed opinion, as one person may see it: critical results and call-backs.

That one waits, for whom and until when is shown to everybody who sees the case: somebody must act in time.
Why, how it ended and what people wrote of it say what was signed, so they are hidden with it. Pages and REST
read them here, not from the rows (0028-who-sees-what-the-model-says.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from triage.disclosure import shown_to
from triage.models import CallBack, CallBackAttempt, CriticalResult
from triage.models.call_back import CallBackReason
from triage.report.critical_of_case import Because, why_critical


@dataclass(frozen=True)
class DisclosedCritical:
    """A critical result. ``is_shown``: whether the person may see what was signed."""

    result: CriticalResult
    is_shown: bool

    @property
    def because(self) -> Because | None:
        """Costs no query, where the result has its review. None where it is hidden."""
        return why_critical(self.result) if self.is_shown else None

    @property
    def by_reader(self) -> bool | None:
        """None where it is hidden: what no reader ticked is a fracture by the site's table."""
        return self.result.by_reader if self.is_shown else None

    @property
    def words(self) -> str:
        return self.result.words if self.is_shown else ""


@dataclass(frozen=True)
class DisclosedCallBack:
    """A call-back as ``viewer`` may see it. ``is_shown``: whether they may see what was signed."""

    call_back: CallBack
    viewer: User
    is_shown: bool

    @property
    def reason(self) -> CallBackReason | None:
        return CallBackReason(self.call_back.reason) if self.is_shown else None

    @property
    def is_again(self) -> bool:
        """Whether the patient was called back before, about what was corrected since."""
        return self.reason == CallBackReason.CHANGED_SINCE

    @property
    def outcome(self) -> str:
        """Empty while it is open, and where it is hidden."""
        return self.call_back.outcome if self.is_shown else ""

    @property
    def outcome_label(self) -> str:
        return str(self.call_back.get_outcome_display()) if self.is_shown else ""

    @property
    def words(self) -> str:
        return self.call_back.words if self.is_shown else ""

    @property
    def attempts(self) -> list[tuple[CallBackAttempt, str]]:
        """Each with its words: their own, and those of others where what was signed may be seen."""
        return [
            (
                attempt,
                attempt.words if self.is_shown or attempt.made_by_id == self.viewer.pk else "",
            )
            for attempt in self.call_back.attempts.all()
        ]


def disclosed_call_backs(user: User, call_backs: Sequence[CallBack]) -> list[DisclosedCallBack]:
    """With their cases loaded; the policy is asked once."""
    cases = shown_to(user, [call_back.case for call_back in call_backs])
    return [
        DisclosedCallBack(call_back, user, case.is_shown)
        for call_back, case in zip(call_backs, cases, strict=True)
    ]
