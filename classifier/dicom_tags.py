"""Values of a DICOM header that intake may fill in. Names, birth dates and addresses are never returned."""

import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from classifier.dicom_dates import age_of, day_of
from classifier.header_terms import body_part_of, projection_of

if TYPE_CHECKING:
    from classifier.dicom_header import Header

# Code strings, and what some devices write instead. Not the digits of ISO 5218, since others count otherwise.
_SEXES = {
    **dict.fromkeys(("F", "FEMALE", "W", "WOMAN", "WEIBLICH", "FRAU", "FEMME", "FEMININ"), "F"),
    **dict.fromkeys(("MUJER", "FEMENINO", "DONNA", "FEMMINA", "Ж", "女"), "F"),
    **dict.fromkeys(("M", "MALE", "MAN", "MÄNNLICH", "MAENNLICH", "MANN", "H", "HOMME"), "M"),
    **dict.fromkeys(("MASCULIN", "HOMBRE", "MASCULINO", "UOMO", "MASCHIO", "М", "男"), "M"),
    **dict.fromkeys(("O", "OTHER", "DIVERS"), "O"),
}
_SIDES = {
    **dict.fromkeys(("L", "LEFT", "LT", "LI", "LINKS", "GAUCHE", "IZQUIERDA", "SINISTRA"), "L"),
    **dict.fromkeys(("R", "RIGHT", "RT", "RE", "RECHTS", "DROITE", "DERECHA", "DESTRA"), "R"),
    **dict.fromkeys(("B", "BOTH", "BILATERAL", "BEIDE", "BEIDSEITS"), "B"),
    **dict.fromkeys(("U", "UNPAIRED"), "U"),
}
_LONGEST_CODE_STRING = 16  # characters: the value representation CS, and the column that stores it
_LONGEST_TEXT = 64  # characters: the value representation LO
_UID = re.compile(r"[0-9.]{1,64}")


def read_tags(header: "Header") -> dict[str, str | int | None]:
    """Cleaned values; an absent or malformed value is "" (``patient_age``: None).

    ``patient_age`` is in completed years, from Patient's Age, or else from birth date and study date, which
    are not returned. ``side`` is L, R, B or U; ``sex`` F, M or O. ``body_part`` (Body Part Examined, else
    Anatomic Region's code meaning) and ``projection`` (View Position, else View Code's meaning) are the
    header's terms in capitals, at most 16 characters. ``study_date`` is in ISO 8601. A value that can't be
    read, or has another type than the standard says, is left empty. Never raises.
    """
    study_day = day_of(_text(header, "StudyDate")) or day_of(_text(header, "AcquisitionDate"))
    return {
        "accession_number": _number(header, "AccessionNumber"),
        "patient_age": _age(header, study_day),
        "sex": sex_of(_text(header, "PatientSex")),
        "body_part": _code_string(header.line("BodyPartExamined") or _region(header), body_part_of),
        "side": side_of(header),
        "projection": _code_string(header.line("ViewPosition") or _view(header), projection_of),
        "study_date": study_day.isoformat() if study_day else "",
        "study_uid": _uid(header, "StudyInstanceUID"),
        "series_uid": _uid(header, "SeriesInstanceUID"),
        "instance_uid": _uid(header, "SOPInstanceUID"),
    }


def sex_of(value: str) -> str:
    """F, M or O, or "". Patient's Sex is read in this way both to fill it in and to compare files."""
    return _SEXES.get(value.upper(), "")


def side_of(header: "Header") -> str:
    """L, R, B or U, or "". The image's own value counts before its series'."""
    keywords = ("ImageLaterality", "Laterality")
    sides = (_SIDES.get(_text(header, keyword).upper(), "") for keyword in keywords)
    return next((side for side in sides if side), "")


def _text(header: "Header", keyword: str) -> str:
    """The line's first 64 characters."""
    return header.line(keyword)[:_LONGEST_TEXT]


def _number(header: "Header", keyword: str) -> str:
    """The line if it has at most 64 characters: the start of a longer number may be another order's."""
    line = header.line(keyword)
    return line if len(line) <= _LONGEST_TEXT else ""


def _region(header: "Header") -> str:
    """Anatomic Region's code meaning (CID 4), which some devices write instead of Body Part Examined."""
    items = header.items("AnatomicRegionSequence")
    return items[0].line("CodeMeaning") if len(items) == 1 else ""


def _view(header: "Header") -> str:
    """View Code's meaning (CID 4010), which DX pictures have where View Position is empty."""
    items = header.items("ViewCodeSequence")
    return items[0].line("CodeMeaning") if len(items) == 1 else ""


def _code_string(line: str, meaning: Callable[[str], str]) -> str:
    """The line in capitals, or its meaning if it is too long. A truncated line could mean something else:
    "Abdomen and pelvis", which names two parts, would become a film of the abdomen.
    """
    code_string = line.upper()  # perhaps longer than the line: ß becomes SS
    return code_string if len(code_string) <= _LONGEST_CODE_STRING else meaning(line).upper()


def _uid(header: "Header", keyword: str) -> str:
    value = _text(header, keyword)
    return value if _UID.fullmatch(value) else ""


def _age(header: "Header", study_day: date | None) -> int | None:
    if (years := age_of(_text(header, "PatientAge"))) is not None:
        return years
    born = day_of(_text(header, "PatientBirthDate"))
    if born is None or study_day is None or born > study_day:
        return None
    return study_day.year - born.year - ((study_day.month, study_day.day) < (born.month, born.day))
