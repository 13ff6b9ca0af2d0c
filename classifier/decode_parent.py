"""The program that forks a child for each file: ``python -m classifier.decode_parent SOCKET``.

Its worker starts it by exec, with a bare environment and one end of a Unix socket pair, whose number is the
argument. It imports the decoder, decodes small pictures of every kind, so that a child has nothing left to
import, and says READY. Then it forks one child for each ``Request`` (``classifier.decode_message``), waits
for its end and reports it. It reads no byte of a file or a job itself. It ends with its worker: the socket
ends then.

One thread: a fork copies only the thread that calls it, and a lock that another one holds stays locked.
"""

import array
import gc
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass

from classifier import decode_child, kernel
from classifier.box import Box
from classifier.decode_message import DESCRIPTORS, READY, Ended, Request
from classifier.refused_file import place_of

# Between two looks at the memory of children, and what one can take in that time.
_LOOK_SECONDS, _BETWEEN_LOOKS = 0.005, 16 * 1024**2
_BROKEN = 70  # exit status of a child that ended by an exception: EX_SOFTWARE of sysexits.h


@dataclass
class _Child:
    """A child under way. ``report``: where its end is reported; ``deadline`` on ``time.monotonic``."""

    pid: int
    report: int
    deadline: float
    most_bytes: int
    is_late: bool = False
    is_large: bool = False

    @property
    def is_ended(self) -> bool:
        """Whether it was ended from here, and is to be reaped."""
        return self.is_late or self.is_large

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)  # not reaped yet, so the number is still its own


class DecodeParent:
    """Serves one worker. ``line``: the socket to it."""

    def __init__(self, line: socket.socket, box: Box) -> None:
        self._line, self._box, self._pid = line, box, os.getpid()
        self._children: dict[int, _Child] = {}
        self._ended, alarm = os.pipe()
        for end in (self._ended, alarm):
            os.set_blocking(end, False)
        # A signal writes a byte there: poll waits for requests and for children that end at once.
        signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Until the worker has gone. Children under way are ended: nobody waits for them."""
        self._line.sendall(READY)
        try:
            while self._next():
                self._reap()
                self._end_too_costly()
        finally:
            for child in self._children.values():
                child.kill()

    def _next(self) -> bool:
        """Waits for whatever comes first; forks if it is a request. False when the worker has gone."""
        poller = select.poll()
        poller.register(self._line, select.POLLIN)
        poller.register(self._ended, select.POLLIN)
        for child in self._children.values():
            if not child.is_ended:
                poller.register(child.report, 0)  # POLLERR: the worker doesn't wait for it any more
        for descriptor, event in poller.poll(self._patience()):
            if descriptor == self._line.fileno():
                return self._take()
            if descriptor == self._ended:
                os.read(self._ended, 4096)
            elif event & select.POLLERR:
                self._forsake(descriptor)
        return True

    def _patience(self) -> float | None:
        """Milliseconds until a child has to be looked at again."""
        return _LOOK_SECONDS * 1000 if self._children else None

    def _take(self) -> bool:
        data, descriptors = _received(self._line)
        if len(data) < Request.SIZE or len(descriptors) < len(DESCRIPTORS):
            return False
        request = Request.of(data)
        pid = os.fork()
        if pid == 0:
            self._be_child(request, descriptors)
        *given, report = descriptors
        for descriptor in given:
            os.close(descriptor)
        self._children[pid] = _Child(
            pid, report, time.monotonic() + request.seconds, request.memory_bytes
        )
        return True

    def _be_child(self, request: Request, descriptors: list[int]) -> None:
        """Never returns: the parent's stack, with its loops and its ``finally``, is no child's business."""
        status = _BROKEN
        try:
            kernel.end_with_parent(self._pid)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            decode_child.run(self._box, request, descriptors)
            status = 0
        finally:
            os._exit(status)

    def _reap(self) -> None:
        for child in list(self._children.values()):
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            if not pid:
                continue
            del self._children[pid]
            ended = Ended(
                status=os.waitstatus_to_exitcode(status),
                is_late=child.is_late,
                is_large=child.is_large,
                cpu_seconds=used.ru_utime + used.ru_stime,
                peak_bytes=used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            )
            with suppress(BrokenPipeError):  # its worker has given up, or is about to end
                os.write(child.report, ended.packed())
            os.close(child.report)

    def _end_too_costly(self) -> None:
        now = time.monotonic()
        for child in self._children.values():
            if child.is_ended:
                continue
            child.is_late = child.deadline <= now
            child.is_large = kernel.resident_bytes(child.pid) > child.most_bytes - _BETWEEN_LOOKS
            if child.is_ended:
                child.kill()

    def _forsake(self, report: int) -> None:
        for child in self._children.values():
            if child.report == report and not child.is_ended:
                child.is_late = True
                child.kill()


def _received(line: socket.socket) -> tuple[bytes, list[int]]:
    """One request and its descriptors, which no program started from here would inherit."""
    integers = array.array("i")
    room = socket.CMSG_SPACE(len(DESCRIPTORS) * integers.itemsize)
    data, extra, _, _ = line.recvmsg(Request.SIZE, room, getattr(socket, "MSG_CMSG_CLOEXEC", 0))
    for level, kind, content in extra:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            integers.frombytes(content[: len(content) // integers.itemsize * integers.itemsize])
    return data, list(integers)


def main() -> None:
    kernel.hide_memory()
    with socket.socket(fileno=int(sys.argv[1])) as line:
        line.set_inheritable(False)
        signal.signal(
            signal.SIGINT, signal.SIG_IGN
        )  # a terminal's Ctrl-C is for the worker, which ends us
        try:
            parent = _warm(line)
        except Exception as broken:  # an incomplete installation: nobody else can say so
            line.sendall(f"{place_of(broken)}: {broken}".encode(errors="replace")[:4096])
            raise
        parent.serve()


def _warm(line: socket.socket) -> DecodeParent:
    # Not at the top: what an incomplete installation lacks is to be said, and main says it.
    from classifier.warm_up import warm_up

    warm_up()
    if (threads := kernel.threads()) != 1:
        raise RuntimeError(f"{threads} threads: a child could be forked while one holds a lock")
    # What is imported lives as long as the process. Without this, a collection in a child would write to
    # every object's header, and so copy the pages that it shares.
    gc.collect()
    gc.freeze()
    return DecodeParent(line, Box.found())


if __name__ == "__main__":
    main()
