"""Each Celery task of ours has both time limits, and ends after what it waits for has failed by itself."""

import re
from importlib import import_module

import pytest
from django.conf import settings

from config.celery import app

MODULES = ("accounts.tasks", "triage.inference.tasks", "triage.worklist.tasks")
for module in (*MODULES, "triage.inference.worker.tasks"):
    import_module(module)
OURS = sorted(name for name in app.tasks if not name.startswith("celery."))


def statement_timeout() -> float:
    """Seconds after which PostgreSQL ends a statement of the application."""
    options = settings.DATABASES["default"]["OPTIONS"]["options"]
    return int(re.search(r"statement_timeout=(\d+)", options)[1]) / 1000


def test_the_tasks_are_found():
    assert len(OURS) >= 6


@pytest.mark.parametrize("name", OURS)
def test_a_slow_statement_fails_before_its_task_is_killed(name):
    task = app.tasks[name]
    assert task.soft_time_limit and task.time_limit, "Celery's general limits are five minutes."
    assert statement_timeout() < task.soft_time_limit
    assert task.time_limit - task.soft_time_limit >= 10, "The task needs time to put its rows back."
    assert task.time_limit < settings.CELERY_TASK_TIME_LIMIT
