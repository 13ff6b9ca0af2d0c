"""Identifies patient and study of a DICOM file, only to compare the files of one case.

The values are patient data and stay in the decoding process. Only digests leave it, with a key of this
upload: two files can be compared, and nobody can look up a value by its digest.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from classifier.dicom_dates import age_of, day_of
from classifier.dicom_tags import sex_of

if TYPE_CHECKING:
    from classifier.dicom_header import Header


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
    found = day_of(text)
    return found.isoformat() if found else ""


def _age(text: str) -> str:
    """Completed years, so that 012M equals 001Y."""
    found = age_of(text)
    return "" if found is None else str(found)


_WRITERS: dict[str, Callable[[str], str]] = {
    "PatientID": _as_it_is,
    "IssuerOfPatientID": _as_it_is,
    "PatientBirthDate": _date,
    "PatientSex": sex_of,
    "PatientAge": _age,
    "StudyInstanceUID": _as_it_is,
    "AccessionNumber": _as_it_is,
}
