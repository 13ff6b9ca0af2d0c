"""Writes the audit trail. Call it last in a service's transaction: its lock is held until commit."""

from typing import Any

from allauth.core import context
from django.db import models
from django_guid import get_guid

from accounts.contention import note_commit
from accounts.models import AuditEntry, Site, User
from accounts.requests import client_address


def record(
    verb: str, subject: models.Model, *, actor: User | None, site: Site | None = None, **detail: Any
) -> None:
    """Appends one act, with the client's address where a request asked for it.

    Args:
        verb: what was done, as ``noun.past_participle``: ``case.received``.
        subject: what it was done to.
        actor: who did it; None is the system itself.
        site: whose chain it joins; None is the installation's own.
        detail: JSON-ready ids, states and field names. Never a patient's data.
    """
    address = client_address(context.request)
    AuditEntry.objects.create(
        site=site,
        actor=actor,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        detail=detail,
        request_id=get_guid() or "",
        address=str(address) if address else None,
    )
    note_commit()
