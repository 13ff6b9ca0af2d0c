"""No patient's data in a log, not even when the database complains."""

import logging

import pytest
from django.db import DataError, IntegrityError, connection, transaction

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


@pytest.mark.parametrize("kind", ["uuid", "int", "timestamptz", "inet", "int[]"])
def test_a_value_of_another_type_is_logged_without_itself_and_its_statement(db, kind):
    values = ["Smith^John\nand more"]  # the traceback quotes the lines of the source
    statement = f"SELECT 'her bicycle', %s::{kind}"
    with pytest.raises(DataError) as failed, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    assert "Smith" in str(failed.value)
    assert "bicycle" in str(failed.value)
    error = (failed.type, failed.value, failed.tb)
    text = FORMAT.format(logging.LogRecord("x", logging.ERROR, "", 0, "It failed", (), error))
    assert text.startswith("ERROR It failed")
    assert "django.db.utils.DataError: " in text
    assert "in execute" in text  # where it happened
    for secret in ("Smith", "and more", "bicycle"):
        assert secret not in text


@pytest.mark.parametrize(("path", "kept"), [("/healthz/worker", False), ("/cases/", True)])
def test_a_health_checks_503_is_no_error(rf, path, kept):
    record = logging.LogRecord("x", logging.ERROR, "", 0, "503", (), None)
    record.request = rf.get(path)
    assert NoHealthChecks().filter(record) is kept
