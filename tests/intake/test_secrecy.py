"""Secrets are in no memory that a file could reach: neither in a decoder's, nor readable in a web process."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from django.core.checks import run_checks
from django.test import Client

from classifier.box import Box
from tests import pictures
from tests.conftest import REPOSITORY
from tests.intake.decoders import LARGE, parent_of, still_reads, when_it_works
from triage.intake import checks
from triage.intake.sandbox import Sandbox

DUMPABLE = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"  # PR_GET_DUMPABLE
STARTS = {
    "web process": "import config.wsgi",
    "gunicorn's first process": "import config.gunicorn as g; g.on_starting(None)",
    "worker": "from config.celery import app; from celery.signals import celeryd_init as s;"
    "s.send('worker', instance=None, conf=app.conf, options={'queues': 'default'})",
    "beat": "from config.celery import app; from celery.signals import beat_init as s; s.send(None)",
}


@pytest.mark.parametrize("process", STARTS)
def test_processes_with_secrets_are_not_readable_by_others(process):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    environment.pop("CALLUS_STACK", None)
    done = subprocess.run(
        [sys.executable, "-c", f"{STARTS[process]}; {DUMPABLE}"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "0"


PLANTED = {
    "environment": "planted-in-the-environment-5b1f",
    "settings": "planted-in-the-settings-77ce",
    "memory": "planted-in-memory-90aa",
    "file name": "planted-name-31d0.png",
    "key": "planted-key-of-an-upload-c42e",
    "patient": "PLANTED^PATIENT^ae11",
}


def memory_of(process: psutil.Process) -> bytes:
    """All that it may write or has written. Needs root, or a process that is dumpable."""
    folder, found = Path("/proc", str(process.pid)), []
    with (folder / "mem").open("rb", buffering=0) as memory:
        for line in (folder / "maps").read_text().splitlines():
            place = re.match(r"([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \S+ *(.*)", line)
            if place is None or place[3] in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                continue
            start, end = int(place[1], 16), int(place[2], 16)
            memory.seek(start)
            found.append(memory.read(end - start) or b"")
    return b"".join(found)


def found_in(memory: bytes) -> set[str]:
    return {
        where
        for where, text in PLANTED.items()
        if any(text.encode(coding) in memory for coding in ("utf-8", "utf-16-le", "utf-32-le"))
    }


needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root reads the memory of a decoder")


@needs_root
def test_no_secret_is_in_the_memory_of_parent_or_child(monkeypatch, settings):
    monkeypatch.setenv("SECRET_KEY", PLANTED["environment"])
    settings.SECRET_KEY = PLANTED["settings"]
    kept = [PLANTED["memory"] * 2]
    film = pictures.dicom(PatientName=PLANTED["patient"])
    with Sandbox() as sandbox:
        # A file, a name and a key of somebody else come first.
        key = PLANTED["key"].encode()
        sandbox.decode_bytes(PLANTED["file name"], pictures.png(), key=key)
        sandbox.decode_bytes("a.dcm", film, key=key)
        assert still_reads(sandbox)
        parent = parent_of(sandbox)
        assert found_in(memory_of(parent)) == set()
        seen = []

        def look(child: psutil.Process) -> None:
            child.suspend()
            seen.append(memory_of(child))
            child.resume()

        thread = when_it_works(sandbox, look)
        sandbox.decode_bytes("large.png", LARGE)
        thread.join()
    assert len(seen[0]) > 10 * 1024**2 and found_in(seen[0]) == set()
    assert kept


@needs_root
def test_the_search_finds_what_is_there():
    """Of a process that has read them all. Not of this one: it has gigabytes by now."""
    holder = "import sys; held = sys.stdin.readline(); print(flush=True); sys.stdin.readline()"
    command = [sys.executable, "-c", holder]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        process.stdin.write(" ".join(PLANTED.values()) + "\n")
        process.stdin.flush()
        process.stdout.readline()
        assert found_in(memory_of(psutil.Process(process.pid))) == set(PLANTED)
        process.stdin.close()


def test_check_and_health_say_what_is_missing(monkeypatch, db):
    def ids() -> list[str]:
        return [message.id for message in run_checks() if message.id == "callus.W001"]

    def health() -> str:
        return json.loads(Client().get("/healthz/ready").content)["decoder"]

    checks.missing_layers.cache_clear()
    monkeypatch.setattr(Box, "found", classmethod(lambda cls: cls(7, b"filter")))
    assert ids() == [] and health() == "ok"
    checks.missing_layers.cache_clear()
    monkeypatch.setattr(Box, "found", classmethod(lambda cls: cls(0, b"")))
    assert len(ids()) == 2 and health() == "reduced"
    monkeypatch.undo()
    checks.missing_layers.cache_clear()
