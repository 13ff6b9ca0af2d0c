"""A worklist row as a page shows it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from triage.disclosure import Told, ToldCase, shown_to
from triage.models import Case, Image
from triage.states import CaseState
from triage.templatetags.formats import duration
from triage.vocabulary import Call
from triage.web.badges import DEADLINES, PRIORITIES, STATES, Badge
from triage.web.picture_facts import case_words

SOON = 0.75  # of the allowed wait: of the 30 minutes of a stat case, 7 are left to read it


@dataclass(frozen=True)
class Row:
    """A case with what depends on the moment and on who looks.

    ``seen``: the case with what of the model's output this reader may see.
    """

    seen: ToldCase
    image: Image | None
    urgency: str  # "late", "soon" or "due"; "" for a closed case
    left: timedelta  # until the deadline, or since it
    claimed_by_me: bool
    matched: Sequence[str | Promise] = ()  # what of it Find found

    @property
    def case(self) -> Case:
        return self.seen.case

    @property
    def due_at(self) -> datetime:
        return self.seen.due_at

    @property
    def soon_at(self) -> datetime:
        """When "due" becomes "soon": the page switches it by itself."""
        return _soon_at(self.seen)

    @property
    def deadline(self) -> str:
        """The time that is left, or since the deadline, in words; "" for a closed case."""
        return str(DEADLINES[self.urgency]) % {"left": duration(self.left)} if self.urgency else ""

    @property
    def words(self) -> str:
        """Side and view, as far as they hold for all pictures of the case."""
        return case_words(self.case, self.case.images.all())

    @property
    def state(self) -> Badge:
        return STATES[self.case.state]

    @property
    def priority(self) -> Badge:
        return PRIORITIES[self.case.priority]

    @property
    def waited(self) -> timedelta:
        """How long a closed case waited until it was closed."""
        return (self.case.closed_at or timezone.now()) - self.case.received_at

    @property
    def is_being_read(self) -> bool:
        """Whether the model is still to say the first thing of it."""
        unsaid = self.seen.call in (None, Call.UNREAD)
        return self.case.state == CaseState.RECEIVED and unsaid

    @property
    def names_no_class(self) -> bool:
        """Read, and found to be no fracture or no picture that a type could be told of."""
        return self.seen.call in (Call.NEGATIVE, Call.NOT_ASSESSABLE)

    @property
    def told(self) -> Told | None:
        return self.seen.deciding

    @property
    def gaps(self) -> list[str]:
        return gaps(self.seen, len(self.case.images.all()))

    @property
    def suggests_a_class(self) -> bool:
        return self.seen.names_a_class

    @property
    def finding_in_words(self) -> str:
        return str(self.seen.call.label) if self.seen.call is not None else ""


def gaps(seen: ToldCase, pictures: int) -> list[str]:
    """How many of the case's ``pictures`` the model has not read or called not assessable, in words.

    Empty where that is all of them: the finding says so.
    """
    counted = (
        (seen.unread_images, _("%(part)d of %(all)d pictures not read")),
        (seen.refused_images, _("%(part)d of %(all)d pictures not assessable")),
    )
    return [text % {"part": part, "all": pictures} for part, text in counted if 0 < part < pictures]


def rows_of(cases: Iterable[Case], user: User) -> list[Row]:
    now = timezone.now()
    return [row_of(seen, user, now) for seen in shown_to(user, cases)]


def row_of(seen: ToldCase, user: User, now: datetime | None = None) -> Row:
    """``seen``: by ``user``."""
    now, case = now or timezone.now(), seen.case
    return Row(
        seen=seen,
        image=case.first_image,
        urgency=_urgency(seen, now) if case.is_open else "",
        left=abs(seen.due_at - now),
        claimed_by_me=case.is_claimed_by(user),
    )


def _urgency(seen: ToldCase, now: datetime) -> str:
    if now >= seen.due_at:
        return "late"
    return "soon" if now >= _soon_at(seen) else "due"


def _soon_at(seen: ToldCase) -> datetime:
    received_at = seen.case.received_at
    return received_at + SOON * (seen.due_at - received_at)
