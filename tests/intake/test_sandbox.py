"""A file may be as bad as it likes: it costs its sender a sentence, and the next file is read."""

import io
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.test import override_settings
from PIL import Image

from classifier.refused_file import MESSAGES
from classifier.rendition import read_rendition
from classifier.rendition_file import write_rendition
from classifier.rendition_header import HEADER_BYTES, MAGIC
from tests import pictures
from tests.intake.decoders import GREY, parent_of, refused, still_reads
from triage.intake.answer import (
    WrongAnswerError,
    part_sizes,
    read_answer,
    read_header,
    read_image,
)
from triage.intake.memory_files import memory_file
from triage.intake.sandbox import DecodedImage, RefusedFile, Sandbox, SandboxLimits

TWELVE = pictures.pixels(bits=12)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


@pytest.mark.parametrize(
    ("data", "kind", "bits", "stored"),
    [
        (pictures.png(), "png", 8, GREY),
        (pictures.tiff(), "tiff", 8, GREY),
        (pictures.png(TWELVE << 4), "png", 16, TWELVE << 4),
        (pictures.dicom(TWELVE), "dicom", 12, TWELVE << 4),
    ],
)
def test_a_rendition_holds_exactly_the_pixels(sandbox, data, kind, bits, stored):
    found = sandbox.decode_bytes("file", data)
    assert (found.kind, found.bits, found.width, found.height) == (kind, bits, 64, 48)
    assert (read_rendition(found.rendition) == stored).all()


def test_pictures_to_show_are_small_grey_and_bare(sandbox, tmp_path):
    large = pictures.pixels(1000, 2400, bits=12)
    found = sandbox.decode_bytes(
        "a.dcm", pictures.dicom(large, WindowCenter="2048", WindowWidth="4096")
    )
    for data, size in ((found.display, (1600, 667)), (found.thumbnail, (192, 80))):
        path = tmp_path / "shown.jpg"
        path.write_bytes(data)
        with Image.open(path) as shown:
            assert (shown.format, shown.mode, shown.size) == ("JPEG", "L", size)
            assert not shown.getexif()
            assert np.asarray(shown)[:, 0].mean() < np.asarray(shown)[:, -1].mean() - 100


def test_dicom_brings_its_window_and_tags(sandbox):
    data = pictures.dicom(WindowCenter="2000", WindowWidth="1000", Laterality="R")
    found = sandbox.decode_bytes("a.dcm", data)
    curve = {"name": "", "center": 2000.0, "width": 1000.0, "start": 0, "size": 0}
    assert (found.modality, found.display_by, found.curves) == ("CR", "window", [curve])
    assert found.tags["side"] == "R"


