"""Decodes and checks all files of a case before any of them is stored."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from classifier.refused_file import RefusedFile
from triage.intake.details import CaseDetails
from triage.intake.errors import FileError, IntakeRefused
from triage.intake.sandbox import DecodedImage, shared_sandbox
from triage.intake.sentences import sentence


@dataclass(frozen=True)
class IncomingFile:
    """A file as it arrived.

    ``stored`` is its name in the storage, ``size`` in bytes. ``side`` and ``projection``: as the sender gave
    them for this file, else "".
    """

    name: str
    stored: str
    size: int
    sha256: str
    side: str = ""
    projection: str = ""


@dataclass(frozen=True)
class DecodedFile:
    """A file with what the decoder made of it."""

    file: IncomingFile
    image: DecodedImage

    @property
    def sha256(self) -> str:
        return self.file.sha256


def check_number(files: int) -> None:
    """Raises IntakeRefused unless a case may hold so many files."""
    most = settings.CALLUS_INTAKE["max_images"]
    if not files:
        raise IntakeRefused(_("Send at least one picture."), fields={"images": [_("Required.")]})
    if files > most:
        text = _("A case holds at most %(most)d pictures; %(given)d came.")
        raise IntakeRefused(text % {"most": most, "given": files})


def decode_files(files: Sequence[IncomingFile]) -> list[DecodedFile]:
    """Decodes all files. Raises IntakeRefused that names each file that is refused, with its reason."""
    check_number(len(files))
    accepted: list[DecodedFile] = []
    refused: list[FileError] = []
    names_by_hash: dict[str, str] = {}
    # Of this upload alone: digests of two uploads can't be compared.
    key = secrets.token_bytes(32)
    sandbox = shared_sandbox()
    for file in files:
        if file.sha256 in names_by_hash:
            reason = _("%(name)s is the same file as %(other)s. Send it once.")
            values = {"name": file.name, "other": names_by_hash[file.sha256]}
            refused.append(FileError(file.name, "same_file_twice", reason % values))
            continue
        names_by_hash[file.sha256] = file.name
        try:
            with default_storage.open(file.stored) as stored:
                image = sandbox.decode(file.name, stored, key=key)
            accepted.append(DecodedFile(file, image))
        except RefusedFile as refusal:
            refused.append(FileError(file.name, refusal.code, sentence(refusal)))
    if refused:
        raise IntakeRefused(summary(refused, len(files)), files=refused)
    return accepted


def check_sex(details: CaseDetails, files: Sequence[DecodedFile]) -> None:
    """Raises IntakeRefused if a header names another sex than the sender.

    The file, or the form, is then of another patient.
    """
    reason = _("%(name)s: Patient's Sex is not the one that was given. Is it this patient's file?")
    refused = [
        FileError(decoded.file.name, "sex_differs", reason % {"name": decoded.file.name})
        for decoded in files
        if details.sex and decoded.image.tags.get("sex") not in (None, "", details.sex)
    ]
    if refused:
        raise IntakeRefused(summary(refused, len(files)), files=refused)


def summary(refused: Sequence[FileError], total: int) -> str:
    """One sentence about a refused case: its only file's reason, or how many files were refused."""
    if total == 1:
        return refused[0].reason
    text = _("%(bad)d of %(total)d files were refused, so the case was not accepted.")
    return text % {"bad": len(refused), "total": total}
