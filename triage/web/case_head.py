"""The head of a case's page: what was asked of whom, and earlier cases of the same patient reference."""

from dataclasses import dataclass

from accounts.models import User
from triage.models import Case
from triage.states import CaseState

MOST_EARLIER = 5  # links; a reference that a site gives to everybody has thousands


@dataclass(frozen=True)
class EarlierCases:
    """The newest cases of the same site and patient reference that came before.

    ``has_more``: there are others.
    """

    cases: list[Case]
    has_more: bool


def earlier_cases(case: Case, user: User) -> EarlierCases:
    """References are compared as Find does. A withdrawn case is left out: it may be of somebody else."""
    if not case.patient_key:
        return EarlierCases([], has_more=False)
    same = Case.objects.visible_to(user).filter(site_id=case.site_id, patient_key=case.patient_key)
    before = same.filter(pk__lt=case.pk).exclude(state=CaseState.WITHDRAWN)
    found = list(before.prefetch_related("images").order_by("-pk")[: MOST_EARLIER + 1])
    return EarlierCases(found[:MOST_EARLIER], has_more=len(found) > MOST_EARLIER)


def who_is_asked_about(case: Case) -> str:
    """ "65 years or more, female"; "" where neither is known."""
    return ", ".join(filter(None, (case.get_age_band_display(), case.get_sex_display().lower())))
