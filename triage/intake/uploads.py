"""What a browser or an API client uploads, checked before its bytes are read into memory."""

from collections.abc import Sequence

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from classifier.refused_file import Limits, RefusedFile
from triage.intake.decoding import IncomingFile, check_number, summary
from triage.intake.errors import FileError, IntakeRefused
from triage.intake.sentences import sentence


def read_uploads(uploads: Sequence[UploadedFile]) -> list[IncomingFile]:
    """The files' bytes. Raises IntakeRefused for too many files, or any that is too large, unread."""
    check_number(len(uploads))
    limits = Limits(bytes=settings.CALLUS_INTAKE["max_bytes"])
    refused = []
    for upload in uploads:
        if not upload.size:
            continue  # named with what else is wrong, when it is decoded
        try:
            limits.check_bytes(upload.name or "", upload.size)
        except RefusedFile as refusal:
            refused.append(FileError(upload.name or "", refusal.code, sentence(refusal)))
    if refused:
        raise IntakeRefused(summary(refused, len(uploads)), files=refused)
    return [IncomingFile(upload.name or "", upload.read()) for upload in uploads]
