"""One run at a time on one data folder.

The lock is POSIX's, which belongs to the process alone: it ends with it, however that happens, and no
forked child that lives longer keeps it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localservices.problem import Problem


@contextmanager
def only_one(var_dir: Path, what: str) -> Iterator[None]:
    """Holds ``var_dir`` and notes ``what`` uses it. Raises Problem if another process holds it."""
    var_dir.mkdir(parents=True, exist_ok=True)
    with (var_dir / "run.lock").open("a+") as lock:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise Problem(
                f"{lock.read().strip() or 'Callus'} runs on {var_dir} already. Stop it, or give "
                "this one other data and another port: make run VAR_DIR=… PORT=…"
            ) from None
        lock.truncate(0)
        lock.write(what)
        lock.flush()
        yield


def is_held(var_dir: Path) -> bool:
    """Whether another process holds ``var_dir`` at this moment."""
    try:
        lock = (var_dir / "run.lock").open("a+")
    except FileNotFoundError:
        return False
    with lock:
        try:
            fcntl.lockf(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        return False
