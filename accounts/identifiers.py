"""Ids of everything a URL can name."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A UUIDv7: ordered in time, so an index stays dense; 74 random bits, so nothing to guess."""
    return uuid7()
