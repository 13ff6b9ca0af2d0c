"""Compares the files of one case by digests: are they of one patient, and of one study?

The values themselves never reach this process.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from triage.intake.errors import FileError, IntakeRefused

SEVERAL_STUDIES = "several_studies"  # the code of the question, and the field that answers it

# Names of PS3.6. If two files differ in one of these, they are of two people.
_OF_A_PATIENT = {
    "PatientID": gettext_lazy("Patient ID"),
    "IssuerOfPatientID": gettext_lazy("Issuer of Patient ID"),
    "PatientBirthDate": gettext_lazy("Patient's Birth Date"),
    "PatientSex": gettext_lazy("Patient's Sex"),
}
# One person may have two of these: the same hand was taken again a year later.
_OF_A_STUDY = {
    "StudyInstanceUID": gettext_lazy("Study Instance UID"),
    "AccessionNumber": gettext_lazy("Accession Number"),
    "PatientAge": gettext_lazy("Patient's Age"),
}


@dataclass(frozen=True)
class Header:
    """The digests of one file by keyword. A tag that the file lacks is not compared."""

    file_name: str
    identity: Mapping[str, str]


@dataclass(frozen=True)
class _Difference:
    keyword: str
    file_name: str
    other: str


def check_belonging(headers: Sequence[Header], several_studies: bool) -> list[str]:
    """Keywords in which the files differ although the sender says that they belong to one case.

    Raises:
        IntakeRefused: they are of two patients; or of two studies, and ``several_studies`` is false.
    """
    if found := list(_differences(headers, _OF_A_PATIENT)):
        text = _(
            "The files are not of one patient. What differs: %(tags)s. Send each patient's files as a "
            "case of their own."
        )
        raise IntakeRefused(
            text % {"tags": _names(found)},
            files=_files(found, "patient_differs"),
            code="patients_differ",
        )
    found = list(_differences(headers, _OF_A_STUDY))
    if found and not several_studies:
        text = _("The files differ in: %(tags)s. Do they belong to one case?")
        raise IntakeRefused(
            text % {"tags": _names(found)},
            files=_files(found, "study_differs"),
            fields={SEVERAL_STUDIES: [_("Send true if the files belong to one case.")]},
            code=SEVERAL_STUDIES,
        )
    return _keywords(found)


def _differences(headers: Sequence[Header], tags: Mapping[str, object]) -> Iterator[_Difference]:
    """Compares each file with the first file that has the tag."""
    for keyword in tags:
        having = [header for header in headers if keyword in header.identity]
        for header in having[1:]:
            if header.identity[keyword] != having[0].identity[keyword]:
                yield _Difference(keyword, header.file_name, having[0].file_name)


def _keywords(found: Sequence[_Difference]) -> list[str]:
    return list(dict.fromkeys(difference.keyword for difference in found))


def _names(found: Sequence[_Difference]) -> str:
    names = _OF_A_PATIENT | _OF_A_STUDY
    return ", ".join(str(names[keyword]) for keyword in _keywords(found))


def _files(found: Sequence[_Difference], code: str) -> list[FileError]:
    """One sentence per file, however many of its tags differ."""
    text = _("%(name)s differs from %(other)s in: %(tags)s.")
    refusals = []
    for file_name in dict.fromkeys(difference.file_name for difference in found):
        own = [difference for difference in found if difference.file_name == file_name]
        values = {"name": file_name, "other": own[0].other, "tags": _names(own)}
        refusals.append(FileError(file_name, code, text % values))
    return refusals
