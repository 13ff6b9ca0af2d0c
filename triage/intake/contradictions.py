"""Which of the sender's values the header of a picture contradicts.

The sender's value counts in every case. But a side or an age that the header contradicts may mean that the
file is of another picture or another patient, so sender and reader see it. Sex is not here:
``triage.intake.decision`` refuses another sex.
"""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from classifier.header_terms import body_part_of, projection_of
from triage.intake.details import CaseDetails, age_band_from_header
from triage.vocabulary import Side

# A film of the larger part shows the smaller one too, so neither word contradicts the other.
_PARTS_OF = {
    "hand": {"finger"},
    "foot": {"toe"},
    "pelvis": {"hip", "sacrum"},
    "skull": {"face", "jaw"},
    "chest": {"rib", "sternum", "clavicle"},
    "spine": {"cspine", "tspine", "lspine", "sacrum"},
    "neck": {"cspine"},
}


def contradicted(
    given: CaseDetails, side: str, projection: str, tags: Mapping[str, Any]
) -> list[str]:
    """Names of fields of ``CaseDetails`` in which the header of one picture says something else.

    A value that one of the two lacks, or that isn't in the vocabulary, contradicts nothing.

    Args:
        given: what the sender says of the whole case, before headers filled in gaps.
        side, projection: what the sender says of this picture, else "".
        tags: ``classifier.dicom_tags.read_tags`` of this picture.
    """
    said = {
        "accession_number": given.accession_number,
        "age_band": given.age_band,
        "body_part": given.body_part,
        "side": side or given.side,
        "projection": projection or given.projection,
    }
    return [name for name, value in said.items() if value and _DIFFERS[name](value, tags)]


def _accession(said: str, tags: Mapping[str, Any]) -> bool:
    own = _compared(tags.get("accession_number"))
    return own != "" and own != _compared(said)


def _compared(text: object) -> str:
    """The form in which Find compares texts (``triage.models.keys.key_of``)."""
    return unicodedata.normalize("NFKC", str(text or "")).strip().lower()


def _age(said: str, tags: Mapping[str, Any]) -> bool:
    own = age_band_from_header(tags.get("patient_age"))
    return own not in ("", said)


def _body_part(said: str, tags: Mapping[str, Any]) -> bool:
    one, other = body_part_of(said), body_part_of(tags.get("body_part"))
    if "" in (one, other) or one == other:
        return False
    return other not in _PARTS_OF.get(one, ()) and one not in _PARTS_OF.get(other, ())


def _side(said: str, tags: Mapping[str, Any]) -> bool:
    """Left against right only: "both" and "unpaired" are what devices write of a whole examination."""
    return {said, tags.get("side")} == {Side.LEFT.value, Side.RIGHT.value}


def _projection(said: str, tags: Mapping[str, Any]) -> bool:
    """AP and PA differ where both are named; "frontal" is either."""
    header = str(tags.get("projection") or "")
    one, other = projection_of(said), projection_of(header)
    if one == other == "frontal":
        return {_direction(said), _direction(header)} == {"AP", "PA"}
    return "" not in (one, other) and one != other


def _direction(term: str) -> str:
    letters = "".join(sign for sign in term.upper() if sign.isalpha())
    return {"ANTEROPOSTERIOR": "AP", "POSTEROANTERIOR": "PA"}.get(letters, letters)


_DIFFERS: Mapping[str, Callable[[str, Mapping[str, Any]], bool]] = {
    "accession_number": _accession,
    "age_band": _age,
    "body_part": _body_part,
    "side": _side,
    "projection": _projection,
}
