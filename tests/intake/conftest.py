"""What the tests of intake share: a case on its way in, and what the trail says of it."""

from collections.abc import Callable

import pytest

from accounts.models import AuditEntry
from tests.factories import incoming
from triage.intake.details import CaseDetails
from triage.intake.services import arrive_case
from triage.models import Case
from triage.vocabulary import BodyPart, Source

Arrive = Callable[..., Case]


@pytest.fixture
def arrive(site, people):
    """``arrive(file, …)``: a case of these files on its way in; without one, of a small picture."""

    def arrive(*files, **details):
        return arrive_case(
            sender=people.clinician,
            site=site,
            files=files or [incoming()],
            details=CaseDetails(**{"body_part": BodyPart.WRIST, **details}),
            source=Source.API,
        )

    return arrive


def events(case):
    entries = AuditEntry.objects.filter(subject_id=str(case.pk)).order_by("pk")
    return list(entries.values_list("verb", flat=True))
