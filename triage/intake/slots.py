"""At most one decode child for each core of this machine, whoever asks: web processes and intake workers.

A slot is an exclusive lock (flock) on a small file. The kernel drops it when its holder ends, however that
happens: a semaphore would keep the place of a process that was killed. The files are in memory
(``/dev/shm``), else in the system's temporary folder: both belong to this one machine, which ``VAR_DIR``
needn't, as it may be a network share. Containers have a ``/dev/shm`` of their own each: there the bound holds
for each container.
"""

import fcntl
import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Between two looks. A decoding takes tens to hundreds of milliseconds, and a look some microseconds.
_PAUSE = (0.004, 0.008)
_CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")


class NoSlotError(Exception):
    """All slots were taken for the whole wait."""


class Slots:
    """``with slots.taken(seconds): …`` in any number of threads and processes.

    Not fair between processes; inside one, a semaphore keeps all but ``count`` threads from looking.
    """

    def __init__(self, folder: Path, count: int) -> None:
        self._paths = [folder / str(number) for number in range(count)]
        self._own = threading.BoundedSemaphore(count)

    @contextmanager
    def taken(self, seconds: float) -> Iterator[None]:
        """Waits at most ``seconds``. Raises NoSlotError, and OSError if the folder is another user's."""
        deadline = time.monotonic() + seconds
        if not self._own.acquire(timeout=seconds):
            raise NoSlotError
        try:
            descriptor = self._take(deadline)
            try:
                yield
            finally:
                os.close(descriptor)
        finally:
            self._own.release()

    def _take(self, deadline: float) -> int:
        _make_private(self._paths[0].parent)
        while True:
            for path in random.sample(self._paths, len(self._paths)):
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(descriptor)
                else:
                    return descriptor
            if time.monotonic() >= deadline:
                raise NoSlotError
            time.sleep(random.uniform(*_PAUSE))  # noqa: S311  so that two don't look in step


def cores() -> int:
    """How many this process may use: a container may have fewer than its machine."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(count, _cores_of_container(_CPU_QUOTA) or count)


def _cores_of_container(quota: Path) -> int:
    """By the limit of its control group (``docker run --cpus``), rounded up; 0 if there is none."""
    try:
        used, _, period = quota.read_text().partition(" ")
        return -(-int(used) // int(period))
    except (OSError, ValueError):  # no such group, or "max"
        return 0


def machine_folder() -> Path:
    """One for each user of the machine."""
    memory = Path("/dev/shm")  # noqa: S108
    base = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    return base / f"callus-decoding-{os.getuid()}"


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    # Who could put files there could hold every lock for ever.
    if status.st_uid != os.getuid() or folder.is_symlink():
        raise PermissionError(f"{folder} belongs to another user. Remove it.")
