"""Locks between processes that share a run: the holder of a split's lock trains the split.

The locks are the kernel's (``flock``) on empty files in the run's folder. A process that ends holds none,
even if it was killed. The files are never deleted: after a deletion two processes could hold locks on two
files with the same name.
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
    splits: Sequence[Split],
    run: Path,
    is_done: Callable[[Split], bool],
    train: Callable[[Split], None],
) -> None:
    """Trains each split that is neither finished nor locked by another process.

    1. Go through the splits that are left, and skip those that another process has locked.
    2. If this round trained something, go through the skipped ones again: the lock of a killed process is
       free.
    3. If it trained nothing, return. Nobody is waited for; the log names the splits that others train.
    """
    left = [split for split in splits if not is_done(split)]
    while left:
        skipped, trained = [], False
        for number, split in enumerate(left, 1):
            with _lock(run, split.name, fcntl.LOCK_EX | fcntl.LOCK_NB) as is_ours:
                if not is_ours:
                    skipped.append(split)
                elif not is_done(split):  # another process may have finished it since
                    logger.info("%s (%d of %d to train)", split.name, number, len(left))
                    train(split)
                    _delete_leftovers(run, split.name)
                    trained = True
        if skipped:
            names = ", ".join(split.name for split in skipped)
            logger.info("passed over, since other processes train them: %s", names)
        if not trained:
            return
        left = skipped


def _delete_leftovers(run: Path, name: str) -> None:
    """Deletes the unfinished files of a split that killed processes have left (``training.storage.atomic``).

    Call it with the split's lock held: only the holder writes such files.
    """
    for left in run.glob(f"{name}.*.part*"):
        left.unlink()


@contextmanager
def exclusive_lock(run: Path, name: str) -> Iterator[None]:
    """One process at a time holds the lock ``name``; the others wait for it."""
    run.mkdir(parents=True, exist_ok=True)
    with _lock(run, name, fcntl.LOCK_EX):
        yield


@contextmanager
def shared_lock(folder: Path) -> Iterator[None]:
    """While any process holds it, ``delete_unused`` leaves ``folder`` alone."""
    with _lock(folder.parent, folder.name, fcntl.LOCK_SH):
        yield


def delete_unused(folder: Path, is_done: Callable[[], bool]) -> None:
    """Deletes ``folder`` if ``is_done`` and no other process uses it.

    A process that still uses it calls this function when it ends, and deletes it then.
    """
    with _lock(folder.parent, folder.name, fcntl.LOCK_EX | fcntl.LOCK_NB) as is_ours:
        if is_ours and is_done():
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _lock(run: Path, name: str, how: int) -> Iterator[bool]:
    """Yields whether this process holds the lock. Closing the file frees it."""
    with (run / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            yield False
            return
        yield True
