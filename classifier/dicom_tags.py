"""What intake may fill in from a DICOM header. Names, birth dates and addresses stay behind."""

import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset

_YEARS_OF = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_AGE = re.compile(r"(\d{3})([YMWD])")  # PS3.5, value representation AS
# Code strings, and the words that some devices write instead.
_SEXES = {"F": "F", "FEMALE": "F", "M": "M", "MALE": "M", "O": "O", "OTHER": "O"}
_UID = re.compile(r"[0-9.]{1,64}")


def read_tags(header: "Dataset") -> dict[str, str | int | None]:
    """Clean values; what is absent or malformed is "" (``patient_age``: None).

    ``patient_age`` is whole years, from Patient's Age or else from birth date and study date, which
    themselves are not handed on. ``side`` is L, R, B or U; ``sex`` F, M or O; ``body_part``
    (Body Part Examined, else what Anatomic Region's code means) and ``projection`` (View Position) are
    the header's words in capitals; ``study_date`` is ISO.
    """
    study_day = _day(_text(header, "StudyDate")) or _day(_text(header, "AcquisitionDate"))
    side = _text(header, "Laterality") or _text(header, "ImageLaterality")
    return {
        "accession_number": _text(header, "AccessionNumber"),
        "patient_age": _age(header, study_day),
        "sex": sex_of(_text(header, "PatientSex")),
        "body_part": (_text(header, "BodyPartExamined") or _region(header)).upper()[:16],
        "side": _one_of(side, "LRBU"),
        "projection": _text(header, "ViewPosition").upper()[:16],
        "study_date": study_day.isoformat() if study_day else "",
        "study_uid": _uid(header, "StudyInstanceUID"),
        "series_uid": _uid(header, "SeriesInstanceUID"),
        "instance_uid": _uid(header, "SOPInstanceUID"),
    }


def sex_of(value: str) -> str:
    """F, M or O; "" for what says nothing. The one reading of Patient's Sex, to fill in and to compare."""
    return _SEXES.get(value.upper(), "")


def _text(header: "Dataset", keyword: str) -> str:
    """The value as one printable line of at most 64 signs."""
    value = header.get(keyword)
    shown = "" if value is None else str(value)
    return "".join(sign for sign in shown if sign.isprintable()).strip()[:64]


def _region(header: "Dataset") -> str:
    """What a digital radiograph says in words (CID 4) where it leaves Body Part Examined empty."""
    items = header.get("AnatomicRegionSequence") or []
    return _text(items[0], "CodeMeaning") if len(items) == 1 else ""


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
