"""Checks the answer of the decode child: a file may have taken the child over."""

import itertools
import json
import math
import os
from dataclasses import dataclass, field
from typing import Any

from classifier import squares
from classifier.facts import LONGEST_TEXT, MOST_CURVES, DicomFacts
from classifier.refused_file import RefusedFile
from classifier.rendition_header import MAGIC
from triage.intake import answer_checks
from triage.intake.answer_look import check_look

_JPEG = b"\xff\xd8\xff"
_PARTS = ["rendition", "display", "thumbnail"]
_ALTERNATIVE = "alternative"  # the display by each curve after the first one
_NETWORK_INPUT = "network_input"  # before them, of pictures of which it is kept
_FORMATS = ("jpeg", "png", "tiff", "dicom")
HEADER_BYTES = 64 * 1024  # a header with all its DICOM facts has a few kB
_MAX_PREVIEW_BYTES = 8 * 1024 * 1024  # a display JPEG of 1600 × 1600 is below 3 MB


@dataclass(frozen=True)
class DecodedImage:
    """What the child made of a file.

    ``kind``, ``bits``, ``modality``, ``aspect`` and ``tags`` are those of
    ``classifier.radiograph.Radiograph``; ``display_by`` and ``curves`` say how it is shown
    (``classifier.display.Display``), ``look`` by what a viewer makes the same greys (``classifier.look``;
    None: not said); ``rendition`` (lossless, of 8 or 16 bit),
    ``display`` and ``thumbnail`` (JPEG) those of ``classifier.rendition.Rendition``;
    ``alternatives``: its alternatives, one behind the other, as ``start`` and ``size`` of a curve say.
    ``width`` and ``height`` are the rendition's. ``identity``: keyword of a DICOM tag → digest of its
    value, comparable within one upload. ``facts``: study, series and instance of a DICOM file, else None.
    ``network_input``: ``classifier.network_input``'s file, or b"" where it isn't kept.
    """

    kind: str
    bits: int
    width: int
    height: int
    modality: str
    tags: dict[str, str | int | None]
    rendition: bytes
    display: bytes
    thumbnail: bytes
    alternatives: bytes = b""
    aspect: float = 1.0
    display_by: str = ""
    curves: list[dict[str, Any]] = field(default_factory=list)
    look: dict[str, Any] | None = None
    network_input: bytes = b""
    identity: dict[str, str] = field(default_factory=dict)
    facts: DicomFacts | None = None


class WrongAnswerError(Exception):
    """The answer has a shape that the child never gives. It is broken, or a file has taken it over."""


def read_header(text: bytes, name: str) -> dict[str, Any]:
    """The header of a picture. Raises the RefusedFile that a refusal describes."""
    try:
        header = json.loads(text)
        if "code" not in header:
            return dict(header)
        params = answer_checks.refusal_params(header["code"], header["params"])
        refused = RefusedFile(header["code"], name, **params)
    # RecursionError: 30,000 brackets fit into a header.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as bad:
        raise WrongAnswerError("not a valid header") from bad
    raise refused


def read_answer(descriptor: int, name: str, max_pixels: int) -> DecodedImage:
    """What a child wrote (``classifier.decode_child``), checked. It has ended: nobody writes there any more.

    Raises RefusedFile if that is the answer, and WrongAnswerError for what no child of ours writes.
    """
    size = os.fstat(descriptor).st_size
    length = int.from_bytes(os.pread(descriptor, 4, max(0, size - 4)), "big")
    if not 0 < length <= min(HEADER_BYTES, size - 4):
        raise WrongAnswerError("no header")
    header = read_header(os.pread(descriptor, length, size - 4 - length), name)
    sizes = part_sizes(header, max_pixels)
    if sum(sizes) != size - 4 - length:
        raise WrongAnswerError("sizes of another file")
    starts = itertools.accumulate(sizes, initial=0)
    images = [os.pread(descriptor, count, at) for count, at in zip(sizes, starts, strict=False)]
    return read_image(header, images, max_pixels)


def part_sizes(header: dict[str, Any], max_pixels: int) -> list[int]:
    """The lengths of the parts in bytes. Raises WrongAnswerError for other parts, or impossible lengths."""
    parts = header.get("parts")
    if not isinstance(parts, list) or not all(isinstance(p, list) and len(p) == 2 for p in parts):
        raise WrongAnswerError("no pairs of name and size")
    names, sizes = [name for name, _ in parts], [size for _, size in parts]
    further = names[len(_PARTS) :]
    if further[:1] == [_NETWORK_INPUT]:
        further.pop(0)
    alternatives = [_ALTERNATIVE] * len(further)
    if names[: len(_PARTS)] != _PARTS or further != alternatives or len(further) >= MOST_CURVES:
        raise WrongAnswerError("other parts")
    bounds = {"rendition": 3 * max_pixels + HEADER_BYTES, _NETWORK_INPUT: squares.MOST_BYTES}
    most = [bounds.get(name, _MAX_PREVIEW_BYTES) for name in names]
    pairs = zip(sizes, most, strict=True)
    if not all(type(size) is int and 0 < size <= top for size, top in pairs):
        raise WrongAnswerError("sizes out of range")
    return sizes


