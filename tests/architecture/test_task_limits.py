"""Each Celery task of ours has both time limits, and ends after what it waits for has failed by itself."""

import re
from importlib import import_module

import pytest
from django.conf import settings

from config.celery import app
from tests.conftest import REPOSITORY

# Found, not listed: a task of a new module would have no rule.
FILES = sorted(
    path for package in ("accounts", "triage") for path in (REPOSITORY / package).rglob("tasks.py")
)
for path in FILES:
    import_module(".".join(path.relative_to(REPOSITORY).with_suffix("").parts))
OURS = sorted(name for name in app.tasks if not name.startswith("celery."))


def statement_timeout() -> float:
    """Seconds after which PostgreSQL ends a statement of the application."""
    options = settings.DATABASES["default"]["OPTIONS"]["options"]
    return int(re.search(r"statement_timeout=(\d+)", options)[1]) / 1000


def test_the_tasks_are_found():
    assert len(OURS) >= 7
    assert "triage.review.tasks.end_lapsed_claims" in OURS


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_no_task_has_numbers_of_its_own(path):
    """The limits stand in one place: ``CALLUS_SHORT_TASK_LIMITS``, or the worker's LIMITS."""
    assert not re.search(r"time_limit\s*=", path.read_text())


@pytest.mark.parametrize("name", OURS)
def test_a_slow_statement_fails_before_its_task_is_killed(name):
    task = app.tasks[name]
    assert task.soft_time_limit and task.time_limit, "Celery's general limits are five minutes."
    assert statement_timeout() < task.soft_time_limit
    assert task.time_limit - task.soft_time_limit >= 10, "The task needs time to put its rows back."
    assert task.time_limit < settings.CELERY_TASK_TIME_LIMIT
