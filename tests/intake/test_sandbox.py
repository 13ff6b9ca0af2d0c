"""A file may be as bad as it likes: it costs its sender a sentence, and the next file is read."""

import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from django.test import override_settings
from PIL import Image

from classifier.refused_file import MESSAGES
from classifier.rendition import read_rendition
from classifier.rendition_file import write_rendition
from classifier.rendition_header import HEADER_BYTES, MAGIC
from tests import pictures
from triage.intake.answer import WrongAnswerError, image_sizes, read_header, read_image
from triage.intake.sandbox import DecodedImage, RefusedFile, Sandbox, SandboxLimits

GREY = pictures.pixels()
TWELVE = pictures.pixels(bits=12)
LARGE = pictures.png(np.zeros((7000, 7000), np.uint16))  # 0.1 MB packed, 98 MB unpacked


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


def refused(sandbox: Sandbox, data: bytes, name: str = "file") -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        sandbox.decode(name, data)
    return caught.value


def pid(sandbox: Sandbox) -> int:
    assert sandbox._child is not None
    return sandbox._child.pid


def still_reads(sandbox: Sandbox) -> bool:
    return bool((read_rendition(sandbox.decode("a.png", pictures.png()).rendition) == GREY).all())


def when_it_works(sandbox: Sandbox, harm: Callable[[int], None]) -> threading.Thread:
    """Freezes the child, so that the file surely is under way, and harms it a moment later."""
    child = pid(sandbox)
    os.kill(child, signal.SIGSTOP)

    def later() -> None:
        time.sleep(0.3)
        harm(child)

    thread = threading.Thread(target=later)
    thread.start()
    return thread


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
    found = sandbox.decode("file", data)
    assert (found.kind, found.bits, found.width, found.height) == (kind, bits, 64, 48)
    assert (read_rendition(found.rendition) == stored).all()


def test_pictures_to_show_are_small_grey_and_bare(sandbox, tmp_path):
    large = pictures.pixels(1000, 2400, bits=12)
    found = sandbox.decode("a.dcm", pictures.dicom(large, WindowCenter="2048", WindowWidth="4096"))
    for data, size in ((found.display, (1600, 667)), (found.thumbnail, (192, 80))):
        path = tmp_path / "shown.jpg"
        path.write_bytes(data)
        with Image.open(path) as shown:
            assert (shown.format, shown.mode, shown.size) == ("JPEG", "L", size)
            assert not shown.getexif()
            assert np.asarray(shown)[:, 0].mean() < np.asarray(shown)[:, -1].mean() - 100


def test_dicom_brings_its_window_and_tags(sandbox):
    data = pictures.dicom(WindowCenter="2000", WindowWidth="1000", Laterality="R")
    found = sandbox.decode("a.dcm", data)
    curve = {"name": "", "center": 2000.0, "width": 1000.0}
    assert (found.modality, found.display_by, found.curves) == ("CR", "window", [curve])
    assert found.tags["side"] == "R"


def test_one_child_serves_the_whole_upload_refusals_included(sandbox):
    child = pid(sandbox)
    assert still_reads(sandbox)
    found = refused(sandbox, pictures.jpeg()[:-50], "..\\wrist\u202e.jpg")
    assert (found.code, found.params["name"]) == ("truncated", "wrist.jpg")
    assert found.reason == "wrist.jpg is cut off after 1 KB. Export it again."
    assert still_reads(sandbox)
    assert pid(sandbox) == child


def test_a_large_file_is_refused_without_a_child():
    alone = Sandbox(SandboxLimits(max_bytes=10))
    assert refused(alone, b"x" * 11).code == "too_large"
    assert refused(alone, b"").code == "empty"
    assert alone._child is None


def test_limits_come_from_the_settings_and_reach_the_child():
    with override_settings(CALLUS_INTAKE={"max_pixels": 1000, "max_images": 3}):
        limits = SandboxLimits.from_settings()
    assert limits == SandboxLimits(max_pixels=1000)
    with Sandbox(limits) as sandbox:
        assert refused(sandbox, pictures.png()).code == "too_many_pixels"


def test_a_file_that_eats_memory_is_refused():
    with Sandbox(SandboxLimits(memory_bytes=280 * 1024**2)) as sandbox:
        found = refused(sandbox, LARGE, "large.png")
        assert found.code == "sandbox_memory"
        assert found.reason.startswith("large.png needs more memory")
        assert still_reads(sandbox)


def test_a_child_that_hangs_is_refused_and_replaced():
    with Sandbox(SandboxLimits(seconds=2)) as sandbox:
        assert still_reads(sandbox)
        frozen = pid(sandbox)
        os.kill(frozen, signal.SIGSTOP)
        start = time.monotonic()
        # Larger than a pipe holds: the parent must not block while it writes, either.
        found = refused(sandbox, b"\xff\xd8\xff" + bytes(500_000), "slow.jpg")
        assert time.monotonic() - start < 4
        assert (found.code, found.params["seconds"]) == ("sandbox_timeout", 2)
        assert not psutil.pid_exists(frozen)
        assert still_reads(sandbox)


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (signal.SIGSEGV, "sandbox_crash"),
        (signal.SIGABRT, "sandbox_crash"),
        (signal.SIGKILL, "sandbox_memory"),
        (signal.SIGXCPU, "sandbox_timeout"),
    ],
)
def test_a_child_that_dies_is_refused_and_replaced(sandbox, ending, code):
    def harm(child: int) -> None:
        os.kill(child, ending)
        os.kill(child, signal.SIGCONT)

    assert still_reads(sandbox)
    thread = when_it_works(sandbox, harm)
    assert refused(sandbox, pictures.png()).code == code
    thread.join()
    assert still_reads(sandbox)


