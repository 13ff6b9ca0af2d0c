"""What a case that is received does to those that hold its instances in other bytes.

All versions are linked. An earlier case that is open ends if the newer one has all of its pictures, and its
sender may withdraw it: nobody may sign the old bytes. See docs/decisions/0043-a-newer-version.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models.functions import Now

from accounts.acts import Act
from accounts.models import User
from accounts.services.events import emit
from triage.intake.versions import Picture, is_whole, pictures_of, sent_again
from triage.models import Case, NewerVersion, Reading
from triage.models.reading import Ended
from triage.review.actions import Actions
from triage.review.claims import emit_lapsed, end, lock_readings
from triage.states import CASE_MOVES, OPEN_STATES, CaseState, check_move


@dataclass(frozen=True)
class Versions:
    """Locked cases with the same instances in other bytes: those that came before the case, and after it.

    ``replaced``: those of ``earlier`` that end. ``replaced_by``: the one of ``later`` that ends this case.
    ``seen``: positions of this case's pictures that one of them has which isn't sealed.
    """

    earlier: Sequence[Case] = ()
    later: Sequence[Case] = ()
    replaced: Sequence[Case] = ()
    replaced_by: Case | None = None
    seen: frozenset[int] = frozenset()

    @property
    def facts(self) -> dict[str, list[str]]:
        """What the event of the received case says of them; nothing where there are none."""
        ids = {
            "newer_version_of": [str(case.pk) for case in self.earlier],
            "newer_versions": [str(case.pk) for case in self.later],
        }
        return {name: cases for name, cases in ids.items() if cases}

    @classmethod
    def of(cls, case: Case, pictures: Sequence[Picture], others: Sequence[Case]) -> "Versions":
        """Judges which of the locked ``others`` are versions of the case, and which end.

        Ids are in the order of arrival, and the case that arrived last has the newest bytes, whichever was
        decoded first.
        """
        if not others:
            return cls()
        theirs = pictures_of([other.pk for other in others])
        again = {other.pk: sent_again(pictures, theirs[other.pk]) for other in others}
        earlier = [other for other in others if other.pk < case.pk and again[other.pk]]
        later = [other for other in others if other.pk > case.pk and again[other.pk]]
        seen = frozenset(
            position
            for other in others
            if not other.is_sealed
            for position, _theirs in again[other.pk]
        )
        replaced = [
            other
            for other in earlier
            # Not one that waits for a third reader: its signature is for the earlier bytes.
            if other.state in OPEN_STATES
            and is_whole(pictures, theirs[other.pk])
            and _may_replace(other, case.sender)
        ]
        replaced_by = [
            other
            for other in later
            if other.state != CaseState.WITHDRAWN
            and is_whole(theirs[other.pk], pictures)
            and _may_replace(case, other.sender)
        ]
        newest = replaced_by[-1] if replaced_by else None
        return cls(earlier, later, replaced, newest, seen)


def _may_replace(case: Case, sender: User) -> bool:
    """As for withdrawing it, but another reader's claim doesn't prevent it: they must not sign old bytes."""
    return Actions(case, sender).may_end


def take_over_place(case: Case, replaced: Sequence[Case]) -> None:
    """The patient's wait doesn't begin anew: the case waits since the first version came, and as urgently.

    Nothing is saved. A case that a later one replaces hands on nothing: that one arrived while this one was
    being decoded, so it waits as long but for that moment.
    """
    case.received_at = min([case.received_at, *(old.received_at for old in replaced)])
    case.priority = min([case.priority, *(old.priority for old in replaced)])


@dataclass(frozen=True)
class Replaced:
    """A case that ended. Call ``emit`` once all other rows are written.

    ``lapsed``: its reading, if that had ended before, since its claim had run out.
    """

    case: Case
    before: Mapping[str, str | None]
    lapsed: Reading | None

    def emit(self) -> None:
        """The act is of who sent the newer version."""
        case = self.case
        emit_lapsed(case, self.lapsed)
        emit(
            Act.CASE_REPLACED,
            case,
            actor=case.withdrawn_by,
            site=case.site,
            before={**self.before, "replaced_by": None},
            after={
                "state": case.state,
                "claimed_by": None,
                "replaced_by": str(case.replaced_by_id),
            },
        )


def link_and_replace(case: Case, versions: Versions) -> list[Replaced]:
    """Writes what ``Versions.of`` judged. The cases are locked; their readings come after them.

    Jobs of a case that ends stay: what a worker has begun is of no harm, and jobs are locked before cases.
    """
    NewerVersion.objects.bulk_create(
        [
            *(NewerVersion(newer=case, earlier=other) for other in versions.earlier),
            *(NewerVersion(newer=other, earlier=case) for other in versions.later),
        ]
    )
    if versions.replaced:
        # A reader may be renewing a claim at this moment, without the lock of the case: see ``lock_case``.
        lock_readings(versions.replaced)
    ended = [_end(old, by=case) for old in versions.replaced]
    if versions.replaced_by is not None:
        ended.append(_end(case, by=versions.replaced_by))
    return ended


def _end(old: Case, by: Case) -> Replaced:
    check_move(old.state, CaseState.WITHDRAWN, CASE_MOVES)
    holder = str(old.reading.reader_id) if old.reading and old.claim_is_live else None
    before = {"state": old.state, "claimed_by": holder}
    lapsed = end(old, Ended.WITHDRAWN)
    old.state, old.withdrawn_by, old.replaced_by = CaseState.WITHDRAWN, by.sender, by
    old.closed_at = Now()
    old.save(update_fields=["state", "withdrawn_by", "replaced_by", "closed_at"])
    old.refresh_from_db(fields=["closed_at"])
    return Replaced(old, before, lapsed)
