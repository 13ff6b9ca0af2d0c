"""A few bytes of a good file are changed, thousands of times: it gives a picture or a sentence, in time."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from pydicom import uid

from classifier.refused_file import MESSAGES
from tests import pictures
from tests.classifier import samples
from tests.intake.decoders import costs, still_reads
from triage.intake.sandbox import RefusedFile, Sandbox

MEGABYTE = 1024**2
TWELVE = pictures.pixels(bits=12)


def bases() -> list[bytes]:
    drawn = list(samples.drawn().values())
    odd = [
        pictures.dicom(TWELVE)[132:],  # without preamble
        pictures.dicom(TWELVE << 4, HighBit=15),
        pictures.dicom(TWELVE, WindowCenter="2000\\100", WindowWidth="900\\50"),
        pictures.dicom(TWELVE, PixelPaddingValue=0, ShutterShape="CIRCULAR"),
        pictures.dicom(TWELVE, syntax=uid.ImplicitVRLittleEndian),
        pictures.repacked(pictures.dicom(TWELVE), "JPEGLSLossless")[:-8],
    ]
    return drawn + odd


def mutated(seed: int) -> Iterator[bytes]:
    """Bytes are replaced, removed or put in; half of them in the first kilobyte, where headers are."""
    rng, found = random.Random(seed), bases()
    while True:
        data = bytearray(rng.choice(found))
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            at = rng.randrange(min(len(data), rng.choice((1400, len(data)))))
            what, some = rng.random(), rng.randbytes(rng.randrange(1, 9))
            if what < 0.6:
                data[at] = some[0]
            elif what < 0.8 and len(data) > 40:
                del data[at : at + len(some)]
            else:
                data[at:at] = some
        yield bytes(data)


def decoded(monkeypatch, seed: int, count: int) -> Counter[str]:
    """How often each answer came."""
    ended, answers = costs(monkeypatch), Counter()
    with Sandbox() as sandbox:
        for _, data in zip(range(count), mutated(seed), strict=False):
            try:
                sandbox.decode_bytes("file", data)
                answers["picture"] += 1
            except RefusedFile as refused:
                assert refused.code in MESSAGES
                answers[refused.code] += 1
        assert still_reads(sandbox)
    assert max(end.peak_bytes for end in ended) <= 512 * MEGABYTE
    assert max(end.cpu_seconds for end in ended) < 10
    return answers


def is_healthy(answers: Counter[str]) -> bool:
    """Neither a way out of the reader's net, nor a codec that is killed by a broken file."""
    return not {"unexpected", "sandbox_crash", "sandbox_timeout"} & set(answers)


def test_mutated_files_cost_a_sentence_each(monkeypatch):
    answers = decoded(monkeypatch, seed=20261127, count=200)
    assert is_healthy(answers), answers
    assert answers["picture"] > 20 and answers["damaged"] > 20  # both kinds were met


@pytest.mark.whole
@pytest.mark.parametrize("seed", range(6))
def test_thousands_of_mutated_files_cost_a_sentence_each(monkeypatch, seed):
    answers = decoded(monkeypatch, seed=seed, count=500)
    assert is_healthy(answers), answers
