"""How a page names and colours a case's state, priority and deadline: decided here for all pages."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from triage.states import CaseState
from triage.vocabulary import Priority


@dataclass(frozen=True)
class Badge:
    """``css``: classes of a tag; "" for plain text. ``gives_way``: hidden while somebody reads the case."""

    label: str | Promise
    css: str = ""
    gives_way: bool = False


STATES: dict[str, Badge] = {
    CaseState.ARRIVING: Badge(CaseState.ARRIVING.label),
    CaseState.REFUSED: Badge(CaseState.REFUSED.label, "tag late"),
    CaseState.RECEIVED: Badge(CaseState.RECEIVED.label),
    CaseState.PREDICTED: Badge(_("To be read"), gives_way=True),
    CaseState.FAILED: Badge(_("Model failed"), "tag late"),
    CaseState.THIRD: Badge(_("Third reading")),
    CaseState.REVIEWED: Badge(CaseState.REVIEWED.label),
    CaseState.WITHDRAWN: Badge(CaseState.WITHDRAWN.label),
}
# Routine is the rule, so it has no colour.
PRIORITIES: dict[int, Badge] = {
    Priority.STAT: Badge(Priority.STAT.label, "tag late"),
    Priority.URGENT: Badge(Priority.URGENT.label, "tag soon"),
    Priority.ROUTINE: Badge(Priority.ROUTINE.label),
}
# By urgency. clock.js fills in the same texts, since time goes on while a page is open.
DEADLINES: dict[str, str | Promise] = {
    "late": _("%(left)s late"),
    "soon": _("soon: %(left)s"),
    "due": _("in %(left)s"),
}
