"""Verifies the hash chains of the audit trail: a pure walk over its rows, and the reading of them."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import timedelta
from itertools import groupby

from django.db import connection, transaction

# The time limit of one fetch. The usual limit of 30 s is meant for requests; a long trail on a busy disk
# takes more.
FETCH_TIMEOUT = timedelta(minutes=10)
ROWS_PER_FETCH = 2000  # about 2 MB in memory; psycopg's 100 would cost twenty times the round trips

# In the order of the index audit_number_is_one_per_chain. The order names the table's columns: a bare
# "number" would be the text that is selected, and "10" comes before "2".
ROWS = """
    SELECT id, previous_hash, hash, version::text, site_id::text, number::text,
        to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor_id::text, host(address),
        verb, subject_type, subject_id, detail::text, request_id
    FROM accounts_auditentry AS entry ORDER BY entry.site_id, entry.number
"""


class BrokenChain(Exception):
    """Somebody has rewritten the trail. The message names the first row that shows it."""


@dataclass(frozen=True)
class Content:
    """What the hash of a row covers besides the hash of the row before it, as text, in this order."""

    version: str
    site: str | None
    number: str
    at: str
    actor: str | None
    address: str | None
    verb: str
    subject_type: str
    subject_id: str
    detail: str
    request_id: str

    @property
    def chain(self) -> str:
        return f"site {self.site}" if self.site else "the installation"


@dataclass(frozen=True)
class TrailRow:
    id: int
    previous_hash: str
    hash: str
    content: Content


@dataclass(frozen=True)
class OldPart:
    """The rows of a chain that have the first format: numbers 1 to ``last``, whose time is ``until``."""

    chain: str
    last: int
    until: str


@dataclass(frozen=True)
class Verified:
    """``count``: rows that were walked. ``old``: one part for each chain that begins in the first format."""

    count: int
    old: tuple[OldPart, ...]


def verify(rows: Iterable[TrailRow]) -> Verified:
    """Walks ``rows``, which are sorted by chain and number, each by the format of its own version.

    It can't find a tail that was cut off, or a chain that was deleted completely.

    Raises:
        BrokenChain: at the first row that was edited, moved, back-dated, or follows a row that is missing.
    """
    count, old = 0, []
    for _, chain in groupby(rows, key=lambda row: row.content.site):
        earlier: TrailRow | None = None
        last_old: TrailRow | None = None
        for place, row in enumerate(chain, start=1):
            if problem := _problem(row, earlier, place):
                raise BrokenChain(
                    f"Audit entry {row.id} of {row.content.chain} breaks the chain: {problem}."
                )
            earlier, count = row, count + 1
            last_old = row if row.content.version == "1" else last_old
        if last_old is not None:
            old.append(
                OldPart(last_old.content.chain, int(last_old.content.number), last_old.content.at)
            )
    return Verified(count, tuple(old))


def _problem(row: TrailRow, earlier: TrailRow | None, place: int) -> str:
    """What is wrong with a row after ``earlier``; "" if nothing is."""
    if int(row.content.number) != place:
        return f"it is number {row.content.number} where number {place} is due"
    if row.previous_hash != (earlier.hash if earlier else ""):
        return "it does not follow the row before it"
    if row.hash != _hash(row):
        return "its content was changed"
    if earlier and row.content.version < earlier.content.version:
        return "it has an older format than the row before it"
    # Version 1 took the web server's clock, so its times may run back.
    if earlier and row.content.version != "1" and row.content.at < earlier.content.at:
        return "it is dated before the row before it"
    return ""


def _hash(row: TrailRow) -> str:
    """The hash that the trigger gave the row, by the format of its version."""
    content = row.content
    if content.version == "1":
        texts = [
            *(row.previous_hash, content.at, content.site or "", content.actor or ""),
            *(content.verb, content.subject_type, content.subject_id),
            *(content.detail, content.request_id),
        ]
        return _sha256("|".join(texts))
    return _sha256("".join(map(_field, (*astuple(content), row.previous_hash))))


# "5:north", and "-" for NULL. The length in front makes it clear where a field ends, so no two different
# rows have one text: neither by a separator inside a field nor by an empty field in place of none.
def _field(value: str | None) -> str:
    """A value behind its length in bytes, "-" for NULL: the SQL function accounts_audit_field."""
    return "-" if value is None else f"{len(value.encode())}:{value}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def stored_rows() -> Iterator[Iterator[TrailRow]]:
    """All rows of the trail as they stood at one moment, read through a cursor on the server.

    A client's cursor would hold the whole trail in memory.
    """
    with transaction.atomic():
        with connection.cursor() as settings:
            settings.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            limit = int(FETCH_TIMEOUT.total_seconds() * 1000)
            settings.execute("SELECT set_config('statement_timeout', %s, true)", [str(limit)])
        with connection.connection.cursor(name="audit_trail") as cursor:
            cursor.itersize = ROWS_PER_FETCH
            cursor.execute(ROWS)
            yield (
                TrailRow(number, previous_hash, digest, Content(*content))
                for number, previous_hash, digest, *content in cursor
            )
