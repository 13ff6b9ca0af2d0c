"""Whatever a taken-over child writes, its reader gets a picture within limits, a refusal, or one error."""

import json
import random
import struct
import zlib
from collections import Counter

import numpy as np
import pytest
from django.db import connection
from pydicom import Dataset

from classifier import dicom_identity
from classifier.dicom_header import Header
from classifier.dicom_tags import read_tags
from classifier.facts import DicomFacts
from classifier.network_input import file_of
from classifier.rendition_file import read_rendition_file, write_rendition
from classifier.rendition_header import HEADER_BYTES, MAGIC
from classifier.squares import Square, Squares
from tests import pictures
from triage.intake import answer_checks
from triage.intake.answer import WrongAnswerError, read_answer
from triage.intake.decoded import answer_of, image_of
from triage.intake.memory_files import memory_file
from triage.intake.sandbox import RefusedFile

PIXELS = pictures.pixels(12, 16, bits=12) << 4
JPEG = pictures.jpeg(PIXELS.astype(np.uint8))
SQUARES = file_of(PIXELS, Squares((Square(8, 0.5, 99.5),)))
PARTS = {
    "rendition": write_rendition(PIXELS),
    "display": JPEG,
    "thumbnail": JPEG,
    "network_input": SQUARES,
    "alternative": JPEG,
}
CURVE = {"name": "BONE", "center": 2000.0, "width": 400.0}
HONEST = {
    "kind": "dicom",
    "bits": 12,
    "width": 16,
    "height": 12,
    "modality": "CR",
    "aspect": 1.5,
    "display": {"by": "window", "curves": [CURVE, CURVE]},
    "tags": {"side": "R", "patient_age": 40, "accession_number": "A-1"},
    "identity": {"PatientID": "0" * 32},
    "facts": DicomFacts().as_json(),
    "parts": [[name, len(part)] for name, part in PARTS.items()],
}
REFUSAL = {"code": "unsupported_modality", "params": {"modality": "CT", "name": "a.dcm"}}


def framed(header: bytes, parts: bytes = b"".join(PARTS.values())) -> bytes:
    return parts + header + len(header).to_bytes(4, "big")


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def rendition_of(width: int, height: int, stream: bytes, rows: int = 1) -> bytes:
    named = struct.pack(">8s4B3I", MAGIC, 1, 8, 0, 0, width, height, rows)
    return named + struct.pack(">I", zlib.crc32(named)) + stream


def zeros(count: int) -> bytes:
    """A zlib stream of so many."""
    stream = zlib.compressobj(9)
    whole = b"".join(stream.compress(bytes(1 << 20)) for _ in range(count >> 20))
    return whole + stream.compress(bytes(count & ((1 << 20) - 1))) + stream.flush()


def answered(data: bytes, most: int = 50_000_000):
    with memory_file(data) as answer:
        return read_answer(answer, "a.dcm", most)


def of_size(width: int, height: int, stream: bytes, rows: int = 1) -> bytes:
    rendition = rendition_of(width, height, stream, rows)
    parts = {"rendition": rendition, "display": JPEG, "thumbnail": JPEG}
    header = {
        **HONEST,
        "width": width,
        "height": height,
        "bits": 8,
        "display": {"by": "values", "curves": []},
        "parts": [[name, len(part)] for name, part in parts.items()],
    }
    return framed(json.dumps(header).encode(), b"".join(parts.values()))


def test_the_answer_is_believed_unchanged():
    image = answered(framed(json.dumps(HONEST).encode()))
    assert (image.width, image.height, image.network_input) == (16, 12, SQUARES)
    assert (read_rendition_file(image.rendition, "r") == PIXELS).all()
    with pytest.raises(RefusedFile, match="modality CT"):
        answered(framed(json.dumps(REFUSAL).encode(), b""))


def test_the_checks_know_every_tag_and_every_value_of_an_identity():
    """Or each file that has another one would be refused."""
    assert read_tags(Header(Dataset())).keys() == answer_checks._TAGS
    assert dicom_identity._WRITERS.keys() == answer_checks._IDENTITY


@pytest.mark.parametrize(
    ("width", "height"), [(60_000, 60_000), (50_000_001, 1), (1, 50_000_001), (2**32 - 1, 1)]
)
def test_a_picture_of_more_pixels_than_a_file_may_have_is_not_believed(width, height):
    """Header and rendition agree, and the stream is a small one: its reader would take 3.6 GB."""
    with pytest.raises(WrongAnswerError, match="pixels"):
        answered(of_size(width, height, zeros(1 << 20)))
    assert answered(of_size(16, 12, zeros(192))).width == 16


def test_a_strip_is_no_way_around_the_limit():
    with pytest.raises(WrongAnswerError):
        answered(of_size(5000, 5000, zeros(5000 * 5000), rows=5000))


