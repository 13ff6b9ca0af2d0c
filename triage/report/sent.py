"""What became of the cases that a person sent: the signed opinion at a glance, and what is new."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from triage.disclosure import DisclosedCase, shown_to
from triage.models import Case, Review, SentLook
from triage.review.opinion import given_in
from triage.review.sentence import sentence
from triage.review.standing import standing_opinions

PAGE = 50
CLOCKS_APART = timedelta(minutes=1)  # of two web servers


@dataclass(frozen=True)
class SentCase:
    """``review``: the opinion that stands; None where nothing is signed, or the person may not see it yet."""

    disclosed_case: DisclosedCase
    review: Review | None
    is_new: bool

    @property
    def case(self) -> Case:
        return self.disclosed_case.case

    @property
    def opinion(self) -> str:
        """What was signed, in a sentence; "" where nothing was."""
        return sentence(given_in(self.review)) if self.review else ""


@dataclass(frozen=True)
class SentPage:
    cases: list[SentCase]
    next: UUID | None  # the id of the last case, if there are more

    @property
    def newest_signed_at(self) -> datetime | None:
        """Of the opinions on this page; None where it shows none."""
        return max((row.review.signed_at for row in self.cases if row.review), default=None)


def sent_cases(user: User, before: UUID | None = None) -> SentPage:
    """The cases that ``user`` sent, the newest first; those before the case with the id ``before``."""
    cases = Case.objects.received_from(user)
    if before is not None:
        cases = cases.filter(pk__lt=before)  # ids are in the order of arrival
    found = list(cases.prefetch_related("images").order_by("-pk")[: PAGE + 1])
    rows = shown_to(user, found[:PAGE])
    reviews = standing_opinions(rows)
    looked_at = SentLook.objects.filter(user=user).values_list("looked_at", flat=True).first()
    sent = [_sent(row, reviews.get(row.case.pk), looked_at) for row in rows]
    return SentPage(sent, found[PAGE - 1].pk if len(found) > PAGE else None)


def _sent(row: DisclosedCase, review: Review | None, looked_at: datetime | None) -> SentCase:
    is_new = review is not None and (looked_at is None or review.signed_at > looked_at)
    return SentCase(row, review, is_new)


@transaction.atomic
def mark_seen(person: User, until: datetime) -> None:
    """What was signed after ``until`` stays new; what was once seen does too.

    Args:
        until: ``newest_signed_at`` of the page that the person looked at. An opinion that came after the page
            was made has not been seen.

    Raises Refused: ``until`` is yet to come.
    """
    if until > timezone.now() + CLOCKS_APART:
        raise Refused("not_yet", _("Nothing was signed at that time yet. Look at the list again."))
    SentLook.objects.bulk_create([SentLook(user=person, looked_at=until)], ignore_conflicts=True)
    SentLook.objects.filter(user=person, looked_at__lt=until).update(looked_at=until)
