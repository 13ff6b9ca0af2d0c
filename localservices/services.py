"""PostgreSQL and Redis together: those that the environment names, else private ones."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from localservices.postgres import postgres
from localservices.problem import Problem
from localservices.redis import redis


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """A temporary folder. Others may pass through it: for root, PostgreSQL runs as another user."""
    with tempfile.TemporaryDirectory(prefix="callus-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)
        yield folder


@contextmanager
def services(
    var_dir: Path, database: str = "callus", *, throwaway: bool = False
) -> Iterator[dict[str, str]]:
    """Yields the environment with the addresses of running servers; stops those that it started."""
    _check_addresses()
    environment = {"VAR_DIR": str(var_dir)}
    with ExitStack() as stack:
        if not os.environ.get("DATABASE_URL"):
            server = postgres(var_dir / "postgres", database, throwaway=throwaway)
            environment |= stack.enter_context(server).environment()
        if not os.environ.get("REDIS_URL"):
            environment["REDIS_URL"] = stack.enter_context(redis(var_dir / "redis"))
        yield environment


def _check_addresses() -> None:
    """Your own server needs both addresses, because the site's role must not create tables."""
    given = [name for name in ("DATABASE_URL", "DATABASE_OWNER_URL") if os.environ.get(name)]
    if len(given) == 1:
        raise Problem(
            f"Only {given[0]} is set. Set DATABASE_URL (the application's role, owner of nothing) and "
            "DATABASE_OWNER_URL (the role that migrates), or neither to get a private PostgreSQL."
        )
