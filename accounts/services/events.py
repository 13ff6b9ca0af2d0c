"""Writes the audit trail and the outbox; nothing else does.

Call ``emit`` last in a service's transaction. The trail's trigger takes the lock of the site's chain, since
two rows that follow the same row would break it, and holds it until commit, since a row that is rolled back
must leave no gap. So one site's acts come one after the other, and whatever is done after ``emit`` keeps all
others of that site waiting.

* There is a chain for each site, and one for the installation itself: a single one would make every clinic
  wait for every other. Sign-ins join the installation's, where each is a transaction of one insert.
* It is an advisory lock, since a chain that has no row yet has nothing else that could be locked.
* Who emits into several chains does so in the order of the sites' keys, the installation's last: else two
  could wait for each other.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from allauth.core import context
from django.db import models
from django_guid import get_guid

from accounts.acts import Act
from accounts.contention import note_commit
from accounts.models import AuditEntry, Site, User
from accounts.requests import client_address

_ALWAYS_PRIVATE = frozenset({"password"})


def emit(
    act: Act,
    subject: models.Model,
    *,
    actor: User | None,
    site: Site | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    private: Collection[str] = (),
    **facts: Any,
) -> AuditEntry:
    """Appends one act to the audit trail, and with it a message to the outbox.

    One statement: a trigger of the trail writes the outbox row. So neither is without the other, and the
    chain's lock isn't held for a second round trip.

    Args:
        subject: what it was done to.
        actor: who did it; None is the system itself.
        site: whose chain it joins; None is the installation's own.
        before, after: field → value of the changed fields. {} before a creation, and after a deletion.
        private: names of changed fields whose values aren't stored: a patient's data, an opinion, a password.
        facts: what else is worth knowing: ids, counts, states, codes. Never a patient's data.

    Raises:
        ValueError: a changing act without ``before`` and ``after``, or a value that the subject's class
            lists in ``PRIVATE_FIELDS``.
    """
    entry = event(
        act, subject, actor=actor, site=site, before=before, after=after, private=private, **facts
    )
    emit_all([entry])
    return entry


def emit_all(events: Sequence[AuditEntry]) -> None:
    """Appends what ``event`` made, in one statement: a batch's cases hold their chains for one round trip.

    The caller has put them in the order of the sites' keys.
    """
    if events:
        AuditEntry.objects.bulk_create(events)
        note_commit()


def event(
    act: Act,
    subject: models.Model,
    *,
    actor: User | None,
    site: Site | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    private: Collection[str] = (),
    **facts: Any,
) -> AuditEntry:
    """An act that is not appended yet, for ``emit_all``. Arguments and errors are those of ``emit``."""
    return AuditEntry(
        site=site,
        actor=actor,
        verb=act.value,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        detail=_detail(act, subject, facts, before, after, private),
        request_id=get_guid() or "",
        address=_address(),
    )


def _address() -> str | None:
    """The client's address, from the request that allauth's middleware keeps.

    A Celery task or a command has none. ``client_address`` believes NUM_PROXIES, as the throttle does.
    """
    address = client_address(context.request)
    return str(address) if address else None


def _detail(
    act: Act,
    subject: models.Model,
    facts: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    private: Collection[str],
) -> dict[str, Any]:
    """``facts``; for an act that changes something also what changed. Raises as ``emit`` does."""
    if hidden := _private_fields_of(subject) & {*facts, *(before or ()), *(after or ())}:
        raise ValueError(f"{act.value} would reveal {sorted(hidden)}.")
    if not act.changes_something:
        if before is not None or after is not None or private:
            raise ValueError(f"{act.value} changes nothing.")
        return dict(facts)
    if before is None or after is None:
        raise ValueError(f"{act.value} says nothing of before and after.")
    change: dict[str, Any] = {"before": dict(before), "after": dict(after)}
    # The stored key is older than the parameter's name; the trail's rows never change.
    return {**facts, **change} | ({"untold": sorted(private)} if private else {})


def _private_fields_of(subject: models.Model) -> frozenset[str]:
    """Fields of the subject's class whose values may be in no event: its ``PRIVATE_FIELDS``."""
    return _ALWAYS_PRIVATE | getattr(subject, "PRIVATE_FIELDS", frozenset())
