"""What a load balancer, an orchestrator and a monitor ask. Nothing private, no session, no cache."""

from dataclasses import asdict
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import Error, ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from accounts.outbox_health import outbox_health
from triage.inference.health import (
    ModelStatus,
    ReleaseReadiness,
    queue_health,
    release_readiness,
)
from triage.intake.checks import missing_layers
from triage.intake.health import intake_health, interrupted_files
from triage.intake.room import has_room


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. It asks nobody else, so that a dead database restarts no web process."""
    return _answer(200, status="ok")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when cases can be taken and read here; 503 names what is missing.

    A full disk is reported but doesn't count: every web process has the same one, and readers still read. A
    dead broker is reported but doesn't count: cases are stored without it, and the sweep sends the message
    again.
    """
    found = {"database": "ok", "migrations": "unknown", "release": "unknown"}
    arriving = "unknown"  # reported only: cases are taken durably meanwhile
    try:
        found["migrations"] = "pending" if _has_pending_migrations() else "ok"
        if found["migrations"] == "ok":
            found["release"] = release_readiness()
            arriving = "interrupted" if interrupted_files() else "ok"
    except ProgrammingError:  # not even the table of migrations is there
        found["migrations"] = "pending"
    except Error:
        found["database"] = "down"
    # Without a model cases are taken and read as before, so nothing is taken out of service for that.
    is_ready = all(value in {"ok", ReleaseReadiness.NONE_ACTIVE} for value in found.values())
    return _answer(
        200 if is_ready else 503,
        status="ok" if is_ready else "unready",
        **found,
        storage="ok" if has_room() else "full",
        broker="ok" if _broker_answers() else "down",
        # Reported, and no reason to refuse cases: `manage.py check` says what is missing.
        decoder="reduced" if missing_layers() else "ok",
        arriving=arriving,
    )


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """503 when the model doesn't read cases: no heartbeat came through the queue lately, the release is
    being checked (both: delayed), or none is active.
    """
    try:
        health = queue_health()
    except Error:
        return _answer(503, status="unknown")
    return _answer(
        200 if health.model == ModelStatus.ON else 503,
        status=health.model,
        last_beat=health.last_beat,
        queued=health.queued,
        oldest_queued_seconds=health.oldest_queued_seconds,
    )


@require_safe
def intake(request: HttpRequest) -> HttpResponse:
    """503 while files arrive and wait: no heartbeat came through the queue of decode jobs lately (delayed),
    or the storage or the decoder fails again and again (interrupted).
    """
    try:
        health = intake_health()
    except Error:
        return _answer(503, status="unknown")
    return _answer(
        503 if health.is_delayed or health.interrupted else 200,
        status="delayed" if health.is_delayed else "interrupted" if health.interrupted else "ok",
        interrupted=health.interrupted,
        last_beat=health.last_beat,
        queued=health.queued,
        oldest_queued_seconds=health.oldest_queued_seconds,
    )


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """How long events wait for whoever takes them, and how many nobody took in time.

    200 as long as the database answers: an installation without a consumer forgets events, and is well.
    """
    try:
        health = outbox_health()
    except Error:
        return _answer(503, status="unknown")
    return _answer(200, status="ok", **asdict(health))


def _answer(code: int, **content: Any) -> HttpResponse:
    return JsonResponse(content, status=code, headers={"Cache-Control": "no-store"})


@lru_cache(maxsize=1)
def _migrations_of_this_code() -> frozenset[tuple[str, str]]:
    """(app, name) of every migration on disk. Read once: a running process's code never changes."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _has_pending_migrations() -> bool:
    """One query: is anything on disk that the database hasn't seen?"""
    applied = MigrationRecorder(connection).migration_qs.values_list("app", "name")
    return not _migrations_of_this_code() <= set(applied)


def _broker_answers() -> bool:
    """Whether Redis says PONG within half a second.

    Redis answers in a millisecond. Connect and answer together take a second at most, so the check stays
    within the few seconds that a load balancer waits. One try: the client's own default is several.
    """
    client = Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=0.5,
        socket_timeout=0.5,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()
