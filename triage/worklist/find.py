"""Finds a case in any state by an accession number, patient reference, file name or id.

The text can name a patient. No cursor holds it, and callers keep it out of addresses and logs.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import SmallIntegerField
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.texts import as_read
from triage.models import Case
from triage.models.keys import LONGEST_KEY
from triage.worklist.hits import MatchedField, hits
from triage.worklist.keyset import Cursor
from triage.worklist.paging import PAGE, in_order


@dataclass(frozen=True)
class Found:
    case: Case
    matched: tuple[MatchedField, ...]


@dataclass(frozen=True)
class FoundPage:
    """``too_many``: there are more hits than ``MOST_HITS``."""

    found: list[Found]
    next_cursor: str | None
    too_many: bool


def find(user: User, text: str, cursor_text: str = "", size: int = PAGE) -> FoundPage:
    """The cases that ``user`` may see with a field that equals ``text``, begins with it, or has it inside.

    They come in this order, and the newest first. The fields: accession number, patient reference, file
    name; the id, its short form and the short name have to be equal to the text.

    Raises:
        Refused: there is nothing to look for, or the cursor is damaged.
    """
    text = _checked(text)
    after = _place(cursor_text)
    found, too_many = hits(user, text)
    places = sorted((rank, -case_id.int) for case_id, (rank, _kinds) in found.items())
    rest = [place for place in places if after is None or place > after]
    ids = [UUID(int=-minus) for _rank, minus in rest[:size]]
    cases = in_order(ids)
    more = len(rest) > size
    return FoundPage(
        [
            Found(case, tuple(field for field in MatchedField if field in found[case.pk][1]))
            for case in cases
        ],
        Cursor((rest[size - 1][0], ids[-1])).encode() if more else None,
        too_many,
    )


def _checked(text: str) -> str:
    text = as_read(text)
    if not text:
        raise Refused("nothing_to_find", _("Type what to look for."))
    if len(text) > LONGEST_KEY:
        most = _("Type at most %(most)d characters.") % {"most": LONGEST_KEY}
        raise Refused("too_long_to_find", most)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "\0"
    if "\0" in text:
        raise Refused(
            "unstorable_character", _("The text contains a character that can't be stored.")
        )
    return text


def _place(cursor_text: str) -> tuple[int, int] | None:
    if not cursor_text:
        return None
    rank, case_id = Cursor.decode_values(
        cursor_text, [SmallIntegerField(), Case._meta.get_field("id")]
    ).values
    return rank, -case_id.int
