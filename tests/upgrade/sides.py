"""Side and projection of the pictures of before: what the migration knows of them, in every kind of case."""

from dataclasses import dataclass
from uuid import UUID

import psycopg

from tests.upgrade.headers import copy_row


@dataclass(frozen=True)
class Kind:
    """``kinds``: of the pictures. ``known``: side and projection of each picture afterwards."""

    side: str
    projection: str
    kinds: tuple[str, ...]
    known: tuple[tuple[str, str], ...]
    state: str = "reviewed"


KINDS = {
    "the only picture": Kind("L", "PA", ("dicom",), (("L", "PA"),)),
    "the sender's word of all": Kind("R", "LL", ("png", "jpeg"), (("R", "LL"), ("R", "LL"))),
    "several views": Kind("B", "SEVERAL", ("png", "png"), (("B", ""), ("B", ""))),
    "perhaps a header's": Kind("L", "", ("dicom", "png"), (("", ""), ("", ""))),
    "nothing said": Kind("", "", ("png",), (("", ""),)),
}


def send(owner: psycopg.Connection) -> None:
    """Writes KINDS into a database of the version before, as copies of a case and a picture of its dump."""
    for number, (name, kind) in enumerate(KINDS.items(), start=1):
        case_id = str(UUID(int=1_000_000 + number))
        case = {
            "id": case_id,
            "state": kind.state,
            "side": kind.side,
            "projection": kind.projection,
            "closed_at": "2026-11-26T14:00Z",
            "accession_number": name,
        }
        copy_row(owner, "triage_case", "state = 'received'", case)
        for position, file_kind in enumerate(kind.kinds, start=1):
            image = {
                "id": str(UUID(int=1_000_000 + 100 * number + position)),
                "case_id": case_id,
                "position": position,
                "kind": file_kind,
                "sha256": f"{position:064x}",
            }
            copy_row(owner, "triage_image", "true", image)


def known(owner: psycopg.Connection) -> dict[str, tuple[tuple[str, str], ...]]:
    """Name of a case of KINDS → side and projection of its pictures."""
    rows = owner.execute(
        "SELECT c.accession_number, array_agg(i.side ORDER BY i.position),"
        " array_agg(i.projection ORDER BY i.position)"
        " FROM triage_case AS c JOIN triage_image AS i ON i.case_id = c.id"
        " WHERE c.accession_number = ANY(%s) GROUP BY 1",
        [list(KINDS)],
    )
    return {name: tuple(zip(sides, views, strict=True)) for name, sides, views in rows}