def test_a_file_is_read_from_its_start_by_its_descriptor_and_stays_open(sandbox, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(pictures.png())
    with path.open("r+b") as file:
        file.seek(20)
        assert sandbox.decode("a.png", file).width == 64
        assert file.tell() == 20
    for file in (io.BytesIO(pictures.png()), ContentFile(pictures.png(), "a.png")):
        file.seek(20)
        assert sandbox.decode("a.png", file).width == 64


def test_one_parent_serves_all_files_refusals_included(sandbox):
    assert still_reads(sandbox)
    parent = parent_of(sandbox).pid
    found = refused(sandbox, pictures.jpeg()[:-50], "..\\wrist\u202e.jpg")
    assert (found.code, found.params["name"]) == ("truncated", "wrist.jpg")
    assert found.reason == "wrist.jpg is cut off after 1 kB. Export it again."
    assert still_reads(sandbox)
    assert parent_of(sandbox).pid == parent


def test_a_large_file_is_refused_without_a_child():
    alone = Sandbox(SandboxLimits(max_bytes=10))
    assert refused(alone, b"x" * 11).code == "too_large"
    assert refused(alone, b"").code == "empty"
    assert alone._decoder is None


def test_limits_come_from_the_settings_and_reach_the_child():
    with override_settings(CALLUS_INTAKE={"max_pixels": 1000, "max_images": 3}):
        limits = SandboxLimits.from_settings()
    assert limits == SandboxLimits(max_pixels=1000)
    with Sandbox(limits) as sandbox:
        assert refused(sandbox, pictures.png()).code == "too_many_pixels"


def test_digests_of_two_files_are_comparable_under_one_key_only(sandbox):
    film = pictures.dicom(PatientID="4711", PatientBirthDate="19610223")

    def digests(**key: bytes) -> dict[str, str]:
        return sandbox.decode_bytes("a.dcm", film, **key).identity

    first = digests(key=b"one upload")
    assert {"PatientID", "PatientBirthDate"} <= set(first)
    assert digests(key=b"one upload") == first
    for other in (digests(key=b"another"), digests(), digests()):
        assert not set(first.values()) & set(other.values())
    assert "4711" not in str(first) and "1961" not in str(first)


def test_the_parent_loads_no_image_library():
    code = (
        "import sys, triage.intake.sandbox;"
        "print({'PIL','numpy','pydicom','gdcm','torch','onnxruntime'} & set(sys.modules))"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == "set()"


def test_threads_may_share_a_sandbox_or_have_their_own(sandbox):
    def own(number: int) -> bool:
        with Sandbox() as mine:
            return matches(mine, number)

    def matches(asked: Sandbox, number: int) -> bool:
        grey = pictures.pixels(seed=number)
        found: DecodedImage = asked.decode_bytes("a.png", pictures.png(grey))
        return bool((read_rendition(found.rendition) == grey).all())

    with ThreadPoolExecutor(6) as pool:
        shared = [pool.submit(matches, sandbox, number) for number in range(12)]
        owned = [pool.submit(own, number) for number in range(6)]
        assert all(each.result(timeout=60) for each in (*shared, *owned))


def test_damaged_dicom_never_takes_the_sandbox_down(sandbox):
    rng = np.random.default_rng(11)
    wholes = [
        pictures.dicom(),
        *(
            pictures.repacked(pictures.dicom(), syntax)
            for syntax in ("RLELossless", "JPEGLSLossless", "JPEG2000Lossless")
        ),
    ]
    for _ in range(40):
        for whole in wholes:
            data = bytearray(whole)
            for at in rng.integers(132, len(data), 4):
                data[at] = rng.integers(256)
            try:
                sandbox.decode_bytes("a.dcm", bytes(data))
            except RefusedFile as found:
                assert found.code in MESSAGES
    assert still_reads(sandbox)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no json",
        b"[1]",
        b'{"code": "made_up", "params": {}}',
        b'{"code": "too_large", "params": {}}',
        b'{"code": "truncated", "params": 3}',
    ],
)
def test_a_refusal_that_is_none_is_not_believed(text):
    with pytest.raises(WrongAnswerError):
        read_header(text, "file")


_GOOD = {
    "kind": "png",
    "bits": 8,
    "width": 1,
    "height": 1,
    "modality": "",
    "aspect": 1.0,
    "display": {"by": "values", "curves": []},
    "tags": {},
    "parts": [["rendition", 9], ["display", 9], ["thumbnail", 9]],
}
_JPEG = pictures.jpeg(np.zeros((1, 1), np.uint8))
_PARTS = [write_rendition(np.zeros((1, 1), np.uint8)), _JPEG, _JPEG]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "exe"},
        {"kind": []},
        {"bits": "8"},
        {"width": 0},
        {"modality": None},
        {"aspect": 1},
        {"aspect": 5.0},
        {"display": None},
        {"display": {"by": "window", "curves": []}},
        {"tags": {"side": ["L"]}},
        {"parts": None},
        {"parts": [["rendition", 9], ["display", 9]]},
        {"parts": [["rendition", 9], ["display", 9], ["script", 9]]},
        {"parts": [["rendition", 9], ["display", 9], ["thumbnail"]]},
        {"parts": [*_GOOD["parts"], ["script", 9]]},
        {"parts": [*_GOOD["parts"], *[["alternative", 9]] * 8]},
        {"parts": [*_GOOD["parts"], ["alternative", 2**40]]},
        {"parts": [["rendition", 2**40], ["display", 9], ["thumbnail", 9]]},
        {"parts": [["rendition", 9], ["display", True], ["thumbnail", 9]]},
        {"parts": [["rendition", 9], ["display", 9], ["thumbnail", 9], ["network_input", 2**30]]},
        {"parts": [["network_input", 9], ["rendition", 9], ["display", 9], ["thumbnail", 9]]},
    ],
)
def test_a_picture_that_is_none_is_not_believed(wrong):
    assert read_image(_GOOD, _PARTS, 1000).kind == "png"
    with pytest.raises(WrongAnswerError):
        part_sizes({**_GOOD, **wrong}, 1000)
        read_image({**_GOOD, **wrong}, _PARTS, 1000)


