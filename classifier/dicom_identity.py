"""Identifies patient and study of a DICOM file, only to compare the files of one case.

The values are patient data and stay in the decoding process. Only digests leave it, with a key of this
upload: two files can be compared, and nobody can look up a value by its digest.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from classifier.dicom_tags import sex_of

if TYPE_CHECKING:
    from classifier.dicom_header import Header

_DATE = re.compile(r"\d{8}", re.ASCII)
_AGE = re.compile(r"(\d{1,3})([YMWD])")  # PS3.5, value representation AS; some leave out zeros
_IN_A_YEAR = {"Y": 1, "M": 12, "W": 52, "D": 365}


def read_identity(header: "Header") -> dict[str, str]:
    """Keyword → value in one spelling. Absent, empty and malformed values are left out."""
    values = {keyword: write(_plain(header, keyword)) for keyword, write in _WRITERS.items()}
    if not values["PatientID"]:
        del values["IssuerOfPatientID"]  # of no identifier
    return {keyword: value for keyword, value in values.items() if value}


def digests(identity: Mapping[str, str], key: bytes) -> dict[str, str]:
    """The same keywords; equal values have equal digests under one ``key`` (at most 64 bytes)."""
    return {
        keyword: hashlib.blake2b(
            f"{keyword}\0{value}".encode(), key=key, digest_size=16
        ).hexdigest()
        for keyword, value in identity.items()
    }


def _plain(header: "Header", keyword: str) -> str:
    """Without padding and control characters, and with one spelling of each letter."""
    text = unicodedata.normalize("NFKC", header.text(keyword))
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(printable.split()).casefold()


def _as_it_is(text: str) -> str:
    return text


def _date(text: str) -> str:
    """DA, also with the dots of ACR-NEMA or with dashes; "" for an impossible date."""
    digits = re.sub(r"[.\-/ ]", "", text)
    try:
        return date.fromisoformat(digits).isoformat() if _DATE.fullmatch(digits) else ""
    except ValueError:  # 19610000, where only the year is known; 23.02.1961
        return ""


def _age(text: str) -> str:
    """Completed years, so that 012M equals 001Y."""
    found = _AGE.fullmatch(text.upper())
    return str(int(found[1]) // _IN_A_YEAR[found[2]]) if found else ""


_WRITERS: dict[str, Callable[[str], str]] = {
    "PatientID": _as_it_is,
    "IssuerOfPatientID": _as_it_is,
    "PatientBirthDate": _date,
    "PatientSex": sex_of,
    "PatientAge": _age,
    "StudyInstanceUID": _as_it_is,
    "AccessionNumber": _as_it_is,
}
