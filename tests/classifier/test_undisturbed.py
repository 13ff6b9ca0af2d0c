"""A process that is told to stop while it imports an engine stops with the engine whole."""

import os
import signal
import subprocess
import sys

import pytest

from classifier.engines.undisturbed import undisturbed

# The signal arrives when the library's own modules are looked for: in the middle of its import.
STOPPED_IN_AN_IMPORT = """
import importlib.abc, signal, sys
from types import SimpleNamespace
from classifier.engines.choice import open_engine

LAST = {"onnx": "onnxruntime.capi.onnxruntime_inference_collection", "torch": "torch.nn"}

class Stop(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == LAST[sys.argv[1]]:
            signal.raise_signal(signal.SIGTERM)

sys.meta_path.insert(0, Stop())
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(7))
try:
    open_engine(sys.argv[1], SimpleNamespace())
finally:
    print(f"classifier.engines.{sys.argv[1]}" in sys.modules)
"""


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_who_is_told_to_stop_while_an_engine_is_imported_stops_with_the_engine_whole(engine):
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_IN_AN_IMPORT, engine],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout.strip()) == (7, "True"), done.stderr


@pytest.fixture
def stop_at_sigusr1():
    def stop(number, frame):
        raise SystemExit(number)

    before = signal.signal(signal.SIGUSR1, stop)
    yield
    signal.signal(signal.SIGUSR1, before)


def test_a_signal_waits_for_the_end_of_the_block(stop_at_sigusr1):
    reached = []
    with pytest.raises(SystemExit), undisturbed():
        os.kill(os.getpid(), signal.SIGUSR1)
        reached.append("the end")
    assert reached == ["the end"]


def test_the_handlers_are_put_back_when_the_block_fails(stop_at_sigusr1):
    before = signal.getsignal(signal.SIGUSR1)
    with pytest.raises(ImportError), undisturbed():
        raise ImportError("a library that is not whole")
    assert signal.getsignal(signal.SIGUSR1) is before
