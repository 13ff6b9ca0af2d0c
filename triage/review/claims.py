"""A claim is a lease on a case: one reader at a time, and nobody blocks a case by closing a laptop."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import sites_where
from accounts.acts import Act
from accounts.models import User
from accounts.refusals import Conflict, NotPermitted, Refused
from accounts.roles import SIGNS_REVIEWS
from accounts.services.events import emit
from triage.models import Case


def refusal_to_sign(case: Case, user: User) -> Refused | None:
    """Why ``user`` may not give the second opinion on ``case``, or None where they may."""
    if case.site_id not in sites_where(user, SIGNS_REVIEWS):
        return NotPermitted(
            "no_signing_role", _("Only a clinician or reviewer of the site gives second opinions.")
        )
    if case.sender_id == user.pk:
        return NotPermitted(
            "own_case", _("You sent this case, so somebody else gives the second opinion.")
        )
    if not case.is_open:
        return Conflict(
            "case_closed",
            _("This case is closed: %(state)s.") % {"state": case.get_state_display()},
        )
    return None


def locked(case: Case) -> Case:
    """The case's row, locked for the rest of the transaction."""
    rows = Case.objects.select_for_update(of=("self",), no_key=True).select_related(
        "site", "claimed_by"
    )
    return rows.get(pk=case.pk)


def take(case: Case, reader: User) -> None:
    """Gives ``reader`` the lease on a locked case, new or renewed. Writes no audit row.

    Raises:
        NotPermitted: the reader may not sign here.
        Conflict: somebody else holds it, or it is closed.
    """
    refusal = refusal_to_sign(case, reader)
    if refusal is not None:
        raise refusal
    if case.claim_is_live and case.claimed_by_id != reader.pk:
        raise Conflict(
            "claimed_by_another",
            _("%(name)s is reading this case until %(time)s.")
            % {
                "name": case.claimed_by,
                "time": timezone.localtime(case.claimed_until).strftime("%H:%M"),
            },
        )
    lease = timedelta(seconds=settings.CALLUS_CLAIM_SECONDS)
    Case.objects.filter(pk=case.pk).update(claimed_by=reader, claimed_until=Now() + lease)
    case.refresh_from_db(fields=["claimed_by", "claimed_until"])


@transaction.atomic
def claim(*, case: Case, reader: User) -> Case:
    """Claims a case, or renews the reader's own claim."""
    case = locked(case)
    renewed = case.is_claimed_by(reader)
    take(case, reader)
    if not renewed:
        # Nobody holds a live claim here, else ``take`` had refused.
        before, after = {"claimed_by": None}, {"claimed_by": str(reader.pk)}
        emit(Act.CASE_CLAIMED, case, actor=reader, site=case.site, before=before, after=after)
    return case


@transaction.atomic
def renew(*, case: Case, reader: User) -> Case:
    """Extends a claim that the reader still holds; one that ran out is Conflict."""
    case = locked(case)
    if not case.is_claimed_by(reader):
        raise Conflict("claim_lapsed", _("Your claim has run out. Claim the case again."))
    take(case, reader)
    return case


@transaction.atomic
def release(*, case: Case, reader: User) -> Case:
    """Gives the reader's claim back. Giving back what one doesn't hold is Conflict."""
    case = locked(case)
    if not case.is_claimed_by(reader):
        raise Conflict("not_your_claim", _("You don't hold this case any more."))
    clear(case)
    before, after = {"claimed_by": str(reader.pk)}, {"claimed_by": None}
    emit(Act.CASE_RELEASED, case, actor=reader, site=case.site, before=before, after=after)
    return case


def clear(case: Case) -> None:
    """Ends whatever claim there is on a locked case."""
    case.claimed_by = None
    case.claimed_until = None
    case.save(update_fields=["claimed_by", "claimed_until"])
