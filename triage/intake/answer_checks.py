"""What a decode child says of a picture, held against bounds of our own, and never only against what it says
elsewhere: a file may have taken it over, and then every part of its answer agrees with every other.

Each check raises ValueError (a RefusedFile is one).
"""

import re
from collections.abc import Mapping
from string import Formatter

from classifier.refused_file import MESSAGES, Params
from classifier.rendition_header import read_header as read_rendition_header
from classifier.shown_sizes import DISPLAY_SIDE, THUMBNAIL_SIDE
from classifier.truncation import walk_jpeg

LONGEST_WORD = 200  # characters of what a refusal names: a keyword, a syntax, a modality
_LARGEST_NUMBER = 2**53  # that JSON carries everywhere; a size in a sentence is far below
_OLDEST = 10_000  # years between two dates that Python knows
# ``classifier.dicom_tags.read_tags``, ``classifier.dicom_identity.read_identity``
_TAGS = {
    *("accession_number", "patient_age", "sex", "body_part", "side", "projection"),
    *("study_date", "study_uid", "series_uid", "instance_uid"),
}
_IDENTITY = {
    *("PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientAge"),
    *("StudyInstanceUID", "AccessionNumber"),
}
_DIGEST = re.compile(r"[0-9a-f]{32}")
_JPEG_HEADER = 4096  # bytes: the tables of a grey JPEG have 400
_NO_SENTENCE_NAMES = {"name"}  # the sender's, which the child gives back and nobody takes


def refusal_params(code: str, said: Mapping[str, object]) -> Params:
    """What the sentence of a refusal names, and nothing else: it is stored, sent and shown."""
    params = {key: value for key, value in said.items() if key not in _NO_SENTENCE_NAMES}
    named = {field for _, field, _, _ in Formatter().parse(MESSAGES[code]) if field}
    if code == "truncated":
        named.add("want")  # where it is known
    if not params.keys() <= named:
        raise ValueError("a parameter of another sentence")
    return {key: _word(value) for key, value in params.items()}


def check_size(rendition: bytes, width: int, height: int, bits: int, max_pixels: int) -> None:
    """The picture is as small as a file's may be, and the rendition is a picture of this size.

    Whoever reads it takes memory for the size that its header names. What is resampled to square pixels needs
    no bound of its own: ``classifier.preprocess.with_square_pixels`` has one.
    """
    if min(width, height) < 1 or width * height > max_pixels:
        raise ValueError("more pixels than a file may have")
    named = read_rendition_header(rendition, "rendition")
    if (named.width, named.height) != (width, height):
        raise ValueError("a rendition of another size")
    if not 1 <= bits <= 16 or named.bits != (8 if bits <= 8 else 16):
        raise ValueError("a rendition of other bits")


def check_display(jpeg: bytes) -> None:
    """A display is as large as ours are: a browser takes memory for the size that its header names."""
    _check_jpeg(jpeg, DISPLAY_SIDE)


def check_thumbnail(jpeg: bytes) -> None:
    """The same of a thumbnail."""
    _check_jpeg(jpeg, THUMBNAIL_SIDE)


def check_tags(tags: object) -> dict[str, str | int | None]:
    """``read_tags``, or some of it."""
    if not isinstance(tags, dict) or not tags.keys() <= _TAGS:
        raise ValueError("other tags")
    age = tags.get("patient_age")
    if age is not None and not (type(age) is int and 0 <= age < _OLDEST):
        raise ValueError("no age in years")
    for name, value in tags.items():
        if name != "patient_age" and not isinstance(_word(value), str):
            raise ValueError("a tag that is no text")
    return tags


def check_identity(identity: object) -> dict[str, str]:
    """``classifier.dicom_identity.digests``."""
    if not isinstance(identity, dict) or not identity.keys() <= _IDENTITY:
        raise ValueError("other values of an identity")
    for value in identity.values():
        if not isinstance(value, str) or not _DIGEST.fullmatch(value):
            raise ValueError("not a digest")
    return identity


def _check_jpeg(data: bytes, longest: int) -> None:
    frame = walk_jpeg(data[:_JPEG_HEADER], "picture", to_first_scan=True)
    if not (0 < frame.width <= longest and 0 < frame.height <= longest):
        raise ValueError("a picture to show that is larger than ours are")


def _word(value: object) -> str | int:
    """What a sentence can name: a number, or a short text that can be sent and stored."""
    if isinstance(value, str):
        if len(value) <= LONGEST_WORD and value.isprintable():
            return value
    elif type(value) is int and abs(value) <= _LARGEST_NUMBER:
        return value
    raise ValueError("neither a short text nor a number")
