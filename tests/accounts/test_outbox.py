"""The outbox: with each event, delivered at least once, forgotten in time."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from accounts.acts import Act
from accounts.models import AuditEntry, OutboxMessage
from accounts.outbox_health import OutboxHealth, outbox_health
from accounts.privileges import grant_to_application
from accounts.services import outbox
from accounts.services.events import emit
from accounts.tasks import prune_outbox
from config.celery import app
from tests.factories import make_site, make_user

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def six(committed_db):
    """Six events of one site, the oldest first."""
    site = make_site()
    return [emit(Act.SIGNED_IN, make_user(), actor=None, site=site) for _number in range(6)]


def deliver(receiver, most=2):
    """A consumer, as one would run beside the site: claims, hands over, marks. Returns when none is left."""
    while messages := outbox.claim(most):
        for message in messages:
            receiver(message.entry)
        outbox.mark_delivered(messages)


def make_older(by, **rows):
    """Moves rows back in time, as the owner could."""
    with connections["owner"].cursor() as cursor:
        for column in ("created_at", "claimed_until", "delivered_at"):
            cursor.execute(
                f"UPDATE accounts_outboxmessage SET {column} = {column} - %s WHERE entry_id = ANY(%s)",
                [by, rows["of"]],
            )


def test_an_event_and_its_message_are_there_together_or_not_at_all():
    with suppress(RuntimeError), transaction.atomic():
        emit(Act.SIGNED_IN, make_user(), actor=None)
        assert OutboxMessage.objects.count() == 1
        raise RuntimeError
    assert not OutboxMessage.objects.exists() and not AuditEntry.objects.exists()
    entry = emit(Act.SIGNED_IN, make_user(), actor=None)
    assert OutboxMessage.objects.get().entry == entry


def test_a_consumer_gets_every_event_once_in_order_when_nothing_goes_wrong(six):
    seen = []
    deliver(lambda entry: seen.append((entry.pk, entry.act)))
    assert seen == [(entry.pk, Act.SIGNED_IN) for entry in six]
    assert not OutboxMessage.objects.filter(delivered_at=None).exists()
    assert outbox.claim(10) == []


def test_two_consumers_at_once_share_the_work_and_neither_waits(six):
    both = threading.Barrier(2, timeout=20)
    seen = {"first": [], "second": []}

    def consume(name):
        try:
            with transaction.atomic():
                claimed = outbox.claim(3)
                both.wait()  # both hold their rows at this moment, and nothing is committed
            seen[name] = [message.pk for message in claimed]
            outbox.mark_delivered(claimed)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=consume, args=[name]) for name in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(seen["first"] + seen["second"]) == [entry.pk for entry in six]
    assert len(seen["first"]) == len(seen["second"]) == 3


def test_a_consumer_that_dies_after_handing_over_loses_nothing(six):
    seen = []

    def dies_at_the_third(entry):
        seen.append(entry.pk)
        if len(seen) == 3:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        deliver(dies_at_the_third)
    assert outbox.claim(10) != []  # the two that nobody claimed
    assert outbox.claim(10) == []
    held = OutboxMessage.objects.filter(delivered_at=None).values_list("pk", flat=True)
    make_older(outbox.CLAIM + timedelta(seconds=1), of=list(held))
    deliver(lambda entry: seen.append(entry.pk))
    assert set(seen) == {entry.pk for entry in six}
    assert seen.count(six[2].pk) == 2  # at least once: the receiver knows it by the entry's id
    assert OutboxMessage.objects.get(pk=six[2].pk).attempts == 2


def test_what_was_marked_stays_marked_by_the_first(six):
    claimed = outbox.claim(1)
    assert outbox.mark_delivered(claimed) == 1
    first = OutboxMessage.objects.get(pk=six[0].pk).delivered_at
    assert outbox.mark_delivered(claimed) == 0
    assert OutboxMessage.objects.get(pk=six[0].pk).delivered_at == first


def test_delivered_and_old_messages_are_forgotten_and_the_trail_is_not(six, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 2)
    outbox.mark_delivered(outbox.claim(1))
    make_older(outbox.RETENTION + timedelta(minutes=1), of=[six[1].pk, six[2].pk])
    make_older(outbox.RETENTION - timedelta(minutes=1), of=[six[3].pk])
    assert prune_outbox() == 3
    left = list(OutboxMessage.objects.order_by("pk").values_list("pk", flat=True))
    assert left == [entry.pk for entry in six[3:]]
    assert AuditEntry.objects.count() == 6


def test_what_is_forgotten_undelivered_is_counted_and_logged(six, monkeypatch, caplog):
    monkeypatch.setattr(outbox, "BATCH", 2)
    caplog.set_level("INFO", outbox.__name__)
    outbox.mark_delivered(outbox.claim(2))
    assert (prune_outbox(), outbox_health().forgotten) == (2, 0)
    assert "forgot" not in caplog.text  # what was delivered is no loss
    make_older(outbox.RETENTION + timedelta(minutes=1), of=[entry.pk for entry in six[2:5]])
    assert prune_outbox() == 3
    lines = [record.getMessage() for record in caplog.records if record.name == outbox.__name__]
    assert len(lines) == 1 and "3 events" in lines[0]
    health = outbox_health()
    assert health.forgotten == 3
    assert timezone.now() - health.last_forgotten_at < timedelta(minutes=1)
    make_older(outbox.RETENTION + timedelta(minutes=1), of=[six[5].pk])
    prune_outbox()
    assert outbox_health() == OutboxHealth(None, 4, outbox_health().last_forgotten_at)


def test_a_pass_stops_at_its_bound_and_leaves_what_a_consumer_holds(six, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 2)
    make_older(outbox.RETENTION + timedelta(days=1), of=[entry.pk for entry in six])
    with transaction.atomic(using="owner"):
        held = OutboxMessage.objects.using("owner").select_for_update(no_key=True)
        assert held.get(pk=six[0].pk)
        assert outbox.prune(batches=2) == 4
    assert OutboxMessage.objects.order_by("pk").first().pk == six[0].pk
    assert outbox.prune() == 2


def test_the_database_refuses_a_message_that_is_delivered_and_claimed(six):
    with pytest.raises(DatabaseError, match="outbox_delivered_is_not_claimed"):
        OutboxMessage.objects.filter(pk=six[0].pk).update(
            delivered_at=timezone.now(), claimed_until=timezone.now(), attempts=1
        )


def test_the_application_can_make_no_message_without_an_event(six):
    entry = six[0]
    OutboxMessage.objects.filter(pk=entry.pk).delete()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        OutboxMessage.objects.create(entry=entry)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_outboxmessage SET entry_id = entry_id + 1000",
        "CREATE TRIGGER own AFTER INSERT ON own EXECUTE FUNCTION accounts_audit_outbox()",
    ],
)
def test_the_application_can_change_no_message_s_event(six, statement):
    with connections["default"].cursor() as cursor, transaction.atomic():
        cursor.execute("CREATE TEMPORARY TABLE own (id bigint) ON COMMIT DROP")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute(statement)


def test_an_act_is_recorded_before_the_role_has_rights_on_the_outbox(six):
    """So it is for the version that still runs while the table is made."""
    role = connections["default"].settings_dict["USER"]
    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f'REVOKE ALL ON accounts_outboxmessage FROM "{role}"')
        entry = emit(Act.SIGNED_IN, make_user(), actor=None)
    finally:
        grant_to_application("owner")
    assert OutboxMessage.objects.filter(pk=entry.pk).exists()


def test_beat_asks_for_the_pruning_by_a_name_that_workers_know(settings):
    app.loader.import_default_modules()
    tasks = {entry["task"]: entry for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert set(tasks) <= set(app.tasks)
    entry = tasks[prune_outbox.name]
    assert entry["options"]["expires"] <= entry["schedule"]  # messages nobody takes don't pile up
