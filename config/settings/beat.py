"""What Celery's beat sends, and how often (seconds)."""

from .callus import CALLUS_BEAT_EXPIRES

CELERY_BEAT_SCHEDULE = {
    # A lost machine's pictures wait for a lease (8 s) and a sweep: with ten seconds they could wait for 18. A
    # sweep that finds nothing takes some milliseconds.
    "sweep": {
        "task": "triage.inference.tasks.sweep",
        "schedule": 5.0,
        "options": {"expires": CALLUS_BEAT_EXPIRES},
    },
    # A second where there are a million cases; the sweeps look at the newest images.
    "queue_forgotten": {
        "task": "triage.inference.tasks.queue_forgotten",
        "schedule": 3600.0,
        "options": {"expires": CALLUS_BEAT_EXPIRES},
    },
    # As often: what a lost intake worker held.
    "sweep_arrivals": {
        "task": "triage.intake.tasks.sweep",
        "schedule": 5.0,
        "options": {"expires": CALLUS_BEAT_EXPIRES},
    },
    "heartbeat": {"task": "triage.inference.tasks.heartbeat", "schedule": 10.0},
    "intake_heartbeat": {"task": "triage.intake.tasks.heartbeat", "schedule": 10.0},
    # Takes up a pass whose message or worker was lost; messages nobody takes don't pile up.
    "redate": {
        "task": "triage.worklist.tasks.redate",
        "schedule": 10.0,
        "options": {"expires": CALLUS_BEAT_EXPIRES},
    },
    # Each minute: a claim lasts for a quarter of an hour, so a minute more is little.
    "end_lapsed_claims": {
        "task": "triage.review.tasks.end_lapsed_claims",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "sweep_drafts": {"task": "triage.review.tasks.sweep_drafts", "schedule": 3600.0},
    # Takes the next step of critical results, and sends what a lost message or a dead mail server left.
    "send_notices": {
        "task": "triage.report.tasks.send_notices",
        "schedule": 10.0,
        "options": {"expires": CALLUS_BEAT_EXPIRES},
    },
    "prune_keys": {"task": "triage.intake.tasks.prune_keys", "schedule": 3600.0},
    "sweep_orphans": {"task": "triage.intake.tasks.sweep_orphans", "schedule": 86_400.0},
    "forget_refused": {"task": "triage.intake.tasks.forget_refused", "schedule": 86_400.0},
    # Each minute, so that one pass deletes little; see accounts.services.outbox for what and why.
    "prune_outbox": {
        "task": "accounts.tasks.prune_outbox",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
}
