"""The decode parent of one process: starts ``classifier.decode_parent``, hands it files, ends it."""

import contextlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import classifier
from classifier.decode_message import READY, Ended, Request

logger = logging.getLogger(__name__)
_ROOT = Path(classifier.__file__).resolve().parent.parent
# A bare environment: no secret to steal, one thread a library, the same language everywhere.
_ENVIRONMENT = {
    # A child's memory is all fresh, and the kernel clears it page by page: for a large film a quarter of all
    # that it costs to decode. So pages are large, and what one step gives back stays for the next one: a
    # child lives for one file. Not what is larger than 32 MB, which no film below 16 million pixels needs at
    # once: kept between other pieces, it made a child of 47 million pixels hold 584 MB in place of 340.
    # Other C libraries than glibc ignore it.
    "GLIBC_TUNABLES": ":".join(
        f"glibc.malloc.{name}"
        for name in ("hugetlb=1", "mmap_threshold=33554432", "trim_threshold=1073741824")
    ),
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "1",  # each further one reserves 64 MB of the address space, which is limited
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
}
_START_SECONDS = (
    60  # it takes 0.4 s on an idle machine; a crowded one may need a hundred times as long
)
# What a parent needs beyond the file's own seconds, to fork, to kill and to report.
_GRACE_SECONDS = 5


class DecoderLostError(Exception):
    """The decode parent ended, or says nothing: no file's fault."""


class DecoderLostWithFileError(DecoderLostError):
    """It had a file, which may be the cause."""


class Decoder:
    """A running decode parent. Several threads may call ``run`` at once. ``close`` it."""

    def __init__(self, process: "subprocess.Popen[bytes]", line: socket.socket) -> None:
        self.process, self._line, self._ready = process, line, False

    @classmethod
    def started(cls) -> Self:
        """Doesn't wait: it imports while the caller does something else."""
        line, end = socket.socketpair()
        with end:
            # The socket ends with the last process that holds it. So the parent ends with its owner, also
            # after kill -9; PR_SET_PDEATHSIG would end it with the thread that happened to start it.
            process = subprocess.Popen(
                [sys.executable, "-m", "classifier.decode_parent", str(end.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # libraries quote tags there, and tags are patient data
                pass_fds=[end.fileno()],
                cwd=_ROOT,
                env=_ENVIRONMENT,
                start_new_session=True,  # a Ctrl-C at the terminal is for its owner
            )
        return cls(process, line)

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    def await_ready(self) -> None:
        """Raises DecoderLostError. Call it from one thread at a time."""
        if self._ready:
            return
        if not _is_ready(self._line.fileno(), time.monotonic() + _START_SECONDS):
            raise DecoderLostError("the decoder doesn't start")
        said = self._line.recv(4096)
        if said != READY:
            reason = said.decode(errors="replace") or "it ended at once"
            raise DecoderLostError(f"the decoder can't start: {reason}")
        self._ready = True

    def send(self, request: Request, descriptors: Sequence[int]) -> None:
        """Raises DecoderLostError. Call it from one thread at a time."""
        try:
            socket.send_fds(self._line, [request.packed()], descriptors)
        except OSError as broken:
            raise DecoderLostError("the decoder has ended") from broken

    def close(self) -> None:
        """Ends the parent and its children, and reaps it."""
        self._line.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(
                self.process.pid, signal.SIGKILL
            )  # its session is its own: nobody else is hit
        self.process.wait()

    def abandon(self) -> None:
        """In a forked copy of the owner: lets go of the parent, which stays the owner's."""
        self._line.close()
        self.process.returncode = 0  # or Popen would warn that its process still runs


def read_end(report: int, request: Request) -> Ended:
    """Waits for how a child ended. Raises DecoderLostWithFileError if its parent doesn't say so in time."""
    if not _is_ready(report, time.monotonic() + request.seconds + _GRACE_SECONDS):
        raise DecoderLostWithFileError("the decoder says nothing")
    said = os.read(report, Ended.SIZE)
    if len(said) != Ended.SIZE:
        raise DecoderLostWithFileError("the decoder ended before the file was decoded")
    return Ended.of(said)


def _is_ready(descriptor: int, deadline: float) -> bool:
    """``poll``, since ``select`` refuses descriptors above 1023."""
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return bool(poller.poll(max(0, deadline - time.monotonic()) * 1000))
