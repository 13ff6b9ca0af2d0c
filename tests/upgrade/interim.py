"""Interim opinions that an older intake worker left in the rows of the cases that it decided."""

import psycopg

BEFORE = "0072"  # the triage migration up to which such rows could come
SAID = '{"interim_fracture": "none", "treated_as": "other", "note": "A collar"}'
LEAVE = """
    UPDATE public.triage_case SET interim_given = %s
    WHERE id IN (
        (SELECT id FROM public.triage_case WHERE closed_at IS NULL ORDER BY id LIMIT 2)
        UNION (SELECT id FROM public.triage_case WHERE state = 'reviewed' ORDER BY id LIMIT 1)
    )
    RETURNING id, sender_id, received_at
"""
RECORDED = """
    SELECT case_id, author_id, recorded_at FROM public.triage_interimopinion
    WHERE (interim_fracture, treated_as, note) = ('none', 'other', 'A collar')
"""


def leave(owner: psycopg.Connection) -> set[tuple]:
    """Case, author and time of each one that is left."""
    return set(owner.execute(LEAVE, [SAID]).fetchall())


def recorded(owner: psycopg.Connection) -> set[tuple]:
    return set(owner.execute(RECORDED).fetchall())
