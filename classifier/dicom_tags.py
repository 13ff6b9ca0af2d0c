"""What intake may fill in from a DICOM header. Names, birth dates and addresses stay behind."""

import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from classifier.header_terms import body_part_of, projection_of

if TYPE_CHECKING:
    from classifier.dicom_header import Header

_YEARS_OF = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_AGE = re.compile(r"(\d{3})([YMWD])")  # PS3.5, value representation AS
# Code strings, and the words that some devices write instead.
_SEXES = {"F": "F", "FEMALE": "F", "M": "M", "MALE": "M", "O": "O", "OTHER": "O"}
_LONGEST_WORD = 16  # signs: the value representation CS, and the column that keeps it
_UID = re.compile(r"[0-9.]{1,64}")


def read_tags(header: "Header") -> dict[str, str | int | None]:
    """Clean values; what is absent or malformed is "" (``patient_age``: None).

    ``patient_age`` is whole years, from Patient's Age or else from birth date and study date, which
    themselves are not handed on. ``side`` is L, R, B or U; ``sex`` F, M or O; ``body_part``
    (Body Part Examined, else what Anatomic Region's code means) and ``projection`` (View Position) are
    the header's words in capitals, at most 16 signs; ``study_date`` is ISO. Never raises on a value that
    can't be read or is of another type than the standard says.
    """
    study_day = _day(_text(header, "StudyDate")) or _day(_text(header, "AcquisitionDate"))
    return {
        "accession_number": _text(header, "AccessionNumber"),
        "patient_age": _age(header, study_day),
        "sex": sex_of(_text(header, "PatientSex")),
        "body_part": _word(header.line("BodyPartExamined") or _region(header), body_part_of),
        "side": side_of(header),
        "projection": _word(header.line("ViewPosition"), projection_of),
        "study_date": study_day.isoformat() if study_day else "",
        "study_uid": _uid(header, "StudyInstanceUID"),
        "series_uid": _uid(header, "SeriesInstanceUID"),
        "instance_uid": _uid(header, "SOPInstanceUID"),
    }


def sex_of(value: str) -> str:
    """F, M or O; "" for what says nothing. The one reading of Patient's Sex, to fill in and to compare."""
    return _SEXES.get(value.upper(), "")


def side_of(header: "Header") -> str:
    """L, R, B or U; "" where the header doesn't tell. The image's own word counts before its series'."""
    words = (_one_of(_text(header, word), "LRBU") for word in ("ImageLaterality", "Laterality"))
    return next((side for side in words if side), "")


def _text(header: "Header", keyword: str) -> str:
    """The line's first 64 signs."""
    return header.line(keyword)[:64]


def _region(header: "Header") -> str:
    """What a digital radiograph says in words (CID 4) where it leaves Body Part Examined empty."""
    items = header.items("AnatomicRegionSequence")
    return items[0].line("CodeMeaning") if len(items) == 1 else ""


def _word(line: str, meaning: Callable[[str], str]) -> str:
    """In capitals. What is longer is told by its meaning: cut, it could mean something else, so that
    "Abdomen and pelvis", which says neither, would become a film of the abdomen.
    """
    shown = line.upper()  # which may be longer: ß becomes SS
    return shown if len(shown) <= _LONGEST_WORD else meaning(line).upper()


def _one_of(value: str, letters: str) -> str:
    letter = value.upper()
    return letter if len(letter) == 1 and letter in letters else ""


def _uid(header: "Header", keyword: str) -> str:
    value = _text(header, keyword)
    return value if _UID.fullmatch(value) else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _age(header: "Header", study_day: date | None) -> int | None:
    if match := _AGE.fullmatch(_text(header, "PatientAge").upper()):
        return int(int(match[1]) * _YEARS_OF[match[2]])
    born = _day(_text(header, "PatientBirthDate"))
    if born is None or study_day is None or born > study_day:
        return None
    return study_day.year - born.year - ((study_day.month, study_day.day) < (born.month, born.day))
