"""No picture takes more memory than is allowed, however it is packed; what needs more is refused."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests import pictures
from tests.intake.decoders import LARGE, costs, refused, replace_parent, still_reads
from triage.intake.sandbox import Sandbox, SandboxLimits

MEGABYTE = 1024**2
HEIGHT, WIDTH = 6400, 7344  # 47 million pixels
EMPTY8, EMPTY16 = np.zeros((HEIGHT, WIDTH), np.uint8), np.zeros((HEIGHT, WIDTH), np.uint16)


def zeros(count: int) -> bytes:
    """A zlib stream of so many."""
    stream, piece = zlib.compressobj(1), bytes(MEGABYTE)
    whole, rest = divmod(count, MEGABYTE)
    return b"".join(
        [
            *(stream.compress(piece) for _ in range(whole)),
            stream.compress(bytes(rest)),
            stream.flush(),
        ]
    )


def wide_png(samples: int, height: int = HEIGHT, width: int = WIDTH) -> bytes:
    """A PNG of 16 bits a sample and 2 (with alpha), 3 or 4 samples a pixel, which Pillow doesn't write."""
    kind = {2: 4, 3: 2, 4: 6}[samples]

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))
    data = chunk(b"IDAT", zeros(height * (1 + width * samples * 2)))
    return b"\x89PNG\r\n\x1a\n" + head + data + chunk(b"IEND", b"")


def wide_tiff(samples: int = 4) -> bytes:
    """A TIFF of 16 bits a sample in one strip."""
    data = zeros(HEIGHT * WIDTH * samples * 2)
    photometric = 2 if samples >= 3 else 1
    bits_at = 8 + 2 + 11 * 12 + 4
    tags = [
        *((256, 4, 1, WIDTH), (257, 4, 1, HEIGHT), (258, 3, samples, bits_at), (259, 3, 1, 8)),
        *((262, 3, 1, photometric), (273, 4, 1, bits_at + 2 * samples), (277, 3, 1, samples)),
        *((278, 4, 1, HEIGHT), (279, 4, 1, len(data)), (284, 3, 1, 1), (338, 3, 1, 2)),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *t) for t in tags)
    bits = struct.pack(f"<{samples}H", *[16] * samples)
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + bits + data


def colour(mode: str, kind: str, **options: object) -> bytes:
    return pictures.saved(Image.new(mode, (WIDTH, HEIGHT)), kind, **options)


def packed(syntax: str) -> bytes:
    return pictures.repacked(pictures.dicom(EMPTY16, 12), syntax)


USUAL: dict[str, Callable[[], bytes]] = {
    "twelve bits": lambda: packed("JPEGLSLossless"),
    "JPEG Lossless": lambda: packed("JPEGLosslessProcess14_1"),
    "grey JPEG": lambda: pictures.jpeg(EMPTY8),
}
RARE: dict[str, Callable[[], bytes]] = {
    "16-bit RGBA PNG": lambda: wide_png(4),
    "CMYK JPEG": lambda: colour("CMYK", "JPEG"),
    "CMYK TIFF": lambda: colour("CMYK", "TIFF", compression="tiff_lzw"),
    "16-bit RGBA TIFF in one strip": wide_tiff,
}
SLOW: dict[str, Callable[[], bytes]] = {
    **{name: lambda name=name: packed(name) for name in ("JPEG2000Lossless", "RLELossless")},
    "RGBA PNG": lambda: colour("RGBA", "PNG", compress_level=1),
    "RGB JPEG": lambda: colour("RGB", "JPEG"),
    "16-bit RGB PNG": lambda: wide_png(3),
    "16-bit grey PNG with alpha": lambda: wide_png(2),
    "16-bit PNG": lambda: pictures.png(EMPTY16),
    "palette PNG": lambda: colour("P", "PNG"),
    "progressive JPEG": lambda: pictures.jpeg(EMPTY8, progressive=True),
    "turned JPEG": lambda: pictures.jpeg(EMPTY8, orientation=6),
    "16-bit TIFF": lambda: pictures.tiff(EMPTY16, compression="tiff_lzw"),
    "RGB TIFF in one strip": lambda: colour(
        "RGB", "TIFF", compression="tiff_adobe_deflate", tiffinfo={278: HEIGHT}
    ),
}


