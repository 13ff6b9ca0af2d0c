"""Why a case was refused: codes in its row and in those of its files, sentences in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classifier.refused_file import MESSAGES, RefusedFile
from triage.intake.errors import FileError, IntakeRefused
from triage.intake.sentences import sentence
from triage.models import Case

INTAKE_REFUSED = "intake_refused"
PATIENTS_DIFFER = "patients_differ"
SEVERAL_STUDIES = "several_studies"  # the code of the question, and the field that answers it
NOT_DECODED = "not_decoded"

# Names of PS3.6.
TAGS = {
    "PatientID": gettext_lazy("Patient ID"),
    "IssuerOfPatientID": gettext_lazy("Issuer of Patient ID"),
    "PatientBirthDate": gettext_lazy("Patient's Birth Date"),
    "PatientSex": gettext_lazy("Patient's Sex"),
    "StudyInstanceUID": gettext_lazy("Study Instance UID"),
    "AccessionNumber": gettext_lazy("Accession Number"),
    "PatientAge": gettext_lazy("Patient's Age"),
}
_OF_FILES = {
    "same_file_twice": gettext_lazy("%(name)s is the same file as %(other)s. Send it once."),
    "sex_differs": gettext_lazy(
        "%(name)s: Patient's Sex is not the one that was given. Is it this patient's file?"
    ),
    "patient_differs": gettext_lazy("%(name)s differs from %(other)s in: %(tags)s."),
    "study_differs": gettext_lazy("%(name)s differs from %(other)s in: %(tags)s."),
    NOT_DECODED: gettext_lazy(
        "The program that reads pictures ended each time that it had %(name)s. Export it again and send "
        "that, or ask an operator."
    ),
}
#: Every code that a file may be refused with.
FILE_CODES = frozenset({*MESSAGES, *_OF_FILES})
_OF_CASES = {
    PATIENTS_DIFFER: gettext_lazy(
        "The files are not of one patient. What differs: %(tags)s. Send each patient's files as a "
        "case of their own."
    ),
    SEVERAL_STUDIES: gettext_lazy("The files differ in: %(tags)s. Do they belong to one case?"),
}


@dataclass(frozen=True)
class FileReason:
    """``params``: what the sentence names: ``other``, a position; ``tags``, keywords; else the decoder's."""

    position: int
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """``tags``: keywords in which the files differ. ``fields``: names of fields that nobody filled in."""

    files: Sequence[FileReason] = ()
    code: str = INTAKE_REFUSED
    tags: Sequence[str] = ()
    fields: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """What the case's row keeps; the files' parts are in their own rows."""
        return {"code": self.code, "params": {"tags": [*self.tags], "fields": [*self.fields]}}


def refusal_of(case: Case) -> IntakeRefused:
    """Why a refused case was refused, in the present language."""
    jobs = list(case.decode_jobs.order_by("position"))
    stored: dict[str, Any] = case.refusal or {}  # a constraint holds that there is one
    params = stored["params"]
    refusal = Refusal(
        files=[
            FileReason(job.position, job.refusal_code, job.refusal_params)
            for job in jobs
            if job.refusal_code
        ],
        code=stored["code"],
        tags=params["tags"],
        fields=params["fields"],
    )
    return sentences_of(refusal, {job.position: job.file_name for job in jobs})


def sentences_of(refusal: Refusal, names: Mapping[int, str]) -> IntakeRefused:
    """The refusal in the present language. ``names``: position → file name of all files of the case."""
    files = [
        FileError(names[file.position], file.code, _reason(file, names), file.position)
        for file in refusal.files
    ]
    fields = {name: [_("This field cannot be blank.")] for name in refusal.fields}
    if refusal.code == SEVERAL_STUDIES:
        fields[SEVERAL_STUDIES] = [_("Send true if the files belong to one case.")]
    return IntakeRefused(_message(refusal, files, len(names)), files, fields, refusal.code)


def _message(refusal: Refusal, files: Sequence[FileError], total: int) -> str:
    if refusal.code in _OF_CASES:
        return _OF_CASES[refusal.code] % {"tags": _tag_names(refusal.tags)}
    if not files and not refusal.fields:  # triage.intake.retention
        return _("Why its files were refused is not kept any longer.")
    return summary(files, total) if files else _("Some fields are not valid.")


def _reason(file: FileReason, names: Mapping[int, str]) -> str:
    name, params = names[file.position], dict(file.params)
    if file.code in MESSAGES:
        return sentence(RefusedFile(file.code, name, **params))
    if "other" in params:
        params["other"] = names[params["other"]]
    if "tags" in params:
        params["tags"] = _tag_names(params["tags"])
    return str(_OF_FILES[file.code]) % {"name": name, **params}


def _tag_names(keywords: Sequence[str]) -> str:
    return ", ".join(str(TAGS[keyword]) for keyword in keywords)


def summary(refused: Sequence[FileError], total: int) -> str:
    """One sentence about a refused case: its only file's reason, or how many files were refused."""
    if total == 1:
        return refused[0].reason
    text = _("%(bad)d of %(total)d files were refused, so the case was not accepted.")
    return text % {"bad": len(refused), "total": total}