def test_a_child_that_died_between_two_files_costs_nobody_a_file(sandbox):
    assert still_reads(sandbox)
    os.kill(pid(sandbox), signal.SIGKILL)
    os.waitid(os.P_PID, pid(sandbox), os.WEXITED | os.WNOWAIT)
    assert still_reads(sandbox)


def test_processor_time_is_limited_by_the_child_itself():
    noise = np.random.default_rng(1).integers(0, 65536, (7000, 7000), np.uint16)
    data = pictures.png(noise, compress_level=0)
    request = (1).to_bytes(4, "big") + b"a" + len(data).to_bytes(8, "big") + data
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "classifier.decode_child",
            "--cpu-seconds=0",
            f"--max-bytes={len(data)}",
        ],
        input=request,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == -signal.SIGXCPU


def test_a_child_holds_no_secret_and_can_write_nothing(sandbox, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do-not-leak")
    assert still_reads(sandbox)
    with Sandbox() as other:
        assert still_reads(other)
        folder = Path("/proc") / str(pid(other))
        assert b"do-not-leak" not in (folder / "environ").read_bytes()
        limits = (folder / "limits").read_text()
        for line in ("Max file size", "Max core file size", "Max processes"):
            row = next(each for each in limits.splitlines() if each.startswith(line))
            assert row.removeprefix(line).split()[:2] == ["0", "0"]
        assert f"{2 * 1024**3}" in limits
        opened = {str(each.resolve()) for each in (folder / "fd").iterdir()}
        assert sum("pipe" in each for each in opened) == 2
        assert opened - {each for each in opened if "pipe" in each} == {"/dev/null"}


def test_dicom_libraries_are_loaded_for_dicom_only(sandbox):
    assert still_reads(sandbox)
    maps = Path("/proc") / str(pid(sandbox)) / "maps"
    assert "gdcm" not in maps.read_text()
    sandbox.decode("a.dcm", pictures.repacked(pictures.dicom(), "JPEGLSLossless"))
    assert "gdcm" in maps.read_text()
    assert "torch" not in maps.read_text()


def test_the_parent_loads_no_image_library():
    code = (
        "import sys, triage.intake.sandbox;"
        "print({'PIL','numpy','pydicom','gdcm','torch','onnxruntime'} & set(sys.modules))"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == "set()"


def test_no_descriptor_and_no_zombie_is_left():
    own = psutil.Process()
    before = own.num_fds(), {child.pid for child in own.children()}
    for harm in (None, signal.SIGKILL, signal.SIGSTOP):
        with Sandbox() as sandbox:
            assert still_reads(sandbox)
            if harm:
                os.kill(pid(sandbox), harm)
    assert (own.num_fds(), {child.pid for child in own.children()}) == before


def test_threads_may_share_a_sandbox_or_have_their_own(sandbox):
    def own(number: int) -> bool:
        with Sandbox() as mine:
            return matches(mine, number)

    def matches(asked: Sandbox, number: int) -> bool:
        grey = pictures.pixels(seed=number)
        found: DecodedImage = asked.decode("a.png", pictures.png(grey))
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
                sandbox.decode("a.dcm", bytes(data))
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
    "sizes": [9, 9, 9],
}
_PARTS = [write_rendition(np.zeros((1, 1), np.uint8)), b"\xff\xd8\xff", b"\xff\xd8\xff"]


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
        {"sizes": None},
        {"sizes": [9, 9]},
        {"sizes": [2**40, 9, 9]},
        {"sizes": [9, True, 9]},
    ],
)
def test_a_picture_that_is_none_is_not_believed(wrong):
    assert read_image(_GOOD, _PARTS).kind == "png"
    with pytest.raises(WrongAnswerError):
        image_sizes({**_GOOD, **wrong}, 1000)
        read_image({**_GOOD, **wrong}, _PARTS)


def test_a_picture_of_another_kind_is_not_believed():
    with pytest.raises(WrongAnswerError):
        read_image(_GOOD, [b"<svg>", *_PARTS[1:]])


@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (40_000, 40_000)])
def test_a_rendition_of_another_size_than_the_header_says_is_not_believed(shape):
    """Its reader would take memory for the size that it names: here for 1.6 billion pixels."""
    named = struct.pack(">8s4B3I", MAGIC, 1, 8, 0, 0, shape[1], shape[0], 1)
    rendition = named + struct.pack(">I", zlib.crc32(named)) + _PARTS[0][HEADER_BYTES:]
    with pytest.raises(WrongAnswerError):
        read_image(_GOOD, [rendition, *_PARTS[1:]])
