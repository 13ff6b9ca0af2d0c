"""The Call cell of a row: its text and style, decided here for all lists."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from triage.disclosure import DisclosedCase
from triage.models import Review
from triage.review.opinion import given_in
from triage.review.sentence import sentence
from triage.states import CaseState
from triage.vocabulary import Call


@dataclass(frozen=True)
class CallCell:
    """``label`` is "" where the gaps below it say everything; ``css`` is its class, "" for plain text.

    ``fracture_class``: the label of the predicted class, "" if the call names none.
    """

    label: str
    css: str = "muted"
    fracture_class: str = ""

    @classmethod
    def of(
        cls, disclosed_case: DisclosedCase, has_gaps: bool, signed: Review | None = None
    ) -> "CallCell":
        """The first that holds. ``has_gaps``: the model said something of some pictures only.

        ``signed``: what stands on a closed case. The model's call never takes its place.
        """
        if not disclosed_case.case.is_open:
            return cls(sentence(given_in(signed)), css="signed") if signed else cls("–")
        call = disclosed_case.call
        if call is not None and disclosed_case.names_a_class:
            return cls(str(call.label), css="", fracture_class=disclosed_case.class_label)
        if disclosed_case.case.state == CaseState.RECEIVED and call in (None, Call.UNREAD):
            return cls(_("being read"), css="working")  # also for whom the output is hidden
        if has_gaps:
            return cls("")
        if call in (Call.NEGATIVE, Call.NOT_ASSESSABLE):
            return cls(str(call.label))
        if disclosed_case.unread_code:
            return cls(disclosed_case.unread_label)
        if disclosed_case.case.is_sealed:
            return cls(_("Blind"))
        return cls("–" if disclosed_case.is_shown else _("Not shown to you yet"))
