"""The decode parent and its children end when they should, and at nobody else's cost."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests import pictures
from tests.conftest import REPOSITORY
from tests.intake.decoders import (
    LARGE,
    parent_of,
    refused,
    replace_parent,
    still_reads,
    when_it_works,
)
from triage.intake import sandbox as module
from triage.intake.sandbox import (
    DecoderEnded,
    DecoderUnavailable,
    Sandbox,
    SandboxLimits,
    shared_sandbox,
)


def gone(process: psutil.Process, seconds: float = 5) -> bool:
    """Whether it ends in time; a zombie has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (signal.SIGSEGV, "sandbox_crash"),
        (signal.SIGABRT, "sandbox_crash"),
        (signal.SIGKILL, "sandbox_memory"),
        (signal.SIGXCPU, "sandbox_timeout"),
    ],
)
def test_a_child_that_dies_costs_its_own_file_only(ending, code):
    with Sandbox() as sandbox:
        assert still_reads(sandbox)
        parent = parent_of(sandbox)
        thread = when_it_works(sandbox, lambda child: child.send_signal(ending))
        assert refused(sandbox, LARGE).code == code
        thread.join()
        assert still_reads(sandbox)
        assert parent_of(sandbox) == parent


def test_a_child_that_hangs_is_ended_by_the_clock():
    with Sandbox(SandboxLimits(seconds=2)) as sandbox:
        assert still_reads(sandbox)
        thread = when_it_works(sandbox, lambda child: child.suspend())
        start = time.monotonic()
        found = refused(sandbox, LARGE, "slow.png")
        assert 1.5 < time.monotonic() - start < 10
        assert (found.code, found.params["seconds"]) == ("sandbox_timeout", 2)
        thread.join()
        assert not parent_of(sandbox).children()
        assert still_reads(sandbox)


LOOP = """
from classifier import decode_child, decode_parent
def loop(*_):
    while True: pass
decode_child.decode = loop
decode_parent.main()
"""


def test_a_child_that_loops_is_ended_by_its_processor_time(monkeypatch):
    replace_parent(monkeypatch, LOOP)
    with Sandbox(SandboxLimits(cpu_seconds=1)) as sandbox:
        for _ in range(2):  # the parent goes on
            start = time.monotonic()
            found = refused(sandbox, b"x", "slow.png")
            assert (found.code, found.params["seconds"]) == ("sandbox_timeout", 1)
            assert time.monotonic() - start < 18  # not by the clock


def test_a_parent_that_is_killed_costs_no_file():
    with Sandbox() as sandbox:
        assert still_reads(sandbox)
        parent = parent_of(sandbox)
        ended = []

        def kill(child: psutil.Process) -> None:
            parent.kill()
            ended.append(gone(child))

        thread = when_it_works(sandbox, kill)
        assert sandbox.decode_bytes("large.png", LARGE).width == 7000
        thread.join()
        assert ended == [True]  # the child of a dead parent has nobody to answer to
        assert parent_of(sandbox) != parent


def test_a_parent_that_died_between_two_files_costs_no_file():
    with Sandbox() as sandbox:
        assert still_reads(sandbox)
        parent_of(sandbox).kill()
        assert still_reads(sandbox)


def test_a_parent_that_says_nothing_is_replaced(monkeypatch):
    monkeypatch.setattr("triage.intake.decoder._GRACE_SECONDS", 0.5)
    with Sandbox(SandboxLimits(seconds=1)) as sandbox:
        assert still_reads(sandbox)
        frozen = parent_of(sandbox)
        frozen.suspend()
        assert still_reads(sandbox)
        assert gone(frozen)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise SystemExit(1)", "can't start"),
        (
            "import classifier.warm_up as w, classifier.decode_parent as p;"
            "w.warm_up = lambda: 1 / 0; p.main()",
            "ZeroDivisionError",
        ),
    ],
    ids=["ends", "says why"],
)
def test_a_parent_that_does_not_start_is_no_fault_of_the_file(monkeypatch, caplog, program, said):
    replace_parent(monkeypatch, program)
    with Sandbox() as sandbox, pytest.raises(DecoderUnavailable) as raised:
        sandbox.decode_bytes("a.png", pictures.png())
    assert said in caplog.text
    assert not isinstance(raised.value, DecoderEnded)


