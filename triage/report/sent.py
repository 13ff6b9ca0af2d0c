"""What became of the cases that a person sent: the signed opinion at a glance, and what is new.

An answer that is hidden from its sender is new as a row without words, until they call it seen: else it would
stand in the list for ever. Its words are new to them when they are shown, so it is new again then.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from triage.disclosure import DisclosedCase, Disclosure, disclosure_for, shown_to
from triage.models import Case, NewAnswer, Review
from triage.models.new_answer import NewAnswerQuerySet
from triage.review.opinion import given_in
from triage.review.sentence import sentence
from triage.review.standing import standing_opinions

PAGE = 50
# Answers that a person called seen while they were hidden, the newest: the policy is asked which of them are
# shown by now, where it still hides something from this person.
MOST_ASKED = 1000


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
    new = NewAnswer.objects.of(user).filter(case__in=page)
    rows = _sent(disclosure_for(user), page, {answer.case_id: answer for answer in new})
    return SentPage(rows, page[-1].pk if len(found) > PAGE else None)


def answers_new_to(user: User, disclosure: Disclosure) -> NewAnswerQuerySet:
    """What is counted and listed as new. One query if the policy hides something from ``user``, else none."""
    answers = NewAnswer.objects.of(user)
    if disclosure.sortable.is_by_model:
        return answers
    marked = answers.filter(seen_hidden=True).select_related("case").order_by("-review_id")
    cases = disclosure.cases([answer.case for answer in marked[:MOST_ASKED]])
    shown = [disclosed_case.case.pk for disclosed_case in cases if disclosed_case.is_shown]
    return answers.filter(Q(seen_hidden=False) | Q(case__in=shown))


def new_answers(user: User) -> NewAnswers:
    """What was signed on cases that ``user`` sent and they haven't seen; the newest first. As many as are
    counted: an opinion that is hidden from them is an answer without words.
    """
    disclosure = disclosure_for(user)
    found = list(
        answers_new_to(user, disclosure)
        .select_related("case")
        .prefetch_related("case__images")
        .order_by("-review_id")[: PAGE + 1]
    )
    page = found[:PAGE]
    answers = {answer.case_id: answer for answer in page}
    rows = _sent(disclosure, [answer.case for answer in page], answers)
    return NewAnswers(rows, len(found) > PAGE)


def _sent(
    disclosure: Disclosure, cases: Sequence[Case], new: Mapping[UUID, NewAnswer]
) -> list[SentCase]:
    """``new``: id of a case → its answer that isn't seen."""
    rows = disclosure.cases(cases)
    reviews = standing_opinions(rows)
    return [
        SentCase(row, reviews.get(row.case.pk), _new_review(row, new.get(row.case.pk)))
        for row in rows
    ]


def _new_review(row: DisclosedCase, answer: NewAnswer | None) -> UUID | None:
    if answer is None or (answer.seen_hidden and not row.is_shown):
        return None
    return answer.review_id


@transaction.atomic
def mark_seen(person: User, reviews: Collection[UUID]) -> None:
    """These answers are not new to ``person`` any more. A correction that came meanwhile still is.

    One that is hidden from them now is new again once it is shown.

    Args:
        reviews: ids of the opinions that the person was shown. One that isn't new to them changes nothing.

    Raises Refused: no review is named, or more than a page shows.
    """
    if not 0 < len(reviews) <= PAGE:
        text = _("Say which answers you have seen: at least one, and at most %(most)s.")
        raise Refused("bad_reviews", text % {"most": PAGE})
    mine = NewAnswer.objects.of(person).filter(review__in=reviews)
    rows = mine.select_related("case").order_by("pk")
    locked = rows.select_for_update(no_key=True, of=("self",))
    cases = shown_to(person, [answer.case for answer in locked])
    seen = [disclosed_case.case.pk for disclosed_case in cases if disclosed_case.is_shown]
    hidden = [disclosed_case.case.pk for disclosed_case in cases if not disclosed_case.is_shown]
    NewAnswer.objects.filter(pk__in=seen).delete()
    NewAnswer.objects.filter(pk__in=hidden).update(seen_hidden=True)
