"""Several processes share a run: each part is trained by the one that holds its lock.

The locks are the kernel's (``flock``) on empty files of the run's folder, so that a process that ends, killed
or not, holds none. The files stay: were one deleted, two processes could hold two files of one name.
"""

import fcntl
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

logger = logging.getLogger(__name__)


class Named(Protocol):
    @property
    def name(self) -> str: ...


Split = TypeVar("Split", bound=Named)


def share_work(
    parts: Sequence[Split],
    run: Path,
    is_done: Callable[[Split], bool],
    train: Callable[[Split], None],
) -> None:
    """Trains each part that is neither done nor held by another process.

    After a round that trained something it comes back to what others held: what a killed process has left
    is free then. It waits for nobody, and logs which parts it leaves to others.
    """
    left = [part for part in parts if not is_done(part)]
    while left:
        held, trained = [], False
        for number, part in enumerate(left, 1):
            with _lock(run, part.name, fcntl.LOCK_EX | fcntl.LOCK_NB) as is_ours:
                if not is_ours:
                    held.append(part)
                elif not is_done(part):  # another process may have ended it since we looked
                    logger.info("%s (%d of %d to train)", part.name, number, len(left))
                    train(part)
                    _delete_leftovers(run, part.name)
                    trained = True
        if held:
            names = ", ".join(part.name for part in held)
            logger.info("passed over, since other processes train them: %s", names)
        if not trained:
            return
        left = held


def _delete_leftovers(run: Path, name: str) -> None:
    """What killed processes left half written of a part (``training.storage.atomic``). Only who holds the
    part's lock writes such files, and we do.
    """
    for left in run.glob(f"{name}.*.part*"):
        left.unlink()


@contextmanager
def exclusive_lock(run: Path, name: str) -> Iterator[None]:
    """One process at a time, of all that do what ``name`` says; the others wait."""
    run.mkdir(parents=True, exist_ok=True)
    with _lock(run, name, fcntl.LOCK_EX):
        yield


@contextmanager
def shared_lock(folder: Path) -> Iterator[None]:
    """While any process is in here, ``delete_unused`` leaves ``folder`` alone."""
    with _lock(folder.parent, folder.name, fcntl.LOCK_SH):
        yield


def delete_unused(folder: Path, is_done: Callable[[], bool]) -> None:
    """Deletes ``folder`` if nobody needs it again. Where another process uses it, that one deletes it at its
    end, since it asks here too.
    """
    with _lock(folder.parent, folder.name, fcntl.LOCK_EX | fcntl.LOCK_NB) as is_ours:
        if is_ours and is_done():
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _lock(run: Path, name: str, how: int) -> Iterator[bool]:
    """Whether this process holds the lock; closing its file frees it."""
    with (run / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            yield False
            return
        yield True
