"""A claim is the lease of a reading: one reader at a time, and nobody blocks a case by closing a laptop."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import User
from accounts.refusals import Conflict
from accounts.services.events import emit
from triage.models import Case, Reading
from triage.models.reading import Ended
from triage.review.actions import Action, Actions


def lock_case(case: Case) -> Case:
    """Locks the case's row, then its reading's, until the transaction ends. Returns the case as it is now.

    The case is locked so that nobody else claims, gives back or closes it between the check of what may be
    done with it and the write. The reading is locked because ``renew`` writes it without locking the case: a
    claim that is being renewed at this moment would look lapsed here, and would be ended after its renewal.
    """
    rows = Case.objects.select_for_update(of=("self",), no_key=True).select_related("site")
    case = rows.get(pk=case.pk)
    reading = case.readings.going_on().select_for_update(of=("self",), no_key=True)
    case.going_on = list(reading.select_related("reader"))
    return case


def claim_locked_case(case: Case, reader: User) -> Reading:
    """Gives ``reader`` the claim on a locked case: a new reading, or their own one renewed.

    Emits nothing: ``claim`` and ``sign`` emit what they do as a whole.

    Raises:
        NotPermitted: the reader may not sign here.
        Conflict: somebody else holds it, or it is closed.
    """
    Actions(case, reader).require(Action.CLAIM)
    reading = case.reading if case.claim_is_live else None
    if reading is None:
        end(case, Ended.LAPSED)
        reading = Reading(case=case, site_id=case.site_id, reader=reader)
        reading.claimed_until = Now() + _lease()
        reading.save(force_insert=True)
    else:
        Reading.objects.filter(pk=reading.pk).update(claimed_until=Now() + _lease())
    reading.refresh_from_db()
    case.going_on = [reading]
    return reading


def _lease() -> timedelta:
    return timedelta(seconds=settings.CALLUS_CLAIM_SECONDS)


@transaction.atomic
def claim(*, case: Case, reader: User) -> Reading:
    """Claims a case, or renews the reader's own claim.

    1. Lock the case and its reading: of two readers at once, one waits here and is then refused.
    2. End the reading whose claim ran out, if there is one, and begin a new one.
    3. Emit the event, unless the reader only renews: an open page does that once a minute.
    """
    case = lock_case(case)
    renewed = case.is_claimed_by(reader)
    reading = claim_locked_case(case, reader)
    if not renewed:
        # Nobody holds a live claim here, else ``claim_locked_case`` had refused.
        before, after = {"claimed_by": None}, {"claimed_by": str(reader.pk)}
        emit(Act.CASE_CLAIMED, case, actor=reader, site=case.site, before=before, after=after)
    return reading


@transaction.atomic
def renew(*, case: Case, reader: User) -> Reading:
    """Extends a claim that the reader still holds; one that ran out is Conflict.

    Writes the reading's row alone and doesn't lock the case: whoever ends a reading locks that row first
    (``lock_case``), so the later one of the two sees the earlier one's change. The row is queried twice:
    first without a lock, for a clear refusal; then the update itself tests the condition again.
    """
    lapsed = Conflict("claim_lapsed", _("Your claim has run out. Claim the case again."))
    held = Reading.objects.going_on().filter(case=case, reader=reader, claimed_until__gt=Now())
    if not held.exists():
        raise lapsed
    Actions(case, reader).require(Action.CLAIM)
    if not held.update(claimed_until=Now() + _lease()):
        raise lapsed
    return Reading.objects.going_on().select_related("reader").get(case=case)


@transaction.atomic
def give_back_claim(*, case: Case, reader: User) -> Case:
    """Ends the reader's own claim, so that others can claim the case.

    Raises Conflict: the reader doesn't hold the claim any more.
    """
    case = lock_case(case)
    Actions(case, reader).require(Action.GIVE_BACK)
    end(case, Ended.RELEASED)
    before, after = {"claimed_by": str(reader.pk)}, {"claimed_by": None}
    emit(Act.CASE_RELEASED, case, actor=reader, site=case.site, before=before, after=after)
    return case


def end(case: Case, why: Ended) -> None:
    """Ends the reading of a locked case, if there is one: as lapsed, if its claim ran out unsigned."""
    reading = case.reading
    if reading is None:
        return
    if why != Ended.SIGNED and not reading.is_claimed:
        why = Ended.LAPSED
    signed_at = Now() if why == Ended.SIGNED else None
    Reading.objects.filter(pk=reading.pk).update(ended=why, ended_at=Now(), signed_at=signed_at)
    case.going_on = []
