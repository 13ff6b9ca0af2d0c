"""Which stored files do rows name? A file that no row names belongs to nobody."""

from collections.abc import Collection

from triage.models import Image


def named_originals(names: Collection[str]) -> set[str]:
    """Those of ``names`` that a row has as its original."""
    # The prefix is the condition of the unique index, which PostgreSQL takes only if the query repeats it.
    rows = Image.objects.filter(original__startswith=Image.ARRIVED, original__in=names)
    return set(rows.values_list("original", flat=True))
