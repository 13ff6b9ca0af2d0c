"""A private PostgreSQL with the two roles that Callus needs."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from localservices.cluster import Cluster

OWNER, APPLICATION = "callus_owner", "callus_app"


@dataclass(frozen=True)
class Addresses:
    """``application``: the URL of the role that owns nothing. ``owner``: that of the role that migrates."""

    application: str
    owner: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.application, "DATABASE_OWNER_URL": self.owner}


@contextmanager
def postgres(folder: Path, database: str, *, throwaway: bool = False) -> Iterator[Addresses]:
    """Runs a server with its data in ``folder`` until the block is left. See ``server``."""
    with server(folder, throwaway=throwaway) as socket:
        with psycopg.connect(address(socket, "postgres", "postgres"), autocommit=True) as admin:
            _make_roles(admin, database)
        yield Addresses(address(socket, APPLICATION, database), address(socket, OWNER, database))


@contextmanager
def server(folder: Path, *, throwaway: bool = False) -> Iterator[Path]:
    """Runs a bare server and yields the folder of its socket.

    It listens on a Unix socket only, in a folder that nobody else may enter; so roles need no password.
    ``throwaway`` trades durability for speed, for data that a crash may lose. Raises Problem.
    """
    cluster = Cluster.at(folder, throwaway=throwaway)
    socket = cluster.socket_folder()
    try:
        cluster.start(socket)
        yield socket
    finally:
        cluster.stop()
        if socket != cluster.folder:
            shutil.rmtree(socket, ignore_errors=True)


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
