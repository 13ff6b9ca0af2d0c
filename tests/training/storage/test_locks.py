"""Several processes on one run: no part is trained twice, and none stays undone."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from training.storage.locks import delete_unused, share_work, shared_lock

HOLD = """
import sys, time
from pathlib import Path
from training.storage.locks import exclusive_lock
with exclusive_lock(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    time.sleep(600)
"""
ALL = """
import sys, time
from pathlib import Path
from types import SimpleNamespace as Part
from training.storage.locks import delete_unused, shared_lock, share_work
run = Path(sys.argv[1])
def train(part):
    (run / "views" / "read").read_text()
    with (run / "trained").open("a") as file:
        file.write(part.name + "\\n")
    time.sleep(0.02)
    (run / part.name).touch()
parts = [Part(name=f"part-{number}") for number in range(12)]
is_done = lambda part: (run / part.name).exists()
sys.stdin.read()  # both begin at once
with shared_lock(run / "views"):
    share_work(parts, run, is_done, train)
delete_unused(run / "views", lambda: all(map(is_done, parts)))
"""


@dataclass(frozen=True)
class Split:
    name: str


@contextmanager
def another_process(run: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    """Which holds a part as one does that trains it."""
    command = [sys.executable, "-c", HOLD, str(run), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_what_another_process_holds_is_passed_over_and_named(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    trained: list[str] = []
    parts = [Split("first"), Split("second"), Split("third")]
    with another_process(tmp_path, "second"):
        share_work(
            parts,
            tmp_path,
            lambda part: part.name in trained,
            lambda part: trained.append(part.name),
        )
    assert trained == ["first", "third"]
    assert "other processes train them: second" in caplog.text


def test_what_a_killed_process_has_left_is_trained_before_the_end(tmp_path):
    trained: list[str] = []
    with another_process(tmp_path, "first") as other:

        def train(part: Split) -> None:
            other.kill()
            other.wait()
            trained.append(part.name)

        share_work(
            [Split("first"), Split("second")], tmp_path, lambda part: part.name in trained, train
        )
    assert trained == ["second", "first"]


def test_what_another_process_has_ended_meanwhile_is_not_trained_again(tmp_path):
    done: set[str] = set()
    trained: list[str] = []

    def train(part: Split) -> None:
        trained.append(part.name)
        done.update(("first", "second"))  # the second by another process

    share_work([Split("first"), Split("second")], tmp_path, lambda part: part.name in done, train)
    assert trained == ["first"]


def test_a_failed_training_frees_its_part(tmp_path):
    def fail(part: Split) -> None:
        raise KeyboardInterrupt

    trained: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        share_work([Split("first")], tmp_path, lambda part: False, fail)
    share_work(
        [Split("first")],
        tmp_path,
        lambda part: bool(trained),
        lambda part: trained.append(part.name),
    )
    assert trained == ["first"]


def test_processes_at_once_train_each_part_once_and_the_last_deletes_the_views(tmp_path):
    (tmp_path / "views").mkdir()
    (tmp_path / "views" / "read").touch()
    command = [sys.executable, "-c", ALL, str(tmp_path)]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(3)]
    for process in processes:
        process.stdin.close()
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    trained = (tmp_path / "trained").read_text().split()
    assert sorted(trained) == sorted(f"part-{number}" for number in range(12))
    assert not (tmp_path / "views").exists()


def test_views_stay_while_another_process_uses_them_or_a_part_is_undone(tmp_path):
    views = tmp_path / "views"
    views.mkdir()
    with shared_lock(views):
        delete_unused(views, lambda: True)
    assert views.exists()
    delete_unused(views, lambda: False)
    assert views.exists()
    delete_unused(views, lambda: True)
    assert not views.exists()
