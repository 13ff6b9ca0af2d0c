"""Interim opinions: recording one while the case is open, and who may see them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import roles_at
from accounts.acts import Act
from accounts.models import User
from accounts.refusals import Conflict, NotPermitted, Refused, refuse_nul
from accounts.roles import Role
from accounts.services.events import emit
from accounts.texts import as_read
from triage.disclosure import DisclosedCase
from triage.models import Case, InterimOpinion
from triage.models.interim_opinion import LONGEST_NOTE, InterimFracture, TreatedAs
from triage.review.claims import lock_case
from triage.states import OPEN_STATES


@dataclass(frozen=True)
class Recorded:
    """What was recorded; None: nothing."""

    interim: InterimOpinion | None = None

    def emit(self) -> None:
        if self.interim is None:
            return
        case = self.interim.case
        emit(
            Act.INTERIM_RECORDED,
            self.interim,
            actor=self.interim.author,
            site=case.site,
            before={},
            after={"interim": str(self.interim.pk)},
            private=[name for name in InterimOpinion.PRIVATE_FIELDS if getattr(self.interim, name)],
            case=str(case.pk),
        )


def refusal_to_record(case: Case, user: User) -> Refused | None:
    """Why ``user`` may not record an interim opinion on ``case``, or None where they may.

    The sender may, and any clinician of the site, since somebody else often treats the patient by then. Who
    is reading the case for the second opinion may not: they would be compared with themselves.
    """
    if case.sender_id != user.pk and Role.CLINICIAN not in roles_at(user, case.site_id):
        return NotPermitted(
            "not_treating", _("Only the sender or a clinician of the site records what was done.")
        )
    if case.is_claimed_by(user):
        return Conflict(
            "reading_it", _("You are reading this case. Give it back, or sign your opinion.")
        )
    if case.state not in OPEN_STATES:
        text = _("This case is signed or withdrawn, so nothing is recorded any more.")
        return Conflict("case_closed", text)
    return None


def interim_opinions_for(user: User, disclosed_case: DisclosedCase) -> list[InterimOpinion]:
    """The case's interim opinions that ``user`` may see, the newest first. The only way to show one.

    Their own always. Others' only where the model's output is shown too: a reader who reads blind first must
    not know what anybody else thought.
    """
    rows = InterimOpinion.objects.filter(case=disclosed_case.case).select_related("author")
    if not disclosed_case.is_shown:
        rows = rows.filter(author=user)
    return list(rows.order_by("-recorded_at", "-pk"))


def newest_of(case: Case) -> InterimOpinion | None:
    """The one that counts. For services: who may see it is what ``interim_opinions_for`` says."""
    return InterimOpinion.objects.newest().filter(case=case).select_related("author").first()


@transaction.atomic
def record_interim_opinion(
    *, case: Case, author: User, interim_fracture: str, treated_as: str, note: str = ""
) -> InterimOpinion:
    """Adds what ``author`` thinks and did. Earlier ones stay; the newest counts.

    If the newest one says the same by the same person, that one is returned: the button was pressed twice.

    Raises:
        Refused: a value is missing or unknown. NotPermitted: neither sender nor clinician of the site.
        Conflict: the case is closed, or the author is reading it.
    """
    case = lock_case(case)
    if refusal := refusal_to_record(case, author):
        raise refusal
    said = {"author": author, **checked_interim(interim_fracture, treated_as, note)}
    newest = newest_of(case)
    if newest and all(getattr(newest, name) == value for name, value in said.items()):
        return newest
    interim = InterimOpinion.objects.create(case=case, **said)
    interim.refresh_from_db(fields=["recorded_at"])
    Recorded(interim).emit()
    return interim


def record_on_receipt(
    case: Case, arrived_at: datetime, replaced: Collection[Case] = ()
) -> Recorded:
    """Adds what the sender of a received case thought when they sent it.

    If they said nothing, what was thought last of the cases that it replaces: the pictures came anew, and the
    patient went home as before. A part of the decision on the case, which emits it once all its own rows are
    written.

    Args:
        arrived_at: when the case came; ``received_at`` is that of the first version.
        replaced: locked.
    """
    said, case.interim_given = case.interim_given, None
    if said is not None:
        sent = {"author": case.sender, "recorded_at": arrived_at}
        return Recorded(InterimOpinion.objects.create(case=case, **sent, **said))
    earlier = InterimOpinion.objects.filter(case__in=[other.pk for other in replaced])
    newest = earlier.select_related("author").order_by("-recorded_at", "-pk").first()
    if newest is None:
        return Recorded()
    said = {name: getattr(newest, name) for name in sorted(InterimOpinion.PRIVATE_FIELDS)}
    when = {"author": newest.author, "recorded_at": newest.recorded_at}
    return Recorded(InterimOpinion.objects.create(case=case, **when, **said))


def checked_interim(interim_fracture: str, treated_as: str, note: str) -> dict[str, str]:
    """An interim opinion as it is kept. Raises Refused where a value is missing, unknown or too long."""
    if interim_fracture not in InterimFracture.values:
        raise Refused("bad_fracture", _("Say whether you see a fracture."))
    if treated_as not in TreatedAs.values:
        raise Refused("bad_treatment", _("Say what the patient was treated as."))
    note = as_read(note)
    refuse_nul(note)
    if len(note) > LONGEST_NOTE:
        text = _("The note has %(given)d characters; at most %(most)d are kept. Shorten it.")
        raise Refused("note_too_long", text % {"given": len(note), "most": LONGEST_NOTE})
    if treated_as == TreatedAs.OTHER and not note:
        raise Refused("note_missing", _("Say in words what the patient was treated as."))
    return {"interim_fracture": interim_fracture, "treated_as": treated_as, "note": note}
