"""Claims of the version before, which were two columns of the case; its dump has none."""

import psycopg

TAKE = """
    UPDATE triage_case AS c
    SET claimed_by_id = c.sender_id, claimed_until = now() + n.lasts
    FROM (
        SELECT id, CASE row_number() OVER (ORDER BY id) WHEN 1 THEN interval '1 hour'
            WHEN 2 THEN interval '-1 hour' END AS lasts
        FROM triage_case WHERE state = 'received'
    ) AS n
    WHERE n.id = c.id AND n.lasts IS NOT NULL
    RETURNING c.id, c.sender_id, c.claimed_until
"""


def take(owner: psycopg.Connection) -> list[tuple]:
    """Takes one claim that runs and one that has run out. Returns case, reader and end of each."""
    owner.execute("SET search_path = public")
    return owner.execute(TAKE).fetchall()


def going_on(owner: psycopg.Connection) -> list[tuple]:
    """Case, reader and end of every reading that goes on."""
    return owner.execute(
        "SELECT case_id, reader_id, claimed_until FROM public.triage_reading WHERE ended_at IS NULL"
    ).fetchall()