def peak(monkeypatch, data: bytes, may_refuse: bool) -> int:
    """Megabytes of the child that decoded a picture, or refused it for its memory."""
    ended = costs(monkeypatch)
    with Sandbox() as sandbox:
        if may_refuse:
            try:
                assert sandbox.decode_bytes("file", data).width in (WIDTH, HEIGHT)
            except Exception as refusal:
                assert getattr(refusal, "code", "") == "sandbox_memory", refusal
        else:
            assert sandbox.decode_bytes("file", data).width in (WIDTH, HEIGHT)
        assert still_reads(sandbox)
    return ended[0].peak_bytes // MEGABYTE


@pytest.mark.parametrize("kind", USUAL)
def test_a_film_of_47_million_pixels_is_read_within_the_limit(monkeypatch, kind):
    # GDCM holds a film of JPEG Lossless once more, for some milliseconds that a look may meet or not.
    most = 450 if kind == "JPEG Lossless" else 380
    assert peak(monkeypatch, USUAL[kind](), may_refuse=False) <= most


@pytest.mark.parametrize("kind", RARE)
def test_what_no_radiograph_is_costs_no_more(monkeypatch, kind):
    assert peak(monkeypatch, RARE[kind](), may_refuse=kind.endswith("strip")) <= 512


@pytest.mark.whole
@pytest.mark.parametrize("kind", SLOW)
def test_every_other_packing_costs_no_more(monkeypatch, kind):
    assert peak(monkeypatch, SLOW[kind](), may_refuse=False) <= 512


def test_a_file_that_eats_memory_is_refused():
    with Sandbox(SandboxLimits(memory_bytes=120 * MEGABYTE)) as sandbox:
        found = refused(sandbox, LARGE, "large.png")
        assert found.code == "sandbox_memory"
        assert found.reason.startswith("large.png needs more memory")
        assert still_reads(sandbox)


GREEDY = """
from classifier import decode_child, decode_parent
def greedy(*_):
    kept = []
    while True: kept.append(bytearray(b"x" * 4096))
decode_child.decode = greedy
decode_parent.main()
"""
AT_ONCE = GREEDY.replace("b'x' * 4096", "1").replace('bytearray(b"x" * 4096)', "bytearray(1 << 31)")


def test_a_child_that_takes_ever_more_is_ended(monkeypatch):
    replace_parent(monkeypatch, GREEDY)
    ended = costs(monkeypatch)
    with Sandbox() as sandbox:
        assert refused(sandbox, b"x").code == "sandbox_memory"
    assert ended[0].is_large and ended[0].peak_bytes < 640 * MEGABYTE


UNSEEN = GREEDY.replace(
    "decode_parent.main()",
    "decode_parent.kernel.resident_bytes = lambda pid: 0\ndecode_parent.main()",
)


def test_a_child_that_nobody_looks_at_meets_the_kernel_s_limit(monkeypatch):
    """As on a machine that is so busy that the parent doesn't come to look."""
    replace_parent(monkeypatch, UNSEEN)
    ended = costs(monkeypatch)
    with Sandbox() as sandbox:
        assert refused(sandbox, b"x").code == "sandbox_crash"
    # 1.4 times 512, and what it shares with its parent.
    assert not ended[0].is_large and ended[0].peak_bytes < 820 * MEGABYTE


def test_a_child_that_asks_for_too_much_at_once_gets_nothing(monkeypatch):
    replace_parent(monkeypatch, AT_ONCE)
    ended = costs(monkeypatch)
    with Sandbox() as sandbox:
        assert (
            refused(sandbox, b"x").code == "sandbox_crash"
        )  # nobody of ours caught its MemoryError
    assert ended[0].status == 70 and ended[0].peak_bytes < 100 * MEGABYTE


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "LA", "P", "1"])
def test_strips_make_the_same_greys_as_the_whole_picture(monkeypatch, mode):
    from classifier import luma

    noise = np.random.default_rng(4).integers(0, 256, (97, 61, 4), np.uint8)
    picture = Image.fromarray(noise, "RGBA" if mode != "CMYK" else "CMYK")
    picture = picture if mode in ("RGBA", "CMYK") else picture.convert(mode)
    whole = luma.luma(picture)
    monkeypatch.setattr(luma, "_STRIP", 200)
    assert np.array_equal(luma.luma(picture), whole)