TEXTS = [
    *(nested(depth) for depth in (900, 5000, 30_000)),
    b'{"tags":' * 10_000 + b"1" + b"}" * 10_000,
    b'{"width":' + b"9" * 60_000 + b"}",
    b'{"width":' + b"9" * 4000 + b"}",
    b'{"aspect": 1e99999}',
    b'{"code": ["damaged"], "params": {}}',
    b'{"code": {}, "params": {}}',
    b'"code"',
    b'["code"]',
    b"null",
    b"NaN",
    b"\xff\xfe\xff\xfe",
    b"\x00" * 64,
    '{"code": "damaged", "params": {}}'.encode("utf-32"),
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:16]))
def test_a_header_of_any_form_is_one_error(text):
    with pytest.raises((WrongAnswerError, RefusedFile)):
        answered(framed(text))


STRANGE = [
    *(None, True, 0, -1, 1, 2**31, 2**63, 10**4000, 0.0, -0.0, 5e-324, 1e308),
    *(float("nan"), float("inf"), -float("inf"), "", "\x00", "\ud800", "\udfff\ud800", "X" * 70),
    *(
        "X" * 60_000,
        "2026-02-30",
        "٣",
        "\u202e",
        [],
        {},
        [[]],
        {"": 0},
        {"\x00": "\x00"},
        {"code": 1},
    ),
    *("window", "table", "values", "dicom", "damaged", [1.0, 2.0], [["rendition", 1]]),
]


def changed(rng: random.Random, value: object, depth: int = 0) -> object:
    """The value with something strange in it, somewhere."""
    if not isinstance(value, dict | list) or not value or (depth and rng.random() < 0.25):
        return rng.choice(STRANGE)
    if isinstance(value, dict):
        key = rng.choice([*value])
        if rng.random() < 0.1:
            return {name: old for name, old in value.items() if name != key}
        if rng.random() < 0.1:
            return {**value, rng.choice(["\x00", "\ud800", "more", "name", "code"]): value[key]}
        return {**value, key: changed(rng, value[key], depth + 1)}
    place = rng.randrange(len(value))
    if rng.random() < 0.2:
        return [*value, value[place]] * rng.choice((1, 20))
    return [changed(rng, old, depth + 1) if at == place else old for at, old in enumerate(value)]


def damaged(rng: random.Random, data: bytes) -> bytes:
    """Some bytes of the answer are others, or it is shorter or longer."""
    kind, found = rng.randrange(3), bytearray(data)
    if kind == 0:
        return bytes(found[: rng.randrange(len(found))])
    if kind == 1:
        at = rng.randrange(len(found))
        return bytes(found[:at]) + rng.randbytes(rng.randrange(40)) + bytes(found[at:])
    for _ in range(rng.randrange(1, 6)):
        found[rng.randrange(len(found))] = rng.randrange(256)
    return bytes(found)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_only_one_error_comes_of_whatever_is_written(seed):
    """And what is believed can be stored: PostgreSQL takes every text of it."""
    rng, ends = random.Random(seed), Counter()
    for _ in range(700):
        header: object = rng.choice([HONEST, HONEST, HONEST, REFUSAL])
        for _ in range(rng.choice((1, 1, 2, 3))):
            header = changed(rng, header)
        data = framed(json.dumps(header).encode())
        if rng.random() < 0.3:
            data = damaged(rng, data)
        try:
            image = answered(data)
        except WrongAnswerError:
            ends["wrong"] += 1
        except RefusedFile as refused:
            ends["refused"] += 1
            stored(refused.params)
        else:
            ends["believed"] += 1
            stored(answer_of(image))
            assert (image.width, image.height) == (16, 12)
            assert image_of(answer_of(image)).bits <= 16
    assert ends["wrong"] > 400 and ends["believed"] > 10, ends


def stored(value: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb", [json.dumps(value)])


def test_a_rendition_takes_no_memory_before_its_header_is_plausible():
    """Of storage that somebody else wrote to: by its own bound, and by what so few bytes can hold."""
    import tracemalloc

    many = [
        (rendition_of(60_000, 60_000, zeros(1 << 20)), {}),
        (rendition_of(16_000, 16_000, zeros(1 << 16)), {}),  # deflate can't make so much of it
        (rendition_of(4000, 4000, zeros(16_000_000)), {"most_pixels": 15_999_999}),
        (rendition_of(4000, 4000, zeros(16_000_000), rows=4000), {}),
    ]
    for data, limits in many:
        tracemalloc.start()
        with pytest.raises(RefusedFile):
            read_rendition_file(data, "r", **limits)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 1 << 20
    whole = rendition_of(4000, 4000, zeros(16_000_000))
    assert read_rendition_file(whole, "r", 16_000_000).shape == (4000, 4000)
    assert len(whole) > HEADER_BYTES
