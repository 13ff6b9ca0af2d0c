"""Ids of everything a URL can name."""

import uuid
from datetime import datetime

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A UUIDv7: ordered in time, so an index stays dense; 74 random bits, so nothing to guess."""
    return uuid7()


def first_id_of(moment: datetime) -> uuid.UUID:
    """Below every id that is made at ``moment`` or later: a primary key's index finds the newest rows.

    RFC 9562, 5.7: the first 48 bits are milliseconds since 1970.
    """
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
