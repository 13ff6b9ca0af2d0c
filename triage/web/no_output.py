"""Why a picture's panel has no output of the model to show: the words and their style."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from triage.disclosure import DisclosedCase
from triage.states import CaseState


@dataclass(frozen=True)
class NoOutput:
    """``heading``: "" for none; ``css`` is its class. ``is_hint``: the text is an aside."""

    text: str
    heading: str = ""
    css: str = "call"
    is_hint: bool = False

    @classmethod
    def of(
        cls, disclosed_case: DisclosedCase, *, not_read: str, failed: bool, several: bool
    ) -> "NoOutput | None":
        """The first that holds; None where the failure, which the panel shows too, says everything.

        ``not_read``: why no model reads the picture; "" where one does. ``several``: the case has more.
        """
        if not_read:
            return cls(not_read, _("Not read by a model"))
        if disclosed_case.case.state == CaseState.RECEIVED and not failed:
            text = _("You need not wait: the case can be read without it.")
            return cls(text, _("is reading the picture"), css="working", is_hint=True)
        if not disclosed_case.is_shown:
            if disclosed_case.case.is_sealed:
                return cls(
                    _(
                        "This case is read blind: what the model says is shown after the first reading."
                    )
                )
            return cls(_("What the model says of this case is hidden from you for now."))
        if failed:
            return None
        if several:
            return cls(_("has said nothing about this picture."))
        return cls(_("has said nothing about this case."))
