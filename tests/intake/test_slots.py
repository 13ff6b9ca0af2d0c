"""At most one decode child for each place, whoever asks, and no place is lost."""

import subprocess
import sys
import threading
import time

import pytest

from tests import pictures
from tests.conftest import REPOSITORY
from tests.intake.decoders import parent_of, still_reads
from triage.intake import slots
from triage.intake.sandbox import DecoderUnavailable, Sandbox, SandboxLimits
from triage.intake.slots import NoSlotError, Slots


def test_no_more_children_than_places(tmp_path):
    places = Slots(tmp_path / "slots", 1)
    with Sandbox(slots=places) as one, Sandbox(slots=Slots(tmp_path / "slots", 1)) as other:
        assert still_reads(one) and still_reads(other)
        most, done = [0], threading.Event()

        def watch() -> None:
            while not done.is_set():
                running = [p for s in (one, other) for p in parent_of(s).children()]
                most[0] = max(most[0], len(running))

        watcher = threading.Thread(target=watch)
        watcher.start()
        threads = [
            threading.Thread(target=still_reads, args=(sandbox,)) for sandbox in (one, other) * 6
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        watcher.join()
        assert most == [1]


def test_a_wait_for_a_place_has_an_end(tmp_path):
    places = Slots(tmp_path / "slots", 1)
    limits = SandboxLimits(wait_seconds=0.3)
    with Sandbox(limits, Slots(tmp_path / "slots", 1)) as sandbox, places.taken(0):
        start = time.monotonic()
        with pytest.raises(DecoderUnavailable, match="busy"):
            sandbox.decode_bytes("a.png", pictures.png())
        assert 0.2 < time.monotonic() - start < 3


def test_a_place_of_a_process_that_was_killed_is_free(tmp_path):
    code = (
        "import sys, pathlib; from triage.intake.slots import Slots\n"
        "with Slots(pathlib.Path(sys.argv[1]), 1).taken(0): print(flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "slots")],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        holder.stdout.readline()
        places = Slots(tmp_path / "slots", 1)
        with pytest.raises(NoSlotError), places.taken(0):
            pass
        holder.kill()
        with places.taken(5):
            pass


def test_places_in_a_folder_of_another_user_are_not_used(tmp_path):
    folder = tmp_path / "slots"
    folder.symlink_to(tmp_path)
    with pytest.raises(PermissionError), Slots(folder, 1).taken(0):
        pass


@pytest.mark.parametrize(
    ("limit", "places"), [("max 100000", 0), ("150000 100000", 2), ("50000 100000", 1), ("", 0)]
)
def test_a_container_has_no_more_places_than_it_has_cores(tmp_path, limit, places):
    quota = tmp_path / "cpu.max"
    quota.write_text(limit)
    assert slots._cores_of_container(quota) == places
    assert slots._cores_of_container(tmp_path / "absent") == 0
    assert slots.cores() >= 1
