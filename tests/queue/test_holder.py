"""A holder names one process, and only a dead one is gone."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import wait_until
from triage.queue import holder
from triage.queue.holder import is_gone, this_holder, this_node

linux = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="This system has no /proc.")


@pytest.fixture
def child():
    """Another process of this worker, and its holder."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"],
        stdout=subprocess.PIPE,
    )
    process.stdout.readline()
    process.holder = f"{this_node()}{process.pid} {holder._started_at(process.pid)}"
    yield process
    process.kill()
    process.wait(10)
    process.stdout.close()


@linux
def test_only_a_dead_process_is_gone(child):
    assert not is_gone(this_holder())
    assert not is_gone(child.holder)
    child.send_signal(signal.SIGSTOP)
    assert not is_gone(child.holder), "it goes on later"
    child.kill()
    wait_until(lambda: is_gone(child.holder), 10, "its end, though nobody collects it")
    child.wait(10)
    assert is_gone(child.holder)


@linux
def test_another_process_of_the_same_id_is_another_one(child):
    """In a container that was started again, a worker has its predecessor's process id."""
    before, _, started_at = child.holder.rpartition(" ")
    assert is_gone(f"{before} {int(started_at) - 1}")


def test_where_processes_can_not_be_looked_for_nobody_is_gone(monkeypatch, tmp_path, child):
    monkeypatch.setattr(holder, "_PROC", tmp_path)
    assert not is_gone(child.holder)
    assert not is_gone(this_holder())
