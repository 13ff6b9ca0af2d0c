"""Whether anything that a worklist shows has changed, without reading the list.

Triggers write a ``Change`` beside each write, in its transaction. The stamp of some sites is a digest of
the ids of their changes that can be seen now. A reader of the stamp and then of the rows may keep
the rows until the stamp is another one; ``docs/decisions/0013-stamps.md`` says why nothing is missed.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from triage.models.change import EVERY_SITE

CHANGES_PER_SITE = 16  # rows: each open list reads those of its sites with every poll

# The live claims are counted too: a claim expires without a write. If the digest is unchanged, no claim was
# made or renewed, so an equal count means the same claims. They are counted once by the database's clock (it
# decides "claimed by me") and once by the web server's (it decides the text of a row): one may lag behind.
_STAMP = """
    SELECT
        (SELECT encode(sha256(convert_to(string_agg(id::text, ',' ORDER BY id), 'UTF8')), 'hex')
         FROM triage_change WHERE site_id = ANY(%(changed)s)),
        count(*) FILTER (WHERE claimed_until > now()),
        count(*) FILTER (WHERE claimed_until > %(now)s)
    FROM triage_reading
    WHERE site_id = ANY(%(sites)s) AND ended_at IS NULL AND claimed_until > least(now(), %(now)s)
"""

# One statement: whoever sees that changes are gone sees the new one as well, whose id no stamp ever held.
# SKIP LOCKED: two sweeps at once share the work and don't wait for each other.
_PRUNE = """
    WITH crowded AS (
        SELECT site_id FROM triage_change GROUP BY site_id HAVING count(*) > %(most)s
    ), old AS (
        SELECT id FROM triage_change JOIN crowded USING (site_id)
        FOR NO KEY UPDATE OF triage_change SKIP LOCKED
    ), gone AS (
        DELETE FROM triage_change USING old WHERE triage_change.id = old.id
        RETURNING triage_change.site_id
    )
    INSERT INTO triage_change (site_id) SELECT DISTINCT site_id FROM gone
"""


def stamp_of(sites: Collection[UUID]) -> str:
    """A text that changes as soon as a row of ``sites`` may look different. Read it before the rows."""
    values: dict[str, Any] = {
        "sites": list(sites),
        "changed": [*sites, EVERY_SITE],
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STAMP, values)
        return "/".join(str(value) for value in cursor.fetchone())


def prune_changes() -> None:
    """Replaces many changes of a site by one. The stamp changes once by that."""
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE, {"most": CHANGES_PER_SITE})
