"""Tasks are sent by name: each name is that of a task, and each queue's workers know their tasks."""

import subprocess
import sys

import pytest
from django.conf import settings

from accounts.tasks import prune_outbox
from tests.processes import REPOSITORY
from triage.inference.dispatch import CHECK_RELEASE, CLASSIFY_QUEUED
from triage.report.tasks import send_notices
from triage.review.tasks import end_lapsed_claims, sweep_drafts
from triage.worklist.redating import REDATE

TASKS = """
import sys
from celery.signals import celeryd_init
from config.celery import app
app.loader.init_worker()
celeryd_init.send(sender="test", options={"queues": sys.argv[1]})
print(*sorted(name for name in app.tasks if not name.startswith("celery.")))
print(*(name for name in ("scipy", "onnxruntime", "torch") if name in sys.modules))
"""
ANYWHERE = {
    *("triage.inference.tasks.sweep", "triage.inference.tasks.heartbeat", REDATE),
    *("triage.inference.tasks.queue_forgotten", "triage.intake.tasks.sweep_orphans"),
    *("triage.intake.tasks.sweep", "triage.intake.tasks.prune_keys"),
    "triage.intake.tasks.forget_refused",
    *("triage.intake.tasks.decode_queued", "triage.intake.tasks.heartbeat"),
    *(prune_outbox.name, end_lapsed_claims.name, sweep_drafts.name, send_notices.name),
}
WITH_AN_ENGINE = {CLASSIFY_QUEUED, CHECK_RELEASE}


def started(queues: str) -> tuple[set[str], set[str]]:
    """The tasks that a worker of these queues knows, and the heavy packages that it has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", TASKS, queues],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    tasks, packages = done.stdout.splitlines()
    return set(tasks.split()), set(packages.split())


@pytest.mark.parametrize("queues", ["inference", "inference,default"])
def test_a_worker_of_the_inference_queue_knows_every_task(queues):
    tasks, packages = started(queues)
    assert tasks == ANYWHERE | WITH_AN_ENGINE
    assert not packages & {"onnxruntime", "torch"}  # a child loads its engine, after the fork


def test_a_worker_of_the_other_queue_needs_no_engine():
    assert started("default") == (ANYWHERE, set())


def test_each_task_that_needs_an_engine_goes_to_the_inference_queue():
    routes = settings.CELERY_TASK_ROUTES
    known = {name for name, route in routes.items() if route["queue"] == "inference"}
    assert known == WITH_AN_ENGINE | {"triage.inference.tasks.heartbeat"}
    beat = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert beat <= ANYWHERE
