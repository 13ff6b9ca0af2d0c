"""A worklist row as a page shows it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from triage.disclosure import DisclosedCase, DisclosedPrediction
from triage.models import Case, Image, Review
from triage.review.standing import standing_opinions
from triage.templatetags.formats import duration
from triage.web.badges import DEADLINES, PRIORITIES, STATES, Badge
from triage.web.call_cell import CallCell
from triage.web.image_facts import case_side_and_projection

SOON = 0.75  # of the allowed wait: of the 30 minutes of a stat case, 7 are left to read it


@dataclass(frozen=True)
class WorklistRow:
    """A case with what depends on the moment and on who looks.

    ``disclosed_case``: the case with what of the model's output this reader may see.
    """

    disclosed_case: DisclosedCase
    image: Image | None
    urgency: str  # "late", "soon" or "due"; "" for a closed case
    left: timedelta  # until the deadline, or since it
    claimed_by_me: bool
    signed: Review | None = (
        None  # what stands on a closed case; None where this person may not see it
    )
    matched: Sequence[str | Promise] = ()  # what of it Find found

    @property
    def case(self) -> Case:
        return self.disclosed_case.case

    @property
    def due_at(self) -> datetime:
        return self.disclosed_case.due_at

    @property
    def soon_at(self) -> datetime:
        """When "due" becomes "soon": the page switches it by itself."""
        return _soon_at(self.disclosed_case)

    @property
    def deadline(self) -> str:
        """The text of the time until the deadline, or since it; "" for a closed case."""
        return str(DEADLINES[self.urgency]) % {"left": duration(self.left)} if self.urgency else ""

    @property
    def side_and_projection(self) -> str:
        """Side and projection, if they hold for all pictures of the case."""
        return case_side_and_projection(self.case, self.case.images.all())

    @property
    def details(self) -> str:
        """Side, projection, age band and sex, as far as they are known."""
        case = self.case
        known = (case.get_age_band_display(), case.get_sex_display().lower())
        return ", ".join(word for word in (self.side_and_projection, *known) if word)

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
    def disclosed(self) -> DisclosedPrediction | None:
        return self.disclosed_case.deciding

    @property
    def gaps(self) -> list[str]:
        images = len(self.case.images.all())
        return gaps(self.disclosed_case, images) if self.case.is_open else []

    @property
    def call_cell(self) -> CallCell:
        return CallCell.of(self.disclosed_case, bool(self.gaps), self.signed)

    @property
    def chance(self) -> float | None:
        """Of a fracture, as the model says, 0 to 1. None of a closed case: there the opinion counts."""
        return self.disclosed.fracture_probability if self.disclosed and self.case.is_open else None

    @property
    def confidence(self) -> float | None:
        """Of the predicted class, 0 to 1; None as ``chance``."""
        names_one = self.disclosed_case.names_a_class and self.case.is_open
        return self.disclosed_case.confidence if names_one else None


def gaps(disclosed_case: DisclosedCase, images: int) -> list[str]:
    """How many of the case's ``images`` the model has not read or called not assessable, in words.

    Empty where that is all of them: the call says so.
    """
    counted = (
        (disclosed_case.unread_images, _("%(part)d of %(all)d pictures not read")),
        (disclosed_case.not_assessable_images, _("%(part)d of %(all)d pictures not assessable")),
    )
    return [text % {"part": part, "all": images} for part, text in counted if 0 < part < images]


def rows_of(disclosed_cases: Iterable[DisclosedCase], user: User) -> list[WorklistRow]:
    """``disclosed_cases``: as ``user`` may see them."""
    now, disclosed_cases = timezone.now(), list(disclosed_cases)
    signed = standing_opinions(disclosed_cases)
    return [
        replace(row, signed=signed.get(row.case.pk))
        for row in (row_of(disclosed_case, user, now) for disclosed_case in disclosed_cases)
    ]


def row_of(disclosed_case: DisclosedCase, user: User, now: datetime | None = None) -> WorklistRow:
    """``disclosed_case``: as ``user`` may see it."""
    now, case = now or timezone.now(), disclosed_case.case
    return WorklistRow(
        disclosed_case=disclosed_case,
        image=case.first_image,
        urgency=_urgency(disclosed_case, now) if case.is_open else "",
        left=abs(disclosed_case.due_at - now),
        claimed_by_me=case.is_claimed_by(user),
    )


def _urgency(disclosed_case: DisclosedCase, now: datetime) -> str:
    if now >= disclosed_case.due_at:
        return "late"
    return "soon" if now >= _soon_at(disclosed_case) else "due"


def _soon_at(disclosed_case: DisclosedCase) -> datetime:
    received_at = disclosed_case.case.received_at
    return received_at + SOON * (disclosed_case.due_at - received_at)
