"""The signed opinions of a case, each with what its reader saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.access import roles_at
from accounts.models import User
from triage.disclosure import DisclosedCase, DisclosedPrediction
from triage.models import CriticalResult, Review
from triage.report.critical_of_case import critical_by_review, critical_in_words
from triage.review.finality import is_final
from triage.review.first_reading import reviews_shown
from triage.review.opinion import GivenOpinion, given_in
from triage.review.sentence import place_in_words, sentence
from triage.review.stages import refusal_to_correct
from triage.web.opinions import OfferedOpinions, offered_opinions


@dataclass(frozen=True)
class Signed:
    """A review with what its reader saw. ``prediction_label``: the call and class that they saw, "" if none.

    ``offered`` is of its correction, which starts with what was signed: ``given``. "Agree" agrees there with
    what this reader saw, not with what is new. ``critical``: the result that waits, or waited, for it.
    """

    review: Review
    offered: OfferedOpinions
    prediction_label: str
    may_correct: bool
    critical: CriticalResult | None = None

    @property
    def summary(self) -> str:
        return sentence(self.given)

    @property
    def is_final(self) -> bool:
        return is_final(self.review, self.review.case)

    @property
    def is_called_not_final(self) -> bool:
        """A corrected opinion is struck out instead."""
        return not self.is_final and getattr(self.review, "superseded_by", None) is None

    @property
    def critical_in_words(self) -> str:
        return critical_in_words(self.critical) if self.critical else ""

    @property
    def was_ticked(self) -> bool:
        """Whether its reader ticked that it is critical: its correction starts with that too."""
        return self.critical is not None and self.critical.by_reader

    @property
    def places(self) -> str:
        """box on picture 1, point on picture 2; "" where nothing was drawn, or where a correction stands."""
        if getattr(self.review, "superseded_by", None) is not None:
            return ""
        return ", ".join(place_in_words(place) for place in self.review.places)

    @property
    def given(self) -> GivenOpinion:
        return given_in(self.review)


def _label(disclosed: DisclosedPrediction, number: int | None) -> str:
    """ "In doubt, spiral", or "In doubt, spiral (picture 2)" where the case has several pictures."""
    if number is None:
        return disclosed.label
    return _("%(call)s (picture %(number)d)") % {"call": disclosed.label, "number": number}


def review_read(request: HttpRequest) -> UUID | None:
    """The opinion that the page showed, which its form sends along. None where it sends none."""
    try:
        return UUID(request.POST.get("review", ""))
    except ValueError:
        return None


def signed_opinions(case: DisclosedCase, user: User, numbers: Mapping[UUID, int]) -> list[Signed]:
    """Newest first, as far as ``user`` may see them now.

    ``numbers``: of the case's pictures by their id; empty where there is one.
    """
    reviews = list(reviews_shown(case, user))
    is_reader = any(review.reader_id == user.pk for review in reviews)
    roles = roles_at(user, case.case.site_id) if is_reader else frozenset()
    critical = critical_by_review(case.case.pk) if reviews else {}
    signed = []
    for review in reversed(reviews):
        prediction = review.prediction
        disclosed = case.disclose(prediction) if prediction else None
        number = numbers.get(disclosed.prediction.image_id) if disclosed else None
        label = _label(disclosed, number) if disclosed else ""
        may_correct = refusal_to_correct(review, user, roles) is None
        offered = offered_opinions(disclosed, case, number)
        signed.append(Signed(review, offered, label, may_correct, critical.get(review.pk)))
    return signed
