"""A lock between a transaction that dates a new case by a site's table of waits, and one that changes it.

A pass of re-dating sees committed cases only. A case that was dated by the old table and committed after
the pass had gone by would keep its old deadline, so the table can't change between the reading of it and
the commit of the new case. It is an advisory lock, so it blocks no other work on the site's rows. Commit or
rollback releases it. It comes before jobs, cases and the audit chain in the order of locks.
"""

from uuid import UUID

from django.db import connection

KEY = "hashtextextended('triage_waits:' || %s, 0)"


def keep_table(site_id: UUID) -> None:
    """Keeps the site's table as it is until the transaction ends. Many may do so at once."""
    _lock(f"SELECT pg_advisory_xact_lock_shared({KEY})", site_id)


def hold_table_to_change_it(site_id: UUID) -> None:
    """Waits for those who keep the site's table, and shuts out everybody else until the transaction ends."""
    _lock(f"SELECT pg_advisory_xact_lock({KEY})", site_id)


def _lock(sql: str, site_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [str(site_id)])
