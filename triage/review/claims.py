"""A claim is the lease of a reading: one reader at a time, and nobody blocks a case by closing a laptop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import User
from accounts.refusals import Conflict, Refused
from accounts.services.events import emit
from triage.apart import apart
from triage.models import Case, Reading
from triage.models.reading import Ended
from triage.review.actions import Action, Actions
from triage.review.claim_limit import lock_claims_of, require_room
from triage.review.refusals import refusal_of_replaced
from triage.review.sentence import quoted


def lock_case(case: Case) -> Case:
    """Locks the case's row, then its reading's, until the transaction ends. Returns the case as it is now.

    The case is locked so that nobody else claims, gives back or closes it between the check of what may be
    done with it and the write. The reading is locked because ``renew`` writes it without locking the case: a
    claim that is being renewed at this moment would look lapsed here, and would be ended after its renewal.
    """
    rows = Case.objects.select_for_update(of=("self",), no_key=True).select_related("site")
    case = rows.get(pk=case.pk)
    lock_readings([case])
    return case


def lock_readings(cases: Sequence[Case]) -> None:
    """Locks the readings of locked cases, in the order of their ids, and loads them."""
    readings = Reading.objects.going_on().filter(case__in=cases).order_by("pk")
    locked = readings.select_for_update(of=("self",), no_key=True).select_related("reader")
    by_case = {reading.case_id: reading for reading in locked}
    for case in cases:
        case.going_on = [by_case[case.pk]] if case.pk in by_case else []
        for reading in case.going_on:
            reading.case = case


@dataclass(frozen=True)
class Claimed:
    """What ``claim_locked_case`` did. Its caller calls ``emit`` once all its own rows are written.

    ``lapsed``: the reading, of whomever, that ended to make room, since its claim had run out.
    """

    reading: Reading
    is_new: bool = False
    lapsed: Reading | None = None

    def emit(self) -> None:
        """Emits what changed. Nothing for a renewal: an open page renews by itself, many times an hour."""
        case = self.reading.case
        emit_lapsed(case, self.lapsed)
        if self.is_new:
            before, after = {"claimed_by": None}, {"claimed_by": str(self.reading.reader_id)}
            reader = self.reading.reader
            emit(Act.CASE_CLAIMED, case, actor=reader, site=case.site, before=before, after=after)


def claim_locked_case(case: Case, reader: User, *, ends: bool = False) -> Claimed:
    """Gives ``reader`` the claim on a locked case: a new reading, or their own one renewed.

    Args:
        ends: the caller ends the reading in this transaction, so a claim that is live needs no renewal.

    Raises:
        NotPermitted: the reader may not sign here.
        Conflict: somebody else holds it, or it is closed.
    """
    Actions(case, reader).require(Action.CLAIM)
    live = case.reading if case.claim_is_live else None
    lapsed = None
    if live is None:
        lapsed = end(case, Ended.LAPSED)
        reading = Reading(case=case, site_id=case.site_id, reader=reader)
        reading.claimed_until = Now() + _lease()
        reading.save(force_insert=True)
    elif ends:
        return Claimed(live)
    else:
        reading = live
        Reading.objects.filter(pk=reading.pk).update(claimed_until=Now() + _lease())
    reading.refresh_from_db(fields=["opened_at", "claimed_until"])
    case.going_on = [reading]
    return Claimed(reading, is_new=live is None, lapsed=lapsed)


def _lease() -> timedelta:
    return timedelta(seconds=settings.CALLUS_CLAIM_SECONDS)


@transaction.atomic
def claim(*, case: Case, reader: User) -> Reading:
    """Claims a case, or renews the reader's own claim.

    1. Lock the number of the reader's claims: of two tabs at once, one waits.
    2. Lock the case and its reading: of two readers at once, one waits here and is then refused.
    3. Refuse a claim too many; one's own is renewed all the same.
    4. End the reading whose claim ran out, if there is one, and begin a new one.
    5. Emit the events, unless the reader only renews.

    Raises as ``claim_locked_case``, and Conflict where the reader holds as many cases as one may.
    """
    lock_claims_of(reader)
    case = lock_case(case)
    if not case.is_claimed_by(reader):
        Actions(case, reader).require(Action.CLAIM)
        require_room(reader)
    claimed = claim_locked_case(case, reader)
    claimed.emit()
    return claimed.reading


@transaction.atomic
def renew(*, case: Case, reader: User) -> Reading:
    """Extends a claim that the reader still holds; one that ran out is Conflict.

    Writes the reading's row alone and doesn't lock the case: whoever ends a reading locks that row first
    (``lock_case``), so the later one of the two sees the earlier one's change. The row is queried twice:
    first without a lock, for a clear refusal; then the update itself tests the condition again.
    """
    held = Reading.objects.held_by(reader).filter(case=case)
    if not held.exists():
        raise _not_held(case, reader)
    Actions(case, reader).require(Action.CLAIM)
    if not held.update(claimed_until=Now() + _lease()):
        raise _not_held(case, reader)
    return Reading.objects.going_on().select_related("reader").get(case=case)


def _not_held(case: Case, reader: User) -> Refused:
    """Why a claim can't be renewed: a newer version came, somebody else ended it, or time went by."""
    case = Case.objects.select_related("replaced_by").get(pk=case.pk)
    if refusal := refusal_of_replaced(case):
        return refusal
    lost = lost_reading(case, reader)
    return Conflict("claim_taken", how_it_was_lost(lost)) if lost else claim_lapsed()


