"""The ids of the cases that Find finds, with how well they match."""

import re
from collections.abc import Iterator
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery, Value
from django.db.models.expressions import OuterRef
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan

from accounts.access import held_sites
from accounts.models import User
from triage.models import Case, Image
from triage.models.case import SHORT_ID
from triage.models.keys import key_field, key_of
from triage.worklist.keyset import Key
from triage.worklist.merged import THIS_SITE, Sql, compiled, first_rows

# Hits read. A reader with more hits types more: nobody reads a thousand rows.
MOST_HITS = 1_000
# No index serves a part of a word, so only so many of the newest cases are searched for it.
NEWEST = 1_000
# For a reader of more than 50 sites, whose share of NEWEST would be smaller than a day's cases of one site.
FEWEST_OF_A_SITE = 20
# Keys are compared by code points. So all texts that begin with "x" lie between "x" and "x" with the last
# code point behind it: a range, which an index serves.
LAST_LETTER = "\U0010ffff"
NOT_AN_ID = " .\u2026"  # lists write the short id behind an ellipsis


class Kind(StrEnum):
    """The field of a case that matches."""

    ACCESSION = "accession_number"
    PATIENT = "patient_reference"
    FILE = "file_name"
    ID = "id"


class Rank(IntEnum):
    """How well a field matches; the best first."""

    WHOLE = 0
    BEGINNING = 1
    PART = 2


def hits(user: User, text: str) -> tuple[dict[UUID, tuple[Rank, set[Kind]]], bool]:
    """Returns case id → (best rank, matched fields), and whether there are more."""
    sites = held_sites(user)
    order = (Key("rank"), Key("id", descending=True))
    branches = [*_wholes(text), *_beginnings(text)]
    rows = first_rows(sites, branches, ["id", "kind", "rank"], order, MOST_HITS + 1)
    too_many = len(rows) > MOST_HITS
    of_a_site = max(FEWEST_OF_A_SITE, NEWEST // max(1, sites.count()))
    part = first_rows(sites, [_part(text, of_a_site)], ["id", *PARTS], order[1:], NEWEST)
    rows += [
        (row[0], kind, Rank.PART)
        for row in part
        for kind, hit in zip(PARTS, row[1:], strict=True)
        if hit
    ]
    found: dict[UUID, tuple[Rank, set[Kind]]] = {}
    for case_id, kind, rank in rows:
        best, kinds = found.get(case_id, (Rank(rank), set()))
        found[case_id] = (min(best, Rank(rank)), kinds | {Kind(kind)})
    return found, too_many


def _wholes(text: str) -> Iterator[Sql | None]:
    """The newest cases with a key that equals the text."""
    typed = key_of(Value(text))
    for kind, condition in (
        (Kind.ACCESSION, Q(accession_key=typed)),
        (Kind.PATIENT, Q(patient_key=typed)),
        (Kind.ID, _id(text)),
    ):
        if condition:
            cases = Case.objects.filter(condition, site_id=THIS_SITE)
            yield _newest(cases, "id", kind, Rank.WHOLE)
    images = Image.objects.filter(site_id=THIS_SITE, file_name_key=typed)
    yield _newest(images.distinct(), "case_id", Kind.FILE, Rank.WHOLE)


def _newest(rows: QuerySet, column: str, kind: Kind, rank: Rank) -> Sql | None:
    ranked = rows.annotate(found_in=Value(kind.value), rank=Value(int(rank))).order_by(f"-{column}")
    return compiled(ranked.values_list(column, "found_in", "rank")[: MOST_HITS + 1])


def _id(text: str) -> Q:
    """Empty if the text can't be the id of a case."""
    text = text.strip(NOT_AN_ID).lower()
    if re.fullmatch(f"[0-9a-f]{{{SHORT_ID}}}", text, re.ASCII):
        return Q(short_id=text)
    if re.fullmatch(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", text, re.ASCII):
        return Q(pk=UUID(text))
    return Q()


def _beginnings(text: str) -> Iterator[Sql | None]:
    """Cases with a longer key that begins with the text. If there are too many, some of them."""
    typed = key_of(Value(text))
    beyond = Concat(typed, Value(LAST_LETTER), output_field=key_field())
    for rows, key, column, kind in (
        (Case.objects, "accession_key", "id", Kind.ACCESSION),
        (Case.objects, "patient_key", "id", Kind.PATIENT),
        (Image.objects, "file_name_key", "case_id", Kind.FILE),
    ):
        within: QuerySet = rows.filter(
            **{f"{key}__gt": typed, f"{key}__lt": beyond}, site_id=THIS_SITE
        )
        within = within.annotate(found_in=Value(kind.value), rank=Value(int(Rank.BEGINNING)))
        # In the order of the index, so that its range is walked and not gathered and sorted.
        yield compiled(
            within.order_by(key).values_list(column, "found_in", "rank")[: MOST_HITS + 1]
        )


PARTS = (Kind.ACCESSION, Kind.PATIENT, Kind.FILE)


def _part(text: str, of_a_site: int) -> Sql | None:
    """Those of a site's newest cases that have a key with the text inside."""
    typed = key_of(Value(text))

    def has(key: str) -> Any:
        return GreaterThan(StrIndex(key, typed), 0)

    # A subquery with a LIMIT is run for each case by the index; EXISTS could become a scan of all images.
    files = Image.objects.filter(has("file_name_key"), case=OuterRef("pk")).values("case_id")[:1]
    newest: QuerySet = Case.objects.filter(site_id=THIS_SITE).annotate(
        in_accession=has("accession_key"), in_patient=has("patient_key"), in_file=Subquery(files)
    )
    newest = newest.order_by("-id").values_list("id", "in_accession", "in_patient", "in_file")
    looked = compiled(newest[:of_a_site])
    # Filtered outside of the LIMIT: inside it, a rare text would have a site's whole history read. The LIMIT
    # bounds the rows that are scanned, and the WHERE keeps those of them that have the text.
    return looked and (
        f"SELECT * FROM ({looked[0]}) AS looked "  # noqa: S608
        "WHERE in_accession OR in_patient OR in_file IS NOT NULL",
        looked[1],
    )
