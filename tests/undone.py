"""One world for many tries: what a try does is undone after it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """Rolls back what the block did in the database. Files stay."""
    block = transaction.atomic()
    block._from_testcase = True  # what must be outermost in the product may begin in it
    with block:
        yield
        transaction.set_rollback(True)
