"""Reads a release's table of indications from its manifest, and has a default for releases without one.

``{"excluded": [{DIMENSION: value or values, …, "reason": sentence}],
"measured": [{DIMENSION: value or values, …, "pictures": n, "fractured": n,
"auroc": {"value": 0..1, "interval": [0..1, 0..1]}}]}``. A missing dimension matches every value. An
excluded cell has at least one dimension, a measured cell has a body part. ``auroc`` is optional.
"""

from collections.abc import Mapping
from typing import Any

from classifier import header_terms
from classifier.indications import DIMENSIONS, Cell, Indications
from classifier.reasons import EXCLUDED

KEY = "indications"
LONGEST_REASON = (
    300  # characters: the site stores it in a column of this length (triage.models.job)
)
_FIGURES = frozenset(("pictures", "fractured", "auroc"))


def read_indications(manifest: Mapping[str, Any]) -> Indications:
    """The manifest's table; the built-in exclusions if it has none.

    Raises:
        ValueError: a part of the table is unknown or missing; the message says which.
    """
    if KEY not in manifest:
        return Indications(_cells({"excluded": list(BUILT_IN)}, "excluded"), has_table=False)
    table = manifest[KEY]
    if not isinstance(table, dict) or set(table) != {"excluded", "measured"}:
        raise ValueError(f"{KEY} needs the lists excluded and measured, and nothing else.")
    excluded, measured = _cells(table, "excluded"), _cells(table, "measured")
    for at, cell in enumerate(measured):
        if any(cell.lies_in(other) for other in excluded):
            raise ValueError(f"{KEY}.measured[{at}] is excluded as well.")
    return Indications(excluded, measured)


def _cells(table: Mapping[str, Any], kind: str) -> tuple[Cell, ...]:
    entries = table[kind]
    if not isinstance(entries, list):
        raise ValueError(f"{KEY}.{kind} is not a list.")
    return tuple(_cell(entry, kind, f"{KEY}.{kind}[{at}]") for at, entry in enumerate(entries))


def _cell(entry: object, kind: str, where: str) -> Cell:
    if not isinstance(entry, dict):
        raise ValueError(f"{where} is not an object.")
    allowed = {*DIMENSIONS, "reason"} if kind == "excluded" else {*DIMENSIONS, *_FIGURES}
    if unknown := sorted(set(entry) - allowed):
        raise ValueError(f"{where} has an unknown key {unknown[0]!r:.60}.")
    values = {name: _values(entry[name], name, where) for name in DIMENSIONS if name in entry}
    if kind == "excluded":
        if not values:
            raise ValueError(f"{where} excludes every picture. Name a body part or a modality.")
        return Cell(values, _reason(entry.get("reason"), where))
    if "body_part" not in values:
        raise ValueError(f"{where} names no body_part.")
    _check_figures(entry, where)
    return Cell(values)


def _values(entry: object, name: str, where: str) -> frozenset[str]:
    values = [entry] if isinstance(entry, str) else entry
    if not isinstance(values, list) or not values:
        raise ValueError(f"{where} needs a value or a list of values as its {name}.")
    for value in values:
        if not isinstance(value, str) or value not in DIMENSIONS[name]:
            raise ValueError(f"{where} has an unknown {name} {value!r:.60}.")
    return frozenset(values)


def _reason(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_REASON:
        raise ValueError(f"{where} needs a reason of 1 to {LONGEST_REASON} characters.")
    if not value.isprintable():
        raise ValueError(f"{where} has a reason that can't be printed on one line.")
    return value.strip()


def _check_figures(entry: Mapping[str, Any], where: str) -> None:
    """Checks the number of evaluated pictures, how many are fractured, and the AUROC."""
    pictures, fractured = entry.get("pictures"), entry.get("fractured")
    if type(pictures) is not int or type(fractured) is not int or not 0 <= fractured <= pictures:
        raise ValueError(f"{where} needs pictures, and fractured among them, as whole numbers.")
    if "auroc" not in entry:
        return
    auroc = entry["auroc"]
    interval = auroc.get("interval") if isinstance(auroc, dict) else None
    numbers = [auroc.get("value"), *interval] if isinstance(interval, list) else []
    are_shares = all(type(number) in (int, float) and 0 <= number <= 1 for number in numbers)
    if len(numbers) != 3 or not are_shares or set(auroc) != {"value", "interval"}:
        raise ValueError(f"{where} needs an auroc of a value and an interval, each within 0 and 1.")


_SLICES = ("CT", "MR", "PT", "NM", "ST")
_OTHERS = tuple(
    code for code in header_terms.MODALITIES if code not in (*header_terms.RADIOGRAPHY, *_SLICES)
)

BUILT_IN: tuple[dict[str, Any], ...] = (
    {
        "modality": list(_SLICES),
        "reason": EXCLUDED["slices"],
    },
    {
        "modality": list(_OTHERS),
        "reason": EXCLUDED["other_modality"],
    },
    {
        "body_part": ["chest"],
        "reason": EXCLUDED["chest"],
    },
    {
        "body_part": ["skull"],
        "reason": EXCLUDED["skull"],
    },
    {
        "body_part": ["abdomen", "breast"],
        "reason": EXCLUDED["soft_tissue"],
    },
)
"""The exclusions of a release without a table, and of every release that ``training`` exports."""
