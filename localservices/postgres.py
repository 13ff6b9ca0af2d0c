"""A private PostgreSQL with the two roles that Callus needs."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from localservices.cluster import Cluster
from localservices.leftovers import runs

OWNER, APPLICATION = "callus_owner", "callus_app"


@dataclass(frozen=True)
class Addresses:
    """``application``: the URL of the role that owns nothing. ``owner``: that of the role that migrates."""

    application: str
    owner: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.application, "DATABASE_OWNER_URL": self.owner}


class PostgresServer:
    """A server that listens on a Unix socket only, in a folder that nobody else may enter: roles need no
    password.
    """

    name = "PostgreSQL"

    def __init__(self, cluster: Cluster) -> None:
        self.log = cluster.log
        self.socket = cluster.socket_folder()
        self._cluster = cluster
        self._postmaster: psutil.Process | None = None

    def start(self) -> None:
        """Returns when it takes connections. Raises Problem."""
        self._cluster.end_leftover(self.socket)
        self._cluster.start(self.socket)
        self._postmaster = self._cluster.postmaster()

    def ended(self) -> str:
        """That it ended; "" while it runs. It isn't our child, so nobody tells us how."""
        return "" if self._postmaster and runs(self._postmaster) else "ended"

    def stop(self) -> None:
        """Ends it, if it runs."""
        self._cluster.stop()
        if self.socket != self._cluster.folder:
            shutil.rmtree(self.socket, ignore_errors=True)

    def addresses(self, database: str) -> Addresses:
        """Those of the two roles on ``database``. Creates all three if they don't exist."""
        with psycopg.connect(
            address(self.socket, "postgres", "postgres"), autocommit=True
        ) as admin:
            _make_roles(admin, database)
        return Addresses(
            address(self.socket, APPLICATION, database), address(self.socket, OWNER, database)
        )


@contextmanager
def postgres(folder: Path, database: str, *, throwaway: bool = False) -> Iterator[Addresses]:
    """Runs a server with its data in ``folder`` until the block is left. See ``postgres_server``."""
    with postgres_server(folder, throwaway=throwaway) as running:
        yield running.addresses(database)


@contextmanager
def server(folder: Path, *, throwaway: bool = False) -> Iterator[Path]:
    """Runs a bare server and yields the folder of its socket. See ``postgres_server``."""
    with postgres_server(folder, throwaway=throwaway) as running:
        yield running.socket


@contextmanager
def postgres_server(folder: Path, *, throwaway: bool = False) -> Iterator[PostgresServer]:
    """Runs a server until the block is left.

    ``throwaway`` trades durability for speed, for data that a crash may lose. Raises Problem.
    """
    running = PostgresServer(Cluster.at(folder, throwaway=throwaway))
    try:
        running.start()
        yield running
    finally:
        running.stop()


def address(socket: Path, role: str, database: str) -> str:
    """The URL of a database for a role, through the socket in that folder."""
    return f"postgresql://{role}@/{database}?host={quote(str(socket), safe='')}"


def _make_roles(admin: psycopg.Connection, database: str) -> None:
    """Creates the roles and the database if they don't exist."""
    for role in (OWNER, APPLICATION):
        if not admin.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount:
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    if not admin.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount:
        names = (sql.Identifier(database), sql.Identifier(OWNER))
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