OWNER = """
import sys
import django
django.setup()
from triage.intake.sandbox import shared_sandbox
from tests.intake.decoders import LARGE, still_reads
still_reads(shared_sandbox())
print(shared_sandbox()._decoder.process.pid, flush=True)
while True:
    shared_sandbox().decode_bytes("large.png", LARGE)
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_parent_and_child_end_with_their_owner(ending):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
    )
    with owner:
        parent = psutil.Process(int(owner.stdout.readline()))
        deadline = time.monotonic() + 20
        while not (children := parent.children()) and time.monotonic() < deadline:
            time.sleep(0.001)
        owner.send_signal(ending)
        assert gone(parent) and all(map(gone, children))
        owner.wait(10)


def test_a_sandbox_leaves_no_descriptor_and_no_zombie():
    own = psutil.Process()
    still_reads(shared_sandbox())  # what stays with the process is there
    before = own.num_fds(), {child.pid for child in own.children()}
    for harm in (None, signal.SIGKILL, signal.SIGSTOP):
        with Sandbox() as sandbox:
            assert still_reads(sandbox)
            assert own.num_fds() == before[0] + 1  # the socket
            if harm:
                parent_of(sandbox).send_signal(harm)
    assert (own.num_fds(), {child.pid for child in own.children()}) == before


def test_parent_and_child_hold_only_what_they_need():
    with Sandbox() as sandbox:
        assert still_reads(sandbox)
        parent = parent_of(sandbox)

        def opened(process: psutil.Process) -> list[str]:
            folder = Path("/proc") / str(process.pid) / "fd"
            return sorted(str(entry.readlink()).split(":")[0] for entry in folder.iterdir())

        time.sleep(0.2)  # it has reported the end of the last child, and closes that pipe
        # The pipe that stays is its own: there it hears of a child's end.
        assert opened(parent) == [*["/dev/null"] * 3, "pipe", "pipe", "socket"]
        held = []

        def look(child: psutil.Process) -> None:
            time.sleep(0.1)  # it is forked, and has shut itself in
            held.extend(opened(child))

        thread = when_it_works(sandbox, look)
        sandbox.decode_bytes("large.png", LARGE)
        thread.join()
        assert held == [*["/dev/null"] * 3, *["/memfd"] * 3]


def test_a_file_whose_caller_has_gone_is_decoded_no_further(monkeypatch):
    """A worker's time limit interrupts it while it waits: the place of its child must be free then."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    replace_parent(monkeypatch, LOOP)
    monkeypatch.setattr(module, "read_end", interrupt)
    with Sandbox() as sandbox:
        with pytest.raises(KeyboardInterrupt):
            sandbox.decode_bytes("a.png", pictures.png())
        parent = parent_of(sandbox)
        time.sleep(1.5)  # it was forked meanwhile, and would loop for ten seconds
        assert parent.is_running() and not parent.children()


def test_a_forked_copy_of_a_process_has_a_decoder_of_its_own():
    assert still_reads(shared_sandbox())
    mine = parent_of(shared_sandbox())
    ours, theirs = multiprocessing.Pipe()
    pid = os.fork()
    if pid == 0:
        try:
            theirs.send((still_reads(shared_sandbox()), parent_of(shared_sandbox()).pid))
        finally:
            os._exit(0)
    assert ours.poll(30)
    reads, other = ours.recv()
    os.waitpid(pid, 0)
    assert reads and other != mine.pid
    assert still_reads(shared_sandbox()) and parent_of(shared_sandbox()) == mine
