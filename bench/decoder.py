"""What it costs to decode a file: by the warm parent, and by a process that is started for it.

``python -m bench.decoder``

Milliseconds of processor time of all processes from request to answer, the median of some files of a kind,
for both ways in the same run; beside it a fixed loop of this machine, and the memory of a child for films of
47 million pixels. Needs no database.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

import numpy as np  # noqa: E402
import psutil  # noqa: E402

from tests import pictures  # noqa: E402
from triage.intake import sandbox as module  # noqa: E402
from triage.intake.decoder import _ENVIRONMENT  # noqa: E402
from triage.intake.sandbox import Sandbox  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[1]
# What a process for each case did: import, decode, answer.
FRESH = """
import sys
from classifier.radiograph import read_radiograph
from classifier.rendition import render
made = render(read_radiograph(sys.stdin.buffer.read(), "file"))
sys.stdout.buffer.write(made.rendition + made.display + made.thumbnail)
"""


def film(height: int, width: int, bits: int, seed: int = 1) -> np.ndarray:
    """(H, W) a slope with the noise of a detector."""
    slope = np.linspace(0.1, 0.8, width, dtype=np.float32) + np.linspace(0, 0.15, height)[:, None]
    noise = np.random.default_rng(seed).normal(0, 0.004, (height, width))
    grey = (slope + noise).clip(0, 1) * ((1 << bits) - 1)
    return grey.astype(np.uint8 if bits <= 8 else np.uint16)


KINDS: dict[str, Callable[[], bytes]] = {
    "small_png": lambda: pictures.png(film(400, 300, 8)),
    "clinic_jpeg": lambda: pictures.jpeg(film(1800, 1500, 8), quality=92),
    "dicom_12_bit": lambda: pictures.dicom(film(2500, 2048, 12), 12),
    "dicom_jpeg_2000": lambda: pictures.repacked(
        pictures.dicom(film(2500, 2048, 12), 12), "JPEG2000Lossless"
    ),
}
LARGE: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: pictures.jpeg(film(6400, 7344, 8), quality=90),
    "png_8_bit": lambda: pictures.png(film(6400, 7344, 8), compress_level=1),
    "dicom_12_bit_jpeg_ls": lambda: pictures.repacked(
        pictures.dicom(film(6400, 7344, 12), 12), "JPEGLSLossless"
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what it costs to decode a file.")
    parser.add_argument("--files", type=int, default=15, help="of each kind")
    parser.add_argument("--no-large", action="store_true", help="leave out 47 million pixels")
    options = parser.parse_args()
    found: dict[str, object] = {"files": options.files, "calibration_ms": _calibration()}
    with Sandbox() as sandbox:
        sandbox.decode_bytes("file", pictures.png())
        for kind, drawn in KINDS.items():
            data = drawn()
            warm = [_warm(sandbox, data) for _ in range(options.files)]
            fresh = [_fresh(data) for _ in range(max(3, options.files // 3))]
            found[kind] = _compared(warm, fresh)
        if not options.no_large:
            found["child_mb_at_47_mp"] = {name: _peak(sandbox, d()) for name, d in LARGE.items()}
    print(json.dumps(found))


def _compared(
    warm: list[tuple[float, float]], fresh: list[tuple[float, float]]
) -> dict[str, float]:
    """Medians of (processor, clock) milliseconds."""
    cpu, wall = (statistics.median(column) for column in zip(*warm, strict=True))
    fresh_cpu, fresh_wall = (statistics.median(column) for column in zip(*fresh, strict=True))
    return {
        "cpu_ms": round(cpu, 1),
        "wall_ms": round(wall, 1),
        "fresh_cpu_ms": round(fresh_cpu, 1),
        "fresh_wall_ms": round(fresh_wall, 1),
        "cpu_ratio": round(cpu / fresh_cpu, 3),
    }


def _warm(sandbox: Sandbox, data: bytes) -> tuple[float, float]:
    assert sandbox._decoder is not None  # noqa: S101  it has decoded one
    parent = psutil.Process(sandbox._decoder.process.pid)

    def used() -> float:
        times = parent.cpu_times()
        # Of its children, those that it has waited for.
        return time.process_time() + sum(times[:4])

    start, began = used(), time.perf_counter()
    sandbox.decode_bytes("file", data)
    wall = time.perf_counter() - began
    time.sleep(0.03)  # the kernel counts a parent's time in ticks of ten milliseconds
    return (used() - start) * 1000, wall * 1000


def _fresh(data: bytes) -> tuple[float, float]:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", FRESH],
        input=data,
        capture_output=True,
        check=True,
        env=_ENVIRONMENT,
        cwd=REPOSITORY,
    )
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return used * 1000, wall * 1000


def _peak(sandbox: Sandbox, data: bytes) -> int:
    """Megabytes."""
    real, ended = module.read_end, []
    module.read_end = lambda *given: ended.append(real(*given)) or ended[-1]
    try:
        sandbox.decode_bytes("file", data)
    finally:
        module.read_end = real
    return int(ended[0].peak_bytes / 1024**2)


def _calibration() -> float:
    """Milliseconds of a fixed piece of work, to compare machines by."""
    start, values = time.process_time(), np.arange(1 << 20, dtype=np.float64)
    for _ in range(50):
        values = np.sqrt(values + 1)
    return round((time.process_time() - start) * 1000, 1)


if __name__ == "__main__":
    main()
