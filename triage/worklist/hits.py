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
from triage.models.case_names import SHORT_ID
from triage.models.case_rules import RECEIVED
from triage.models.keys import key_field, key_of
from triage.short_names import short_id_of
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
LAST_CODE_POINT = "\U0010ffff"
NOT_AN_ID = " .\u2026"  # older lists wrote the short id behind an ellipsis


class MatchedField(StrEnum):
    """The field of a case that matches."""

    ACCESSION = "accession_number"
    PATIENT = "patient_reference"
    FILE = "file_name"
    ID = "id"


class Rank(IntEnum):
    """How well a field matches; the best first."""

    EXACT = 0
    PREFIX = 1
    SUBSTRING = 2


def hits(user: User, text: str) -> tuple[dict[UUID, tuple[Rank, set[MatchedField]]], bool]:
    """Returns case id → (best rank, matched fields), and whether there are more."""
    sites = held_sites(user)
    order = (Key("rank"), Key("id", descending=True))
    branches = [*_exact_matches(text), *_prefix_matches(text)]
    rows = first_rows(sites, branches, ["id", "field", "rank"], order, MOST_HITS + 1)
    too_many = len(rows) > MOST_HITS
    of_a_site = max(FEWEST_OF_A_SITE, NEWEST // max(1, sites.count()))
    substring_rows = first_rows(
        sites, [_substring_matches(text, of_a_site)], ["id", *SUBSTRING_FIELDS], order[1:], NEWEST
    )
    rows += [
        (row[0], field, Rank.SUBSTRING)
        for row in substring_rows
        for field, hit in zip(SUBSTRING_FIELDS, row[1:], strict=True)
        if hit
    ]
    found: dict[UUID, tuple[Rank, set[MatchedField]]] = {}
    for case_id, field, rank in rows:
        best, fields = found.get(case_id, (Rank(rank), set()))
        found[case_id] = (min(best, Rank(rank)), fields | {MatchedField(field)})
    return found, too_many


def _exact_matches(text: str) -> Iterator[Sql | None]:
    """The newest cases with a key that equals the text."""
    typed = key_of(Value(text))
    for field, condition in (
        (MatchedField.ACCESSION, Q(accession_key=typed)),
        (MatchedField.PATIENT, Q(patient_key=typed)),
        (MatchedField.ID, _id(text)),
    ):
        if condition:
            cases = Case.objects.filter(condition, RECEIVED, site_id=THIS_SITE)
            yield _newest(cases, "id", field, Rank.EXACT)
    images = Image.objects.filter(site_id=THIS_SITE, file_name_key=typed)
    yield _newest(images.distinct(), "case_id", MatchedField.FILE, Rank.EXACT)


def _newest(rows: QuerySet, column: str, field: MatchedField, rank: Rank) -> Sql | None:
    ranked = rows.annotate(found_in=Value(field.value), rank=Value(int(rank))).order_by(
        f"-{column}"
    )
    return compiled(ranked.values_list(column, "found_in", "rank")[: MOST_HITS + 1])


def _id(text: str) -> Q:
    """Empty if the text can't be the id of a case."""
    text = text.strip(NOT_AN_ID).lower()
    if said := short_id_of(text):
        return Q(short_id=said)
    if re.fullmatch(f"[0-9a-f]{{{SHORT_ID}}}", text, re.ASCII):
        return Q(short_id=text)
    if re.fullmatch(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", text, re.ASCII):
        return Q(pk=UUID(text))
    return Q()


def _prefix_matches(text: str) -> Iterator[Sql | None]:
    """Cases with a longer key that begins with the text. If there are too many, some of them."""
    typed = key_of(Value(text))
    beyond = Concat(typed, Value(LAST_CODE_POINT), output_field=key_field())
    received = Case.objects.filter(RECEIVED)
    for rows, key, column, field in (
        (received, "accession_key", "id", MatchedField.ACCESSION),
        (received, "patient_key", "id", MatchedField.PATIENT),
        (Image.objects, "file_name_key", "case_id", MatchedField.FILE),
    ):
        within: QuerySet = rows.filter(
            **{f"{key}__gt": typed, f"{key}__lt": beyond}, site_id=THIS_SITE
        )
        within = within.annotate(found_in=Value(field.value), rank=Value(int(Rank.PREFIX)))
        # In the order of the index, so that its range is walked and not gathered and sorted.
        yield compiled(
            within.order_by(key).values_list(column, "found_in", "rank")[: MOST_HITS + 1]
        )


SUBSTRING_FIELDS = (MatchedField.ACCESSION, MatchedField.PATIENT, MatchedField.FILE)


def _substring_matches(text: str, of_a_site: int) -> Sql | None:
    """Those of a site's newest cases that have a key with the text inside."""
    typed = key_of(Value(text))

    def has(key: str) -> Any:
        return GreaterThan(StrIndex(key, typed), 0)

    # A subquery with a LIMIT is run for each case by the index; EXISTS could become a scan of all images.
    files = Image.objects.filter(has("file_name_key"), case=OuterRef("pk")).values("case_id")[:1]
    newest: QuerySet = Case.objects.filter(RECEIVED, site_id=THIS_SITE).annotate(
        in_accession=has("accession_key"), in_patient=has("patient_key"), in_file=Subquery(files)
    )
    newest = newest.order_by("-id").values_list("id", "in_accession", "in_patient", "in_file")
    scanned = compiled(newest[:of_a_site])
    # Filtered outside of the LIMIT: inside it, a rare text would have a site's whole history read. The LIMIT
    # bounds the rows that are scanned, and the WHERE keeps those of them that have the text.
    return scanned and (
        f"SELECT * FROM ({scanned[0]}) AS scanned "  # noqa: S608
        "WHERE in_accession OR in_patient OR in_file IS NOT NULL",
        scanned[1],
    )
