"""The benchmarks of the way in run on real films and processes; how fast they were is no test's business."""

import json
import subprocess
import sys

import pytest

from bench import serving
from bench.films import films
from bench.processes import cpu_seconds, memory_mb
from classifier.radiograph import read_radiograph


@pytest.fixture(scope="module")
def drawn():
    return films()


@pytest.mark.parametrize("kind", ["dicom", "rle", "jpeg2000", "jpeg", "small"])
def test_each_copy_of_a_film_is_another_file_with_the_same_pixels(drawn, kind):
    film = drawn[kind]
    first, second = film.copy(1), film.copy(2)
    assert first != second and len(first) == len(second)
    pixels = read_radiograph(first, film.name).pixels
    assert pixels.nbytes == film.raw_bytes
    assert (read_radiograph(second, film.name).pixels == pixels).all()


def test_a_process_and_its_children_are_counted_by_role(tmp_path):
    work = "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass\n"
    code = (
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {work!r}, '-Q intake'])\n"
    )
    code += "print(1, flush=True)\nsys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "gunicorn"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        process.stdout.readline()
        # The child worked for 0.4 s, has ended and was waited for.
        assert cpu_seconds(process.pid, tmp_path)["web"] > 0.3
        assert len(memory_mb(process.pid, tmp_path, "web")) == 1
    finally:
        process.communicate()


@pytest.mark.usefixtures("committed_db", "storage")
def test_a_worker_is_timed_beside_a_bare_loop(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["serving", "--pictures", "1", "--rounds", "1"])
    serving.main()
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    for kind in ("dicom", "jpeg", "small"):
        assert found[kind]["against_bare"] > 0
        assert found[kind]["serving_cpu_ms"] > found["forward_ms"] / 2
