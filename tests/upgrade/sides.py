"""Side and projection of the pictures of before: what the migration knows of them, in every sort of case."""

from dataclasses import dataclass
from uuid import UUID

import psycopg

from tests.upgrade.headers import copy_row


@dataclass(frozen=True)
class OldCase:
    """``formats``: of the pictures. ``known``: side and projection of each picture afterwards."""

    side: str
    projection: str
    formats: tuple[str, ...]
    known: tuple[tuple[str, str], ...]
    state: str = "reviewed"


OLD_CASES = {
    "the only picture": OldCase("L", "PA", ("dicom",), (("L", "PA"),)),
    "the sender's word of all": OldCase("R", "LL", ("png", "jpeg"), (("R", "LL"), ("R", "LL"))),
    "several views": OldCase("B", "SEVERAL", ("png", "png"), (("B", ""), ("B", ""))),
    "perhaps a header's": OldCase("L", "", ("dicom", "png"), (("", ""), ("", ""))),
    "nothing said": OldCase("", "", ("png",), (("", ""),)),
}


def send(owner: psycopg.Connection) -> None:
    """Writes OLD_CASES into a database of the version before, as copies of a case and a picture of it."""
    for number, (name, old) in enumerate(OLD_CASES.items(), start=1):
        case_id = str(UUID(int=1_000_000 + number))
        case = {
            "id": case_id,
            "state": old.state,
            "side": old.side,
            "projection": old.projection,
            "closed_at": "2026-11-26T14:00Z",
            "accession_number": name,
        }
        copy_row(owner, "triage_case", "state = 'received'", case)
        for position, file_format in enumerate(old.formats, start=1):
            image = {
                "id": str(UUID(int=1_000_000 + 100 * number + position)),
                "case_id": case_id,
                "position": position,
                "kind": file_format,
                "sha256": f"{position:064x}",
            }
            copy_row(owner, "triage_image", "true", image)


def known(owner: psycopg.Connection) -> dict[str, tuple[tuple[str, str], ...]]:
    """Name of a case of OLD_CASES → side and projection of its pictures."""
    rows = owner.execute(
        "SELECT c.accession_number, array_agg(i.side ORDER BY i.position),"
        " array_agg(i.projection ORDER BY i.position)"
        " FROM triage_case AS c JOIN triage_image AS i ON i.case_id = c.id"
        " WHERE c.accession_number = ANY(%s) GROUP BY 1",
        [list(OLD_CASES)],
    )
    return {name: tuple(zip(sides, views, strict=True)) for name, sides, views in rows}