def read_image(header: dict[str, Any], images: list[bytes], max_pixels: int) -> DecodedImage:
    """Raises WrongAnswerError unless fields have their types, are in their ranges and fit their columns, and
    images are such.
    """
    rendition, network_input, jpegs = _by_format(images)
    display, thumbnail, *alternatives = jpegs
    _check_types(header)
    shown = read_display(header.get("display"))
    size = (header["width"], header["height"], header["bits"])
    try:
        answer_checks.check_size(rendition, *size, max_pixels)
        answer_checks.check_thumbnail(thumbnail)
        for jpeg in (display, *alternatives):
            answer_checks.check_display(jpeg)
        tags = answer_checks.check_tags(header.get("tags"))
        identity = answer_checks.check_identity(header.get("identity", {}))
        look = check_look(header.get("look"), len(shown["curves"]))
    except ValueError as bad:
        raise WrongAnswerError(str(bad)) from bad
    image = DecodedImage(
        kind=header["kind"],
        bits=header["bits"],
        width=header["width"],
        height=header["height"],
        modality=header["modality"],
        tags=tags,
        rendition=rendition,
        display=display,
        thumbnail=thumbnail,
        alternatives=b"".join(alternatives),
        network_input=network_input,
        aspect=header["aspect"],
        display_by=shown["by"],
        curves=placed(shown["curves"], [len(alternative) for alternative in alternatives]),
        look=look,
        identity=identity,
        facts=_facts(header.get("facts")),
    )
    return _fitting(image)


def _check_types(header: dict[str, Any]) -> None:
    """Raises WrongAnswerError."""
    numbers = [header.get(key) for key in ("bits", "width", "height")]
    if (
        header.get("kind") not in _FORMATS
        or not all(type(number) is int for number in numbers)
        or not isinstance(header.get("modality"), str)
        or not _is_number(header.get("aspect"))
    ):
        raise WrongAnswerError("a field of another type")


def _by_format(images: list[bytes]) -> tuple[bytes, bytes, list[bytes]]:
    """The rendition, the network input (b"" without one) and the JPEGs. Raises WrongAnswerError."""
    rendition, *others = images
    at = len(_PARTS) - 1
    is_kept = len(others) > at and others[at].startswith(squares.MAGIC)
    network_input = others.pop(at) if is_kept else b""
    if not rendition.startswith(MAGIC) or not all(other.startswith(_JPEG) for other in others):
        raise WrongAnswerError("an image of another format")
    return rendition, network_input, others


def _fitting(image: DecodedImage) -> DecodedImage:
    """``image``. Raises WrongAnswerError where a value doesn't fit its column."""
    # Here and not above: models need Django's apps, and the sandbox can be imported without.
    from triage.intake.image_columns import check_columns

    try:
        check_columns(image)
    except ValueError as bad:
        raise WrongAnswerError(str(bad)) from bad
    return image


def _facts(answered: object) -> DicomFacts | None:
    try:
        return None if answered is None else DicomFacts.from_json(answered)
    except ValueError as bad:
        raise WrongAnswerError("facts of another shape") from bad


def read_display(answered: object) -> dict[str, Any]:
    """How a picture is shown, checked. Raises WrongAnswerError."""
    if not isinstance(answered, dict) or set(answered) != {"by", "curves"}:
        raise WrongAnswerError("a display of another shape")
    by, curves = answered["by"], answered["curves"]
    if not isinstance(by, str) or not isinstance(curves, list) or len(curves) > MOST_CURVES:
        raise WrongAnswerError("a display of another shape")
    if (by in ("window", "table")) != bool(curves):
        raise WrongAnswerError("curves that it is not shown by")
    if not all(_is_curve(curve) for curve in curves):
        raise WrongAnswerError("a curve of another shape")
    return answered


def placed(curves: list[dict[str, Any]], sizes: list[int]) -> list[dict[str, Any]]:
    """Curves with the place of their display in ``alternatives``. Raises WrongAnswerError if one has none."""
    if len(sizes) != max(len(curves) - 1, 0):
        raise WrongAnswerError("curves without a display, or displays without a curve")
    starts = [0, *itertools.accumulate(sizes, initial=0)]
    return [
        {**curve, "start": start, "size": size}
        for curve, start, size in zip(curves, starts, [0, *sizes], strict=False)
    ]


def _is_curve(curve: object) -> bool:
    if not isinstance(curve, dict) or set(curve) != {"name", "center", "width"}:
        return False
    name, window = curve["name"], (curve["center"], curve["width"])
    if not isinstance(name, str) or len(name) > LONGEST_TEXT or not name.isprintable():
        return False
    return window == (None, None) or (
        all(_is_number(number) for number in window) and window[1] > 0
    )


def _is_number(value: object) -> bool:
    return type(value) is float and math.isfinite(value)
