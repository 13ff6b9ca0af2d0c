"""A reader finds a file or a folder whole or not at all, whenever its writer stops."""

import subprocess
import sys

import numpy as np
import pytest

from training.storage.atomic import atomic_file, atomic_folder, save_arrays, write_file

KILLED = """
import os, signal, sys
from pathlib import Path
from training.storage.atomic import atomic_file
with atomic_file(Path(sys.argv[1])) as unfinished:
    unfinished.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_writer_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "scores.csv"
    write_file(path, "old")
    assert subprocess.run([sys.executable, "-c", KILLED, str(path)]).returncode < 0
    assert path.read_text() == "old"
    (left,) = tmp_path.glob("scores.csv.*")
    assert left.suffix == ".part"


def test_a_file_that_fails_does_not_take_the_place_of_the_old_one(tmp_path):
    path = tmp_path / "a"
    write_file(path, b"old")
    with pytest.raises(OSError, match="disk"), atomic_file(path) as unfinished:
        unfinished.write_text("half")
        raise OSError("disk")
    assert path.read_text() == "old"


def test_arrays_keep_the_name_that_was_asked_for(tmp_path):
    save_arrays(tmp_path / "maps", {"heat": np.arange(3)})
    with np.load(tmp_path / "maps") as arrays:
        assert arrays["heat"].tolist() == [0, 1, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["maps"]


def test_a_folder_replaces_the_old_one_and_leaves_nothing_beside_it(tmp_path):
    target = tmp_path / "callus-1.0.0"
    for name in ("old", "new"):
        with atomic_folder(target) as unfinished:
            (unfinished / name).touch()
            assert [path.name for path in target.glob("*")] == (["old"] if name == "new" else [])
    assert [path.name for path in tmp_path.rglob("*")] == ["callus-1.0.0", "new"]


def test_a_folder_that_fails_leaves_the_old_one(tmp_path):
    target = tmp_path / "callus-1.0.0"
    target.mkdir()
    with pytest.raises(KeyboardInterrupt), atomic_folder(target):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == [target]