def lost_reading(case: Case, reader: User) -> Reading | None:
    """The reader's last reading of the case, if somebody else ended it."""
    own = Reading.objects.filter(case=case, reader=reader).select_related("ended_by")
    last = own.order_by("-id").first()
    return last if last and last.was_lost else None


def how_it_was_lost(reading: Reading) -> str:
    texts = {
        Ended.TAKEN_OVER: _("%(name)s took this case over: %(reason)s"),
        Ended.BY_LEAD: _("%(name)s, a lead of the site, ended your claim: %(reason)s"),
    }
    text = texts[Ended(reading.ended)]
    return text % {"name": reading.ended_by, "reason": quoted(reading.ended_reason)}


def claim_lapsed() -> Conflict:
    return Conflict("claim_lapsed", _("Your claim has run out. Claim the case again."))


@transaction.atomic
def give_back_claim(*, case: Case, reader: User) -> Case:
    """Ends the reader's own claim, so that others can claim the case.

    Raises Conflict: the reader doesn't hold the claim any more.
    """
    case = lock_case(case)
    Actions(case, reader).require(Action.GIVE_BACK)
    if lapsed := end(case, Ended.RELEASED):  # the claim ran out between the check and now
        emit_lapsed(case, lapsed)
        return case
    before, after = {"claimed_by": str(reader.pk)}, {"claimed_by": None}
    emit(Act.CASE_RELEASED, case, actor=reader, site=case.site, before=before, after=after)
    return case


def end(case: Case, why: Ended, by: User | None = None, reason: str = "") -> Reading | None:
    """Ends the reading of a locked case, if there is one: as lapsed, if its claim ran out unsigned.

    Args:
        by, reason: who ended another's claim, and why in their words.

    Returns a reading that it ended as lapsed, for ``emit_lapsed``.
    """
    reading = case.reading
    if reading is None:
        return None
    if why != Ended.SIGNED and not reading.is_claimed:
        why, by, reason = Ended.LAPSED, None, ""
    signed_at = Now() if why == Ended.SIGNED else None
    Reading.objects.filter(pk=reading.pk).update(
        ended=why, ended_at=Now(), signed_at=signed_at, ended_by=by, ended_reason=reason
    )
    case.going_on = []
    return reading if why == Ended.LAPSED else None


def emit_lapsed(case: Case, lapsed: Reading | None) -> None:
    """Emits that a claim ran out. The act is the system's: nobody did it."""
    if lapsed is None:
        return
    emit(
        Act.CASE_CLAIM_LAPSED,
        case,
        actor=None,
        site=case.site,
        before={"claimed_by": str(lapsed.reader_id)},
        after={"claimed_by": None},
        claimed_until=lapsed.claimed_until,
    )


def end_lapsed(most: int = 200) -> int:
    """Ends readings whose claim has run out, the oldest first, and says so. Returns how many.

    Anybody may claim such a case without it. But whoever follows the outbox knows no clock that is renewed
    without an event, and would hold the case for claimed until somebody else comes.

    A transaction for each case: it locks the case, as everybody who ends a reading does, and holds one
    site's chain at a time. ``most`` bounds the work of one task.
    """
    lapsed = Reading.objects.going_on().filter(claimed_until__lt=Now()).order_by("claimed_until")
    ended = 0
    for case_id in list(lapsed.values_list("case_id", flat=True)[:most]):
        with apart(f"Ending the claim on case {case_id}"):
            ended += _end_if_lapsed(case_id)
    return ended


@transaction.atomic
def _end_if_lapsed(case_id: UUID) -> bool:
    case = lock_case(Case(pk=case_id))
    if case.reading is None or case.reading.is_claimed:  # renewed, signed or taken meanwhile
        return False
    emit_lapsed(case, end(case, Ended.LAPSED))
    return True
