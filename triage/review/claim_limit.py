"""How many cases a reader may hold at once: a pile of claimed cases that nobody reads helps nobody."""

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Conflict
from triage.models import Case, Reading

TOO_MANY = "too_many_claims"


def lock_claims_of(reader: User) -> None:
    """Locks the number of this reader's claims until the transaction ends: two tabs wait for each other.

    An advisory lock, taken before any lock of a row. The person's row is locked by who changes the account.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('claims of ' || %s, 0))",
            [str(reader.pk)],
        )


def held_by(reader: User) -> list[Case]:
    """The cases that the reader holds now, the claim that runs out first at the head."""
    held = Reading.objects.held_by(reader).visible_to(reader).select_related("case")
    return [reading.case for reading in held.order_by("claimed_until", "pk")]


def require_room(reader: User) -> None:
    """Raises Conflict if the reader holds as many cases as one may. The caller has locked their claims."""
    held, most = held_by(reader), settings.CALLUS_CLAIMS_PER_READER
    if len(held) < most:
        return
    text = _(
        "You hold %(count)d cases, and nobody holds more than %(most)d at once: %(names)s. Sign one or give "
        "it back first."
    )
    names = ", ".join(case.name for case in held)
    raise Conflict(TOO_MANY, text % {"count": len(held), "most": most, "names": names})
