"""What became of the cases that a person sent: the signed opinion at a glance, and what is new."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from triage.disclosure import DisclosedCase, shown_to
from triage.models import Case, NewAnswer, Review
from triage.review.opinion import given_in
from triage.review.sentence import sentence
from triage.review.standing import standing_opinions

PAGE = 50


@dataclass(frozen=True)
class SentCase:
    """``review``: the opinion that stands; None where nothing is signed, or the person may not see it yet.

    ``new_review``: the id of the answer that they haven't seen, if there is one, hidden or not: else what
    is hidden for long would stand before all that comes after it.
    """

    disclosed_case: DisclosedCase
    review: Review | None
    new_review: UUID | None

    @property
    def is_new(self) -> bool:
        return self.new_review is not None

    @property
    def review_id(self) -> UUID | None:
        """What to name as seen: the opinion that is shown, else the hidden one."""
        return self.review.pk if self.review else self.new_review

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


@dataclass(frozen=True)
class NewAnswers:
    """``has_more``: others are new too. They follow once these were seen."""

    cases: list[SentCase]
    has_more: bool


def sent_cases(user: User, before: UUID | None = None) -> SentPage:
    """The cases that ``user`` sent, the newest first; those before the case with the id ``before``."""
    cases = Case.objects.received_from(user)
    if before is not None:
        cases = cases.filter(pk__lt=before)  # ids are in the order of arrival
    found = list(cases.prefetch_related("images").order_by("-pk")[: PAGE + 1])
    page = found[:PAGE]
    new = NewAnswer.objects.of(user).filter(case__in=page).values_list("case", "review")
    return SentPage(_sent(user, page, dict(new)), page[-1].pk if len(found) > PAGE else None)


def new_answers(user: User) -> NewAnswers:
    """What was signed on cases that ``user`` sent and they haven't seen; the newest first. As many as are
    counted: an opinion that is hidden from them is an answer without words.
    """
    found = list(
        NewAnswer.objects.of(user)
        .select_related("case")
        .prefetch_related("case__images")
        .order_by("-review_id")[: PAGE + 1]
    )
    page = found[:PAGE]
    rows = _sent(
        user,
        [answer.case for answer in page],
        {answer.case_id: answer.review_id for answer in page},
    )
    return NewAnswers(rows, len(found) > PAGE)


def _sent(user: User, cases: Sequence[Case], new: Mapping[UUID, UUID]) -> list[SentCase]:
    """``new``: id of a case → the id of its answer that is new."""
    rows = shown_to(user, cases)
    reviews = standing_opinions(rows)
    return [SentCase(row, reviews.get(row.case.pk), new.get(row.case.pk)) for row in rows]


@transaction.atomic
def mark_seen(person: User, reviews: Collection[UUID]) -> None:
    """These answers are not new to ``person`` any more. A correction that came meanwhile still is.

    Args:
        reviews: ids of the opinions that the person was shown. One that isn't new to them changes nothing.

    Raises Refused: no review is named, or more than a page shows.
    """
    if not 0 < len(reviews) <= PAGE:
        text = _("Say which answers you have seen: at least one, and at most %(most)s.")
        raise Refused("bad_reviews", text % {"most": PAGE})
    mine = NewAnswer.objects.of(person).filter(review__in=reviews)
    locked = mine.order_by("pk").select_for_update(no_key=True, of=("self",))
    NewAnswer.objects.filter(pk__in=[answer.pk for answer in locked]).delete()
