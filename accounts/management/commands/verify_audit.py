"""Walks every chain of the audit trail and says whether anybody has rewritten it."""

import hashlib
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

ROWS = """
    SELECT id, coalesce(site_id::text, ''), previous_hash, hash, concat_ws('|',
        to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        coalesce(site_id::text, ''), coalesce(actor_id::text, ''),
        verb, subject_type, subject_id, detail::text, request_id)
    FROM accounts_auditentry ORDER BY site_id NULLS FIRST, id
"""


class Command(BaseCommand):
    help = "Verifies the hash chains of the audit trail; exits with 1 at the first broken row."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        with connection.cursor() as cursor:
            cursor.execute(ROWS)
            for site, rows in groupby(cursor, key=lambda row: row[1]):
                previous = ""
                for number, _, claimed_previous, claimed, content in rows:
                    text = f"{previous}|{content}"
                    if claimed_previous != previous or claimed != _sha256(text):
                        chain = f"site {site}" if site else "the installation"
                        raise CommandError(f"Audit entry {number} of {chain} breaks the chain.")
                    previous, count = claimed, count + 1
        self.stdout.write(f"{count} audit entries, every chain whole.")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
