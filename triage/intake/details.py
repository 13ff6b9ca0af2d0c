"""The sender's data about a case, and what DICOM tags add to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from accounts.texts import as_read
from classifier.header_terms import age_band_of_years, body_part_of, projection_of
from triage.vocabulary import AgeBand, BodyPart, Priority, Projection, Sex, Side


@dataclass(frozen=True)
class CaseDetails:
    """What the sender says of the case. "" means not given: DICOM tags may then fill the field in."""

    accession_number: str = ""
    patient_reference: str = ""
    age_band: str = ""
    sex: str = ""
    body_part: str = ""
    side: str = ""
    projection: str = ""
    clinical_question: str = ""
    priority: int = Priority.ROUTINE

    def __post_init__(self) -> None:
        for name in ("accession_number", "patient_reference", "clinical_question"):
            object.__setattr__(self, name, as_read(getattr(self, name)))

    def filled_from(self, tags_of_files: Iterable[Mapping[str, Any]]) -> "CaseDetails":
        """Keeps what the sender said, and fills each gap from the first file whose tags fill it.

        The patient's name, id and birth date are never taken: the reference is a pseudonym.
        """
        filled = self
        for tags in tags_of_files:
            found = _from_tags(tags)
            gaps: dict[str, Any] = {
                field.name: found[field.name]
                for field in fields(filled)
                if found.get(field.name) and getattr(filled, field.name) == ""
            }
            filled = replace(filled, **gaps)
        return filled

    def added_to(self, given: "CaseDetails") -> list[str]:
        """Names of the fields that ``filled_from`` filled in; ``given`` is what the sender said."""
        return [
            field.name
            for field in fields(self)
            if getattr(given, field.name) == "" and getattr(self, field.name) != ""
        ]


_LONGEST_NUMBER = 64  # characters, as the column keeps; ``read_tags`` gives no longer one


def _from_tags(tags: Mapping[str, Any]) -> dict[str, str]:
    """DICOM values in Callus's vocabulary. A value that Callus doesn't know gives ""."""
    return {
        "accession_number": _clean(tags.get("accession_number"))[:_LONGEST_NUMBER],
        "age_band": age_band_from_header(tags.get("patient_age")),
        "sex": _known(tags.get("sex"), Sex),
        "body_part": _body_part(tags.get("body_part")),
        "side": _known(tags.get("side"), Side),
        "projection": projection_from_header(tags.get("projection")),
    }


def _clean(value: object) -> str:
    return str(value or "").strip()


def _known(value: object, choices: type[Sex] | type[Side] | type[Projection]) -> str:
    code = _clean(value).upper()
    return code if code in choices.values else ""


_BANDS = {
    "infant": AgeBand.INFANT,
    "child": AgeBand.CHILD,
    "adolescent": AgeBand.ADOLESCENT,
    "adult": AgeBand.ADULT,
    "older": AgeBand.OLDER,
}


def age_band_from_header(years: object) -> str:
    band = _BANDS.get(age_band_of_years(years))
    return band.value if band else ""


def _body_part(value: object) -> str:
    """Uses the rule by which a release's indications read them too (``classifier.header_terms``)."""
    word = body_part_of(value).upper()
    if word in BodyPart.values:
        return word
    return BodyPart.OTHER.value if _clean(value).upper() in ("EXTREMITY", "OTHER") else ""


# Callus distinguishes AP from PA. A header may only say "frontal"; then AP is assumed, the usual one.
_PROJECTIONS = {
    "frontal": Projection.AP,
    "lateral": Projection.LATERAL,
    "oblique": Projection.OBLIQUE,
    "axial": Projection.AXIAL,
}


def projection_from_header(value: object) -> str:
    """A header's projection as one of ``Projection``, or "".

    By the table that the release's is read by too (``classifier.header_terms``).
    """
    projection = _PROJECTIONS.get(projection_of(value))
    if projection is None:
        return _known(value, Projection)
    letters = "".join(sign for sign in _clean(value).upper() if sign.isalpha())
    return Projection.PA.value if letters in ("PA", "POSTEROANTERIOR") else projection.value
