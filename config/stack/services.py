"""PostgreSQL and Redis together: those that the environment names, else private ones."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.stack.postgres import postgres
from config.stack.redis import redis


@contextmanager
def services(
    var_dir: Path, database: str = "callus", *, throwaway: bool = False
) -> Iterator[dict[str, str]]:
    """Yields the environment that points at running servers; what it started it stops."""
    environment = {"VAR_DIR": str(var_dir)}
    with ExitStack() as stack:
        if "DATABASE_URL" not in os.environ:
            server = postgres(var_dir / "postgres", database, throwaway=throwaway)
            environment |= stack.enter_context(server).environment()
        if "REDIS_URL" not in os.environ:
            environment["REDIS_URL"] = stack.enter_context(redis(var_dir / "redis"))
        yield environment