def test_a_picture_of_another_kind_is_not_believed():
    with pytest.raises(WrongAnswerError):
        read_image(_GOOD, [b"<svg>", *_PARTS[1:]], 1000)
    with pytest.raises(WrongAnswerError):
        read_image(_GOOD, [*_PARTS, b"<svg>"], 1000)


_CURVES = [{"name": "", "center": float(n), "width": 1.0} for n in range(3)]


def test_each_curve_after_the_first_brings_its_display():
    shown = {**_GOOD, "display": {"by": "window", "curves": _CURVES}}
    found = read_image(shown, [*_PARTS, _JPEG + b" one", _JPEG + b" another"], 1000)
    assert found.alternatives == _JPEG + b" one" + _JPEG + b" another"
    first = len(_JPEG) + 4
    places = [(curve["start"], curve["size"]) for curve in found.curves]
    assert places == [(0, 0), (0, first), (first, len(_JPEG) + 8)]


@pytest.mark.parametrize(
    ("curves", "further"),
    [
        (_CURVES[:1], [_JPEG]),
        (_CURVES, [_JPEG]),
        (_CURVES[:2], []),
        (_CURVES[:2], [b"<svg>"]),
        ([], [_JPEG]),
    ],
)
def test_displays_that_fit_no_curves_are_not_believed(curves, further):
    by = "window" if curves else "values"
    with pytest.raises(WrongAnswerError):
        read_image({**_GOOD, "display": {"by": by, "curves": curves}}, [*_PARTS, *further], 1000)


def test_a_picture_of_several_windows_brings_a_display_by_each(sandbox):
    film = pictures.pixels(bits=12)
    windows = {"WindowCenter": ["2048", "900", "60000"], "WindowWidth": ["4096", "300", "9"]}
    found = sandbox.decode_bytes("a.dcm", pictures.dicom(film, **windows))
    assert [curve["center"] for curve in found.curves] == [2048.0, 900.0]  # the third shows nothing
    second = found.curves[1]
    assert second["size"] == len(found.alternatives)
    grey = np.asarray(Image.open(io.BytesIO(found.alternatives)))
    ramp = np.clip((film - 899.5) / 299 + 0.5, 0, 1) * 255
    assert np.abs(grey - ramp).mean() < 3


@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (40_000, 40_000)])
def test_a_rendition_of_another_size_than_the_header_says_is_not_believed(shape):
    """Its reader would take memory for the size that it names: here for 1.6 billion pixels."""
    named = struct.pack(">8s4B3I", MAGIC, 1, 8, 0, 0, shape[1], shape[0], 1)
    rendition = named + struct.pack(">I", zlib.crc32(named)) + _PARTS[0][HEADER_BYTES:]
    with pytest.raises(WrongAnswerError):
        read_image(_GOOD, [rendition, *_PARTS[1:]], 1000)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"x",
        bytes(4),
        bytes(100),
        b"{}" + (2).to_bytes(4, "big"),
        b"{}" + (2**31).to_bytes(4, "big"),
        json.dumps(_GOOD).encode() + len(json.dumps(_GOOD)).to_bytes(4, "big"),  # without its parts
    ],
)
def test_a_file_that_is_no_answer_is_not_believed(wrong):
    with memory_file(wrong) as answer, pytest.raises(WrongAnswerError):
        read_answer(answer, "file", 1000)
