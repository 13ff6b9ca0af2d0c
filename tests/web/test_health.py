"""What load balancers and orchestrators read, when things are well and when they aren't."""

import socket
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from accounts.acts import Act
from accounts.models import OutboxLoss
from accounts.services.events import emit
from accounts.services.outbox import claim, mark_delivered
from localservices.redis import redis
from tests.factories import incoming, make_case, make_release, make_user
from tests.processes import free_port
from triage.inference.checks import STOPPED, request_check, suspend
from triage.inference.health import beat
from triage.intake.checks import missing_layers
from triage.intake.details import CaseDetails
from triage.intake.services import arrive_case
from triage.models import DecodeJob, Heartbeat, Release
from triage.states import CaseState, ReleaseState
from triage.vocabulary import BodyPart, Source
from triage.web import health

ADDRESSES = (
    "/healthz/live",
    "/healthz/ready",
    "/healthz/intake",
    "/healthz/worker",
    "/healthz/outbox",
)


@pytest.fixture
def no_broker(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"


@pytest.fixture
def no_database(django_db_blocker, monkeypatch):
    """Nobody listens where the database should be."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", free_port())
    with django_db_blocker.unblock():
        yield
    connection.close()


def get(address):
    answer = Client().get(address)
    return answer.status_code, answer.json()


def test_live_asks_nobody():
    """No ``db`` fixture: a query would fail this test."""
    client = Client()
    client.cookies["sessionid"] = "x" * 32
    answer = client.get("/healthz/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_with_a_release_and_without_a_broker(db, no_broker):
    make_release()
    assert get("/healthz/ready") == (
        200,
        {
            "status": "ok",
            "database": "ok",
            "migrations": "ok",
            "release": "ok",
            "storage": "ok",
            "broker": "down",
            "decoder": "reduced" if missing_layers() else "ok",
            "arriving": "ok",
        },
    )


def test_a_broker_that_runs_is_ok(db, settings, tmp_path):
    with redis(tmp_path) as settings.REDIS_URL:
        assert get("/healthz/ready")[1]["broker"] == "ok"


def test_a_broker_that_hangs_is_down_within_a_second(db, settings):
    with socket.create_server(("127.0.0.1", 0)) as hung:  # takes the call and never says a word
        settings.REDIS_URL = f"redis://127.0.0.1:{hung.getsockname()[1]}/0"
        started = time.monotonic()
        assert get("/healthz/ready")[1]["broker"] == "down"
        assert time.monotonic() - started < 2


def test_without_an_active_release_it_is_not_ready(db, no_broker):
    make_release(active=False)
    code, body = get("/healthz/ready")
    assert (code, body["status"], body["release"]) == (503, "unready", "missing")


def test_with_a_migration_pending_it_is_not_ready(db, no_broker, monkeypatch):
    make_release()
    known = health._migrations_of_this_code()
    assert ("triage", "0001_initial") in known
    later = frozenset({*known, ("triage", "0099_later")})
    monkeypatch.setattr(health, "_migrations_of_this_code", lambda: later)
    code, body = get("/healthz/ready")
    assert (code, body["migrations"], body["release"]) == (503, "pending", "unknown")


def test_before_the_first_migration_it_is_not_ready(db, no_broker):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO pg_catalog")  # a database without our tables
    code, body = get("/healthz/ready")
    assert (code, body["database"], body["migrations"]) == (503, "ok", "pending")


def test_migrations_of_newer_code_do_not_make_old_code_unready(db):
    """While a new version rolls out, the old one still runs on the migrated database."""
    applied = set(MigrationRecorder(connection).migration_qs.values_list("app", "name"))
    assert health._migrations_of_this_code() <= applied
    assert not health._has_pending_migrations()


def test_without_a_database_it_is_not_ready_and_says_so(no_broker, no_database):
    code, body = get("/healthz/ready")
    assert (code, body["database"]) == (503, "down")
    for address in ("/healthz/intake", "/healthz/worker", "/healthz/outbox"):
        assert get(address) == (503, {"status": "unknown"})
    assert get("/healthz/live")[0] == 200


def test_ready_costs_two_queries(db, no_broker, django_assert_max_num_queries):
    make_release()
    client = Client()
    client.cookies["sessionid"] = "x" * 32
    health._migrations_of_this_code()
    with django_assert_max_num_queries(3):
        client.get("/healthz/ready")


def test_worker_follows_the_heartbeat(site, people, storage):
    make_release()
    assert get("/healthz/worker") == (
        503,
        {"status": "delayed", "last_beat": None, "queued": 0, "oldest_queued_seconds": None},
    )
    beat("inference")
    make_case(site, people.clinician, CaseState.RECEIVED)
    code, body = get("/healthz/worker")
    assert (code, body["status"], body["queued"]) == (200, "ok", 1)
    assert 0 <= body["oldest_queued_seconds"] < 60
    Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=5))
    assert get("/healthz/worker")[0] == 503


def test_files_that_meet_a_fault_here_again_and_again_are_said(site, people, storage, no_broker):
    """Their cases arrive until an operator has mended it; the site stays ready, since it takes more."""
    make_release()
    beat("intake")
    arrive_case(
        sender=people.clinician,
        site=site,
        files=[incoming()],
        details=CaseDetails(body_part=BodyPart.WRIST),
        source=Source.API,
    )
    DecodeJob.objects.update(interruptions=2)  # a hiccup
    assert get("/healthz/intake")[1]["status"] == "ok"
    assert get("/healthz/ready")[1]["arriving"] == "ok"
    DecodeJob.objects.update(interruptions=3)
    code, body = get("/healthz/intake")
    assert (code, body["status"], body["interrupted"]) == (503, "interrupted", 1)
    code, body = get("/healthz/ready")
    assert (code, body["arriving"]) == (200, "interrupted")


def test_a_site_whose_release_was_set_aside_is_ready_and_says_that_no_model_reads(db, no_broker):
    """Cases are read without it: taking the site out of service would stop that too."""
    release = make_release()
    beat("inference")
    Release.objects.filter(pk=release.pk).update(
        is_active=False, state=ReleaseState.SET_ASIDE, problem="A file is missing."
    )
    code, body = get("/healthz/ready")
    assert (code, body["status"], body["release"]) == (200, "ok", "none_active")
    code, body = get("/healthz/worker")
    assert (code, body["status"]) == (503, "no_release")
    request_check(release)
    assert get("/healthz/ready")[0] == 200


def test_a_release_in_doubt_delays(db, no_broker):
    suspend(make_release(), STOPPED)
    beat("inference")
    assert get("/healthz/ready")[0] == 200
    code, body = get("/healthz/worker")
    assert (code, body["status"]) == (503, "delayed")


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_kept_and_nothing_is_written(db, no_broker, address):
    answer = Client().get(address)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"] == "application/json"
    assert not answer.cookies
    assert Client().head(address).status_code == answer.status_code
    for method in ("post", "put", "delete"):
        assert getattr(Client(), method)(address).status_code == 405


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_private_is_returned(site, people, storage, no_broker, address):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    text = Client().get(address).content.decode()
    for secret in (str(case.pk), case.accession_number, site.slug, "127.0.0.1", "callus"):
        assert secret not in text


def test_outbox_tells_how_long_events_wait_and_how_many_were_lost(db):
    none = {"oldest_undelivered_seconds": None, "forgotten": 0, "last_forgotten_at": None}
    assert get("/healthz/outbox") == (200, {"status": "ok", **none})
    emit(Act.SIGNED_IN, make_user(), actor=None)
    assert 0 <= get("/healthz/outbox")[1]["oldest_undelivered_seconds"] < 60
    mark_delivered(claim(1))
    assert get("/healthz/outbox") == (200, {"status": "ok", **none})
    OutboxLoss.objects.create(events=3, last_at=timezone.now())
    body = get("/healthz/outbox")[1]
    assert body["forgotten"] == 3 and body["last_forgotten_at"]
