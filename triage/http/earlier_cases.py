"""Earlier cases of the patient whom a case is of: one selector for the page's head and for the viewer."""

from accounts.models import User
from triage.models import Case
from triage.states import CaseState

MOST_LOOKED_AT = 20  # cases; a reference that a site gives to everybody has thousands
NOT_THEIRS = (CaseState.ARRIVING, CaseState.REFUSED, CaseState.WITHDRAWN)


def earlier_cases(case: Case, user: User) -> list[Case]:
    """What ``user`` may see of the same patient, received before: part and side of this case first, then the
    newest. Only the newest ``MOST_LOOKED_AT`` are looked at.

    A patient reference is the site's own: another site's equal one is somebody else. References are compared
    as Find does. A withdrawn case is left out, since it may be of somebody else, and so is one that a newer
    version has replaced.
    """
    if not case.patient_key:
        return []
    same_patient = (
        Case.objects.visible_to(user)
        .filter(site=case.site_id, patient_key=case.patient_key, pk__lt=case.pk, replaced_by=None)
        .exclude(state__in=NOT_THEIRS)
        .order_by("-pk")
    )
    return sorted(
        same_patient[:MOST_LOOKED_AT],
        key=lambda earlier: (earlier.body_part != case.body_part, earlier.side != case.side),
    )
