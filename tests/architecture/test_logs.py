"""No patient's data in a log, not even when the database complains."""

import logging

import pytest
from django.db import IntegrityError, transaction

from config.logs import NoHealthChecks, WithoutRows
from tests.factories import make_case
from triage.models import Case

FORMAT = WithoutRows("{levelname} {message}", style="{")


def test_a_database_error_is_logged_without_the_rows_values(site, people, storage):
    case = make_case(site, people.clinician, clinical_question="Fell off\n\nher bicycle")
    with pytest.raises(IntegrityError) as failed, transaction.atomic():
        Case.objects.filter(pk=case.pk).update(confidence=7)
    assert "bicycle" in str(failed.value)
    error = (failed.type, failed.value, failed.tb)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "It failed", (), error)
    text = FORMAT.format(record)
    assert "case_confidence_is_a_probability" in text
    assert "DETAIL: left out" in text
    assert "bicycle" not in text
    assert case.accession_number not in text


@pytest.mark.parametrize(("path", "kept"), [("/healthz/worker", False), ("/cases/", True)])
def test_a_health_checks_503_is_no_error(rf, path, kept):
    record = logging.LogRecord("x", logging.ERROR, "", 0, "503", (), None)
    record.request = rf.get(path)
    assert NoHealthChecks().filter(record) is kept
