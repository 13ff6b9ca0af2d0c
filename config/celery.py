"""The Celery application. A message only makes a worker look for work: the work is rows in PostgreSQL."""

import logging
import os
import threading
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, worker_process_init

from config.secrecy import hide_from_other_processes

ENGINE_QUEUE = "inference"
INTAKE_QUEUE = "intake"

logger = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
# Before anything imports numpy. OpenBLAS starts a thread for each core, which goes on spinning for some 20 ms
# after each sum that it helped with: as much as half a forward pass, and on a core that another worker needs.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = Celery("callus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "accounts",
        "triage.intake",
        "triage.inference",
        "triage.report",
        "triage.review",
        "triage.worklist",
    ]
)


@beat_init.connect
@celeryd_init.connect
def hide(**_: Any) -> None:
    """Of the worker's first process: those that do its work are forks of it."""
    hide_from_other_processes()


_queues: set[str] = set()  # of this worker; its processes are forked with it


@worker_process_init.connect
def start_decoder(**_: Any) -> None:
    """Starts the decoder of each process of the queue ``intake`` before the first file needs it."""
    if INTAKE_QUEUE in _queues:
        import_module("triage.intake.sandbox").shared_sandbox().start()


@worker_process_init.connect
def look_for_lost_jobs(sender: str, **_: Any) -> None:
    """Makes a fresh process take back what others of this worker held that were killed.

    The message of a killed process is delivered again, but perhaps to another worker, which can't know that
    the process is dead: the jobs would wait for their lease and a sweep. In a thread, since Celery
    kills a process that takes 4 s to start, and a database may be silent for longer.
    """
    import_module("triage.queue.holder").belong_to(sender)
    threading.Thread(target=_take_back_lost, name="lost jobs", daemon=True).start()


def _take_back_lost() -> None:
    if INTAKE_QUEUE in _queues:
        import_module("triage.intake.queue").take_back_lost()
        import_module("triage.intake.dispatch").send_decode_queued()
    if ENGINE_QUEUE in _queues:
        import_module("triage.inference.services").take_back_lost()
        import_module("triage.inference.dispatch").send_classify_queued()
    import_module("django.db").connections.close_all()  # the thread's own


@celeryd_init.connect
def load_engine_tasks(options: dict[str, Any], **_: Any) -> None:
    """Gives a worker of the queue ``inference`` the tasks that run a release.

    Other workers, beat and the web process send these tasks by name. They never import them: their
    installation may lack ONNX Runtime and torch.
    """
    queues = options.get("queues") or []
    names = queues.split(",") if isinstance(queues, str) else queues
    _queues.update(names)
    if ENGINE_QUEUE not in names:
        return
    try:
        # By name: an import statement would make every process of the site load an engine.
        import_module("triage.inference.worker.start").check_setting()
        import_module("triage.inference.worker.tasks")
    except Exception as error:
        # Celery logs what a handler raises and goes on: a worker without these tasks would throw
        # every message away.
        logger.exception("This worker can't classify")
        raise SystemExit(f"This worker can't classify: {error}") from error
