"""Compares the files of one case by digests: are they of one patient, and of one study?

The values themselves never reach this process.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from triage.intake.refusals import PATIENTS_DIFFER, SEVERAL_STUDIES, FileReason, Refusal

# If two files differ in one of these, they are of two people.
_OF_A_PATIENT = ("PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex")
# One person may have two of these: the same hand was taken again a year later.
_OF_A_STUDY = ("StudyInstanceUID", "AccessionNumber", "PatientAge")


@dataclass(frozen=True)
class Header:
    """The digests of one file by keyword. A tag that the file lacks is not compared."""

    position: int
    identity: Mapping[str, str]


@dataclass(frozen=True)
class _Difference:
    keyword: str
    position: int
    other: int


def belonging_refusal(headers: Sequence[Header], several_studies: bool) -> Refusal | None:
    """Why the files are not one case: they are of two patients, or of two studies and ``several_studies`` is
    false. None if they are one.
    """
    if found := list(_differences(headers, _OF_A_PATIENT)):
        return Refusal(_files(found, "patient_differs"), PATIENTS_DIFFER, _keywords(found))
    found = list(_differences(headers, _OF_A_STUDY))
    if found and not several_studies:
        return Refusal(_files(found, "study_differs"), SEVERAL_STUDIES, _keywords(found))
    return None


def differing_keywords(headers: Sequence[Header]) -> list[str]:
    """Keywords in which the files of one patient differ."""
    return _keywords(list(_differences(headers, _OF_A_STUDY)))


def _differences(headers: Sequence[Header], keywords: Collection[str]) -> Iterator[_Difference]:
    """Compares each file with the first file that has the tag."""
    for keyword in keywords:
        having = [header for header in headers if keyword in header.identity]
        for header in having[1:]:
            if header.identity[keyword] != having[0].identity[keyword]:
                yield _Difference(keyword, header.position, having[0].position)


def _keywords(found: Sequence[_Difference]) -> list[str]:
    return list(dict.fromkeys(difference.keyword for difference in found))


def _files(found: Sequence[_Difference], code: str) -> list[FileReason]:
    """One refusal per file, however many of its tags differ."""
    refusals = []
    for position in dict.fromkeys(difference.position for difference in found):
        own = [difference for difference in found if difference.position == position]
        params = {"other": own[0].other, "tags": _keywords(own)}
        refusals.append(FileReason(position, code, params))
    return refusals
