"""The files of a request, in the shape that intake takes, checked by number and size."""

from collections.abc import Sequence

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from classifier.refused_file import Limits, RefusedFile
from triage.intake.arrived import ArrivedUpload
from triage.intake.errors import FileError, IntakeRefused
from triage.intake.incoming import IncomingFile, check_number
from triage.intake.refusals import summary
from triage.intake.sentences import sentence


def read_uploads(uploads: Sequence[UploadedFile]) -> list[IncomingFile]:
    """The files that arrived. Raises IntakeRefused for too many files, or any that is too large."""
    check_number(len(uploads))
    limits = Limits(bytes=settings.CALLUS_INTAKE["max_bytes"])
    refused = []
    for position, upload in enumerate(uploads, start=1):
        if not upload.size:
            continue  # named with what else is wrong, when it is decoded
        name = upload.name or ""
        try:
            limits.check_bytes(name, upload.size)
        except RefusedFile as refusal:
            refused.append(FileError(name, refusal.code, sentence(refusal), position))
    if refused:
        raise IntakeRefused(summary(refused, len(uploads)), files=refused)
    return [incoming_file(upload) for upload in uploads]


def are_named(uploads: Sequence[UploadedFile]) -> None:
    """Notes that a committed row names each of these files, so that nobody has to ask for it."""
    for upload in uploads:
        if isinstance(upload, ArrivedUpload):
            upload.is_named = True


def incoming_file(upload: UploadedFile) -> IncomingFile:
    """Raises TypeError for a file that lies in no storage: another handler read it, or it was not kept."""
    if not isinstance(upload, ArrivedUpload) or not upload.stored:
        raise TypeError(f"{type(upload).__name__} is not stored")
    return IncomingFile(upload.name or "", upload.stored, upload.size, upload.sha256)
