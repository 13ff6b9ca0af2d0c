"""The head of a case's page: what was asked of whom, and earlier cases of the same patient reference."""

from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from accounts.models import User
from triage.http.earlier_cases import earlier_cases
from triage.models import Case

MOST_EARLIER = 5  # links


@dataclass(frozen=True)
class EarlierCases:
    """``has_more``: there are others."""

    cases: list[Case]
    has_more: bool


def earlier_in_head(case: Case, user: User) -> EarlierCases:
    """The first of the patient's earlier cases, with what names them."""
    found = earlier_cases(case, user)
    named = found[:MOST_EARLIER]
    prefetch_related_objects(named, "images")
    return EarlierCases(named, has_more=len(found) > MOST_EARLIER)


def who_is_asked_about(case: Case) -> str:
    """ "65 years or more, female"; "" where neither is known."""
    return ", ".join(filter(None, (case.get_age_band_display(), case.get_sex_display().lower())))
