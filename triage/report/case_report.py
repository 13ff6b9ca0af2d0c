"""The report of a case: what was asked, what was signed, and what was corrected. No output of a model."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.refusals import Conflict
from triage.disclosure import DisclosedCase
from triage.models import Case, CriticalResult, Review
from triage.report.critical_of_case import critical_by_review, critical_in_words
from triage.review.opinion import given_in
from triage.review.sentence import place_in_words, sentence
from triage.states import CaseState
from triage.vocabulary import Stage


@dataclass(frozen=True)
class ReportedOpinion:
    """``words``: the opinion in a sentence or two. ``was_corrected``: a later one took its place."""

    words: str
    comment: str
    signed: str  # by whom and when
    was_corrected: bool
    places: str = ""  # where the reader drew it; "" where they didn't, or where a correction stands
    critical: str = ""  # that it is, why, and who took note; "" where it isn't


@dataclass(frozen=True)
class CaseReport:
    """``facts``: label and words. ``earlier``: what was signed before, corrected or not, the newest first."""

    title: str
    facts: list[tuple[str, str]]
    opinion: ReportedOpinion
    earlier: list[ReportedOpinion]
    disclaimer: str

    @property
    def text(self) -> str:
        """Plain text for a RIS: short lines are not broken, and every line ends with a line feed."""
        lines = [self.title.upper(), *(f"{label}: {words}" for label, words in self.facts), ""]
        lines += [_("Opinion").upper(), *_lines(self.opinion)]
        if self.earlier:
            lines += ["", _("Signed before").upper()]
            for opinion in self.earlier:
                lines += _lines(opinion)
        return "\n".join([*lines, "", self.disclaimer, ""])


def case_report(disclosed_case: DisclosedCase) -> CaseReport:
    """The report as the person may see it for whom the case was disclosed.

    Raises Conflict: nothing is signed yet, or nothing that they may see.
    """
    case = disclosed_case.case
    reviews = _reviews(case) if disclosed_case.is_shown else []
    # Nothing while a third reader is waited for.
    last = case.reviews.concluding().order_by("signed_at", "pk").last() if reviews else None
    if last is None and case.state == CaseState.THIRD:
        text = _(
            "What was signed is not final: a third reader is asked. A report follows their opinion."
        )
        raise Conflict("not_signed", text)
    if last is None:
        raise Conflict("not_signed", _("Nothing is signed yet, so there is no report."))
    newest = next(review for review in reviews if review == last)
    critical = critical_by_review(case.pk)
    return CaseReport(
        title=_("Second opinion"),
        facts=list(_facts(case)),
        opinion=_reported(newest, critical.get(newest.pk)),
        earlier=[
            _reported(review, critical.get(review.pk)) for review in reviews if review != newest
        ],
        disclaimer=_(
            "Callus is not a medical device. This is the opinion of the person who signed it."
        ),
    )


def _reviews(case: Case) -> list[Review]:
    """Newest first, without first readings, which a final opinion follows."""
    reviews = case.reviews.exclude(stage=Stage.FIRST).select_related("reader", "superseded_by")
    return list(reviews.order_by("-signed_at", "-pk"))


def _facts(case: Case) -> Iterator[tuple[str, str]]:
    yield _("Case"), case.called
    if case.patient_reference:
        yield _("Patient reference"), case.patient_reference
    person = ", ".join(
        str(word) for word in (case.get_age_band_display(), case.get_sex_display()) if word
    )
    if person:
        yield _("Age and sex"), person
    examined = (
        case.get_body_part_display(),
        case.get_side_display(),
        case.get_projection_display(),
    )
    yield _("Examination"), ", ".join(str(word) for word in examined if word)
    if case.clinical_question:
        yield _("Question"), " ".join(case.clinical_question.split())
    yield _("Received"), _time(case.received_at)
    yield _("Sent by"), f"{case.sender}, {case.site}"


def _reported(review: Review, critical: CriticalResult | None) -> ReportedOpinion:
    values = {"reader": review.reader, "time": _time(review.signed_at)}
    was_corrected = getattr(review, "superseded_by", None) is not None
    return ReportedOpinion(
        words=sentence(given_in(review)),
        comment=review.comment,
        signed=_("Signed by %(reader)s, %(time)s") % values,
        was_corrected=was_corrected,
        places="" if was_corrected else _drawn(review),
        critical=critical_in_words(critical) if critical else "",
    )


def _drawn(review: Review) -> str:
    """ "Drawn: box on picture 1, point on picture 2." """
    places = ", ".join(place_in_words(place) for place in review.places)
    return _("Drawn: %(places)s.") % {"places": places} if places else ""


def _lines(opinion: ReportedOpinion) -> list[str]:
    corrected = [_("This was corrected later:")] if opinion.was_corrected else []
    comment = opinion.comment.split("\n") if opinion.comment else []
    places = [opinion.places] if opinion.places else []
    critical = [opinion.critical] if opinion.critical else []
    return [*corrected, opinion.words, *places, *comment, opinion.signed, *critical]


def _time(moment: datetime) -> str:
    """With the zone: a text that was copied is read anywhere."""
    local = timezone.localtime(moment)
    return f"{date_format(local, 'DATETIME_FORMAT')} {local:%Z}"
