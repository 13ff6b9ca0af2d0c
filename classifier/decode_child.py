"""What a decode child does: it shuts itself in, decodes one file, writes the answer and ends.

The job is a JSON object: ``name``, ``max_bytes``, ``max_pixels``, ``key`` (hexadecimal) and ``options``. The
answer is a file:

    the parts, one behind the other;  the header, a JSON object;  4 bytes, big-endian: the header's length

The header's ``parts`` are pairs of name and length, in order. So a part needs no place in memory until all
are known, and another part is another name. The header of a picture is ``kind bits width height modality
aspect display look tags identity facts parts``, that of a refusal ``code params reason parts``.

``identity`` is ``classifier.dicom_identity.digests`` with the job's key: the values of two files with one key
can be compared, and no patient data leave the process.
"""

import gc
import json
import os
import resource
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from classifier.box import Box
from classifier.decode_message import DESCRIPTORS, Request
from classifier.dicom_identity import digests
from classifier.look import look_of
from classifier.network_input import file_of
from classifier.radiograph import Radiograph, read_radiograph
from classifier.refused_file import Limits, RefusedFile
from classifier.rendition import render
from classifier.squares import Squares

_CHUNK = 1 << 20
_MOST_AT_ONCE = 64 << 20  # bytes; a file in one piece needn't be joined


def run(box: Box, request: Request, descriptors: Sequence[int]) -> None:
    """All of a child's life, but for its end. Raises whatever goes wrong."""
    # A child lives for one file: what a collection would find goes with it, and looking for it costs more.
    gc.disable()
    file, job, answer = _keep(descriptors[: DESCRIPTORS.index("report")])
    box.shut(request)
    decode(file, job, answer)


def _keep(descriptors: Sequence[int]) -> list[int]:
    """The same, as the only ones beside 0, 1 and 2: those of other files and of the worker are closed."""
    # First above all of them, so that none is overwritten before it is moved.
    free = max(descriptors) + 1
    for place, descriptor in enumerate(descriptors):
        os.dup2(descriptor, free + place)
    kept = list(range(3, 3 + len(descriptors)))
    for place, descriptor in enumerate(kept):
        os.dup2(free + place, descriptor)
    os.closerange(kept[-1] + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    return kept


def decode(file: int, job: int, answer: int) -> None:
    """Reads both descriptors from their start, and writes the answer."""
    asked = json.loads(_content(job))
    header: dict[str, Any]
    sizes: list[tuple[str, int]] = []
    try:
        limits = Limits(asked["max_bytes"], asked["max_pixels"])
        radiograph = read_radiograph(_content(file), asked["name"], limits)
        for name, part in parts_of(radiograph, asked["options"]):
            sizes.append((name, _write(answer, part)))
        header = described(radiograph, bytes.fromhex(asked["key"]))
    except RefusedFile as refused:
        header = refusal(refused)
    except MemoryError:
        header = refusal(RefusedFile("sandbox_memory", asked["name"]))
    text = json.dumps({**header, "parts": sizes}).encode()
    _write(answer, text + len(text).to_bytes(4, "big"))


def parts_of(radiograph: Radiograph, options: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The files that are made of a radiograph, by name.

    ``options["network_input"]``: ``classifier.squares.Squares`` as JSON, to make the input of their networks
    too, if it is kept of a picture of this size. Raises ValueError if no release has such squares.
    """
    squares = Squares.from_json(options["network_input"]) if "network_input" in options else None
    made = render(radiograph)
    yield "rendition", made.rendition
    yield "display", made.display
    yield "thumbnail", made.thumbnail
    if squares is not None and squares.are_kept_of(*radiograph.pixels.shape):
        yield "network_input", file_of(radiograph.square, squares)
    for alternative in made.alternatives:
        yield "alternative", alternative


def described(radiograph: Radiograph, key: bytes) -> dict[str, Any]:
    height, width = radiograph.pixels.shape
    return {
        "kind": radiograph.kind,
        "bits": radiograph.bits,
        "width": width,
        "height": height,
        "modality": radiograph.modality,
        "aspect": radiograph.aspect,
        "display": radiograph.display.as_json(),
        "look": look_of(radiograph),
        "tags": radiograph.tags,
        "identity": digests(radiograph.identity, key),
        "facts": None if radiograph.facts is None else radiograph.facts.as_json(),
    }


def refusal(refused: RefusedFile) -> dict[str, Any]:
    return {"code": refused.code, "params": refused.params, "reason": refused.reason}


def _content(descriptor: int) -> bytes:
    """All bytes. By position: the worker's own reading of the file shares the descriptor's offset."""
    pieces, at = [], 0
    while piece := os.pread(descriptor, _MOST_AT_ONCE, at):
        pieces.append(piece)
        at += len(piece)
    return b"".join(pieces)


def _write(descriptor: int, data: bytes) -> int:
    """The number of bytes, all of which are written."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest[:_CHUNK]) :]
    return len(data)
