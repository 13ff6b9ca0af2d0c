"""Decodes the file of a job in the sandbox, and stores what was made of it."""

from django.core.files.storage import default_storage
from django.utils.crypto import salted_hmac

from classifier.refused_file import RefusedFile
from triage.intake.decoded import Decoded, answer_of
from triage.intake.files import store
from triage.intake.network_inputs import decode_options
from triage.intake.refusals import FileReason
from triage.intake.sandbox import DecoderEnded, DecoderUnavailable, shared_sandbox
from triage.models import DecodeJob


class DecodingOutage(Exception):
    """The storage doesn't give or take bytes, or no decoder starts. That isn't the file's fault."""


def decode(job: DecodeJob) -> Decoded | FileReason:
    """What the decoder made of the job's file, or why the file is refused.

    Raises:
        DecodingOutage: nothing is known of the file.
        DecoderEnded: each decoder ended that was given the file.
    """
    original = str(job.original.name)
    try:
        with default_storage.open(original) as file:
            image = shared_sandbox().decode(
                job.file_name, file, key=identity_key(job), options=decode_options()
            )
        return Decoded(answer_of(image), store(original, image).derived)
    except RefusedFile as refused:
        params = {name: value for name, value in refused.params.items() if name != "name"}
        return FileReason(job.position, refused.code, params)
    except DecoderEnded:
        raise
    except (OSError, DecoderUnavailable) as error:
        raise DecodingOutage from error


def identity_key(job: DecodeJob) -> bytes:
    """The key of the digests of a header's identity: those of one case can be compared, and no others.

    Nobody without this installation's secret can try values out, and the decision removes the digests.
    """
    return salted_hmac("callus.intake.identity", str(job.case_id), algorithm="sha256").digest()
