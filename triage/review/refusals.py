"""Why nobody, or not this person, gives an opinion: refusals that several services say in the same words."""

from django.utils.translation import gettext as _

from accounts.refusals import Conflict, NotPermitted
from triage.models import Case


def no_signing_role() -> NotPermitted:
    text = _("Only a clinician or reviewer of the site gives second opinions.")
    return NotPermitted("no_signing_role", text)


def refusal_of_replaced(case: Case) -> Conflict | None:
    """Why nobody signs a case whose pictures all came anew. None where it was not replaced."""
    if case.replaced_by is None:
        return None
    text = _(
        "A newer version of its pictures came as case %(newer)s, so nobody signs this one. Read that one."
    )
    return Conflict("case_replaced", text % {"newer": case.replaced_by.name})


def refusal_of_closed(case: Case) -> Conflict | None:
    if case.is_open:
        return None
    text = _("This case is closed: %(state)s.") % {"state": case.get_state_display()}
    return Conflict("case_closed", text)
