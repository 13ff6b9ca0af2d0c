"""What intake may fill in from a DICOM header. Names, birth dates and addresses stay behind."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from classifier.header_words import body_part_of, projection_of

if TYPE_CHECKING:
    from pydicom import Dataset

_YEARS_OF = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_AGE = re.compile(r"(\d{3})([YMWD])")  # PS3.5, value representation AS
# Code strings, and the words that some devices write instead.
_SEXES = {"F": "F", "FEMALE": "F", "M": "M", "MALE": "M", "O": "O", "OTHER": "O"}
_LONGEST_WORD = 16  # signs: the value representation CS, and the column that keeps it
_UID = re.compile(r"[0-9.]{1,64}")


def read_tags(header: "Dataset") -> dict[str, str | int | None]:
    """Clean values; what is absent or malformed is "" (``patient_age``: None).

    ``patient_age`` is whole years, from Patient's Age or else from birth date and study date, which
    themselves are not handed on. ``side`` is L, R, B or U; ``sex`` F, M or O; ``body_part``
    (Body Part Examined, else what Anatomic Region's code means) and ``projection`` (View Position) are
    the header's words in capitals, at most 16 signs; ``study_date`` is ISO. Never raises on a value that
    can't be read or is of another type than the standard says.
    """
    study_day = _day(_text(header, "StudyDate")) or _day(_text(header, "AcquisitionDate"))
    side = _text(header, "Laterality") or _text(header, "ImageLaterality")
    return {
        "accession_number": _text(header, "AccessionNumber"),
        "patient_age": _age(header, study_day),
        "sex": sex_of(_text(header, "PatientSex")),
        "body_part": _word(_line(header, "BodyPartExamined") or _region(header), body_part_of),
        "side": _one_of(side, "LRBU"),
        "projection": _word(_line(header, "ViewPosition"), projection_of),
        "study_date": study_day.isoformat() if study_day else "",
        "study_uid": _uid(header, "StudyInstanceUID"),
        "series_uid": _uid(header, "SeriesInstanceUID"),
        "instance_uid": _uid(header, "SOPInstanceUID"),
    }


def sex_of(value: str) -> str:
    """F, M or O; "" for what says nothing. The one reading of Patient's Sex, to fill in and to compare."""
    return _SEXES.get(value.upper(), "")


def text_of(header: "Dataset", keyword: str) -> str:
    """The value as it stands there; several are parted by a backslash, as in the file. "" where there is
    none, and where it is no text or number: a sender may write any value representation.
    """
    from pydicom.multival import MultiValue  # 0.3 s that who has no header never pays
    from pydicom.valuerep import PersonName

    value = value_of(header, keyword)
    parts = list(value) if isinstance(value, MultiValue) else [value]
    if not all(isinstance(part, (str, int, float, Decimal, PersonName)) for part in parts):
        return ""
    return "\\".join(map(str, parts))


def value_of(header: "Dataset", keyword: str) -> Any:
    """Whatever stands there; None where nothing does or it can't be read."""
    try:
        return header.get(keyword)
    except MemoryError:
        raise
    except Exception:  # pydicom raises whatever a broken value leads it to; the picture may be good
        return None


def _line(header: "Dataset", keyword: str) -> str:
    """What of it is printable."""
    return "".join(sign for sign in text_of(header, keyword) if sign.isprintable()).strip()


def _text(header: "Dataset", keyword: str) -> str:
    """The line's first 64 signs."""
    return _line(header, keyword)[:64]


def _region(header: "Dataset") -> str:
    """What a digital radiograph says in words (CID 4) where it leaves Body Part Examined empty."""
    from pydicom.sequence import Sequence

    items = value_of(header, "AnatomicRegionSequence")
    if not isinstance(items, Sequence) or len(items) != 1:
        return ""
    return _line(items[0], "CodeMeaning")


def _word(line: str, meaning: Callable[[str], str]) -> str:
    """In capitals. What is longer is told by its meaning: cut, it could mean something else, so that
    "Abdomen and pelvis", which says neither, would become a film of the abdomen.
    """
    shown = line.upper()  # which may be longer: ß becomes SS
    return shown if len(shown) <= _LONGEST_WORD else meaning(line).upper()


def _one_of(value: str, letters: str) -> str:
    letter = value.upper()
    return letter if len(letter) == 1 and letter in letters else ""


def _uid(header: "Dataset", keyword: str) -> str:
    value = _text(header, keyword)
    return value if _UID.fullmatch(value) else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _age(header: "Dataset", study_day: date | None) -> int | None:
    if match := _AGE.fullmatch(_text(header, "PatientAge").upper()):
        return int(int(match[1]) * _YEARS_OF[match[2]])
    born = _day(_text(header, "PatientBirthDate"))
    if born is None or study_day is None or born > study_day:
        return None
    return study_day.year - born.year - ((study_day.month, study_day.day) < (born.month, born.day))
