"""Open cases of the version before as intake wrote them from DICOM headers; its dump has none."""

from dataclasses import dataclass
from uuid import UUID

import psycopg


@dataclass(frozen=True)
class Sent:
    """``pictures``: kind and header's part of each. ``from_header``: what the migration makes of it."""

    body_part: str
    projection: str
    pictures: tuple[tuple[str, str], ...]
    from_header: list[str]
    state: str = "received"


SENT = {
    "filled from the first picture": Sent(
        "HAND", "AP", (("dicom", "HAND"), ("dicom", "CHEST")), ["body_part", "projection"]
    ),
    "filled from the first word that was known": Sent(
        "SKULL", "", (("dicom", "THORAX"), ("dicom", "SKULL"), ("png", "")), ["body_part"]
    ),
    "a device's word": Sent("FOREARM", "", (("dicom", "RADIUS/ULNA"),), ["body_part"]),
    "the sender's word against the header's": Sent(
        "WRIST", "", (("dicom", "CHEST"), ("dicom", "WRIST")), []
    ),
    "no header": Sent("WRIST", "PA", (("png", ""), ("png", "")), []),
    "the view of its only picture": Sent("WRIST", "PA", (("dicom", ""),), []),
    "closed": Sent("HAND", "AP", (("dicom", "HAND"), ("dicom", "CHEST")), [], "reviewed"),
}


def send(owner: psycopg.Connection) -> None:
    """Writes SENT into a database of the version before, as copies of a case and a picture of its dump."""
    for number, (name, sent) in enumerate(SENT.items(), start=1):
        case_id = str(UUID(int=number))
        closed_at = None if sent.state == "received" else "2026-11-26T14:00Z"
        case = {
            "id": case_id,
            "state": sent.state,
            "body_part": sent.body_part,
            "projection": sent.projection,
            "closed_at": closed_at,
            "accession_number": name,
        }
        copy_row(owner, "triage_case", "state = 'received'", case)
        for position, (kind, word) in enumerate(sent.pictures, start=1):
            picture_id, digest = str(UUID(int=100 * number + position)), f"{position:064x}"
            image = {
                "id": picture_id,
                "case_id": case_id,
                "position": position,
                "kind": kind,
                "body_part_examined": word,
                "sha256": digest,
            }
            copy_row(owner, "triage_image", "true", image)


def copy_row(owner: psycopg.Connection, table: str, which: str, values: dict[str, object]) -> None:
    """Inserts a copy of the first row of ``table`` that fulfils ``which``, with other ``values``."""
    names = tuple(values)
    columns = owner.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
        [f"public.{table}"],
    ).fetchall()
    same = [name for (name,) in columns if name not in names]
    owner.execute(
        f"INSERT INTO public.{table} ({', '.join((*names, *same))})"
        f" SELECT {', '.join(['%s'] * len(names))}, {', '.join(same)} FROM public.{table}"
        f" WHERE {which} LIMIT 1",
        list(values.values()),
    )


def noted(owner: psycopg.Connection) -> dict[str, list[str]]:
    """Name of a case of SENT → the fields that stand there as a header's."""
    rows = owner.execute(
        "SELECT accession_number, from_header FROM triage_case WHERE accession_number = ANY(%s)",
        [list(SENT)],
    )
    return {name: sorted(fields) for name, fields in rows}
