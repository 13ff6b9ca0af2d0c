"""Sandboxes of tests, and programs that stand in for the decode parent."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable

import numpy as np
import psutil
import pytest

from classifier.decode_message import Ended
from classifier.rendition import read_rendition
from tests import pictures
from triage.intake import sandbox as sandbox_module
from triage.intake.sandbox import RefusedFile, Sandbox

GREY = pictures.pixels()
# 0.1 MB packed, 98 MB unpacked: it takes a second.
LARGE = pictures.png(np.zeros((7000, 7000), np.uint16))


def refused(sandbox: Sandbox, data: bytes, name: str = "file") -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        sandbox.decode_bytes(name, data)
    return caught.value


def still_reads(sandbox: Sandbox) -> bool:
    found = sandbox.decode_bytes("a.png", pictures.png())
    return bool((read_rendition(found.rendition) == GREY).all())


def costs(monkeypatch: pytest.MonkeyPatch) -> list[Ended]:
    """How each child ended from now on."""
    found: list[Ended] = []
    real = sandbox_module.read_end

    def read_end(*arguments: object) -> Ended:
        found.append(real(*arguments))
        return found[-1]

    monkeypatch.setattr(sandbox_module, "read_end", read_end)
    return found


def parent_of(sandbox: Sandbox) -> psutil.Process:
    assert sandbox._decoder is not None
    return psutil.Process(sandbox._decoder.process.pid)


def child_of(sandbox: Sandbox, seconds: float = 10) -> psutil.Process:
    """Waits for one that is under way."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if children := parent_of(sandbox).children():
            return children[0]
        time.sleep(0.001)
    raise AssertionError("No child was forked.")


def when_it_works(sandbox: Sandbox, harm: Callable[[psutil.Process], None]) -> threading.Thread:
    """Harms the child that the next file gets. Join the thread."""
    thread = threading.Thread(target=lambda: harm(child_of(sandbox)))
    thread.start()
    return thread


def replace_parent(monkeypatch: pytest.MonkeyPatch, program: str, *arguments: str) -> None:
    """Sandboxes start ``python -c program SOCKET arguments`` in place of the decode parent, as they do it."""
    start = subprocess.Popen

    def popen(command: list[str], **options: object) -> "subprocess.Popen[bytes]":
        assert command[1:3] == ["-m", "classifier.decode_parent"]
        return start([sys.executable, "-c", program, command[3], *arguments], **options)

    monkeypatch.setattr(subprocess, "Popen", popen)
