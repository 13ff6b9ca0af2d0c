"""Whether the site lives, is ready, and classifies: for load balancers and operators. Nothing private."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from triage.inference.health import queue_health
from triage.inference.releases import active_release


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers. It asks nobody else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Cases can be taken and read. A dead broker is told but is no reason to turn people away."""
    checks = {"database": _database(), "broker": _broker()}
    if checks["database"] == "ok":
        checks["release"] = "ok" if active_release() else "none is active"
    ok = all(state == "ok" for name, state in checks.items() if name != "broker")
    status = 200 if ok else 503
    return JsonResponse({"status": "ok" if ok else "not ready", **checks}, status=status)


@never_cache
@require_safe
def worker(request: HttpRequest) -> JsonResponse:
    """A heartbeat came through the inference queue lately."""
    try:
        health = queue_health()
    except DatabaseError:
        return JsonResponse({"status": "database down"}, status=503)
    body = {
        "status": "ok" if health.ok else "classification is delayed",
        "last_beat": health.last_beat,
        "queued": health.queued,
        "oldest_queued_seconds": health.oldest_queued_seconds,
    }
    return JsonResponse(body, status=200 if health.ok else 503)


_migrated = False


def _database() -> str:
    """Reachable, and every migration applied. The second is asked until it is true, then never again."""
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "down"
    return "ok" if _migrated else "migrations are missing"


def _broker() -> str:
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1
        ) as redis:
            redis.ping()
    except RedisError:
        return "down"
    return "ok"
