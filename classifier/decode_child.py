"""The process that decodes files of unknown senders: ``python -m classifier.decode_child``.

Reads requests on stdin and answers on stdout, one file after another, until stdin ends:

    request   4 bytes length, name in UTF-8;  8 bytes length, the file
    answer    4 bytes length, JSON header;  rendition, display, thumbnail (lengths in "sizes")

Lengths are big-endian. The header of a picture is ``kind bits width height modality aspect
display tags identity facts sizes``, that of a refusal ``code params reason``. Before it reads
the first byte, the process sets its own limits. It has no secrets (its parent starts it with an almost empty
environment) and writes no files.

``identity`` is ``classifier.dicom_identity.digests`` with the key of this upload, IDENTITY_KEY in the
environment: the values of two files can be compared, and no patient data leave the process.
"""

import argparse
import json
import os
import resource
import sys
import time
from typing import Any, BinaryIO

from classifier.dicom_identity import digests
from classifier.radiograph import Radiograph, read_radiograph
from classifier.refused_file import Limits, RefusedFile
from classifier.rendition import Rendition, render

_OPEN_FILES = 32  # stdin, stdout, stderr, and files that an import opens for a moment
# A bound on memory, not on names: the parent sends at most 1024 bytes of a name, and Linux paths have 4096.
_NAME_BYTES = 4096


def limit_process(memory_bytes: int) -> None:
    """Limits the address space, and forbids to write files, dump core, start processes or open many files.

    RLIMIT_NPROC stops other users' processes from starting more, but not root's.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))


def limit_cpu(seconds: int) -> None:
    """Gives the next file ``seconds`` of processor time; SIGXCPU ends the process after that."""
    # RLIMIT_CPU counts from the start of the process, in whole seconds. + 1: the time used so far is rounded
    # down, and without it a file could get almost a second less.
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds + 1, hard))


def serve(requests: BinaryIO, answers: BinaryIO, limits: Limits, cpu_seconds: int) -> None:
    """Answers requests until they end, or until memory has run out once.

    After a MemoryError the heap may be fragmented and a library may hold an incomplete object. So the process
    sends its answer and ends; the parent starts another one.
    """
    while head := requests.read(4):
        name = _exactly(requests, min(int.from_bytes(head, "big"), _NAME_BYTES)).decode()
        data = _exactly(requests, int.from_bytes(_exactly(requests, 8), "big"))
        limit_cpu(cpu_seconds)
        try:
            radiograph = read_radiograph(data, name, limits)
            rendition = render(radiograph)
        except RefusedFile as refused:
            _answer(answers, _refusal(refused))
        except MemoryError:
            _answer(answers, _refusal(RefusedFile("sandbox_memory", name)))
            return
        else:
            _answer(answers, _described(radiograph), rendition)
            del radiograph, rendition
        del data


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise EOFError("The parent stopped in the middle of a request.")
    return data


def _refusal(refused: RefusedFile) -> dict[str, Any]:
    return {"code": refused.code, "params": refused.params, "reason": refused.reason}


def _described(radiograph: Radiograph) -> dict[str, Any]:
    height, width = radiograph.pixels.shape
    return {
        "kind": radiograph.kind,
        "bits": radiograph.bits,
        "width": width,
        "height": height,
        "modality": radiograph.modality,
        "aspect": radiograph.aspect,
        "display": radiograph.display.as_json(),
        "tags": radiograph.tags,
        "identity": digests(radiograph.identity, _key()),
        "facts": None if radiograph.facts is None else radiograph.facts.as_json(),
    }


def _key() -> bytes:
    return os.environb.get(b"IDENTITY_KEY", b"")[:64]


def _answer(answers: BinaryIO, header: dict[str, Any], rendition: Rendition | None = None) -> None:
    pictures = (rendition.rendition, rendition.display, rendition.thumbnail) if rendition else ()
    text = json.dumps({**header, "sizes": [len(picture) for picture in pictures]}).encode()
    for piece in (len(text).to_bytes(4, "big"), text, *pictures):
        answers.write(piece)
    answers.flush()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="classifier.decode_child", description=__doc__)
    parser.add_argument("--max-bytes", type=int, default=Limits.bytes)
    parser.add_argument("--max-pixels", type=int, default=Limits.pixels)
    parser.add_argument("--cpu-seconds", type=int, default=20)
    parser.add_argument("--memory-bytes", type=int, default=2 * 1024**3)
    chosen = parser.parse_args(arguments)
    limit_process(chosen.memory_bytes)
    limits = Limits(chosen.max_bytes, chosen.max_pixels)
    serve(sys.stdin.buffer, sys.stdout.buffer, limits, chosen.cpu_seconds)


if __name__ == "__main__":
    main()
