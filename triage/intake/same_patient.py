"""Questions a case whose patient reference stands for somebody else in an earlier case of the site.

A wrong letter in a reference gives one patient's pictures to another. Nothing is refused: a sex may be
corrected, and some sites give one reference to everybody. The newest earlier cases are compared, and a
person decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from triage.models import Case, Image
from triage.models.case_rules import RECEIVED
from triage.states import CaseState
from triage.vocabulary import AgeBand

# A patient has few cases. A reference that a site gives to everybody has thousands, and they say nothing.
_MOST = 20
# Years that a person of the band has lived: at least, and less than. The last is more than anybody has.
_YEARS = {
    AgeBand.INFANT: (0, 2),
    AgeBand.CHILD: (2, 12),
    AgeBand.ADOLESCENT: (12, 18),
    AgeBand.ADULT: (18, 65),
    AgeBand.OLDER: (65, 130),
}
# Years. Devices count them differently (whole years, the year of birth alone), and a form may be filled in
# some days before or after a birthday.
_SLACK = 1.0
_DAYS = 365.25  # of a year


@dataclass(frozen=True)
class Question:
    """``field`` of a case doesn't fit an earlier case of the same patient reference."""

    field: str
    earlier: Case

    @property
    def message(self) -> str:
        text = _("Age: it doesn't fit case %(case)s, which has the same patient reference.")
        if self.field == "sex":
            text = _("Sex: case %(case)s, which has the same patient reference, says otherwise.")
        return text % {"case": self.earlier.name} + " " + _("Is it the same patient?")


def patient_questions(case: Case) -> list[Question]:
    """One for each of sex and age that an earlier case contradicts, with the newest such case.

    Only what senders and headers said is compared, nothing of the model or of opinions. A case that was
    withdrawn is left out: it may have been the wrong patient's. References are compared as Find does.
    """
    if not case.patient_key or not (case.sex or case.age_band):
        return []
    same = Case.objects.filter(RECEIVED, site_id=case.site_id, patient_key=case.patient_key)
    # Ids are in the order of arrival, as the index of references has them behind each key.
    earlier = same.filter(pk__lt=case.pk).order_by("-pk")[:_MOST]
    compared = [other for other in earlier if other.state != CaseState.WITHDRAWN]
    found = []
    if case.sex and (other := next((row for row in compared if _other_sex(case, row)), None)):
        found.append(Question("sex", other))
    aged = [other for other in compared if other.age_band] if case.age_band else []
    days = _days_of([case, *aged]) if aged else {}
    if other := next((row for row in aged if not _may_be_one(case, row, days)), None):
        found.append(Question("age_band", other))
    return found


def _other_sex(case: Case, other: Case) -> bool:
    return other.sex not in ("", case.sex)


def _days_of(cases: Sequence[Case]) -> Mapping[UUID, tuple[date, date]]:
    """Case id → the first and the last day on which its age may hold.

    A header's age is of the day of the study. A sender's may be of that day or of the day of sending, and an
    old picture may be sent years later.
    """
    days = {case.pk: {case.received_at.date()} for case in cases}
    images = Image.objects.filter(case__in=cases)
    for case_id, day in images.values_list("case_id", "series__study__study_date"):
        if day is not None:
            days[case_id].add(day)
    return {case_id: (min(found), max(found)) for case_id, found in days.items()}


def _may_be_one(case: Case, other: Case, days: Mapping[UUID, tuple[date, date]]) -> bool:
    """Whether a person of the other case's band can have been of this one's so much later, or earlier.

    An adult may well have been a child in a case of years ago: the time between the two is added.
    """
    first, last = days[case.pk]
    other_first, other_last = days[other.pk]
    at_least = (first - other_last).days / _DAYS - _SLACK
    at_most = (last - other_first).days / _DAYS + _SLACK
    youngest, oldest = _YEARS[AgeBand(case.age_band)]
    other_youngest, other_oldest = _YEARS[AgeBand(other.age_band)]
    return other_youngest + at_least < oldest and youngest < other_oldest + at_most
