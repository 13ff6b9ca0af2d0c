"""Callus's own limits and times."""

from typing import Any

from classifier.rendition_header import MOST_PIXELS
from config import env

_WEB_THREADS = env.integer("WEB_THREADS", 24, minimum=1)  # config/gunicorn.py sets it

# What one file may cost the decoder is in triage.intake.sandbox, with the reasons.
CALLUS_INTAKE: dict[str, Any] = {
    "max_images": 20,  # a skeletal survey, the largest usual examination, has about 20 views
    "max_bytes": env.integer("MAX_UPLOAD_BYTES", 40 * 1024 * 1024, minimum=1024),
    "max_pixels": env.integer("MAX_UPLOAD_PIXELS", 50_000_000, minimum=1024, maximum=MOST_PIXELS),
    # Where the machine's places of decoding are held (triage.intake.slots). "": in its memory.
    "slots_folder": env.text("DECODER_SLOTS_DIR", ""),
    # What stays free on the disk of the pictures. PostgreSQL may lie beside them, and stops on a full disk.
    "free_bytes": env.integer("MIN_FREE_BYTES", 1_000_000_000),
    # A mobile line may pause for some seconds, and still sends more than 1 kB/s over this time. A sender who
    # is slower must not hold a web thread.
    "silent_seconds": env.integer("UPLOAD_SILENT_SECONDS", 20, minimum=1),
    "seconds_per_message": 60,  # far below the task's time limit
    # Files that wait to be decoded, beyond which an upload is answered with 503: about eight minutes of work
    # of one core. Each waits in the storage.
    "max_waiting_files": env.integer("INTAKE_MAX_WAITING", 1000, minimum=1),
    # A quarter of a web process's threads (config/gunicorn.py) wait for decisions; the others answer at once.
    "waiting_threads": max(1, _WEB_THREADS // 4),
}
# Threads of a web process, as gunicorn has them (config/gunicorn.py).
CALLUS_WEB_THREADS = _WEB_THREADS
# Seconds that a request waits for the decision on its case, unless it says another number: RFC 7240.
CALLUS_DECISION_SECONDS = {"usual": 10, "most": 30}
# Days after which nothing of its patient is kept of a refused case that its sender has dismissed. As long as
# an Idempotency-Key counts (triage.idempotency): until then the same request gets the same reasons.
CALLUS_REFUSED_DAYS = env.integer("REFUSED_DAYS", 7, minimum=1)
CALLUS_INFERENCE: dict[str, Any] = {
    # Claiming and recording cost some milliseconds a batch, the networks some tens a picture. So a larger
    # batch saves next to nothing, and a batch that is lost is read again, picture by picture.
    "batch": 8,
    # Longer than the time limit of either task that loads a release.
    "load_lease_seconds": env.integer("RELEASE_LOAD_SECONDS", 120, minimum=1),
    "seconds_per_message": 60,  # far below the task's time limit
    # One a worker: two-thread pools collapse on a shared machine. More cores are used by more workers.
    "threads": env.integer("INFERENCE_THREADS", 1, minimum=1),
    # A worker looks at its start whether it has them; the web process needs neither.
    "engine": env.choice("INFERENCE_ENGINE", "onnx", ("onnx", "torch")),
    "device": env.choice("INFERENCE_DEVICE", "cpu", ("cpu", "cuda")),
    "heartbeat_stale_seconds": 60,  # six beats: one that came late or was lost alarms nobody
}
# From whom the model's output is hidden: a class like triage.disclosure.policy.Policy, which hides nothing.
CALLUS_DISCLOSURE_POLICY = "triage.disclosure.policy.Policy"
# Both limits of a task that only writes rows or loads one release. The soft one lies above the 30 s after
# which PostgreSQL ends a statement, so that a slow statement fails with an error of its own. Then the task
# has 10 s to leave before its process is killed. By Celery's general limits (base.py) it could hold its
# queue for 5 minutes.
CALLUS_SHORT_TASK_LIMITS = {"soft_time_limit": 50, "time_limit": 60}
# Three beats: a message that no worker has taken by then does nothing that the next one doesn't do too.
CALLUS_BEAT_EXPIRES = 30
# An open page renews its claim each fifth of this time while its reader works. Who closes the laptop blocks
# the case for a quarter of an hour.
CALLUS_CLAIM_SECONDS = env.integer("CLAIM_SECONDS", 15 * 60, minimum=30)
# Days after its last save when a draft of an opinion is deleted that nobody signed or discarded.
CALLUS_DRAFT_DAYS = env.integer("DRAFT_DAYS", 30, minimum=1)
# Who was called away from a case or two still takes the next one; a pile of them nobody reads.
CALLUS_CLAIMS_PER_READER = env.integer("CLAIMS_PER_READER", 5, minimum=1)
