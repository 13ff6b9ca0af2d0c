"""Clock and chance that stand still, so that two stacks of data can be equal."""

import itertools
import random
import re
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.db.models.functions import Now

from triage.models import Change
from triage.web.type_set import type_set


def _clock_at(moment: datetime) -> type:
    class Clock:
        """What ``{% now %}`` asks."""

        @staticmethod
        def now(tz: Any = None) -> datetime:
            return moment.astimezone(tz)

    return Clock


def _at_the_transaction(self: Now, compiler: Any, connection: Any, **context: Any) -> Any:
    """Now() is the time of the statement otherwise."""
    return self.as_sql(compiler, connection, template="TRANSACTION_TIMESTAMP()", **context)


class Still:
    """Clock and chance, which begin again for each stack."""

    def __init__(self, monkeypatch: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT now()")  # of the test's transaction, so it stands still too
            (self.moment,) = cursor.fetchone()
        self.begin_again()
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.moment)
        monkeypatch.setattr("time.time", lambda: self.moment.timestamp())
        monkeypatch.setattr("django.template.defaulttags.datetime", _clock_at(self.moment))
        monkeypatch.setattr(Now, "as_postgresql", _at_the_transaction)
        monkeypatch.setattr("accounts.identifiers.uuid7", self.next_id)
        monkeypatch.setattr(
            "uuid.uuid4", lambda: uuid.UUID(int=self.chance.getrandbits(128), version=4)
        )
        monkeypatch.setattr("secrets.choice", lambda given: self.chance.choice(given))
        # The stamp is a digest of random ids: as many writes at the same sites count as the same stamp here.
        monkeypatch.setattr("triage.web.live.stamp_of", lambda sites: repr(changes_of(sites)))

    def begin_again(self) -> None:
        self.chance, self.numbers = random.Random(1), itertools.count()
        caches["default"].clear()
        type_set.cache_clear()  # a process asks once what a release's manifest says, in whatever stack

    def without_chance(self, body: bytes) -> bytes:
        """Without tokens and keys that were drawn for this answer, and times that the database wrote in it.

        No deadline lies within five minutes: nothing that a model says is left out.
        """
        shown = rb'(?<=/tokens/)[0-9a-f]+|(?<="known" value=")[0-9a-f]+|(?<="key":")[0-9a-f]{15}'
        body = re.sub(shown, b"drawn", body)
        drawn = rb"\b[0-9a-f]{32,}\b|\b[0-9a-f]{8}(?=\xe2\x80\xa6)"
        body = re.sub(drawn, b"drawn", body)
        body = re.sub(rb"(?:(?<=, )|(?<=-\d\d ))\d\d:\d\d", self._unless_this_minute, body)
        return re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)", self._unless_now, body)

    def _unless_now(self, found: re.Match[bytes]) -> bytes:
        at = datetime.fromisoformat(found[0].decode())
        return b"now" if abs(at - self.moment) < timedelta(minutes=5) else found[0]

    def _unless_this_minute(self, found: re.Match[bytes]) -> bytes:
        minutes = (self.moment + timedelta(minutes=number) for number in range(5))
        return b"now" if found[0].decode() in {f"{at:%H:%M}" for at in minutes} else found[0]

    def next_id(self) -> uuid.UUID:
        milliseconds = int(self.moment.timestamp() * 1000)
        return uuid.UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | next(self.numbers))


def changes_of(sites: Iterable[Any]) -> list[tuple[str, int]]:
    sites = sorted(str(site) for site in sites)
    return [(site, Change.objects.filter(site_id=site).count()) for site in sites]
