"""PostgreSQL and Redis together: those that the environment names, else private ones."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from localservices.postgres import postgres_server
from localservices.problem import Problem
from localservices.redis import redis_server
from localservices.supervisor import Supervised


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """A temporary folder. Others may pass through it: for root, PostgreSQL runs as another user."""
    with tempfile.TemporaryDirectory(prefix="callus-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)
        yield folder


@dataclass(frozen=True)
class Servers:
    """``environment``: the addresses of all. ``started``: those that were started here."""

    environment: dict[str, str]
    started: list[Supervised]


@contextmanager
def services(
    var_dir: Path, database: str = "callus", *, throwaway: bool = False
) -> Iterator[dict[str, str]]:
    """Yields the environment with the addresses of running servers; stops those that it started."""
    with servers(var_dir, database, throwaway=throwaway) as running:
        yield running.environment


@contextmanager
def servers(
    var_dir: Path, database: str = "callus", *, throwaway: bool = False
) -> Iterator[Servers]:
    """The same, with the servers that it started."""
    _check_addresses()
    running = Servers({"VAR_DIR": str(var_dir)}, [])
    with ExitStack() as stack:
        if not os.environ.get("DATABASE_URL"):
            data = postgres_server(var_dir / "postgres", throwaway=throwaway)
            database_server = stack.enter_context(data)
            running.environment.update(database_server.addresses(database).environment())
            running.started.append(database_server)
        if not os.environ.get("REDIS_URL"):
            broker = stack.enter_context(redis_server(var_dir / "redis"))
            running.environment["REDIS_URL"] = broker.url
            running.started.append(broker)
        yield running


def _check_addresses() -> None:
    """Your own server needs both addresses, because the site's role must not create tables."""
    given = [name for name in ("DATABASE_URL", "DATABASE_OWNER_URL") if os.environ.get(name)]
    if len(given) == 1:
        raise Problem(
            f"Only {given[0]} is set. Set DATABASE_URL (the application's role, owner of nothing) and "
            "DATABASE_OWNER_URL (the role that migrates), or neither to get a private PostgreSQL."
        )
